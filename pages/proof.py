"""The proof of a booking account: one sentence on top of Udbetalinger, and all of it krone by krone."""

from collections.abc import Sequence
from datetime import date
from html import escape

import streamlit as st

from dinero.model.balance import ROW_NAMES, WAITING_KINDS, Balance, BalanceRow, Difference, RowKind
from dinero.model.clock import copenhagen_date
from dinero.model.documents import OrderKey
from dinero.model.errors import SettingsError
from dinero.model.settlements import PayoutState
from dinero.signin.sessions import OWNER
from pages import drawn, payout_drawn, ui, which_shop
from pages.ui import t

PATH = "/payouts"
LISTED = 25
MOST_LOOKED = 50  # payouts not booked when Dinero was asked, that are looked up anew

dashboard = ui.dashboard


def sentence() -> None:
    """The proof of today in one sentence with its time, the way to all of it, and a button that asks Dinero."""
    balance = dashboard().balance.latest()
    with st.container(key="proof"):
        if balance is None:
            chosen = dashboard().settings.load()
            told = t(
                "Dinero was not asked yet what is on {account}.",
                account=f"{chosen.booking_account} {chosen.booking_account_name}",
            )
            st.html(f'<div class="verdict"><h2>{escape(told)}</h2></div>')
        else:
            st.html(verdict(balance, link=True))
        if ui.role() == OWNER:
            ask()


def ask(on: date | None = None, account: int | None = None) -> None:
    """The button that asks Dinero for what was posted since."""
    if st.button(t("Ask Dinero now"), icon=":material/refresh:", key="ask_dinero"):
        with st.spinner(t("Reading postings from Dinero …")):
            done = ui.attempt(lambda: dashboard().balance.ask(account, on))
        if done:
            st.rerun()


def verdict(balance: Balance, *, link: bool) -> str:
    """Whether the account is explained, in HTML."""
    fine = balance.is_explained and balance.opening is None
    look, mark = ("green", "✓") if fine else ("orange", "▲") if balance.opening is not None else ("red", "✕")
    told = ui.say(balance.sentence())
    below = [t("Asked {when}.", when=ui.when_said(balance.asked_at)), booked_since(balance)]
    way = f" {drawn.link(drawn.to(PATH, proof='today'), t('See all of it'))}" if link else ""
    return (
        f'<div class="verdict {look}"><h2><span aria-hidden="true">{mark}</span> {escape(told)}</h2>'
        f'<p class="quiet">{escape(" ".join(filter(None, below)))}{way}</p></div>'
    )


def booked_since(balance: Balance) -> str:
    """What the sentence does not know yet, because it was booked after Dinero was asked; "" for nothing."""
    rows = {row.payout for row in balance.of(RowKind.UNBOOKED) if row.payout is not None}
    since = [one for one in map(dashboard().payouts.get, sorted(rows)[:MOST_LOOKED]) if one is not None]
    n = sum(one.state is PayoutState.BOOKED for one in since)
    return t("{n} payout was booked since.", "{n} payouts were booked since.", n=n) if n else ""


def whole(*, may_change: bool) -> None:
    """The proof on a day: what is unexplained and where, the opening, the sums by kind, and each row."""
    st.html(drawn.link(PATH, f"‹ {t('Payouts')}"))
    account, on = asked_account(), asked_day()
    head(account, on, may_change=may_change)
    try:
        balance = dashboard().balance.latest(account, on)
    except SettingsError as error:
        st.error(ui.say(error.text), icon=":material/error:")
        return
    if balance is None:
        st.html(f'<p class="quiet">{escape(t("Dinero was not asked yet. Press “Ask Dinero now”."))}</p>')
        return
    st.html(verdict(balance, link=False))
    opening(balance, may_change=may_change)
    if balance.differences:
        differences(balance.differences)
    kinds(balance)


def asked_account() -> int | None:
    """The booking account that the address names; None for the main one."""
    asked = st.query_params.get("account", "")
    accounts = dashboard().balance.accounts()
    return int(asked) if asked.isdecimal() and len(asked) < 9 and int(asked) in accounts else None


def asked_day() -> date | None:
    """The day that the address names; None for today."""
    try:
        return date.fromisoformat(st.query_params.get("proof", ""))
    except ValueError:
        return None


def head(account: int | None, on: date | None, *, may_change: bool) -> None:
    """Which account on which day, and how to choose another."""
    accounts = dashboard().balance.accounts()
    if len(accounts) > 1:
        deposits = dashboard().settings.load().chart.deposits
        links = "".join(
            f'<a class="go" href="{drawn.to(PATH, proof=on.isoformat() if on else "today", account=str(number))}"'
            f"{' aria-current=page' if number == (account or accounts[0]) else ''}>"
            f"{number} {escape(deposits[number].name if number in deposits else '')}</a>"
            for number in accounts
        )
        st.html(f'<nav class="views" aria-label="{escape(t("Booking account"))}">{links}</nav>')
    today = copenhagen_date(dashboard().clock.now())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.date_input(
            t("On the day"), value=on or today, max_value=today, format="DD-MM-YYYY", width=200, key=f"day/{on}"
        )
        if may_change:
            ask(on, account)
    if isinstance(chosen, date) and chosen != (on or today):
        st.query_params["proof"] = chosen.isoformat()
        st.rerun()


