"""The accountant's part of the set-up as it is read: accounts by VAT zone, payment methods, EU sales, periods, and the
rules with their questions in words."""

from collections.abc import Mapping
from html import escape

import streamlit as st

from dinero.model.acquirers import acquirer_of
from dinero.model.i18n import Text
from dinero.model.settings import Settings
from dinero.model.zones import ZONE_CODES, ZONE_NAMES, Zone
from dinero.rules.questions import COUNTRY_CHOICES
from dinero.signin.sessions import READER
from pages import acquirers, controls, ui
from pages.ui import t

KINDS = {"sales": Text("Goods"), "shipping": Text("Freight")}
ROLE_ZONES = (Zone.DOMESTIC, Zone.DOMESTIC_FREE, Zone.EU_CONSUMER, Zone.EU_BUSINESS, Zone.WORLD)
# The other roles of accounts, with the VAT codes that fit.
OTHER_ROLES = {
    "gift_card": (Text("Gift cards (a debt, no VAT)"), ZONE_CODES[Zone.DOMESTIC_FREE]),
    "sales.reverse_charge": (Text("Domestic reverse charge"), ZONE_CODES[Zone.REVERSE_CHARGE]),
    "sales.oss": (Text("Goods with another EU country's VAT (OSS)"), ZONE_CODES[Zone.DOMESTIC_FREE]),
    "oss_vat": (Text("The other country's VAT, owed (OSS)"), ZONE_CODES[Zone.DOMESTIC_FREE]),
}
# What the paid mark of a payment method means, where it is said.
MARKS = {"money": Text("always paid or reserved"), "terms": Text("an invoice with days to pay")}

# Questions whose key is fixed; those about one product, voucher, method or currency name it after a colon.
QUESTIONS: Mapping[str, Text] = {
    "eu_consumers": Text("Consumers in other EU countries"),
    "northern_ireland": Text("Northern Ireland"),
    "domestic_free": Text("Danish sales without VAT"),
    "eu_business_charged": Text("EU companies that were charged VAT"),
    "world_charged": Text("Exports that were charged VAT"),
    "zero_total": Text("Orders with a total of 0"),
    "no_email": Text("Orders without an e-mail"),
    "ean": Text("Orders with an EAN number"),
    "norwegian_vat": Text("Orders to Norway with 25 % VAT"),
    "oss_booking": Text("Orders with another EU country's VAT"),
    "oss_rate": Text("The rate {name} % of another EU country"),
    "straddling": Text("Orders from before the take-over that were paid or sent after it"),
    "vat_free": Text("{name} without VAT in Denmark"),
    "status": Text("Orders with the status {name}"),
    "refund": Text("Credit notes paid by {name}"),
    "below_zero": Text("{name} below zero"),
    "payment": Text("Payment method {name}"),
    "currency": Text("Orders in {name}"),
    "voucher": Text("Voucher {name}"),
    "gift_card_product": Text("{name}, which may be a gift card"),
    "voucher_kind": Text("Vouchers of the kind {name}"),
    "number_field": Text("The field {name}"),
    "short_of_lines": Text("Orders whose total is below their lines"),
    "whole_kroner": Text("A shop that reckons in whole kroner"),
    "collected": Text("Shipping method {name} to an address abroad"),
    "country": Text("The country {name}"),
}


# Questions about one order, whose answers are never rules.
ORDER_QUESTIONS: Mapping[str, Text] = {
    "vat_taken_off": Text("The order without VAT"),
    "danish_place": Text("Where the address is"),
    "sale_after_all": Text("Whether it is a sale"),
    "evens_out": Text("The order and its credit note"),
    "paid_in_part": Text("The part that is paid"),
    "date_in_future": Text("The date that has not come yet"),
    "reported_period": Text("The VAT period that was reported"),
    "credit_rate": Text("The VAT of what goes back"),
    "exchange": Text("The exchange"),
    "same_return": Text("Whether it is the same return"),
    "left_out_too": Text("The credit note of an order that was left out"),
    "gone": Text("The order that is no longer in the shop"),
    "test_order": Text("Whether it is a test"),
    "already_in_dinero": Text("The document in Dinero"),
    "credit_of": Text("The order that is credited"),
    "vat_number_wrong": Text("The VAT number"),
    "vies_unanswered": Text("VIES"),
    "dates_contradict": Text("The dates that contradict each other"),
    "sale_or_credit": Text("Whether it is a sale or a credit note"),
    "negative_payout": Text("The payout below zero"),
    "exchange_open": Text("Orders in other currencies"),
    "exchange_far": Text("The difference of exchange"),
    "already_booked": Text("The voucher in Dinero"),
    "same_payout": Text("The payout that was read before"),
    "sum_at_bank": Text("What came to the bank"),
    "all_twice": Text("Sales that were paid out before"),
}


