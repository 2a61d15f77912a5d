"""A month of payouts in a real browser: dropped as files, matched, looked at, booked, and proved to the øre."""

import re
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dinero.dashboard.dashboard import Dashboard
from dinero.environment import Environment
from dinero.intake.fetching import ids
from dinero.model.acquirers import NO_VAT, STAYS, Way, acquirer_of
from dinero.model.balance import ROW_NAMES, Balance, RowKind
from dinero.model.clock import copenhagen_date
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout
from dinero.model.settlements import PAYOUT_STATE_NAMES, PayoutState, StoredPayout
from dinero.sandbox import Sandbox
from dinero.sandbox.payout_files import write
from dinero.sandbox.settlements import CLEARHAUS, VIPPS
from dinero.signin.sessions import READER
from screen import LANGUAGE, START, Owner, Served, at_the_screen, chromium, say, serious, serving, unseen_focus

BANK, FEES = 55000, 7420
ORDERS, SEED = 60, 5
WAYS_TO_PAY = {CLEARHAUS: ("Kort (Clearhaus)", "Dankort (NETS)"), VIPPS: ("MobilePay",)}
OTHER = {"da": "en", "en": "da"}[LANGUAGE]
SCHEMES = [("light", LANGUAGE), ("dark", OTHER)]
PATHS = ["/payouts", "/payouts?payout=1", "/payouts?proof=today", "/setup?tab=payouts"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(orders=ORDERS, seed=SEED, returns=True, calls_per_minute=100_000) as running:
        yield running


@pytest.fixture(scope="module")
def dashboard(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Dashboard:
    """The library where the owner has transferred all that could be, and said where payouts are booked."""
    acquirers = ("CLEARHAUS_", "VIPPS_")
    given = {name: value for name, value in sandbox.environment().items() if not name.startswith(acquirers)}
    folder = tmp_path_factory.mktemp("dashboard")
    made = Dashboard(Environment.read(given | {"DINERO_DATA_DIR": str(folder / "data")}))
    made.set_up.from_environment()
    made.orders.fetch()
    operation = str(uuid.uuid4())
    made.transfers.push(operation, ids(made.store.orders.list(limit=-1)), actor="test")
    made.transfers.run(operation)
    made.acquirers.choose_bank_account(BANK)
    accounts = {Movement.RESERVE: STAYS, Movement.CORRECTION: FEES, Movement.OTHER: FEES}
    for acquirer, methods in WAYS_TO_PAY.items():
        made.acquirers.choose(acquirer, way=Way.BOOK, fee_vat=NO_VAT, accounts=accounts, methods=methods)
    made.sign_in.set_password("rødgrød med fløde")
    made.sign_in.set_reader_password("smør på brødet i dag")
    return made


@pytest.fixture(scope="module")
def month(sandbox: Sandbox, dashboard: Dashboard) -> list[Payout]:
    """What Clearhaus paid out, with a chargeback, and at last a payout of which a reserve is kept back."""
    paid = {line.order for payout in sandbox.payouts for line in payout.lines if line.kind is Movement.SALE}
    booked = dashboard.store.orders.list(states=("done",), limit=-1)
    left = [row for row in booked if row.number not in paid and row.currency == "DKK"]
    waiting = [(row.number, row.total_ore) for row in left if row.total_ore is not None and row.total_ore > 0]
    sandbox.settle(CLEARHAUS, waiting[:3], reserve_ore=5000, on=copenhagen_date(sandbox.clock.now()))
    return [payout for payout in sandbox.payouts if payout.acquirer == CLEARHAUS]


@pytest.fixture(scope="module")
def served(sandbox: Sandbox, dashboard: Dashboard) -> Iterator[Served]:
    with serving(sandbox, dashboard.store.folder.parent) as running:
        yield running


@pytest.fixture(scope="module")
def owner(browser: Browser, served: Served, dashboard: Dashboard) -> Owner:
    return signed_in(at_the_screen(browser, served), dashboard.sign_in.make_cookie())


def signed_in(person: Owner, cookie: str) -> Owner:
    person.page.context.add_cookies([{"name": "dinero_session", "value": cookie, "url": person.address}])
    return person


def until(dashboard: Dashboard, state: PayoutState, count: int) -> None:
    """Waits until so many payouts have a state."""
    deadline = time.monotonic() + START
    while dashboard.payouts.count(states=(state,)) != count:
        assert time.monotonic() < deadline, [(one.payout, one.state) for one in dashboard.payouts.listed()]
        time.sleep(0.1)


def state(owner: Owner, of: PayoutState) -> Locator:
    name = re.compile(rf"^\S+ {PAYOUT_STATE_NAMES[of].render(LANGUAGE)}$")
    return owner.page.locator(".orderhead .state").filter(has_text=name)


def ask(owner: Owner, dashboard: Dashboard) -> Balance:
    """Asks Dinero with the button; the proof that the page has then."""
    before = dashboard.balance.latest()
    owner.press("Ask Dinero now")
    deadline = time.monotonic() + START
    while (now := dashboard.balance.latest()) is None or (before is not None and now.asked_at == before.asked_at):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    owner.sees(now.sentence().render(LANGUAGE))
    owner.settle()
    return now


def test_files_are_dropped_and_the_columns_of_an_unknown_one_are_named_once(
    owner: Owner, dashboard: Dashboard, sandbox: Sandbox, month: list[Payout], tmp_path: Path
) -> None:
    page = owner.page
    others = [payout for payout in sandbox.payouts if payout.acquirer == VIPPS][-2:]
    (tmp_path / "clearhaus-settlements.csv").write_bytes(write(month, "clearhaus"))
    (tmp_path / "egne kolonner.csv").write_bytes(write(others, "own"))
    owner.open("/payouts")
    page.locator("input[type=file]").set_input_files(sorted(tmp_path.iterdir()))
    expect(page.get_by_test_id("stFileUploader")).to_contain_text("egne kolonner.csv")
    owner.show("payouts-files")
    owner.press("Read the files")
    told = len(month) + 1  # the file names the day, too, on which what is kept back now will be paid
    owner.sees(say("{n} new payout was read.", "{n} new payouts were read.", n=told))
    owner.sees(say("The file's columns are not known yet."))
    assert dashboard.payouts.count() == told
    owner.show("payouts-read")

    owner.follow("Say what the columns are")
    owner.sees(say("What are the columns of {file}?", file="egne kolonner.csv"))
    page.get_by_label(say("Who paid this out?")).fill(acquirer_of(VIPPS).name)
    page.get_by_label(say("Who paid this out?")).press("Enter")
    owner.settle()
    n = sum(len(payout.lines) for payout in others)
    owner.sees(say("{hits} of {n} row hits an order here.", "{hits} of {n} rows hit an order here.", n=n, hits=n))
    page.get_by_role("combobox", name="Udbetalt den").click()
    page.get_by_role("option", name=say("The payout's date")).click()
    owner.settle()
    expect(page.get_by_text(say("The day it came"))).to_have_count(0)  # the file tells it
    owner.show("payouts-columns")
    assert faults_of(page) == []
    tell_of_bank(owner, others, "1,00")
    owner.sees(
        say(
            "The rows of {payout} add up to {net}, but {typed} came to your bank. Nothing of the file is used.",
            payout=others[0].id,
            net=others[0].net,
            typed=Money(100),
        )
    )
    owner.press("Answer the questions again")
    expect(owner.button("Answer the questions again")).to_have_count(0)
    owner.settle()
    tell_of_bank(owner, others)
    owner.sees(say("The file has {n} payout.", "The file has {n} payouts.", n=len(others)))
    owner.press("Read the file")
    owner.sees(say("{n} new payout was read.", "{n} new payouts were read.", n=len(others)))
    assert dashboard.payouts.count() == told + len(others)
    assert dashboard.payouts.count(states=(PayoutState.READY,)) == len(month + others)
    # The same file once more changes nothing.
    page.get_by_text(say("Read payouts from files")).click()
    page.locator("input[type=file]").set_input_files(tmp_path / "clearhaus-settlements.csv")
    owner.press("Read the files")
    owner.sees(say("{n} payout was read before.", "{n} payouts were read before.", n=told))
    assert dashboard.payouts.count() == told + len(others)


def tell_of_bank(owner: Owner, payouts: Sequence[Payout], amount: str = "") -> None:
    """Types what came to the bank for each payout, or another amount."""
    for payout in payouts:
        label = say("What came to your bank on {day} for {payout}?", day=payout.paid_on, payout=payout.id)
        owner.page.get_by_label(label).fill(amount or f"{payout.net.decimal}".replace(".", ","))
    owner.press("Use these amounts")
    expect(owner.button("Use these amounts")).to_have_count(0)  # what is told is not asked any more
    owner.settle()


def test_a_payout_is_looked_at_and_booked(owner: Owner, dashboard: Dashboard, sandbox: Sandbox) -> None:
    page = owner.page
    disputed = with_line(dashboard, Movement.CHARGEBACK)
    owner.open("/payouts?view=ready")
    owner.row(disputed.bank_text).click(position={"x": 5, "y": 5})
    expect(state(owner, PayoutState.READY)).to_be_visible()
    owner.settle()
    for text in ("From sold to the bank", "How it will be booked", "Its lines", "Chargeback"):
        owner.sees(say(text))
    parts = (disputed.sold_ore, disputed.refunded_ore, disputed.fees_ore, disputed.other_ore)
    expect(page.locator("ul.water > li")).to_have_count(sum(map(bool, parts)) + 1)
    owner.show("payout")
    owner.press("Book the payout")
    expect(state(owner, PayoutState.BOOKED)).to_be_visible()
    owner.sees(say("How it was booked"))
    item = booked_items(sandbox)
    assert len(item) == 1
    assert sum(line["Amount"] for line in item[0]["Lines"] if line["AccountNumber"] == BANK) * 100 == disputed.net_ore


def with_line(dashboard: Dashboard, kind: Movement) -> StoredPayout:
    """The newest payout with a line of a kind."""
    return next(
        one for one in dashboard.payouts.listed() if any(line.kind is kind for line in dashboard.payouts.lines(one.id))
    )


def booked_items(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [item for item in sandbox.books.ledger_items.values() if item["Status"] == "Booked"]


def test_one_button_books_all_that_is_ready(owner: Owner, dashboard: Dashboard, sandbox: Sandbox) -> None:
    page = owner.page
    every = dashboard.payouts.count(states=(PayoutState.READY, PayoutState.BOOKED))
    owner.open("/payouts?view=ready")
    owner.show("payouts")
    page.get_by_text(say("See the postings first")).click()
    expect(page.locator(".papers .postings").first).to_be_visible()
    owner.show("payouts-postings")
    page.locator(".st-key-book_all button").dblclick()
    until(dashboard, PayoutState.BOOKED, every)
    expect(page.locator(".st-key-book_all")).to_have_count(0)
    owner.settle()
    view = page.locator("nav.views a").filter(has_text=re.compile(rf"^{say('Booked')} {every}$"))
    expect(view).to_be_visible()
    assert len(booked_items(sandbox)) == every
    owner.show("payouts-booked")


def test_the_booking_account_is_explained_to_the_oere(owner: Owner, dashboard: Dashboard) -> None:
    page = owner.page
    owner.open("/payouts")
    balance = ask(owner, dashboard)
    assert balance.is_explained
    assert balance.opening is None
    owner.follow("See all of it")
    expect(page.locator(".verdict.green")).to_contain_text(balance.sentence().render(LANGUAGE))
    for kind in (RowKind.CHARGEBACK, RowKind.RESERVE):
        expect(page.locator(".sums a").filter(has_text=ROW_NAMES[kind].render(LANGUAGE))).to_be_visible()
    owner.show("payouts-proof")
    owner.follow(ROW_NAMES[RowKind.RESERVE].message)
    expect(page.locator("ul.proof > li")).to_have_count(len(balance.of(RowKind.RESERVE)))


def test_a_posting_is_taken_back_after_a_look(owner: Owner, dashboard: Dashboard, sandbox: Sandbox) -> None:
    page = owner.page
    kept = with_line(dashboard, Movement.RESERVE)
    before = len(booked_items(sandbox))
    owner.open(f"/payouts?payout={kept.id}")
    page.get_by_text(say("Take the posting back")).first.click()
    owner.sees(say("A booked voucher can't be deleted: a counter item with the same lines takes it back."))
    owner.show("payout-taken-back")
    page.get_by_label(say("Why?")).fill("Den skulle vente")
    page.get_by_role("button", name=say("Take the posting back")).last.click()
    until(dashboard, PayoutState.READY, 1)
    expect(state(owner, PayoutState.READY)).to_be_visible()
    assert len(booked_items(sandbox)) == before + 1
    owner.press("Book the payout")
    expect(state(owner, PayoutState.BOOKED)).to_be_visible()
    owner.open("/payouts?proof=today")
    assert ask(owner, dashboard).is_explained
    expect(page.locator(".verdict.green")).to_be_visible()


def test_the_accountant_sees_payouts_and_proof_and_no_button(
    browser: Browser, served: Served, dashboard: Dashboard
) -> None:
    reader = signed_in(at_the_screen(browser, served), dashboard.sign_in.make_cookie(READER))
    for path in PATHS[:3]:
        reader.open(path)
        expect(reader.page.locator("ul.rows > li").first).to_be_visible()
        # Beside those that open something to be read, and a date.
        expect(
            reader.page.get_by_test_id("stMain").locator(".stButton, .stFormSubmitButton, input[type=file]")
        ).to_have_count(0)
    assert reader.errors == []
    reader.page.context.close()


@pytest.mark.parametrize(("scheme", "language"), SCHEMES)
def test_every_part_of_it_can_be_read_in_light_and_dark_and_on_a_phone(
    owner: Owner, scheme: Any, language: str
) -> None:
    owner.store.settings.put({"language": language})
    owner.page.emulate_media(color_scheme=scheme)
    found: list[Any] = []
    for path in PATHS:
        owner.open(path)
        found += [(path, *fault) for fault in faults_of(owner.page)]
        owner.show(f"{language}-{scheme}-{re.sub(r'[^a-z0-9]+', '-', path.strip('/'))}")
    owner.store.settings.put({"language": LANGUAGE})
    owner.page.emulate_media(color_scheme="light")
    assert found == []


def faults_of(page: Page) -> list[tuple[Any, ...]]:
    """What can't be read or reached on a page, on a wide screen and on phones."""
    found: list[tuple[Any, ...]] = []
    for width in (1400, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append((width, "scrolls sideways"))
        found += [(width, "cut off", text) for text in page.evaluate(CUT)]
        if width != 320:
            found += [(width, *violation) for violation in serious(page)]
    page.set_viewport_size({"width": 1400, "height": 900})
    return found


# What does not lie wholly inside the screen, or does not fit into its own box. Views may be swiped on a phone.
CUT = """() => {
  const cut = [], main = document.querySelector("[data-testid=stMain]");
  for (const e of main.querySelectorAll("button, a, .amount, .state, .note, td, th, h2, h3, .step b")) {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (!box.width || !box.height || style.visibility === "hidden" || e.closest("nav.views, .hidden")) continue;
    const hides = style.overflow === "hidden" && e.scrollWidth > e.clientWidth + 2;
    if (box.left < -1 || box.right > innerWidth + 1 || hides) cut.push((e.innerText || e.outerHTML).slice(0, 80));
  }
  return cut;
}"""


@pytest.mark.parametrize("path", PATHS[:3])
def test_tab_finds_a_visible_outline_on_every_control(owner: Owner, path: str) -> None:
    owner.open(path)
    passed, unseen = unseen_focus(owner.page, 40)
    assert len(passed) > 6
    assert unseen == []


def test_no_page_logged_an_error_in_the_browser(owner: Owner) -> None:
    assert owner.errors == []
