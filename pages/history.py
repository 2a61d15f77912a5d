"""History: the last 90 days at a glance, each transfer as it was, the way of one order, and every event."""

from datetime import date
from html import escape

import streamlit as st

from dinero.dashboard.transfers import retry_id
from dinero.model.documents import OperationOrder, StoredOrder
from dinero.model.money import DKK
from dinero.model.plans import Kind
from dinero.model.transfers import TransferRecord
from dinero.signin.sessions import OWNER
from pages import drawn, events, past, ui, which_shop
from pages.ui import t

dashboard = ui.dashboard()
LISTED = 25


def here(**query: str) -> str:
    """An address on this page, on the day and in the transfer that are chosen."""
    return drawn.to("/history", **{name: st.query_params.get(name, "") for name in ("day", "shop", "transfer")} | query)


def chosen_day() -> date | None:
    """The day that the address names; None for none, or what is no day."""
    try:
        return date.fromisoformat(st.query_params.get("day", ""))
    except ValueError:
        return None


def everything(day: date | None) -> None:
    """The strip, the transfers (of a day, where one is chosen), that day's orders, and the whole history."""
    st.html(past.strip(dashboard.past.strip(), day))
    if day is not None:
        st.html(past.day_head(dashboard.past.day(day)))
    shop = which_shop.chosen()
    which_shop.links(lambda name: drawn.to("/history", day=str(day or ""), shop=name), shop)
    transfers(day, shop)
    if day is not None:
        orders_of(day, shop)
    events.log(day, shop)


def transfers(day: date | None, shop: str) -> None:
    """Transfers as rows, newest first."""
    page = drawn.page_of("page")
    found = dashboard.past.transfers(day, shop=shop, limit=LISTED + 1, offset=(page - 1) * LISTED)
    if found:
        st.subheader(t("Transfers"))
        st.html(past.transfers(found[:LISTED], day, shop))
    elif day is not None:
        st.caption(t("No transfer was started that day."))
    elif shop:
        st.caption(t("Nothing of this webshop is transferred yet."))
    else:
        st.subheader(t("Nothing is transferred yet"))
        st.markdown(t("Here each transfer stands with its orders, its sum and what became of it."))
        if ui.role() == OWNER:
            st.html(drawn.link("/orders", t("See the orders that wait"), "button primary"))
    events.turn("page", page, more=len(found) > LISTED)


def orders_of(day: date, shop: str) -> None:
    """The orders that the shop dates on a day."""
    page = drawn.page_of("orders_page")
    found = dashboard.past.orders(day, shop=shop, limit=LISTED + 1, offset=(page - 1) * LISTED)
    if found:
        st.subheader(t("Orders of that day"))
        titles = which_shop.titles_in(shop)
        drawn.rows((order_row(row, titles.get(row.shop, "")) for row in found[:LISTED]), alt=t("Orders of that day"))
    events.turn("orders_page", page, more=len(found) > LISTED)


def order_row(row: StoredOrder, shop: str) -> drawn.Row:
    """An order of a day: it opens its way."""
    return drawn.Row(
        here(order=row.key.address),
        f"{row.number or row.id} · {row.customer}",
        ui.amount(row.total_ore, row.currency),
        ui.state_of(row),
        t("Invoice {number}", number=row.invoice_number) if row.invoice_number and not row.is_credit else "",
        ui.row_reasons(row),
        shop=shop,
    )


def transfer(operation_id: str) -> None:
    """One transfer: what it did, what can be done about it, and its orders."""
    st.html(drawn.link(here(transfer=""), f"‹ {t('History')}"))
    record = dashboard.transfers.record(operation_id)
    if record is None:
        st.error(t("This transfer is not known here."))
        return
    st.html(transfer_head(record))
    if record.unmended and ui.role() == OWNER:
        with st.container(horizontal=True):
            st.button(
                t("Try again"),
                type="primary",
                icon=":material/refresh:",
                on_click=retry,
                args=(record.id,),
                key="retry",
            )
            st.button(t("Close"), on_click=put_away, args=(record.id,), key="dismiss")
    page = drawn.page_of("page")
    found = dashboard.past.orders_of(record.id, limit=LISTED, offset=(page - 1) * LISTED)
    if found:
        titles = which_shop.titles()
        drawn.rows((result_row(row, titles.get(row.shop, "")) for row in found), alt=t("Orders"))
    events.turn("page", page, more=page * LISTED < record.orders)


