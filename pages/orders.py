"""Orders: what waits and the one button that transfers what is selected; what was transferred, left out, or is not due.
The view, the search, the page and the order that is open are in the address, so Back, a reload and a link come home."""

from html import escape

import streamlit as st

from dinero.model.documents import PUSHABLE, StoredOrder
from dinero.model.errors import DashboardError, StorageFailed
from dinero.model.health import DINERO, Remedy, shop_connection
from dinero.reports.overview import OPEN
from pages import details, drawn, fetches, progress, selecting, steps, ticking, transfer_card, ui, which_shop
from pages.place import HERE, PAGE_SIZE, STATES, Place, listed, name_of, where
from pages.ui import t

ui.owner_only()
dashboard = ui.dashboard()
store = dashboard.store


def begin_anew() -> None:
    """Another search begins at its first page."""
    st.query_params.pop("page", None)


# --- the head -----------------------------------------------------------------------------------------------------


def head() -> None:
    """The title, when the orders were fetched and what came of it, and the button that fetches them."""
    with st.container(key="orders_head", horizontal=True, vertical_alignment="center"):
        st.title(t("Orders"), width="content")
        record = dashboard.orders.last_fetch()
        if record is not None and record.at is not None:
            st.caption(fetches.told(record), width="content")
        elif titles := fetches.never():
            st.caption(t("Not fetched yet: {names}", names=", ".join(titles)), width="content")
        st.space("stretch")
        pressed = st.button(
            t("Fetch orders"),
            key="fetch",
            type=ui.kind(not store.sums.has_orders()),
            icon=":material/refresh:",
            disabled=not dashboard.shops.is_connected,
        )
    if pressed:
        fetch()
    else:
        for shop, text in fetches.failed().items():
            st.error(text, icon=":material/sync_problem:")
            way_out(shop_connection(shop))
    dinero = dashboard.health.of(DINERO)
    # What stopped says why itself, and the frame says that a connection has ended.
    told = dashboard.connection.has_ended or dashboard.transfers.needs_attention() is not None
    if dinero.problem is not None and not told:
        st.error(ui.say(dinero.problem), icon=":material/sync_problem:")
        way_out(DINERO)


def way_out(name: str) -> None:
    """The way to where a connection is mended, when that is for the owner to do."""
    if dashboard.health.of(name).remedy in (Remedy.CONNECT, Remedy.PRO, Remedy.RIGHT):
        st.html(drawn.link("/setup", t("Go to the set-up"), "button"))


def fetch() -> None:
    """Reads the shop's orders; what came of it is kept in the store and said in the head, also when it failed."""
    told = t("Fetching orders …")
    with st.status(told) as status:
        try:
            dashboard.orders.fetch(on_page=ui.page_by_page(status, told))
        except StorageFailed as error:
            status.update(label=ui.say(error.text), state="error")
            return
        except DashboardError:
            pass  # it is kept, and said in the head
    st.rerun()


def last_transfer() -> None:
    """What the last transfer did, in a line; one that stopped is shown whole, until it is seen to."""
    stopped = dashboard.transfers.needs_attention()
    if stopped is not None:
        transfer_card.draw(stopped)
    elif (latest := dashboard.transfers.latest()) is not None and latest.is_over:
        st.html(f'<p class="quiet">{transfer_card.line(latest)}</p>')


# --- the list -----------------------------------------------------------------------------------------------------


def views(place: Place) -> int:
    """The views, each with the number of its orders, and the search; returns the number of the one that is shown."""
    found = store.sums.by_state(OPEN, shop=place.shop)
    counts = {name: sum(row.n for row in found if row.state in states) for name, states in STATES.items()}
    counts["all"] = store.orders.count(shop=place.shop)
    counts["done"] = counts["all"] - sum(row.n for row in found)
    links = []
    for name in STATES:
        to = escape(drawn.to(HERE, view=name, search=place.search, shop=place.shop))
        current = ' aria-current="page"' if name == place.view else ""
        links.append(f'<a class="go" href="{to}"{current}>{escape(name_of(name))} <b>{ui.number(counts[name])}</b></a>')
    st.html(f'<nav class="views" aria-label="{t("Show")}">{"".join(links)}</nav>')
    which_shop.links(lambda shop: place.to(shop=shop, page="", order=""), place.shop)
    st.text_input(
        t("Search for number, customer, e-mail, amount or invoice"),
        key="search",
        bind="query-params",
        placeholder=t("Search for number, customer, e-mail, amount or invoice"),
        label_visibility="collapsed",
        icon=":material/search:",
        on_change=begin_anew,
    )
    return counts[place.view]


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
    shop = place.shop if place.search and store.orders.count(search=place.search, shop=place.shop) else ""
    elsewhere = store.orders.count(search=place.search, shop=shop) if place.search else 0
    if elsewhere:
        text = t("No order here fits, but {n} other does.", "No order here fits, but {n} others do.", n=elsewhere)
        if place.view == "waiting":
            text = t(
                "No waiting order fits, but {n} other does.", "No waiting order fits, but {n} others do.", n=elsewhere
            )
        shown = drawn.link(place.to(view="all", page="", order="", shop=shop), t("Show them"), "button")
        st.html(f'<div class="empty"><p>{escape(text)}</p>{shown}</div>')
    elif place.search or place.days:
        every = place.to(search="", page="", order="", **dict.fromkeys(place.days, ""))
        way_out = drawn.link(every, t("Show all"), "button")
        st.html(f'<div class="empty"><p>{t("No order fits the search.")}</p>{way_out}</div>')
    elif not store.sums.has_orders():
        told = t("They come from the webshop when you press “Fetch orders”.")
        st.html(f'<div class="empty"><h2>{t("No orders have been fetched yet.")}</h2><p>{told}</p></div>')
    elif (title := which_shop.titles().get(place.shop, "")) in fetches.never():
        head = t("The orders of {webshop} have not been fetched yet.", webshop=title)
        told = t("They come from the webshop when you press “Fetch orders”.")
        st.html(f'<div class="empty"><h2>{escape(head)}</h2><p>{told}</p></div>')
    elif place.view == "waiting" and place.shop in which_shop.paused():
        told = t("Nothing is fetched, and nothing new is transferred. What was begun is ended.")
        st.html(f'<div class="empty">{which_shop.paused_line()}<p>{escape(told)}</p></div>')
    elif place.view == "waiting" and not place.shop:
        told = t("New orders are fetched with “Fetch orders”.")
        st.html(f'<div class="empty"><h2>✓ {t("No order waits for its transfer.")}</h2><p>{told}</p></div>')
    else:
        st.html(f'<div class="empty"><p>{t("There are no orders here.")}</p></div>')


