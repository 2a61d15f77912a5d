"""The proof of the booking accounts, as pages and commands ask for it."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from time import thread_time

from dinero.automatic.alarms import Alarms
from dinero.automatic.balances import tell_of_overdue, tell_of_unexplained
from dinero.dashboard.connection import CHOOSE_AGAIN, DineroConnection
from dinero.dashboard.settings import Choices
from dinero.intake.postings import mirror_of, sync_entries
from dinero.model.balance import Balance, BalanceRow, balance_from_json
from dinero.model.clock import Clock, copenhagen_date
from dinero.model.documents import Event
from dinero.model.errors import DashboardError, SettingsError
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.settlements import Opening
from dinero.reports.balance import balance_of
from dinero.reports.balance_export import PayoutsOfPeriod
from dinero.rules.balance import overdue
from dinero.store import Store

log = logging.getLogger(__name__)

KEPT = 8  # proofs of days of before that are kept in memory
LONG = 0.3  # seconds of the processor; a proof that takes longer is made anew beside the page, which shows the last one
PACE = 20  # and no sooner than after so many times what it took, so that pages are never slowed down by it

_OUTDATED = object()  # no proof follows from it

Work = Callable[[], None]
_Of = tuple[str, int]  # an organization's account


def in_a_thread(work: Work) -> None:
    """Does some work beside what is going on."""
    threading.Thread(target=work, daemon=True).start()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A proof, what it follows from, when it was made, and how long that took (seconds)."""

    balance: Balance
    token: object
    at: datetime
    took: float


