"""What happened, as one looks back at it: a day of the strip."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dinero.model.documents import FINISHED, NEEDS_OWNER, State
from dinero.model.i18n import Text


class DayState(StrEnum):
    """How a day stands, the most pressing first."""

    STOPPED = "stopped"
    OWNER = "owner"
    WAITING = "waiting"
    NOT_RUN = "not run"
    THROUGH = "through"
    NO_SALE = "no sale"


DAY_NAMES: Mapping[DayState, Text] = {
    DayState.STOPPED: Text("Stopped or refused"),
    DayState.OWNER: Text("Needs you"),
    DayState.WAITING: Text("Something waits"),
    DayState.NOT_RUN: Text("Not run"),
    DayState.THROUGH: Text("All through"),
    DayState.NO_SALE: Text("No sale"),
}


@dataclass(frozen=True, slots=True)
class PastDay:
    """One Copenhagen day. Its orders are those that the shop dates on it, whenever they were fetched or transferred,
    counted by what they are *now*: each is in one of `through` (transferred or credited), `left_out`, `waiting` (also
    under way, or not due yet), `owner` (held, unsure, or changed in the shop since it was booked) and `refused`.

    Its transfers are those that were asked for on it; of them `stopped`, of which `unmended` have neither been seen to
    nor been followed by one of their kind that came to its end. `fetched` says that a fetch came to its end that day,
    `expected` that fetching had begun by then.
    """

    day: date
    through: int = 0
    left_out: int = 0
    waiting: int = 0
    owner: int = 0
    refused: int = 0
    transfers: int = 0
    stopped: int = 0
    unmended: int = 0
    fetched: bool = False
    expected: bool = False

    @property
    def orders(self) -> int:
        """How many orders the shop dates on this day."""
        return self.through + self.left_out + self.waiting + self.owner + self.refused

    @property
    def ran(self) -> bool:
        """Whether anything was fetched or asked for that day."""
        return self.fetched or self.transfers > 0

    @property
    def state(self) -> DayState:
        """The one state of the day. What is open goes first, so that a day mends when its orders do: red while a
        transfer of the day is unmended or one of its orders is refused, amber while one needs the owner, blue while one
        waits. Then a day on which nothing ran is a hole, although its orders may be through since; else it is green if
        anything of it was transferred, and grey if there was nothing to transfer."""
        if self.unmended or self.refused:
            return DayState.STOPPED
        if self.owner:
            return DayState.OWNER
        if self.waiting:
            return DayState.WAITING
        if self.expected and not self.ran:
            return DayState.NOT_RUN
        return DayState.THROUGH if self.through else DayState.NO_SALE

    @property
    def sentences(self) -> list[Text]:
        """What the day was: its orders by what became of them, and its transfers."""
        said = [self._told_of_orders()]
        for n, text in (
            (self.through, Text("{n} is transferred.", "{n} are transferred.", n=self.through)),
            (self.owner, Text("{n} needs you.", "{n} need you.", n=self.owner)),
            (self.refused, Text("{n} was refused by Dinero.", "{n} were refused by Dinero.", n=self.refused)),
            (self.waiting, Text("{n} waits.", "{n} wait.", n=self.waiting)),
            (self.left_out, Text("{n} is left out.", "{n} are left out.", n=self.left_out)),
        ):
            if n:
                said.append(text)
        if self.unmended:
            said.append(Text("{n} transfer stopped.", "{n} transfers stopped.", n=self.unmended))
        elif self.stopped:
            text = Text(
                "{n} transfer stopped, and that is mended.",
                "{n} transfers stopped, and that is mended.",
                n=self.stopped,
            )
            said.append(text)
        if self.expected and not self.ran:
            said.append(Text("Nothing was fetched or transferred that day."))
        return said

    def _told_of_orders(self) -> Text:
        return Text("{n} order.", "{n} orders.", n=self.orders) if self.orders else Text("No orders.")


def counted_as(state: State, *, changed: bool) -> str:
    """Which count of a day an order is in."""
    if state is State.REFUSED:
        return "refused"
    if changed or state in NEEDS_OWNER:
        return "owner"
    if state in FINISHED:
        return "through"
    return "left_out" if state is State.IGNORED else "waiting"