def retry(operation_id: str) -> None:
    """Asks anew for what a stopped transfer left, under an id that a second click does not change."""
    new_id = retry_id(operation_id)
    ui.attempt(lambda: dashboard.transfers.retry(new_id, operation_id, actor="owner"))
    if dashboard.transfers.record(new_id) is not None:
        st.query_params["transfer"] = new_id


def put_away(operation_id: str) -> None:
    """The owner has seen that it stopped."""
    ui.attempt(lambda: dashboard.transfers.dismiss(operation_id))


def transfer_head(record: TransferRecord) -> str:
    """What a transfer was, in HTML: when, by whom, how much on which account, how long, and why it stopped."""
    account = f"{record.account} {record.account_name}".strip() if record.account is not None else ""
    if record.other_accounts:
        account = t("{account} and others", account=account)
    documents = [
        t("{n} invoice", "{n} invoices", n=record.invoices) if record.invoices else "",
        t("{n} credit note", "{n} credit notes", n=record.credit_notes) if record.credit_notes else "",
        " ".join(
            part
            for part in (ui.by_currency(record.sums), t("on {account}", account=account) if account else "")
            if part
        ),
    ]
    aside = [past.who(record.actor), past.duration(record), t("{n} order", "{n} orders", n=record.orders)]
    note = past.transfer_note(record)
    colour = "red" if record.unmended else "quiet"
    return (
        f'<div class="transferhead"><h2>{escape(ui.when(record.created_at))}</h2>'
        f"<p>{escape(' · '.join(part for part in documents if part) or t('Nothing was booked.'))}</p>"
        f"{f'<p class={colour}>{escape(note)}</p>' if note else ''}{past.outcomes(record)}"
        f'<p class="quiet">{escape(" · ".join(part for part in aside if part))}</p></div>'
    )


def result_row(row: OperationOrder, shop: str) -> drawn.Row:
    """An order of a transfer, with its result there."""
    name = row.number or row.order_id
    return drawn.Row(
        here(order=row.key.address),
        f"{name} · {row.customer}" if row.customer else name,
        ui.amount(row.booked_ore if row.credited else row.total_ore, row.currency or DKK),
        row.result or "",
        document_name(row),
        ui.reasons(row.result_reasons),
        shop=shop,
    )


def document_name(row: OperationOrder) -> str:
    """The document that an order is in the books, "" for none."""
    if not row.invoice_number or (row.credited and not row.is_credit):  # the number is that of what was credited
        return ""
    if row.is_credit:
        return t("Credit note {number}", number=row.invoice_number)
    return t("Invoice {number}", number=row.invoice_number)


def order(address: str) -> None:
    """One order's way: what is behind it, where it stands, and everything that happened with it."""
    back = t("The transfer") if "transfer" in st.query_params else t("History")
    st.html(drawn.link(here(), f"‹ {back}"))
    found = dashboard.past.way(address)
    if found is None:
        st.error(t("This order is not known here."))
        return
    row = found.row
    title = " · ".join(
        part
        for part in (f"{t('Order')} {row.number or row.id}", row.customer, ui.amount(row.total_ore, row.currency))
        if part
    )
    shop = drawn.of_shop(which_shop.titles().get(row.shop, ""))
    st.html(
        f'<div class="orderhead"><h2>{escape(title)} {shop}</h2>{drawn.state(ui.state_of(row))}</div>{past.way(found)}'
    )
    links, linked = order_links(row)
    st.html(f'<nav class="links" aria-label="{escape(t("Order"))}">{"".join(links)}</nav>')
    if linked:
        ui.link_note()
    n = len(found.events)
    whole = st.expander(
        t("{n} event", "All {n} events", n=n), icon=":material/list:", key="order_log", on_change="rerun"
    )
    if n and whole.open:
        with whole:
            st.html(events.order_log(found.events))


def order_links(row: StoredOrder) -> tuple[list[str], bool]:
    """Where else an order is to be seen, and whether Dinero is among it."""
    pages = dashboard.connection.invoice_pages()
    documents = dashboard.store.documents.booked_of(row.key)
    links = (
        [drawn.link(drawn.to("/orders", view="all", order=row.key.address), t("See the order"))]
        if ui.role() == OWNER
        else []
    )
    for document in documents:
        number = document.invoice_number
        label = t("Invoice {number} in Dinero", number=number)
        if document.kind is Kind.CREDIT_NOTE:
            label = t("Credit note {number} in Dinero", number=number)
        links.append(drawn.out(pages + document.guid, label, "plain"))
    return links, bool(documents)


st.title(t("History"))
if "order" in st.query_params:
    order(st.query_params["order"])
elif "transfer" in st.query_params:
    transfer(st.query_params["transfer"])
else:
    everything(chosen_day())
