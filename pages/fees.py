"""What the acquirer keeps of each sale, by payment method: shown, and typed."""

from collections.abc import Mapping
from decimal import Decimal

import streamlit as st

from dinero.model.errors import DashboardError
from dinero.model.money import AmountError, Money
from dinero.model.settings import FeeRate, Settings, parse_percent
from pages import controls, ui
from pages.ui import t


def part(chosen: Settings, *, editing: bool) -> Mapping[str, FeeRate] | None:
    """The rates with a way to change them; what is typed when they are, None while it can't be read."""
    controls.part_head(t("Your acquirer's fees"), "" if editing else "fees", tab="books")
    if not editing:
        rows = [(method or t("(no name)"), said(rate)) for method, rate in sorted(chosen.fee_rates.items())]
        controls.facts((t("Payment method"), t("Fee")), rows, empty=t("Not filled in: the guide's example is used."))
        return chosen.fee_rates
    st.markdown(t("What the acquirer keeps of each sale, by payment method. Only the estimate uses them."))
    methods = ui.dashboard().store.sums.payment_methods()
    if not methods:
        st.caption(t("Fetch orders first: the payment methods come from them."))
        return chosen.fee_rates
    rates = {method: rate for method, rate in chosen.fee_rates.items() if method not in methods}
    valid = True
    for method in methods:
        percent, fixed = _row(method, chosen.fee_rates.get(method))
        if percent.strip() or fixed.strip():
            rate = _read(percent, fixed)
            valid = valid and rate is not None
            rates |= {method: rate} if rate is not None else {}
    return rates if valid else None


def said(rate: FeeRate) -> str:
    """A rate in words: 1,45 % + 0,70 kr."""
    fixed = ui.amount(rate.fixed_ore)
    return f"{ui.number(rate.percent)} % + {fixed}" if rate.fixed_ore else f"{ui.number(rate.percent)} %"


def _row(method: str, rate: FeeRate | None) -> tuple[str, str]:
    name, left, right = st.columns([2, 1, 1], vertical_alignment="bottom")
    name.markdown(ui.escape(method or t("(no name)")))
    return (
        left.text_input(
            t("Percent"),
            key=f"percent/{method}",
            placeholder="1,45",
            value=str(rate.percent).replace(".", ",") if rate else "",
        ),
        right.text_input(
            t("Fixed, kr."),
            key=f"fixed/{method}",
            placeholder="0,70",
            value=f"{Decimal(rate.fixed_ore).scaleb(-2)}".replace(".", ",") if rate else "",
        ),
    )


def _read(percent: str, fixed: str) -> FeeRate | None:
    try:
        amount = Money.from_danish(fixed) if fixed.strip() else Money(0)
        return FeeRate(parse_percent(percent or "0"), amount.ore)
    except AmountError:
        st.error(t("“{text}” is not an amount. Write it as 0,70.", text=fixed))
    except DashboardError as error:
        st.error(ui.say(error.text))
    return None
