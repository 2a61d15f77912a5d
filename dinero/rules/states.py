"""The one state that an order without a document is in, with its reasons (facts.md, rule 10)."""

from datetime import date

from dinero.model.clock import copenhagen_date
from dinero.model.consultation import Consultation
from dinero.model.documents import UNDER_WAY, State
from dinero.model.findings import Choice, Finding, Question, told_of
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.orders import Order
from dinero.model.settings import Settings
from dinero.model.shops import ShopState
from dinero.model.words import plain, status_of
from dinero.rules.checks import check_order
from dinero.rules.credit_checks import LEFT_OUT_TOO, SAME_RETURN, check_credit
from dinero.rules.evidence import check_vies
from dinero.rules.interpreting import as_answered
from dinero.rules.originals import Original, takes_all
from dinero.rules.payments import has_terms, proves_money
from dinero.rules.questions import SALE_OR_CREDIT, payment_rule
from dinero.rules.sale_checks import EVENS_OUT

ON_THE_WAY = (State.WAITING, State.NOT_DUE, State.HELD, *UNDER_WAY, State.REFUSED)


def assess(
    order: Order,
    settings: Settings,
    *,
    ignored_reason: str | None = None,
    original: Original | None = None,
    suspect: str = "",
    rebook: bool = False,
    gone: bool = False,
    credited: Money | None = None,
    consultation: Consultation | None = None,
    checked: bool = False,
    twin: str = "",
) -> tuple[State, list[Finding]]:
    """The state of an order that has no document yet, with its reasons (facts.md, rule 10).

    `ignored_reason` is what the owner wrote when leaving the order out; `original` is the order that a credit note
    credits; `suspect` names a document in Dinero that may be this order's from another integration; `rebook` says that
    the order was booked from here before, so that nobody else has it; `gone` that the shop no longer has it;
    `credited` is what the shop's own credit notes take back of it; `consultation` is what VIES said last of its number;
    `checked` says that the check of older orders has looked for it in Dinero, without which no order of a period that
    was let in goes; `twin` is what the owner calls the shop from which the very same order goes.
    """
    if ignored_reason is not None:
        return State.IGNORED, [Finding("owner", Text("You left this order out: {reason}", reason=ignored_reason))]
    if settings.shop_state is ShopState.REMOVED:
        return State.IGNORED, [
            Finding("shop_removed", Text("The shop {shop} was removed here.", shop=settings.shop_title))
        ]
    if settings.shop_state is ShopState.PAUSED:
        return State.NOT_DUE, [Finding("shop_paused", Text("The shop {shop} is paused.", shop=settings.shop_title))]
    if settings.missing():
        return State.HELD, [Finding("set_up", Text("The set-up is not complete."), Text("Complete the set-up."))]
    if twin and not rebook:
        return State.HELD, [_same_in_other_shop(twin)]
    if not rebook and before_take_over(order, settings) and (original is None or original.plan is None):
        theirs = straddles(order, settings) and STRADDLING.answer(settings.rules) == "theirs"
        if theirs or not is_let_in(order, settings):
            return State.IGNORED, [_before_take_over(order, settings)]
        if not checked:
            return State.HELD, [NOT_CHECKED]
    order = as_answered(order, settings.rules)
    already = []
    if suspect and ALREADY_THERE.answer(settings.rules) is None:
        text = Text("Dinero has {document}, which may be this order's.", document=suspect)
        already = [Finding("already_in_dinero", text, question=ALREADY_THERE)]
    if order.is_credit:
        return _assess_credit(order, settings, original, already, gone=gone)
    if (
        order.may_credit
        and not order.paid
        and not order.cancelled
        and sale_or_credit(order).answer(settings.rules) is None
    ):
        text = Text(
            "The order names order {order} as credited, but its total of {total} is not below zero.",
            order=order.may_credit,
            total=order.total,
        )
        return State.HELD, [*already, Finding(SALE_OR_CREDIT, text, question=sale_or_credit(order))]
    if order.cancelled and not order.paid:
        cancelled = Finding("cancelled", Text("The order was cancelled in the shop and never paid."))
        return (State.HELD, [*already, cancelled]) if already else (State.IGNORED, [cancelled])
    if EVENS_OUT.answer(settings.rules) == "leave_out" and takes_all(credited, order.total) and not already:
        text = Text("The order and its credit note in the shop come to 0, and you left both out.")
        return State.IGNORED, [Finding("evens_out", text)]
    early, asked = _due(order, settings)
    if early is not None:
        return (State.HELD, [*already, *early[1]]) if already else early
    findings = _evened_out(order, check_order(order, settings), credited) + asked + already
    if gone and GONE.answer(settings.rules) is None:
        findings.append(Finding("gone", Text("The order is no longer in the shop."), question=GONE))
    if not findings or consultation is not None:  # VIES is asked when nothing else is in the way
        findings += told_of(check_vies(order, settings, consultation), settings.shop_title)
    return (State.HELD, findings) if findings else (State.WAITING, [])


