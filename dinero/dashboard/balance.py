"""The proof of the booking accounts, as pages and commands ask for it."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from time import perf_counter
from typing import NamedTuple

from dinero.automatic.alarms import Alarms
from dinero.automatic.balances import tell_of_overdue, tell_of_unexplained
from dinero.dashboard.connection import CHOOSE_AGAIN, DineroConnection
from dinero.dashboard.settings import Choices
from dinero.intake.postings import Mirror, mirror_of, sync_entries
from dinero.model.balance import Balance, BalanceRow
from dinero.model.clock import Clock, copenhagen_date
from dinero.model.documents import Event
from dinero.model.errors import DashboardError, SettingsError
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.settings import Settings
from dinero.model.settlements import Opening
from dinero.reports.balance import balance_of
from dinero.reports.balance_export import PayoutsOfPeriod
from dinero.rules.balance import overdue
from dinero.store import Store

log = logging.getLogger(__name__)

KEPT = 8  # proofs that are kept in memory
LONG = 0.3  # seconds; a proof that takes longer is made anew beside the page, which shows the last one meanwhile


class _Kept(NamedTuple):
    token: object
    took: float  # seconds
    balance: Balance


class Balances:
    """The proofs of one data folder's booking accounts. Safe to share between threads. `normal_days` are those that
    each acquirer needs, as far as that is measured."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: Choices,
        connection: DineroConnection,
        normal_days: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._store = store
        self._normal_days = normal_days
        self._clock = clock
        self._settings = settings
        self._connection = connection
        self._kept: dict[tuple[int, date], _Kept] = {}
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def accounts(self) -> list[int]:
        """The booking accounts: those that are chosen, those that anything was registered on, and those that payouts
        were booked from; the main one first."""
        chosen = self._settings.load()
        found = [chosen.booking_account, *chosen.method_accounts.values()]
        found += [choice.account for choice in chosen.acquirers.values()]
        found += self._store.registered.accounts(chosen.organization or "")
        found += self._store.ledger_items.accounts(chosen.organization or "")
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
        if kept is None or (kept.token != token and kept.took < LONG):
            return self._make(chosen, mirror, number, day, token)
        if kept.token != token and self._making.acquire(blocking=False):
            threading.Thread(target=self._make_beside, args=(chosen, mirror, number, day, token), daemon=True).start()
        return kept.balance

    def _make(self, chosen: Settings, mirror: Mirror, account: int, on: date, token: object) -> Balance:
        began = perf_counter()
        balance = balance_of(self._store, chosen, mirror, account, on)
        with self._lock:
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[account, on] = _Kept(token, perf_counter() - began, balance)
        return balance

    def _make_beside(self, chosen: Settings, mirror: Mirror, account: int, on: date, token: object) -> None:
        try:
            self._make(chosen, mirror, account, on, token)
        except DashboardError as error:
            log.warning("%s", error)
        finally:
            self._making.release()

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

    def of_period(self, first: date, last: date) -> PayoutsOfPeriod | None:
        """What was paid out from `first` to `last`, and the booking accounts at the end of `last` as far as Dinero's
        postings were read; None where nothing of payouts is known here. Asks nobody."""
        if not self._store.payouts.acquirers():
            return None
        found = [self.latest(account, last) for account in self.readable(last)]
        paid = sorted(self._store.payouts.listed(first=first, last=last), key=lambda one: (one.paid_on, one.id))
        return PayoutsOfPeriod(tuple(balance for balance in found if balance), tuple(paid))

    def readable(self, on: date) -> list[int]:
        """The booking accounts that can be explained at the end of a day: Dinero's postings were read
        from before it on."""
        mirror = mirror_of(self._store, self._settings.load().organization or "")
        return [account for account in self.accounts() if mirror is not None and mirror.first <= on]

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

    def overdue(self) -> list[BalanceRow]:
        """Sales of all accounts that wait for longer than their acquirer normally needs, the oldest first."""
        if not self._store.payouts.acquirers():
            return []
        normal = self._normal_days()
        found: list[BalanceRow] = []
        for account in self.accounts():
            balance = self.latest(account)
            found += overdue(balance, normal) if balance else []
        return sorted(found, key=lambda row: (row.on, row.number))

    def tell(self, alarms: Alarms) -> None:
        """Explains the accounts as of now, and raises alarms of what is unexplained or overdue; nothing where no payout
        was read. Raises DashboardError."""
        if not self._store.payouts.acquirers():
            return
        self.ask()
        balances = [balance for account in self.accounts() if (balance := self.latest(account)) is not None]
        tell_of_unexplained(self._store, alarms, balances)
        tell_of_overdue(self._store, alarms, self.overdue())

    def _token(self, chosen: Settings, mirror: Mirror) -> object:
        """What a proof follows from, in short."""
        return (self._store.payouts.mark(), mirror.at, replace(chosen, today=None))
