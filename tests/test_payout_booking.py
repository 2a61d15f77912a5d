"""A payout is booked exactly once, whatever goes wrong: counted in the sandbox's books."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from conftest import World
from dinero.booking import ledger, ledger_work
from dinero.booking.ledger_work import work_off_payouts
from dinero.dashboard.dashboard import Dashboard
from dinero.intake.settling import assess_payouts, plan_of
from dinero.model.acquirers import NO_VAT, STAYS, AcquirerChoice, Way
from dinero.model.documents import Mark, State, Step
from dinero.model.errors import ConnectionStopped, DashboardError, SettingsError, TryLater
from dinero.model.ledger import ItemKind, LedgerItem
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine
from dinero.model.settlements import LedgerEntry, PayoutState, StoredPayout
from dinero.sandbox.values import lowered

BOOKING, BANK, FEES = 55100, 55000, 7420
CHOSEN = AcquirerChoice(way=Way.BOOK, fee_vat=NO_VAT)
DAY = date(2026, 11, 20)


def a_line(row: int, gross: int, fee: int = 0, kind: Movement = Movement.SALE, name: str = "") -> PayoutLine:
    return PayoutLine(row, kind, name or f"t{row}", Money(gross), Money(fee), Money(gross + fee), order=str(1000 + row))


def a_payout(name: str, *lines: PayoutLine, on: date = DAY) -> Payout:
    named = tuple(replace(line, id=f"{name}-{line.id}") for line in lines)
    net = Money(sum(line.net.ore for line in lines))
    return Payout("clearhaus", "1234567", name, on, net, named, bank_text=f"CH1234567 {name}")


SALE = (a_line(2, 24900, -361), a_line(3, 10000, -145))


class Acquirer:
    """The owner's choices, payouts that were read, and the worker."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.choose()

    @property
    def dashboard(self) -> Dashboard:
        return self.world.dashboard

    def choose(self, choice: AcquirerChoice = CHOSEN, **settings: Any) -> None:
        self.dashboard.settings.save(bank_account=BANK, acquirers={"clearhaus": choice}, **settings)

    def read(self, *payouts: Payout) -> list[int]:
        numbers = list(self.dashboard.store.payouts.add(payouts, source="test.csv").new)
        self.assess()
        return numbers

    def assess(self) -> None:
        assess_payouts(self.dashboard.store, self.dashboard.settings.load())

    def work(self, dashboard: Dashboard | None = None) -> bool:
        used = dashboard or self.dashboard
        return work_off_payouts(used.connection.dinero(), used.store, used.settings.load)

    def book(self, *numbers: int) -> None:
        self.dashboard.store.payouts.want(numbers, actor="test")
        self.work()

    def take_back(self, number: int, reason: str = "prøve") -> None:
        assert self.dashboard.store.payouts.want_back(number, reason=reason, actor="test")
        self.work()

    def get(self, number: int) -> StoredPayout:
        found = self.dashboard.store.payouts.get(number)
        assert found is not None
        return found

    def item(self, number: int) -> LedgerItem:
        found = self.dashboard.store.ledger_items.newest(number)
        assert found is not None
        return found

    def codes(self, number: int) -> list[str]:
        return [finding.code for finding in self.get(number).reasons]

    def events(self, number: int) -> list[str]:
        return [event.event for event in self.dashboard.store.history.list(payout=number, oldest_first=True)]

    def booked(self) -> list[dict[str, Any]]:
        """The ledger items that Dinero has booked."""
        return [item for item in self.world.sandbox.books.ledger_items.values() if item["Status"] == "Booked"]

    def balance(self, account: int) -> int:
        """What Dinero has on an account, in øre."""
        entries = self.world.sandbox.books.entries(date(2026, 1, 1), date(2026, 12, 31))
        return sum(
            entry["_ore"] if "_ore" in entry else round(entry["Amount"] * 100)
            for entry in entries
            if entry["AccountNumber"] == account
        )

    def calls(self, path: str) -> int:
        return sum(path in call for call in self.world.writes())


@pytest.fixture
def acquirer(world: World) -> Acquirer:
    return Acquirer(world)


def test_a_payout_is_laid_compared_booked_and_read_back(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("2026-11-20", *SALE))
    assert acquirer.get(number).state == PayoutState.READY
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert len(acquirer.booked()) == 1
    assert (acquirer.balance(BOOKING), acquirer.balance(BANK), acquirer.balance(FEES)) == (-34900, 34394, 506)
    assert acquirer.events(number) == ["claimed", "drafted", "verified", "booked", "done"]
    assert acquirer.item(number).voucher_number == "1"
