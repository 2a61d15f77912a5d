"""Honest health: no connection is well after a call that failed, each says what mends it, and it is well again after
a call that succeeded."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from conftest import World, started
from dinero import __version__
from dinero.cli.main import main
from dinero.dashboard.dashboard import Dashboard
from dinero.model.errors import AnswerUnknown, DashboardError
from dinero.model.health import DINERO, SHOP, ConnectionHealth, Remedy
from dinero.sandbox.shop import KEY

ORGANIZATION = "210001"
Act = Callable[[World], Any]


def health(world: World, name: str) -> ConnectionHealth:
    found = {found.name: found for found in world.dashboard.health.connections()}[name]
    assert found == started(world.sandbox, world.dashboard.store.folder).health.of(name), (
        "another process sees the same"
    )
    return found


def fail(world: World, ask: Act) -> None:
    with pytest.raises(DashboardError):
        ask(world)


def accounts(world: World) -> None:
    world.dashboard.accounts.refresh()


def fetch(world: World) -> None:
    world.dashboard.orders.fetch()


def without_pro(world: World) -> None:
    world.sandbox.books.set_pro(ORGANIZATION, False)


def with_pro(world: World) -> None:
    world.sandbox.books.set_pro(ORGANIZATION, True)


def away(world: World) -> None:
    world.sandbox.fault("status", path=r"^/v\d", status=503, times=9)


def unreachable(world: World) -> None:
    world.sandbox.fault("reset", path=r"^/v\d", times=9)


def retired(world: World) -> None:
    world.sandbox.fault("status", path=r"^/v\d", status=480)


def no_right(world: World) -> None:
    world.sandbox.fault("status", path=r"^/v\d", status=403, body={"code": 41, "message": "no"})


def back(world: World) -> None:
    world.sandbox.faults.clear()


def another_key(world: World) -> None:
    world.sandbox.shop.key = "another"


def same_key(world: World) -> None:
    world.sandbox.shop.key = KEY


def shop_away(world: World) -> None:
    world.sandbox.fault("status", path="^/REST", status=503, times=9)


def shop_refuses(world: World) -> None:
    world.sandbox.fault("status", path="^/REST/order", status=402)


def shop_has_no_list(world: World) -> None:
    world.sandbox.fault("status", path="^/REST/order", status=200, body={"orders": "none"})


CASES = {
    "Pro gone": (DINERO, without_pro, accounts, with_pro, Remedy.PRO),
    "Dinero away": (DINERO, away, accounts, back, Remedy.RETRY),
    "Dinero cut off": (DINERO, unreachable, accounts, back, Remedy.RETRY),
    "the API retired": (DINERO, retired, accounts, back, Remedy.UPDATE),
    "no right": (DINERO, no_right, accounts, back, Remedy.RIGHT),
    "the shop's key revoked": (SHOP, another_key, fetch, same_key, Remedy.CONNECT),
    "the shop away": (SHOP, shop_away, fetch, back, Remedy.RETRY),
    "the shop refuses": (SHOP, shop_refuses, fetch, back, Remedy.RETRY),
    "the shop has no list": (SHOP, shop_has_no_list, fetch, back, Remedy.RETRY),
}


@pytest.mark.parametrize(("name", "break_it", "ask", "mend", "remedy"), CASES.values(), ids=CASES)
def test_a_connection_is_not_well_after_a_call_that_failed_and_well_again_after_one_that_succeeded(
    world: World, name: str, break_it: Act, ask: Act, mend: Act, remedy: Remedy
) -> None:
    ask(world)
    before = health(world, name)
    assert (before.well, before.problem, before.remedy) == (True, None, Remedy.NONE)
    world.clock.advance(60)
    break_it(world)
    fail(world, ask)
    broken = health(world, name)
    assert (broken.connected, broken.well, broken.remedy) == (True, False, remedy)
    assert broken.failed_at is not None
    assert broken.ok_at is not None
    assert broken.ok_at < broken.failed_at
    assert str(broken.problem).endswith(".")
    others = [found for found in world.dashboard.health.connections() if found.name != name]
    assert all(found.problem is None for found in others)
    mend(world)
    assert not health(world, name).well, "nobody has tried since"
    mended = world.dashboard.health.retry(name)
    assert (mended.well, mended.problem, mended.remedy) == (True, None, Remedy.NONE)
    assert mended == health(world, name)


def test_a_revoked_key_of_dinero_needs_a_new_connection(world: World) -> None:
    accounts(world)
    world.sandbox.fault("status", path="oauth/token", status=400, body={"error": "invalid_grant"}, times=99)
    world.sandbox.tokens.revoke()
    fail(world, accounts)
    for _ in range(2):
        found = health(world, DINERO)
        assert (found.connected, found.well, found.remedy) == (True, False, Remedy.CONNECT)
        assert not world.dashboard.health.retry(DINERO).well
    back(world)
    given = world.dashboard.environment
    world.dashboard.connection.connect_personal(given.client_id, given.client_secret, given.api_key)
    assert health(world, DINERO).well


def test_without_pro_a_list_of_organizations_proves_nothing(world: World) -> None:
    without_pro(world)
    fail(world, accounts)
    world.dashboard.connection.organizations(fresh=True)
    assert health(world, DINERO).remedy is Remedy.PRO
    assert not world.dashboard.health.retry(DINERO).well
    with_pro(world)
    assert world.dashboard.health.retry(DINERO).well


def test_a_no_to_one_document_says_that_dinero_is_there(world: World) -> None:
    away(world)
    fail(world, accounts)
    back(world)
    world.sandbox.fault("status", path="accountingyears", status=400, body={"code": 44, "message": "no"})
    fail(world, lambda world: world.dashboard.connection.dinero().accounting_years())
    assert health(world, DINERO).well


def test_a_write_without_an_answer_counts(world: World) -> None:
    world.sandbox.fault("drop", method="POST", path="contacts")
    with pytest.raises(AnswerUnknown):
        world.dashboard.connection.dinero().create_contact({"Name": "A", "CountryKey": "DK", "ContactGuid": "a"})
    assert not health(world, DINERO).well


def test_a_wrong_new_key_says_nothing_about_the_one_that_is_stored(world: World) -> None:
    fetch(world)
    fail(world, lambda world: world.dashboard.shops.connect("shoporama", {"key": "wrong"}))
    fail(world, lambda world: world.dashboard.connection.connect_personal("a", "b", "c"))
    assert [found.well for found in world.dashboard.health.connections()] == [True, True]


def test_what_is_not_connected_is_not_well_and_has_no_past(world: World) -> None:
    fetch(world)
    away(world)
    fail(world, accounts)
    world.dashboard.connection.disconnect()
    assert health(world, DINERO) == ConnectionHealth(DINERO, connected=False)


def test_a_key_that_is_only_stored_proves_nothing(world: World) -> None:
    assert world.dashboard.store.secrets.names() != []
    for name in (DINERO, SHOP):
        world.dashboard.store.look_ups.put(f"health:{name}", None)
        found = health(world, name)
        assert (found.connected, found.well, found.problem) == (True, False, None)


def test_looking_costs_few_writes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    put, written = world.dashboard.store.look_ups.put, list[str]()

    def count(key: str, value: Any) -> None:
        written.append(key)
        put(key, value)

    dinero = world.dashboard.connection.dinero()
    dinero.accounting_years()
    monkeypatch.setattr(world.dashboard.store.look_ups, "put", count)
    for _ in range(20):
        dinero.accounting_years()
    world.clock.advance(31)
    for _ in range(20):
        dinero.accounting_years()
    assert written == ["health:dinero"]


def test_what_can_not_be_noted_breaks_no_call(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("no disk")

    world.clock.advance(60)
    monkeypatch.setattr(world.dashboard.store.look_ups, "put", broken)
    assert world.dashboard.connection.dinero().accounting_years() != []
    away(world)
    fail(world, lambda world: world.dashboard.connection.dinero().accounting_years())


def test_health_and_doctor_tell_of_each_connection_and_no_secret(
    world: World, process: Dashboard, capsys: pytest.CaptureFixture[str]
) -> None:
    world.order(1)
    another_key(world)
    fail(world, fetch)
    told = process.checkup.health()
    assert (told["status"], told["version"]) == ("ok", __version__)
    assert told["connections"].keys() == {"dinero", "shop"}
    assert told["connections"]["dinero"]["text"] == ""
    assert told["connections"]["shop"]["text"].startswith("Shoporama godkender ikke nøglen")
    secrets = [*world.sandbox.environment().values(), "kunde1@example.com", world.row(1).customer]
    assert not [word for word in secrets if len(word) > 6 and word in json.dumps(told, ensure_ascii=False)]
    process.settings.save(language="en")
    assert process.checkup.health()["connections"]["shop"]["text"].startswith("Shoporama does not accept the key")
    main(["doctor", "--json"])
    doctor = json.loads(capsys.readouterr().out)
    assert doctor["connections"].keys() == {"dinero", "shop"}
    assert doctor["connections"]["dinero"].keys() == {"ok_at", "failed_at", "text"}
    assert doctor["connections"]["shop"]["text"] != ""
    assert doctor["shop"] is True, "what was told before is told as before"
