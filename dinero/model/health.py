"""Whether the connections to other systems are well, and when the shop's orders were fetched last."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dinero.model.errors import (
    NO_PRO,
    NO_RIGHT,
    RETIRED,
    ConnectionStopped,
    DashboardError,
    Refused,
    StorageFailed,
)
from dinero.model.i18n import Text
from dinero.model.shops import FIRST_SHOP

DINERO, SHOP = "dinero", "shop"
OLD = timedelta(hours=6)  # orders that were fetched longer ago say nothing about now


def shop_connection(name: str) -> str:
    """The name of the connection to a shop. The first shop's is "shop", as it was when there was only one."""
    return SHOP if name == FIRST_SHOP else f"{SHOP}:{name}"


def shop_of(connection: str) -> str:
    """The name of the shop that a connection is to, "" for another system's."""
    system, _, name = connection.partition(":")
    return (name or FIRST_SHOP) if system == SHOP else ""


class Remedy(StrEnum):
    """What mends a connection."""

    NONE = "none"
    CONNECT = "connect"  # connect again, or enter a new key
    PRO = "pro"  # upgrade the organization's subscription in Dinero
    RIGHT = "right"  # the user gets the right to it in Dinero
    UPDATE = "update"  # of the dashboard
    RETRY = "retry"  # try again, or wait: it may mend itself


# Told of one organization, which a call that names none does not disprove.
OF_THE_ORGANIZATION = (Remedy.PRO, Remedy.RIGHT)
_NO_OWNER = "52"  # which Dinero's support alone can mend
_REMEDIES = {NO_PRO.message: Remedy.PRO, NO_RIGHT.message: Remedy.RIGHT, RETIRED.message: Remedy.UPDATE}


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    """How the calls of one connection ("dinero", "shop" or an acquirer's key) went last. `problem` is the sentence of
    the last call's failure, None when it succeeded or none was made; `failed_at` may be long ago. Times are aware."""

    name: str
    connected: bool
    ok_at: datetime | None = None
    failed_at: datetime | None = None
    problem: Text | None = None
    remedy: Remedy = Remedy.NONE

    @property
    def well(self) -> bool:
        """Whether it is connected and the last call succeeded; a key that is only stored proves nothing."""
        return self.connected and self.ok_at is not None and self.problem is None


@dataclass(frozen=True, slots=True)
class FetchRecord:
    """The last time that all of the shop's new and changed orders were read (`at`, with what came of it: orders seen,
    new and changed), and the failure of a later try. Times are aware. `is_partial`: of several shops one was never
    read."""

    at: datetime | None = None
    seen: int = 0
    new: int = 0
    changed: int = 0
    failed_at: datetime | None = None
    problem: Text | None = None
    is_partial: bool = False

    def is_current(self, now: datetime, age: timedelta = OLD) -> bool:
        """Whether what is known of the shop's orders is of now: read within `age`, and no try has failed since."""
        return self.at is not None and self.problem is None and now - self.at <= age


def is_of_connection(error: DashboardError) -> bool:
    """Whether an error of a call to Dinero says something about the connection, not about one document or the disk
    here."""
    return not isinstance(error, Refused | StorageFailed)


def remedy_of(error: DashboardError) -> Remedy:
    """What mends a failure of a connection."""
    if isinstance(error, ConnectionStopped):
        if error.code == _NO_OWNER:
            return Remedy.NONE
        return _REMEDIES.get(error.text.message, Remedy.CONNECT)
    return Remedy.RETRY
