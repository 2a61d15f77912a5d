"""What every shop system must do, whatever its answers look like: the same cases for each of them."""

import copy
import json
from collections.abc import Sequence, Set
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinero.model.clock import SimulatedClock
from dinero.model.money import total
from dinero.model.settings import Settings
from dinero.rules.interpreting import interpret
from dinero.sandbox import Sandbox
from dinero.shops import values
from dinero.shops.shop_system import ReadContext
from dinero.shops.systems import SYSTEMS
from shop_kits import KITS, ShopKit, listed

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


@pytest.fixture(params=list(KITS.values()), ids=list(KITS))
def kit(request: pytest.FixtureRequest) -> ShopKit:
    """Each system's shop in turn."""
    chosen: ShopKit = request.param
    return chosen


def context(kit: ShopKit, sandbox: Sandbox) -> ReadContext:
    """What the reader gets besides the order."""
    return ReadContext(kit.system.key, look_ups=kit.system.client(kit.access(sandbox)).look_ups())


def none_known(ids: Sequence[str]) -> Set[str]:
    return frozenset()


def test_every_system_has_a_kit() -> None:
    assert KITS.keys() == SYSTEMS.keys()


@given(ANY_JSON)
@pytest.mark.parametrize("key", SYSTEMS)
def test_a_reader_never_raises(key: str, raw: Any) -> None:
    system = SYSTEMS[key]
    raw = values.loads(values.dumps(raw))
    order = system.read(raw, ReadContext(key))
    assert order.shop == key
    assert order.problems or order.total is None or not raw
    system.explain(raw, order, "da")
    assert system.unused_keys(raw) is not None
    assert system.names_in(system.without_customer(raw)) == []
    assert system.digest(raw) == system.digest(copy.deepcopy(raw))
    assert isinstance(system.id_of(raw), str)


@given(st.data())
@pytest.mark.parametrize("key", KITS)
def test_a_reader_never_raises_with_anything_in_one_field(key: str, data: st.DataObject) -> None:
    raw = copy.deepcopy(data.draw(st.sampled_from(SAMPLES[key])))
    place = data.draw(st.sampled_from(sorted(places(raw))))
    put(raw, place, data.draw(ANY_JSON))
    system = SYSTEMS[key]
    raw = values.loads(values.dumps(raw))
    order = system.read(raw, ReadContext(key))
    system.explain(raw, order, "da")
    system.unused_keys(raw)
    system.without_customer(raw)


