"""What the owner chose: read, and stored with what follows from it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from dinero.automatic.alarms import PASSWORD as MAIL_PASSWORD
from dinero.automatic.alarms import check_addresses
from dinero.intake.reassessing import reassess
from dinero.model.i18n import DEFAULT_LANGUAGE
from dinero.model.settings import MailSettings, Settings, check_choices
from dinero.model.shops import ShopChoice
from dinero.store import Store
from dinero.store.vault import Vault

# Settings that no order's state follows from.
NO_MATTER_TO_ORDERS = {
    "language",
    "fee_rates",
    "automatic",
    "every_minutes",
    "mail",
    "reader_may_answer",
    "bank_account",
    "fee_account",
    "exchange_account",
    "acquirers",
    "openings",
}


class Choices:
    """The owner's choices in one data folder."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def load(self) -> Settings:
        """All choices, with the chart of accounts as it was fetched last."""
        return self._store.settings.load()

    def save(self, **choices: Any) -> Settings:
        """Stores choices; the orders get their states anew when it matters to them. Raises SettingsError."""
        saved = self._store.settings.save(**choices)
        if choices.keys() - NO_MATTER_TO_ORDERS:
            reassess(self._store)
        return saved

    def save_of_shop(self, name: str, **choices: Any) -> Settings:
        """Stores choices for one shop alone (fields of ShopChoice). Raises SettingsError."""
        shops = self.load().shops
        check_choices(choices)
        return self.save(shops={**shops, name: replace(shops.get(name, ShopChoice()), **choices)})

    def place(
        self,
        shop: str,
        *,
        rules: Mapping[str, str | None] | None = None,
        method_accounts: Mapping[str, int | None] | None = None,
    ) -> Settings:
        """Stores answers, and booking accounts by way to pay, of one shop alone; None takes one back. What all shops
        shared until then stays as it is for the others."""
        chosen = self.load()
        own = {name: chosen.shops.get(name, ShopChoice()) for name in {*chosen.known_shops, *chosen.shops, shop}}
        shared, kept = _placed(chosen.rules, {name: one.rules for name, one in own.items()}, shop, rules or {})
        ways = {name: one.method_accounts for name, one in own.items()}
        accounts, booked = _placed(chosen.method_accounts, ways, shop, method_accounts or {})
        shops = {name: replace(one, rules=kept[name], method_accounts=booked[name]) for name, one in own.items()}
        return self.save(
            rules=shared,
            method_accounts=accounts,
            shops={name: one for name, one in shops.items() if name in chosen.shops or one != ShopChoice()},
        )

    def is_connected(self) -> bool:
        """Whether a connection to Dinero was chosen and not ended by the owner."""
        return self._store.settings.get("connection") is not None

    def language(self) -> str:
        """The language that was chosen, "da" or "en"."""
        return str(self._store.settings.all().get("language", DEFAULT_LANGUAGE))

    def save_mail(self, mail: MailSettings | None, password: str | None = None) -> Settings:
        """Stores the mail server, and its password unless it is None. Raises SettingsError."""
        if mail is not None:
            check_addresses(mail)
        saved = self.save(mail=mail)
        if password is not None or mail is None:
            self._vault.put(MAIL_PASSWORD, password)
        return saved


Value = TypeVar("Value")


def _placed(
    shared: Mapping[str, Value], own: Mapping[str, Mapping[str, Value]], shop: str, wanted: Mapping[str, Value | None]
) -> tuple[dict[str, Value], dict[str, dict[str, Value]]]:
    """What is shared by all shops and what each has for itself, once one shop has what is wanted for it. What one shop
    alone takes back can't be shared any more: each of the others keeps it for itself."""
    left, kept = dict(shared), {name: dict(choices) for name, choices in own.items()}
    for key, value in wanted.items():
        if value is not None:
            kept[shop][key] = value
            continue
        kept[shop].pop(key, None)
        if key in left:
            common = left.pop(key)
            for name, choices in kept.items():
                if name != shop:
                    choices.setdefault(key, common)
    return left, kept
