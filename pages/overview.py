"""Overblik: the owner's one minute a day. One sentence and one button that does the day's work; then what needs the
owner, the last transfer, the money's way to the bank, the last weeks, and whether both connections are well."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

import streamlit as st
from babel.dates import format_date

from dinero.automatic.payouts import NEED_OWNER
from dinero.dashboard.day import Ready, Tone
from dinero.model.balance import ROW_NAMES, WAITING_KINDS, Balance
from dinero.model.documents import OrderKey, Progress
from dinero.model.errors import DashboardError
from dinero.model.health import Remedy, shop_connection
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.settlements import PayoutState
from dinero.reports.overview import Tile
from pages import connections, drawn, fee_bar, fetches, sales_chart, selecting, steps, transfer_card, ui, which_shop
from pages.ui import t

ui.owner_only()
dashboard = ui.dashboard()
chosen = dashboard.settings.load()
WANTED, TOLD = "overview/wanted", "overview/told"  # in the session
AT_ONCE = timedelta(minutes=1)  # a click that was cut off before it was seen to is none later on
SHOWN_GROUPS = 4
MOST_GROUPED = 1000  # orders that need the owner; more are counted only
COLOURS = {Tone.WELL: "green", Tone.TO_DO: "blue", Tone.OWNER: "orange", Tone.TROUBLE: "red"}
SIGNS = {Tone.WELL: "✓", Tone.TO_DO: "◔", Tone.OWNER: "▲", Tone.TROUBLE: "✕"}
# Parts of the sentence that lead to their orders.
PLACES = {
    "{n} order needs you.": "/needs-you",
    "{n} order waits.": "/orders?view=waiting",
    "{n} waits.": "/orders?view=waiting",
    "{n} order is not due yet.": drawn.to("/orders", view="not due"),
}


def month_of(day: date) -> str:
    """The name of a day's month."""
    return str(format_date(day, "LLLL", locale=ui.language()))


# --- the sentence and the button ------------------------------------------------------------------------------------


def sentence() -> None:
    """How things are, the biggest on the page, in the colour of what it says; each number leads to its orders."""
    parts = []
    for text in now.sentence:
        place = PLACES.get(text.message)
        parts.append(drawn.link(place, ui.say(text)) if place else escape(ui.say(text)))
    tone = minute.tone
    sign = f'<span aria-hidden="true">{SIGNS[tone]}</span> '
    first = f'<p class="sentence">{sign}{escape(" ".join(troubles()))}</p>' if tone is Tone.TROUBLE else ""
    st.html(
        f'<div class="say {COLOURS[tone]}"><h1>{escape(t("Overview"))}</h1>{first}'
        f'<p class="sentence">{"" if first else sign}{" ".join(parts)}</p></div>'
    )


def troubles() -> list[str]:
    """What is wrong, before all else; the cards below say how and why."""
    bad = [part.name for part in minute.connections if part.problem is not None]
    said = [t("The connection to {name} has a problem.", name=connections.name_of(name)) for name in bad]
    said += [text for shop, text in fetches.failed().items() if shop_connection(shop) not in bad]
    if minute.stopped is not None:
        said.append(t("The last transfer stopped."))
    return said


def want(operation_id: str, orders: Sequence[OrderKey]) -> None:
    """Notes what the button that was pressed had counted."""
    st.session_state[WANTED] = dashboard.clock.now(), operation_id, orders


def do_the_day() -> None:
    """Fetches, and transfers what was counted; what went wrong stands below the button until the next click."""
    pressed_at, operation_id, orders = st.session_state.pop(WANTED)
    if dashboard.clock.now() - pressed_at > AT_ONCE:
        return
    st.session_state.pop(TOLD, None)
    told = t("Fetching orders …")
    with st.status(told) as status:
        on_page = ui.page_by_page(status, told)
        try:
            if orders:
                dashboard.day.fetch_and_push(operation_id, orders, on_page=on_page)
            else:
                dashboard.orders.fetch(on_page=on_page)
        except DashboardError as error:
            st.session_state[TOLD] = error.text, bool(orders)
    st.rerun()


