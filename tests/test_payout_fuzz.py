"""Mutated files: whatever happens to a file, it never gives a payout whose sums do not hold, and nothing falls.

`DINERO_EXAMPLES=10000 pytest tests/test_payout_fuzz.py` tries more than CI does. A new reader needs a
sound file in payout_files.py only.
"""

import csv
import io
import os
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import pytest

from dinero.acquirers.acquirer import FileRead, PayoutFile
from dinero.acquirers.columns.mapping import BankFigure, FeeSign, Role
from dinero.acquirers.columns.proposing import proposal
from dinero.acquirers.columns.reading import order_refs, read_by_columns
from dinero.acquirers.opening import open_file
from dinero.acquirers.readers import READERS
from dinero.model.money import Money
from dinero.model.payouts import Payout, RowProblem
from payout_files import SOUND as FORMATS

EXAMPLES = int(os.environ.get("DINERO_EXAMPLES", "500"))


@dataclass(frozen=True)
class Sound:
    """A file that is read, and who reads it. `figures`: what the bank says of its payouts, where a reader is told."""

    name: str
    read: Callable[[PayoutFile], FileRead]
    data: bytes
    figures: Mapping[str, Money] | None = None


WITH_PAYOUTS = """Ordre;Transaktion;Type;Brutto;Gebyr;Netto;Udbetalings-ID;Udbetalingsdato;Dato;Valuta;Navn
#1001;t1;Salg;1.249,00;3,61;1.245,39;P1;02-11-2026;31-10-2026 23:30;DKK;"Ævl; Anna"
#1002;t2;Salg;150,00;2,18;147,82;P1;02-11-2026;01-11-2026 10:00;DKK;Bo
#1001;t3;Refusion;-249,00;0,00;-249,00;P1;02-11-2026;01-11-2026 11:00;DKK;"to
linjer"
;t4;Gebyr;-99,00;0,00;-99,00;P1;02-11-2026;01-11-2026 12:00;DKK;
;t5;Udbetaling;-1.045,21;;-1.045,21;P1;02-11-2026;02-11-2026 00:10;DKK;
#1003;t6;Salg;500,00;7,25;492,75;P2;13-11-2026;10-11-2026 09:00;DKK;Bo
#1002;t7;Indsigelse;-150,00;25,00;-175,00;P2;13-11-2026;10-11-2026 10:00;DKK;Bo
;t8;Udbetaling;-317,75;;-317,75;P2;13-11-2026;13-11-2026 00:10;DKK;
"""
BY_THE_BANK = """Report,,,
From,2026-11-01,,
Ref,Amount,Fee,Day
Order 1001,"1,249.00",-18.11,2026-11-01
Order 1002,150.00,-2.18,2026-11-02
Order 1001,-249.00,0.00,2026-11-02
Order 1004,75.50,-1.10,2026-11-03
"""
UNSIGNED = """Ordre|Type|Beløb|Udbetaling|Udbetalingsdato
1001|Salg|100,00|P1|13-11-2026
1002|Refusion|30,00|P1|13-11-2026
|Gebyr|2,50|P1|13-11-2026
|Udbetaling|67,50|P1|13-11-2026
"""


def by_columns(name: str, text: str, figures: Mapping[str, Money] | None = None, **answers: object) -> Sound:
    data = text.encode()
    opened = open_file(name, data)
    assert isinstance(opened, PayoutFile)
    bank = {payout: BankFigure(net, date(2026, 11, 4)) for payout, net in (figures or {}).items()}
    mapping = replace(proposal(opened).mapping, acquirer="X", figures=bank, **answers)  # type: ignore[arg-type]

    def read(file: PayoutFile) -> FileRead:
        proposed = proposal(file, mapping)
        assert isinstance(order_refs(file, mapping), tuple)
        found = read_by_columns(file, mapping)
        if mapping.roles == proposed.mapping.roles:
            assert found.payouts == proposed.payouts, "what is shown is what is read"
        return found

    return Sound(name, read, data, figures)


BY_COLUMNS = [
    by_columns("with payouts", WITH_PAYOUTS),
    by_columns(
        "by the bank's figure",
        BY_THE_BANK,
        {"": Money(120411)},
        roles={"Ref": Role.ORDER, "Amount": Role.GROSS, "Fee": Role.FEE, "Day": Role.AT},
        is_one_payout=True,
        fee_sign=FeeSign.SIGNED,
    ),
    by_columns("unsigned", UNSIGNED),
]


def by_reader(name: str, file: PayoutFile) -> Sound:
    """A format that is known, as a file."""
    reader = next(one for one in READERS if one.name == name)
    written = io.StringIO()
    csv.writer(written, delimiter=",", lineterminator="\n").writerows(row.cells for row in file.rows)
    return Sound(name, reader.read, written.getvalue().encode())


SOUND = [*BY_COLUMNS, *(by_reader(name, file) for name, file in FORMATS if file.rows)]


def rows_of(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def flipped(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 5))):
        changed[dice.randrange(len(changed))] = dice.choice((dice.randrange(256), *b"0123456789;,.-\n\"'="))
    return bytes(changed)


