"""The owner's shops, and what is chosen for one of them alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

FIRST_SHOP = "shoporama"  # the name of the one shop that there was before there could be several


class ShopState(StrEnum):
    """Whether a shop's orders come and go."""

    ACTIVE = "active"
    PAUSED = "paused"  # nothing is fetched, nothing new is transferred
    REMOVED = "removed"  # as paused, and its keys are gone; what was booked stays


@dataclass(frozen=True, slots=True)
class Shop:
    """One of the owner's shops. `name` is what Guids, references and rows hang on, so it never changes and is never
    given again; `title` is what the owner calls it. `address` is "" where the system's is meant."""

    name: str
    system: str  # the key of a system (shops/systems.py)
    system_name: str  # as sentences name it
    title: str
    address: str = ""
    state: ShopState = ShopState.ACTIVE


@dataclass(frozen=True, slots=True)
class ShopChoice:
    """What the owner chose for one shop alone; None and what is not named is as for all shops (see Settings)."""

    trigger: str | None = None
    take_over_date: date | None = None
    take_over_number: int | None = None
    # Periods of older orders that had been let in when the shop was added: they were another shop's.
    not_let_in: tuple[tuple[date, date], ...] = ()
    booking_account: int | None = None
    booking_account_name: str = ""  # as it was called when it was chosen
    currency: str | None = None  # of orders that name none
    accounts: Mapping[str, int] = field(default_factory=dict)
    method_accounts: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
