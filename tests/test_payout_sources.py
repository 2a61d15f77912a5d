"""The acquirers that are connected: keys that are proved, and payouts that are fetched once, whatever fails."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import World, keys_to_acquirers
from dinero.dashboard.sources import CLEARHAUS, KEYS, VIPPS
from dinero.model.errors import ConnectionStopped, DashboardError, SettingsError, TryLater
from dinero.model.health import Remedy
from dinero.model.i18n import Text
from dinero.model.payouts import RowProblem
from dinero.store.look_ups import RESTORED, LookUps

FIRST, SECOND, LATER = date(2026, 11, 12), date(2026, 11, 19), date(2026, 11, 26)


def keys(world: World, acquirer: str) -> dict[str, str]:
    """The sandbox's keys to an acquirer, by the names that `connect` takes."""
    given = keys_to_acquirers(world.sandbox)
    return {key.name: given[key.variable] for key in KEYS[acquirer]}


def connect(world: World, *acquirers: str) -> None:
    for acquirer in acquirers or (CLEARHAUS, VIPPS):
        world.dashboard.sources.connect(acquirer, **keys(world, acquirer))
    world.sandbox.calls.clear()


def settle(world: World, acquirer: str, on: date, number: int = 1001) -> None:
    world.sandbox.settle(acquirer, [(str(number), 24900)], on=on)


def fetched(world: World) -> dict[str, tuple[int, int]]:
    """New and known payouts of each acquirer; none may have failed."""
    found = world.dashboard.sources.fetch()
    assert [one.error for one in found] == [None] * len(found)
    return {one.acquirer: (len(one.new), one.known) for one in found}


def calls(world: World, prefix: str) -> int:
    return sum(call.path.startswith(prefix) for call in world.sandbox.calls)


# --- connecting ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("acquirer", [CLEARHAUS, VIPPS])
def test_keys_are_stored_encrypted_once_they_are_proved(world: World, acquirer: str) -> None:
    sources, store = world.dashboard.sources, world.dashboard.store
    assert sources.connected() == []
    connect(world, acquirer)
    assert sources.connected() == [acquirer]
    sealed = store.secrets.get(f"acquirer.{acquirer}")
    assert sealed is not None
    assert not any(value.encode() in sealed for value in keys(world, acquirer).values())
    assert world.dashboard.health.of(acquirer).well
    assert [row.event for row in store.history.list(limit=1)] == ["connected"]


@pytest.mark.parametrize(("acquirer", "name"), [(a, k.name) for a in KEYS for k in KEYS[a] if k.is_secret])
def test_wrong_keys_are_not_stored_and_say_nothing_about_those_that_are(world: World, acquirer: str, name: str) -> None:
    sources = world.dashboard.sources
    with pytest.raises(ConnectionStopped):
        sources.connect(acquirer, **(keys(world, acquirer) | {name: "wrong"}))
    assert sources.connected() == []
    connect(world, acquirer)
    with pytest.raises(ConnectionStopped):
        sources.connect(acquirer, **(keys(world, acquirer) | {name: "wrong"}))
    assert world.dashboard.health.of(acquirer).well
    assert fetched(world) == {acquirer: (0, 0)}


@pytest.mark.parametrize(("acquirer", "name"), [(a, k.name) for a in KEYS for k in KEYS[a]])
def test_a_key_that_is_missing_is_asked_for_before_anybody_is_called(world: World, acquirer: str, name: str) -> None:
    world.sandbox.calls.clear()
    for value in ("", "  ", "x" * 501):
        with pytest.raises(SettingsError) as caught:
            world.dashboard.sources.connect(acquirer, **(keys(world, acquirer) | {name: value}))
        assert caught.value.text.render("da").endswith(".")
    with pytest.raises(SettingsError):
        world.dashboard.sources.connect("nobody", client_id="a", client_secret="b")
    assert world.sandbox.calls == []


def test_a_connection_that_is_ended_forgets_its_keys_and_keeps_its_payouts(world: World) -> None:
    settle(world, CLEARHAUS, FIRST)
    connect(world, CLEARHAUS)
    fetched(world)
    world.dashboard.sources.disconnect(CLEARHAUS)
    assert world.dashboard.sources.connected() == []
    assert world.dashboard.store.payouts.count() == 1
    assert world.dashboard.sources.fetch() == []
    connect(world, CLEARHAUS)
    assert fetched(world) == {CLEARHAUS: (0, 0)}, "the same keys go on where they were"


