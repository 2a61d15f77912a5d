"""The page Afstemning: its sentence, the months that are one click away, and its list."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.dashboard.dashboard import Dashboard
from dinero.model.i18n import Text
from dinero.reports.reconcile import MISSING


def da(message: str, plural: str | None = None, /, **values: object) -> str:
    return Text(message, plural, **values).render("da")  # type: ignore[arg-type]


@pytest.fixture
def open_page(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens the page as the owner, at a place in it."""
    monkeypatch.setattr("pages.ui.role", lambda: "owner")

    def start(**query: str) -> AppTest:
        page = AppTest.from_file("../pages/navigation.py", default_timeout=30).run().switch_page("reconcile.py")
        page.query_params |= query
        page.run()
        assert not page.exception
        return page

    return start


def html(page: AppTest) -> str:
    return unescape(" ".join(element.proto.body for element in page.get("html")))


def listed(page: AppTest) -> list[str]:
    """The orders of the list, as it names them."""
    return re.findall(r'class="(?:go )?title"[^>]*>([^<]+)<', html(page).rpartition('class="views"')[2])


def at(world: World, day: date) -> None:
    world.clock.sleep((datetime(day.year, day.month, day.day, 11, tzinfo=UTC) - world.clock.now()).total_seconds())


def primary(page: AppTest) -> list[str]:
    return [button.label for button in page.button if button.proto.type == "primary"]


def test_before_anything_is_compared_this_month_comes_next(world: World, open_page: Callable[..., AppTest]) -> None:
    page = open_page()
    assert primary(page) == [da("Compare {month}", month="november")]
    assert da("Nothing was compared yet. Choose a period.") in html(page)
    next(button for button in page.button if button.label in primary(page)).click().run()
    found = world.dashboard.proof.last()
    assert found is not None
    assert (found.first, found.last) == ("2026-11-01", world.clock.now().date().isoformat())
    assert primary(page) == []
    assert da("No order is booked twice, and none is forgotten.") in html(page)


def test_on_the_first_of_a_month_the_one_before_comes_next_until_it_is_compared(
    world: World, open_page: Callable[..., AppTest]
) -> None:
    today = world.clock.now().date()
    world.dashboard.proof.reconcile(date(2026, 11, 1), today)  # before the month was over
    at(world, date(2026, 12, 1))
    page = open_page()
    label = da("Compare {month}", month="november")
    assert primary(page) == [label]
    next(button for button in page.button if button.label == label).click().run()
    found = world.dashboard.proof.last()
    assert found is not None
    assert (found.first, found.last) == ("2026-11-01", "2026-11-30")
    assert primary(page) == []


def test_the_last_period_is_filled_in_and_its_age_is_said(world: World, open_page: Callable[..., AppTest]) -> None:
    world.dashboard.proof.reconcile(date(2026, 10, 3), date(2026, 10, 9))
    world.clock.sleep(3 * 3600)
    page = open_page()
    (field,) = page.date_input
    assert field.value == (date(2026, 10, 3), date(2026, 10, 9))
    assert da("{n} hour ago", "{n} hours ago", n=3) in html(page)


def test_a_problem_is_no_tick_and_stands_above_the_numbers_by_vat_zone(
    world: World, open_page: Callable[..., AppTest]
) -> None:
    world.order(1)
    world.push()
    world.sandbox.books.invoices.popitem()
    today = world.clock.now().date()
    world.dashboard.proof.reconcile(today - timedelta(days=30), today)
    shown = html(open_page())
    assert 'class="verdict red"' in shown
    assert "✓" not in shown.partition('class="verdict red"')[2].partition("</div>")[0]
    assert shown.index(da("What to do")) < shown.index(da("By VAT zone"))
    (row,) = world.dashboard.proof.entries([MISSING], limit=5, offset=0)
    assert f"/history?order={row.order_id}" in shown


def test_beside_the_tick_stands_what_of_the_period_is_not_booked_yet(
    world: World, open_page: Callable[..., AppTest]
) -> None:
    world.order(1)
    today = world.clock.now().date()
    world.dashboard.proof.reconcile(today - timedelta(days=30), today)
    shown = html(open_page())
    verdict = shown.partition('class="verdict green"')[2].partition("</div>")[0]
    assert "1 ordre i perioden er ikke bogført endnu" in verdict
    assert "status=waiting" in verdict
    world.push()
    world.dashboard.proof.reconcile(today - timedelta(days=30), today)
    assert "ikke bogført endnu" not in html(open_page()).partition('class="verdict green"')[2].partition("</div>")[0]


def test_the_list_has_25_rows_a_page_and_a_status_of_its_own_in_the_address(
    world: World, open_page: Callable[..., AppTest]
) -> None:
    for number in range(1, 28):
        world.order(number)
    world.order(28, currency="EUR")  # asks a question
    today = world.clock.now().date()
    world.dashboard.proof.reconcile(today - timedelta(days=30), today)
    assert len(listed(open_page())) == 25
    assert len(listed(open_page(page="2"))) == 3
    assert len(listed(open_page(page="77"))) == 3, "a page that there is none of is the last"
    held = open_page(status="held", page="x")
    assert len(listed(held)) == 1
    assert "/needs-you?order=28" in html(held)
    assert len(listed(open_page(status="nonsense"))) == 25


def test_names_of_customers_are_shown_as_they_are(world: World, open_page: Callable[..., AppTest]) -> None:
    name = "<img src=x onerror=alert(1)>"
    world.order(1, order_name=name)
    today = world.clock.now().date()
    world.dashboard.proof.reconcile(today - timedelta(days=30), today)
    drawn = " ".join(element.proto.body for element in open_page().get("html"))
    assert "<img src=x" not in drawn
    assert name in unescape(drawn)