class Balances:
    """The proofs of one data folder's booking accounts. Safe to share between threads. `normal_days` are those that
    each acquirer needs, as far as that is measured. `beside` does work that nobody waits for."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: Choices,
        connection: DineroConnection,
        normal_days: Callable[[], Mapping[str, int]] = dict,
        beside: Callable[[Work], None] = in_a_thread,
    ) -> None:
        self._store = store
        self._normal_days = normal_days
        self._clock = clock
        self._settings = settings
        self._connection = connection
        self._beside = beside
        self._newest: dict[_Of, _Kept] = {}
        self._past: dict[tuple[_Of, date], _Kept] = {}
        self._late: tuple[list[Balance], Mapping[str, int], list[BalanceRow]] = ([], {}, [])
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

    def latest(self, account: int | None = None, on: date | None = None, *, exact: bool = False) -> Balance | None:
        """The proof at the end of a day (today without one) as of when Dinero was asked last, which `asked_at` tells;
        None where it never was. Asks nobody. Where there is so much that a proof takes long, that of today may be one
        step behind, unless it must be `exact`. Raises SettingsError for a day that is too early."""
        chosen = self._settings.load()
        number, mirror = account or chosen.booking_account, mirror_of(self._store, chosen.organization or "")
        if number is None or mirror is None:
            return None
        today = copenhagen_date(self._clock.now())
        day, of = on or today, (chosen.organization or "", number)
        token = (self._store.payouts.mark(), mirror.at, replace(chosen, today=None), day)

        def make() -> _Kept:
            began = thread_time()
            balance = balance_of(self._store, chosen, mirror, number, day)
            return _Kept(balance, token, self._clock.now(), thread_time() - began)

        kept = self._newest.get(of) if day == today else self._past.get((of, day))
        if kept is None and day == today:
            kept = self._remembered(of)
        if kept is not None and kept.token == token:
            return kept.balance
        if kept is None or exact or day != today or kept.took < LONG:
            made = make()
            if day == today:
                self._keep(of, made)
            else:
                self._keep_past(of, day, made)
            return made.balance
        is_time = kept.token is None or abs(self._clock.now() - kept.at) >= timedelta(seconds=kept.took * PACE)
        if is_time and self._making.acquire(blocking=False):
            try:
                self._beside(lambda: self._renew(of, kept, make))
            except RuntimeError:  # no thread is to be had now; a later look tries again
                self._making.release()
        return kept.balance

    def _renew(self, of: _Of, before: _Kept, make: Callable[[], _Kept]) -> None:
        try:
            made = make()
            if self._newest.get(of) is before:  # else there is a newer one already
                self._keep(of, made)
        except DashboardError as error:
            log.warning("%s", error)
        finally:
            self._making.release()

    def _keep(self, of: _Of, made: _Kept) -> None:
        """Keeps a proof of today; one that took long also for the next start, which would make everybody wait."""
        with self._lock:
            self._newest[of] = made
        if made.took >= LONG:
            self._store.look_ups.put(_name(of), {"took": made.took, "balance": made.balance.to_json()})
        elif self._store.look_ups.get(_name(of)) is not None:
            self._store.look_ups.put(_name(of), None)

    def _keep_past(self, of: _Of, day: date, made: _Kept) -> None:
        with self._lock:
            while len(self._past) >= KEPT:
                self._past.pop(next(iter(self._past)))
            self._past[of, day] = made

    def _remembered(self, of: _Of) -> _Kept | None:
        """The last proof of before this start, whatever it followed from."""
        found = self._store.look_ups.get(_name(of))
        if found is None:
            return None
        packed, at = found
        try:
            kept = _Kept(balance_from_json(packed["balance"]), None, at, packed["took"])
        except (KeyError, TypeError, ValueError):  # kept by another version
            return None
        return self._newest.setdefault(of, kept)

    def ask(self, account: int | None = None, on: date | None = None) -> Balance:
        """The proof as of now: asks Dinero what was posted since. Raises DashboardError."""
        chosen = self._settings.load()
        if chosen.organization is None:
            raise SettingsError(CHOOSE_AGAIN)
        if (account or chosen.booking_account) is None:
            raise SettingsError(Text("Choose a booking account first."))
        sync_entries(self._connection.dinero(), self._store, chosen)
        self.forget()
        balance = self.latest(account, on, exact=True)
        if balance is None:
            raise SettingsError(CHOOSE_AGAIN)
        return balance

    def of_period(self, first: date, last: date) -> PayoutsOfPeriod | None:
        """What was paid out from `first` to `last`, and the booking accounts at the end of `last` as far as Dinero's
        postings were read; None where nothing of payouts is known here. Asks nobody."""
        if not self._store.payouts.acquirers():
            return None
        found = [self.latest(account, last, exact=True) for account in self.readable(last)]
        paid = sorted(self._store.payouts.listed(first=first, last=last), key=lambda one: (one.paid_on, one.id))
        return PayoutsOfPeriod(tuple(balance for balance in found if balance), tuple(paid))

    def readable(self, on: date) -> list[int]:
        """The booking accounts that can be explained at the end of a day: Dinero's postings were read
        from before it on."""
        mirror = mirror_of(self._store, self._settings.load().organization or "")
        return [account for account in self.accounts() if mirror is not None and mirror.first <= on]

    def forget(self) -> None:
        """Says that what is kept is outdated, whatever it followed from."""
        with self._lock:
            self._newest = {of: replace(kept, token=_OUTDATED) for of, kept in self._newest.items()}
            self._past.clear()

    def confirm_opening(self, account: int, ore: int, on: date) -> Balance | None:
        """Stores that `ore` was on an account before the day `on`. Raises SettingsError where Dinero has something
        else: what was shown is no longer so."""
        balance = self.latest(account, exact=True)
        if balance is None or balance.opening is None or (balance.opening.ore, balance.opening.on) != (ore, on):
            raise SettingsError(Text("What was on the account before the start is another amount now. Look again."))
        openings: Mapping[int, Opening] = {**self._settings.load().openings, account: Opening(on, ore)}
        self._store.settings.save(openings=openings)
        text = Text("{there} on {account} before {date} was confirmed.")
        text = Text(text.message, there=Money(ore), account=balance.name, date=on)
        self._store.history.add(Event("opening confirmed", text))
        return self.latest(account, exact=True)

    def overdue(self) -> list[BalanceRow]:
        """Sales of all accounts that wait for longer than their acquirer normally needs, the oldest first."""
        if not self._store.payouts.acquirers():
            return []
        normal = self._normal_days()
        balances = [balance for account in self.accounts() if (balance := self.latest(account)) is not None]
        of, days, rows = self._late
        if days != normal or len(of) != len(balances) or any(a is not b for a, b in zip(of, balances, strict=True)):
            found = [row for balance in balances for row in overdue(balance, normal)]
            rows = sorted(found, key=lambda row: (row.on, row.number))
            self._late = balances, normal, rows
        return [*rows]

    def tell(self, alarms: Alarms) -> None:
        """Explains the accounts as of now, and raises alarms of what is unexplained or overdue; nothing where no payout
        was read. Raises DashboardError."""
        if not self._store.payouts.acquirers():
            return
        self.ask()
        found = [self.latest(account, exact=True) for account in self.accounts()]
        balances = [balance for balance in found if balance is not None]
        tell_of_unexplained(self._store, alarms, balances)
        tell_of_overdue(self._store, alarms, self.overdue())


def _name(of: _Of) -> str:
    organization, account = of
    return f"balance:{organization}:{account}"
