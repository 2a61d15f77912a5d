"""What of a sale reaches the bank, as a picture: sell for 249 kr., get 241 kr. It is drawn where the account is chosen,
before a transfer, and on the overview; and the owner's rates are asked for where they are missed."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from html import escape

import streamlit as st

from dinero.model.chart import WEBSHOP_ACCOUNT_NAME
from dinero.model.errors import DashboardError
from dinero.model.i18n import Text
from dinero.model.money import AmountError, Money
from dinero.model.settings import EXAMPLE_PAYOUT, EXAMPLE_SALE, FeeRate, parse_percent
from dinero.model.words import plain
from dinero.rules.fees import MeasuredFee, PayoutEstimate, is_direct_method, rounded
from pages import drawn, ui
from pages.drawn import Part
from pages.ui import t

# Rates that an acquirer's own papers show; a method whose name has the word begins with it. Clearhaus: the example of
# a settlement in its own export keeps 14.50 of 1,000.00. No other's is known.
PRESETS = {"clearhaus": FeeRate(Decimal("1.45"), 0)}


def example() -> None:
    """The guide's example, for one sale."""
    sold, received = kroner(EXAMPLE_SALE), kroner(EXAMPLE_PAYOUT)
    fee = kroner(EXAMPLE_SALE - EXAMPLE_PAYOUT)
    st.html(
        _figure(
            t("{sold} from the customer", sold=sold),
            [
                Part(EXAMPLE_PAYOUT.ore, "green", t("{received} in the bank", received=received)),
                Part((EXAMPLE_SALE - EXAMPLE_PAYOUT).ore, "orange", t("{fee} in fees", fee=fee)),
            ],
        )
    )


def choice() -> None:
    """Both ways to book a sale, side by side, for where the account is chosen."""
    sold, received = kroner(EXAMPLE_SALE), kroner(EXAMPLE_PAYOUT)
    fee = EXAMPLE_SALE - EXAMPLE_PAYOUT
    between = _figure(
        t("With “{account}”", account=WEBSHOP_ACCOUNT_NAME),
        [
            Part(EXAMPLE_PAYOUT.ore, "green", t("{received} in the bank", received=received)),
            Part(fee.ore, "orange", t("{fee} in fees", fee=kroner(fee))),
        ],
        t("{sold} are explained: {difference} in difference.", sold=sold, difference=kroner(Money(0))),
        "green",
        "✓",
    )
    bank = _figure(
        t("With the bank account"),
        [
            Part(EXAMPLE_PAYOUT.ore, "green", t("{received} in the bank", received=received)),
            Part(fee.ore, "red", t("{fee} that never came", fee=kroner(fee))),
        ],
        t("{sold} are booked in the bank: {fee} wrong for each sale.", sold=sold, fee=kroner(fee)),
        "red",
        "✕",
    )
    st.html(f'<div class="fees-beside">{between}{bank}</div>')


def draw(estimate: PayoutEstimate, *, ask: bool = True) -> None:
    """The same with the owner's own sums, and the rates asked for (`ask`) where the example stands in for them. Nothing
    is drawn when nothing is sold."""
    if estimate.sold.ore <= 0:
        return
    st.html(html(estimate))
    if estimate.is_example and ask:
        ask_rates()


def html(estimate: PayoutEstimate) -> str:
    """The bar of an estimate with its sentence."""
    parts = [Part(estimate.received.ore, "green", t("{received} in the bank", received=received_of(estimate)))]
    if estimate.fees.ore > 0:
        fee = about(estimate.fees, like=estimate.received) if estimate.is_example else ui.amount(estimate.fees.ore)
        parts.append(Part(estimate.fees.ore, "orange", t("{fee} in fees", fee=fee)))
    return _figure(t("{sold} from the customers", sold=kroner(estimate.sold)), parts, basis(estimate))


def received_of(estimate: PayoutEstimate) -> str:
    """What the bank will receive: "about 171.000 kr." where the example was used, exact by the owner's own rates."""
    return about(estimate.received) if estimate.is_example else ui.amount(estimate.received.ore)


def basis(estimate: PayoutEstimate) -> str:
    """Where an estimate comes from."""
    if estimate.measured is not None:
        return " ".join(_measured(estimate.measured, estimate))
    if estimate.fees.ore == 0 and not estimate.is_example:
        return t("There are no fees on bank transfers, EAN and invoices with days to pay.")
    if estimate.is_example:
        return t(
            "You have not entered your fees yet, so an example is used: {sold} sold give {received} in the bank.",
            sold=kroner(EXAMPLE_SALE),
            received=kroner(EXAMPLE_PAYOUT),
        )
    return t("By your own rates.")


def _measured(measured: MeasuredFee, estimate: PayoutEstimate) -> list[str]:
    """What was measured, and how the rest is estimated."""
    told = [said_measured(measured)]
    if estimate.is_typed:
        told.append(t("The rest is by your own rates."))
    if estimate.is_example:
        told.append(t("You have not entered a fee for the rest, so an example is used for it."))
    return told


