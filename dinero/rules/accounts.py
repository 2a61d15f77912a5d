"""Which accounts do an order's lines and its payment go to, and may they be used?"""

from decimal import Decimal

from dinero.model.chart import Account
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.money import total
from dinero.model.orders import Line, LineKind, Order
from dinero.model.settings import Settings
from dinero.model.zones import ZONE_CODES, Zone
from dinero.rules.charged import goods_of, line_rates
from dinero.rules.payments import has_terms
from dinero.rules.zones import zone_of


def account_role(line: Line, rate: Decimal, zone: Zone) -> tuple[str, frozenset[str]]:
    """The role of a line's account, and the VAT codes that the account must have (facts.md, Dinero 5b)."""
    if line.kind is LineKind.GIFT_CARD_SOLD:
        return "gift_card", ZONE_CODES[Zone.DOMESTIC_FREE]
    if zone in (Zone.DOMESTIC, Zone.EU_CONSUMER) and not rate:
        zone = Zone.DOMESTIC_FREE
    if zone is Zone.REVERSE_CHARGE:  # goods and freight on the account that the accountant names
        return "sales.reverse_charge", ZONE_CODES[zone]
    word = "shipping" if line.kind is LineKind.SHIPPING else "sales"
    return f"{word}.{zone.value}", ZONE_CODES[zone]


def check_accounts(order: Order, settings: Settings) -> list[Finding]:
    """Every line's account exists, is in use, and has the VAT code of the order's zone (facts.md, Dinero 4.30)."""
    rates, zone = line_rates(order), zone_of(order, settings).zone
    wanted: dict[int, frozenset[str]] = {}
    if rates is not None and zone not in (None, Zone.OSS):
        for line, rate in zip(goods_of(order), rates, strict=True):
            role, codes = account_role(line, rate, zone)
            wanted[settings.account(role)] = codes
    without_vat = ZONE_CODES[Zone.DOMESTIC_FREE]
    sold = zone is Zone.OSS and any(line.kind is LineKind.GIFT_CARD_SOLD for line in order.lines)
    if sold or any(line.kind is LineKind.GIFT_CARD for line in order.lines):
        wanted[settings.account("gift_card")] = without_vat
    rounded = order.total is not None and total([line.total for line in order.lines], order.currency) != order.total
    if rounded and settings.rounding_account is not None:
        wanted[settings.rounding_account] = without_vat
    return [finding for number, codes in wanted.items() if (finding := check_account(number, codes, settings))]


def fits(account: Account, codes: frozenset[str]) -> bool:
    """Whether an account's VAT code is one of these; without any (domestic reverse charge, whose code is not known), it
    must not be known to be for something else."""
    known = account.vat_rate is not None and account.vat_code not in ZONE_CODES[Zone.DOMESTIC_FREE]
    return account.vat_code in codes if codes else not known and not account.vat_code.startswith("I")


def check_account(number: int, codes: frozenset[str], settings: Settings) -> Finding | None:
    """Why an account can't be used for lines that need one of these VAT codes; None when it can."""
    account = settings.chart.accounts.get(number)
    if not number:
        text = Text("No account is named for domestic reverse charge.")
        return Finding("account_unnamed", text, Text("Choose it under Set-up, at the accounts."))
    if account is None or account.hidden:
        return Finding(
            "account_missing",
            Text("Account {number}, which this order's lines go to, is not in use in Dinero.", number=str(number)),
            Text("Choose another account on the set-up page, or show the account again in Dinero."),
        )
    if fits(account, codes):
        return None
    if not codes:
        text = Text(
            "Account {number} {name} has the VAT code “{code}”, which is not for domestic reverse charge.",
            number=str(account.number),
            name=account.name,
            code=account.vat_code,
        )
        return Finding("account_vat", text, Text("Choose the account that your accountant names on the set-up page."))
    text = Text(
        "Account {number} {name} has the VAT code “{code}” in Dinero, and this order needs {wanted}.",
        number=str(account.number),
        name=account.name,
        code=account.vat_code or "–",
        wanted=", ".join(sorted(code or "–" for code in codes)),
    )
    fix = Text("Choose an account with the right VAT code on the set-up page, or correct the account in Dinero.")
    return Finding("account_vat", text, fix)


def check_booking_account(order: Order, settings: Settings) -> list[Finding]:
    """The account on which the sale is registered is still a deposit account in use, under its chosen name."""
    number = settings.booking_account_of(order.payment_method)
    if number is None or has_terms(order, settings):
        return []
    account = settings.chart.deposits.get(number)
    fix = Text("Choose the booking account again on the set-up page.")
    if account is None or account.hidden:
        text = Text("The booking account {number} is no longer in use in Dinero.", number=str(number))
        return [Finding("booking_account_missing", text, fix)]
    chosen = settings.booking_account_name if number == settings.booking_account else ""
    if chosen and account.name != chosen:
        text = Text(
            "The booking account {number} was called “{before}” and is now called “{now}”.",
            number=str(number),
            before=chosen,
            now=account.name,
        )
        return [Finding("booking_account_renamed", text, fix)]
    return []
