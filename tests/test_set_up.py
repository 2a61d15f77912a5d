"""The set-up: each step checked, and bad input answered with a sentence that says what to do."""

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from conftest import PLENTY, World, keys_to_acquirers, started
from dinero.cli.demo import TOLD, demo_keys
from dinero.dashboard.dashboard import Dashboard
from dinero.environment import Environment
from dinero.model.acquirers import NO_VAT, Way
from dinero.model.chart import DepositAccount
from dinero.model.clock import SimulatedClock
from dinero.model.errors import ConnectionStopped, DashboardError, SettingsError, TryLater
from dinero.model.i18n import LANGUAGES
from dinero.sandbox import Sandbox
from dinero.store.look_ups import ORIGIN_REFUSED


def expect_sentence(error: DashboardError) -> None:
    for language in LANGUAGES:
        assert error.text.render(language).endswith("."), error.text


def test_the_headless_set_up_chooses_everything(world: World) -> None:
    chosen = world.dashboard.settings.load()
    assert chosen.missing() == []
    assert (chosen.organization, chosen.booking_account, chosen.trigger) == ("210001", 55100, "paid")
    assert world.dashboard.checkup.findings() == []


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("DINERO_API_KEY", "wrong", ConnectionStopped),
        ("DINERO_CLIENT_SECRET", "wrong", ConnectionStopped),
        ("DINERO_ORGANIZATION", "999", SettingsError),
        ("DINERO_BOOKING_ACCOUNT", "1000", SettingsError),
        ("DINERO_BOOKING_ACCOUNT", "", SettingsError),
        ("DINERO_BOOKING_ACCOUNT", "5510²", SettingsError),
        ("DINERO_TRIGGER", "always", SettingsError),
        ("DINERO_FROM_DATE", "1/1-2026", SettingsError),
        ("SHOPORAMA_KEY", "wrong", ConnectionStopped),
        ("DINERO_BANK_ACCOUNT", "55100", SettingsError),  # the booking account
        ("DINERO_BANK_ACCOUNT", "7420", SettingsError),
        ("DINERO_BANK_ACCOUNT", "bank", SettingsError),
        ("DINERO_FEE_ACCOUNT", "55000", SettingsError),
        ("DINERO_FEE_ACCOUNT", "7421", SettingsError),
        ("CLEARHAUS_CLIENT_SECRET", "wrong", ConnectionStopped),
        ("CLEARHAUS_CLIENT_ID", "", SettingsError),
        ("VIPPS_CLIENT_SECRET", "wrong", ConnectionStopped),
        ("VIPPS_SUBSCRIPTION_KEY", "", SettingsError),
        ("VIPPS_MSN", "", SettingsError),
    ],
)
def test_a_wrong_variable_is_told_in_a_sentence(
    tmp_path: Path, sandbox: Sandbox, name: str, value: str, error: type[DashboardError]
) -> None:
    dashboard = started(sandbox, tmp_path, **(keys_to_acquirers(sandbox) | {name: value}))
    with pytest.raises(error) as caught:
        dashboard.set_up.from_environment()
    expect_sentence(caught.value)
    assert dashboard.settings.load().trigger is None, "nothing is half done"


def test_acquirers_are_connected_when_the_environment_has_their_keys(tmp_path: Path, sandbox: Sandbox) -> None:
    dashboard = started(sandbox, tmp_path, **keys_to_acquirers(sandbox))
    dashboard.set_up.from_environment()
    assert dashboard.sources.connected() == ["clearhaus", "vipps_mobilepay"]
    assert [found.well for found in dashboard.health.connections()] == [True] * 4
    assert dashboard.settings.load().acquirers == {}, "what becomes of payouts is the owner's to say"
    assert dashboard.checkup.findings() == []


