"""Webshops on the page Opsætning: listed, added, chosen for, paused and removed; and as before where there is one."""

from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.dashboard.dashboard import Dashboard
from dinero.model.i18n import Text
from dinero.model.orders import NumberField
from dinero.model.shops import ShopChoice, ShopState
from dinero.sandbox import make_order
from dinero.shops.woocommerce import sentences


def da(message: str, plural: str | None = None, /, **values: object) -> str:
    return Text(message, plural, **values).render("da")  # type: ignore[arg-type]


@pytest.fixture
def page(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The frame, as the owner, on the data folder of `world`."""
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    return AppTest.from_file("../pages/navigation.py", default_timeout=30)


def opened(page: AppTest, path: str = "setup.py", **query: str) -> str:
    """Opens a page at an address; what it draws itself."""
    page.run()
    page.switch_page(path)
    for name in ("tab", "show", "shop"):
        page.query_params.pop(name, None)
    page.query_params.update(query)
    page.run()
    assert not page.exception
    return drawn(page)


def drawn(page: AppTest) -> str:
    return unescape(" ".join(element.proto.body for element in page.get("html")))


def said(page: AppTest) -> list[str]:
    return [element.value for element in (*page.markdown, *page.caption)]


def press(page: AppTest, message: str, **values: object) -> None:
    (button,) = [button for button in page.button if button.label == da(message, **values)]
    button.click().run()
    assert not page.exception


def pick(page: AppTest, label: str, value: Any) -> None:
    """Types or chooses in the one field of this label."""
    fields = [*page.text_input, *page.selectbox, *page.radio, *page.date_input, *page.toggle, *page.checkbox]
    (field,) = [field for field in fields if field.label == label]
    field.set_value(value).run()
    assert not page.exception


def type_keys(page: AppTest, **typed: str) -> None:
    """Types into the form of keys, which is sent as one."""
    labels = {"key": da("Consumer key (ck_…)"), "secret": da("Consumer secret (cs_…)")}
    for name, value in typed.items():
        next(field for field in page.text_input if field.label == labels[name]).set_value(value)


def keys_of(world: World) -> dict[str, str]:
    given = world.sandbox.environment(woocommerce=True)
    return {"key": given["WOOCOMMERCE_KEY"], "secret": given["WOOCOMMERCE_SECRET"]}


def address_of(world: World) -> str:
    return world.sandbox.environment(woocommerce=True)["WOOCOMMERCE_URL"]


@pytest.fixture
def lamps(world: World, process: Dashboard) -> str:
    """A second webshop of another system; its name."""
    shops = process.shops
    shop = shops.add("woocommerce", keys_of(world), address=address_of(world), title="Lampehuset", trigger="sent")
    shops.look_up(shop.name)
    return shop.name


def fill_in(page: AppTest, world: World, **changes: str) -> None:
    """Chooses WooCommerce on the form for one more webshop, and types all it asks for."""
    opened(page, tab="connections", show="new")
    pick(page, da("Where is the webshop?"), "woocommerce")
    typed = {"title": "Lampehuset", "address": address_of(world), **keys_of(world)} | changes
    pick(page, da("What you call the webshop"), typed["title"])
    pick(page, da("The webshop's address"), typed["address"])
    type_keys(page, key=typed["key"], secret=typed["secret"])


# --- with one -----------------------------------------------------------------------------------------------------


def test_one_webshop_is_shown_by_its_system_and_nothing_tells_it_from_others(world: World, page: AppTest) -> None:
    world.order(1)
    shown = opened(page, tab="connections")
    assert "<b>Shoporama</b>" in shown
    assert f"{da('{n} order', '{n} orders', n=1)} · " in shown
    assert da("Add a webshop") in shown
    shown = opened(page, tab="connections", shop="shoporama")
    assert not [radio for radio in page.radio if radio.label == da("An order is transferred")], "it is under Booking"
    assert f"<th>{da('Webshop')}</th>" not in opened(page, tab="vat")
    assert da(
        "These choices are for all webshops. A webshop may have its own moment, account and start:"
    ) not in opened(page, tab="books")


# --- added --------------------------------------------------------------------------------------------------------


def test_a_woocommerce_shop_is_added_with_keys_beside_a_shoporama_shop(
    world: World, process: Dashboard, page: AppTest
) -> None:
    fill_in(page, world)
    (moment,) = [radio for radio in page.radio if radio.label == da("An order is transferred")]
    assert moment.value == "sent", "paid there is a promise"
    press(page, "Connect")
    assert not page.error
    (shop,) = [shop for shop in process.shops.all() if shop.system == "woocommerce"]
    chosen = process.settings.load()
    today = process.clock.now().date()
    assert (shop.title, chosen.of_shop(shop.name).trigger) == ("Lampehuset", "sent")
    assert chosen.of_shop(shop.name).take_over_date == today
    assert (chosen.trigger, chosen.take_over_date) == ("paid", date(2026, 1, 1)), "the first one goes on as before"
    assert page.query_params["shop"] == shop.name, "what else may be chosen for it is next"
    shown = opened(page, tab="connections")
    assert "<b>Lampehuset</b> · WooCommerce" in shown


def test_a_webshop_that_was_just_added_offers_to_fetch_its_orders(
    world: World, process: Dashboard, page: AppTest, lamps: str
) -> None:
    world.sandbox.shop.add(make_order(last_modified=world.now()))
    world.sandbox.woocommerce.sell(status="completed")
    process.orders.fetch(shop="shoporama")
    missing = da("The orders of {webshop} have not been fetched yet.", webshop="Lampehuset")
    assert missing in opened(page, "orders.py", view="all", shop=lamps)
    assert da("Not fetched yet: {names}", names="Lampehuset") in said(page)
    assert missing not in opened(page, "orders.py", view="all", shop="shoporama")
    sentence = [text.render("da") for text in process.orders.overview().sentence]
    assert da("The orders of one of the webshops have not been fetched yet.") in sentence
    page.query_params.clear()
    opened(page, tab="connections", shop=lamps)
    press(page, "Fetch the orders")
    assert process.store.sums.by_shop()[lamps] > 0
    assert da("Fetch the orders") not in [button.label for button in page.button], "it is done"
    sentence = [text.render("da") for text in process.orders.overview().sentence]
    assert da("The orders of one of the webshops have not been fetched yet.") not in sentence


def test_a_paused_webshop_offers_no_fetch_and_its_empty_list_says_why(
    world: World, process: Dashboard, page: AppTest, lamps: str
) -> None:
    world.order(1)
    process.shops.pause(lamps)
    opened(page, tab="connections", shop=lamps)
    assert da("Fetch the orders") not in [button.label for button in page.button]
    way = f'href="/setup?tab=connections&shop={lamps}">Lampehuset</a>'
    assert way in opened(page, "orders.py", view="waiting", shop=lamps)
    assert way not in opened(page, "orders.py", view="waiting", shop="shoporama")


def test_a_webshop_that_is_added_again_is_said_to_be_here_already(world: World, page: AppTest, lamps: str) -> None:
    fill_in(page, world, title="Lamper")
    press(page, "Connect")
    told = da("That webshop was here already. It is called {webshop}.", webshop="Lamper")
    assert told in [toast.value for toast in page.toast]


def test_what_a_webshop_has_of_its_own_is_told_where_all_others_choose(world: World, page: AppTest, lamps: str) -> None:
    shown = opened(page, tab="books")
    assert f"Lampehuset</a> ({da('when it is sent')})" in shown
    assert f"({da('when it is paid')})" not in shown
    page.switch_page("overview.py")
    page.run()
    assert f"{da('when it is paid')} · Lampehuset: {da('when it is sent')}" in drawn(page)


def test_the_first_invoice_is_of_the_shop_whose_order_is_the_oldest(world: World, page: AppTest, lamps: str) -> None:
    world.sandbox.woocommerce.sell(id=1, status="completed", when=world.clock.now() - timedelta(days=30))
    world.order(1)
    page.run()
    assert f"/orders?view=waiting&order={lamps}%3A1" in drawn(page)


def test_what_is_wrong_is_said_beside_the_form_and_nothing_is_added(
    world: World, process: Dashboard, page: AppTest
) -> None:
    fill_in(page, world, secret="cs_" + "0" * 40)
    press(page, "Connect")
    assert [box.value for box in page.error] == [sentences.SECRET_WRONG.render("da")]
    fill_in(page, world, address="http://lamper.example")
    press(page, "Connect")
    assert len(page.error) == 1
    assert len(process.shops.all()) == 1


def test_keys_go_in_the_address_only_after_the_owner_s_word_where_the_host_removes_them(
    world: World, process: Dashboard, page: AppTest
) -> None:
    world.sandbox.woocommerce.trouble.header_stripped = True
    label = da("Send the keys in the address, because the webshop's host removes them")
    fill_in(page, world, secret="cs_" + "0" * 40)
    assert label not in [box.label for box in page.checkbox], "nobody asked for it yet"
    press(page, "Connect")
    pick(page, label, True)
    assert process.shops.all()[-1].system == "shoporama"
    type_keys(page, **keys_of(world))
    press(page, "Connect")
    shop = process.shops.all()[-1]
    assert shop.system == "woocommerce"
    kept = process.vault.get(f"shop.key:{shop.name}")
    assert isinstance(kept, dict)
    assert kept["in_query"] == "yes"


def test_the_first_step_offers_both_systems(world: World, process: Dashboard, page: AppTest) -> None:
    with process.store.transaction() as db:
        db.execute("delete from shops")
    page.run()
    page.query_params["show"] = "shop"
    page.run()
    assert not page.exception
    (system,) = [radio for radio in page.radio if radio.label == da("Where is the webshop?")]
    assert list(system.options) == ["Shoporama", "WooCommerce"]
    system.set_value("woocommerce").run()
    assert not page.exception
    assert not [radio for radio in page.radio if radio.label == da("An order is transferred")], "asked in another step"
    assert "WooCommerce" in drawn(page), "paid, as was chosen, is less safe there"


@pytest.mark.parametrize("public", ["https://bogholderi.example", ""])
def test_the_shop_s_own_site_is_offered_where_its_server_can_bring_the_key(
    world: World, process: Dashboard, page: AppTest, monkeypatch: pytest.MonkeyPatch, public: str
) -> None:
    monkeypatch.setattr(process.woocommerce_way, "_public_url", public)
    opened(page, tab="connections", show="new")
    pick(page, da("Where is the webshop?"), "woocommerce")
    pick(page, da("The webshop's address"), address_of(world))
    goes = [button for button in page.button if button.label == da("Go on")]
    assert len(goes) == (1 if public else 0)
    if public:
        goes[0].click().run()
        assert "/connect/woocommerce/start?form=" in drawn(page)
        pick(page, da("The webshop's address"), f"{address_of(world)}/andet")
        assert "/connect/woocommerce/start" not in drawn(page), "it would lead to what was typed before"


# --- chosen for ---------------------------------------------------------------------------------------------------


def test_a_webshop_s_own_choices_are_saved_with_one_save_and_the_other_keeps_its_own(
    world: World, process: Dashboard, page: AppTest, lamps: str
) -> None:
    opened(page, tab="connections", shop=lamps)
    assert [button.disabled for button in page.button if button.key == "save"] == [True]
    pick(page, da("What you call the webshop"), "Lampeland")
    pick(page, da("An order is transferred"), "paid")
    pick(page, da("Which orders are to be transferred?"), "number")
    pick(page, da("First order number"), "1200")
    pick(page, da("Booking account"), 55040)
    pick(page, da("The webshop's currency, where an order names none"), "SEK")
    assert process.settings.load().shops[lamps].trigger == "sent", "nothing is stored before it is pressed"
    press(page, "Save changes")
    chosen = process.settings.load()
    assert chosen.known_shops[lamps].title == "Lampeland"
    own, other = chosen.of_shop(lamps), chosen.of_shop("shoporama")
    assert (own.trigger, own.take_over_number, own.booking_account, own.shop_currency) == ("paid", 1200, 55040, "SEK")
    assert (other.trigger, other.take_over_number, other.booking_account) == ("paid", None, 55100)
    assert [button.disabled for button in page.button if button.key == "save"] == [True]
    pick(page, da("An order is transferred"), "")
    pick(page, da("Which orders are to be transferred?"), "all")
    pick(page, da("Booking account"), 0)
    pick(page, da("The webshop's currency, where an order names none"), "")
    press(page, "Save changes")
    now = process.settings.load().shops[lamps]
    assert replace(now, booking_account_name="") == ShopChoice()


def test_a_number_that_is_none_changes_nothing(process: Dashboard, page: AppTest, lamps: str) -> None:
    opened(page, tab="connections", shop=lamps)
    pick(page, da("Which orders are to be transferred?"), "number")
    pick(page, da("First order number"), "12²")
    assert [button.disabled for button in page.button if button.key == "save"] == [True]


def test_ways_to_pay_are_chosen_for_one_webshop_by_their_titles(
    world: World, process: Dashboard, page: AppTest, lamps: str
) -> None:
    world.order(1)
    world.sandbox.woocommerce.sell(status="completed")
    process.orders.fetch(shop=lamps)
    ((method, title),) = process.store.sums.payment_titles(process.store.sums.payment_methods(shop=lamps)).items()
    assert title != method
    opened(page, tab="connections", shop=lamps)
    assert f"**{title}**" in said(page)
    page.selectbox(key=f"deposit/{lamps}/{method}/None").set_value(55040)
    page.selectbox(key=f"worth/{lamps}/{method}/").set_value("terms").run()
    press(page, "Save changes")
    chosen = process.settings.load()
    assert chosen.of_shop(lamps).booking_account_of(method) == 55040
    assert chosen.of_shop(lamps).rules[f"payment:{method}"] == "terms"
    assert f"payment:{method}" not in chosen.of_shop("shoporama").rules
    shown = opened(page, tab="vat")
    assert title in shown
    assert "Lampehuset" in shown
    opened(page, tab="vat", show="methods")
    assert [text for text in said(page) if text.startswith("#####")] == ["##### Shoporama", "##### Lampehuset"]
    page.selectbox(key=f"worth/{lamps}/{method}/terms").set_value("").run()
    press(page, "Save changes")
    assert f"payment:{method}" not in process.settings.load().of_shop(lamps).rules


def test_what_one_webshop_takes_back_stays_with_the_others(process: Dashboard, lamps: str) -> None:
    process.settings.save(rules={"payment:Kort": "money", "oss_booking": "eu"}, method_accounts={"Kort": 55040})
    process.settings.place(lamps, rules={"payment:Kort": None}, method_accounts={"Kort": None})
    chosen = process.settings.load()
    assert (chosen.rules, chosen.method_accounts) == ({"oss_booking": "eu"}, {})
    assert chosen.of_shop("shoporama").rules["payment:Kort"] == "money"
    assert chosen.of_shop("shoporama").booking_account_of("Kort") == 55040
    assert "payment:Kort" not in chosen.of_shop(lamps).rules
    assert chosen.of_shop(lamps).booking_account_of("Kort") == 55100


def test_an_account_that_can_not_be_chosen_any_more_stays_until_another_is(
    world: World, process: Dashboard, page: AppTest, lamps: str
) -> None:
    process.shops.choose(lamps, booking_account=55040, accounts={"sales.domestic": 1050, "shipping.world": 99999})
    world.sandbox.books.hide_account(55040)
    process.accounts.refresh()
    opened(page, tab="connections", shop=lamps)
    page.session_state[f"accounts/{lamps}"] = True
    page.run()
    assert not page.exception
    assert [button.disabled for button in page.button if button.key == "save"] == [True]


def test_whole_kroner_and_fields_for_numbers_are_asked_about(
    world: World, process: Dashboard, page: AppTest, lamps: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = da("Book the total as it was charged, with the VAT as Dinero reckons it")
    opened(page, tab="connections", shop=lamps)
    assert label not in [toggle.label for toggle in page.toggle], "it shows øre"
    world.sandbox.woocommerce.configure({"decimals": 0})
    process.shops.look_up(lamps)
    meta = [{"id": 1, "key": "_billing_cvr", "value": "13585628"}]
    world.sandbox.woocommerce.sell(status="completed", meta_data=meta)
    process.orders.fetch(shop=lamps)
    opened(page, tab="connections", shop=lamps)
    pick(page, label, True)
    pick(page, f"_billing_cvr ({da('in {n} order', 'in {n} orders', n=1)})", "vat_number")
    press(page, "Save changes")
    rules = process.settings.load().shops[lamps].rules
    assert rules == {"whole_kroner": "as_charged", "number_field:_billing_cvr": "vat_number"}
    assert NumberField("_billing_cvr", "13585628").name in process.orders.number_fields(lamps)


def test_each_webshop_s_rules_are_told_by_webshop_and_taken_back_by_themselves(
    process: Dashboard, page: AppTest, lamps: str
) -> None:
    process.settings.save(rules={"oss_booking": "eu"})
    for shop in (lamps, "shoporama"):
        process.settings.place(shop, rules={"domestic_free": "exempt"})
    shown = opened(page, tab="vat")
    assert da("Rules ({n})", n=3) in shown
    assert da("All webshops") in shown
    opened(page, tab="vat", show="rules")
    page.button(key=f"rule/{lamps}/domestic_free").click().run()
    assert not page.exception
    chosen = process.settings.load()
    assert "domestic_free" not in chosen.of_shop(lamps).rules
    assert chosen.of_shop("shoporama").rules["domestic_free"] == "exempt"


# --- paused, removed, failing -------------------------------------------------------------------------------------


def test_a_webshop_is_paused_goes_on_and_is_removed_after_a_second_look(
    world: World, process: Dashboard, page: AppTest, lamps: str
) -> None:
    opened(page, tab="connections", shop=lamps)
    press(page, "Pause the webshop")
    assert process.shops.named(lamps).state is ShopState.PAUSED
    assert da("Paused") in opened(page, tab="connections")
    opened(page, tab="connections", shop=lamps)
    press(page, "Go on with the webshop")
    assert process.shops.named(lamps).state is ShopState.ACTIVE
    page.session_state["remove webshop"] = True
    page.run()
    assert next(button for button in page.button if button.key == "remove").disabled
    pick(page, da("Remove {webshop}", webshop="Lampehuset"), True)
    press(page, "Remove it")
    assert process.shops.named(lamps).state is ShopState.REMOVED
    assert not process.shops.has_keys(lamps)
    shown = drawn(page)
    assert "shop" not in page.query_params
    assert da("Removed:") in shown
    assert f"shop={lamps}" in shown, "the way to connect it again"
    opened(page, tab="connections", shop=lamps)
    pick(page, da("Consumer key (ck_…)"), keys_of(world)["key"])
    type_keys(page, **keys_of(world))
    press(page, "Connect")
    assert process.shops.named(lamps).state is ShopState.ACTIVE


def test_one_webshop_s_trouble_is_its_own(world: World, process: Dashboard, page: AppTest, lamps: str) -> None:
    world.order(1)
    world.push(1)
    world.sandbox.woocommerce.trouble.login_page = True
    process.orders.fetch()
    shown = opened(page, "overview.py")
    assert da("The connection to {name} has a problem.", name="Lampehuset") in shown
    assert sentences.NO_JSON.render("da") not in shown.split("</h1>")[1].split("</div>")[0], "it is said below, once"
    opened(page, tab="connections")
    assert [box.value for box in page.error] == [sentences.NO_JSON.render("da")]
    world.sandbox.woocommerce.trouble.login_page = False
    page.button(key=f"retry/shop:{lamps}").click().run()
    assert not page.error
    assert [box.value for box in page.warning] == [sentences.NO_JSON.render("da")], "of the last fetch"
    page.button(key=f"fetch/{lamps}").click().run()
    assert not page.warning


@pytest.mark.usefixtures("world")
def test_an_address_of_no_webshop_is_a_sentence(page: AppTest) -> None:
    opened(page, tab="connections", shop="<b>ukendt</b>")
    assert [box.value for box in page.info] == [da("There is no such webshop any more.")]


def test_every_webshop_has_an_address_for_webhooks_of_its_own(
    process: Dashboard, page: AppTest, lamps: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "public_url", "https://bogholderi.example")
    page.session_state["webhook"] = True
    opened(page, "automatic.py")
    codes = [code.value for code in page.code]
    assert process.shops.webhook_address("shoporama") in codes
    assert process.shops.webhook_address(lamps) in codes
    assert process.shops.webhook_secret(lamps) in codes
