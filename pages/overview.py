"""Overblik: the owner's one minute a day. One sentence, a few numbers that lead to their lists, the last weeks, and
whether both connections are well."""

import altair as alt
import pandas as pd
import streamlit as st

from dinero.model.clock import utc_text
from dinero.model.money import Money
from dinero.reports.overview import CHART_DAYS, GROUPS, Overview, Tile
from dinero.rules.fees import PayoutEstimate
from pages import ui
from pages.ui import t

ui.owner_only()
dashboard = ui.dashboard()
store = dashboard.store
chosen = dashboard.settings.load()
GROUP_NAMES = {
    "done": t("Transferred"),
    "waiting": t("Waiting"),
    "owner": t("Needs you"),
    "not due": t("Not due yet"),
    "ignored": t("Left out"),
}
TILE = 165  # pixels: two in a row on a phone
GROUP_COLOURS = {
    "done": "#2e7d4f",
    "waiting": "#2b7ba3",
    "owner": "#c46a00",
    "not due": "#8a97a0",
    "ignored": "#b9c2c8",
}


def how_things_are(now: Overview) -> None:
    """The sentence, in the colour of what it says, with the one thing to do next."""
    text = " ".join(ui.say(part) for part in now.sentence)
    if operation := store.operations.unfinished():
        rows = store.operations.orders_of(operation)
        done = sum(row.result is not None for row in rows)
        label = t("A transfer is under way: {done} of {n} orders are done.", done=done, n=len(rows))
        st.page_link("orders.py", label=label, icon=":material/sync:")
    if chosen.missing() or not dashboard.shop.is_connected:
        st.info(t("The set-up is not complete. The steps are under Set-up."), icon=":material/tune:")
        st.page_link("setup.py", label=t("Go to the set-up"), icon=":material/arrow_forward:")
    elif now.owner.count:
        st.warning(f"**{text}**", icon=":material/front_hand:")
    elif not now.all_well:
        st.info(f"**{text}**", icon=":material/schedule:")
    else:
        st.success(f"**{text}**", icon=":material/check_circle:")


