"""What a shop system is to the dashboard: the one contract that each folder beside this file fulfils.

A *system* (Shoporama, WooCommerce) is code; a *shop* is one of the owner's, with a name of its own that everything of
it hangs on. A system makes a client that speaks to one shop, and reads what the client brought. The client knows HTTP
and paging; the reader is pure. CONTRIBUTING, *Add a shop system*, goes through it step by step.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from dinero.model.clock import Clock
from dinero.model.errors import DashboardError
from dinero.model.i18n import Text
from dinero.model.money import DKK
from dinero.model.orders import Order

OnPage = Callable[[int, int], None]  # pages read so far, and orders on them
Cursor = Mapping[str, Any]  # where the next fetch goes on, as JSON; what is in it is the system's own


@dataclass(frozen=True, slots=True)
class Key:
    """One value that connecting a shop asks for. `name` is under which it is kept, `variable` the environment's."""

    name: str
    label: Text
    variable: str
    is_secret: bool = True


@dataclass(frozen=True, slots=True)
class Access:
    """How one shop is reached. `spend` is called before every call and raises TryLater when the shop's budget is used;
    `on_outcome` is told of each answer: the error that it is, None for one that is understood."""

    address: str
    keys: Mapping[str, str] = field(repr=False)
    clock: Clock
    look_ups: Mapping[str, Any] = field(default_factory=dict)
    spend: Callable[[], None] = lambda: None
    on_outcome: Callable[[DashboardError | None], None] = lambda error: None
    timeout: tuple[float, float] = (5, 30)


@dataclass(frozen=True, slots=True)
class Checked:
    """What proving a shop's keys told: its own `name` ("" where it does not say), its `address` as it is to be kept,
    keys that are to be kept besides those given, and one `sample` order, by which the same shop is known again."""

    name: str = ""
    address: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    sample: Any = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Orders that came together, as raw as they are kept. `cursor` is where a fetch that ends here goes on, None where
    it can't go on from here; `unchanged` are ids of orders that the shop has and that were not read anew, because they
    are known and never change."""

    rows: Sequence[Any]
    cursor: Cursor | None = None
    unchanged: Set[str] = frozenset()


class Ring(StrEnum):
    """What a call from a shop is."""

    RUNG = "rung"  # something happened there
    PING = "ping"  # it only tries the address
    FORGED = "forged"  # it is not signed as the shop signs


class ShopClient(Protocol):
    """Speaks to one shop. Every method raises ConnectionStopped (the keys were refused), TryLater (budget, network,
    trouble at the shop), NotFound, or another DashboardError for an answer that is not understood."""

    def check(self) -> Checked:
        """Proves with few calls that the keys can read orders."""

    def look_ups(self) -> Mapping[str, Any]:
        """What is the same for all orders of the shop, as JSON: names of ways to pay, settings. Empty where a shop
        tells none. What can't be looked up is left out, unless the connection itself is broken."""

    def fetch(
        self, cursor: Cursor | None, known: Callable[[Sequence[str]], Set[str]], on_page: OnPage | None = None
    ) -> Iterator[Batch]:
        """All orders that were changed since a `cursor`, or all orders there are (None), a part at a time, each id at
        least once. `known` tells which of some ids are kept already.

        The promise is completeness: whatever looks as if rows were missing is an error, after what came was yielded.
        """

    def order(self, order_id: str) -> Any:
        """One order, as raw as `fetch` brings it. Raises NotFound where the shop has none of that id."""


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What a reader needs besides the order: the `shop` it is of, the currency of orders that name none, and what the
    client's `look_ups` brought."""

    shop: str
    currency: str = DKK
    look_ups: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldRead:
    """How one field was read: our `name`, the JSON key it came from (None: none there), the `value` as shown, and what
    it means in the owner's words."""

    name: str
    source: str | None
    value: str
    meaning: Text


class ShopSystem(Protocol):
    """A shop system. The readers take any JSON whatever and never raise."""

    @property
    def key(self) -> str:
        """As commands and the store name it."""

    @property
    def name(self) -> str:
        """As sentences name it."""

    @property
    def keys(self) -> tuple[Key, ...]:
        """What connecting asks for."""

    @property
    def address(self) -> str:
        """Where all of its shops are; "" where each has an address of its own."""

    @property
    def address_variable(self) -> str:
        """The environment's variable for the address."""

    @property
    def calls_a_day(self) -> int | None:
        """How many a shop allows, where it is known."""

    @property
    def proposed_trigger(self) -> str | None:
        """The moment of transfer, "paid" or "sent", where one of them is safer."""

    def client(self, access: Access) -> ShopClient:
        """Speaks to one shop."""

    def id_of(self, raw: Any) -> str:
        """The order's id in the shop, "" when there is none that can be read."""

    def digest(self, raw: Any) -> str:
        """A hash by which a change of the order is seen: of all that says something about it."""

    def read(self, raw: Any, context: ReadContext) -> Order:
        """The order that `raw` tells of. What can't be read is None or empty and in its `problems`."""

    def explain(self, raw: Any, order: Order, language: str) -> list[FieldRead]:
        """How each field of `raw` was read into `order`."""

    def unused_keys(self, raw: Any) -> list[str]:
        """The keys of `raw` that no field reads, sorted."""

    def without_customer(self, raw: Any) -> Any:
        """The order without who bought it: only what is known to be about goods, money, VAT and time is left."""

    def names_in(self, raw: Any) -> list[str]:
        """What the order calls its customer, in sentences that repeat it."""

    def ring(self, body: bytes, headers: Mapping[str, str], secret: str) -> Ring:
        """What a call to the address for webhooks is; `headers` by their names in small letters, `secret` is what the
        owner entered in the shop."""

    def page_of(self, raw: Any, address: str) -> str:
        """The address where the owner finds the order in the shop, "" where that is not known."""
