"""Pure checks of a credit note in the shop, together with the invoice that it credits (facts.md, Dinero 4.24, 4.25)."""

from dataclasses import replace

from dinero.model.findings import Choice, Finding, Question, told_of
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.orders import UNKNOWN_ORDER, Order
from dinero.model.settings import Settings
from dinero.model.words import proves_payment
from dinero.model.zones import Zone
from dinero.rules.accounts import check_account
from dinero.rules.charged import vat_slack
from dinero.rules.checks import check_identity, check_kind, check_readable
from dinero.rules.credit_lines import TooLarge, UnclearVat, credit_lines, is_all_that_is_left
from dinero.rules.credits import dated_after_its_invoice, refund_rule
from dinero.rules.interpreting import interpret
from dinero.rules.line_checks import check_lines, check_sum
from dinero.rules.originals import Original, TooMuchVat, left_lines, takes_all
from dinero.rules.oss import VAT_LINE, oss_rates
from dinero.rules.questions import BY_HAND, CREDIT_VAT
from dinero.rules.sale_checks import check_status
from dinero.rules.vat_checks import check_vat

# A credit note follows the invoice it credits: its customer, zone, accounts and booking account are that one's.
CREDIT_CHECKS = (check_readable, check_identity, check_status, check_kind, check_lines, check_sum, check_vat)


def check_credit(order: Order, settings: Settings, original: Original | None) -> list[Finding]:
    """All findings of a credit note in the shop, with the order it credits (facts.md, Dinero 4.24, 4.25)."""
    order = interpret(dated_after_its_invoice(order, original), settings)
    findings = [finding for check in CREDIT_CHECKS for finding in check(order, settings)]
    if original is not None and _tells_the_vat_of(order, original):
        findings = [finding for finding in findings if finding.code != "vat_differs"]
    if original is None or original.plan is None:
        findings.append(_without_invoice(order, original))
    elif order.total is not None and original.remaining is not None:
        if original.organization not in ("", settings.organization):
            text = Text(
                "Invoice {invoice} was booked in another organization, {organization}.",
                invoice=original.invoice_number,
                organization=original.organization,
            )
            fix = Text("Choose that organization on the set-up page and transfer the credit note there.")
            findings.append(Finding("credit_other_organization", text, fix))
        elif order.currency != original.plan.total.currency:
            text = Text(
                "The credit note is in another currency than invoice {invoice}.", invoice=original.invoice_number
            )
            findings.append(Finding("credit_currency", text, BY_HAND))
        elif order.total.ore > original.remaining.ore and not takes_all(order.total, original.remaining):
            findings.append(_too_large(order.total, original.remaining, original))
        elif original.has_gift_card:
            text = Text(
                "A part of invoice {invoice} was paid with a gift card, and it is not known how much of it "
                "goes back to the card.",
                invoice=original.invoice_number,
            )
            findings.append(Finding("credit_gift_card", text, BY_HAND))
        elif not findings:
            findings += _check_credit_lines(order, settings, original)
        if order.total.ore == 0:
            findings.append(Finding("credit_zero", Text("The credit note comes to 0 kr."), BY_HAND))
        findings += _check_refund(order, settings, original)
    return told_of(findings, settings.shop_title)


def _too_large(asked: Money, left: Money, original: Original) -> Finding:
    """More is credited than is left of the invoice; what was taken back here may be the same return."""
    ours = original.taken_back
    if ours is not None and asked.ore <= left.ore + ours.ore:
        text = Text(
            "You took back {ours} of invoice {invoice} from here, and {left} of it remain. The shop's credit "
            "note over {asked} may be for the same return.",
            ours=ours,
            left=left,
            asked=asked,
            invoice=original.invoice_number,
        )
        return Finding("already_taken_back", text, question=SAME_RETURN)
    text = Text(
        "The credit note is over {total}, but only {remaining} of invoice {invoice} remain.",
        total=asked,
        remaining=left,
        invoice=original.invoice_number,
    )
    return Finding("credit_too_large", text, BY_HAND)


SAME_RETURN = Question(
    "same_return",
    Text("Both together would give back more than was sold. If it is another return, credit it in Dinero by hand."),
    (Choice("same", Text("It is the same return: leave the shop's credit note out")),),
    can_be_rule=False,
)


def _tells_the_vat_of(order: Order, original: Original) -> bool:
    """Whether what the credit note tells of VAT agrees with its invoice, though it fits no rate of Denmark's: another
    country's VAT, or all that remains of an invoice with several rates."""
    plan = original.plan
    if plan is None or order.vat is None:
        return False
    if is_all_that_is_left(order, original):
        left = left_lines(original)
        there = sum(line.amount.ore if line.kind == VAT_LINE else line.vat.ore for line in left)
        return abs(order.vat.ore - there) <= vat_slack(order) + len(left)
    return plan.zone == Zone.OSS.value and oss_rates(order) is not None


