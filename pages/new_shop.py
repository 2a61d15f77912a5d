"""The ways to connect a webshop: which system, what is asked about a further one, and its site or its keys."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from urllib.parse import urlsplit

import streamlit as st

from dinero.dashboard.shop_ways import WantedShop
from dinero.dashboard.woocommerce_way import SYSTEM as WOOCOMMERCE
from dinero.model.clock import copenhagen_date
from dinero.model.errors import ConnectionStopped, DashboardError
from dinero.model.i18n import Text
from dinero.model.settings import TRIGGERS, Settings
from dinero.model.shops import FIRST_SHOP, Shop
from dinero.shops.shop_system import ShopSystem
from dinero.shops.systems import SYSTEMS
from dinero.web.requests import GRANT_START, SHOP_START
from pages import controls, drawn, ui
from pages.ui import t

dashboard = ui.dashboard
LEFT = "way to a webshop"  # what was chosen when the owner last asked for the way to the shop's site, and its ticket
REFUSED = "refused keys"  # the webshop (its name, "" for a new one) whose keys were refused last
IN_QUERY = "in_query"
# Where the owner makes keys.
GUIDES: Mapping[str, Text] = {
    FIRST_SHOP: Text("In Shoporama: Account → Webshop → API access. Make a key of its own with read access."),
    WOOCOMMERCE: Text(
        "In WordPress: WooCommerce → Settings → Advanced → REST API → Add key. Choose the permission “Read” and a user "
        "who may see orders. Copy both keys at once: the secret is shown only that time."
    ),
}
LABELS: Mapping[tuple[str, str], Text] = {(FIRST_SHOP, "key"): Text("The webshop's API key")}
SITES: Mapping[str, Text] = {
    FIRST_SHOP: Text("You sign in at Shoporama, choose the webshop, approve reading, and come back here."),
    WOOCOMMERCE: Text("You sign in to WordPress in the webshop, approve that its orders are read, and come back here."),
}
# What “paid” and “sent” mean where the words are the system's own.
MEANINGS: Mapping[str, tuple[Text, Text]] = {
    WOOCOMMERCE: (
        Text("“Paid” in WooCommerce mostly means that the amount is reserved; the money is drawn later."),
        Text("The order has the status “Completed” in WooCommerce. The goods are on their way and the money is drawn."),
    ),
}


def form(chosen: Settings, *, primary: bool) -> None:
    """A new webshop. The first one goes by the choices for all; a further one is asked for its own."""
    trouble()
    system = _pick_system()
    first = not chosen.known_shops
    wanted = WantedShop() if first else _named(system)
    if not system.address:
        wanted = replace(wanted, address=_address())
    if not first:
        wanted = _moment_and_start(chosen, system, wanted)
        st.caption(
            t("Organization, accounts, customers, VAT periods and the EU limit are the same for all your webshops.")
        )
    elif system.proposed_trigger == "sent" and chosen.trigger == "paid":
        told = t(
            "You chose that an order is transferred when it is paid. In {system} “paid” mostly means that the amount "
            "is reserved, so “when it is sent” is safer.",
            system=system.name,
        )
        link = controls.change(drawn.to("/", show="trigger"), t("When is an order transferred?"))
        st.html(f'<p class="quiet">{escape(told)} {link}</p>')
    ways(system, wanted, primary=primary)


def trouble() -> None:
    """What came of the key that a shop brought last, where the browser did not come back with it."""
    told = dashboard().woocommerce_way.told()
    if told is not None and "problem" not in st.query_params:
        st.warning(ui.escape(ui.say(told)), icon=":material/error:")


def _pick_system() -> ShopSystem:
    if len(SYSTEMS) == 1:
        return next(iter(SYSTEMS.values()))
    keys = list(SYSTEMS)
    key: str = st.radio(
        t("Where is the webshop?"), keys, format_func=lambda key: SYSTEMS[key].name, horizontal=True, key="system"
    )
    return SYSTEMS[key]


def _named(system: ShopSystem) -> WantedShop:
    title = st.text_input(t("What you call the webshop"), key="new title")
    st.caption(t("It stands on invoices and in lists, to tell them apart."))
    return WantedShop(title=title.strip())


def _address() -> str:
    return st.text_input(t("The webshop's address"), key="new address", placeholder="https://www.example.dk").strip()


def _moment_and_start(chosen: Settings, system: ShopSystem, wanted: WantedShop) -> WantedShop:
    """When an order of a further webshop is transferred, and from which date."""
    names = {"paid": t("When it is paid"), "sent": t("When it is sent")}
    proposed = system.proposed_trigger or chosen.trigger or TRIGGERS[0]
    trigger: str = st.radio(
        t("An order is transferred"),
        list(TRIGGERS),
        index=TRIGGERS.index(proposed),
        format_func=names.__getitem__,
        captions=[ui.say(text) for text in MEANINGS.get(system.key, controls.TRIGGER_MEANINGS)],
        key=f"new trigger/{system.key}",
    )
    today = copenhagen_date(dashboard().clock.now())
    first = st.date_input(t("First order date"), value=today, format="DD-MM-YYYY", key="new first", width=220)
    st.caption(
        t(
            "Orders from before that day are left alone: they may be in the books already. You can choose an earlier "
            "day later."
        )
    )
    return replace(wanted, trigger=trigger, first=first)


# --- the two ways -------------------------------------------------------------------------------------------------


def ways(system: ShopSystem, wanted: WantedShop, *, primary: bool) -> None:
    """The shop's own site, where it can send the key here, and keys that are typed."""
    if system.key == WOOCOMMERCE and not dashboard().woocommerce_way.is_open:
        _keys(system, wanted, primary=primary)
        return
    name = t("Approve at Shoporama") if system.key == FIRST_SHOP else t("Approve at the webshop")
    site, own = st.tabs([name, t("API key") if len(system.keys) == 1 else t("Type the keys")])
    with site:
        _site(system, wanted, primary=primary)
    with own:
        _keys(system, wanted, primary=False)