def named(key: str, value: str) -> tuple[str, str]:
    """A question and its answer, as the owner calls them."""
    kind, _, name = key.partition(":")
    asked = ui.say(ORDER_QUESTIONS[kind]) if kind in ORDER_QUESTIONS else _question(kind, name) or key
    answer = ANSWERS.get((kind, value)) or VALUES.get(value)
    return asked, ui.say(answer) if answer else value


def read_only(chosen: Settings) -> None:
    """What the accountant looks at: accounts by zone, payment methods, EU sales, periods, and the rules."""
    for title, table in [*drawings(chosen).values(), (t("Payouts"), _payouts(chosen))]:
        st.html(f'<div class="part"><h3>{escape(title)}</h3></div>{table}')


def drawings(chosen: Settings) -> dict[str, tuple[str, str]]:
    """Each part of it by its name in the address: its title, and what is chosen, as HTML."""
    return {
        "accounts": (t("Accounts by VAT zone"), _accounts(chosen)),
        "methods": (t("Payment methods"), _methods(chosen)),
        "eu": (t("EU sales and currencies"), _eu_sales(chosen)),
        "exactness": (t("Øre differences and reported VAT periods"), _exactness(chosen)),
        "rules": (t("Rules ({n})", n=len(chosen.rules)), _rules(chosen)),
    }


def _payouts(chosen: Settings) -> str:
    rows = [
        (t("The bank account where payouts arrive"), account_name(chosen, chosen.bank_account)),
        (t("The account of fees"), account_name(chosen, chosen.fee_account)),
        (
            t("Sales in another currency: the account of the difference"),
            account_name(chosen, chosen.exchange_account),
        ),
    ]
    for key in ui.dashboard().acquirers.known():
        facts = [f"{name}: {value}" for name, value in acquirers.facts(chosen, key)[1:]]
        way = acquirers.facts(chosen, key)[0][1]
        rows.append((acquirer_of(key).name, " · ".join([way, *facts])))
    return controls.facts_table((t("What"), t("Chosen")), rows)


def account_name(chosen: Settings, number: int | None) -> str:
    """An account with its name; "–" for none."""
    if not number:
        return "–"
    account = chosen.chart.accounts.get(number) or chosen.chart.deposits.get(number)
    return f"{number} {account.name}" if account else str(number)


def _accounts(chosen: Settings) -> str:
    rows = [
        (ui.say(ZONE_NAMES[zone]), *(account_name(chosen, chosen.account(f"{kind}.{zone.value}")) for kind in KINDS))
        for zone in ROLE_ZONES
    ]
    rows += [(ui.say(name), account_name(chosen, chosen.account(role)), "") for role, (name, _) in OTHER_ROLES.items()]
    return controls.facts_table((t("VAT zone"), *map(ui.say, KINDS.values())), rows)


def _methods(chosen: Settings) -> str:
    """Those for which something was chosen; all others are as the first line says."""
    usual = f"{chosen.booking_account} {chosen.booking_account_name}" if chosen.booking_account else "–"
    told = {
        "": t("paid or reserved when it is a known card or MobilePay, else ask"),
        **{k: ui.say(v) for k, v in MARKS.items()},
    }
    ruled = {key.partition(":")[2] for key in chosen.rules if key.startswith("payment:")}
    rows = [(t("All others"), usual, told[""])]
    for method in sorted(ruled | chosen.method_accounts.keys()):
        rule = chosen.rules.get(f"payment:{method}", "")
        own = chosen.method_accounts.get(method)
        rows.insert(-1, (method, account_name(chosen, own) if own else usual, told.get(rule, rule)))
    days = t("Days to pay: {n}", n=chosen.payment_days)
    table = controls.facts_table((t("Payment method"), t("Booking account"), t("The paid mark means")), rows)
    return f'{table}<p class="quiet">{escape(days)}</p>'


def _eu_sales(chosen: Settings) -> str:
    rows = [
        (t("Limit of sales to EU consumers a year, without VAT"), ui.amount(chosen.eu_limit)),
        (t("Sold to EU consumers this year from elsewhere, without VAT"), ui.amount(chosen.eu_sales_elsewhere)),
        (t("The webshop's currency, where an order names none"), chosen.shop_currency),
        *((t("Kroner for 100 {currency}", currency=name), ui.number(rate)) for name, rate in chosen.rates.items()),
    ]
    return controls.facts_table((t("What"), t("Chosen")), rows)


