"""The tab "VAT and payments" of Opsætning, mostly the accountant's: each part is read, and one at a time is changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import streamlit as st

from dinero.model.chart import Account
from dinero.model.money import DKK, AmountError, Money
from dinero.model.settings import DEFAULT_ACCOUNTS, NAMED_ACCOUNTS, Settings
from dinero.model.shops import ShopState
from dinero.model.zones import ZONE_CODES, ZONE_NAMES
from dinero.rules.accounts import fits
from dinero.store.sums import METHODS_SHOWN
from pages import acquirers, controls, rules, ui
from pages.ui import t

dashboard = ui.dashboard
# The numbers of accounts in Dinero's chart: those of the year's result, and those of debts.
RESULT, DEBTS = range(1, 50000), range(60000, 70000)
CURRENCIES = (DKK, "EUR", "SEK", "NOK", "USD")
RATED = CURRENCIES[1:]
Wanted = dict[str, object]


@dataclass(frozen=True, slots=True)
class Ways:
    """What is changed about a webshop's ways to pay: its rules, and its booking accounts by method; None takes one
    back."""

    rules: Mapping[str, str | None] = field(default_factory=dict)
    accounts: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether anything is."""
        return bool(self.rules or self.accounts)


def tab(chosen: Settings, show: str) -> None:
    """All parts; the one that the address names can be changed, and is saved by one button."""
    forms = {"accounts": _accounts, "eu": _eu_sales, "exactness": _exactness}
    for name, (title, table) in rules.drawings(chosen).items():
        editing = name == show
        empty = name == "rules" and not rules.kept(chosen)
        controls.part_head(title, "" if editing or empty else name, tab="vat")
        if not editing:
            st.html(table)
        elif name in forms:
            controls.save_changes(chosen, forms[name](chosen))
        elif name == "methods":
            _methods(chosen)
        else:
            _rules(chosen)


def _accounts(chosen: Settings) -> Wanted:
    """The account of each VAT zone, among those whose VAT code fits."""
    st.markdown(
        t(
            "The account decides the VAT in Dinero, so only accounts with the zone's VAT code can be chosen. "
            "They are preset from Dinero's standard chart."
        )
    )
    if not chosen.chart.accounts:
        st.caption(t("Choose the organization first."))
        return {}
    picked = {}
    for zone in rules.ROLE_ZONES:
        columns = st.columns([1, 2, 2], vertical_alignment="bottom")
        columns[0].markdown(f"**{ui.say(ZONE_NAMES[zone])}**")
        for column, (kind, name) in zip(columns[1:], rules.KINDS.items(), strict=True):
            role = f"{kind}.{zone.value}"
            with column:
                picked[role] = _account(chosen, role, ui.say(name), ZONE_CODES[zone])
    for role, (title, codes) in rules.OTHER_ROLES.items():
        if role == NAMED_ACCOUNTS[0]:
            st.markdown(t("**Only if your accountant names them.** Without them such orders are held."))
        picked[role] = _account(chosen, role, ui.say(title), codes)
    changed = {
        role: number for role, number in picked.items() if number is not None and number != DEFAULT_ACCOUNTS.get(role)
    }
    return {"accounts": changed}


def _account(chosen: Settings, role: str, label: str, codes: frozenset[str]) -> int | None:
    """A choice among the accounts in use that have one of the VAT codes."""
    number = chosen.account(role)
    numbers_of = DEBTS if role in ("gift_card", "oss_vat") else RESULT
    offered = fitting(chosen, codes, number, numbers_of)
    numbers = [account.number for account in offered]
    picked: Account | None = st.selectbox(
        label,
        offered,
        index=numbers.index(number) if number in numbers else None,
        format_func=lambda account: f"{account.number} {account.name}",
        placeholder=t("Choose an account"),
        key=f"account/{role}/{number}",
    )
    if picked is None:  # one that can't be chosen any more stays until another one is
        return None if number in numbers else chosen.accounts.get(role)
    return picked.number


def fitting(chosen: Settings, codes: frozenset[str], number: int | None, numbers: range = RESULT) -> list[Account]:
    """The accounts in use that have one of the VAT codes, among the `numbers` of the chart; and the one chosen now."""
    found = [account for account in chosen.chart.accounts.values() if not account.hidden and fits(account, codes)]
    return [account for account in found if account.number in numbers or account.number == number]


def _methods(chosen: Settings) -> None:
    """A booking account and the worth of the paid mark for each payment method, webshop by webshop."""
    st.markdown(
        t(
            "Each acquirer pays out by itself, so each can have a booking account of its own. The others use "
            "the booking account that you chose."
        )
    )
    several = len(chosen.known_shops) > 1
    changed = {}
    for shop in chosen.known_shops.values():
        if several and shop.state is ShopState.REMOVED:
            continue
        if several:
            st.markdown(f"##### {ui.escape(shop.title)}")
        changed[shop.name] = methods_of(chosen, shop.name)
    days = int(
        st.number_input(t("Days to pay"), 0, 120, chosen.payment_days, key=f"payment days/{chosen.payment_days}")
    )
    ways = {name: one for name, one in changed.items() if one.changed}
    if controls.save_bar(ways or days != chosen.payment_days) and ui.attempt(lambda: _keep(chosen, ways, days)):
        controls.saved()