def _check_credit_lines(order: Order, settings: Settings, original: Original) -> list[Finding]:
    """The VAT and the accounts of what is credited are those of the invoice, and in use."""
    try:
        lines = credit_lines(order, settings, original)
    except UnclearVat:
        text = Text(
            "Invoice {invoice} has goods with VAT and goods without, and the credit note does not say which of "
            "them it is for.",
            invoice=original.invoice_number,
        )
        if original.plan is not None and original.plan.zone == Zone.OSS.value:
            text = Text(
                "Invoice {invoice} has several VAT rates, and the credit note does not say which of them it is for.",
                invoice=original.invoice_number,
            )
        return [_which_vat("credit_vat_unclear", text, order, settings, original)]
    except TooMuchVat as error:
        without = Text(
            "The credit note takes back {asked} of goods without VAT, and {left} of them are left.",
            asked=error.asked,
            left=error.left,
        )
        taxed = Text(
            "The credit note takes back {asked} of goods with VAT, and {left} of them are left.",
            asked=error.asked,
            left=error.left,
        )
        return [_which_vat("credit_rate_exceeded", taxed if error.with_vat else without, order, settings, original)]
    except TooLarge:
        if order.total is None or original.remaining is None:
            raise
        return [_too_large(order.total, original.remaining, original)]
    except ValueError:
        text = Text("The accounts of the credit note are not all in use in Dinero.")
        return [
            Finding(
                "account_missing",
                text,
                Text("Choose another account on the set-up page, or show the account again in Dinero."),
            )
        ]
    accounts = settings.chart.accounts
    gone = [line for line in lines if line.account not in accounts or accounts[line.account].hidden]
    missing = (check_account(line.account, frozenset({line.vat_code}), settings) for line in gone)
    return [finding for finding in missing if finding is not None]


def _which_vat(code: str, text: Text, order: Order, settings: Settings, original: Original) -> Finding:
    """Asks which VAT a credit has, with those answers alone that change something; else it is entered by hand."""
    choices = tuple(choice for choice in CREDIT_VAT.choices if _goes(order, settings, original, choice.value))
    return (
        Finding(code, text, question=replace(CREDIT_VAT, choices=choices)) if choices else Finding(code, text, BY_HAND)
    )


def _goes(order: Order, settings: Settings, original: Original, answer: str) -> bool:
    """Whether a credit note has lines with this answer about its VAT."""
    try:
        credit_lines(order, settings.with_answers({CREDIT_VAT.key: answer}), original)
    except ValueError:
        return False
    return True


def _check_refund(order: Order, settings: Settings, original: Original) -> list[Finding]:
    """The money goes back the way it came, or by a known way; another word is asked about once (a store credit leaves
    no bank)."""
    names = (order.payment_type, order.payment_method, order.payment_title)
    usual = not any(name.strip() for name in names) or (proves_payment(names[:2]) and proves_payment(names))
    if usual or original.plan is None or original.plan.payment is None:
        return []
    question = refund_question(order)
    if order.payment_method == original.payment_method or question.answer(settings.rules) is not None:
        return []
    text = Text("The credit note is paid by “{method}”, and the order was not.", method=order.way_to_pay[:60])
    return [Finding("refund_way", text, question=question)]


def refund_question(order: Order) -> Question:
    """How the money of credit notes with this way to pay goes back."""
    return Question(
        refund_rule(order),
        Text(
            "A store credit or a gift card leaves no bank account: it is a debt to the customer (63080 Gavekort). A "
            "refund to the card or to the customer's account is registered on the booking account of the sale."
        ),
        (
            Choice("money", Text("The money went back: register the refund on the account of the sale")),
            Choice(
                "by_hand", Text("No money went back: book the credit note, and I move its amount to 63080 in Dinero")
            ),
        ),
    )


def _without_invoice(order: Order, original: Original | None) -> Finding:
    if order.credit_of == UNKNOWN_ORDER:
        text = Text("The order is a credit note, but does not say which order it credits.")
        return Finding("credit_of_unknown", text, Text("Choose the order below, or enter it in Dinero by hand."))
    if original is None:
        text = Text("The credit note belongs to an order that is not fetched yet.")
    elif original.left_out:
        text = Text(
            "The credit note is for order {order}, which you left out: {reason}",
            order=original.number or original.order_id,
            reason=original.left_out,
        )
        return Finding("credit_of_left_out", text, question=LEFT_OUT_TOO)
    else:
        text = Text(
            "The credit note is for order {order}, which was not transferred from here.",
            order=original.number or original.order_id,
        )
    return Finding("credit_of_untransferred", text, BY_HAND)


LEFT_OUT_TOO = Question(
    "left_out_too",
    Text(
        "If the order is not in Dinero at all, its credit note must not be either. If you entered the order in Dinero "
        "by hand, enter the credit note there too."
    ),
    (Choice("leave_out", Text("Leave the credit note out as well")),),
    can_be_rule=False,
)
