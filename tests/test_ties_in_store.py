"""What the database says to be beyond doubt is what comparing all of it one by one says, on any history."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis.strategies import integers, randoms

from dinero.model.settlements import LedgerEntry
from dinero.store import Store
from dinero.store.connections import Connection

ORGANIZATION, ACCOUNT = "210001", 55110
ON = date(2026, 3, 2)
Sale = tuple[str, str, int, str | None, str, str | None]  # Guid, day, øre, number, order, the invoice it credits
Line = tuple[int, str, int, str, str, bool]  # payout, order, gross, kind, currency, whether it is a sum


def any_sales(random: Random, n: int) -> list[Sale]:
    return [
        (
            f"d{place}",
            f"2026-03-0{random.randint(1, 3)}",
            random.choice([100, 200, -100]),
            random.choice(["1", "2", "3", "4", None]),
            f"o{random.randint(1, 4)}",
            random.choice([None, None, None, "d0", "d1"]),
        )
        for place in range(n)
    ]


def any_entries(random: Random, n: int) -> list[LedgerEntry]:
    return [
        LedgerEntry(
            f"e{place}",
            random.choice([ACCOUNT, ACCOUNT, ACCOUNT, 55000]),
            date(2026, 3, random.randint(1, 3)),
            random.choice([100, 200, -100]),
            "",
            random.choice(["", "1", "2", "3", "4"]),
            random.choice(["", f"v{place}", f"v{place}", f"v{place % 3}"]),
            is_primo=random.random() < 0.1,
        )
        for place in range(n)
    ]


def any_lines(random: Random, n: int) -> list[Line]:
    return [
        (
            random.randint(1, 3),
            random.choice(["", "o1", "o2", "o3", "o4", "o5"]),
            random.choice([100, 200, -100]),
            random.choice(["sale", "sale", "sale", "refund", "chargeback"]),
            random.choice(["", "", "", "EUR"]),
            random.random() < 0.1,
        )
        for _ in range(n)
    ]


def fill(db: Connection, sales: Iterable[Sale], lines: Iterable[Line]) -> None:
    for guid, day, ore, number, order, credited in sales:
        db.execute(
            "insert into documents (organization, source, subject, kind, generation, guid, plan, step, state, "
            "operation_id, created_at, updated_at, invoice_number, payment_guid, deposit_account, deposit_ore, "
            "deposit_on, credit_for) values (?, 'shop', ?, 'invoice', ?, ?, '{}', 'done', 'done', '', '', '', ?, 'p', "
            "?, ?, ?, ?)",
            [ORGANIZATION, order, int(guid[1:]) + 1, guid, number, ACCOUNT, ore, day, credited],
        )
    for payout in (1, 2, 3):
        db.execute(
            "insert into payouts (id, acquirer, account, payout, paid_on, currency, net_ore, sold_ore, refunded_ore, "
            "fees_ore, other_ore, lines, orders, bank_text, is_gross, source, read_at, state) values "
            "(?, 'a', '1', ?, '2026-03-03', 'DKK', 0, 0, 0, 0, 0, 0, 0, '', 0, '', '', 'booked')",
            [payout, str(payout)],
        )
    for place, (payout, order, gross, kind, currency, is_sum) in enumerate(lines):
        db.execute(
            "insert into payout_lines (payout, place, row, acquirer, account, kind, line_id, gross_ore, fee_ore, "
            "net_ore, order_ref, transaction_id, sold_for_currency, is_sum, text, shop, order_id, state) values "
            "(?, ?, ?, 'a', '1', ?, ?, ?, 0, ?, '', '', ?, ?, '', 'shop', ?, 'matched')",
            [payout, place, place, kind, str(place), gross, gross, currency, int(is_sum), order],
        )


def once(keys: Iterable[object]) -> set[object]:
    return {key for key, n in Counter(keys).items() if n == 1}


@settings(max_examples=150, deadline=None)
@given(randoms(use_true_random=False), integers(0, 8), integers(0, 8), integers(0, 8))
def test_only_what_is_each_others_alone_is_beyond_doubt(random: Random, sold: int, posted: int, paid: int) -> None:
    sales, entries, lines = any_sales(random, sold), any_entries(random, posted), any_lines(random, paid)
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        with store.transaction() as db:
            fill(db, sales, lines)
        store.entries.save(ORGANIZATION, entries)
        keys = store.ties.in_doubt(ORGANIZATION, ACCOUNT)
        untied = dict(store.registered.in_doubt(ORGANIZATION, ACCOUNT, keys))
        left = {entry.guid for entry in store.entries.in_doubt(ORGANIZATION, ACCOUNT, keys)}
        orders = set(store.ties.open_orders(ORGANIZATION, ACCOUNT, ON, [1, 2]))
        documents = store.registered.of_orders(ORGANIZATION, ACCOUNT, ON, sorted(orders))
        store.close()

    order_of = {sale[0]: sale[4] for sale in sales}  # of a refund: the order whose invoice is credited
    sales = [(*sale[:4], order_of.get(sale[5] or "", sale[4]), None) for sale in sales]
    here = [entry for entry in entries if entry.account == ACCOUNT and not entry.is_primo]
    vouchers = Counter(entry.voucher_guid for entry in here if entry.voucher_guid)
    shared = {key_of(entry) for entry in here if vouchers[entry.voucher_guid] > 1}
    sure = once(map(sale_key, sales)) & once(map(key_of, here)) - shared
    assert untied == {sale[0]: f"shop\x1f{sale[4]}" for sale in sales if sale_key(sale) not in sure}
    assert left == {entry.guid for entry in here if key_of(entry) not in sure}

    dated = [sale for sale in sales if date.fromisoformat(sale[1]) <= ON]
    mine = [line for line in lines if line[0] in (1, 2) and line[1]]
    alike = [line for line in mine if line[3] in ("sale", "refund") and not line[4] and not line[5]]
    closed = once((sale[4], sale[2]) for sale in dated) & once((line[1], line[2]) for line in alike)
    is_open = {sale[4] for sale in dated if (sale[4], sale[2]) not in closed}
    is_open |= {line[1] for line in mine if line not in alike or (line[1], line[2]) not in closed}
    assert orders == {f"shop\x1f{order}" for order in is_open}
    assert sorted(documents) == sorted(sale[0] for sale in dated if sale[4] in is_open)


def sale_key(sale: Sale) -> object:
    return sale[1], sale[2], sale[3] or ""


def key_of(entry: LedgerEntry) -> object:
    return entry.on.isoformat(), entry.ore, entry.voucher_number