def what_failed() -> None:
    """What went wrong with the last click, beside what the sentence says of the connections."""
    problem, transfers = st.session_state.get(TOLD, (None, False))
    said = []
    if isinstance(problem, Text) and problem not in minute.problems:
        said.append(ui.say(problem))
    if transfers:
        said.append(t("Nothing was transferred, because the orders could not be fetched."))
    if said:
        st.html(f'<p class="red">{escape(" ".join(said))}</p>')


def button(ready: Ready) -> None:
    """The one thing to do next: the day's work in one click, or to fetch."""
    count, total = ready.counted, ui.by_currency(ready.counted.sums)
    # Made when the button is drawn and claimed in the store: a double click is one push (facts.md, Streamlit 1.1 B).
    operation_id = str(uuid.uuid4())
    label = t("Fetch orders")
    if count.count:
        what = transfer_card.counted(count.invoices, count.credit_notes)
        label = t("Fetch and transfer {what} ({total})", what=what, total=total)
    unusual = bool(count.count) and dashboard.orders.is_unusual(count.count)
    pressed = st.button(
        label,
        type=ui.kind(minute.stopped is None and not must_connect),  # what stopped has its own, and so has a refused key
        icon=":material/send:" if count.count else ":material/refresh:",
        key="look" if unusual else "day",
        shortcut="O",
        wrap=True,
        on_click=None if unusual else want,
        args=None if unusual else (operation_id, ready.orders),
    )
    if unusual and pressed:
        second_look(operation_id, ready, label)


def second_look(operation_id: str, ready: Ready, label: str) -> None:
    """The figures and the first documents, before more than a usual day's work is done."""
    rows = [row for key in ready.orders if (row := dashboard.store.orders.get(key)) is not None]

    def press() -> bool:
        return st.button(
            label,
            type="primary",
            icon=":material/send:",
            key="day",
            wrap=True,
            on_click=want,
            args=(operation_id, ready.orders),
        )

    selecting.second_look(rows, press)


def act() -> None:
    """The button, and beside it when the orders were fetched and what came of it."""
    ready = dashboard.day.ready() if minute.running is None else Ready((), Tile(0, {}))
    account = chosen.chart.deposits.get(chosen.booking_account or 0)
    if ready.orders and account is not None and account.is_bank:
        ui.bank_warning()
    with st.container(horizontal=True, vertical_alignment="center", key="act"):
        button(ready)
        beside = [fetched()]
        if ready.orders:
            beside.append(escape(t("What is booked can't be deleted, only credited.")))
            beside.append(drawn.link("/orders?view=waiting", t("See them first")))
        st.html(f'<p class="quiet beside">{" · ".join(part for part in beside if part)}</p>')
    if told := fetches.apart() + which_shop.paused_line():
        st.html(told)
    what_failed()


def fetched() -> str:
    """When the orders were fetched last, and what that brought."""
    last = now.last_fetch
    # Where they were not lately, the sentence says it.
    return escape(fetches.told(last)) if last is not None and last.is_current(now.now) else ""


@st.fragment(run_every=5)
def running(operation_id: str) -> None:
    """The line of a running transfer, which alone is kept fresh; nothing is summed while nothing of it changes."""
    token = dashboard.transfers.progress_token(operation_id)
    kept = st.session_state.get("overview/running")
    if kept is None or kept[0] != (operation_id, token):
        kept = (operation_id, token), running_line(operation_id)
        st.session_state["overview/running"] = kept
    if not kept[1]:
        st.rerun()
    st.html(kept[1])


def running_line(operation_id: str) -> str:
    """How far a transfer is; "" when it is over."""
    far = dashboard.transfers.progress(operation_id)
    if far is None or far.status in (Progress.FINISHED, Progress.STOPPED):
        return ""
    head = t("A transfer is paused: {done} of {n} orders are done.", done=far.finished, n=far.total)
    if far.status is not Progress.PAUSED:
        head = t("A transfer is under way: {done} of {n} orders are done.", done=far.finished, n=far.total)
    parts = [
        drawn.Part(far.registered, "green"),
        drawn.Part(far.booked - far.registered, "blue"),
        drawn.Part(far.drafted - far.booked, "violet"),
        drawn.Part(far.customers - far.drafted, "gray"),
        drawn.Part(far.total - far.customers, "pale"),
    ]
    note = t("You can close the page. The work goes on, also after a restart.")
    return (
        f'<div class="running"><p><b>{escape(head)}</b> {drawn.link("/orders", t("See it"))}</p>'
        f'{drawn.bar(parts, alt=head, thin=True)}<p class="quiet">{escape(note)}</p></div>'
    )