def digit_changed(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    place = dice.choice([place for place, byte in enumerate(changed) if byte in b"0123456789"] or [0])
    changed[place] = dice.choice(b"0123456789")
    return bytes(changed)


def cells_swapped(data: bytes, dice: random.Random) -> bytes:
    rows = rows_of(data)
    separator = dice.choice((b";", b",", b"|"))
    cells = [row.rstrip(b"\n").split(separator) for row in rows]
    (a, b), (c, d) = ((row, dice.randrange(len(cells[row]))) for row in dice.choices(range(len(rows)), k=2))
    cells[a][b], cells[c][d] = cells[c][d], cells[a][b]
    return b"\n".join(separator.join(row) for row in cells) + b"\n"


def row_doubled(data: bytes, dice: random.Random) -> bytes:
    rows = rows_of(data)
    rows.insert(dice.randrange(len(rows)), dice.choice(rows))
    return b"".join(rows)


def row_dropped(data: bytes, dice: random.Random) -> bytes:
    rows = rows_of(data)
    del rows[dice.randrange(len(rows))]
    return b"".join(rows)


def rows_shuffled(data: bytes, dice: random.Random) -> bytes:
    rows = rows_of(data)
    dice.shuffle(rows)
    return b"".join(rows)


def sign_turned(data: bytes, dice: random.Random) -> bytes:
    rows = rows_of(data)
    place = dice.randrange(len(rows))
    rows[place] = rows[place].replace(b"-", b"") if dice.randrange(2) else rows[place].replace(b";", b";-")
    return b"".join(rows)


def separator_changed(data: bytes, dice: random.Random) -> bytes:
    return data.replace(dice.choice((b";", b",", b"|", b".")), dice.choice((b";", b",", b"\t", b"|", b" ", b".")))


def truncated(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def word_changed(data: bytes, dice: random.Random) -> bytes:
    words = (
        b"Salg",
        b"Refusion",
        b"Udbetaling",
        b"P1",
        b"P2",
        b"DKK",
        b"EUR",
        b"11-2026",
        b"2,03E+11",
        b"=1+1",
        b"",
        b"t1",
    )
    return data.replace(dice.choice(words[:8]), dice.choice(words), dice.choice((1, -1)))


def encoded_otherwise(data: bytes, dice: random.Random) -> bytes:
    text = data.decode("utf-8", errors="ignore")
    return text.encode(dice.choice(("utf-16", "utf-16-le", "cp1252", "utf-8-sig", "utf-7")), errors="ignore")


MUTATIONS = (
    flipped,
    digit_changed,
    digit_changed,
    cells_swapped,
    row_doubled,
    row_dropped,
    rows_shuffled,
    sign_turned,
    separator_changed,
    truncated,
    word_changed,
    encoded_otherwise,
)


def adds_up(payout: Payout) -> bool:
    """Reckoned here once more, and not by what the readers use."""
    lines = [(line.gross.ore, line.fee.ore, line.net.ore) for line in payout.lines]
    currencies = {money.currency for line in payout.lines for money in (line.gross, line.fee, line.net)}
    names = Counter((line.id, line.kind) for line in payout.lines)
    return (
        all(gross + fee == net for gross, fee, net in lines)
        and sum(net for _, _, net in lines) == payout.net.ore
        and currencies <= {payout.net.currency}
        and max(names.values(), default=1) == 1
    )


def outcome(sound: Sound, data: bytes) -> str:
    """How a file ends, after everything that must hold was looked at."""
    file = open_file(sound.name, data)
    if isinstance(file, RowProblem):
        assert file.text.render("en")
        return "not opened"
    found = sound.read(file)
    assert bool(found.payouts) != bool(found.problems), "payouts, or why not"
    for problem in found.problems[:3]:
        assert problem.text.render("en")
    assert all(adds_up(payout) for payout in found.payouts)
    if sound.figures is not None:
        assert {payout.net for payout in found.payouts} <= set(sound.figures.values())
    return "read" if found.payouts else "refused"


@pytest.mark.parametrize("sound", SOUND, ids=lambda sound: sound.name)
def test_a_sound_file_is_read(sound: Sound) -> None:
    assert outcome(sound, sound.data) == "read"


def test_no_mutated_file_gives_a_payout_whose_sums_do_not_hold() -> None:
    ends: Counter[str] = Counter()
    for seed in range(EXAMPLES):
        dice = random.Random(seed)
        sound = SOUND[seed % len(SOUND)]
        data = sound.data
        for mutation in dice.choices(MUTATIONS, k=dice.choice((1, 1, 1, 2, 3))):
            data = mutation(data, dice) or b"\n"
        try:
            ends[outcome(sound, data)] += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}, {sound.name}: {data!r}") from error
    assert all(ends[end] > EXAMPLES // 50 for end in ("read", "refused", "not opened")), ends


@pytest.mark.parametrize("sound", BY_COLUMNS[:1], ids=lambda sound: sound.name)
@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_columns_in_another_order_and_other_separators_change_nothing(
    sound: Sound, separator: str, encoding: str
) -> None:
    file = open_file("x", sound.data)
    assert isinstance(file, PayoutFile)
    expected = sound.read(file).payouts
    for seed in range(20):
        dice = random.Random(seed)
        places = list(range(len(file.rows[0].cells)))
        dice.shuffle(places)
        quoted = [[f'"{row.cells[place]}"' for place in places] for row in file.rows]
        text = dice.choice(("\n", "\r\n")).join(separator.join(row) for row in quoted)
        again = open_file("x", text.encode(encoding))
        assert isinstance(again, PayoutFile)
        assert sound.read(again).payouts == expected
