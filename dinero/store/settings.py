"""The owner's choices as they are stored, and the secrets beside them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from dinero.model.acquirers import AcquirerChoice, acquirer_choice
from dinero.model.clock import copenhagen_date
from dinero.model.documents import Event
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.settings import FeeRate, MailSettings, Settings, check_choices
from dinero.model.settlements import Opening
from dinero.model.shops import ShopChoice
from dinero.store.charts import Charts
from dinero.store.database import Database, Part
from dinero.store.history import History
from dinero.store.shops import Shops
from dinero.store.sums import Sums

# Fields of Settings that nobody chooses: they follow from what else is stored.
_NO_CHOICES = {
    "chart",
    "eu_limit_passed",
    "sold_with_vat",
    "sells_with_vat",
    "today",
    "known_shops",
    "shop_title",
    "shop_label",
    "shop_state",
}


class Choices(Part):
    """The owner's choices by name, and a few more things under names of their own."""

    def __init__(self, database: Database, charts: Charts, sums: Sums, shops: Shops, history: History) -> None:
        super().__init__(database)
        self._charts = charts
        self._sums = sums
        self._shops = shops
        self._history = history

    def load(self) -> Settings:
        """The stored settings; unknown names are left alone."""
        values = _unpacked(self.all())
        values["chart"] = self._charts.load(values.get("organization"))
        values["known_shops"] = self._shops.all()
        chosen = Settings(**values)
        if chosen.rules.get("eu_consumers") != "danish":
            return chosen
        year = copenhagen_date(self._database.clock.now()).year
        passed = self._sums.eu_limit_passed(chosen.eu_limit, year=year, elsewhere=chosen.eu_sales_elsewhere)
        return replace(chosen, eu_limit_passed=passed)

    def save(self, **changes: Any) -> Settings:
        """Stores choices (None removes one), notes them in the history, and returns all settings.

        Raises SettingsError for a value that is not one of the choices.
        """
        check_choices(changes)
        packed = {name: _packed(value) for name, value in changes.items()}
        with self._database.transaction():
            before = self.all()
            self.put(packed)
            changed = {name: value for name, value in packed.items() if before.get(name) != value}
            if changed:
                self._history.add(Event("settings", Text("The settings were changed."), detail=changed))
        return self.load()

    def all(self) -> dict[str, Any]:
        """Everything that is stored by name, as it is stored (JSON)."""
        rows = self._database.rows("select key, value from settings")
        return {row["key"]: json.loads(row["value"]) for row in rows}

    def get(self, name: str) -> Any:
        """What is stored under a name (JSON); None when nothing is."""
        row = self._database.row("select value from settings where key = ?", [name])
        return None if row is None else json.loads(row["value"])

    def put(self, changes: Mapping[str, Any]) -> None:
        """Stores values (JSON) by name; None removes one."""
        with self._database.transaction() as db:
            for key, value in changes.items():
                if value is None:
                    db.execute("delete from settings where key = ?", [key])
                else:
                    db.execute(
                        "insert into settings values (?, ?) on conflict do update set value = excluded.value",
                        [key, json.dumps(value)],
                    )

    def pin_kind(self, *, demo: bool) -> None:
        """Binds a data folder to the sandbox or to the real Dinero at first use: the two never mix.

        Raises SettingsError when the folder belongs to the other kind.
        """
        kind = "sandbox" if demo else "real"
        pinned = self.all().get("kind")
        if pinned is None:
            self.put({"kind": kind})
        elif pinned != kind:
            raise SettingsError(
                Text(
                    "This data folder belongs to another Dinero ({pinned}) than the one that is set ({kind}). Use a "
                    "folder of its own for each (DINERO_DATA_DIR).",
                    pinned=pinned,
                    kind=kind,
                )
            )


class Secrets(Part):
    """What the vault has encrypted, by name."""

    def get(self, name: str) -> bytes | None:
        """An encrypted secret, as it is stored."""
        row = self._database.row("select value from secrets where name = ?", [name])
        return bytes(row["value"]) if row else None

    def put(self, name: str, value: bytes | None) -> None:
        """Stores an encrypted secret; None forgets it."""
        with self._database.transaction() as db:
            if value is None:
                db.execute("delete from secrets where name = ?", [name])
            else:
                db.execute(
                    "insert into secrets values (?, ?, ?) on conflict do update set "
                    "value = excluded.value, updated_at = excluded.updated_at",
                    [name, value, self._database.stamp()],
                )

    def names(self) -> list[str]:
        """The names of all that is stored."""
        return [row["name"] for row in self._database.rows("select name from secrets")]

    def changed_at(self) -> str:
        """When a secret was stored last, "" when there is none."""
        row = self._database.row("select max(updated_at) as at from secrets")
        return (row["at"] or "") if row else ""


def _unpacked(stored: Mapping[str, Any]) -> dict[str, Any]:
    known = {item.name for item in fields(Settings)} - _NO_CHOICES
    values: dict[str, Any] = {key: value for key, value in stored.items() if key in known}
    for name in ("take_over_date", "reported_until"):
        if name in values:
            values[name] = date.fromisoformat(values[name])
    values["backfills"] = _periods(values.get("backfills", ()))
    values["rates"] = {currency: Decimal(rate) for currency, rate in values.get("rates", {}).items()}
    values["fee_rates"] = {
        method: FeeRate(Decimal(percent), fixed) for method, (percent, fixed) in values.get("fee_rates", {}).items()
    }
    values["acquirers"] = {key: acquirer_choice(packed) for key, packed in values.get("acquirers", {}).items()}
    values["shops"] = {name: _shop_choice(packed) for name, packed in values.get("shops", {}).items()}
    values["openings"] = {
        int(account): Opening(date.fromisoformat(on), ore) for account, (on, ore) in values.get("openings", {}).items()
    }
    if values.get("mail"):
        values["mail"] = MailSettings(**values["mail"])
    return values


def _shop_choice(packed: Mapping[str, Any]) -> ShopChoice:
    first = packed.get("take_over_date")
    start = date.fromisoformat(first) if first else None
    return ShopChoice(**{**packed, "take_over_date": start, "not_let_in": _periods(packed.get("not_let_in", ()))})


def _periods(packed: Iterable[Sequence[str]]) -> tuple[tuple[date, date], ...]:
    return tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in packed)


def _packed(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, MailSettings):
        return asdict(value)
    if isinstance(value, FeeRate):
        return [str(value.percent), value.fixed_ore]
    if isinstance(value, AcquirerChoice | ShopChoice):
        return {name: _packed(one) for name, one in asdict(value).items()}
    if isinstance(value, Opening):
        return [value.on.isoformat(), value.ore]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _packed(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_packed(item) for item in value]
    return value
