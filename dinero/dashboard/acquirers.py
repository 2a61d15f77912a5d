"""Acquirers, as pages and commands ask for them: the owner's choices for each, and those that are connected."""

from dataclasses import dataclass
from typing import Any

from dinero.dashboard.outcomes import Outcomes
from dinero.dashboard.settings import Choices
from dinero.environment import Environment
from dinero.model.acquirers import AcquirerChoice
from dinero.model.clock import Clock
from dinero.model.errors import DashboardError
from dinero.model.i18n import Text
from dinero.model.payouts import RowProblem
from dinero.model.settings import Settings
from dinero.store import Store
from dinero.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Key:
    """One of the keys that a connection is made with: its name in `connect`, and what the owner knows it as."""

    name: str
    label: Text
    is_secret: bool = True


@dataclass(frozen=True, slots=True)
class FetchedPayouts:
    """What a fetch from one acquirer brought: the rows of its new payouts, how many were here already, why some can't
    be used, and why it did not come to its end."""

    acquirer: str
    new: tuple[int, ...] = ()
    known: int = 0
    problems: tuple[RowProblem, ...] = ()
    error: DashboardError | None = None


class Acquirers:
    """The acquirers of one data folder."""

    def __init__(
        self, environment: Environment, store: Store, vault: Vault, clock: Clock, settings: Choices, outcomes: Outcomes
    ) -> None:
        self._given = environment
        self._store = store
        self._vault = vault
        self._clock = clock
        self._settings = settings
        self._outcomes = outcomes

    # --- choices -------------------------------------------------------------------------------------

    def shown(self) -> list[str]:
        """The acquirers that matter here, by their keys: payouts were read of them, they are connected, or chosen."""
        raise NotImplementedError

    def choice(self, acquirer: str) -> AcquirerChoice:
        """The choices as they count, with what all acquirers have in common."""
        return self._settings.load().acquirer(acquirer)

    def choose(self, acquirer: str, **changes: Any) -> Settings:
        """Stores choices of one acquirer, by the names of AcquirerChoice. Raises SettingsError."""
        raise NotImplementedError

    def unconfirmed(self, acquirer: str) -> bool:
        """Whether the owner has not yet said which VAT code this acquirer's fees have; a preset is shown till then."""
        raise NotImplementedError

    def choose_bank_account(self, number: int | None) -> Settings:
        """Chooses the deposit account where payouts arrive. Raises SettingsError."""
        raise NotImplementedError

    def choose_fee_account(self, number: int) -> Settings:
        """Chooses the account of fees. Raises SettingsError."""
        raise NotImplementedError

    def choose_exchange_account(self, number: int | None) -> Settings:
        """Chooses the account of what is won or lost between currencies; None: such payouts are held. Raises
        SettingsError."""
        raise NotImplementedError

    # --- connections ---------------------------------------------------------------------------------

    def connectable(self) -> list[str]:
        """The acquirers whose payouts can be fetched with the owner's keys."""
        raise NotImplementedError

    def keys(self, acquirer: str) -> tuple[Key, ...]:
        """The keys that `connect` wants."""
        raise NotImplementedError

    def connect(self, acquirer: str, **keys: str) -> None:
        """Proves the keys with one call and stores them, encrypted. Raises DashboardError."""
        raise NotImplementedError

    def disconnect(self, acquirer: str) -> None:
        """Forgets the keys. What was read stays."""
        raise NotImplementedError

    def is_connected(self, acquirer: str) -> bool:
        """Whether keys are stored."""
        raise NotImplementedError

    def fetch(self) -> list[FetchedPayouts]:
        """Reads what is new from each connected acquirer, ties it to orders and assesses it. One that fails does not
        stop the others."""
        raise NotImplementedError

    def problems(self, acquirer: str) -> list[RowProblem]:
        """Why payouts that an acquirer told of last time can't be used."""
        raise NotImplementedError
