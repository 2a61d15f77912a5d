"""The accountant's part of the set-up: accounts by VAT zone, payment methods, EU sales, periods, and the rules."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

import streamlit as st

from dinero.model.chart import Account, DepositAccount
from dinero.model.i18n import Text
from dinero.model.money import DKK, AmountError, Money
from dinero.model.settings import DEFAULT_ACCOUNTS, Settings
from dinero.model.zones import ZONE_CODES, ZONE_NAMES, Zone
from dinero.rules.accounts import fits
from dinero.rules.questions import COUNTRY_CHOICES
from dinero.store.sums import METHODS_SHOWN
from pages import ui
from pages.ui import t

dashboard = ui.dashboard

KINDS = {"sales": Text("Goods"), "shipping": Text("Freight")}
ROLE_ZONES = (Zone.DOMESTIC, Zone.DOMESTIC_FREE, Zone.EU_CONSUMER, Zone.EU_BUSINESS, Zone.WORLD)
# The numbers of accounts in Dinero's chart: those of the year's result, and those of debts.
RESULT, DEBTS = range(1, 50000), range(60000, 70000)
CURRENCIES = (DKK, "EUR", "SEK", "NOK", "USD")
RATED = CURRENCIES[1:]

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
}


def named(key: str, value: str) -> tuple[str, str]:
    """A question and its answer, as the owner calls them."""
    kind, _, name = key.partition(":")
    asked = ui.say(ORDER_QUESTIONS[kind]) if kind in ORDER_QUESTIONS else _question(kind, name) or key
    answer = ANSWERS.get((kind, value)) or VALUES.get(value)
    return asked, ui.say(answer) if answer else value


def accounts(chosen: Settings) -> None:
    """The account of each VAT zone, with those whose VAT code fits."""
    with st.expander(t("Accounts by VAT zone"), icon=":material/account_tree:"):
        st.markdown(
            t(
                "The account decides the VAT in Dinero, so only accounts with the zone's VAT code can be chosen. "
                "They are preset from Dinero's standard chart."
            )
        )
        if not chosen.chart.accounts:
            st.caption(t("Choose the organization first."))
            return
        with st.form("accounts", border=False):
            picked = {}
            for zone in ROLE_ZONES:
                columns = st.columns([1, 2, 2], vertical_alignment="bottom")
                columns[0].markdown(f"**{ui.say(ZONE_NAMES[zone])}**")
                for column, (kind, name) in zip(columns[1:], KINDS.items(), strict=True):
                    role = f"{kind}.{zone.value}"
                    with column:
                        picked[role] = _account(chosen, role, ui.say(name), ZONE_CODES[zone])
            picked["gift_card"] = _account(
                chosen, "gift_card", t("Gift cards (a debt, no VAT)"), ZONE_CODES[Zone.DOMESTIC_FREE]
            )
            st.markdown(t("**Only if your accountant names them.** Without them such orders are held."))
            picked["sales.reverse_charge"] = _account(
                chosen, "sales.reverse_charge", t("Domestic reverse charge"), ZONE_CODES[Zone.REVERSE_CHARGE]
            )
            free = ZONE_CODES[Zone.DOMESTIC_FREE]
            picked["sales.oss"] = _account(chosen, "sales.oss", t("Goods with another EU country's VAT (OSS)"), free)
            picked["oss_vat"] = _account(chosen, "oss_vat", t("The other country's VAT, owed (OSS)"), free)
            if st.form_submit_button(t("Save")):
                changed = {
                    role: number
                    for role, number in picked.items()
                    if number is not None and number != DEFAULT_ACCOUNTS.get(role)
                }
                dashboard().settings.save(accounts=changed)
                st.rerun()


def _account(chosen: Settings, role: str, label: str, codes: frozenset[str]) -> int | None:
    """A choice among the accounts in use that have one of the VAT codes."""
    number = chosen.account(role)
    fitting = [account for account in chosen.chart.accounts.values() if not account.hidden and fits(account, codes)]
    numbers_of = DEBTS if role in ("gift_card", "oss_vat") else RESULT
    fitting = [account for account in fitting if account.number in numbers_of or account.number == number]
    numbers = [account.number for account in fitting]
    picked: Account | None = st.selectbox(
        label,
        fitting,
        index=numbers.index(number) if number in numbers else None,
        format_func=lambda account: f"{account.number} {account.name}",
        placeholder=t("Choose an account"),
        key=f"account/{role}/{number}",
    )
    return picked.number if picked else None


def methods(chosen: Settings, names: list[str]) -> None:
    """A booking account and the worth of the paid mark for each payment method."""
    found = [method for method in names if method]
    with st.expander(t("Payment methods"), icon=":material/credit_card:"):
        st.markdown(
            t(
                "Each acquirer pays out by itself, so each can have a booking account of its own. The others use "
                "the booking account above."
            )
        )
        if not found:
            st.caption(t("Fetch orders first: the payment methods come from them."))
            return
        if len(names) >= METHODS_SHOWN:
            st.caption(t("The {n} most used payment methods are shown.", n=METHODS_SHOWN))
        deposits = [account for account in chosen.chart.deposits.values() if not account.hidden]
        marks = {
            "": t("money when it is a known card or MobilePay, else ask"),
            "money": t("always money"),
            "terms": t("an invoice with days to pay"),
        }
        with st.form("methods", border=False):
            own, worth = {}, {}
            for method in found:
                name, left, right = st.columns([1, 2, 2], vertical_alignment="bottom")
                name.markdown(f"**{ui.escape(method)}**")
                with left:
                    own[method] = _deposit(method, deposits, chosen.method_accounts.get(method))
                rule = chosen.rules.get(f"payment:{method}", "")
                with right:
                    worth[method] = st.selectbox(
                        t("The paid mark means"),
                        list(marks),
                        index=list(marks).index(rule) if rule in marks else 0,
                        format_func=marks.__getitem__,
                        key=f"worth/{method}/{rule}",
                    )
            days = st.number_input(t("Days to pay"), 0, 120, chosen.payment_days, key="payment_days")
            if st.form_submit_button(t("Save")):
                # What was chosen for a method that is not shown here stays.
                shown = {f"payment:{method}" for method in worth}
                rules = {key: value for key, value in chosen.rules.items() if key not in shown}
                rules |= {f"payment:{method}": value for method, value in worth.items() if value}
                numbers = {method: number for method, number in chosen.method_accounts.items() if method not in own}
                numbers |= {method: account.number for method, account in own.items() if account is not None}
                dashboard().settings.save(method_accounts=numbers, rules=rules, payment_days=int(days))
                st.rerun()


def _deposit(method: str, deposits: list[DepositAccount], number: int | None) -> DepositAccount | None:
    options = [None, *deposits]
    numbers = [account.number if account else None for account in options]
    picked: DepositAccount | None = st.selectbox(
        t("Booking account"),
        options,
        index=numbers.index(number) if number in numbers else 0,
        format_func=lambda a: f"{a.number} {a.name}" if a else t("as the others"),
        key=f"deposit/{method}/{number}",
    )
    return picked


def eu_sales(chosen: Settings) -> None:
    """The limit of sales to EU consumers, sales from elsewhere, and the shop's currency with rates."""
    with st.expander(t("EU sales and currencies"), icon=":material/euro:"), st.form("eu", border=False):
        limit = st.text_input(
            t("Limit of sales to EU consumers a year, kr. without VAT (EUR 10,000)"), value=_kroner(chosen.eu_limit)
        )
        elsewhere = st.text_input(
            t("Sold to EU consumers this year from elsewhere, kr. without VAT"),
            value=_kroner(chosen.eu_sales_elsewhere),
        )
        currency = st.selectbox(
            t("The shop's currency, where an order names none"),
            CURRENCIES,
            index=CURRENCIES.index(chosen.shop_currency) if chosen.shop_currency in CURRENCIES else 0,
        )
        st.caption(t("The rates are for the counter only; invoices get Dinero's own rate of the day."))
        typed = {}
        for column, name in zip(st.columns(len(RATED)), RATED, strict=True):
            rate = chosen.rates.get(name)
            typed[name] = column.text_input(
                t("Kroner for 100 {currency}", currency=name),
                key=f"rate/{name}",
                value=str(rate).replace(".", ",") if rate else "",
            )
        if st.form_submit_button(t("Save")):
            try:
                dashboard().settings.save(
                    eu_limit=Money.from_danish(limit).ore,
                    eu_sales_elsewhere=Money.from_danish(elsewhere).ore,
                    shop_currency=currency,
                    rates={name: _rate(text) for name, text in typed.items() if text.strip()},
                )
            except (AmountError, InvalidOperation):
                st.error(t("Write amounts as 74.400,00 and rates as 746,05."))
            else:
                st.rerun()