def draw_list(place: Place) -> list[StoredOrder]:
    """The list with its views, search and pages; returns the orders that are selected, read anew from the store."""
    known = views(place)
    days_shown(place)
    shown = listed(place, known)
    if not shown.rows:
        empty(place)
        return []
    selected = ticking.tick_list(place, shown) if place.view == "waiting" else []
    with st.container(key="row_list" if place.view == "waiting" else "rows"):
        titles = which_shop.titles_in(place.shop)
        rows = [line(place, row, titles.get(row.shop, "")) for row in shown.rows]
        drawn.rows(rows, alt=t("Orders"), opened=place.to(order=place.order) if place.order else "")
    pages(place, shown.found)
    return selected


def line(place: Place, row: StoredOrder, shop: str = "") -> drawn.Row:
    """An order as a row: what a view's orders have in common is not said of each, nor the shop where it is one's."""
    state, mark, out = "", "", ""
    when, note = ui.day(row.placed_on), ui.row_reasons(row)
    if place.view == "waiting":
        state, mark = "" if row.state == "waiting" else row.state, row.way_to_pay
    elif place.view == "done":
        state = "" if row.state == "done" and not row.change else ui.state_of(row)
        when = t("transferred {day}", day=ui.day(row.done_on)) if row.done_on else when
        if row.guid and row.invoice_number:
            mark = t("Invoice {number}", number=row.invoice_number)
            mark = t("Credit note {number}", number=row.invoice_number) if row.is_credit else mark
            out = dashboard.connection.invoice_pages() + row.guid
    elif place.view == "all":
        state = ui.state_of(row)
    return drawn.Row(
        place.to(order=row.key.address),
        " · ".join(part for part in (row.number or row.id, row.customer) if part),
        amount=ui.amount(row.total_ore, row.currency),
        state=state,
        when=when,
        note=" · ".join(part for part in (details.credit_text(row), note) if part),
        mark=mark,
        out=out,
        shop=shop,
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


# --- the order beside the list ------------------------------------------------------------------------------------


def open_order(place: Place) -> StoredOrder | None:
    """The order that the address names."""
    return store.orders.with_id(place.order) if place.order else None


def draw_opened(place: Place, row: StoredOrder, *, primary: bool) -> None:
    """The order, with the way back to the list: on a phone it is alone on the page. A page has one `primary` button."""
    close = escape(place.to(order=""))
    st.html(
        f'<a class="go back" href="{close}"><span class="narrow">‹ {t("Orders")}</span>'
        f'<span class="wide">✕ {t("Close")}</span></a>'
    )
    details.order_details(row, primary=primary)


place = where()
head()
# A place of its own, whether something runs or not: what stands below keeps its place.
with st.container(key="top"):
    if dashboard.settings.load().missing() or not dashboard.shops.is_connected:
        steps.hint()
        if not store.sums.has_orders():
            st.stop()
    watched = progress.WATCHING in st.session_state
    running = progress.at_top()
    # While it runs, a short page shows what the button started.
    if running and watched:
        if not st.toggle(t("Show the orders meanwhile"), key="meanwhile"):
            st.stop()
    elif not running and progress.WATCHING not in st.session_state:
        last_transfer()
    ui.heartbeat()
opened = open_order(place)
if place.order and opened is None:
    st.html(f'<p class="quiet">{escape(t("This order is not known here."))}</p>')
left, right = st.columns(2, gap="medium")
with left, st.container(key="orders_list"):
    selected = draw_list(place)
if opened is not None:
    with right, st.container(key="orders_open"):
        draw_opened(place, opened, primary=not selected)
if pushable := [row for row in selected if row.state in PUSHABLE]:
    selecting.bar(pushable)
