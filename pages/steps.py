"""The set-up as a list of steps: Overblik until all are done and the first transfer was begun. What is done is a line
each, and one step is open."""

from collections.abc import Callable
from html import escape
from typing import NamedTuple

import streamlit as st

from dinero.model.settings import CONNECT, PERSONAL, Settings
from dinero.reports.overview import GROUPS, OWNER
from dinero.shops.shop_system import OnPage
from pages import controls, drawn, fee_bar, new_shop, ui
from pages.controls import saved
from pages.ui import t

dashboard = ui.dashboard
SIX = 6


class Step(NamedTuple):
    """A step, whether it is done, and with what answer."""

    name: str
    title: str
    done: bool
    answer: str = ""


# --- what is done -------------------------------------------------------------------------------------------------


def steps(chosen: Settings) -> list[Step]:
    """The six steps, with what was answered."""
    kinds = {CONNECT: t("through Visma Connect"), PERSONAL: t("with your own API key")}
    account = f"{chosen.booking_account} {chosen.booking_account_name}" if chosen.booking_account else ""
    shop = dashboard().shops.is_connected
    return [
        Step(
            "dinero",
            t("Connect to Dinero"),
            chosen.connection is not None and not dashboard().connection.has_ended,
            kinds.get(chosen.connection or "", ""),
        ),
        Step(
            "organization",
            t("Choose the organization"),
            chosen.organization is not None,
            chosen.organization_name,
        ),
        Step("trigger", t("When is an order transferred?"), chosen.trigger is not None, _trigger_of_all(chosen)),
        Step("account", t("Choose the booking account"), chosen.booking_account is not None, account),
        Step("shop", t("Connect the webshop"), shop, (ui.shop_titles() or t("connected")) if shop else ""),
        Step("orders", t("Which orders are to be transferred?"), chosen.take_over_chosen, _take_over_of_all(chosen)),
    ]


def _orders(*, fetched: bool) -> str:
    return t("{n} order", "{n} orders", n=dashboard().store.orders.count()) if fetched else ""


def trigger_name(trigger: str | None) -> str:
    """When an order is transferred, as it ends a sentence."""
    return {"paid": t("when it is paid"), "sent": t("when it is sent")}.get(trigger or "", "")


def _take_over_name(chosen: Settings) -> str:
    if chosen.take_over_number is not None:
        return t("from order number {number}", number=str(chosen.take_over_number))
    return t("from {date}", date=chosen.take_over_date) if chosen.take_over_date else ""


def _trigger_of_all(chosen: Settings) -> str:
    return _for_each(chosen, lambda settings: trigger_name(settings.trigger))


def _take_over_of_all(chosen: Settings) -> str:
    return _for_each(chosen, _take_over_name)


def _for_each(chosen: Settings, answer: Callable[[Settings], str]) -> str:
    """An answer, and what it is for each webshop that goes by an answer of its own."""
    usual = answer(chosen)
    own = {shop.title: answer(chosen.of_shop(shop.name)) for shop in dashboard().shops.all()}
    return " · ".join([usual, *(f"{title}: {said}" for title, said in own.items() if said != usual)])


def hint() -> None:
    """On other pages: what is left of the set-up, and the way to it."""
    left = sum(not step.done for step in steps(dashboard().settings.load()))
    if left and dashboard().set_up.is_open:  # a connection that ended is told by the frame
        st.html(f"<p>{escape(_left(left))} {drawn.link('/', t('Go on with the set-up'), 'button')}</p>")


def _left(n: int) -> str:
    return t("{n} of {all} steps is left.", "{n} of {all} steps are left.", n=n, all=SIX)


# --- the list on Overblik -----------------------------------------------------------------------------------------


def wizard() -> None:
    """What is done a line each, and the one next step open, with the usual answer filled in."""
    chosen = dashboard().settings.load()
    six = steps(chosen)
    done = sum(step.done for step in six)
    last = dashboard().orders.last_fetch()
    fetched = last is not None and last.at is not None
    listed = [
        *six,
        Step("fetch", t("Fetch the orders"), fetched, _orders(fetched=fetched)),
    ]
    if not dashboard().transfers.count():
        listed.append(Step("invoice", t("The first invoice"), False))
    wanted = st.query_params.get(controls.SHOW, "")
    changing = next((step.name for step in six if step.done and step.name == wanted), "")
    now = changing or next(step.name for step in listed if not step.done)
    left = SIX - done
    st.title(_left(left) if left else t("Everything is set up."))
    with st.container(width=controls.READABLE):
        _draw(listed, now, chosen, done)


def _draw(listed: list[Step], now: str, chosen: Settings, done: int) -> None:
    st.html(_progress(done, SIX))
    controls.came_back()
    demo = dashboard().set_up.has_demo and done < SIX
    if demo:
        _offer_demo(primary=not done)
    at = [step.name for step in listed].index(now)
    st.html(_lines(listed[: at + 1], 1, now))
    with st.container(border=True):
        _open(now, chosen, primary=not (demo and not done))
    if listed[at + 1 :]:
        st.html(_lines(listed[at + 1 :], at + 2, now))


def _progress(done: int, of: int) -> str:
    said = t("{n} of {all}", n=done, all=of)
    parts = [drawn.Part(done, "green"), drawn.Part(of - done, "pale")]
    return f'<div class="steps-done"><div>{drawn.bar(parts, alt=said)}</div><span>{escape(said)}</span></div>'


