"""Which of the shops is meant: one that is known, or a new one with a name of its own."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from dinero.dashboard.settings import Choices
from dinero.intake.reading import context_of
from dinero.model.documents import OrderKey
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.shops import FIRST_SHOP, Shop
from dinero.shops import values
from dinero.shops.shop_system import Checked, ShopSystem
from dinero.shops.systems import SYSTEMS
from dinero.store import Store

LONGEST_TITLE = 40


class KnownShops:
    """The shops there ever were; `keys_of` gives the keys of one, and raises SettingsError where they can't be read."""

    def __init__(self, store: Store, settings: Choices, keys_of: Callable[[str], Mapping[str, str]]) -> None:
        self._store = store
        self._settings = settings
        self._keys = keys_of

    def same(self, of: ShopSystem, address: str, keys: Mapping[str, str], checked: Checked) -> Shop | None:
        """The shop that is meant by keys, if it is known: it has the same address, the same keys, or an order of
        theirs. Booking one shop's orders under two names would book them twice."""
        known = [shop for shop in self._store.shops.all().values() if shop.system == of.key]
        for shop in known:
            if (address and shop.address == address) or self._are_kept(shop.name, keys):
                return shop
        return next((shop for shop in known if self.has_order(of, shop, checked.sample) is True), None)

    def _are_kept(self, name: str, keys: Mapping[str, str]) -> bool:
        try:
            kept = self._keys(name)
        except SettingsError:  # sealed with another key of the vault's: nobody can tell
            return False
        return bool(kept) and all(kept.get(key) == value for key, value in trimmed(keys).items())

    def has_order(self, of: ShopSystem, shop: Shop, sample: Any) -> bool | None:
        """Whether an order is one of a shop's; False for another one of the same id, None where the id is not known."""
        order_id = of.id_of(sample)
        row = self._store.orders.get(OrderKey(shop.name, order_id)) if order_id else None
        if row is None:
            return None
        context = context_of(self._store, self._settings.load(), shop.name)
        ours, theirs = of.read(values.loads(row.raw), context), of.read(sample, context)
        return (ours.placed_at, ours.number) == (theirs.placed_at, theirs.number)

    def new(self, of: ShopSystem, address: str, title: str, told: str) -> Shop:
        """A shop that is not known yet, with a name that none ever had: after the `title` that the owner gave, else
        after its system; what the shop calls itself (`told`) is only its title."""
        taken = self._store.shops.all().keys()
        wanted = FIRST_SHOP if of.key == FIRST_SHOP and FIRST_SHOP not in taken else _slug(title) or of.key
        name = wanted if wanted not in SYSTEMS or wanted == of.key else f"{wanted}-{of.key}"
        names = (name, *(f"{name}-{n}" for n in range(2, 1000)))
        name = next(name for name in names if name not in taken)
        return Shop(name, of.key, of.name, self.free_title(title or told or of.name, or_other=True), address)

    def free_title(self, title: str, *, but: str = "", or_other: bool = False) -> str:
        """A title that no other shop has. Raises SettingsError where it is taken, unless another one may be made."""
        title = "".join(c for c in title if unicodedata.category(c)[0] != "C").strip()[:LONGEST_TITLE]
        taken = {shop.title for shop in self._store.shops.all().values() if shop.name != but}
        if not title:
            raise SettingsError(Text("Give the shop a name."))
        if title not in taken:
            return title
        if not or_other:
            raise SettingsError(Text("There is a shop called “{name}” already.", name=title))
        return next(other for n in range(2, 1000) if (other := f"{title} {n}") not in taken)


def trimmed(keys: Mapping[str, str]) -> dict[str, str]:
    """Keys as they are kept: without blanks around them, and without empty ones."""
    return {name: value.strip() for name, value in keys.items() if value.strip()}


def _slug(title: str) -> str:
    """A title as a name: letters a to z, digits and dashes."""
    plain = title.casefold().replace("æ", "ae").replace("ø", "oe").replace("å", "aa").replace("ß", "ss")
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_TITLE].strip("-")