# --- fetching --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("acquirer", [CLEARHAUS, VIPPS])
def test_a_payout_is_read_once(world: World, acquirer: str) -> None:
    settle(world, acquirer, FIRST)
    connect(world, acquirer)
    assert fetched(world) == {acquirer: (1, 0)}
    settle(world, acquirer, LATER, 1002)
    assert fetched(world) == {acquirer: (0, 0)}, "it is still to come"
    world.clock.advance(timedelta(days=7).total_seconds())
    assert fetched(world) == {acquirer: (1, 0)}
    assert fetched(world) == {acquirer: (0, 0)}
    assert world.dashboard.store.payouts.count() == 2
    events = [row.event for row in world.dashboard.store.history.list() if row.event == "payouts fetched"]
    assert len(events) == 2


def test_what_is_fetched_has_its_lines_and_comes_from_the_api(world: World) -> None:
    settle(world, CLEARHAUS, FIRST)
    connect(world, CLEARHAUS)
    (number,) = world.dashboard.sources.fetch()[0].new
    payout = world.dashboard.payouts.get(number)
    (sandboxs,) = world.sandbox.payouts
    assert payout is not None
    assert (payout.key, payout.net_ore, payout.source) == (sandboxs.key, sandboxs.net.ore, "api")
    assert [line.order_ref for line in world.dashboard.payouts.lines(number) if line.order_ref] == ["1001"]


def test_other_keys_begin_anew_and_store_nothing_twice(world: World) -> None:
    settle(world, CLEARHAUS, FIRST)
    connect(world, CLEARHAUS)
    fetched(world)
    world.dashboard.vault.put(f"acquirer.{CLEARHAUS}", {**keys(world, CLEARHAUS), "label": "other"})
    assert fetched(world) == {CLEARHAUS: (0, 1)}


def test_an_acquirer_that_fails_stops_no_other(world: World) -> None:
    settle(world, VIPPS, FIRST)
    connect(world)
    world.sandbox.fault("status", path="^/clearhaus", status=401, times=9)
    failed, well = world.dashboard.sources.fetch()
    assert isinstance(failed.error, ConnectionStopped)
    assert (well.error, len(well.new)) == (None, 1)
    health = world.dashboard.health.of(CLEARHAUS)
    assert (health.well, health.remedy) == (False, Remedy.CONNECT)
    assert world.dashboard.health.of(VIPPS).well
    world.sandbox.faults.clear()
    assert world.dashboard.health.retry(CLEARHAUS).well


def test_a_fetch_that_is_cut_goes_on_where_it_was(world: World) -> None:
    for place, on in enumerate((FIRST, SECOND)):
        settle(world, CLEARHAUS, on, 1001 + place)
    connect(world, CLEARHAUS)
    second = world.sandbox.payouts[1].id
    world.sandbox.fault("status", path=f"/settlements/{second}/", status=500, times=9)
    (cut,) = world.dashboard.sources.fetch()
    assert isinstance(cut.error, TryLater)
    assert world.dashboard.store.payouts.count() == 1
    world.sandbox.faults.clear()
    assert fetched(world) == {CLEARHAUS: (1, 0)}


def test_rows_and_cursor_are_stored_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(world, CLEARHAUS, FIRST)
    connect(world, CLEARHAUS)
    put = LookUps.put

    def failing(self: LookUps, key: str, value: Any) -> None:
        if key.startswith("payouts.cursor"):
            raise TryLater(Text("The disk is full."))
        put(self, key, value)

    with monkeypatch.context() as patched:
        patched.setattr(LookUps, "put", failing)
        (cut,) = world.dashboard.sources.fetch()
        assert cut.error is not None
    assert world.dashboard.store.payouts.count() == 0
    assert fetched(world) == {CLEARHAUS: (1, 0)}


