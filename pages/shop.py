"""One webshop's own part of Opsætning: its name, its own choices, its keys and webhook, pause and remove."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from html import escape

import streamlit as st

from dinero.dashboard.shops import ShopStatus
from dinero.model.clock import copenhagen_date
from dinero.model.health import shop_connection
from dinero.model.i18n import Text
from dinero.model.settings import DEFAULT_ACCOUNTS, TRIGGERS, Settings
from dinero.model.shops import Shop, ShopChoice, ShopState
from dinero.model.zones import ZONE_CODES, ZONE_NAMES
from pages import acquirers, controls, drawn, new_shop, rules, shops, ui, vat, webhooks
from pages.ui import t

dashboard = ui.dashboard
WHOLE_KRONER, AS_CHARGED = "whole_kroner", "as_charged"
ROLES = [role for role in DEFAULT_ACCOUNTS if role.partition(".")[0] in rules.KINDS]
Changes = dict[str, object]


def part(chosen: Settings, name: str) -> None:
    """All of one webshop, by its name; a sentence where there is none."""
    st.html(drawn.link(shops.place(), f"‹ {t('All connections')}"))
    status = next((one for one in dashboard().shops.statuses() if one.shop.name == name), None)
    if status is None:
        st.info(t("There is no such webshop any more."))
        return
    shop, several = status.shop, dashboard().shops.several
    where = drawn.out(shop.address, shop.address.partition("://")[2], "plain") if shop.address else ""
    told = [where, escape(shops.counted(status))]
    st.html(f'<h2>{escape(shop.title)}</h2><p class="quiet">{" · ".join(one for one in told if one)}</p>')
    with st.container(border=True):
        state_of(status)
    changed = own(shop) | (alone(chosen, shop) if several else {})
    ways = vat.Ways()
    if several:
        controls.part_head(t("Payment methods"), "", tab="connections")
        ways = vat.methods_of(chosen, shop.name)
    else:
        links = [
            drawn.link(drawn.to("/setup", tab=tab), title)
            for tab, title in (("books", t("Booking")), ("vat", t("VAT and payments")))
        ]
        st.html(
            f'<p class="quiet">{escape(t("When orders go, from where and to which accounts:"))} {" ".join(links)}</p>'
        )
    ways = replace(ways, rules={**ways.rules, **questions(chosen, shop)})
    if controls.save_bar(changed or ways.changed) and ui.attempt(lambda: keep(shop, changed, ways)):
        controls.saved()
    with st.expander(t("Fetch at once when an order comes (webhook)"), icon=":material/bolt:"):
        if webhooks.can_be_reached():
            webhooks.draw(shop)
    if shop.state is not ShopState.REMOVED:
        end(shop)


def state_of(status: ShopStatus) -> None:
    """How its connection is, its keys, and what is next where its orders are not fetched yet."""
    shop = status.shop
    if shop.state is ShopState.REMOVED:
        st.html(
            f"<p>○ {escape(t('This webshop was removed. What was booked stays. Connect it to go on with it.'))}</p>"
        )
        new_shop.again(shop)
        return
    now = dashboard().health.of(shop_connection(shop.name))
    shops.connection(now, shop.system_name, "", partial(new_shop.again, shop), paused=shops.is_paused(shop))
    shops.offer_fetch(status, now, primary=True)
    if shops.is_paused(shop):
        st.html(f"<p>{escape(t('Nothing is fetched, and nothing new is transferred. What was begun is ended.'))}</p>")
        if st.button(t("Go on with the webshop"), icon=":material/play_arrow:", key="resume") and ui.attempt(
            lambda: dashboard().shops.resume(shop.name)
        ):
            controls.saved(t("The webshop goes on."))


def keep(shop: Shop, changed: Changes, ways: "vat.Ways") -> None:
    """Stores what was changed. Raises DashboardError."""
    choices = {name: value for name, value in changed.items() if name != "title"}
    if "title" in changed:
        dashboard().shops.rename(shop.name, str(changed["title"]))
    if choices:
        dashboard().shops.choose(shop.name, **choices)
    if ways.changed:
        dashboard().settings.place(shop.name, rules=ways.rules, method_accounts=ways.accounts)


# --- what is chosen for it ----------------------------------------------------------------------------------------


def own(shop: Shop) -> Changes:
    """Its name."""
    title = st.text_input(
        t("What you call the webshop"), value=shop.title, key=f"title/{shop.name}/{shop.title}"
    ).strip()
    return {"title": title} if title != shop.title else {}


def alone(chosen: Settings, shop: Shop) -> Changes:
    """What counts for it alone, where there are several: when, from where, on which accounts, in which currency."""
    before = chosen.shops.get(shop.name, ShopChoice())
    now = {"trigger": trigger(chosen, shop, before.trigger), **start(chosen, shop, before)}
    if chosen.organization is not None:
        usual = rules.account_name(chosen, chosen.booking_account)
        now["booking_account"] = acquirers.deposit(
            t("Booking account"),
            chosen,
            before.booking_account,
            key=f"booking/{shop.name}/{before.booking_account}",
            none=t("As for all: {choice}", choice=usual),
        )
        now["accounts"] = accounts(chosen, shop, before.accounts)
    options = ["", *dict.fromkeys((*vat.CURRENCIES, *([before.currency] if before.currency else [])))]
    currency = st.selectbox(
        t("The webshop's currency, where an order names none"),
        options,
        index=options.index(before.currency or ""),
        format_func=lambda one: one or t("As for all: {choice}", choice=chosen.shop_currency),
        key=f"currency/{shop.name}/{before.currency}",
    )
    now["currency"] = currency or None
    return {name: value for name, value in now.items() if value != getattr(before, name)}


def trigger(chosen: Settings, shop: Shop, before: str | None) -> str | None:
    names = {"paid": t("When it is paid"), "sent": t("When it is sent")}
    said = {"paid": t("when it is paid"), "sent": t("when it is sent")}
    usual = t("As for all: {choice}", choice=said.get(chosen.trigger or "", "–"))
    options = ["", *TRIGGERS]
    meanings = new_shop.MEANINGS.get(shop.system, controls.TRIGGER_MEANINGS)
    picked = st.radio(
        t("An order is transferred"),
        options,
        index=options.index(before or ""),
        format_func=lambda one: names.get(one, usual),
        captions=["", *(ui.say(text) for text in meanings)],
        key=f"trigger/{shop.name}/{before}",
    )
    return picked or None


def start(chosen: Settings, shop: Shop, before: ShopChoice) -> Changes:
    """From which order on; nothing is changed while what is typed can't be read."""
    usual = chosen.take_over_number or chosen.take_over_date
    ways = {
        "all": t("As for all: {choice}", choice=ui.day(usual) if isinstance(usual, date) else str(usual or "–")),
        "date": t("From a date"),
        "number": t("From an order number"),
    }
    kept = "number" if before.take_over_number is not None else "date" if before.take_over_date else "all"
    key = f"{shop.name}/{before.take_over_date}/{before.take_over_number}"
    way = st.radio(
        t("Which orders are to be transferred?"),
        list(ways),
        index=list(ways).index(kept),
        format_func=ways.__getitem__,
        horizontal=True,
        key=f"start/{key}",
    )
    if way == "number":
        typed = st.text_input(t("First order number"), value=str(before.take_over_number or ""), key=f"number/{key}")
        number = controls.order_number(typed)
        return {"take_over_date": None, "take_over_number": number} if number is not None else {}
    if way == "date":
        today = before.take_over_date or chosen.take_over_date or copenhagen_date(dashboard().clock.now())
        first = st.date_input(t("First order date"), value=today, format="DD-MM-YYYY", key=f"first/{key}", width=220)
        return {"take_over_date": first, "take_over_number": None}
    return {"take_over_date": None, "take_over_number": None}