# --- what is below --------------------------------------------------------------------------------------------------


def needs_you() -> None:
    """What needs the owner, the groups with counts and sums; the answers are on their page."""
    if not now.owner.count:
        return
    count = t("{n} order needs you", "{n} orders need you", n=now.owner.count)
    rows, titles = [], which_shop.titles()
    groups = dashboard.attention.groups() if now.owner.count <= MOST_GROUPED else []
    for group in groups[:SHOWN_GROUPS]:
        rows.append(
            drawn.Row(
                drawn.to("/needs-you", group=group.id),
                f"{t('{n} order', '{n} orders', n=group.count)}: {ui.say(group.title)}",
                ui.by_currency(group.sums),
                shop=titles.get(group.shop, ""),
            )
        )
    more = sum(group.count for group in groups[SHOWN_GROUPS:])
    label = t("And {n} more", n=more) if more else t("Answer and mend")
    st.html(f'<h2 class="of">{escape(count)} {drawn.link("/needs-you", label)}</h2>')
    with st.container(key="overview_groups"):
        drawn.rows(rows, alt=count)


def last_transfer() -> None:
    """The newest transfer, or the one that stopped until it is seen to."""
    record = minute.stopped or minute.latest
    if record is not None and record.is_over:
        transfer_card.draw(record)


def offer_automatic() -> None:
    """Running by itself, once a transfer by hand went well."""
    if not dashboard.day.offers_automatic(minute.latest):
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="offer"):
        asked = escape(t("Your first transfer went well. Shall it run by itself?"))
        st.html(f'<p class="offer">{asked} {drawn.link("/automatic", t("See Automatic"), "button")}</p>')
        st.button(t("Not now"), key="no_automatic", on_click=dashboard.day.decline_automatic)


def tiles() -> None:
    """The numbers, each a link to its orders; the month by both of its days."""
    month = month_of(now.first_of_month)
    days = {"done_from": now.first_of_month.isoformat(), "done_to": now.today.isoformat()}
    drawn_tiles = [
        tile(t("Waiting"), now.waiting, "/orders?view=waiting"),
        tile(t("Needs you"), now.owner, "/needs-you"),
        tile(
            t("Transferred in {month} (whatever the order's date)", month=month),
            now.month,
            drawn.to("/orders", view="done", **days),
            documents=True,
        ),
        tile(
            t("Booked with a date in {month} (as in the reconciliation)", month=month),
            now.month_by_date,
            "/reconciliation",
            documents=True,
        ),
    ]
    recent = t("{n} order transferred", "{n} orders transferred", n=now.recent.count)
    new = t("{n} new order fetched", "{n} new orders fetched", n=now.fetched)
    since = drawn.to("/orders", view="done", done_from=now.yesterday.isoformat(), done_to=now.today.isoformat())
    if now.recent.count:
        recent = drawn.link(since, recent)
    by_shop = which_shop.transferred(t("Transferred in {month}", month=month), days)
    st.html(
        f'<div class="tiles">{"".join(drawn_tiles)}</div>'
        f'<p class="quiet">{escape(t("Since yesterday"))}: {recent}, {escape(new)}</p>{by_shop}'
    )


def tile(name: str, found: Tile, address: str, *, documents: bool = False) -> str:
    """A number with what it comes to, as one link; nothing is a tick and no invitation."""
    if not found.count:
        tick = "" if documents else '<span aria-hidden="true">✓</span> '
        return f'<div class="tile"><span>{escape(name)}</span><b>{tick}{escape(t("none"))}</b></div>'
    count = transfer_card.documents(found.invoices, found.credit_notes) if documents else ui.number(found.count)
    value, below = (ui.by_currency(found.sums), count) if documents else (count, ui.by_currency(found.sums))
    return (
        f'<a class="go tile" href="{escape(address)}"><span>{escape(name)}</span><b>{escape(value)}</b>'
        f"<small>{escape(below)}</small></a>"
    )


