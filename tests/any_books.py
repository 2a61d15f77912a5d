"""Any history of a booking account: sales, refunds, payouts and others' vouchers, as Dinero and the store have them."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from dinero.model.balance import Balance
from dinero.model.payouts import Movement
from dinero.model.settlements import (
    LedgerEntry,
    LineState,
    Opening,
    PayoutState,
    Registered,
    StoredLine,
    StoredPayout,
)
from dinero.rules.balance import Books, prove
from dinero.rules.settled import PaidOut
from dinero.rules.ties import Moved

ACCOUNT = 55110
FIRST = date(2026, 1, 1)
START = date(2026, 1, 11)
DAYS = 60
AMOUNTS = (24900, 24900, 10000, 5000, 101)


@dataclass
class AnyBooks:
    """The store's side and Dinero's side of one history, which agree. `told` is how Dinero's postings name their
    vouchers: "number", "guid" or "nothing" of ours."""

    random: Random
    told: str = "number"
    entries: list[LedgerEntry] = field(default_factory=list)
    registered: list[Registered] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    payouts: list[PaidOut] = field(default_factory=list)
    first_ore: int = 0
    confirms: bool = True
    paid: set[str] = field(default_factory=set)  # ids of lines that are in a payout

    def day(self, first: date = START, last: int = DAYS) -> date:
        return first + timedelta(days=self.random.randrange(last))

    def post(self, ore: int, on: date, *, number: str, guid: str, text: str = "") -> None:
        """A posting in Dinero."""
        if self.told == "nothing":
            number, guid = str(1 + len(self.entries) % 40), f"voucher {len(self.entries)}"
        elif self.told == "number":
            guid = f"voucher of {number} {ore} {len(self.entries)}"
        self.entries.append(LedgerEntry(f"e{len(self.entries)}", ACCOUNT, on, ore, text, number, guid))

    # --- what happens --------------------------------------------------------------------------------------

    def sell(self, ore: int | None = None) -> None:
        n, on = len(self.registered) + 1, self.day()
        sale = Registered(
            f"d{n}",
            f"p{n}",
            str(n),
            "shop",
            f"o{n}",
            f"{1000 + n}",
            "Kort",
            ACCOUNT,
            ore or self.random.choice(AMOUNTS),
            on,
        )
        self.registered.append(sale)
        self.post(sale.ore, on, number=sale.number, guid=sale.guid)

    def credit(self) -> None:
        """A refund or an invoice that is booked anew; posted under its invoice's number."""
        sales = [sale for sale in self.registered if not sale.is_credit]
        if not sales:
            return
        of, n = self.random.choice(sales), len(self.registered) + 1
        ore = -self.random.choice([of.ore, of.ore, of.ore // 2])
        note = replace(
            of,
            guid=f"d{n}",
            payment_guid=f"p{n}",
            number=str(n),
            ore=ore,
            on=of.on + timedelta(days=self.random.randrange(9)),
            is_credit=True,
            invoice_guid=of.guid,
            invoice_number=of.number,
        )
        self.registered.append(note)
        self.post(ore, note.on, number=of.number, guid=of.guid)

    def others(self) -> None:
        """A voucher that nobody here knows of; its number may be an invoice's too."""
        n = self.random.randrange(1, 40)
        ore = self.random.choice([7, -13, 999, -24900, 5000])
        if abs(ore) in AMOUNTS:
            n += 1000
        on = self.day(FIRST, DAYS + 10)
        self.entries.append(
            LedgerEntry(f"e{len(self.entries)}", ACCOUNT, on, ore, "Bilag", str(n), f"their {len(self.entries)}")
        )

    def pay_out(self) -> None:
        """A payout of some of what was registered, and of more; booked in one of all ways, or not."""
        number, lines, random = len(self.payouts) + 1, list[StoredLine](), self.random
        for sale in random.sample(self.registered, min(len(self.registered), 5)):
            kind = Movement.REFUND if sale.is_credit else Movement.SALE
            if f"{sale.guid} {kind}" not in self.paid and random.random() < 0.8:
                gross = sale.ore + random.choice([0, 0, 0, 0, 50 if sale.ore > 0 else -1])
                lines.append(self._line(number, len(lines), kind, gross, sale))
        if random.random() < 0.4 and self.registered:
            sale = random.choice(self.registered)
            back = random.choice([Movement.CHARGEBACK, Movement.CHARGEBACK, Movement.CHARGEBACK_RETURNED])
            sign = -1 if back is Movement.CHARGEBACK else 1
            lines.append(self._line(number, len(lines), back, sign * abs(sale.ore), sale))
        for kind, ore in (
            (Movement.SALE, 700),
            (Movement.REFUND, -300),
            (Movement.CHARGEBACK, -900),
            (Movement.RESERVE, -500),
            (Movement.RESERVE_RELEASED, 500),
            (Movement.CORRECTION, 33),
            (Movement.OTHER, -44),
            (Movement.FEE, 0),
        ):
            if random.random() < 0.15:
                lines.append(self._line(number, len(lines), kind, ore, None))
        if random.random() < 0.2:
            lines.append(replace(self._line(number, len(lines), Movement.SALE, 24900, None), is_sum=True))
        self._book(number, lines)

    def _line(self, payout: int, place: int, kind: Movement, gross: int, sale: Registered | None) -> StoredLine:
        fee = -self.random.choice([0, 145, 361])
        order = sale.order_id if sale else ""
        self.paid.add(f"{sale.guid if sale else payout} {kind}")
        return StoredLine(
            payout, place, place + 2, kind, f"t{payout}-{place}", gross, fee, gross + fee, shop="shop" if sale else "",
            order_id=order, number=sale.order_number if sale else "", state=LineState.NONE,
        )  # fmt: skip

    def _book(self, number: int, lines: list[StoredLine]) -> None:
        random, on = self.random, self.day(START, DAYS + 5)
        net, fees = sum(line.net_ore for line in lines), sum(line.fee_ore for line in lines)
        payout = StoredPayout(
            number, "clearhaus", "1", f"CH{number}", on, "DKK", net, 0, 0, fees, 0, len(lines), 0, 0,
            first_day=on - timedelta(days=9), last_day=on - timedelta(days=3), state=PayoutState.BOOKED,
        )  # fmt: skip
        named = frozenset(random.sample([Movement.RESERVE, Movement.CORRECTION, Movement.OTHER], random.randrange(3)))
        if Movement.RESERVE in named:
            named |= {Movement.RESERVE_RELEASED}
        paid = PaidOut(payout, tuple(lines), named=named)
        reserve = -paid.gross_of([k for k in (Movement.RESERVE, Movement.RESERVE_RELEASED) if k in named])
        other = -paid.gross_of([k for k in (Movement.CORRECTION, Movement.OTHER) if k in named])
        way = random.choice(["book", "book", "fee", "nothing", "not", "counter", "draft"])
        if way == "book" or way == "counter":
            self._item(number, on, [net, -fees, reserve, other], reserve, other)
            if way == "counter":
                later = on + timedelta(days=random.randrange(9))
                self._item(number, later, [-net, fees, -reserve, -other], -reserve, -other)
        elif way == "fee":
            self._item(number, on, [-fees, reserve, other], reserve, other)
            paid = replace(paid, by_owner=True, is_carried=net < 0 and random.random() < 0.3)
            self._by_hand(on, [] if paid.is_carried else [net])
        elif way == "nothing":
            paid = replace(paid, by_owner=True)
            self._by_hand(on, random.choice([[net, -fees], [net], [net - fees + reserve + other], []]))
        elif way == "draft" and random.random() < 0.5:
            self._item(number, on, [net, -fees, reserve, other], reserve, other, is_booked=False)
        self.payouts.append(paid)

    def _item(
        self, payout: int, on: date, amounts: list[int], reserve: int, other: int, *, is_booked: bool = True
    ) -> None:
        n = len(self.moved) + 1
        item = Moved(payout, f"i{n}", str(n), on, sum(amounts), reserve, other, is_booked=is_booked)
        self.moved.append(item)
        told, voucher = self.told, f"item voucher {n}"
        for ore in amounts:
            if ore:
                number, guid = {"guid": (str(n), f"i{n}"), "number": (str(n), voucher)}.get(told, (f"9{n}", voucher))
                guid = guid if is_booked else item.guid
                self.entries.append(LedgerEntry(f"e{len(self.entries)}", ACCOUNT, on, -ore, "Udbetaling", number, guid))

    def _by_hand(self, on: date, amounts: list[int]) -> None:
        for ore in amounts:
            if ore:
                day = on + timedelta(days=self.random.randrange(-2, 5))
                name = f"bank {len(self.entries)}"
                self.entries.append(LedgerEntry(f"e{len(self.entries)}", ACCOUNT, day, -ore, "Bank", name, name))

    # --- asked ---------------------------------------------------------------------------------------------

    def books(self, on: date) -> Books:
        """What is proven of a day."""
        entries = self.entries
        opening = self._opening()
        before = min([START, *(sale.on for sale in self.registered)])
        return Books(
            ACCOUNT,
            "Webshop salg",
            on,
            datetime(2026, 6, 1, tzinfo=UTC),
            self.first_ore + sum(entry.ore for entry in entries if entry.on <= on),
            entries=entries,
            registered=self.registered,
            untied=self.registered,
            moved=self.moved,
            payouts=self.payouts,
            start=before,
            opening=opening,
            first_ore=self.first_ore,
        )

    def _opening(self) -> Opening | None:
        ore = prove_nothing(self)
        return Opening(START, ore) if ore and self.confirms else None


def prove_nothing(any_books: AnyBooks) -> int:
    """What was on the account before the start."""
    return any_books.first_ore + sum(entry.ore for entry in any_books.entries if entry.on < START)


def any_books(random: Random, events: int, told: str = "") -> AnyBooks:
    """A history of so many events."""
    told = told or random.choice(["number", "guid", "nothing"])
    made = AnyBooks(random, told=told, first_ore=random.choice([0, 0, 123_456]))
    for _ in range(events):
        what = [made.sell] * 8 + [made.credit] * 2 + [made.others] * 2 + [made.pay_out] * 4
        random.choice(what)()
    return made


def proof(made: AnyBooks, on: date) -> Balance:
    """The proof of a day."""
    return prove(made.books(on))