def _lines(listed: list[Step], first: int, now: str) -> str:
    return f'<ol class="steps">{"".join(_line(step, n, now) for n, step in enumerate(listed, first))}</ol>'


def _line(step: Step, n: int, now: str) -> str:
    number = f"{n}. " if step.name not in ("fetch", "invoice") else ""
    title = f"<span>{number}{escape(step.title)}</span>"
    if step.name == now:
        return f'<li class="now" aria-current="step"><i>→</i>{title}</li>'
    if not step.done:
        return f'<li class="later"><i>○</i>{title}</li>'
    change = controls.change(drawn.to("/", show=step.name), step.title) if number else ""
    return f'<li class="done"><i>✓</i><span>{title} <b>{escape(step.answer)}</b></span>{change}</li>'


def _open(name: str, chosen: Settings, *, primary: bool) -> None:
    if name == "dinero":
        controls.connect_dinero(primary=primary)
    elif name == "organization":
        _choose_organization(chosen)
    elif name == "trigger":
        picked = controls.pick_trigger(chosen)
        if st.button(t("Use this"), type="primary", key="use"):
            controls.keep(trigger=picked)
    elif name == "account":
        _choose_account(chosen)
    elif name == "shop":
        new_shop.form(chosen, primary=primary)
    elif name == "orders":
        taken = controls.pick_take_over(chosen)
        if st.button(t("Use this"), type="primary", key="use", disabled=not taken.is_chosen):
            controls.keep(take_over_date=taken.first, take_over_number=taken.number)
    elif name == "fetch":
        st.markdown(t("Nothing is sent to Dinero yet: you see every order before it is transferred."))
        _fetch(primary=True)
    else:
        _first_invoice()


def _choose_organization(chosen: Settings) -> None:
    picked = controls.pick_organization(chosen)
    with st.container(horizontal=True):
        if st.button(t("Use this"), type="primary", key="use", disabled=picked is None) and picked is not None:
            controls.choose_organization(picked.id)
        controls.fetch_organizations()


def _choose_account(chosen: Settings) -> None:
    st.markdown(t("The account where the sale stands until the money is in the bank, for example “Webshop salg”."))
    fee_bar.choice()
    there = controls.webshop_account(chosen)
    name = f"{there.number} {there.name}" if there else ""
    controls.use_webshop_account(
        t("Use {account}", account=name) if there else t("Create the account “Webshop salg”"), primary=True
    )
    other = st.expander(t("Choose another account"), on_change="rerun", key="other account")
    if not other.open:
        return
    with other:
        account = controls.pick_account(chosen)
        if st.button(t("Use this"), key="use", disabled=account is None) and account is not None:
            number = account.number
            if ui.attempt(lambda: dashboard().accounts.choose_booking_account(number)):
                saved()


def _offer_demo(*, primary: bool) -> None:
    """The demo's short way, beside the real set-up."""
    with st.container(border=True):
        st.markdown(
            t(
                "**This is a demo.** Let it connect the invented Dinero and webshop and fetch the orders, or walk "
                "through the real set-up below."
            )
        )
        if st.button(t("Set the demo up for me"), type=ui.kind(primary), icon=":material/auto_awesome:", key="demo"):
            told = t("Connecting Dinero and the webshop, and fetching the orders …")
            _read(told, dashboard().set_up.demo, t("The demo is set up."))


def _fetch(*, primary: bool) -> None:
    if st.button(t("Fetch the orders"), type=ui.kind(primary), icon=":material/sync:", key="fetch"):
        told = t("Fetching the orders …")
        _read(told, lambda on_page: dashboard().orders.fetch(on_page=on_page), t("The orders are fetched."))


def _read(told: str, work: Callable[[OnPage], object], done: str) -> None:
    """Reads orders, and tells how far it is."""
    with st.status(told) as status:
        ended = ui.attempt(lambda: work(ui.page_by_page(status, told)))
        status.update(state="complete" if ended else "error", expanded=not ended)
    if ended:
        saved(done)


def _first_invoice() -> None:
    """The way to the first invoice, or why there is none yet."""
    orders = dashboard().store.orders
    first = next(iter(orders.list(states=GROUPS["waiting"], limit=1, oldest_first=True)), None)
    if first is not None:
        st.markdown(t("Look at it, and transfer it when it is right. What is booked can't be deleted, only credited."))
        address = drawn.to("/orders", view="waiting", order=first.key.address)
        links = [drawn.link(address, t("See the first invoice"), "button primary")]
        if (n := orders.count(states=GROUPS["waiting"])) > 1:
            every = drawn.to("/orders", view="waiting", select="all")
            label = t("Select {n} order", "Select all {n} orders", n=n)
            links.append(drawn.link(every, label, "button"))
        st.html(f'<p class="links">{"".join(links)}</p>')
        return
    if needs := orders.count(states=OWNER):
        text = t("No order is ready yet, but {n} needs you.", "No order is ready yet, but {n} need you.", n=needs)
        st.markdown(text)
        st.html(drawn.link("/needs-you", t("See what needs you"), "button primary"))
    else:
        st.markdown(t("No order is ready yet. As soon as one is, its invoice is here."))
    _fetch(primary=not needs)
