"""What a file may be: a mapping to begin with, and what the owner is still to be asked."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dinero.acquirers.acquirer import PayoutFile, checked
from dinero.acquirers.columns.asking import Question, Trouble
from dinero.acquirers.columns.forms import amount_form
from dinero.acquirers.columns.layout import Layout, layout_of
from dinero.acquirers.columns.mapping import (
    AMOUNTS,
    ColumnMapping,
    OrderPattern,
    Role,
    order_in,
)
from dinero.acquirers.columns.moving import MOST_WORDS, Told
from dinero.acquirers.columns.reading import MOST_TOLD, work_of
from dinero.acquirers.words import USUAL, Meaning, plain_word
from dinero.model.i18n import LONGEST_SHOWN, Text
from dinero.model.money import Money
from dinero.model.payouts import Payout, RowProblem

_EXAMPLES = 3
# What columns are called in the files that are known; no more than a proposal.
_CALLED: Mapping[Role, str] = {
    Role.ORDER: "order|ordre|order id|ordre-id|orderid|ordrenr|ordrenr.|ordrenummer|order number|order no"
    "|invoice number|ordre-id/referanse|ordre-id/reference|merchant reference|merchantreference|merchant_reference1"
    "|reference",
    Role.TRANSACTION: "transaction id|transactionid|transaction_id|transaktions-id|transaktionsid|transaktion"
    "|balance_transaction_id|psp-referanse|psp-reference|id",
    Role.KIND: "type|transaktionstype|transaksjonstype|event|reporting_category|hændelse|posteringstype",
    Role.GROSS: "gross|brutto|bruttobeløb|amount|beløb|beløp|amount_gross",
    Role.FEE: "fee|fees|gebyr|gebyrer",
    Role.NET: "net|netto|nettobeløb|nettobeløp|amount_net",
    Role.PAYOUT: "payout id|payout|payout_id|udbetaling|udbetalingsnummer|udbetalings-id|utbetalingsnummer|transferid"
    "|oppgjørs-id|settlement id|settlementid|automatic_payout_id",
    Role.PAID_ON: "payout date|payout_date|paid on|paid out on|udbetalingsdato|udbetalt den|udbetalt"
    "|planlagt udbetalingsdato|planlagt utbetalingsdato"
    "|oppgjørsdato|settlement date|settlementdate|automatic_payout_effective_at",
    Role.AT: "date|dato|tidspunkt|tid|date and time|transaction date|transaktionsdato|salgsdato|created|created_utc",
    Role.CURRENCY: "currency|valuta|valutakode|currency_code",
}


@dataclass(frozen=True, slots=True)
class ColumnShown:
    """A column for the owner to know it by. The examples may be personal: they are for the screen alone."""

    name: str
    role: Role | None
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindFound:
    """A word of the column of kinds. `net` is what its rows come to with the file's own signs: net, or gross where
    there is none; None while the amounts can't be read, and where currencies are mixed."""

    word: str
    meaning: Meaning | None
    rows: int
    net: Money | None