def _rate(text: str) -> Decimal:
    rate = Decimal(text.strip().replace(",", "."))
    if not rate.is_finite() or not 0 < rate < 100_000:
        raise InvalidOperation
    return rate


def _kroner(ore: int) -> str:
    return f"{Decimal(ore).scaleb(-2):.2f}".replace(".", ",")


def exactness(chosen: Settings) -> None:
    """The øre line, and the VAT period that was reported."""
    with (
        st.expander(t("Øre differences and reported VAT periods"), icon=":material/straighten:"),
        st.form("exactness", border=False),
    ):
        limit = st.number_input(t("Lines and total may differ by at most this many øre"), 0, 100, chosen.rounding_limit)
        st.caption(
            t(
                "0: an order that does not add up is held. Else the difference is a line of its own that can "
                "be seen, on the account below."
            )
        )
        fitting = [a for a in chosen.chart.accounts.values() if not a.hidden and a.vat_code in ("", "none")]
        numbers = [account.number for account in fitting]
        account = st.selectbox(
            t("Account of the øre line"),
            fitting,
            format_func=lambda a: f"{a.number} {a.name}",
            index=numbers.index(chosen.rounding_account) if chosen.rounding_account in numbers else None,
            placeholder=t("Choose an account"),
        )
        until = st.date_input(t("VAT is reported until"), value=chosen.reported_until, format="DD-MM-YYYY")
        st.caption(t("Orders dated in a reported period are held, because the report would have to be corrected."))
        if st.form_submit_button(t("Save")):
            dashboard().settings.save(
                rounding_limit=int(limit), rounding_account=account.number if account else None, reported_until=until
            )
            st.rerun()


def rules(chosen: Settings) -> None:
    """The answers that were remembered as rules; each can be taken back."""
    with st.expander(t("Rules ({n})", n=len(chosen.rules)), icon=":material/gavel:"):
        st.markdown(t("Answers that you chose to remember. Without its rule, a question is asked again."))
        for key, value in sorted(chosen.rules.items()):
            asked, answer = named(key, value)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{ui.escape(asked)}**: {ui.escape(answer)}")
                if st.button(t("Take the rule back"), key=f"rule/{key}", icon=":material/undo:"):
                    dashboard().orders.forget_rule(key)
                    st.rerun()


def _question(kind: str, name: str) -> str:
    """What a rule is about, as the owner calls it; "" for a question that is not known any more."""
    if (kind, name) == ("voucher", ANY):
        return ui.say(OTHER_VOUCHERS)
    if kind in ("vat_free", "below_zero") and name in THINGS:
        name = ui.say(THINGS[name])
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
    "money": Text("the paid mark is money"),
    "terms": Text("an invoice with days to pay"),
    "dinero_rate": Text("paid at Dinero's rate"),
    "by_hand": Text("payment registered by hand"),
    "discount": Text("a discount"),
    "gift_card": Text("a gift card"),
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
