"""What the owner is told of a line, and which order is suggested for one without: with its evidence, never by itself
(facts.md, Payouts 10.4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from dinero.intake.matching import candidates, judged, match
from dinero.intake.reading import order_reader
from dinero.model.acquirers import acquirer_of
from dinero.model.clock import copenhagen_date
from dinero.model.documents import Event, OrderKey, StoredOrder
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.money import DKK, Money
from dinero.model.payouts import Movement
from dinero.model.settings import Settings
from dinero.model.settlements import LineState, StoredLine, StoredPayout
from dinero.rules.matching import Judged, Registration
from dinero.store import Store
from dinero.store.matches import BY_OWNER, Likely

NEAR = timedelta(days=5)  # between a line's time and its order's payment
LONG_BEFORE = timedelta(days=90)  # that an order may have been placed before it was paid
SUGGESTED = (Movement.SALE, Movement.REFUND)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The order that a line may be of, or several among which the owner chooses, and why."""

    orders: tuple[StoredOrder, ...]
    evidence: Text


def suggestion(store: Store, settings: Settings, line: StoredLine) -> Suggestion | None:
    """What may be the order of a line that is without: those that share its number; else the only order with the same
    amount and way to pay, paid in the payout's period or near the line's time, that is in no payout."""
    payout = store.payouts.get(line.payout)
    if line.state is not LineState.NO_ORDER or payout is None:
        return None
    meant = candidates(store, [line.order_ref]).get(line.order_ref.strip(), [])
    if len(meant) > 1:
        orders = tuple(row for one in meant if (row := store.orders.get(one.order)) is not None)
        return Suggestion(orders, Text("{n} orders have the number {number}.", n=len(orders), number=line.order_ref))
    spans = _spans(payout, line)
    if line.kind not in SUGGESTED or not spans:
        return None
    amount, methods = _sold_for(payout, line), settings.acquirer(payout.acquirer).methods
    placed = (min(first for first, _ in spans) - LONG_BEFORE).isoformat(), max(last for _, last in spans).isoformat()
    read = order_reader(store, settings)

    def day_of(likely: Likely, row: StoredOrder) -> date:
        paid_at = None if likely.paid_on else read(row).paid_at
        return copenhagen_date(paid_at) if paid_at else date.fromisoformat(likely.paid_on or likely.placed_on)

    found = []
    for likely in store.matches.likely(amount.ore, amount.currency, methods, placed, limit=200):
        row = store.orders.get(likely.order)
        if row is not None and any(first <= day_of(likely, row) <= last for first, last in spans):
            found.append((row, day_of(likely, row)))
    if len(found) != 1:
        return None
    (row, day), *_ = found
    evidence = Text(
        "The same amount, {amount}, paid on {day} by {method}. No other order fits, and it is in no payout.",
        amount=amount,
        day=day,
        method=row.payment_method,
    )
    return Suggestion((row,), evidence)


def choose_order(
    store: Store, settings: Settings, payout: int, place: int, order: OrderKey | None, *, actor: str
) -> None:
    """Ties a line to the order that the owner chose; None takes that back, and the line is left to what the acquirer
    tells. Raises SettingsError for no such line or order."""
    line = store.matches.line(payout, place)
    row = store.orders.get(order) if order is not None else None
    if line is None or (order is not None and row is None):
        raise SettingsError(Text("The line or the order is no longer there."))
    name = line.order_ref or str(place)
    text = Text("The order of line {line} is no longer chosen by hand.", line=name)
    if row is not None:
        text = Text("Order {order} was chosen for line {line}.", order=row.number, line=name)
    detail = {"actor": actor, "place": place, "before": line.order, "after": order}
    others = store.matches.lines_of([line.order]) if line.order is not None else []
    with store.transaction():
        store.matches.choose(payout, place, order, Event("order chosen", text, detail=detail, payout=payout))
        match(store, settings, sorted({payout, *(other.payout for other in others)}))


