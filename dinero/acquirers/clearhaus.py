"""Clearhaus's settlements, the CSV of its Merchant Dashboard: a row for each payout, without orders
(facts.md, Payouts 3.2)."""

from collections.abc import Iterator, Sequence

from dinero.acquirers.acquirer import FileRead, PayoutFile, checked
from dinero.acquirers.sentences import does_not_add_up
from dinero.acquirers.sheet import CellError, Row, Sheet, column, has_columns, optional
from dinero.acquirers.words import NO_WORDS, Words
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine, RowProblem

RELEASED = "-reserve"  # behind a settlement's id: the payout of what was kept back of it
_PARTS = {
    "summary_sales": Movement.SALE,
    "summary_refunds": Movement.REFUND,
    "summary_chargebacks": Movement.CHARGEBACK,
    "summary_credits": Movement.CORRECTION,
    "summary_other_postings": Movement.CORRECTION,
}
_COLUMNS = (
    *map(column, ("merchant_id", "id", "settled", "currency", "period_start_date", "period_end_date")),
    *map(column, ("payout_amount", "payout_date", *_PARTS, "summary_fees", "summary_net", "fees_sales")),
    *map(optional, ("payout_descriptor", "reserve_amount", "reserve_date", "reserve_descriptor")),
)


class ClearhausSettlements:
    """Reads the settlements. A reserve that is kept back is a line; one that was paid has its own date and is a payout
    of its own."""

    name = "clearhaus"
    acquirer = "clearhaus"

    def recognizes(self, file: PayoutFile) -> bool:
        """Whether the file has the columns of the settlements."""
        return has_columns(file, "settled", "summary_sales", "summary_net")

    def read(self, file: PayoutFile, words: Words = NO_WORDS) -> FileRead:
        """A payout for each settled row; the period that is still open is a note."""
        sheet = Sheet(file, _COLUMNS)
        fees = [*sheet.others("fees_")]
        problems, notes, payouts = sheet.problems, list[Text](), list[Payout]()
        for row in sheet.rows:
            try:
                settled = row.text("settled").casefold()
                if settled not in ("true", "false"):
                    row.unknown("settled")
                if settled == "false":
                    first = row.day("period_start_date")
                    notes.append(Text("What was sold from {date} is not paid out yet.", date=first))
                else:
                    payouts += self._settled(row, fees, notes)
            except CellError as error:
                problems.append(error.problem)
        return checked(payouts, problems, notes)

    def _settled(self, row: Row, fees: Sequence[str], notes: list[Text]) -> Iterator[Payout]:
        currency = row.currency("currency")

        def money(key: str) -> Money:
            return Money(row.ore_or_nothing(key), currency)

        net, of_fees = Money(row.ore("summary_net"), currency), Money(row.ore("summary_fees"), currency)
        parts = {key: Money(row.ore(key), currency) for key in _PARTS}
        if (whole := Money(sum(part.ore for part in parts.values()) + of_fees.ore, currency)) != net:
            raise CellError(does_not_add_up(row.number, "summary_net", net, whole))
        if (whole := Money(sum(row.ore_or_nothing(key) for key in fees), currency)) != of_fees:
            raise CellError(does_not_add_up(row.number, "summary_fees", of_fees, whole))
        first, last = row.day("period_start_date"), row.day("period_end_date")
        reserve = Money(abs(money("reserve_amount").ore), currency)
        figures = (net, of_fees, reserve, *parts.values())
        if not row.text("payout_amount") and not any(figure.ore for figure in figures):
            notes.append(Text("Nothing was sold from {first} to {last}.", first=first, last=last))
            return
        paid = Money(row.ore("payout_amount"), currency)
        kept = _kept(row, net, paid, reserve)
        name, account = row.id("id"), row.id("merchant_id")
        lines = [_line(row, name, key, _PARTS[key], part) for key, part in parts.items() if part.ore]
        if of_fees.ore:
            lines.append(PayoutLine(row.number, Movement.FEE, f"{name}:fees", _no(currency), of_fees, of_fees))
        if kept.ore:
            lines.append(_line(row, name, "reserve", Movement.RESERVE, -kept))
        day, words = row.day("payout_date"), row.reference("payout_descriptor")
        yield Payout(self.acquirer, account, name, day, paid, (*lines,), words, first, last)
        if kept.ore and row.text("reserve_date"):
            released = _line(row, name, "reserve_released", Movement.RESERVE_RELEASED, kept)
            day, words = row.day("reserve_date"), row.reference("reserve_descriptor")
            yield Payout(self.acquirer, account, f"{name}{RELEASED}", day, kept, (released,), words, first, last)
        if reserve.ore and not kept.ore:
            text = Text(
                "Row {row} names a reserve of {reserve}, but nothing was kept back.", row=row.number, reserve=reserve
            )
            notes.append(text)


def _kept(row: Row, net: Money, paid: Money, reserve: Money) -> Money:
    """What was kept back of the payout. A real file with a reserve was never seen (facts.md, Payouts 3.2): so it is
    held unless its figures are proof."""
    if paid == net and not (reserve.ore and row.text("reserve_date")):
        return _no(net.currency)
    if reserve.ore and paid == net - reserve:
        return reserve
    text = Text(
        "Row {row}: {paid} was paid out, but the period came to {net} with a reserve of {reserve}.",
        row=row.number,
        paid=paid,
        net=net,
        reserve=reserve,
    )
    raise CellError(RowProblem(row.number, "payout_sum", text))


def _line(row: Row, payout: str, key: str, kind: Movement, amount: Money) -> PayoutLine:
    text = key.removeprefix("summary_").replace("_", " ") if kind is Movement.CORRECTION else ""
    none, is_sum = _no(amount.currency), key in _PARTS
    if kind is Movement.CHARGEBACK and amount.ore > 0:  # more came back than was taken
        kind = Movement.CHARGEBACK_RETURNED
    return PayoutLine(row.number, kind, f"{payout}:{key}", amount, none, amount, is_sum=is_sum, text=text)


def _no(currency: str) -> Money:
    return Money(0, currency)