NOT_CHECKED = Finding(
    "not_checked",
    Text("The order's period was taken in, but the order is not checked yet: Dinero may have it already."),
    Text("Check its period again under Older orders. It may go when the check has not found it in Dinero."),
)


def _same_in_other_shop(webshop: str) -> Finding:
    text = Text("{webshop} has the very same order, which is transferred from there.", webshop=webshop)
    return Finding(
        "same_in_other_shop",
        text,
        Text("If both are the same webshop, remove one of them under Set-up. Otherwise enter the order by hand."),
    )


def _before_take_over(order: Order, settings: Settings) -> Finding:
    """Why an order is left to what was used before; where its moment came after the take-over, with the question."""
    text = Text("The order is from before the start that you chose, and is left alone.")
    if not straddles(order, settings):
        return Finding("before_take_over", text)
    text = Text(
        "The order is from {date}, before the start that you chose, and is left alone, though it was paid or "
        "sent after it: the order's date decides.",
        date=order.placed_on,
    )
    if STRADDLING.answer(settings.rules) is not None:
        return Finding("before_take_over", text)
    return Finding("before_take_over", text, question=STRADDLING)


def _assess_credit(
    order: Order, settings: Settings, original: Original | None, already: list[Finding], *, gone: bool
) -> tuple[State, list[Finding]]:
    rules = settings.rules
    if original is not None and original.plan is None:
        number = original.number or original.order_id
        if original.state in ON_THE_WAY:
            text = Text("The credit note waits until order {order} is transferred.", order=number)
            return State.NOT_DUE, [Finding("waits_for_order", text)]
        back = Money(abs(order.total.ore), order.currency) if order.total is not None else None
        evens = takes_all(back, original.order_total) or takes_all(original.credited, original.order_total)
        same_money = original.order_total is not None and original.order_total.currency == order.currency
        if original.is_none and same_money:
            text = Text(
                "Order {order}, which it credits, is no sale and left out: neither is booked from here.", order=number
            )
            return State.IGNORED, [Finding("credit_left_out", text)]
        if original.left_out and ((evens and original.cancelled) or LEFT_OUT_TOO.answer(rules) == "leave_out"):
            text = Text("Order {order}, which it credits, was left out: neither is booked from here.", order=number)
            return State.IGNORED, [Finding("credit_left_out", text)]
    findings = check_credit(order, settings, original) + already
    codes = {finding.code for finding in findings}
    if "already_taken_back" in codes and SAME_RETURN.answer(rules) == "same":
        text = Text("It is the return that you took back from here already.")
        return State.IGNORED, [Finding("same_return", text)]
    if gone and GONE.answer(rules) is None:
        findings.append(Finding("gone", Text("The order is no longer in the shop."), question=GONE))
    return (State.HELD, findings) if findings else (State.WAITING, [])


_TAKEN_BACK = ("cancelled_paid", "withdrawn_paid", "status_refunded", "status_returned", "refunded_in_shop")


def _evened_out(order: Order, findings: list[Finding], credited: Money | None) -> list[Finding]:
    """One question instead of what is said of an order that was cancelled and credited in full in the shop."""
    if not takes_all(credited, order.total) or not any(finding.code in _TAKEN_BACK for finding in findings):
        return findings
    text = Text(
        "The order was taken back in the shop, and its credit note of {credited} takes back all of it.",
        credited=credited,
    )
    return [Finding("evens_out", text, question=EVENS_OUT)]


def sale_or_credit(order: Order) -> Question:
    """What an order is that is positive, unpaid and names another as credited."""
    return Question(
        SALE_OR_CREDIT,
        Text(
            "A credit note takes income and VAT back, and a sale adds them. Shops mostly tell credit notes with "
            "amounts below zero; a copy, a renewal or an exchange names another order too."
        ),
        (
            Choice("credit", Text("It is a credit note of order {order}", order=order.may_credit)),
            Choice("sale", Text("It is a sale: it waits for its payment like others")),
        ),
        can_be_rule=False,
    )