def _exactness(chosen: Settings) -> str:
    rows = [
        (t("Lines and total may differ by at most this many øre"), ui.number(chosen.rounding_limit)),
        (t("Account of the øre line"), account_name(chosen, chosen.rounding_account)),
        (t("VAT is reported until"), ui.day(chosen.reported_until) or "–"),
    ]
    return controls.facts_table((t("What"), t("Chosen")), rows)


def _rules(chosen: Settings) -> str:
    if not chosen.rules:
        return f'<p class="quiet">{escape(t("No answer is kept as a rule yet."))}</p>'
    told = answered()
    rows = [(*named(key, value), told.get(key, "–")) for key, value in sorted(chosen.rules.items())]
    return controls.facts_table((t("Question"), t("Answer"), t("Answered")), rows)


def answered() -> dict[str, str]:
    """Who made each rule, and when, as far as the history tells."""
    found = {}
    for event in ui.dashboard().store.history.rules_made():
        who = t("the accountant") if (event.detail or {}).get("actor") == READER else t("you")
        key = event.text.values.get("question") if event.text else None
        found[str(key)] = t("{time} by {who}", time=ui.moment(event.at), who=who)
    return found


def _question(kind: str, name: str) -> str:
    """What a rule is about, as the owner calls it; "" for a question that is not known any more."""
    if (kind, name) == ("voucher", ANY):
        return ui.say(OTHER_VOUCHERS)
    thing, _, called = name.partition(":")
    if kind in ("vat_free", "below_zero") and thing in THINGS:
        name = called or ui.say(THINGS[thing])
    return ui.say(Text(QUESTIONS[kind].message, name=name)) if kind in QUESTIONS else ""


# Freight and fees have their kind for a name.
THINGS: Mapping[str, Text] = {"shipping": Text("Freight"), "fee": Text("A fee")}
ANY = "*"
OTHER_VOUCHERS = Text("All other vouchers")
# Answers that mean something else under one question than under others.
ANSWERS: Mapping[tuple[str, str], Text] = {
    ("vat_free", "exempt"): Text("exempt from VAT (ML § 13)"),
    ("domestic_free", "exempt"): Text("all that the shop sells is exempt"),
    ("domestic_free", "contains"): Text("the prices contain 25 % VAT"),
    ("domestic_free", "by_product"): Text("asked product by product"),
    ("oss_booking", "book"): Text("booked on the accounts that the accountant named"),
    ("norwegian_vat", "as_charged"): Text("Danish VAT, booked as charged"),
    ("refund", "money"): Text("the refund is registered on the account of the sale"),
    ("refund", "by_hand"): Text("no money went back; moved to 63080 by yourself"),
}
VALUES: Mapping[str, Text] = {
    "danish": Text("Danish VAT below the limit"),
    "oss": Text("registered for OSS"),
    "eu": Text("as the EU"),
    "world": Text("as outside the EU"),
    "exempt": Text("exempt from VAT"),
    "as_charged": Text("booked as charged"),
    "book": Text("booked"),
    "collective": Text("one collective customer"),
    "e_invoice": Text("booked and sent electronically"),
    "invoice": Text("booked, sent by yourself"),
    "money": Text("the paid mark counts"),
    "terms": Text("an invoice with days to pay"),
    "dinero_rate": Text("paid at Dinero's rate"),
    "by_hand": Text("payment registered by hand"),
    "discount": Text("a discount"),
    "gift_card": Text("a gift card"),
    "vat_number": Text("the buyer's CVR or VAT number"),
    "ean_number": Text("the buyer's EAN number"),
    "neither": Text("neither a CVR nor an EAN number"),
    "multi": Text("a gift card for anything"),
    "product": Text("a sale with VAT"),
    "contains": Text("the price contains 25 % VAT"),
    "reverse_charge": Text("the company pays the VAT (reverse charge)"),
    "voec": Text("Norwegian VAT, held"),
    "right": Text("booked as this country's VAT"),
    "sale": Text("a sale like others"),
    "wait": Text("waits until the status changes"),
    "ours": Text("transferred from here"),
    "theirs": Text("left out here"),
    "leave_out": Text("left out"),
    "consumer": Text("a consumer"),
    "same": Text("the same return"),
    "net": Text("both in one document"),
    "whole": Text("all of it is paid"),
    "another": Text("another sale"),
    "taxed": Text("of the goods with VAT"),
    "free": Text("of the goods without VAT"),
    "collected": Text("collected at the shop in Denmark"),
    "sent": Text("sent to the customer's country"),
    **COUNTRY_CHOICES,
}
