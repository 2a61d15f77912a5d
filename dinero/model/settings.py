"""What the owner chose, and the words it may be chosen with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address
from typing import Any

from dinero.model.acquirers import FEE_ACCOUNT, AcquirerChoice
from dinero.model.chart import Chart
from dinero.model.clock import Clock, copenhagen_date
from dinero.model.errors import SettingsError
from dinero.model.i18n import DEFAULT_LANGUAGE, LANGUAGES, Text
from dinero.model.money import DKK, Money
from dinero.model.settlements import Opening
from dinero.model.shops import Shop, ShopChoice, ShopState

TRIGGERS = ("paid", "sent")
MINUTES = (1, 1440)
CONNECT = "connect"
PERSONAL = "personal"

# The standard chart's accounts (facts.md, Dinero 5a, 5b); each is checked against the account's own VAT code. Freight
# on sales abroad follows the goods, so that it is reported with them.
DEFAULT_ACCOUNTS: Mapping[str, int] = {
    "sales.domestic": 1000,
    "shipping.domestic": 1350,
    "sales.domestic_free": 1050,
    "shipping.domestic_free": 1300,
    "sales.eu_consumer": 1000,
    "shipping.eu_consumer": 1350,
    "sales.eu_business": 1100,
    "shipping.eu_business": 1100,
    "sales.world": 1255,
    "shipping.world": 1255,
    "gift_card": 63080,
}
# Roles without a preset account, because the right one is the accountant's to name.
NAMED_ACCOUNTS = ("sales.reverse_charge", "sales.oss", "oss_vat")
# EUR 10,000 at 7.44, rounded down: the counter warns a little early rather than late (facts.md, Dinero 5b.3).
EU_LIMIT = 7_440_000

# The guide's example: sell for 249 kr., receive 241 kr. Shown as an example until the owner's rates are known.
EXAMPLE_SALE = Money(24900)
EXAMPLE_PAYOUT = Money(24100)


@dataclass(frozen=True, slots=True)
class FeeRate:
    """What an acquirer keeps of a sale: `percent` of it (Decimal, 1.45 means 1.45 %) and `fixed_ore` each."""

    percent: Decimal
    fixed_ore: int


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The server that alarms are mailed through; its password is a secret of the vault. `security` is "tls",
    "starttls" or "none", which this machine alone may be. `daily`: a summary each morning."""

    host: str
    port: int
    security: str
    user: str
    sender: str
    recipient: str
    daily: bool = False


MAIL_SECURITY = ("starttls", "tls", "none")


