"""Orders: what waits and the one button that transfers what is selected; what was transferred, left out, or is not due.
The view, the search, the page and the order that is open are in the address, so Back, a reload and a link come home."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from dinero.model.clock import COPENHAGEN, copenhagen_date
from dinero.model.documents import PUSHABLE, StoredOrder
from dinero.model.errors import DashboardError
from dinero.model.health import FetchRecord
from dinero.reports.overview import GROUPS, OPEN
from pages import details, drawn, progress, selecting, transfer_card, ui
from pages.ui import t

ui.owner_only()
dashboard = ui.dashboard()
store = dashboard.store
MAX_SELECTED = 2000
PAGE_SIZE = 25
HERE = "/orders"
DAYS = ("done_from", "done_to", "day")

VIEWS = {
    "waiting": (t("Waiting"), GROUPS["waiting"]),
    "not due": (t("Not due yet"), GROUPS["not due"]),
    "done": (t("Transferred"), GROUPS["done"]),
    "ignored": (t("Left out"), GROUPS["ignored"]),
    "all": (t("All"), ()),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the owner is, as the address says it."""

    view: str
    search: str
    page: int
    order: str
    days: dict[str, str]

    def to(self, **other: str) -> str:
        """The address of a place beside this one; what is "" is left out."""
        here = {"view": self.view, "search": self.search, "page": str(self.page) if self.page > 1 else ""}
        return drawn.to(HERE, **{**here, "order": self.order, **self.days, **other})


@dataclass(frozen=True, slots=True)
class Listed:
    """The orders of a view: those of the page that is shown, and how many there are."""

    rows: list[StoredOrder]
    found: int
    filters: dict[str, Any]


# --- where we are -------------------------------------------------------------------------------------------------


def where() -> Place:
    """The place that the address names, with what it does not name as usual."""
    asked = st.query_params
    view = asked.get("view", "")
    if view == "owner":  # it has a page of its own
        kept = {name: asked[name] for name in ("search", "order") if name in asked}
        st.switch_page("attention.py", query_params=kept)
    page = asked.get("page", "")
    days = {name: asked[name] for name in DAYS if name in asked and is_day(asked[name])}
    return Place(
        view=view if view in VIEWS else "waiting",
        search=asked.get("search", "").strip(),
        page=max(int(page), 1) if page.isdecimal() and len(page) < 6 else 1,
        order=asked.get("order", ""),
        days=days,
    )


def is_day(text: str) -> bool:
    """Whether a text of the address is a day."""
    try:
        return bool(ui.day(text))
    except ValueError:
        return False


def begin_anew() -> None:
    """Another search begins at its first page."""
    st.query_params.pop("page", None)


# --- the head -----------------------------------------------------------------------------------------------------


def head() -> None:
    """The title, when the orders were fetched and what came of it, and the button that fetches them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(t("Orders"), width="content")
        record = dashboard.orders.last_fetch()
        if record is not None and record.at is not None:
            st.caption(fetched(record), width="content")
        st.space("stretch")
        pressed = st.button(
            t("Fetch orders"), key="fetch", icon=":material/refresh:", disabled=not dashboard.shop.is_connected
        )
    if pressed:
        fetch()
    elif record is not None and record.problem is not None:
        st.error(ui.say(record.problem), icon=":material/sync_problem:")


def fetched(record: FetchRecord) -> str:
    """ "Fetched at 10.41: 12 new, 1 changed"."""
    if record.at is None:
        return ""
    told = {"new": record.new, "changed": record.changed}
    if copenhagen_date(record.at) != copenhagen_date(dashboard.clock.now()):
        return t("Fetched {moment}: {new} new, {changed} changed", moment=record.at, **told)
    time = record.at.astimezone(COPENHAGEN).time().replace(second=0, microsecond=0)
    return t("Fetched at {time}: {new} new, {changed} changed", time=time, **told)


def fetch() -> None:
    """Reads the shop's orders; what came of it is kept in the store and said in the head, also when it failed."""
    with st.status(t("Fetching orders …")) as status:

        def on_page(pages: int, seen: int) -> None:
            status.update(
                label=t(
                    "Fetching orders … {n} page, {seen} orders",
                    "Fetching orders … {n} pages, {seen} orders",
                    n=pages,
                    seen=seen,
                )
            )

        try:
            dashboard.orders.fetch(on_page=on_page)
        except DashboardError as error:
            status.update(label=ui.say(error.text), state="error")
            return
    st.rerun()