def lately(now: Overview) -> None:
    """What it did since yesterday, each number with its list."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{t('Since yesterday')}**", width="content")
        done = t("{n} order transferred", "{n} orders transferred", n=now.recent.count)
        if now.recent.count:
            days = {"view": "done", "done_from": now.yesterday.isoformat(), "done_to": now.today.isoformat()}
            st.page_link(
                "orders.py", label=f"{done} ({sums_of(now.recent)})", icon=":material/check_circle:", query_params=days
            )
        else:
            st.caption(done, width="content")
        new = t("{n} new order fetched", "{n} new orders fetched", n=now.fetched)
        st.page_link("history.py", label=new, icon=":material/inbox:", query_params={"events": t("Orders fetched")})


def tile(name: str, value: str, below: str, icon: str, link: str, label: str, query: dict[str, str]) -> None:
    """A number, what it comes to, and the way to the list behind it."""
    st.markdown(f"{icon} {name}")
    st.markdown(f"### {value}")
    st.caption(below or "–")
    st.page_link(link, label=label, icon=":material/arrow_forward:", query_params=query)


def sums_of(found: Tile) -> str:
    return " + ".join(ui.amount(ore, currency) for currency, ore in sorted(found.sums.items()))


def tiles(now: Overview) -> None:
    month = {"view": "done", "done_from": now.first_of_month.isoformat(), "done_to": now.today.isoformat()}
    received = Money(now.month.sums.get("DKK", 0)) - now.fees
    note = t("of what was transferred; about {received} reaches the bank", received=received)
    rates = t("Fill in the rates") if now.fees_by_example else t("See the rates")
    drawn = [
        (
            t("Waiting"),
            ui.number(now.waiting.count),
            sums_of(now.waiting),
            ":blue[:material/schedule:]",
            "orders.py",
            t("See and transfer"),
            {"view": "waiting"},
        ),
        (
            t("Needs you"),
            ui.number(now.owner.count),
            sums_of(now.owner),
            ":orange[:material/front_hand:]",
            "orders.py",
            t("See and mend"),
            {"view": "owner"},
        ),
        (
            t("Transferred this month"),
            ui.number(now.month.count),
            sums_of(now.month),
            ":green[:material/check_circle:]",
            "orders.py",
            t("See the orders"),
            month,
        ),
        (
            t("Expected fees"),
            ui.amount(now.fees.ore),
            note,
            ":violet[:material/percent:]",
            "setup.py",
            rates,
            {"show": "fees"},
        ),
    ]
    with st.grid(len(drawn), min_column_width=TILE):
        for parts in drawn:
            with st.container(border=True, height="stretch", gap="xsmall"):
                tile(*parts)


def chart(now: Overview) -> None:
    """Sales by order day, each in what became of it: a day with something left over is seen at once."""
    st.subheader(t("Sales of the last {days} days, and what became of them", days=CHART_DAYS))
    if not now.days:
        st.info(t("There are no orders in these days."), icon=":material/bar_chart:")
        return
    order = {group: place for place, group in enumerate(GROUPS)}
    drawn = pd.DataFrame(
        {
            "day": [part.day.isoformat() for part in now.days],
            "group": [GROUP_NAMES[part.group] for part in now.days],
            "place": [order[part.group] for part in now.days],
            "kroner": [part.ore / 100 for part in now.days],
            "orders": [part.count for part in now.days],
            "amount": [ui.amount(part.ore) for part in now.days],
        }
    )
    names = [GROUP_NAMES[group] for group in GROUPS]
    bars = (
        alt.Chart(drawn)
        .mark_bar()
        .encode(
            x=alt.X("yearmonthdate(day):T", title=None, axis=alt.Axis(format=ui.day_format("%b"), labelOverlap=True)),
            y=alt.Y("kroner:Q", title=t("Kroner"), axis=alt.Axis(format=",.0f", tickMinStep=1)),
            color=alt.Color(
                "group:N",
                title=None,
                sort=names,
                legend=alt.Legend(orient="top", columns=3),
                scale=alt.Scale(domain=names, range=[GROUP_COLOURS[group] for group in GROUPS]),
            ),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("day:T", title=t("Date"), format=ui.day_format("%B %Y")),
                alt.Tooltip("group:N", title=t("State")),
                alt.Tooltip("orders:Q", title=t("Orders")),
                alt.Tooltip("amount:N", title=t("Amount")),
            ],
        )
        .properties(height=300)
    )
    st.altair_chart(bars, alt=t("Sales of the last {days} days, and what became of them", days=CHART_DAYS))


def connections() -> None:
    """Both connections: whether they are there, when they were used last, and what is left of their calls."""
    left, right = st.columns(2)
    with left.container(border=True):
        well = chosen.connection is not None and not dashboard.connection.has_ended
        mark = ":green[:material/check_circle:]" if well else ":orange[:material/link_off:]"
        st.markdown(f"{mark} **Dinero** · {ui.escape(chosen.organization_name) if well else t('Not connected')}")
        age = dashboard.accounts.age()
        if age is not None:
            st.caption(t("Accounts fetched {ago}.", ago=ui.ago_of(age)))
        if well:
            st.caption(
                t(
                    "At most {calls} calls a minute; the dashboard waits by itself.",
                    calls=ui.number(dashboard.connection.calls_per_minute),
                )
            )
    with right.container(border=True):
        well = dashboard.shop.is_connected
        mark = ":green[:material/check_circle:]" if well else ":orange[:material/link_off:]"
        name = chosen.shop_name or t("Connected")
        st.markdown(f"{mark} **Shoporama** · {ui.escape(name) if well else t('Not connected')}")
        last = dashboard.orders.last_fetch()
        fetched = utc_text(last.at) if last is not None and last.at is not None else None
        st.caption(t("Orders fetched {ago}.", ago=ui.ago(fetched)) if fetched else t("No orders fetched yet."))
        if well:
            st.caption(t("{calls} of 1,000 calls left today.", calls=ui.number(dashboard.shop.calls_left())))


def booking_account(now: Overview) -> None:
    """What the booking account should hold."""
    if chosen.booking_account is None or now.deposit is None:
        return
    with st.container(border=True):
        account = ui.escape(f"{chosen.booking_account} {chosen.booking_account_name}")
        st.markdown(
            f":material/account_balance: **{account}** · " + t("{total} registered from here", total=now.deposit)
        )
        explained = t(
            "Book each payout from this account to the bank and its fees to a fee account. Then the "
            "account's "
            "balance in Dinero is this sum less all payouts and fees: what has not been paid out "
            "yet."
        )
        st.caption(explained)
        st.page_link("reconcile.py", label=t("Compare with Dinero"), icon=":material/rule:")


def first_steps() -> None:
    """Before the set-up there is nothing to count: what the dashboard does, and the one thing to do now."""
    st.info(t("The set-up is not complete. The steps are under Set-up."), icon=":material/tune:")
    st.markdown(
        t(
            "1. Connect Dinero and the shop, and choose the booking account.\n"
            "2. Fetch the orders, and look at the first invoice before anything is sent.\n"
            "3. Transfer with one click: the customer, the booked invoice and the registered sale."
        )
    )
    if st.button(t("Go to the set-up"), type="primary", icon=":material/arrow_forward:"):
        st.switch_page("setup.py")


st.title(t("Overview"))
now = dashboard.orders.overview()
if (chosen.missing() or not dashboard.shop.is_connected) and not now.has_orders:
    first_steps()
    connections()
    st.stop()
how_things_are(now)
ui.heartbeat()
lately(now)
tiles(now)
if now.fees_by_example and now.month.count:
    st.caption(ui.payout_note(PayoutEstimate(Money(0), Money(0), is_example=True)))
chart(now)
booking_account(now)
connections()