@dataclass(frozen=True, slots=True)
class Settings:
    """The owner's choices. None means not chosen yet; account numbers are Dinero's own."""

    language: str = DEFAULT_LANGUAGE
    connection: str | None = None
    organization: str | None = None
    organization_name: str = ""
    trigger: str | None = None
    booking_account: int | None = None
    booking_account_name: str = ""
    take_over_date: date | None = None
    take_over_number: int | None = None
    shop_name: str = ""
    # The account of each role; those that are not chosen are the standard chart's (see DEFAULT_ACCOUNTS).
    accounts: Mapping[str, int] = field(default_factory=dict)
    # The booking account of a payment method, where it is another than `booking_account`.
    method_accounts: Mapping[str, int] = field(default_factory=dict)
    # Answers that count for all orders, by question (see findings.py).
    rules: Mapping[str, str] = field(default_factory=dict)
    payment_days: int = 8
    rounding_limit: int = 0  # øre that lines and total may differ by
    rounding_account: int | None = None
    eu_limit: int = EU_LIMIT  # øre a year, without VAT
    eu_sales_elsewhere: int = 0  # øre this year, without VAT, that the shop does not know of
    reported_until: date | None = None
    # Ranges of order dates before the take-over that the owner has let in.
    backfills: tuple[tuple[date, date], ...] = ()
    shop_currency: str = DKK
    rates: Mapping[str, Decimal] = field(default_factory=dict)  # kroner for 100 units, for the EU counter
    fee_rates: Mapping[str, FeeRate] = field(default_factory=dict)
    automatic: bool = False  # fetch and transfer by itself
    every_minutes: int = 15
    mail: MailSettings | None = None
    reader_may_answer: bool = False  # the accountant answers questions about orders, too
    # Where payouts arrive, which must be a deposit account; where fees go; where the difference goes between a sale in
    # another currency and what was paid out of it (None: such payouts are held).
    bank_account: int | None = None
    fee_account: int = FEE_ACCOUNT
    exchange_account: int | None = None
    acquirers: Mapping[str, AcquirerChoice] = field(default_factory=dict)
    openings: Mapping[int, Opening] = field(default_factory=dict)  # by booking account
    shops: Mapping[str, ShopChoice] = field(default_factory=dict)  # by name
    # Not a choice: what Dinero said of the organization's accounts, which every check and plan needs.
    chart: Chart = field(default_factory=Chart)
    # Not a choice either: in each year (Copenhagen), the first order (placed_at, id) that took the year's sales
    # to EU consumers over the limit.
    eu_limit_passed: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    # Nor these: of one order's products those that were sold with 25 % VAT before, each with the number of an order in
    # which it was; whether anything was; and the Copenhagen date of today, None where nobody asks for it.
    sold_with_vat: Mapping[str, str] = field(default_factory=dict)
    sells_with_vat: bool = False
    today: date | None = None
    # Nor these: the owner's shops by name; and of the one shop that settings are made for (`of_shop`) what sentences
    # call it, its own name where there are several, and whether its orders go.
    known_shops: Mapping[str, Shop] = field(default_factory=dict)
    shop_title: str = "Shoporama"
    shop_label: str = ""
    shop_state: ShopState = ShopState.ACTIVE

    def account(self, role: str) -> int:
        """The number of the account of a role such as "sales.domestic"; 0 for one that is to be named and is not."""
        return self.accounts.get(role, DEFAULT_ACCOUNTS.get(role, 0))

    def booking_account_of(self, method: str) -> int | None:
        """The booking account of a payment method."""
        return self.method_accounts.get(method, self.booking_account)

    def acquirer(self, key: str) -> AcquirerChoice:
        """The owner's choices for an acquirer, those of all acquirers where it has none of its own."""
        chosen = self.acquirers.get(key, AcquirerChoice())
        return replace(
            chosen,
            account=chosen.account or self.booking_account,
            bank_account=chosen.bank_account or self.bank_account,
            fee_account=chosen.fee_account or self.fee_account,
        )

    def of_shop(self, name: str) -> "Settings":
        """The settings as they count for one shop: what is chosen for it alone goes before what is for all."""
        chosen, shop = self.shops.get(name, ShopChoice()), self.known_shops.get(name)
        has_start = chosen.take_over_date is not None or chosen.take_over_number is not None
        changed = replace(
            self,
            trigger=chosen.trigger or self.trigger,
            take_over_date=chosen.take_over_date if has_start else self.take_over_date,
            take_over_number=chosen.take_over_number if has_start else self.take_over_number,
            booking_account=chosen.booking_account or self.booking_account,
            booking_account_name=chosen.booking_account_name if chosen.booking_account else self.booking_account_name,
            backfills=tuple(period for period in self.backfills if period not in chosen.not_let_in),
            shop_currency=chosen.currency or self.shop_currency,
            accounts={**self.accounts, **chosen.accounts},
            method_accounts={**self.method_accounts, **chosen.method_accounts},
            rules={**self.rules, **chosen.rules},
        )
        if shop is None:
            return changed
        label = shop.title if len(self.known_shops) > 1 else ""
        title = f"{shop.system_name} ({label})" if label and label != shop.system_name else shop.system_name
        return replace(changed, shop_title=title, shop_label=label, shop_state=shop.state)

    def with_answers(self, answers: Mapping[str, str]) -> "Settings":
        """The settings as they count for one order, whose own answers go before the rules."""
        return replace(self, rules={**self.rules, **answers}) if answers else self

    def of_order(self, shop: str, answers: Mapping[str, str]) -> "Settings":
        """The settings as they count for one order of a shop: its own answers go before all rules."""
        return self.of_shop(shop).with_answers(answers)

    @property
    def take_over_chosen(self) -> bool:
        """Whether the owner has said from which date or order number the dashboard takes over."""
        return self.take_over_date is not None or self.take_over_number is not None

    def missing(self) -> list[str]:
        """The steps of the set-up that are not done, in the guide's order."""
        steps = {
            "connection": self.connection,
            "organization": self.organization,
            "trigger": self.trigger,
            "booking_account": self.booking_account,
            "take_over": self.take_over_chosen or None,
        }
        return [name for name, value in steps.items() if value is None]


def check_choices(changes: Mapping[str, Any]) -> None:
    """Raises SettingsError for a value that is not one of the choices."""
    if changes.get("trigger") not in (None, *TRIGGERS):
        raise SettingsError(Text("Choose when orders are transferred: when paid or when sent."))
    if changes.get("language") not in (None, *LANGUAGES):
        raise SettingsError(Text("Choose Danish or English."))
    if not MINUTES[0] <= changes.get("every_minutes", MINUTES[0]) <= MINUTES[1]:
        raise SettingsError(Text("Choose a number from {first} to {last} minutes.", first=MINUTES[0], last=MINUTES[1]))
    mail = changes.get("mail")
    if isinstance(mail, MailSettings) and (
        mail.security not in MAIL_SECURITY or not mail.host or (mail.security == "none" and not is_loopback(mail.host))
    ):
        raise SettingsError(Text("Choose a mail server, with encryption unless it is on this machine."))


def parse_date(text: str) -> date:
    """A date given as YYYY-MM-DD. Raises SettingsError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(Text("“{text}” is not a date. Write it as 2026-01-31.", text=text[:20])) from error


def first_of_year(clock: Clock) -> date:
    """1 January of this year in Copenhagen: from where the dashboard takes over unless told otherwise."""
    return copenhagen_date(clock.now()).replace(month=1, day=1)


def parse_percent(text: str) -> Decimal:
    """A fee in percent as Danes type it, "1,45". Raises SettingsError unless it is from 0 to 20."""
    try:
        value = Decimal(text.strip().removesuffix("%").strip().replace(",", "."))
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value <= 20:
        raise SettingsError(Text("A fee in percent is a number from 0 to 20, for example 1,45."))
    return value


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
