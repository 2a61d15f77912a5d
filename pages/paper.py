"""An invoice or credit note as it looks, beside what it does to the books: the picture that both know."""

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from dinero.model.i18n import Text
from dinero.model.money import DKK, Money
from dinero.model.plans import InvoicePlan, Kind, PlanLine
from dinero.model.zones import ZONE_NAMES, Zone
from dinero.rules.invoices import numbered, vat_sentence
from dinero.rules.places import TERRITORIES
from dinero.rules.postings import Posting, postings
from pages import ui
from pages.ui import t


def draw(
    plan: InvoicePlan,
    *,
    number: str | None = None,
    credits: str | None = None,
    customer_known: bool | None = None,
    notes: Sequence[Text] = (),
) -> None:
    """A document as it will be sent (or was: `number`), its postings, and what the owner should know beside it.
    `credits` is the number of the invoice that it credits; `customer_known` whether Dinero has the customer already,
    None where it does not matter any more."""
    about = "".join(f"<p>{escape(text)}</p>" for text in _about(plan, notes))
    papers = _document(plan, number, credits, customer_known) + _postings(plan, booked=number is not None)
    st.html(f'<div class="papers">{papers}</div><div class="about">{about}</div>')


def title(plan: InvoicePlan, number: str | None = None) -> str:
    """What a document is called, with its number once it has one."""
    if plan.kind is Kind.CREDIT_NOTE:
        return t("Credit note {number}", number=number) if number else t("Credit note")
    return t("Invoice {number}", number=number) if number else t("Invoice")


def _document(plan: InvoicePlan, number: str | None, credits: str | None, customer_known: bool | None) -> str:
    sender = ui.dashboard().settings.load().organization_name
    known = {
        True: t("Known in Dinero"),
        False: t("New in Dinero"),
        None: "",
    }[customer_known]
    address = plan.address.splitlines() or [plan.customer.name]
    if plan.customer.name not in address:
        address.insert(0, plan.customer.name)
    told = [*address, plan.customer.email, plan.customer.vat_number, plan.customer.ean and f"EAN {plan.customer.ean}"]
    of = t("Credits invoice {number}", number=credits) if credits else ""
    head = [title(plan, number), ui.day(plan.issued_on), t("Order {number}", number=_numbered(plan)), of]
    head[0] = f"<b>{escape(head[0])}</b>"
    lines = "".join(_line(line) for line in plan.lines)
    totals = (
        f'<tr class="quiet"><td colspan="2">{escape(_vat(plan))}</td><td>{_amount(plan.vat)}</td></tr>'
        f'<tr class="total"><td colspan="2">{t("Total")}</td><td>{_amount(plan.total)}</td></tr>'
    )
    law = vat_sentence(plan.zone, plan.customer)
    comment = f'<p class="quiet">{escape(law)}</p>' if law and law in plan.comment else ""
    return (
        f'<section class="paper" aria-label="{escape(title(plan, number))}"><header><div>{_rows([sender])}</div>'
        f"<div>{'<br>'.join([head[0], *(escape(text) for text in head[1:] if text)])}</div></header>"
        f'<div class="to">{_rows(told)}{f"<br><small>{escape(known)}</small>" if known else ""}</div>'
        f"<table><thead><tr><th>{t('Text')}</th><th>{t('Quantity')}</th><th>{t('Amount')}</th></tr></thead>"
        f"<tbody>{lines}</tbody><tfoot>{totals}</tfoot></table>{comment}</section>"
    )


def _numbered(plan: InvoicePlan) -> str:
    """The order's number with its shop, as the document itself has it."""
    return numbered(plan.number, ui.dashboard().settings.load().of_shop(plan.shop).shop_label)


def _rows(texts: Iterable[str]) -> str:
    return "<br>".join(escape(text) for text in texts if text)


def _line(line: PlanLine) -> str:
    return f"<tr><td>{escape(line.text)}</td><td>{line.quantity}</td><td>{_amount(line.amount)}</td></tr>"


def _vat(plan: InvoicePlan) -> str:
    """The VAT of a document in words: the usual one without the name of its zone."""
    if all(line.vat_code == "U25" for line in plan.lines):
        return t("Of which Danish VAT, 25 %")
    return t("Of which VAT ({zone})", zone=ui.say(ZONE_NAMES[Zone(plan.zone)]))


def _postings(plan: InvoicePlan, *, booked: bool) -> str:
    heading = t("How it was booked") if booked else t("How it will be booked")
    found = postings(plan)
    document = posting_rows(posting for posting in found if not posting.of_payment)
    paid = posting_rows(posting for posting in found if posting.of_payment)
    name = t("The refund") if plan.kind is Kind.CREDIT_NOTE else t("The payment")
    on = f", {ui.day(plan.payment.on)}" if plan.payment else ""
    payment = f'<tbody><tr class="part"><td colspan="3">{escape(name + on)}</td></tr>{paid}</tbody>' if paid else ""
    foreign = ""
    if plan.total.currency != DKK:
        told = t("In {currency}. The kroner are computed by Dinero.", currency=plan.total.currency)
        foreign = f'<p class="quiet">{told}</p>'
    return posting_table(heading, f"<tbody>{document}</tbody>{payment}", foreign)


def posting_table(heading: str, bodies: str, below: str = "") -> str:
    """Postings in HTML: `bodies` are tbody elements of `posting_rows`."""
    return (
        f'<section class="postings"><table><caption>{escape(heading)}</caption><thead><tr><th>{t("Account")}</th>'
        f"<th>{t('Debit')}</th><th>{t('Credit')}</th></tr></thead>{bodies}</table>{below}</section>"
    )


def posting_rows(found: Iterable[Posting]) -> str:
    """Postings as rows, debit beside credit."""
    return "".join(map(_posting, found))


def _posting(posting: Posting) -> str:
    name = posting.name if isinstance(posting.name, str) else ui.say(posting.name)
    account = f"{posting.account or ''} {name}".strip()
    code = f" <small>{escape(posting.vat_code)}</small>" if posting.vat_code not in ("", "none") else ""
    return (
        f"<tr><td>{escape(account)}{code}</td><td>{_amount(posting.debit)}</td><td>{_amount(posting.credit)}</td></tr>"
    )


def _amount(amount: Money | None) -> str:
    return escape(ui.amount(amount.ore, amount.currency)) if amount is not None else ""


def _about(plan: InvoicePlan, notes: Sequence[Text]) -> Iterable[str]:
    """What is to be known beside a document, a sentence each."""
    payment = plan.payment
    if plan.e_invoice:
        yield t(
            "To be paid within {days} days. The invoice is sent electronically to EAN {ean}.",
            days=plan.days,
            ean=plan.customer.ean,
        )
    elif plan.days is not None:
        yield t("To be paid within {days} days. No payment is registered from here.", days=plan.days)
    elif payment is None:
        yield t("No payment is registered from here.")
    elif plan.kind is Kind.CREDIT_NOTE:
        yield t("Remember to refund the customer at your payment provider, if you have not done it.")
    elif payment.amount.currency != DKK:
        yield t(
            "Its value in kroner is Dinero's own; the difference to what the bank pays out comes with the payout "
            "(account 1445)."
        )
    if plan.customer.country in TERRITORIES:
        yield ui.say(TERRITORIES[plan.customer.country].reason)
    yield from (ui.say(note) for note in notes)