def last_transfer() -> None:
    """What the last transfer did, in a line; one that stopped is shown whole, until it is seen to."""
    stopped = dashboard.transfers.needs_attention()
    if stopped is not None:
        transfer_card.draw(stopped)
    elif (latest := dashboard.transfers.latest()) is not None and latest.is_over:
        st.html(f'<p class="quiet">{transfer_card.line(latest)}</p>')


# --- the list -----------------------------------------------------------------------------------------------------


def views(place: Place) -> None:
    """The views, each with the number of its orders, and the search."""
    found = store.sums.by_state(OPEN)
    counts = {name: sum(row.n for row in found if row.state in states) for name, (_, states) in VIEWS.items()}
    counts["all"] = store.orders.count()
    counts["done"] = counts["all"] - sum(row.n for row in found)
    links = []
    for name, (title, _) in VIEWS.items():
        to = escape(drawn.to(HERE, view=name, search=place.search))
        current = ' aria-current="page"' if name == place.view else ""
        links.append(f'<a class="go" href="{to}"{current}>{escape(title)} <b>{ui.number(counts[name])}</b></a>')
    st.html(f'<nav class="views" aria-label="{t("Show")}">{"".join(links)}</nav>')
    st.text_input(
        t("Search for number, customer, e-mail, amount or invoice"),
        key="search",
        bind="query-params",
        placeholder=t("Search for number, customer, e-mail, amount or invoice"),
        label_visibility="collapsed",
        icon=":material/search:",
        on_change=begin_anew,
    )