def _keep(chosen: Settings, ways: Mapping[str, Ways], days: int) -> None:
    for name, one in ways.items():
        dashboard().settings.place(name, rules=one.rules, method_accounts=one.accounts)
    if days != chosen.payment_days:
        dashboard().settings.save(payment_days=days)


def methods_of(chosen: Settings, shop: str) -> Ways:
    """The same for one webshop: what is changed. What was chosen for a method that is not shown here stays."""
    several = len(chosen.known_shops) > 1
    of = shop if several else ""
    names = dashboard().store.sums.payment_methods(shop=of) if of else dashboard().store.sums.payment_methods()
    found = [method for method in names if method]
    if not found:
        st.caption(t("Fetch orders first: the payment methods come from them."))
        return Ways()
    if len(names) >= METHODS_SHOWN:
        st.caption(t("The {n} most used payment methods are shown.", n=METHODS_SHOWN))
    now = chosen.of_shop(shop)
    marks = {"": t("paid or reserved when it is a known card or MobilePay, else ask")}
    marks |= {mark: ui.say(name) for mark, name in rules.MARKS.items()}
    answers: dict[str, str | None] = {}
    booked: dict[str, int | None] = {}
    for method, called in ui.method_names(found, of).items():
        name, left, right = st.columns([1, 2, 2], vertical_alignment="bottom")
        name.markdown(f"**{ui.escape(called)}**")
        own = now.method_accounts.get(method)
        with left:
            number = acquirers.deposit(
                t("Booking account"), chosen, own, key=f"deposit/{shop}/{method}/{own}", none=t("as the others")
            )
        key = f"payment:{method}"
        rule = now.rules.get(key, "")
        with right:
            mark = st.selectbox(
                t("The paid mark means"),
                list(marks),
                index=list(marks).index(rule) if rule in marks else 0,
                format_func=marks.__getitem__,
                key=f"worth/{shop}/{method}/{rule}",
            )
        if mark != (rule if rule in marks else ""):
            answers[key] = mark or None
        if number != own:
            booked[method] = number
    return Ways(answers, booked)


def _eu_sales(chosen: Settings) -> Wanted | None:
    """The limit of sales to EU consumers, sales from elsewhere, and the shop's currency with rates."""
    limit = st.text_input(
        t("Limit of sales to EU consumers a year, kr. without VAT (EUR 10,000)"), value=_kroner(chosen.eu_limit)
    )
    elsewhere = st.text_input(
        t("Sold to EU consumers this year from elsewhere, kr. without VAT"), value=_kroner(chosen.eu_sales_elsewhere)
    )
    currency = st.selectbox(
        t("The webshop's currency, where an order names none"),
        CURRENCIES,
        index=CURRENCIES.index(chosen.shop_currency) if chosen.shop_currency in CURRENCIES else 0,
        key=f"currency/{chosen.shop_currency}",
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
    try:
        return {
            "eu_limit": Money.from_danish(limit).ore,
            "eu_sales_elsewhere": Money.from_danish(elsewhere).ore,
            "shop_currency": currency,
            "rates": {name: _rate(text) for name, text in typed.items() if text.strip()},
        }
    except (AmountError, InvalidOperation):
        st.error(t("Write amounts as 74.400,00 and rates as 746,05."))
        return None


def _rate(text: str) -> Decimal:
    rate = Decimal(text.strip().replace(",", "."))
    if not rate.is_finite() or not 0 < rate < 100_000:
        raise InvalidOperation
    return rate


def _kroner(ore: int) -> str:
    return f"{Decimal(ore).scaleb(-2):.2f}".replace(".", ",")


def _exactness(chosen: Settings) -> Wanted:
    """The øre line, and the VAT period that was reported."""
    limit = st.number_input(
        t("Lines and total may differ by at most this many øre"),
        0,
        100,
        chosen.rounding_limit,
        key=f"rounding/{chosen.rounding_limit}",
    )
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
        key=f"rounding account/{chosen.rounding_account}",
    )
    until = st.date_input(
        t("VAT is reported until"),
        value=chosen.reported_until,
        format="DD-MM-YYYY",
        key=f"reported/{chosen.reported_until}",
    )
    st.caption(t("Orders dated in a reported period are held, because the report would have to be corrected."))
    return {
        "rounding_limit": int(limit),
        "rounding_account": account.number if account else None,
        "reported_until": until,
    }


def _rules(chosen: Settings) -> None:
    """The answers that were kept as rules; each can be taken back."""
    st.markdown(t("Answers that you chose to remember. Without its rule, a question is asked again."))
    told = rules.answered()
    several = len(chosen.known_shops) > 1
    group = None
    for shop, key, value in rules.kept(chosen):
        if several and shop != group:
            st.markdown(f"##### {ui.escape(rules.shop_name(chosen, shop))}")
            group = shop
        asked, answer = rules.named(key, value)
        with st.container(horizontal=True, vertical_alignment="center"):
            when = f" · {told[key]}" if key in told else ""
            st.markdown(f"**{ui.escape(asked)}**: {ui.escape(answer)}{ui.escape(when)}")
            if st.button(t("Take the rule back"), key=f"rule/{shop}/{key}", icon=":material/undo:"):
                dashboard().orders.forget_rule(key, shop)
                st.rerun()
