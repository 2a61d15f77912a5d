"""What happened to an order in the shop after it was booked, line by line, and what to do about it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from dinero.model.documents import Action, State
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.orders import Order
from dinero.model.plans import InvoicePlan, Kind
from dinero.model.settings import Settings
from dinero.model.words import Status, company_key, status_of
from dinero.rules.charged import vat_slack
from dinero.rules.interpreting import interpret
from dinero.rules.places import destination, territory
from dinero.rules.vat_numbers import cvr_digits

# The code of findings on a document that Dinero has booked with other amounts than planned.
DIFFERS = "booked_differs"


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line before and after, in øre; None where it was not there."""

    text: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """How an order differs from what was booked. `codes` are of: deleted, cancelled, withdrawn, taken_back,
    edited, buyer, destination, unpaid, paid.

    `before` and `after` are the totals in øre of `currency`. What became of a return's credit note is told, but only
    the owner can mend it in Dinero.
    """

    codes: tuple[str, ...]
    before: int
    after: int | None
    currency: str
    lines: tuple[LineChange, ...] = ()
    is_credit: bool = False

    def to_json(self) -> Mapping[str, object]:
        """A JSON-ready form that `from_json` reads back to an equal change."""
        return asdict(self)

    @property
    def texts(self) -> list[Text]:
        """What happened, as sentences."""
        return [CHANGES[code] for code in self.codes]

    @property
    def actions(self) -> tuple[Action, ...]:
        """What can be done, the proposed one first."""
        if self.is_credit:
            return (Action.LEAVE,)
        codes = set(self.codes)
        back = (Action.UNDO,) if "taken_back" in codes else ()
        if {"deleted", "cancelled", "withdrawn"} & codes or (back and not {"buyer", "destination", "edited"} & codes):
            return Action.UNDO, Action.LEAVE
        if {"buyer", "destination"} & codes:
            return (Action.REBOOK, *back, Action.LEAVE)
        if "edited" in codes:
            less = all((line.after or 0) <= (line.before or 0) for line in self.lines)
            smaller = self.after is not None and self.after < self.before
            first = (Action.DIFFERENCE,) if less and smaller and self.lines else ()
            return (*first, Action.REBOOK, *back, Action.LEAVE)
        return (Action.PAY, Action.LEAVE) if "paid" in codes else (Action.LEAVE, Action.UNDO)


def can_accept(state: State, findings: Sequence[Finding]) -> bool:
    """Whether an order stands still because Dinero has its document with other amounts, which the owner may accept."""
    return state is State.REFUSED and any(finding.code == DIFFERS for finding in findings)


CHANGES: Mapping[str, Text] = {
    "deleted": Text("The shop no longer has it: it was deleted after it was booked."),
    "cancelled": Text("The order was cancelled in the shop after it was booked."),
    "withdrawn": Text("The customer withdrew from the order after it was booked."),
    "taken_back": Text(
        "The shop says that money or goods came back after the order was booked. Look whether a credit note follows in "
        "the shop: it is booked by itself. If none does, take the invoice back here, or its part in Dinero."
    ),
    "edited": Text("The order was changed in the shop after it was booked."),
    "buyer": Text("The buyer's company or its number was changed in the shop after the invoice was booked."),
    "destination": Text("The goods go to another country than the one that the invoice was booked for."),
    "unpaid": Text("The order is no longer marked as paid in the shop."),
    "paid": Text("The order was marked as paid in the shop after its invoice was booked."),
}


def from_json(packed: Mapping[str, Any]) -> Change:
    """The change that `to_json` packed."""
    lines = tuple(LineChange(**line) for line in packed["lines"])
    return Change(**{**packed, "codes": tuple(packed["codes"]), "lines": lines})


def deleted(plan: InvoicePlan) -> Change:
    """The change of a booked order or return that the shop no longer has."""
    return Change(("deleted",), plan.total.ore, None, plan.total.currency, is_credit=plan.kind is Kind.CREDIT_NOTE)