def evidence(store: Store, settings: Settings, line: StoredLine) -> list[Text]:
    """How a line was tied to its order, and what its state comes from, with the figures that were compared."""
    payout = store.payouts.get(line.payout)
    if payout is None or line.state in (LineState.SUM, LineState.NONE):
        return []
    if line.state is LineState.NO_ORDER or not line.order_id:
        if not line.order_ref.strip():
            return [Text("The acquirer tells no order number.")]
        return [Text("No order alone has the number {number}.", number=line.order_ref)]
    how = Text("The acquirer tells order number {number}.", number=line.order_ref)
    if line.matched_by == BY_OWNER:
        how = Text("You chose order {number}.", number=line.number)
    why = _why(store, settings, payout, line)
    return [how, why] if why is not None else [how]


def _why(store: Store, settings: Settings, payout: StoredPayout, line: StoredLine) -> Text | None:
    found = judged(store, settings, OrderKey(line.shop, line.order_id))
    refund = line.kind is not Movement.SALE
    parts = [part for part in found.registered if part.is_credit == refund]
    registered = _all_of(parts)
    match line.state:
        case LineState.MATCHED if parts:
            return Text("{amount} is registered in Dinero.", amount=registered)
        case LineState.NOT_TRANSFERRED:
            return Text("No payment of order {number} was registered from here.", number=line.number)
        case LineState.NO_CREDIT_NOTE:
            amount = Money(abs(line.gross_ore), payout.currency)
            return Text("{amount} went back to the customer, and no refund of it is registered.", amount=amount)
        case LineState.DIFFERS:
            paid = _paid_out(found, line, payout)
            return Text("{registered} is registered, and {paid} was paid out.", registered=registered, paid=paid)
        case LineState.OTHER_ACCOUNT:
            chosen = settings.acquirer(payout.acquirer).account
            return Text(
                "{amount} is registered on account {account}, and what {acquirer} pays out is on {chosen}.",
                amount=registered,
                account=parts[0].account if parts else "",
                acquirer=acquirer_of(payout.acquirer).name,
                chosen=chosen,
            )
        case LineState.TWICE:
            first = _first_payout(store, found, line)
            return Text("{amount} is registered, and paid out in {payout}.", amount=registered, payout=first)
        case LineState.CHARGEBACK:
            return Text("The customer disputes the payment. No credit note was made.")
    return None


def _all_of(parts: Iterable[Registration]) -> Money:
    """What is registered, in the one currency of it or in kroner."""
    told = list(parts)
    currencies = {part.currency for part in told}
    if len(currencies) == 1:
        return Money(sum(part.amount_ore for part in told), currencies.pop())
    return Money(sum(part.ore or 0 for part in told))


def _paid_out(found: Judged, line: StoredLine, payout: StoredPayout) -> Money:
    lines = [one for one in found.lines if one.kind is line.kind and one.currency == payout.currency]
    return Money(sum(one.gross_ore for one in lines), payout.currency)


def _first_payout(store: Store, found: Judged, line: StoredLine) -> str:
    first = next((one for one in found.lines if one.kind is line.kind), None)
    payout = store.payouts.get(first.payout) if first is not None else None
    return (payout.bank_text or payout.payout) if payout is not None else ""


def _spans(payout: StoredPayout, line: StoredLine) -> list[tuple[date, date]]:
    """The days on which the order of a line may have been paid, first and last included."""
    spans = []
    if payout.first_day and payout.last_day:
        spans.append((payout.first_day, payout.last_day))
    if line.at is not None:
        day = copenhagen_date(line.at)
        spans.append((day - NEAR, day + NEAR))
    return spans


def _sold_for(payout: StoredPayout, line: StoredLine) -> Money:
    """What the customer paid or got back."""
    if line.sold_for_ore is None:
        return Money(line.gross_ore, payout.currency)
    ore = abs(line.sold_for_ore)
    return Money(ore if line.gross_ore >= 0 else -ore, line.sold_for_currency or DKK)