def said_measured(measured: MeasuredFee) -> str:
    """What was measured: "Measured on 214 orders: 1,45 %"."""
    percent = f"{ui.number(measured.percent)} %"
    if measured.count:
        return t(
            "Measured on {n} order: {percent}.",
            "Measured on {n} orders: {percent}.",
            n=measured.count,
            percent=percent,
        )
    return t(
        "Measured on {n} payout: {percent}.",
        "Measured on {n} payouts: {percent}.",
        n=measured.payouts,
        percent=percent,
    )


def about(amount: Money, like: Money | None = None) -> str:
    """An estimated amount, with no more figures than are known of it, or of what it is added to."""
    return t("about {amount}", amount=kroner(rounded(amount, like)))


def kroner(amount: Money) -> str:
    """An amount in whole kroner: "176.726 kr."."""
    whole = Decimal(amount.ore).scaleb(-2).quantize(Decimal(1), ROUND_HALF_UP)
    return f"{ui.number(whole)}\N{NO-BREAK SPACE}kr."


def _figure(head: str, parts: Sequence[Part], below: str = "", colour: str = "quiet", sign: str = "") -> str:
    told = ", ".join([head, *(part.label for part in parts)])
    sentence = f'<p class="{colour}">{escape(f"{sign} {below}".strip())}</p>' if below else ""
    return f'<div class="fees"><b>{escape(head)}</b>{drawn.bar(parts, alt=told)}{sentence}</div>'


# --- the owner's rates -------------------------------------------------------------------------------------------


def ask_rates() -> None:
    """The rates, asked for where they are missed."""
    popover = st.popover(t("Enter your rates"), icon=":material/percent:", key="rates", on_change="rerun")
    if popover.open:
        with popover:
            rates_form("ask")


def rates_form(key: str) -> None:
    """What the acquirer keeps, by each payment method that orders name; saved with one button. `key` tells forms on
    one page apart."""
    with st.form(f"fees/{key}", border=False):
        typed = type_rates(key)
        if st.form_submit_button(t("Save"), disabled=not typed):
            rates = rates_of(typed)
            if isinstance(rates, Text):
                st.error(ui.say(rates))
            else:
                ui.dashboard().settings.save(fee_rates=rates)
                st.rerun()


def type_rates(key: str) -> dict[str, tuple[str, str]]:
    """The rates as the owner types them (percent, fixed kroner), by method."""
    methods = ui.dashboard().store.sums.payment_methods()
    chosen = ui.dashboard().settings.load()
    st.markdown(t("What the acquirer keeps of each sale, by payment method. Only the estimate uses them."))
    asked = [method for method in methods if not is_direct_method(method, chosen.rules)]
    if not methods:
        st.caption(t("Fetch orders first: the payment methods come from them."))
        return {}
    if len(asked) < len(methods):
        st.caption(t("There are no fees on bank transfers, EAN and invoices with days to pay."))
    presets = {method: preset(method) for method in asked if method not in chosen.fee_rates}
    typed = {}
    names = ui.method_names(asked)
    for method in asked:
        rate = chosen.fee_rates.get(method) or presets.get(method)
        st.markdown(f"**{ui.escape(names[method] or t('(no name)'))}**")
        share = f"{rate.percent}".replace(".", ",") if rate else ""
        fixed = _fixed(rate) if rate else ""
        left, right = st.columns(2)
        typed[method] = (
            left.text_input(t("Percent"), key=f"{key}/percent/{method}", value=share),
            right.text_input(t("Fixed, kr."), key=f"{key}/fixed/{method}", value=fixed),
        )
    if any(presets.values()):
        st.caption(t("What is filled in is from the acquirer's own example. Check it with your agreement."))
    return typed


def preset(method: str) -> FeeRate | None:
    """The rate that a payment method begins with, None where none is known."""
    return next((rate for name, rate in PRESETS.items() if name in plain(method)), None)


def _fixed(rate: FeeRate) -> str:
    return f"{Decimal(rate.fixed_ore).scaleb(-2)}".replace(".", ",")


def rates_of(typed: Mapping[str, tuple[str, str]]) -> dict[str, FeeRate] | Text:
    """All rates with those that were typed, by method; both fields empty removes one. A sentence when one can't be
    read."""
    rates = {method: rate for method, rate in ui.dashboard().settings.load().fee_rates.items() if method not in typed}
    for method, (percent, fixed) in typed.items():
        if not percent.strip() and not fixed.strip():
            continue
        try:
            amount = Money.from_danish(fixed) if fixed.strip() else Money(0)
            rates[method] = FeeRate(parse_percent(percent or "0"), amount.ore)
        except AmountError:
            return Text("“{text}” is not an amount. Write it as 0,70.", text=fixed)
        except DashboardError as error:
            return error.text
    return rates


def said(rate: FeeRate) -> str:
    """A rate in words: 1,45 % + 0,70 kr."""
    percent = f"{ui.number(rate.percent)} %"
    return f"{percent} + {ui.amount(rate.fixed_ore)}" if rate.fixed_ore else percent