GONE = Question(
    "gone",
    Text(
        "All orders of the shop were read, and this one was not among them: it was deleted, or the shop no "
        "longer lists it. A deleted sale is no sale: leave it out, and write why."
    ),
    (Choice("book", Text("It is a sale all the same: book it")),),
    can_be_rule=False,
)
STRADDLING = Question(
    "straddling",
    Text(
        "The order's date decides, unless you say otherwise. What you used before may have booked the order when "
        "it was paid or sent. If it was switched off by then, nobody has it."
    ),
    (
        Choice("theirs", Text("What I used before has such orders: leave them out here")),
        Choice("ours", Text("It was switched off by then: transfer such orders from here")),
    ),
)


ALREADY_THERE = Question(
    "already_in_dinero",
    Text(
        "If another integration or somebody by hand booked this order, a transfer would book the sale twice. Look at "
        "the document in Dinero; leave the order out here if it is the same sale."
    ),
    (Choice("another", Text("It is another sale: transfer this order")),),
    can_be_rule=False,
)


def _due(order: Order, settings: Settings) -> tuple[tuple[State, list[Finding]] | None, list[Finding]]:
    """The state of an order whose moment has not come, or the questions about its payment.

    The paid mark counts as money only where the payment method proves it; an invoice with terms is made when the
    goods are sent, because it would never become paid by itself (facts.md, Shoporama 5).
    """
    if status_of(order.status) is None and settings.rules.get(f"status:{plain(order.status)}") == "wait":
        text = Text("Orders with the status “{status}” wait until it changes, as you chose.", status=order.status[:40])
        return (State.NOT_DUE, [Finding("status_waits", text)]), []
    not_sent = (State.NOT_DUE, [Finding("not_sent", Text("The order is not sent yet."))])
    not_paid = (State.NOT_DUE, [Finding("not_paid", Text("The order is not paid yet."))])
    proof = proves_money(order, settings)
    if order.paid and proof:
        return (not_sent if settings.trigger == "sent" and not order.sent else None), []
    if has_terms(order, settings):
        return (None if order.sent else not_sent), []
    doubtful = bool(order.ean_number) or proof is None
    if settings.trigger == "paid" and not order.paid and not (order.sent and doubtful):
        return not_paid, []
    if settings.trigger == "sent" and not order.sent:
        return not_sent, []
    if not order.paid and settings.rules.get(payment_rule(order)) == "money":
        return not_paid, []
    if order.ean_number:
        return None, [Finding("ean", Text("The order has an EAN number and is still to be paid."), question=EAN)]
    if order.paid:
        text = Text(
            "The order is marked as paid, but with “{method}” the money may not have come.",
            method=order.way_to_pay[:60],
        )
        if not order.way_to_pay:
            text = Text("The order is marked as paid, but does not say how, so the money may not have come.")
        return None, [Finding("paid_without_proof", text, question=_payment_question(order))]
    text = Text("The order is sent, but not paid.")
    return None, [Finding("sent_not_paid", text, question=_payment_question(order))]


EAN = Question(
    "ean",
    Text(
        "Public customers pay an electronic invoice some weeks later, so it is booked with days to pay and without a "
        "payment. Dinero can send it to the EAN number."
    ),
    (
        Choice("e_invoice", Text("Book the invoice and send it electronically to the EAN number")),
        Choice("invoice", Text("Book the invoice; I send it myself")),
    ),
)


def _payment_question(order: Order) -> Question:
    return Question(
        payment_rule(order),
        Text(
            "With card and MobilePay the paid mark means that the money has come or is reserved. With invoice, bank "
            "transfer and other ways it may only mean that somebody set it."
        ),
        (
            Choice("money", Text("Yes, the money has come or is reserved. Register the sale as paid")),
            Choice("terms", Text("No. Make an invoice with days to pay when the goods are sent")),
        ),
    )


def is_let_in(order: Order, settings: Settings) -> bool:
    """Whether the order was placed in a period of older orders that the owner let in."""
    return order.placed_on is not None and any(first <= order.placed_on <= last for first, last in settings.backfills)


def before_take_over(order: Order, settings: Settings) -> bool:
    """Whether an earlier integration has this order. An order without a date or number is not: it is held."""
    if settings.take_over_date is not None and order.placed_on is not None:
        before = order.placed_on < settings.take_over_date
        return before and not (straddles(order, settings) and settings.rules.get("straddling") == "ours")
    if settings.take_over_number is not None and order.number.isascii() and order.number.isdigit():
        return int(order.number) < settings.take_over_number
    return False


def straddles(order: Order, settings: Settings) -> bool:
    """Whether an order was placed before the take-over and came to its moment (paid or sent) after it, as far as the
    shop tells when."""
    moment = order.sent_at if settings.trigger == "sent" else order.paid_at
    first: date | None = settings.take_over_date
    if first is None or order.placed_on is None or moment is None or order.is_credit:
        return False
    return order.placed_on < first <= copenhagen_date(moment)