def money() -> None:
    """The month's way to the bank, and what the booking account holds of it."""
    left, right = st.columns(2, gap="medium")
    with left:
        if now.payout.sold.ore > 0:
            head = t("What reaches the bank of {month}", month=month_of(now.first_of_month))
            st.html(f'<h2 class="of">{escape(head)}</h2>')
            fee_bar.draw(now.payout)
        else:
            st.html(f'<h2 class="of">{escape(t("What reaches the bank"))}</h2>')
            fee_bar.example()
    balance = dashboard.balance.latest()
    if balance is not None or (now.deposit is not None and now.deposit.ore):
        with right:
            st.html(account(balance, now.deposit or Money(0)))


def account(balance: Balance | None, registered: Money) -> str:
    """The booking account: the proof in a sentence, and of what the balance is made. Before Dinero was asked, what was
    registered, and the way to the payouts."""
    head = f"{chosen.booking_account} {chosen.booking_account_name}"
    if balance is None:
        parts = [(t("Registered from here"), registered.ore, "blue")]
        told = t(
            "Read your acquirer's payouts, and what was paid out and what the fees were is booked and shown here: the "
            "account is explained to the øre."
        )
        way = drawn.link("/payouts", t("Read payouts"))
        if dashboard.payouts.count():
            told = t("Once the payouts are booked, it is shown here what the account consists of, to the øre.")
            way = drawn.link("/payouts", t("Payouts"))
    else:
        parts = [
            (ui.say(ROW_NAMES[kind]), ore, "blue" if kind in WAITING_KINDS else "orange")
            for kind, (_, ore) in balance.sums().items()
        ]
        if balance.unexplained_ore:
            parts.append((t("Unexplained"), balance.unexplained_ore, "red"))
        told = f"{ui.say(balance.sentence())} {t('Asked {when}.', when=ui.when_said(balance.asked_at))}"
        way = drawn.link(drawn.to("/payouts", proof="today"), t("See all of it"))
    held, ready = (dashboard.payouts.count(states=states) for states in (NEED_OWNER, (PayoutState.READY,)))
    if ready:
        label = t("{n} payout is ready to be booked", "{n} payouts are ready to be booked", n=ready)
        way += f" · {drawn.link(drawn.to('/payouts', view='ready'), label)}"
    if held:
        label = t("{n} payout needs you", "{n} payouts need you", n=held)
        way += f" · {drawn.link(drawn.to('/payouts', view='look'), label)}"
    most = max((abs(ore) for _, ore, _ in parts), default=0) or 1
    rows = "".join(
        f'<li class="step"><span>{escape(name)}</span>'
        f'<div><i class="{colour}" style="width:max(2px,{abs(ore) / most:.3%})"></i></div>'
        f"<b>{escape(ui.amount(ore))}</b></li>"
        for name, ore, colour in parts
    )
    fine = balance is not None and balance.is_explained and balance.opening is None
    mark = '<span class="green" aria-hidden="true">✓</span> ' if fine else ""
    return (
        f'<h2 class="of">{escape(head)}</h2><ul class="fall water">{rows}</ul>'
        f'<p class="quiet">{mark}{escape(told)} {way}</p>'
    )


if dashboard.set_up.is_open:
    steps.wizard()
    st.stop()
minute = dashboard.day.minute()
now = minute.overview
must_connect = any(part.remedy is Remedy.CONNECT for part in minute.connections)
sentence()
if WANTED in st.session_state:
    do_the_day()
act()
if minute.running is not None:
    running(minute.running)
ui.heartbeat()
bad = [part for part in minute.connections if part.problem is not None]
if bad:
    connections.draw(bad, primary=minute.stopped is None)
if minute.stopped is not None:
    last_transfer()
needs_you()
if minute.stopped is None:
    last_transfer()
offer_automatic()
tiles()
money()
sales_chart.draw(now)
if len(bad) < len(minute.connections):
    connections.draw([part for part in minute.connections if part not in bad])
