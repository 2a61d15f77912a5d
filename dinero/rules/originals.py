"""The order that a credit note credits: what was booked of it, and what of that is left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from dinero.model.documents import State
from dinero.model.money import Money, net_of_vat, total
from dinero.model.orders import LineKind
from dinero.model.plans import InvoicePlan, PlanLine
from dinero.model.zones import DANISH_VAT

ROUNDING = "rounding"  # the key of a document's line of rounding
KINDS = (LineKind.PRODUCT.value, LineKind.SHIPPING.value, LineKind.FEE.value, LineKind.GIFT_CARD_SOLD.value)


class TooMuchVat(ValueError):
    """More of a rate would be credited than was sold and is left: `asked` and `left`, with VAT or without."""

    def __init__(self, asked: Money, left: Money, *, with_vat: bool) -> None:
        super().__init__("more of a rate than is left")
        self.asked = asked
        self.left = left
        self.with_vat = with_vat


@dataclass(frozen=True, slots=True)
class Original:
    """The order that a credit note credits: its `state`, and what was booked of it, if anything.

    `credits` are the plans of the credit notes that were begun or booked for it; `under_way` are the numbers of the
    orders whose credit note is begun and not booked yet.
    """

    order_id: str
    number: str
    state: State
    plan: InvoicePlan | None = None
    guid: str = ""
    contact_guid: str = ""
    invoice_number: str = ""
    organization: str = ""
    credits: tuple[InvoicePlan, ...] = ()
    under_way: tuple[str, ...] = ()
    payment_method: str = ""
    order_total: Money | None = None  # as the shop tells it
    cancelled: bool = False  # or withdrawn, refunded or returned in the shop
    credited: Money | None = None  # by the shop's own credit notes
    is_none: bool = False  # it is left out because it was cancelled unpaid, or evened out by its credit notes
    left_out: str = ""  # why the owner left it out, "" when that did not happen

    @property
    def remaining(self) -> Money | None:
        """What can still be credited."""
        if self.plan is None:
            return None
        return self.plan.total - total([credit.total for credit in self.credits], self.plan.total.currency)

    @property
    def taken_back(self) -> Money | None:
        """What the owner took back here with corrections of the invoice, rather than the shop with returns."""
        ours = [credit.total for credit in self.credits if credit.order_id == self.order_id]
        return total(ours, self.plan.total.currency) if self.plan is not None and ours else None

    @property
    def has_gift_card(self) -> bool:
        """Whether a part of the invoice was paid with a gift card."""
        return self.plan is not None and any(line.kind == LineKind.GIFT_CARD for line in self.plan.lines)


def takes_all(asked: Money | None, left: Money | None) -> bool:
    """Whether a credit takes all that is left. One øre more is no more: shops round a refund of all pieces by itself
    (facts.md, rule 9)."""
    if asked is None or left is None or asked.currency != left.currency:
        return False
    return left.ore > 0 and 0 <= asked.ore - left.ore <= 1


def within_what_is_left(lines: Sequence[PlanLine], original: Original) -> None:
    """Raises TooMuchVat when a credit takes more of a rate than the invoice has left of it."""
    left = left_lines(original)
    for rate in {line.rate for line in lines if line.rate}:  # goods and VAT of another country together
        asked, there = (sum(line.amount.ore for line in found if line.rate == rate) for found in (lines, left))
        if asked > max(there, 0):
            currency = lines[0].amount.currency
            raise TooMuchVat(Money(asked, currency), Money(max(there, 0), currency), with_vat=True)
    for with_vat in (True, False):
        asked = sum(line.amount.ore for line in lines if bool(rate_of(line)) is with_vat and line.kind in KINDS)
        there = sum(line.amount.ore for line in left if bool(rate_of(line)) is with_vat and line.kind in KINDS)
        if asked > max(there, 0):
            currency = lines[0].amount.currency
            raise TooMuchVat(Money(asked, currency), Money(max(there, 0), currency), with_vat=with_vat)


def rate_of(line: PlanLine) -> Decimal:
    """The VAT rate of a line that is booked: it follows the account (facts.md, Dinero 4.30)."""
    return DANISH_VAT if line.vat_code == "U25" or line.vat.ore else Decimal(0)


def left_lines(original: Original) -> list[PlanLine]:
    """The invoice's lines less what was credited of them; those of which nothing is left are gone.

    A credit takes from the line of the same key first, then from lines on the same account, then from lines with the
    same VAT, then from any: what is left adds up to what remains of the invoice. Rounding that credits have and the
    invoice has not is a line of its own.
    """
    if original.plan is None:
        return []
    lines = list(original.plan.lines)
    left = [line.amount.ore for line in lines]
    for credit in original.credits:
        # What the shop kept first: it makes room on its lines for what is taken from them.
        for part in sorted(credit.lines, key=lambda line: line.amount.ore > 0):
            taken = part.amount.ore
            same = [i for i, line in enumerate(lines) if line.key == part.key]
            others = [i for i, line in enumerate(lines) if line.account == part.account]
            alike = [i for i, line in enumerate(lines) if rate_of(line) == rate_of(part)]
            if part.key == ROUNDING and taken < 0 and not same:  # it is left on its own account, not on the goods'
                lines.append(part)
                left.append(-taken)
                continue
            for i in dict.fromkeys([*same, *others, *alike, *range(len(lines))]):
                share = max(min(taken, left[i]), 0) if taken > 0 else taken
                left[i] -= share
                taken -= share
    return [
        line if line.amount.ore == ore else with_amount(line, Money(ore, line.amount.currency))
        for line, ore in zip(lines, left, strict=True)
        if ore
    ]


def with_amount(line: PlanLine, amount: Money) -> PlanLine:
    """The line with another amount, as one piece, with its own rate of VAT."""
    return replace(line, amount=amount, quantity=1, unit=amount, vat=amount - net_of_vat(amount, rate_of(line)))
