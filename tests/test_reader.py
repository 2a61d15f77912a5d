"""The accountant in the dashboard: what can be seen, that nothing can be changed, and answers where the owner allows
them."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.dashboard.dashboard import Dashboard
from dinero.model.errors import SettingsError
from dinero.model.findings import Question
from dinero.model.i18n import Text
from dinero.signin.sessions import READER

FRAME = "../pages/navigation.py"
SEEN = {
    "reconcile.py": "Reconciliation",
    "payouts.py": "Payouts",
    "attention.py": "Needs the owner",
    "history.py": "History",
    "oss.py": "EU sales",
    "read_only.py": "Rules and accounts",
}


def da(message: str) -> str:
    return Text(message).render("da")


@pytest.fixture
def frame(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], AppTest]:
    """Starts the frame for somebody of a role, on the data folder of `world`."""

    def start(role: str) -> AppTest:
        monkeypatch.setattr("pages.ui.role", lambda: role)
        return AppTest.from_file(FRAME, default_timeout=30).run()

    return start


def asking(world: World, number: int) -> Question:
    """An order that asks a question, and what it asks."""
    world.order(number, currency="EUR")
    (question,) = [finding.question for finding in world.row(number).reasons if finding.question]
    return question


def html(page: AppTest) -> str:
    return unescape(" ".join(element.proto.body for element in page.get("html")))


def addresses(page: AppTest) -> dict[str, str]:
    """The addresses that the frame lists: each with what stands for it in a run."""
    return {str(info["url_pathname"]): hashed for hashed, info in page._registered_pages.items()}


def test_the_accountant_starts_at_the_reconciliation_and_sees_five_places(
    world: World, frame: Callable[[str], AppTest]
) -> None:
    page = frame(READER)
    assert [title.value for title in page.title] == [da("Reconciliation")]
    head = html(page).split("</nav>")[0]
    for path in ("/reconciliation", "/needs-you", "/history", "/eu-sales", "/rules"):
        assert f'href="{path}"' in head
    assert head.count('aria-current="page"') == 1
    assert 'href="/orders"' not in head
    assert da("Reading only") in html(page)
    for path, title in SEEN.items():
        page.switch_page(path).run()
        assert not page.exception
        assert [shown.value for shown in page.title] == [da(title)]


def test_each_address_of_the_owner_s_says_that_the_access_is_for_reading(
    world: World, frame: Callable[[str], AppTest]
) -> None:
    world.order(1)
    owners, page = addresses(frame("owner")), frame(READER)
    listed = addresses(page)
    assert set(owners) <= set(listed), "an address that is not listed is answered in Streamlit's own words"
    files = {info["url_pathname"]: info["script_path"] for info in page._registered_pages.values()}
    forbidden = {path for path, file in files.items() if file.endswith("forbidden.py")}
    assert {"orders", "setup", "automatic", "raw"} <= forbidden
    assert len(set(listed) - forbidden) == len(SEEN) + 1, "the start, and the places"
    for path in forbidden:
        page._page_hash = listed[path]
        page.run()
        assert not page.exception
        assert da("Your access is for reading only.") in html(page)
        assert 'href="/reconciliation"' in html(page).rpartition("forbidden")[2]
        assert not page.title
        assert not page.button


@pytest.mark.parametrize("path", ["overview.py", "orders.py", "setup.py", "raw.py", "automatic.py"])
def test_a_page_of_the_owner_s_that_is_run_by_itself_draws_nothing_for_the_accountant(
    world: World, process: Dashboard, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    world.order(1)
    monkeypatch.setattr("pages.ui.role", lambda: READER)
    # Streamlit can run a page's script by itself in a fresh process (see test_gate_on_a_fresh_server).
    alone = AppTest.from_file(f"../pages/{path}", default_timeout=30).run()
    assert not alone.title
    assert not alone.button


def everything(world: World) -> Any:
    """All that somebody could have changed."""
    with world.dashboard.store.transaction() as db:
        tables = ("settings", "orders", "documents", "operations", "operation_orders", "leases")
        return {table: list(db.query(f"select * from {table}")) for table in tables}  # noqa: S608


@pytest.mark.parametrize("path", SEEN)
def test_no_button_that_the_accountant_can_press_changes_anything(
    world: World, frame: Callable[[str], AppTest], path: str
) -> None:
    asking(world, 1)
    world.order(2)
    world.push()
    before, calls = everything(world), len(world.writes())
    pressed, number = set(), 0
    page = frame(READER)
    page.query_params["order"] = "1"
    page.switch_page(path).run()
    while left := [button for button in page.button if (button.key or button.label) not in pressed]:
        pressed.add(left[0].key or left[0].label)
        left[0].click().run()
        assert not page.exception
        number += 1
        assert number < 50
    assert everything(world) == before
    assert len(world.writes()) == calls


def test_an_order_that_waits_for_an_answer_is_to_be_read_unless_the_owner_lets_the_accountant_answer(
    world: World, frame: Callable[[str], AppTest]
) -> None:
    asking(world, 1)
    page = frame(READER)
    page.query_params["order"] = "1"
    page.switch_page("attention.py").run()
    assert not page.radio
    assert da("Needs the owner") in html(page)
    assert da("Needs you") not in html(page)
    world.dashboard.settings.save(reader_may_answer=True)
    page.run()
    assert da("Reads and answers") in html(page)
    assert da("Needs you") in html(page)
    (radio,) = page.radio
    radio.set_value("by_hand")
    next(button for button in page.button if button.label == da("Save the answer")).click().run()
    assert not page.exception
    assert world.row(1).state == "waiting"
    told = [event for event in world.dashboard.store.history.list(limit=20) if event.event == "answered"]
    assert [event.detail and event.detail["actor"] for event in told] == [READER]


def test_an_answer_that_was_allowed_when_the_page_was_drawn_and_is_not_any_more_is_refused(
    world: World, frame: Callable[[str], AppTest]
) -> None:
    for number in (1, 2):
        asking(world, number)
    world.dashboard.settings.save(reader_may_answer=True)
    page = frame(READER).switch_page("attention.py").run()
    (button,) = [button for button in page.button if str(button.key).endswith("/by_hand")]
    world.dashboard.settings.save(reader_may_answer=False)
    button.click().run()
    assert [error.value for error in page.error] == [da("Your access is for reading only.")]
    assert {world.row(number).state for number in (1, 2)} == {"held"}
    assert world.dashboard.settings.load().rules == {}


def test_the_library_takes_no_answer_of_an_accountant_who_may_not_give_any(world: World) -> None:
    question = asking(world, 1)
    row, orders = world.row(1), world.dashboard.orders
    attempts: list[Callable[[], object]] = [
        lambda: orders.answer(row, question, "by_hand", actor=READER),
        lambda: orders.answer(row, question, "by_hand", as_rule=True, actor=READER),
        lambda: orders.answer_all([row.key], question, "by_hand", actor=READER),
        lambda: orders.take_answer_back(row, question.key, actor=READER),
        lambda: orders.ignore(row, "fordi", actor=READER),
        lambda: orders.ignore(row, None, actor=READER),
    ]
    before = everything(world)
    for attempt in attempts:
        with pytest.raises(SettingsError):
            attempt()
    assert everything(world) == before