def accounts(chosen: Settings, shop: Shop, before: Mapping[str, int]) -> Mapping[str, int]:
    """Its own accounts of goods and freight, where they differ."""
    inside = st.expander(t("Its own accounts for goods and freight"), on_change="rerun", key=f"accounts/{shop.name}")
    if not inside.open:
        return before
    picked = {role: number for role, number in before.items() if role not in ROLES}
    with inside:
        st.markdown(t("Choose an account only where this webshop's sales are to stand apart from the others'."))
        for zone in rules.ROLE_ZONES:
            columns = st.columns([1, 2, 2], vertical_alignment="bottom")
            columns[0].markdown(f"**{ui.say(ZONE_NAMES[zone])}**")
            for column, (kind, name) in zip(columns[1:], rules.KINDS.items(), strict=True):
                role = f"{kind}.{zone.value}"
                usual = t("As for all: {choice}", choice=rules.account_name(chosen, chosen.account(role)))
                now = before.get(role)
                with column:
                    number = acquirers.pick(
                        ui.say(name),
                        vat.fitting(chosen, ZONE_CODES[zone], now),
                        now,
                        key=f"account/{shop.name}/{role}/{now}",
                        none=usual,
                    )
                if number is not None:
                    picked[role] = number
    return picked


def questions(chosen: Settings, shop: Shop) -> dict[str, str | None]:
    """What is asked about a webshop of its kind: whole kroner, and what stands in its fields for numbers."""
    answers = chosen.of_shop(shop.name).rules
    wanted = whole_kroner(shop, answers) | number_fields(shop, answers)
    return {key: value for key, value in wanted.items() if value != answers.get(key)}


