"""Is an order a sale at all? What its status says, withdrawals, refunds, tests, and what is paid in part."""

from collections.abc import Mapping

from dinero.model.findings import Answers, Choice, Finding, Question
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.orders import Order
from dinero.model.settings import Settings
from dinero.model.words import Status, plain, status_of


def check_status(order: Order, settings: Settings) -> list[Finding]:
    """The status is one that a sale has. Known bad ones have their own sentence, an unknown one is asked about once."""
    findings = []
    rules = settings.rules
    status = Status.WITHDRAWN if order.withdrawn else status_of(order.status)
    if order.cancelled:
        status = Status.CANCELLED
    if status is None:
        question = status_question(order)
        if question.answer(rules) is None:
            text = Text("The order's status “{status}” is not known here.", status=order.status[:40])
            findings.append(Finding("status_unknown", text, question=question))
    elif status is not Status.GOOD and not (order.is_credit and status in _OF_A_CREDIT_NOTE):
        code, text = NO_SALE[status]
        if order.is_credit and status is Status.CANCELLED:
            code, text = "credit_cancelled", Text("The credit note is cancelled in the shop.")
        if not _is_sale_after_all(rules):
            findings.append(Finding(code, Text(text.message, status=order.status[:40]), question=SALE_AFTER_ALL))
    if order.is_test and TEST_ORDER.answer(rules) is None:
        findings.append(Finding("test_order", Text("The shop marks the order as a test."), question=TEST_ORDER))
    if order.refunded is not None and order.refunded.ore and not order.is_credit and not findings:
        text = Text(
            "The shop says that {refunded} of the order were paid back.",
            refunded=Money(abs(order.refunded.ore), order.currency),
        )
        if not _is_sale_after_all(rules):
            findings.append(Finding("refunded_in_shop", text, question=SALE_AFTER_ALL))
    part = order.paid_amount
    told = part is not None and part.ore and order.paid and order.total is not None
    if told and part is not None and part != order.total and not order.is_credit:
        text = Text("The shop says that {paid} of {total} were paid.", paid=part, total=order.total)
        if PAID_IN_PART.answer(rules) is None:
            findings.append(Finding("paid_in_part", text, question=PAID_IN_PART))
    return findings


def _is_sale_after_all(rules: Answers) -> bool:
    return SALE_AFTER_ALL.answer(rules) is not None or EVENS_OUT.answer(rules) == "book"


_OF_A_CREDIT_NOTE = (Status.REFUNDED, Status.RETURNED, Status.WITHDRAWN)
# What a status says that is no sale: the finding's code and its sentence.
NO_SALE: Mapping[Status, tuple[str, Text]] = {
    Status.CANCELLED: ("cancelled_paid", Text("The order is cancelled, but paid.")),
    Status.WITHDRAWN: ("withdrawn_paid", Text("The customer withdrew from the order, but it is paid.")),
    Status.REFUNDED: ("status_refunded", Text("The order's status “{status}” says that the money went back.")),
    Status.RETURNED: ("status_returned", Text("The order's status “{status}” says that the goods came back.")),
    Status.FAILED: ("status_failed", Text("The order's status “{status}” says that the payment failed.")),
    Status.DRAFT: ("status_draft", Text("The order's status “{status}” says that it is no sale yet.")),
}
SALE_AFTER_ALL = Question(
    "sale_after_all",
    Text(
        "A sale that was taken back is no income. If the goods were delivered and a credit note follows in the "
        "shop, book the order, and the credit note after it. Otherwise leave it out, and write why."
    ),
    (Choice("book", Text("It is a sale: book it; what goes back gets a credit note in the shop")),),
    can_be_rule=False,
)
TEST_ORDER = Question(
    "test_order",
    Text("A test is no sale. Leave it out, unless it is a sale after all."),
    (Choice("book", Text("It is a real sale: book it")),),
    can_be_rule=False,
)
PAID_IN_PART = Question(
    "paid_in_part",
    Text(
        "The whole total would be registered as paid. If the rest is still to come, leave the order out here, or wait."
    ),
    (Choice("whole", Text("All of it is paid: register the whole total")),),
    can_be_rule=False,
)


def status_question(order: Order) -> Question:
    """Whether orders with a status are sales: asked once for each word."""
    return Question(
        f"status:{plain(order.status)}",
        Text("Shops have statuses of their own. The answer counts for this word only, and can be kept for all orders."),
        (
            Choice("sale", Text("Orders with this status are sales like others")),
            Choice("wait", Text("They are none yet: let them wait until the status changes")),
        ),
    )


EVENS_OUT = Question(
    "evens_out",
    Text("Together they come to 0, and neither is in Dinero yet. Leaving both out keeps the books the same."),
    (
        Choice("leave_out", Text("Leave out the order and its credit note")),
        Choice("book", Text("Book both: the goods were delivered and came back")),
    ),
    can_be_rule=False,
)
