"""Stripe's payout reconciliation, itemized CSV, with the columns that the owner chose (facts.md, Payouts 4.8)."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo

from dinero.acquirers.acquirer import FileRead, PayoutFile
from dinero.acquirers.kinds import Kinds, by_sign
from dinero.acquirers.sentences import (
    days_differ,
    does_not_add_up,
    not_paid_yet,
    other_currency,
    payout_twice,
    sum_differs,
    sum_not_told,
)
from dinero.acquirers.sheet import CellError, Row, Sheet, column, has_columns, optional
from dinero.acquirers.words import NO_WORDS, Apart, Meaning, Words, plain_word
from dinero.model.clock import COPENHAGEN
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.payouts import OF_ORDERS, Movement, Payout, PayoutLine

_COLUMNS = (
    column("id", "balance_transaction_id"),
    *map(column, ("currency", "gross", "fee", "net", "reporting_category")),
    column("payout", "automatic_payout_id"),
    column("paid_on", "automatic_payout_effective_at", "automatic_payout_effective_at_utc"),
    *map(optional, ("description", "customer_facing_amount", "customer_facing_currency")),
    optional("transaction", "charge_id"),
    optional("source", "source_id"),
    optional("at", "created", "created_utc"),
)
# The names that shop systems give the order's number in the metadata of a payment.
_ORDERS = ("order_id", "order_number", "ordernumber", "orderid", "order")
_IN_DESCRIPTION = re.compile(
    r"\bord(?:er|re)(?: (?:no|nr|number|nummer)\b)?[.:]? ?#?([A-Z]{0,5}-?[0-9][\w-]*)", re.IGNORECASE
)
_WORDS: Mapping[str, Meaning] = {
    "charge": Movement.SALE,
    "payment": Movement.SALE,
    "refund": Movement.REFUND,
    "payment_refund": Movement.REFUND,
    "dispute": Movement.CHARGEBACK,
    "dispute_reversal": Movement.CHARGEBACK_RETURNED,
    "fee": Movement.FEE,
    "network_cost": Movement.FEE,
    "reserve_transaction": Movement.RESERVE,
    "payout": Apart.PAYOUT,
}


class StripeItemized:
    """Reads the itemized report. Stripe's fee is positive in the file; its own charges stand in `gross`, negative."""

    name = "stripe"
    acquirer = "stripe"

    def recognizes(self, file: PayoutFile) -> bool:
        """Whether the file has the columns that Stripe's itemized reports share."""
        return has_columns(file, "reporting_category", "gross", "net")

    def read(self, file: PayoutFile, words: Words = NO_WORDS) -> FileRead:
        """A payout for each automatic payout; rows of none, such as the manual ones, are a note."""
        sheet = Sheet(file, _COLUMNS)
        # Each row moves money, and the row of a payout is known: an unknown word is a movement.
        kinds = Kinds(
            sheet,
            "reporting_category",
            _WORDS.get,
            words,
            amount="gross",
            currency="currency",
            choices=(*Movement,),
        )
        metadata = [key for name in _ORDERS for key in sheet.others(f"payment_metadata[{name}]")]
        problems, waiting, by_hand = sheet.problems, 0, 0
        payouts: dict[str, _Collected] = {}
        for row in sheet.rows:
            try:
                if name := row.reference("payout"):
                    one = payouts.get(name) or payouts.setdefault(name, _Collected(row, name))
                    one.add(row, kinds.of(row), metadata)
                    continue
                _figures(row)
                if _WORDS.get(plain_word(row.text("reporting_category"))) is Apart.PAYOUT:
                    by_hand += 1
                else:
                    waiting += 1
            except CellError as error:
                problems.append(error.problem)
        found, untold = [], 0
        for one in payouts.values() if not problems and not kinds.is_open else ():
            try:
                found.append(one.payout(self.acquirer))
                untold += one.head is None
            except CellError as error:
                problems.append(error.problem)
        return kinds.checked(found, problems, (*not_paid_yet(waiting), *_made_by_hand(by_hand), *sum_not_told(untold)))


