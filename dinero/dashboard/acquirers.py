"""Acquirers, as pages and commands ask for them: the owner's choices for each."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from dinero.dashboard.settings import Choices
from dinero.model.acquirers import ACQUIRERS, FEE_VATS, NAMED_KINDS, STAYS, AcquirerChoice, Way, acquirer_of
from dinero.model.chart import Chart
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.payouts import Movement
from dinero.model.settings import Settings
from dinero.store import Store

LONGEST_NAME = 60
LONGEST_METHOD, MOST_METHODS = 200, 100
_NAMES = frozenset(item.name for item in fields(AcquirerChoice))


class Acquirers:
    """The owner's choices for the acquirers of one data folder."""

    def __init__(self, store: Store, settings: Choices) -> None:
        self._store = store
        self._settings = settings

    def known(self) -> list[str]:
        """The acquirers that payouts were read of or that something is chosen for, by their keys; those that are known
        everywhere first."""
        found = {*self._store.payouts.acquirers(), *self._settings.load().acquirers}
        return [key for key in ACQUIRERS if key in found] + sorted(found - ACQUIRERS.keys())

    def choice(self, acquirer: str) -> AcquirerChoice:
        """The choices as they count, with what all acquirers have in common."""
        return self._settings.load().acquirer(acquirer)

    def unconfirmed(self, acquirer: str) -> bool:
        """Whether nobody has said yet which VAT code this acquirer's fees have. Its preset is shown till then."""
        chosen = self._settings.load().acquirers.get(acquirer)
        return chosen is None or chosen.fee_vat is None

    def choose(self, acquirer: str, **changes: Any) -> Settings:
        """Stores choices of one acquirer by the names of AcquirerChoice; None takes one back. Raises SettingsError."""
        if not acquirer.strip() or len(acquirer) > LONGEST_NAME or changes.keys() - _NAMES:
            raise SettingsError(Text("There is no such acquirer or choice."))
        with self._store.transaction():  # two choices at once are both kept
            settings = self._settings.load()
            before = settings.acquirers.get(acquirer, AcquirerChoice())
            chosen = replace(before, **_checked(changes, settings, before))
            counts = replace(settings, acquirers={**settings.acquirers, acquirer: chosen})
            _check_apart(counts.acquirer(acquirer))
            return self._settings.save(acquirers=counts.acquirers)

    def preset(self, acquirer: str) -> str | None:
        """The VAT code of fees that is a fact for this acquirer; None where the accountant says it."""
        return acquirer_of(acquirer).fee_vat

    def choose_bank_account(self, number: int | None) -> Settings:
        """Chooses the deposit account where payouts arrive. Raises SettingsError."""
        settings = self._settings.load()
        if number is not None:
            _deposit(settings.chart, number)
            between = {settings.booking_account, *settings.method_accounts.values()}
            if number in between | {choice.account for choice in settings.acquirers.values()}:
                raise SettingsError(BANK_IS_BETWEEN)
        return self._settings.save(bank_account=number)

    def choose_fee_account(self, number: int) -> Settings:
        """Chooses the account of fees. Raises SettingsError."""
        return self._settings.save(fee_account=_entry(self._settings.load().chart, number))

    def choose_exchange_account(self, number: int | None) -> Settings:
        """Chooses the account of what is won or lost between currencies; with None payouts with a difference are held.
        Raises SettingsError."""
        chart = self._settings.load().chart
        return self._settings.save(exchange_account=None if number is None else _entry(chart, number))


BANK_IS_BETWEEN = Text(
    "Payouts go from the booking account to the bank account, so the two can't be the same. Choose the account of your "
    "bank."
)


def _check_apart(chosen: AcquirerChoice) -> None:
    """Raises SettingsError for money that would go from the booking account to the booking account."""
    if chosen.account is None:
        return
    if chosen.bank_account == chosen.account:
        raise SettingsError(BANK_IS_BETWEEN)
    if chosen.account in chosen.accounts.values():
        text = Text("That is the booking account itself. Say that it stays there, or choose another account.")
        raise SettingsError(text)


def _checked(changes: Mapping[str, Any], settings: Settings, before: AcquirerChoice) -> dict[str, Any]:
    """The changes as they are kept. Raises SettingsError for one that can't be."""
    chart, kept = settings.chart, dict(changes)
    if changes.get("way") is not None:
        kept["way"] = _way(changes["way"])
    for name in ("account", "bank_account"):
        if changes.get(name) is not None:
            kept[name] = _deposit(chart, changes[name])
    if changes.get("fee_account") is not None:
        kept["fee_account"] = _entry(chart, changes["fee_account"])
    if changes.get("fee_vat") is not None:
        kept["fee_vat"] = _vat(changes["fee_vat"])
    if "accounts" in changes:
        told = {_kind(kind): number for kind, number in (changes["accounts"] or {}).items()}
        named: dict[Any, Any] = {**before.accounts, **told}
        kept["accounts"] = {kind: _of_kind(chart, number) for kind, number in named.items() if number is not None}
    if "methods" in changes:
        methods = tuple(dict.fromkeys(str(method) for method in changes["methods"] or ()))
        if len(methods) > MOST_METHODS or any(len(method) > LONGEST_METHOD for method in methods):
            raise SettingsError(Text("There is no such way to pay."))
        kept["methods"] = methods
    if "by_itself" in changes:
        kept["by_itself"] = changes["by_itself"] is True
    return kept


def _way(value: Any) -> Way:
    try:
        return Way(value)
    except ValueError:
        raise SettingsError(Text("Choose how far payouts are taken in Dinero.")) from None


def _kind(value: Any) -> Movement:
    if value not in NAMED_KINDS:
        raise SettingsError(Text("An account is named for reserves, corrections and other lines only."))
    return Movement(value)


def _vat(code: Any) -> str:
    if code not in FEE_VATS:
        raise SettingsError(Text("{code} is not a VAT code that fees can have in Dinero.", code=str(code)[:20]))
    return str(code)


def _of_kind(chart: Chart, number: Any) -> int:
    if number == STAYS:
        return STAYS
    return _deposit(chart, number) if number in chart.deposits else _entry(chart, number)


def _deposit(chart: Chart, number: Any) -> int:
    account = chart.deposits.get(number)
    if account is None or account.hidden:
        raise SettingsError(
            Text("Account {number} is not a deposit account in use in Dinero. Choose another.", number=str(number))
        )
    return account.number


def _entry(chart: Chart, number: Any) -> int:
    account = chart.accounts.get(number)
    if account is None or account.hidden or number in chart.deposits:  # Dinero lists those among the others too
        raise SettingsError(Text("Account {number} is not in use in Dinero. Choose another.", number=str(number)))
    return account.number
