"""The VAT numbers that orders wait for: VIES is asked, in the organization's own name."""

from dinero.api.vies import Vies
from dinero.dashboard.connection import DineroConnection
from dinero.dashboard.settings import Choices
from dinero.intake.consulting import consult
from dinero.model.clock import Clock
from dinero.store import Store


class VatNumbers:
    """Asks VIES, at `url`."""

    def __init__(
        self, store: Store, clock: Clock, settings: Choices, connection: DineroConnection, *, url: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._connection = connection
        self._url = url

    def consult(self) -> int:
        """Asks VIES about the VAT numbers that orders wait for, as far as it may be asked now; returns how many of
        these orders have their answer."""
        return consult(self._store, self._settings.load(), self.vies)

    def vies(self) -> Vies:
        """A client of VIES that asks with the organization's own VAT number, as Dinero told it last."""
        return Vies(self._url, self._clock, requester=self._connection.own_vat_number())
