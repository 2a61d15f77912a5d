"""What is about to be transferred: the line above the button that can't be taken back, and the documents themselves."""

from collections.abc import Callable, Sequence
from datetime import date
from html import escape

import streamlit as st
from babel.dates import format_date

from dinero.dashboard.selection import Selection
from dinero.model.clock import copenhagen_date
from dinero.model.documents import StoredOrder
from dinero.model.money import DKK
from pages import details, fee_bar, paper, progress, transfer_card, ui
from pages.ui import t

dashboard = ui.dashboard
FIRST = 3  # documents that a second look shows


def bar(rows: Sequence[StoredOrder]) -> None:
    """The line, the documents behind it, and the button: in sight, however long the list is."""
    told = dashboard().orders.summary(rows)
    with st.bottom:
        progress.bank(rows)
    with st.bottom, st.container(key="bar", horizontal=True, vertical_alignment="center"):
        st.html(f'<p class="doing">{line(told)}</p>')
        see = st.button(t("See the invoice", "See the invoices", n=len(rows)), key="see", icon=":material/visibility:")
        if dashboard().orders.is_unusual(len(rows)):
            transfer = st.button(label(rows), type="primary", key="look", icon=":material/send:", disabled=_not_ready())
        else:
            transfer = False
            progress.push_button(label(rows), rows)
    if see:
        look_through(rows)
    elif transfer:
        second_look(rows)


def label(rows: Sequence[StoredOrder]) -> str:
    """What the button does, counted by kind: "Transfer 10 credit notes (−6.268,45 kr.)"."""
    credit_notes = sum(row.is_credit for row in rows)
    what = transfer_card.counted(len(rows) - credit_notes, credit_notes)
    return t("Transfer {what} ({total})", what=what, total=ui.sums(rows))


def line(told: Selection) -> str:
    """One line of HTML: what will be booked, for how much, for whom, and what the bank will get of it."""
    vat = ui.by_currency(told.vat)
    new = told.new_customers
    parts = [
        transfer_card.documents(told.invoices, told.credit_notes),
        ui.by_currency(told.sums),
        t("of which VAT {vat}", vat=vat) if vat else "",
        t("{n} new customer", "{n} new customers", n=new) if new else "",
        days(told),
    ]
    if told.payout.fees.ore and told.sums.get(DKK):
        parts.append(t("{amount} reaches the bank", amount=fee_bar.received_of(told.payout)))
    return " · ".join(f"<span>{escape(part)}</span>" for part in parts if part)


def days(told: Selection) -> str:
    """The dates of the documents, or of the orders where those were not planned: "dated 11. okt.–27. nov."."""
    if told.first is None or told.last is None:
        return ""
    this_year = {told.first.year, told.last.year} == {copenhagen_date(dashboard().clock.now()).year}
    first, last = (short(day) if this_year else ui.day(day) for day in (told.first, told.last))
    between = first if first == last else f"{first}–{last}"
    return t("dated {days}", days=between) if told.exact else t("ordered {days}", days=between)


def short(day: date) -> str:
    """A day of this year: "11. okt."."""
    return format_date(day, "d. MMM" if ui.language() == "da" else "d MMM", locale=ui.language())


def look_through(rows: Sequence[StoredOrder]) -> None:
    """A dialog with each document as it will be sent."""

    @st.dialog(t("This will be booked"), width="large")
    def look() -> None:
        place = 1
        if len(rows) > 1:
            place = st.pagination(len(rows), key="document")
        draw(rows[place - 1])

    look()


def second_look(rows: Sequence[StoredOrder], press: Callable[[], bool] | None = None) -> None:
    """The one dialog before the first transfer of all and before an unusually large one: the figures, the first
    documents, and the button. `press` draws another button and returns whether it was pressed."""

    @st.dialog(t("This will be booked"), width="large")
    def look() -> None:
        told = dashboard().orders.summary(rows)
        st.html(f'<p class="doing">{line(told)}</p>')
        fee_bar.draw(told.payout, ask=False)
        progress.bank(rows)
        st.caption(t("What is booked can't be deleted, only credited."))
        if press() if press is not None else progress.push_button(label(rows), rows):
            st.rerun()
        for row in rows[:FIRST]:
            draw(row)
        if len(rows) > FIRST:
            st.caption(t("The first {n} of {all} are shown.", n=FIRST, all=ui.number(len(rows))))

    look()


def draw(row: StoredOrder) -> None:
    """One order's document, by the function that sends it."""
    (seen,) = dashboard().orders.previews([row])
    if seen.plan is None:
        ui.findings(seen.findings)
    else:
        paper.draw(seen.plan, credits=details.credited(seen.plan), customer_known=seen.customer_known, notes=seen.notes)


def _not_ready() -> bool:
    return bool(dashboard().settings.load().missing())