def compare(before: Order, now: Order, plan: InvoicePlan, settings: Settings) -> Change | None:
    """How an order differs from how it was when its invoice was claimed; None when nothing that counts does: money, or
    who the buyer is. Products' names and labels are none, because a shop reads them anew from its catalogue."""
    before, now = interpret(before, settings), interpret(now, settings)
    codes = []
    if now.cancelled and not before.cancelled:
        codes.append("cancelled")
    if _withdrawn(now) and not _withdrawn(before):
        codes.append("withdrawn")
    is_credit = plan.kind is Kind.CREDIT_NOTE  # never paid, whatever the shop marks it as
    if _is_taken_back(before, now) and not is_credit:
        codes.append("taken_back")
    same_money = (before.total, before.vat, before.currency) == (now.total, now.vat, now.currency)
    if (_amounts(before) != _amounts(now) or not same_money) and not _is_rounded_otherwise(before, now):
        codes.append("edited")
    if _buyer(before) != _buyer(now) and not is_credit:
        codes.append("buyer")
    if _place(before) != _place(now) and not is_credit:
        codes.append("destination")
    if before.paid and not now.paid and "cancelled" not in codes and not is_credit:
        codes.append("unpaid")
    if plan.days is not None and now.paid and not before.paid:
        codes.append("paid")
    if not codes:
        return None
    old, new = _lines(before), _lines(now)
    lines = tuple(
        LineChange(
            (new.get(name) or old[name])[0], *(found[1] if (found := side.get(name)) else None for side in (old, new))
        )
        for name in dict.fromkeys([*old, *new])
        if "edited" in codes and old.get(name, ("", None))[1] != new.get(name, ("", None))[1]
    )
    after = now.total.ore if isinstance(now.total, Money) else None
    return Change(tuple(codes), plan.total.ore, after, plan.total.currency, lines, is_credit)


def _withdrawn(order: Order) -> bool:
    return order.withdrawn or status_of(order.status) is Status.WITHDRAWN


def _is_taken_back(before: Order, now: Order) -> bool:
    """Whether the shop says now that money or goods came back, or that there was no money, and did not before."""
    was, status = status_of(before.status), status_of(now.status)
    back = (Status.REFUNDED, Status.RETURNED, Status.FAILED)
    return (status in back and status is not was) or _refunded(now) > _refunded(before)


def _refunded(order: Order) -> int:
    return abs(order.refunded.ore) if order.refunded is not None else 0


def _place(order: Order) -> tuple[str, str] | None:
    where = territory(destination(order))
    return (where.kind, where.country) if where is not None else None


def _buyer(order: Order) -> tuple[str, str, str]:
    """Who the invoice is for, as the law means it: the company by its name and numbers (ML § 52 a)."""
    number = cvr_digits(order.vat_number) if order.vat_number else ""
    return company_key(order.billing.company), number, order.ean_number


def _amounts(order: Order) -> Counter[tuple[str, int, Decimal | None]]:
    """The order's amounts with their kinds and rates, whatever their lines are called."""
    return Counter((line.kind.value, line.total.ore, line.vat_rate) for line in order.lines)


def _is_rounded_otherwise(before: Order, now: Order) -> bool:
    """Whether an order differs only in how its lines and its VAT are rounded: a shop that rounds when it is read tells
    its old orders otherwise when its settings change. Only lines that the shop has an id for are known to be the same.
    """
    old, new = ({line.item: line for line in order.lines} for order in (before, now))
    same = (before.total, before.currency, list(old)) == (now.total, now.currency, list(new))
    if not same or "" in old or len(old) < len(before.lines) or before.vat is None or now.vat is None:
        return False
    step, slack = max(before.smallest_ore, now.smallest_ore), max(vat_slack(before), vat_slack(now))
    pairs = [(old[item], new[item]) for item in old]
    alike = all(
        (one.kind, one.quantity, one.vat_rate) == (other.kind, other.quantity, other.vat_rate) for one, other in pairs
    )
    moved = max((abs(one.total.ore - other.total.ore) for one, other in pairs), default=0)
    return alike and moved <= step and abs(before.vat.ore - now.vat.ore) <= slack


def _lines(order: Order) -> dict[str, tuple[str, int]]:
    """The order's lines by the shop's id of each, else by item number or text, each with its text and amount; lines
    alike are told apart by their place among them."""
    found: dict[str, tuple[str, int]] = {}
    for line in order.lines:
        text = line.text or line.kind.value
        name, place = (f"line:{line.item}" if line.item else line.sku or text), 1
        while (key := name if place == 1 else f"{name} ({place})") in found:
            place += 1
        found[key] = (text, line.total.ore)
    return found
