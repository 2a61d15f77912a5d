"""Afstemning: every order of a period beside every document in Dinero, the totals, and the live numbers of the
promise. The accountant gets it as PDF or CSV."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from html import escape

import streamlit as st
from babel import Locale

from dinero.model.clock import copenhagen_date
from dinero.model.zones import ZONE_NAMES, Zone
from dinero.reports.balance_export import PayoutsOfPeriod, balance_csv, payouts_csv
from dinero.reports.export import consultations_csv, kind_name, reconciliation_csv, reconciliation_pdf, status_name
from dinero.reports.overview import OPEN
from dinero.reports.overview import OWNER as NEEDS_OWNER
from dinero.reports.reconcile import ACTIONS, EQUAL, NAMES, PROBLEMS, Entry, Reconciliation, made_at
from dinero.signin.sessions import OWNER
from pages import drawn, ui, which_shop
from pages.ui import t

PATH = "/reconciliation"
PAGE_SIZE = 25
MAX_PROBLEMS = 20  # shown at the top
OFFERED_DAYS = 10  # of a month, in which the month before it is what comes next
# On paper: the numbers, problems and totals. What can only be pressed is left out, and the long list, of which a screen
# shows a part; the PDF has all of it.
PRINT = """<style>@media print {
  header, .head, .stApp [class*=st-key-no_paper] { display: none }
  [data-testid=stMain], [data-testid=stAppViewContainer] { overflow: visible; position: static }
}</style>"""

dashboard = ui.dashboard()
store = dashboard.store
owner = ui.role() == OWNER
today = copenhagen_date(dashboard.clock.now())


def month_of(day: date) -> str:
    """A month's name: "november"."""
    return str(Locale.parse(ui.language()).months["stand-alone"]["wide"][day.month])


def choose_period(last: Reconciliation | None) -> None:
    """This month and the one before in one click, and any other period; what was compared last is filled in."""
    this, before = today.replace(day=1), today.replace(day=1) - timedelta(days=1)
    months = [(this, today), (before.replace(day=1), before)]
    comes_next = None if last else 0
    if today.day <= OFFERED_DAYS and not is_compared(last, *months[1]):
        comes_next = 1
    chosen = None
    with st.container(horizontal=True, key="no_paper_period"):
        for place, days in enumerate(months):
            label = t("Compare {month}", month=month_of(days[0]))
            if st.button(label, key=f"month/{place}", type=ui.kind(place == comes_next)):
                chosen = days
        with st.popover(t("Another period")):
            filled = (date.fromisoformat(last.first), date.fromisoformat(last.last)) if last else months[0]
            compare = t("Compare with Dinero")
            chosen = (
                ui.period("period", t("Period"), compare, icon=":material/rule:", value=filled, primary=False) or chosen
            )
    if chosen is None:
        return
    with st.spinner(t("Reading documents from Dinero …")):
        done = ui.attempt(lambda: dashboard.proof.reconcile(*chosen))
    if done:
        st.query_params.clear()
        st.rerun()


def is_compared(last: Reconciliation | None, first: date, end: date) -> bool:
    """Whether the last comparison has all of these days, and was made after them."""
    if last is None or copenhagen_date(made_at(last)) <= end:
        return False
    return last.first <= first.isoformat() and end.isoformat() <= last.last