def _made_by_hand(payouts: int) -> tuple[Text, ...]:
    """Stripe ties sales to the payouts that it makes by itself, and to no other."""
    if not payouts:
        return ()
    text = Text(
        "A payout was not made by Stripe itself, so the file does not say of which sales it is. Book it by hand.",
        "{n} payouts were not made by Stripe itself, so the file does not say of which sales they are. Book them "
        "by hand.",
        n=payouts,
    )
    return (text,)


class _Collected:
    """The rows of one payout."""

    def __init__(self, row: Row, name: str) -> None:
        self.name = name
        self.lines: list[PayoutLine] = []
        self.head: Row | None = None  # the row of the payout itself, where the file has it
        self.currency = row.currency("currency")
        self.paid_on = row.day("paid_on", _zone(row, "paid_on"))

    def add(self, row: Row, kind: Meaning | None, metadata: Sequence[str]) -> None:
        """Takes a row; one whose kind is not known yet is only held against its payout. Raises CellError."""
        gross, fee, net = _figures(row)
        day = row.day("paid_on", _zone(row, "paid_on"))
        if gross.currency != self.currency:
            raise CellError(other_currency(row.number))
        if day != self.paid_on:
            raise CellError(days_differ(row.number, self.name, day, self.paid_on))
        if kind is Apart.PAYOUT:
            if self.head is not None:
                raise CellError(payout_twice(row.number, self.name))
            self.head = row
        elif isinstance(kind, Movement):
            self.lines.append(_line(row, by_sign(kind, net), gross, fee, net, metadata))

    def payout(self, acquirer: str) -> Payout:
        """The payout of the rows. Raises CellError where its own row says another sum."""
        whole = Money(sum(line.net.ore for line in self.lines), self.currency)
        if self.head is not None and Money(-self.head.ore("gross"), self.currency) != whole:
            paid = Money(-self.head.ore("gross"), self.currency)
            raise CellError(sum_differs(self.head.number, self.name, whole, paid))
        unproven = self.head is None
        return Payout(acquirer, "", self.name, self.paid_on, whole, (*self.lines,), is_unproven=unproven)


def _figures(row: Row) -> tuple[Money, Money, Money]:
    """Gross, fee with the sign of a cost, and net of a row that adds up. Raises CellError."""
    currency = row.currency("currency")
    gross, fee, net = (
        Money(row.ore("gross"), currency),
        Money(-row.ore("fee"), currency),
        Money(row.ore("net"), currency),
    )
    if gross.ore + fee.ore != net.ore:
        raise CellError(does_not_add_up(row.number, row.spelled("net"), net, gross + fee))
    return gross, fee, net


def _line(row: Row, kind: Movement, gross: Money, fee: Money, net: Money, metadata: Sequence[str]) -> PayoutLine:
    name, text = row.id("id"), "" if kind in OF_ORDERS else row.text("reporting_category")
    if kind is Movement.FEE:
        gross, fee = Money(0, net.currency), net
    at = row.moment("at", _zone(row, "at")) if row.text("at") else None
    transaction = row.reference("transaction") or row.reference("source")
    order = "" if text else _order(row, metadata)
    return PayoutLine(row.number, kind, name, gross, fee, net, order, transaction, at, _sold_for(row, gross), text=text)


def _order(row: Row, metadata: Sequence[str]) -> str:
    for key in metadata:
        if order := row.reference(key):
            return order.removeprefix("#")
    found = _IN_DESCRIPTION.search(row.text("description"))
    return found[1] if found else ""


def _sold_for(row: Row, gross: Money) -> Money | None:
    """What the customer paid, where that was in another currency."""
    if not row.text("customer_facing_currency") or not row.text("customer_facing_amount"):
        return None
    currency = row.currency("customer_facing_currency")
    return Money(row.ore("customer_facing_amount"), currency) if currency != gross.currency else None


def _zone(row: Row, key: str) -> tzinfo:
    return UTC if row.spelled(key).casefold().strip().endswith("_utc") else COPENHAGEN