def again(shop: Shop) -> None:
    """The same for a webshop that is there: its keys are made anew."""
    ways(SYSTEMS[shop.system], WantedShop(shop=shop.name, address=shop.address), primary=False)


def _site(system: ShopSystem, wanted: WantedShop, *, primary: bool) -> None:
    st.markdown(ui.say(SITES[system.key]))
    asked = replace(wanted, in_query=_in_query(system, wanted.shop))
    if system.key == FIRST_SHOP and asked in (WantedShop(), WantedShop(shop=wanted.shop)):
        address = drawn.to(SHOP_START, shop=wanted.shop)
        controls.leave("connect-shop", address, t("Connect to Shoporama"), primary=primary)
        return
    start = SHOP_START if system.key == FIRST_SHOP else GRANT_START
    left = st.session_state.get(LEFT)
    if left is not None and left[0] == asked:
        where = urlsplit(_whole(system, asked)).hostname or system.name
        controls.leave(
            "connect-shop", drawn.to(start, form=left[1]), t("Sign in at {address}", address=where), primary=primary
        )
        return
    # What is typed reaches us with the click: a link beside it would lead to what was typed before.
    if st.button(t("Go on"), type=ui.kind(primary), key=f"go on/{wanted.shop}", on_click=controls.forget_return):
        try:
            dashboard().shops.checked_address(system, asked.address)
            st.session_state[LEFT] = asked, dashboard().shop_forms.keep(asked)
        except DashboardError as error:
            st.error(ui.say(error.text), icon=":material/error:")
        else:
            st.rerun()


def _whole(system: ShopSystem, wanted: WantedShop) -> str:
    return dashboard().shops.checked_address(system, wanted.address)


def _keys(system: ShopSystem, wanted: WantedShop, *, primary: bool) -> None:
    st.markdown(ui.say(GUIDES[system.key]))
    with st.form(f"shop/{system.key}/{wanted.shop}", border=False):
        typed = {
            key.name: st.text_input(
                ui.say(LABELS.get((system.key, key.name), key.label)),
                type="password" if key.is_secret else "default",
                autocomplete="off",
            )
            for key in system.keys
        }
        if st.form_submit_button(t("Connect"), type=ui.kind(primary), on_click=controls.forget_return):
            _connect(system, wanted, typed)
    if st.session_state.get(REFUSED) == wanted.shop and not system.address:
        st.checkbox(
            t("Send the keys in the address, because the webshop's host removes them"),
            key=f"{IN_QUERY}/{wanted.shop}",
        )
        st.caption(t("The host may see them in its log. Let it pass the keys on instead, if it can."))


def _in_query(system: ShopSystem, shop: str) -> bool:
    """Whether the owner lets the keys go in addresses."""
    return not system.address and bool(st.session_state.get(f"{IN_QUERY}/{shop}"))


def _connect(system: ShopSystem, wanted: WantedShop, typed: Mapping[str, str]) -> None:
    keys = {**typed, **({"in_query": "yes"} if _in_query(system, wanted.shop) else {})}
    shops = dashboard().shops
    here = {shop.name for shop in shops.all()}
    try:
        with st.spinner(t("Asking {system} …", system=system.name)):
            if wanted.shop:
                shop = shops.connect(wanted.shop, keys)
            else:
                shop = shops.add(
                    system.key,
                    keys,
                    address=wanted.address,
                    title=wanted.title,
                    trigger=wanted.trigger,
                    take_over_date=wanted.first,
                )
            with contextlib.suppress(DashboardError):  # it is looked up with the orders, too
                shops.look_up(shop.name)
    except DashboardError as error:
        if isinstance(error, ConnectionStopped):
            st.session_state[REFUSED] = wanted.shop
        st.error(ui.say(error.text), icon=":material/error:")
        return
    dashboard().woocommerce_way.forget()
    for name in (REFUSED, LEFT):
        st.session_state.pop(name, None)
    if wanted.first is not None:  # a further one: what else may be chosen for it is next
        st.query_params["shop"] = shop.name
    if not wanted.shop and shop.name in here:
        controls.saved(t("That webshop was here already. It is called {webshop}.", webshop=ui.escape(shop.title)))
    named = len(here | {shop.name}) > 1
    controls.saved(t("{system} is connected.", system=ui.escape(shop.title) if named else system.name))