def promise(result: Reconciliation) -> None:
    """The promise as a sentence with its period and time, and as live numbers."""
    sentence = t("No order is booked twice, and none is forgotten.")
    if not result.fine:
        sentence = t("Some rows need a look. They come first below, each with what to do.")
    look, mark = ("green", "✓") if result.fine else ("red", "✕")
    when = t(
        "{first} – {last}, compared {ago} ({when}).",
        first=date.fromisoformat(result.first),
        last=date.fromisoformat(result.last),
        ago=ui.ago(result.made_at),
        when=made_at(result),
    )
    numbers = {
        t("Booked twice"): result.doubled,
        t("Forgotten"): result.left_out,
        t("In both and equal"): result.counts[EQUAL],
        t("To look at"): result.problems,
    }
    tiles = "".join(
        f'<div class="tile"><span>{escape(name)}</span><b>{ui.number(n)}</b></div>' for name, n in numbers.items()
    )
    calls = t("{n} call to Dinero.", "{n} calls to Dinero.", n=result.calls)
    open_ = {status: n for status in NAMES if status in OPEN and status != "ignored" and (n := result.counts[status])}
    left = ""
    if open_:
        total = sum(open_.values())
        said = t("{n} order of the period is not booked yet", "{n} orders of the period are not booked yet", n=total)
        each = [
            drawn.link(drawn.to(PATH, status=status), f"{ui.number(n)} {ui.say(NAMES[status]).lower()}")
            for status, n in open_.items()
        ]
        left = f'<p class="orange"><b>{escape(said)}:</b> {", ".join(each)}</p>'
    st.html(
        f'<div class="verdict {look}"><h2><span aria-hidden="true">{mark}</span> {escape(sentence)}</h2>'
        f'<p class="quiet">{escape(when)}</p>{left}</div><div class="tiles">{tiles}</div>'
        f'<details class="quiet calls"><summary>{escape(t("Details"))}</summary>{escape(calls)}</details>'
    )


def problems(result: Reconciliation) -> None:
    """What is not as it should be, one by one: why, and what to do."""
    if not result.problems:
        return
    found = dashboard.proof.entries(PROBLEMS, limit=MAX_PROBLEMS, offset=0)
    st.html(rows_of(found, which_shop.titles(), alt=t("To look at")))
    if result.problems > MAX_PROBLEMS:
        st.caption(t("The first {n} are shown; the list below has all of them.", n=MAX_PROBLEMS))


def rows_of(rows: Iterable[Entry], titles: Mapping[str, str], *, alt: str) -> str:
    """Orders and documents side by side, each with its shop's title, why it is as it is and what to do."""
    invoices = dashboard.connection.invoice_pages()
    told = "".join(row_of(row, invoices, titles.get(row.shop, "")) for row in rows)
    return f'<ul class="rows compared" aria-label="{escape(alt)}">{told}</ul>'


def row_of(row: Entry, invoices: str, shop: str) -> str:
    """One of them; a click leads to what happened to the order."""
    problem = row.status in PROBLEMS
    colour = "green" if row.status == EQUAL else "red" if problem else ui.STATE_COLOURS.get(row.status, "violet")
    mark = "✓" if row.status == EQUAL else "✕" if problem else ui.sign(row.status)
    number = t("Order {number}", number=row.number) if row.number else ""
    title = " · ".join(part for part in (number, row.customer) if part) or t("An order that is unknown here")
    named = f'<span class="title">{escape(title)}</span>'
    if row.order is not None:
        way = drawn.to("/needs-you" if row.status in NEEDS_OWNER else "/history", order=row.order.address)
        named = f'<a class="go title" href="{escape(way)}">{escape(title)}</a>'
    said = [" ".join(ui.say(text) for text in row.texts)]
    if row.ours is not None and row.theirs is not None and row.ours != row.theirs:
        here, there = ui.amount(row.ours, row.currency), ui.amount(row.theirs, row.currency)
        said.append(t("Here {here}, in Dinero {there}.", here=here, there=there))
    notes = [escape(" ".join(part for part in said if part))]
    if problem:
        notes.append(f"<b>{escape(t('What to do'))}:</b> {escape(ui.say(ACTIONS[row.status]))}")
    elif owner and row.status in ACTIONS:
        notes.append(escape(ui.say(ACTIONS[row.status])))
    if row.guid:
        document = f"{ui.say(kind_name(row))} {row.invoice_number}".strip()
        notes.append(drawn.out(invoices + row.guid, t("{document} in Dinero", document=document)))
    note = "<br>".join(part for part in notes if part)
    return (
        f'<li data-row>{drawn.with_shop(named, shop)}<span class="amount">'
        f"{escape(ui.amount(row.theirs if row.ours is None else row.ours, row.currency))}</span>"
        f'<span class="state {colour}">{mark} {escape(status_name(row, ui.language()))}</span>'
        f'<span class="when">{escape(ui.day(row.day))}</span>'
        + (f'<span class="note">{note}</span>' if note else "")
        + "</li>"
    )