def whole_kroner(shop: Shop, answers: Mapping[str, str]) -> dict[str, str | None]:
    """A webshop that shows no øre rounds the VAT too: asked once."""
    if dashboard().shops.look_ups(shop.name).get("decimals") != 0 and WHOLE_KRONER not in answers:
        return {}
    controls.part_head(ui.say(rules.QUESTIONS[WHOLE_KRONER]), "", tab="connections")
    picked = st.toggle(
        t("Book the total as it was charged, with the VAT as Dinero reckons it"),
        value=WHOLE_KRONER in answers,
        key=f"whole/{shop.name}/{answers.get(WHOLE_KRONER)}",
    )
    st.caption(
        t("The webshop shows whole kroner, so it rounds the VAT to kroner too. Until you say so, such orders are held.")
    )
    return {WHOLE_KRONER: AS_CHARGED if picked else None}


MEANINGS = {
    "vat_number": Text("the buyer's CVR or VAT number"),
    "ean_number": Text("the buyer's EAN number"),
    "neither": Text("neither of them"),
}


def number_fields(shop: Shop, answers: Mapping[str, str]) -> dict[str, str | None]:
    """What stands in each field that may hold a company's number."""
    prefix = "number_field:"
    found = dashboard().orders.number_fields(shop.name)
    names = [*found, *(key.removeprefix(prefix) for key in answers if key.startswith(prefix))]
    if not names:
        return {}
    controls.part_head(t("Fields with a company's number"), "", tab="connections")
    st.markdown(t("Plugins call them what they like, so you say what stands in them."))
    options = ["", *MEANINGS]
    wanted: dict[str, str | None] = {}
    for name in dict.fromkeys(names):
        now = answers.get(prefix + name, "")
        n = t("in {n} order", "in {n} orders", n=found.get(name, 0))
        picked = st.selectbox(
            f"{name} ({n})",
            options,
            index=options.index(now) if now in options else 0,
            format_func=lambda one: ui.say(MEANINGS[one]) if one else t("ask when it matters"),
            key=f"number/{shop.name}/{name}/{now}",
        )
        wanted[prefix + name] = picked or None
    return wanted


# --- pause and remove ---------------------------------------------------------------------------------------------


def end(shop: Shop) -> None:
    """To pause a webshop, and to remove it."""
    if not shops.is_paused(shop):
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(t("Pause the webshop"), icon=":material/pause:", key="pause"):
                dashboard().shops.pause(shop.name)
                controls.saved(t("The webshop is paused."))
            st.caption(t("Nothing is fetched or transferred until you go on."), width="content")
    inside = st.expander(t("Remove the webshop"), icon=":material/delete:", on_change="rerun", key="remove webshop")
    if not inside.open:
        return
    with inside:
        st.markdown(
            t(
                "Its keys are forgotten here. What was booked stays, and so do its orders and their history. Orders "
                "that are not transferred yet are left out. You can connect it again."
            )
        )
        sure = st.checkbox(t("Remove {webshop}", webshop=ui.escape(shop.title)), key=f"sure/{shop.name}")
        if st.button(t("Remove it"), icon=":material/delete:", key="remove", disabled=not sure) and ui.attempt(
            lambda: dashboard().shops.remove(shop.name)
        ):
            st.query_params.pop("shop", None)
            controls.saved(t("The webshop was removed."))