def places(raw: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in JSON, as sortable paths."""
    found = [path] if path else []
    entries = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for key, value in entries:
        found += places(value, (*path, str(key) if isinstance(raw, dict) else f"#{key}"))
    return found


def put(raw: Any, path: tuple[str, ...], value: Any) -> None:
    *way, last = path
    for step in way:
        raw = raw[int(step[1:])] if isinstance(raw, list) else raw[step]
    raw[int(last[1:]) if isinstance(raw, list) else last] = value


def samples() -> dict[str, list[Any]]:
    """A few orders of each system's sandbox."""
    with Sandbox(orders=40, seed=3, clock=SimulatedClock()) as sandbox:
        return {name: listed(kit, sandbox)[:40] for name, kit in KITS.items()}


SAMPLES = samples()


@pytest.mark.parametrize("key", KITS)
def test_lines_are_the_total_to_the_øre_or_a_problem_says_why_not(key: str) -> None:
    read = [SYSTEMS[key].read(raw, ReadContext(key)) for raw in SAMPLES[key]]
    whole = [interpret(order, Settings()) for order in read if not order.problems and order.lines]
    fitting = [order for order in whole if total([line.total for line in order.lines], order.currency) == order.total]
    assert len(fitting) > len(read) // 2, "most orders of a sandbox are in order"


@pytest.mark.parametrize("key", KITS)
def test_a_field_that_nobody_knows_is_shown(key: str) -> None:
    raw = copy.deepcopy(SAMPLES[key][0])
    raw["something_new"] = "x"
    assert "something_new" in SYSTEMS[key].unused_keys(raw)
    assert "something_new" not in json.dumps(SYSTEMS[key].without_customer(raw), default=str)


@pytest.mark.parametrize("key", KITS)
def test_an_order_without_its_customer_has_the_same_money_and_no_name(key: str) -> None:
    system = SYSTEMS[key]
    for raw in SAMPLES[key]:
        order, names = system.read(raw, ReadContext(key)), [name for name in system.names_in(raw) if len(name) > 3]
        kept = system.without_customer(raw)
        left = values.dumps(kept)
        assert not [name for name in names if json.dumps(name)[1:-1] in left]
        again = system.read(kept, ReadContext(key))
        assert (again.total, again.vat, again.id, again.number) == (order.total, order.vat, order.id, order.number)
        assert [line.total for line in again.lines] == [line.total for line in order.lines]


@pytest.mark.parametrize("key", KITS)
def test_a_change_is_seen_whatever_the_order_of_the_keys(key: str) -> None:
    system, raw = SYSTEMS[key], SAMPLES[key][0]
    turned = dict(reversed(list(raw.items())))
    assert system.digest(turned) == system.digest(raw)
    assert len({system.digest(one) for one in SAMPLES[key]}) == len(SAMPLES[key])


def test_nothing_is_lost_while_orders_change_under_the_paging(kit: ShopKit, sandbox: Sandbox) -> None:
    for number in range(1, 251):
        kit.sell(sandbox, number)
        sandbox.clock.sleep(1.0)
    client, seen, cursor = kit.system.client(kit.access(sandbox)), set[str](), None
    old = kit.orders(sandbox)
    for place, batch in enumerate(client.fetch(None, none_known)):
        seen |= {kit.system.id_of(raw) for raw in batch.rows}
        cursor = batch.cursor or cursor
        sandbox.clock.sleep(1.0)
        kit.change(sandbox, old[place])
        kit.change(sandbox, old[-1 - place])
    sandbox.clock.sleep(timedelta(minutes=1).total_seconds())
    for batch in client.fetch(cursor, none_known):
        seen |= {kit.system.id_of(raw) for raw in batch.rows}
    assert set(kit.orders(sandbox)) <= seen


def test_a_fetch_goes_on_where_the_last_one_ended(kit: ShopKit, sandbox: Sandbox) -> None:
    first = kit.sell(sandbox, 1)
    client = kit.system.client(kit.access(sandbox))
    (*_, last) = client.fetch(None, none_known)
    sandbox.clock.sleep(timedelta(days=3).total_seconds())
    (*_, last) = client.fetch(last.cursor, none_known)
    assert last.cursor is not None
    assert values.loads(values.dumps(last.cursor)) == last.cursor, "a cursor is JSON"
    second = kit.sell(sandbox, 2)
    again = [kit.system.id_of(raw) for batch in client.fetch(last.cursor, none_known) for raw in batch.rows]
    assert second in again
    assert first not in again
    kit.change(sandbox, first)
    changed = [kit.system.id_of(raw) for batch in client.fetch(last.cursor, none_known) for raw in batch.rows]
    assert first in changed


def test_an_order_is_found_by_its_id_and_every_field_of_it_is_explained(kit: ShopKit, sandbox: Sandbox) -> None:
    order_id = kit.sell(sandbox, 7)
    raw = kit.system.client(kit.access(sandbox)).order(order_id)
    order = kit.system.read(raw, context(kit, sandbox))
    assert (order.id, order.paid, order.sent, order.problems) == (order_id, True, True, ())
    told = kit.system.explain(raw, order, "da")
    names = {field.name for field in told}
    assert {"id", "total"} <= names
    assert any(c.isdigit() for name in names for c in name), "its lines are explained one by one"
    assert all(field.meaning.render("da") for field in told)


def test_keys_are_proven_with_a_sample_and_never_with_a_wrong_one(kit: ShopKit, sandbox: Sandbox) -> None:
    order_id = kit.sell(sandbox, 8)
    access = kit.access(sandbox)
    checked = kit.system.client(access).check()
    assert kit.system.id_of(checked.sample) in kit.orders(sandbox)
    wrong = dict.fromkeys(access.keys, "cs_wrong")
    with pytest.raises(Exception, match=r"."):
        kit.system.client(type(access)(access.address, wrong, access.clock)).check()
    assert order_id in kit.orders(sandbox)