def totals(result: Reconciliation) -> None:
    """The sums by VAT zone and by booking account, and the count of each status."""
    zones = [
        (ui.say(ZONE_NAMES[Zone(one.name)]), *(ui.amount(ore, one.currency) for ore in (one.net, one.vat, one.gross)))
        for one in result.zones
    ]
    accounts = [(one.name, ui.amount(one.gross, one.currency)) for one in result.accounts]
    counts = [(ui.say(NAMES[status]), ui.number(n)) for status, n in result.counts.most_common() if status in NAMES]
    tables: list[tuple[str, list[str], Sequence[Sequence[str]]]] = [
        (t("By VAT zone"), [t("VAT zone"), t("Net"), t("VAT"), t("Total")], zones),
        (t("By booking account"), [t("Booking account"), t("Registered")], accounts),
        (t("Count"), [t("Status"), t("Count")], counts),
    ]
    nothing = f'<p class="quiet">{escape(t("Nothing of the period is booked in Dinero."))}</p>'
    parts = "".join(
        f"<section><h3>{escape(title)}</h3>{sums_table(names, rows) if rows else nothing}</section>"
        for title, names, rows in tables
    )
    basis = t("The sums are those of all that is booked with a date in the period, whenever it was transferred.")
    st.html(
        f'<h2 class="of">{escape(t("Booked with a date in the period"))}</h2><p class="quiet">{escape(basis)}</p>'
        f'<div class="sums">{parts}</div>'
    )