def listed(place: Place) -> Listed:
    """The orders of the place, read from the store."""
    states: Sequence[str] = VIEWS[place.view][1]
    filters: dict[str, Any] = {"search": place.search}
    if "day" in place.days:
        filters["placed_on"] = (place.days["day"], place.days["day"])
    if place.view == "done" and {"done_from", "done_to"} <= place.days.keys():
        filters["done_on"] = (place.days["done_from"], place.days["done_to"])
        # What was transferred in some days and taken back since is not in the sums of those days.
        states = ("done",)
    filters["states"] = states
    found = store.orders.count(**filters)
    offset = (min(place.page, -(-found // PAGE_SIZE) or 1) - 1) * PAGE_SIZE
    return Listed(store.orders.list(**filters, limit=PAGE_SIZE, offset=offset), found, filters)


def days_shown(place: Place) -> None:
    """The days that the address names (a number of the overview leads here), with a way out."""
    days = place.days
    if "day" in days:
        told = t("Ordered {day}", day=ui.day(days["day"]))
    elif place.view == "done" and {"done_from", "done_to"} <= days.keys():
        told = t("Transferred from {first} to {last}", first=ui.day(days["done_from"]), last=ui.day(days["done_to"]))
    else:
        return
    out = drawn.link(place.to(page="", **dict.fromkeys(days, "")), t("All days"))
    st.html(f'<p class="quiet">{escape(told)} · {out}</p>')


def empty(place: Place) -> None:
    """A list without orders says why, and what comes next."""
    elsewhere = store.orders.count(search=place.search) if place.search else 0
    if elsewhere:
        text = t("No order here fits, but {n} other does.", "No order here fits, but {n} others do.", n=elsewhere)
        if place.view == "waiting":
            text = t(
                "No waiting order fits, but {n} other does.", "No waiting order fits, but {n} others do.", n=elsewhere
            )
        shown = drawn.link(place.to(view="all", page="", order=""), t("Show them"), "button")
        st.html(f'<div class="empty"><p>{escape(text)}</p>{shown}</div>')
    elif place.search or place.days:
        st.html(f'<div class="empty"><p>{t("No order fits the search.")}</p></div>')
    elif not store.sums.has_orders():
        told = t("They come from the webshop when you press “Fetch orders”.")
        st.html(f'<div class="empty"><h2>{t("No orders have been fetched yet.")}</h2><p>{told}</p></div>')
    elif place.view == "waiting":
        told = t("New orders are fetched with “Fetch orders”.")
        st.html(f'<div class="empty"><h2>✓ {t("No order waits for its transfer.")}</h2><p>{told}</p></div>')
    else:
        st.html(f'<div class="empty"><p>{t("There are no orders here.")}</p></div>')


def draw_list(place: Place) -> list[StoredOrder]:
    """The list with its views, search and pages; returns the orders that are selected, read anew from the store."""
    views(place)
    days_shown(place)
    shown = listed(place)
    if not shown.rows:
        empty(place)
        return []
    selected = tick_list(place, shown) if place.view == "waiting" else []
    with st.container(key="row_list" if place.view == "waiting" else "rows"):
        rows = [line(place, row) for row in shown.rows]
        drawn.rows(rows, alt=t("Orders"), opened=place.to(order=place.order) if place.order else "")
    pages(place, shown.found)
    return selected


def line(place: Place, row: StoredOrder) -> drawn.Row:
    """An order as a row: what a view's orders have in common is not said of each."""
    credit = details.credited_number(row) if row.is_credit else ""
    of = t("credit note of order {number}", number=credit) if credit else t("credit note") if row.is_credit else ""
    state, when, out, note = "", ui.day(row.placed_on), None, ui.row_reasons(row)
    if place.view == "waiting":
        state, note = (
            "" if row.state == "waiting" else row.state,
            " · ".join(p for p in (row.payment_method, note) if p),
        )
    elif place.view == "done":
        state = "" if row.state == "done" and not row.change else ui.state_of(row)
        when = t("transferred {day}", day=ui.day(row.done_on)) if row.done_on else when
        if row.guid and row.invoice_number:
            name = t("Credit note {number}", number=row.invoice_number)
            name = name if row.is_credit else t("Invoice {number}", number=row.invoice_number)
            out = (dashboard.connection.invoice_pages() + row.guid, name)
    elif place.view == "all":
        state = ui.state_of(row)
    return drawn.Row(
        place.to(order=row.id),
        f"{row.number or row.id} {row.customer}".strip(),
        amount=ui.amount(row.total_ore, row.currency),
        state=state,
        when=when,
        note=" · ".join(part for part in (of, note) if part),
        out=out,
    )


def pages(place: Place, found: int) -> None:
    """The pages of a list as links, and what the list holds in all."""
    count = -(-found // PAGE_SIZE)
    told = t("{n} order", "{n} orders", n=found)
    if count < 2:
        st.html(f'<p class="pages quiet">{told}</p>')
        return
    now = min(place.page, count)
    near = sorted({1, count, *range(max(1, now - 2), min(count, now + 2) + 1)})
    links = []
    for before, page in zip([0, *near], near, strict=False):
        gap = "<span>…</span>" if page - before > 1 else ""
        current = ' aria-current="page"' if page == now else ""
        to = escape(place.to(page=str(page) if page > 1 else "", order=""))
        links.append(f'{gap}<a class="go" href="{to}"{current}>{ui.number(page)}</a>')
    st.html(f'<nav class="pages" aria-label="{t("Pages of the list")}">{"".join(links)}<span>{told}</span></nav>')


# --- what is ticked -----------------------------------------------------------------------------------------------


def tick_list(place: Place, shown: Listed) -> list[StoredOrder]:
    """The waiting orders as a table whose rows can be ticked; a click anywhere else on a row opens it beside the list.
    Returns the ticked ones. "Select all" keeps the rows ticked, and what is unticked then is left out."""
    version = st.session_state.setdefault("table_version", 0)
    label = t("Select {n} order", "Select all {n} orders", n=shown.found)
    if shown.found > MAX_SELECTED:
        label = t("Select the newest {n} of {all} orders", n=MAX_SELECTED, all=ui.number(shown.found))
    every = st.checkbox(label, key=f"all/{version}/{place.search}/{place.days}")
    # A selection is a position in this frame, so the key names everything that can move the rows: a selection never
    # points at another order (facts.md, Streamlit 1.1 C).
    rows = shown.rows
    moved = hash(tuple((row.id, row.state) for row in rows))
    opened = st.session_state.setdefault("table_opened", 0)
    base = f"orders/{version}/{place.page}/{place.search}/{moved}/{every}"
    key = f"{base}/{opened}"
    left_out: set[str] = st.session_state.setdefault(f"left_out/{version}/{place.search}/{place.days}", set())
    ticked = [n for n, row in enumerate(rows) if row.id not in left_out] if every else kept_ticks(base)
    with st.container(key="tick_list"):
        event = ui.table(
            frame_of(rows),
            {t("Amount"): ui.amount},
            currencies=[row.currency for row in rows],
            key=key,
            height=39 + 35 * len(rows),
            on_select=lambda: open_clicked(key, place, rows),
            selection_mode=["multi-row", "single-cell"],
            selection_default={"selection": {"rows": ticked}},
            alt=t("Orders"),
        )
    positions = [position for position in event.selection.rows if position < len(rows)]
    st.session_state["ticks"] = (base, positions)
    if not every:
        return [rows[position] for position in positions]
    here = {row.id for row in rows}
    left_out -= here
    left_out |= here - {rows[position].id for position in positions}
    found = store.orders.list(**shown.filters, limit=MAX_SELECTED)
    chosen = [row for row in found if row.id not in left_out]
    if shown.found > PAGE_SIZE:
        st.caption(t("{n} selected, also on other pages", n=ui.number(len(chosen))))
    return chosen


def kept_ticks(base: str) -> list[int]:
    """The rows that were ticked in this very table before it was drawn anew."""
    kept, positions = st.session_state.get("ticks", ("", []))
    return list(positions) if kept == base else []


def open_clicked(key: str, place: Place, rows: Sequence[StoredOrder]) -> None:
    """A click on a cell opens its order. The table is drawn anew after it, with its ticks, so that the same cell can be
    clicked again."""
    selection = st.session_state[key]["selection"]
    cells = selection.get("cells") or []
    if not cells or cells[0][0] >= len(rows):
        return
    st.session_state["ticks"] = (key.rpartition("/")[0], list(selection["rows"]))
    st.session_state["table_opened"] += 1
    st.query_params["order"] = rows[cells[0][0]].id


def frame_of(rows: Sequence[StoredOrder]) -> pd.DataFrame:
    """What tells waiting orders from each other; a column that says the same of all is left out."""
    orders = dashboard.orders.read(rows)
    columns = {
        t("Number"): [row.number for row in rows],
        t("Customer"): [row.customer for row in rows],
        t("Amount"): ui.amounts(row.total_ore for row in rows),
        t("State"): [ui.state_cell(row.state) for row in rows],
        t("Paid"): [
            "" if row.is_credit else details.paid_text(row, order) for row, order in zip(rows, orders, strict=True)
        ],
        t("Payment method"): [row.payment_method for row in rows],
        t("To"): [row.country or "" for row in rows],
        t("Kind"): [credit_text(row) for row in rows],
    }
    always = (t("Number"), t("Customer"), t("Amount"))
    return pd.DataFrame({name: values for name, values in columns.items() if name in always or len(set(values)) > 1})


def credit_text(row: StoredOrder) -> str:
    """Of which order a credit note is."""
    if not row.is_credit:
        return ""
    number = details.credited_number(row)
    return t("credit note of order {number}", number=number) if number else t("credit note")


# --- the order beside the list ------------------------------------------------------------------------------------


def open_order(place: Place) -> StoredOrder | None:
    """The order that the address names."""
    return next((row for row in store.orders.find(place.order) if row.id == place.order), None) if place.order else None


def draw_opened(place: Place, row: StoredOrder) -> None:
    """The order, with the way back to the list: on a phone it is alone on the page."""
    close = escape(place.to(order=""))
    st.html(
        f'<a class="go back" href="{close}"><span class="narrow">‹ {t("Orders")}</span>'
        f'<span class="wide">✕ {t("Close")}</span></a>'
    )
    details.order_details(row)


place = where()
head()
if dashboard.settings.load().missing() or not dashboard.shop.is_connected:
    st.info(t("The set-up is not complete. The steps are under Set-up."), icon=":material/tune:")
    st.page_link("setup.py", label=t("Go to the set-up"), icon=":material/arrow_forward:")
    if not store.sums.has_orders():
        st.stop()
watched = progress.WATCHING in st.session_state
running = progress.at_top()
# A short page shows what the button started and what came of it, until it is closed.
if watched and progress.WATCHING in st.session_state:
    if not st.toggle(t("Show the orders meanwhile") if running else t("Show the orders"), key="meanwhile"):
        st.stop()
elif not running:
    last_transfer()
ui.heartbeat()
opened = open_order(place)
left, right = st.columns(2, gap="medium")
with left, st.container(key="orders_list"):
    selected = draw_list(place)
if opened is not None:
    with right, st.container(key="orders_open"):
        draw_opened(place, opened)
if pushable := [row for row in selected if row.state in PUSHABLE]:
    selecting.bank(pushable)
    selecting.bar(pushable)
