"""The proof of the booking accounts, as pages and commands ask for it."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from time import perf_counter
from typing import NamedTuple

from dinero.dashboard.connection import CHOOSE_AGAIN, DineroConnection
from dinero.dashboard.settings import Choices
from dinero.intake.postings import Mirror, mirror_of, sync_entries
from dinero.model.balance import Balance, BalanceRow
from dinero.model.clock import Clock, copenhagen_date
from dinero.model.documents import Event
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.settings import Settings
from dinero.model.settlements import Opening
from dinero.reports.balance import balance_of
from dinero.rules.balance import overdue
from dinero.store import Store

KEPT = 8  # proofs that are kept in memory
SHORT = 0.1  # seconds; a proof that takes longer is kept for a while, whatever happens meanwhile
SHARE = 30  # times as long as it took


class _Kept(NamedTuple):
    token: object
    until: float
    balance: Balance


class Balances:
    """The proofs of one data folder's booking accounts. Safe to share between threads."""

    def __init__(self, store: Store, clock: Clock, settings: Choices, connection: DineroConnection) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._connection = connection
        self._kept: dict[tuple[int, date], _Kept] = {}
        self._lock = threading.Lock()

    def accounts(self) -> list[int]:
        """The booking accounts: those that are chosen, and those that anything was registered on; the main one
        first."""
        chosen = self._settings.load()
        found = [chosen.booking_account, *chosen.method_accounts.values()]
        found += [choice.account for choice in chosen.acquirers.values()]
        found += self._store.registered.accounts(chosen.organization or "")
        return list(dict.fromkeys(account for account in found if account))

    def latest(self, account: int | None = None, on: date | None = None) -> Balance | None:
        """The proof at the end of a day (today without one) as of when Dinero was asked last, which `asked_at` tells;
        None where it never was. Asks nobody. Raises SettingsError for a day that is too early."""
        chosen = self._settings.load()
        number, mirror = account or chosen.booking_account, mirror_of(self._store, chosen.organization or "")
        if number is None or mirror is None:
            return None
        day = on or copenhagen_date(self._clock.now())
        token = self._token(chosen, mirror)
        kept = self._kept.get((number, day))
        if kept is not None and (kept.token == token or perf_counter() < kept.until):
            return kept.balance
        began = perf_counter()
        balance = balance_of(self._store, chosen, mirror, number, day)
        took = perf_counter() - began
        with self._lock:
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            until = perf_counter() + (SHARE * took if took > SHORT else 0)
            self._kept[number, day] = _Kept(token, until, balance)
        return balance

    def ask(self, account: int | None = None, on: date | None = None) -> Balance:
        """The proof as of now: asks Dinero what was posted since. Raises DashboardError."""
        chosen = self._settings.load()
        if chosen.organization is None:
            raise SettingsError(CHOOSE_AGAIN)
        if (account or chosen.booking_account) is None:
            raise SettingsError(Text("Choose a booking account first."))
        sync_entries(self._connection.dinero(), self._store, chosen)
        self.forget()
        balance = self.latest(account, on)
        if balance is None:
            raise SettingsError(CHOOSE_AGAIN)
        return balance

    def forget(self) -> None:
        """Makes the next look read the store anew."""
        with self._lock:
            self._kept.clear()

    def confirm_opening(self, account: int, ore: int, on: date) -> Balance | None:
        """Stores that `ore` was on an account before the day `on`. Raises SettingsError where Dinero has something
        else: what was shown is no longer so."""
        balance = self.latest(account)
        if balance is None or balance.opening is None or (balance.opening.ore, balance.opening.on) != (ore, on):
            raise SettingsError(Text("What was on the account before the start is another amount now. Look again."))
        openings: Mapping[int, Opening] = {**self._settings.load().openings, account: Opening(on, ore)}
        self._store.settings.save(openings=openings)
        text = Text("{there} on {account} before {date} was confirmed.")
        text = Text(text.message, there=Money(ore), account=balance.name, date=on)
        self._store.history.add(Event("opening confirmed", text))
        self.forget()
        return self.latest(account)

    def overdue(self, normal_days: Mapping[str, int] | None = None) -> list[BalanceRow]:
        """Sales of all accounts that wait for longer than their acquirer normally needs (days, by its key), the oldest
        first."""
        found: list[BalanceRow] = []
        for account in self.accounts():
            balance = self.latest(account)
            found += overdue(balance, normal_days or {}) if balance else []
        return sorted(found, key=lambda row: (row.on, row.number))

    def _token(self, chosen: Settings, mirror: Mirror) -> object:
        """What a proof follows from, in short."""
        return (self._store.payouts.mark(), mirror.at, replace(chosen, today=None))