def test_a_group_of_keys_that_is_not_whole_names_what_is_missing(tmp_path: Path, sandbox: Sandbox) -> None:
    keys = keys_to_acquirers(sandbox) | {"VIPPS_MSN": "", "VIPPS_CLIENT_SECRET": ""}
    dashboard = started(sandbox, tmp_path, **keys)
    with pytest.raises(SettingsError) as caught:
        dashboard.set_up.from_environment()
    assert "set VIPPS_CLIENT_SECRET, VIPPS_MSN, too" in caught.value.text.render("en")
    assert sandbox.calls == [], "before anybody is asked"


def test_a_bank_account_in_the_environment_lets_payouts_be_booked_where_the_vat_of_fees_is_a_fact(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    dashboard = started(sandbox, tmp_path, DINERO_BANK_ACCOUNT="55000", DINERO_FEE_ACCOUNT="7220")
    chosen = dashboard.set_up.from_environment()
    assert (chosen.bank_account, chosen.fee_account) == (55000, 7220)
    ways = {acquirer: (choice.way, choice.fee_vat) for acquirer, choice in chosen.acquirers.items()}
    assert ways == {"clearhaus": (Way.BOOK, NO_VAT), "nets_easy": (Way.BOOK, NO_VAT)}


def test_the_set_up_changes_no_way_that_the_owner_chose(tmp_path: Path, sandbox: Sandbox) -> None:
    dashboard = started(sandbox, tmp_path, DINERO_BANK_ACCOUNT="55000")
    dashboard.set_up.from_environment()
    dashboard.acquirers.choose("clearhaus", way=Way.NOTHING)
    chosen = dashboard.set_up.from_environment()
    assert (chosen.acquirers["clearhaus"].way, chosen.acquirers["nets_easy"].way) == (Way.NOTHING, Way.BOOK)


def test_an_organization_without_pro_can_not_be_chosen(world: World) -> None:
    world.sandbox.books.set_pro("210001", False)
    with pytest.raises(ConnectionStopped) as caught:
        world.dashboard.accounts.choose_organization("210001")
    assert "Pro" in caught.value.text.render("da")


def test_one_click_creates_webshop_salg_on_a_free_number(tmp_path: Path, clock: object) -> None:
    with Sandbox(orders=0, webshop_account=False, calls_per_minute=PLENTY, clock=clock) as sandbox:  # type: ignore[arg-type]
        dashboard = started(sandbox, tmp_path)
        dashboard.set_up.from_environment()
        assert dashboard.settings.load().chart.deposits[55000].is_bank
        assert dashboard.accounts.create_webshop_account().booking_account == 55100
        assert sandbox.books.deposits[55100]["Name"] == "Webshop salg"
        assert not dashboard.settings.load().chart.deposits[55100].is_bank
        dashboard.accounts.create_webshop_account()
        assert [a["Name"] for a in sandbox.books.deposits.values()].count("Webshop salg") == 1


def test_a_lost_answer_to_creating_the_account_does_not_make_two(tmp_path: Path, clock: object) -> None:
    with Sandbox(orders=0, webshop_account=False, calls_per_minute=PLENTY, clock=clock) as sandbox:  # type: ignore[arg-type]
        dashboard = started(sandbox, tmp_path)
        dashboard.set_up.from_environment()
        sandbox.fault("drop", method="POST", path="accounts/deposit")
        assert dashboard.accounts.create_webshop_account().booking_account == 55100
        assert [a["Name"] for a in sandbox.books.deposits.values()].count("Webshop salg") == 1


def test_a_hidden_deposit_account_can_not_be_chosen(world: World) -> None:
    world.sandbox.books.hide_account(55040)
    world.dashboard.accounts.refresh()
    with pytest.raises(SettingsError) as caught:
        world.dashboard.accounts.choose_booking_account(55040)
    expect_sentence(caught.value)


@pytest.mark.parametrize(
    "variables",
    [
        {"DINERO_API_URL": "http://api.dinero.dk"},
        {"DINERO_API_URL": "https://user@api.dinero.dk"},
        {"DINERO_API_URL": "file:///etc/passwd"},
        {"SHOPORAMA_URL": "http://127.0.0.1:1"},
        {"VIES_URL": "http://127.0.0.1:1/vies"},
        {"DINERO_CALLS_PER_MINUTE": "many"},
        {"DINERO_PUBLIC_URL": "http://shop.example.com"},
    ],
)
def test_an_address_that_is_neither_https_nor_this_machine_is_refused(variables: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as caught:
        Environment.read(variables)
    expect_sentence(caught.value)


def test_a_folder_of_the_sandbox_is_never_used_for_the_real_dinero(world: World) -> None:
    real = dataclasses.replace(Environment.read({}), data_dir=world.dashboard.store.folder)
    with pytest.raises(SettingsError) as caught:
        type(world.dashboard)(real)
    expect_sentence(caught.value)


def test_the_preview_knows_which_customers_are_in_dinero_already(world: World) -> None:
    world.order(1, email="faelles@example.com")
    world.order(2, email="ny@example.com")
    world.order(3, email="slettet@example.com")
    known = {p.row.id: p.customer_known for p in world.dashboard.orders.previews(world.dashboard.store.orders.list())}
    assert known == {"1": True, "2": False, "3": False}


def test_the_preview_is_what_is_sent(world: World) -> None:
    world.order(1)
    (preview,) = world.dashboard.orders.previews([world.row(1)])
    world.push()
    (sent,) = [c.body for c in world.sandbox.calls if c.method == "POST" and c.path.endswith("/invoices")]
    assert preview.plan is not None
    assert sent == preview.plan.body(sent["Guid"], sent["ContactGuid"])


def test_changed_settings_give_waiting_orders_their_state_anew_and_are_in_the_history(world: World) -> None:
    world.order(1, status="new")
    assert world.row(1).state == "waiting"
    world.dashboard.settings.save(trigger="sent")
    assert world.row(1).state == "not due"
    assert world.dashboard.store.history.list(events=["settings"])[0].detail == {"trigger": "sent"}


def test_nothing_is_sent_while_dinero_can_not_be_reached(world: World) -> None:
    world.order(1)
    world.sandbox.stop()
    world.push()
    assert world.row(1).state == "waiting"
    (alarm,) = world.dashboard.store.history.list(events=["push stopped"])
    assert alarm.text


def test_the_day_s_calls_to_the_shop_are_counted_and_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = world.dashboard.shops.calls_today()
    world.dashboard.orders.fetch()
    assert world.dashboard.shops.calls_today() > before
    used = world.dashboard.shops.calls_today()
    monkeypatch.setattr("dinero.shops.shoporama.system.ShoporamaSystem.calls_a_day", used)
    with pytest.raises(TryLater) as caught:
        world.dashboard.orders.fetch()
    expect_sentence(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://api.dinero.dk",
        "https://10.0.0.1",
        "https://192.168.1.1",
        "https://169.254.169.254",
        "https://[fe80::1]",
        "https://[fd00::1]",
        "https://intranet",
        "https://db.internal",
        "https://nas.local",
        "https://a:b@dinero.dk",
        "https://api.dinero.dk/#x",
        "https://api.dinero.dk?x=1",
        "https://2130706433",
        "https://0x7f.1",
        "https://api.dinero.dk:99999",
        "ftp://api.dinero.dk",
        "https://100.64.0.1",
        "https://0.0.0.0",
        "//dinero.dk",
    ],
)
def test_secrets_go_to_https_addresses_on_the_internet_only(address: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        Environment.read({"SHOPORAMA_URL": address, "DINERO_DATA_DIR": str(tmp_path)})


@pytest.mark.parametrize("given", [True, False])
def test_the_bank_account_is_known_whether_dinero_tells_its_bank_details_or_not(
    tmp_path: Path, sandbox: Sandbox, given: bool
) -> None:
    sandbox.books.gives_bank_details = given
    sandbox.books.rename_account(55040, "Danske Bank")
    dashboard = started(sandbox, tmp_path)
    dashboard.set_up.from_environment()
    dashboard.accounts.refresh()
    deposits = dashboard.settings.load().chart.deposits
    assert {number: account.is_bank for number, account in deposits.items()} == {55000: True, 55040: True, 55100: False}
    asked = [call for call in sandbox.calls if call.path.endswith("accounts/deposit")]
    assert len(asked) > 1
    refused = [call for call in asked if call.status == 400]
    assert len(refused) == (0 if given else 1), "asked again and again for what Dinero does not give"


def test_webshop_salg_is_no_bank_account_even_where_it_is_the_default() -> None:
    assert not DepositAccount(55100, "Webshop salg", is_default=True).is_bank
    assert DepositAccount(55200, "Kasse", is_default=True).is_bank
    assert not DepositAccount(55200, "Kasse").is_bank


def test_the_doctor_names_a_public_address_that_is_not_what_browsers_show(world: World) -> None:
    public, shown = "https://shop.example.dk", "https://shop.example.dk:8443"
    world.dashboard.store.look_ups.put(ORIGIN_REFUSED, [shown, "shop.example.dk", public])
    folder = world.dashboard.store.folder
    (finding,) = started(world.sandbox, folder, DINERO_PUBLIC_URL=public).checkup.findings()
    assert finding.code == "public_url"
    assert shown in finding.text.render("en")
    assert started(world.sandbox, folder, DINERO_PUBLIC_URL=shown).checkup.findings() == [], "it was mended"


def a_demo(sandbox: Sandbox, folder: Path, **variables: str) -> Dashboard:
    """The dashboard as the demo's command starts it: it knows the sandbox's keys under names of the demo's own only."""
    given = sandbox.environment()
    told = {name: given[name] for name in TOLD} | demo_keys(given) | {"DINERO_DATA_DIR": str(folder)} | variables
    return Dashboard(Environment.read(told), clock=sandbox.clock)


def test_the_demo_sets_itself_up_and_fetches_the_orders(tmp_path: Path, clock: SimulatedClock) -> None:
    with Sandbox(orders=120, clock=clock, calls_per_minute=PLENTY, webshop_account=False, returns=True) as sandbox:
        dashboard = a_demo(sandbox, tmp_path)
        assert (dashboard.set_up.has_demo, dashboard.environment.client_id) == (True, ""), "the walk is still there"
        pages: list[int] = []
        for _ in range(2):  # a double click does no harm
            chosen = dashboard.set_up.demo(lambda page, orders: pages.append(page))
        assert chosen.missing() == []
        assert (chosen.trigger, chosen.booking_account_name) == ("paid", "Webshop salg")
        assert chosen.take_over_date == date(2026, 1, 1)
        assert [account["Name"] for account in sandbox.books.deposits.values()].count("Webshop salg") == 1
        assert (dashboard.store.orders.count(), pages[:2]) == (len(sandbox.shop.orders), [1, 2])
        assert [found.well for found in dashboard.health.connections()] == [True] * 4
        assert dashboard.orders.overview().waiting.count > 50
        dashboard.store.close()


def test_only_a_demo_sets_itself_up(sandbox: Sandbox, tmp_path: Path) -> None:
    dashboard = started(sandbox, tmp_path)
    assert not dashboard.set_up.has_demo
    with pytest.raises(SettingsError) as caught:
        dashboard.set_up.demo()
    expect_sentence(caught.value)
    real = Environment.read(demo_keys(sandbox.environment()))
    assert (real.demo, real.demo_keys) == (False, {})


def test_the_keys_of_the_demo_are_in_no_printed_environment(sandbox: Sandbox, tmp_path: Path) -> None:
    printed = repr(a_demo(sandbox, tmp_path).environment)
    assert not [key for key in demo_keys(sandbox.environment()).values() if key in printed and not key.isdecimal()]