def opening(balance: Balance, *, may_change: bool) -> None:
    """What was there before the start, asked once."""
    asked = balance.opening
    if asked is None:
        return
    with st.container(border=True, key="opening"):
        st.markdown(
            t(
                "On {date}, before the dashboard began, {there} was on {account} in Dinero. Is that right? Then it is "
                "the first row of the proof, and is not asked again.",
                date=asked.on,
                there=ui.amount(asked.ore),
                account=balance.name,
            )
        )
        if may_change:
            st.button(
                t("Yes, that was there"),
                key="confirm_opening",
                type="primary",
                on_click=confirm,
                args=(balance.account, asked.ore, asked.on),
            )


def confirm(account: int, ore: int, on: date) -> None:
    """Keeps what was there before the start."""
    ui.attempt(lambda: dashboard().balance.confirm_opening(account, ore, on))


def differences(found: Sequence[Difference]) -> None:
    """What Dinero shows otherwise than it was booked from here, the first of them with its day."""
    st.html(f'<h2 class="of">{escape(t("Unexplained"))}</h2>')
    rows = "".join(difference(one) for one in found[:LISTED])
    st.html(f'<ul class="rows proof" aria-label="{escape(t("Unexplained"))}">{rows}</ul>')
    if len(found) > LISTED:
        st.caption(t("And {n} more", n=len(found) - LISTED))


def difference(one: Difference) -> str:
    """A document or voucher that Dinero shows otherwise."""
    figures = t("In Dinero {shown}, known here {said}.", shown=ui.amount(one.shown_ore), said=ui.amount(one.said_ore))
    return (
        f"<li data-row>{titled(one.order, one.number, one.payout, one.voucher)}"
        f'<span class="amount">{escape(ui.amount(one.ore))}</span><span class="when">{escape(ui.day(one.on))}</span>'
        f'<span class="note">{escape(ui.say(one.text))} {escape(figures)}</span></li>'
    )


def kinds(balance: Balance) -> None:
    """The sums by kind as links, and the rows of the chosen kind."""
    found = list(sums := balance.sums())
    if not found:
        st.html(f'<p class="quiet">{escape(t("Nothing is on the account."))}</p>')
        return
    asked = st.query_params.get("kind", "")
    first = next((kind for kind in found if kind not in WAITING_KINDS), found[0])
    chosen = RowKind(asked) if asked in {str(kind) for kind in found} else first
    here = {"proof": st.query_params.get("proof", "today"), "account": st.query_params.get("account", "")}
    rows = "".join(
        f"<tr{' class=chosen' if kind is chosen else ''}>"
        f"<td>{drawn.link(drawn.to(PATH, **here, kind=str(kind)), ui.say(ROW_NAMES[kind]))}</td>"
        f"<td>{ui.number(n)}</td><td>{escape(ui.amount(ore))}</td></tr>"
        for kind, (n, ore) in sums.items()
    )
    names = "".join(f"<th>{escape(name)}</th>" for name in (t("What it is"), t("Rows"), t("Amount")))
    total = (
        f"<tr><td><b>{escape(t('On the account in Dinero'))}</b></td><td></td>"
        f"<td><b>{escape(ui.amount(balance.dinero_ore))}</b></td></tr>"
    )
    left = ""
    if balance.unexplained_ore:
        left = (
            f'<tr class="red"><td>{escape(t("Unexplained"))}</td><td></td>'
            f"<td>{escape(ui.amount(balance.unexplained_ore))}</td></tr>"
        )
    st.html(
        f'<div class="sums"><table><thead><tr>{names}</tr></thead><tbody>{rows}{left}{total}</tbody></table></div>'
        f'<h2 class="of">{escape(ui.say(ROW_NAMES[chosen]))}</h2>'
    )
    listed(balance.of(chosen))


def listed(rows: Sequence[BalanceRow]) -> None:
    """Rows of a kind, the oldest first."""
    page = drawn.page_of()
    shown = rows[(page - 1) * LISTED : page * LISTED]
    drawn_rows = "".join(
        f"<li data-row>{of_row(row)}"
        f'<span class="amount">{escape(ui.amount(row.ore))}</span><span class="when">{escape(ui.day(row.on))}</span>'
        f'<span class="note">{escape(ui.say(row.text))}</span></li>'
        for row in shown
    )
    st.html(f'<ul class="rows proof" aria-label="{escape(t("The proof"))}">{drawn_rows}</ul>')
    drawn.turn(PATH, page, more=page * LISTED < len(rows))


def of_row(row: BalanceRow) -> str:
    """What a row is of; its kind where it is of nothing by itself."""
    return titled(row.order, row.number, row.payout, row.voucher) or (
        f'<span class="title">{escape(ui.say(ROW_NAMES[row.kind]))}</span>'
    )


def titled(order: OrderKey | None, number: str, payout: int | None, voucher: str) -> str:
    """What a row is of, as a link to where more of it stands; "" for nothing by itself."""
    shop = which_shop.titles().get(order.shop, "") if order is not None else ""
    if order is not None:
        owner = ui.role() == OWNER
        address = (
            drawn.to("/orders", view="all", order=order.address) if owner else drawn.to("/history", order=order.address)
        )
        name = t("Order {number}", number=number or order.id)
    elif payout is not None and (found := dashboard().payouts.get(payout)) is not None:
        address, name = drawn.to(PATH, payout=str(payout)), payout_drawn.title(found)
    else:
        return f'<span class="title">{escape(t("Voucher {number}", number=voucher))}</span>' if voucher else ""
    return drawn.with_shop(f'<a class="go title" href="{escape(address)}">{escape(name)}</a>', shop)