def sums_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A name and its numbers, which are on a line of their own where there is no room for more than two."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{escape(value)}</td>' for value in row)}</tr>" for row in rows)
    look = "many" if len(names) > 2 else ""
    return f'<table class="{look}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def whole_list(result: Reconciliation) -> None:
    """All rows, problems first, by status and 25 at a time."""
    shop = which_shop.chosen() if result.by_shop else ""
    there = result.by_shop.get(shop, {}) if shop else result.counts
    counts = {status: there[status] for status in NAMES if there.get(status)}
    wanted = st.query_params.get("status", "")
    wanted = wanted if wanted in counts else ""
    found = counts[wanted] if wanted else sum(counts.values())
    to = partial(drawn.to, PATH, shop=shop)
    named = {"": t("All"), **{status: ui.say(NAMES[status]) for status in counts}}
    links = "".join(
        f'<a class="go" href="{escape(to(status=status))}"{" aria-current=true" * (status == wanted)}>'
        f"{escape(name)} <b>{ui.number(counts.get(status, sum(counts.values())))}</b></a>"
        for status, name in named.items()
    )
    st.html(
        f'<h2 class="of">{escape(t("Order by order"))}</h2>'
        f'<nav class="views" aria-label="{escape(t("Show"))}">{links}</nav>'
    )
    if result.by_shop:
        which_shop.links(lambda name: drawn.to(PATH, status=wanted, shop=name), shop)
    last = max(1, -(-found // PAGE_SIZE))
    asked = st.query_params.get("page", "")
    page = min(int(asked), last) if asked.isdecimal() and 0 < int(asked) < 10**6 else 1
    shown = dashboard.proof.entries(
        [wanted] if wanted else [], shop=shop, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )
    if not shown:
        st.html(f'<p class="quiet">{escape(t("There are no orders here."))}</p>')
        return
    st.html(rows_of(shown, which_shop.titles_in(shop), alt=t("Order by order")))
    ways = [
        drawn.link(to(status=wanted, page=str(page - 1)), "‹ " + t("Previous")) if page > 1 else "",
        escape(t("Page {page} of {pages}", page=page, pages=last)) if last > 1 else "",
        drawn.link(to(status=wanted, page=str(page + 1)), t("Next") + " ›") if page < last else "",
    ]
    st.html(f'<nav class="pages" aria-label="{escape(t("Pages of the list"))}">{" ".join(ways)}</nav>')
    if any(row.guid for row in shown):
        ui.link_note()


def whole(result: Reconciliation) -> Reconciliation:
    """The result with all of its rows, read when a file is asked for."""
    return dashboard.proof.whole() or result


def paid_out(result: Reconciliation) -> PayoutsOfPeriod | None:
    """What was paid out in the period, and the booking accounts on its last day."""
    return dashboard.balance.of_period(date.fromisoformat(result.first), date.fromisoformat(result.last))


def proof_of(account: int, last: date, language: str) -> str:
    """The proof of a booking account at the end of a day, as CSV."""
    balance = dashboard.balance.latest(account, last, exact=True)
    return balance_csv(balance, language, which_shop.titles()) if balance else ""


def save_list(label: str, name: str, made: Callable[[], str]) -> None:
    """A button that saves a list as CSV, made when it is pressed."""
    st.download_button(label, made, name, "text/csv", icon=":material/table:", on_click="ignore")


def save(result: Reconciliation) -> None:
    """The result as PDF and CSV for the accountant."""
    language, organization = ui.language(), dashboard.settings.load().organization_name
    titles = which_shop.titles()
    name = t("reconciliation-{first}-{last}", first=result.first, last=result.last)
    with st.container(horizontal=True):
        st.download_button(
            t("Save as PDF"),
            lambda: reconciliation_pdf(whole(result), organization, language, paid_out(result), titles),
            f"{name}.pdf",
            "application/pdf",
            icon=":material/picture_as_pdf:",
            on_click="ignore",
        )
        st.download_button(
            t("Save as CSV"),
            lambda: reconciliation_csv(whole(result), language, titles),
            f"{name}.csv",
            "text/csv",
            icon=":material/table:",
            on_click="ignore",
        )
        if store.payouts.count():
            first, last = date.fromisoformat(result.first), date.fromisoformat(result.last)
            period = f"{result.first}-{result.last}"
            paid = partial(store.payouts.listed, first=first, last=last)
            save_list(t("Save the payouts as CSV"), f"payouts-{period}.csv", lambda: payouts_csv(paid(), language))
            for account in dashboard.balance.readable(last):
                label = t("Save the proof of account {account} as CSV", account=str(account))
                save_list(label, f"{account}-{period}.csv", partial(proof_of, account, last, language))
        if asked := store.consultations.between(result.first, result.last):
            st.download_button(
                t("Save the answers of VIES as CSV"),
                lambda: consultations_csv(asked, language, titles),
                f"vies-{result.first}-{result.last}.csv",
                "text/csv",
                icon=":material/verified:",
                on_click="ignore",
            )
    st.caption(t("The page can be printed: numbers, problems and totals. The PDF holds every row."))


st.html(PRINT)
st.title(t("Reconciliation"))
about = t("Every order of a period beside every invoice and credit note in Dinero that was made from here.")
st.html(f'<p class="quiet">{escape(about)}</p>')
if dashboard.settings.load().missing():
    way = drawn.link("/", t("Continue the set-up"), "button primary") if owner else ""
    st.html(f"<p>{escape(t('The set-up is not complete.'))}</p>{way}")
else:
    found = dashboard.proof.last()
    choose_period(found)
    if found is not None:
        promise(found)
        problems(found)
        with st.container(key="no_paper_files"):
            save(found)
        totals(found)
        with st.container(key="no_paper_rows"):
            whole_list(found)
    else:
        st.html(f'<p class="quiet">{escape(t("Nothing was compared yet. Choose a period."))}</p>')
