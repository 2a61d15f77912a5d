"""What the owner chose, stored and read again."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from dinero.environment import Environment, is_loopback
from dinero.model.clock import copenhagen_date
from dinero.model.documents import Event
from dinero.model.errors import SettingsError
from dinero.model.i18n import LANGUAGES, Text
from dinero.model.settings import MAIL_SECURITY, MINUTES, TRIGGERS, FeeRate, MailSettings, Settings
from dinero.store import Store
from dinero.store.charts import load_chart

_NO_CHOICES = {"chart", "eu_limit_passed", "sold_with_vat", "sells_with_vat", "today"}


def load(store: Store) -> Settings:
    """The stored settings; unknown keys are left alone."""
    known = {item.name for item in fields(Settings)} - _NO_CHOICES
    values: dict[str, Any] = {key: value for key, value in store.settings.all().items() if key in known}
    for name in ("take_over_date", "reported_until"):
        if name in values:
            values[name] = date.fromisoformat(values[name])
    values["backfills"] = tuple(
        (date.fromisoformat(first), date.fromisoformat(last)) for first, last in values.get("backfills", ())
    )
    values["rates"] = {currency: Decimal(rate) for currency, rate in values.get("rates", {}).items()}
    values["fee_rates"] = {
        method: FeeRate(Decimal(percent), fixed) for method, (percent, fixed) in values.get("fee_rates", {}).items()
    }
    if values.get("mail"):
        values["mail"] = MailSettings(**values["mail"])
    values["chart"] = load_chart(store, values.get("organization"))
    chosen = Settings(**values)
    if chosen.rules.get("eu_consumers") != "danish":
        return chosen
    year = copenhagen_date(store.clock.now()).year
    passed = store.sums.eu_limit_passed(chosen.eu_limit, year=year, elsewhere=chosen.eu_sales_elsewhere)
    return replace(chosen, eu_limit_passed=passed)


def save(store: Store, **changes: Any) -> Settings:
    """Stores choices (None removes one), notes them in the history, and returns all settings.

    Raises SettingsError for a value that is not one of the choices.
    """
    if changes.get("trigger") not in (None, *TRIGGERS):
        raise SettingsError(Text("Choose when orders are transferred: when paid or when sent."))
    if changes.get("language") not in (None, *LANGUAGES):
        raise SettingsError(Text("Choose Danish or English."))
    if not MINUTES[0] <= changes.get("every_minutes", MINUTES[0]) <= MINUTES[1]:
        raise SettingsError(Text("Choose from {first} to {last} minutes.", first=MINUTES[0], last=MINUTES[1]))
    mail = changes.get("mail")
    if isinstance(mail, MailSettings) and (
        mail.security not in MAIL_SECURITY or not mail.host or (mail.security == "none" and not is_loopback(mail.host))
    ):
        raise SettingsError(Text("Choose a mail server, with STARTTLS or TLS unless it is on this machine."))
    packed = {name: _pack(value) for name, value in changes.items()}
    before = store.settings.all()
    store.settings.put(packed)
    changed = {name: value for name, value in packed.items() if before.get(name) != value}
    if changed:
        store.history.add(Event("settings", Text("The settings were changed."), detail=changed))
    return store.settings.load()


def _pack(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, MailSettings):
        return asdict(value)
    if isinstance(value, FeeRate):
        return [str(value.percent), value.fixed_ore]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _pack(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_pack(item) for item in value]
    return value


def pin_kind(store: Store, environment: Environment) -> None:
    """Binds a data folder to the sandbox or to the real Dinero at first use: the two never mix.

    Raises SettingsError when the folder belongs to the other kind.
    """
    kind = "sandbox" if environment.demo else "real"
    pinned = store.settings.all().get("kind")
    if pinned is None:
        store.settings.put({"kind": kind})
    elif pinned != kind:
        raise SettingsError(
            Text(
                "This data folder belongs to another Dinero ({pinned}) than the one that is set ({kind}). Use a "
                "folder of its own for each (DINERO_DATA_DIR).",
                pinned=pinned,
                kind=kind,
            )
        )