@dataclass(frozen=True, slots=True)
class PatternFound:
    """A way to find the order's number in its column: in how many rows it finds one, with examples of both."""

    pattern: OrderPattern
    found: int
    missed: int
    examples: tuple[str, ...]
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file seems to be. It is read without questions when there are neither `questions` nor `problems`; then
    `payouts` are what it gives. `fingerprint` is what the mapping is kept under, "" where it is not to be kept."""

    fingerprint: str
    header_row: int | None
    columns: tuple[ColumnShown, ...]
    mapping: ColumnMapping
    kinds: tuple[KindFound, ...] = ()
    patterns: tuple[PatternFound, ...] = ()
    questions: tuple[Question, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    payouts: tuple[Payout, ...] = ()
    notes: tuple[Text, ...] = ()


def proposal(file: PayoutFile, before: ColumnMapping | None = None) -> Proposal:
    """What a file seems to be, `before` being what the owner has said so far or of an older file: its answers hold for
    the columns that are still there. Never raises."""
    layout = layout_of(file)
    if isinstance(layout, RowProblem):
        return Proposal("", None, (), before or ColumnMapping(), problems=(layout,))
    mapping = _adapted(before, layout) if before is not None else _guessed(layout)
    trouble = Trouble()
    work = work_of(layout, mapping, trouble)
    read = checked(work.payouts, trouble.problems, work.notes) if not trouble.questions else None
    ragged = layout.ragged() is not None
    return Proposal(
        layout.fingerprint,
        layout.header_row,
        tuple(
            ColumnShown(name, mapping.roles.get(name), () if ragged else _examples(layout.cells(name)))
            for name in layout.names
        ),
        mapping,
        _kinds(work.rows, mapping),
        () if ragged else tuple(_patterns(layout, mapping)),
        tuple(trouble.questions),
        (tuple(trouble.problems) if read is None else read.problems)[:MOST_TOLD],
        () if read is None else read.payouts,
        () if read is None else read.notes,
    )


def _adapted(before: ColumnMapping, layout: Layout) -> ColumnMapping:
    """An older mapping as far as its columns are there."""
    roles = {name: role for name, role in before.roles.items() if name in layout.places}
    return _with_unit(replace(before, roles=roles), layout)


def _guessed(layout: Layout) -> ColumnMapping:
    """What the names of the columns say, each role once; nothing where there are no names."""
    roles: dict[str, Role] = {}
    if layout.header_row is not None:
        plain = {plain_word(name): name for name in layout.names}
        for role, called in _CALLED.items():
            name = next((plain[one] for one in called.split("|") if one in plain and plain[one] not in roles), None)
            if name is not None:
                roles[name] = role
    mapping = ColumnMapping(roles=roles)
    if layout.ragged() is not None:
        return mapping
    column = mapping.column(Role.KIND)
    words = {plain_word(cell) for cell in layout.cells(column)} if column else set()
    if len(words) > MOST_WORDS:
        mapping, words = replace(mapping, roles={n: r for n, r in roles.items() if r is not Role.KIND}), set()
    kinds = {word: kind for word, kind in USUAL.items() if word in words}
    found = list(_patterns(layout, mapping))
    best = max(found, key=lambda one: one.found).pattern if found else OrderPattern.WHOLE
    return _with_unit(replace(mapping, kinds=kinds, pattern=best), layout)


def _with_unit(mapping: ColumnMapping, layout: Layout) -> ColumnMapping:
    """Decimals anywhere say that the amounts are kroner, in the next file too, which may have none by chance."""
    if mapping.in_ore is not None or layout.ragged() is not None:
        return mapping
    names = [name for name, role in mapping.roles.items() if role in AMOUNTS and name in layout.places]
    has_decimals = any(amount_form(layout.different(name)).sign for name in names)
    return replace(mapping, in_ore=False) if has_decimals else mapping


def _examples(cells: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for cell in cells:
        if cell:
            found[cell[:LONGEST_SHOWN]] = None
        if len(found) == _EXAMPLES:
            break
    return tuple(found)


def _kinds(rows: Iterable[Told], mapping: ColumnMapping) -> tuple[KindFound, ...]:
    if mapping.column(Role.KIND) is None:
        return ()
    counted: Counter[str] = Counter()
    sums: Counter[tuple[str, str]] = Counter()
    plain: dict[str, str] = {}
    for row in rows:
        word = plain[row.word] if row.word in plain else plain.setdefault(row.word, plain_word(row.word))
        counted[word] += 1
        sums[word, row.currency] += row.net if row.net is not None else row.gross or 0
    found = []
    for word, number in counted.items():
        each = [Money(ore, currency) for (one, currency), ore in sums.items() if one == word]
        found.append(
            KindFound(word[:LONGEST_SHOWN], mapping.meaning(word), number, each[0] if len(each) == 1 else None)
        )
    return tuple(found[:MOST_WORDS])


def _patterns(layout: Layout, mapping: ColumnMapping) -> Iterable[PatternFound]:
    """The patterns for the column of orders, the most particular first."""
    name = mapping.column(Role.ORDER)
    if name is None or name not in layout.places:
        return
    counted = Counter(cell for cell in layout.cells(name) if cell)
    for pattern in (OrderPattern.HASH, OrderPattern.WORD, OrderPattern.WHOLE):
        orders = {cell: order_in(cell, pattern) for cell in counted}
        hits = {cell: order for cell, order in orders.items() if order}
        found = sum(counted[cell] for cell in hits)
        without = [cell for cell in counted if cell not in hits]
        yield PatternFound(pattern, found, counted.total() - found, _examples(hits.values()), _examples(without))