def test_a_backup_that_is_put_back_meanwhile_has_it_all_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(world, CLEARHAUS, FIRST)
    connect(world, CLEARHAUS)
    store, sources = world.dashboard.store, world.dashboard.sources
    real = sources._source

    def restoring(*given: Any, **more: Any) -> Any:
        store.look_ups.put(RESTORED, "another")
        return real(*given, **more)

    monkeypatch.setattr(sources, "_source", restoring)
    assert [len(one.new) for one in sources.fetch()] == [0]
    assert store.payouts.count() == 0
    assert store.look_ups.get(f"payouts.cursor:{CLEARHAUS}") is None


def test_a_payout_that_contradicts_what_was_read_is_told_and_never_left_behind(world: World) -> None:
    settle(world, CLEARHAUS, FIRST)
    connect(world, CLEARHAUS)
    fetched(world)
    world.dashboard.store.look_ups.put(f"payouts.cursor:{CLEARHAUS}", None)
    with world.dashboard.store.transaction() as db:
        db.execute("update payouts set net_ore = net_ore + 1, sold_ore = sold_ore + 1")
    settle(world, CLEARHAUS, SECOND, 1002)
    for known in (0, 1):
        (told,) = world.dashboard.sources.fetch()
        assert [problem.code for problem in told.problems] == ["payout_changed"]
        assert (len(told.new), told.known) == (1 - known, known)
        assert world.dashboard.store.look_ups.get(f"payouts.cursor:{CLEARHAUS}") is None
    assert [problem.code for problem in world.dashboard.sources.problems(CLEARHAUS)] == ["payout_changed"]
    (trouble,) = world.dashboard.sources.troubles()
    assert "was read before" in trouble.render("en")


def test_what_is_wrong_is_kept_until_it_is_mended(world: World) -> None:
    connect(world, CLEARHAUS)
    problem = RowProblem(7, "unreadable", Text("Row {row} is there twice.", row=7))
    world.dashboard.store.look_ups.put(
        f"payouts.problems:{CLEARHAUS}", [[problem.row, problem.code, problem.text.to_json()]]
    )
    assert world.dashboard.sources.problems(CLEARHAUS) == [problem]
    fetched(world)
    assert world.dashboard.sources.problems(CLEARHAUS) == []


def test_calls_are_counted_by_acquirer_and_a_loop_is_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(world, CLEARHAUS)
    monkeypatch.setattr(
        "dinero.dashboard.sources.CALLS_AN_HOUR", world.dashboard.store.calls.count(f"payouts:{CLEARHAUS}", window=3600)
    )
    (stopped,) = world.dashboard.sources.fetch()
    assert isinstance(stopped.error, TryLater)
    assert calls(world, "/clearhaus") == 0
    world.clock.advance(3601)
    monkeypatch.setattr("dinero.dashboard.sources.CALLS_AN_HOUR", 1000)
    assert fetched(world) == {CLEARHAUS: (0, 0)}


def test_trouble_that_may_pass_is_told_after_a_day(world: World) -> None:
    connect(world, CLEARHAUS)
    fetched(world)
    world.sandbox.fault("status", path="^/clearhaus", status=503, times=99)
    world.dashboard.sources.fetch()
    assert world.dashboard.sources.troubles() == []
    world.clock.advance(timedelta(days=1).total_seconds())
    world.dashboard.sources.fetch()
    assert len(world.dashboard.sources.troubles()) == 1


def test_a_lost_key_of_the_vault_is_told(world: World, tmp_path: Path) -> None:
    connect(world, CLEARHAUS)
    world.dashboard.store.secrets.put(f"acquirer.{CLEARHAUS}", b"not sealed with this key")
    (told,) = world.dashboard.sources.fetch()
    assert isinstance(told.error, DashboardError)


def test_an_older_order_lets_older_payouts_in(world: World) -> None:
    world.order(1, time="2026-11-16 10:00:00")
    settle(world, CLEARHAUS, FIRST)
    settle(world, CLEARHAUS, SECOND, 1002)
    connect(world, CLEARHAUS)
    assert fetched(world) == {CLEARHAUS: (1, 0)}
    world.order(2, time="2026-11-02 10:00:00")
    assert fetched(world) == {CLEARHAUS: (1, 1)}
    assert fetched(world) == {CLEARHAUS: (0, 0)}
