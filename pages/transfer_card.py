"""The record of one transfer, as the store keeps it: the same after a reload, in another tab and after a restart."""

from collections.abc import Iterable
from html import escape

import streamlit as st

from dinero.dashboard.transfers import retry_id
from dinero.model.documents import Action, Progress
from dinero.model.transfers import TransferRecord
from pages import drawn, paper, past, ui
from pages.ui import t

dashboard = ui.dashboard
LINKED = 8  # documents that are linked one by one


def draw(record: TransferRecord, *, close: bool = False) -> None:
    """A transfer that is over: what it did, what it left, and what can be done. `close` gives it a button that puts it
    away in this tab; one that stopped stays in sight until it is dismissed."""
    stopped = record.status is Progress.STOPPED and not record.dismissed
    with st.container(border=True, key=f"transfer_{record.id}"):
        st.html(_card(record))
        if not (stopped or close):
            return
        with st.container(horizontal=True):
            if stopped:
                st.button(
                    t("Try again"),
                    type="primary",
                    icon=":material/refresh:",
                    key=f"again/{record.id}",
                    on_click=_retry,
                    args=(record.id,),
                )
            st.button(t("Close"), key=f"close/{record.id}", on_click=_close, args=(record.id,))


def line(record: TransferRecord) -> str:
    """The record in one line of HTML, with a link to the rest."""
    return f"{escape(sentence(record))} {drawn.link(address(record), t('See it'))}"


def address(record: TransferRecord) -> str:
    """Where all of its orders are."""
    return drawn.to("/history", transfer=record.id)


def sentence(record: TransferRecord) -> str:
    """ "Today at 10.42: 158 invoices, 176.726,18 kr. on 55100 Webshop salg.\""""
    if record.found_done:
        return t(
            "{when}: nothing new was booked; the order had been transferred already.",
            "{when}: nothing new was booked; all {n} orders had been transferred already.",
            n=record.orders,
            when=ui.when(record.finished_at or record.created_at),
        )
    told = [documents(record.invoices, record.credit_notes) or t("nothing was booked")]
    told += [ui.by_currency({currency: ore for currency, ore in record.sums.items() if ore})]
    what = ", ".join(part for part in told if part)
    values = {"when": ui.when(record.finished_at or record.created_at), "what": what}
    stopped = record.status is Progress.STOPPED
    if record.account is None or not record.invoices + record.credit_notes:
        return t("{when} the transfer stopped: {what}.", **values) if stopped else t("{when}: {what}.", **values)
    values["account"] = f"{record.account} {record.account_name}".strip()
    if stopped:
        return t("{when} the transfer stopped: {what} on {account}.", **values)
    return t("{when}: {what} on {account}.", **values)


def documents(invoices: int, credit_notes: int) -> str:
    """ "158 invoices and 10 credit notes", "" for none."""
    parts = [
        t("{n} invoice", "{n} invoices", n=invoices) if invoices else "",
        t("{n} credit note", "{n} credit notes", n=credit_notes) if credit_notes else "",
    ]
    told = [part for part in parts if part]
    return t("{invoices} and {credits}", invoices=told[0], credits=told[1]) if len(told) == 2 else "".join(told)


def counted(invoices: int, credit_notes: int) -> str:
    """What is about to be transferred, by kind where there are returns: "12 orders", "1 invoice and 6 credit notes"."""
    return documents(invoices, credit_notes) if credit_notes else t("{n} order", "{n} orders", n=invoices)


def _card(record: TransferRecord) -> str:
    outcomes, pushed = record.outcomes, record.action is Action.PUSH
    well = record.status is Progress.FINISHED and outcomes.all_done
    colour = "green" if well else "red" if record.status is Progress.STOPPED else "orange"
    sign = {"green": "✓", "red": "✕", "orange": "▲"}[colour]
    told = [past.duration(record)] if record.seconds is not None else []
    told += [t("By itself")] if record.actor == "automatic" else []
    told += [t("No errors")] if well else []
    why = escape(ui.reasons(record.reasons))
    parts = [
        drawn.Part(outcomes.done, "green", t("{n} transferred", n=outcomes.done) if pushed else ""),
        drawn.Part(outcomes.owner + outcomes.refused, "orange", _needs(outcomes.owner + outcomes.refused)),
        drawn.Part(outcomes.left, "pale", t("{n} not done", n=outcomes.left) if outcomes.left else ""),
    ]
    bar = "" if well else drawn.bar([part for part in parts if part.share], alt=sentence(record))
    links = [drawn.link(address(record), t("See the orders"))]
    if outcomes.owner + outcomes.refused:
        links.insert(0, drawn.link("/needs-you", t("See what needs you")))
    return (
        f'<div class="transfer"><h2><span class="{colour}">{sign}</span> {escape(sentence(record))}</h2>'
        f'{f"<p>{why}</p>" if why else ""}{bar}<p class="quiet">{escape(" · ".join(told))}</p>'
        f'<p class="links">{"".join([*links, *_in_dinero(record)])}</p></div>'
    )


def _needs(n: int) -> str:
    return t("{n} needs you", "{n} need you", n=n) if n else ""


def _in_dinero(record: TransferRecord) -> Iterable[str]:
    """The newest documents, each with its page in Dinero."""
    if not record.invoices + record.credit_notes:
        return
    rows = dashboard().store.operations.latest(record.id, limit=LINKED)
    pages = dashboard().connection.invoice_pages()
    for row in rows:
        for document in dashboard().store.documents.booked_of(row.key)[-1:]:
            yield drawn.out(pages + document.guid, paper.title(document.plan, document.invoice_number))


def _retry(operation_id: str) -> None:
    new_id = retry_id(operation_id)
    if ui.attempt(lambda: dashboard().transfers.retry(new_id, operation_id, actor="owner")):
        st.session_state["watching"] = new_id


def _close(operation_id: str) -> None:
    dashboard().transfers.dismiss(operation_id)
    st.session_state.pop("watching", None)
