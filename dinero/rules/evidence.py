"""May a sale to an EU company go without VAT? Only with a VAT number that VIES says is valid (ML § 34, Directive
2006/112/EC art. 138)."""

from datetime import timedelta

from dinero.model.consultation import INVALID, UNANSWERED, VALID, Consultation
from dinero.model.findings import Choice, Finding, Question
from dinero.model.i18n import Text, Value
from dinero.model.orders import Order
from dinero.model.settings import Settings
from dinero.model.zones import Zone
from dinero.rules.interpreting import interpret
from dinero.rules.questions import CONSUMER_AFTER_ALL, MEND_NUMBER
from dinero.rules.vat_numbers import eu_vat_number
from dinero.rules.zones import zone_of

# A number that was valid so short a time before the sale needs no new question.
FRESH = timedelta(hours=24)

NOT_ANSWERED = "vies_unanswered"
NOT_VALID = "vies_invalid"

VIES_UNANSWERED = Question(
    NOT_ANSWERED,
    Text(
        "A sale without VAT to a company in another EU country needs a VAT number that is valid when it is sold. "
        "VIES, the EU's register, is asked again by itself. You need not do anything, unless you want to go on "
        "without its answer."
    ),
    (Choice("book", Text("I have checked the number myself: book the sale without VAT")),),
    can_be_rule=False,
)
# The same key as the question about a number that can't exist: whoever is a consumer after all is so in both.
VIES_INVALID = Question(
    CONSUMER_AFTER_ALL.key,
    Text(
        "A sale without VAT to a company in another EU country needs a VAT number that is valid when it is sold. "
        "Without one, the VAT may have to be paid by you."
    ),
    (
        *CONSUMER_AFTER_ALL.choices,
        Choice("book", Text("The number is right, and I have other evidence: book the sale without VAT")),
    ),
    can_be_rule=False,
)


def number_to_check(order: Order, settings: Settings) -> str | None:
    """The VAT number because of which an order is sold without VAT to an EU company, as VIES writes it; None for all
    other orders, and for credit notes."""
    number = eu_vat_number(order) if order.vat_number and not order.is_credit else None
    if number is None or zone_of(interpret(order, settings), settings).zone is not Zone.EU_BUSINESS:
        return None
    return f"EL{number[2:]}" if number.startswith("GR") else number


def is_current(consultation: Consultation, order: Order) -> bool:
    """Whether an answer tells of the time of the sale. One that came after it counts for good."""
    return order.placed_at is None or consultation.asked_at >= order.placed_at - FRESH


def sentence(consultation: Consultation) -> Text:
    """What VIES said of a number, when, and how that is proven."""
    told: dict[str, Value] = {"number": consultation.number, "when": consultation.asked_at}
    if consultation.outcome == UNANSWERED:
        since = consultation.since or consultation.asked_at
        return Text(
            "VIES: {number} was asked about {n} time since {since} without an answer, last {when} ({error}).",
            "VIES: {number} was asked about {n} times since {since} without an answer, last {when} ({error}).",
            n=consultation.times,
            since=since,
            error=consultation.error,
            **told,
        )
    if consultation.outcome == INVALID:
        return Text("VIES: {number} not valid, asked {when}.", **told)
    if not consultation.consultation_number:
        return Text(
            "VIES: {number} valid, asked {when}. It was asked without your own VAT number, so there is "
            "no consultation number.",
            **told,
        )
    return Text(
        "VIES: {number} valid, asked {when}, consultation number {consultation}.",
        consultation=consultation.consultation_number,
        **told,
    )


def check_vies(order: Order, settings: Settings, consultation: Consultation | None) -> list[Finding]:
    """The VAT number of an EU company that pays no VAT is valid in VIES, or the owner answers for it."""
    number = number_to_check(order, settings)
    if number is None:
        return []
    if consultation is not None and (consultation.number != number or not is_current(consultation, order)):
        consultation = None
    if consultation is not None and consultation.outcome == VALID:
        return []
    vouched = VIES_INVALID.answer(settings.rules) == "book"
    if consultation is not None and consultation.outcome == INVALID:
        text = Text("VIES says that the VAT number {number} is not valid.", number=number)
        return [] if vouched else [Finding(NOT_VALID, text, MEND_NUMBER, VIES_INVALID)]
    if vouched or VIES_UNANSWERED.answer(settings.rules) is not None:
        return []
    text = Text("VIES has not answered yet about the VAT number {number}.", number=number)
    if consultation is not None:
        since = consultation.since or consultation.asked_at
        text = Text("VIES has not answered about the VAT number {number} since {since}.", number=number, since=since)
    fix = Text("It is asked again by itself with the next fetch or transfer, a few minutes apart.")
    return [Finding(NOT_ANSWERED, text, fix, VIES_UNANSWERED)]
