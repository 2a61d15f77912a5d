"""Two shops whose orders have the same ids and numbers: each list tells them apart, and shows one alone. While
there is one shop, none of it is seen."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.dashboard.dashboard import Dashboard
from dinero.intake.fetches import Fetches
from dinero.intake.reassessing import reassess
from dinero.model.clock import COPENHAGEN
from dinero.model.documents import OrderKey, State, StoredOrder
from dinero.model.i18n import Text
from dinero.model.shops import Shop
from dinero.reports.export import oss_csv, reconciliation_csv, reconciliation_pdf
from dinero.reports.reconcile import Entry, from_json
from pages import progress
from pages.place import PAGE_SIZE

OURS, OTHER = "shoporama", "lampehuset"
LAMPS = Shop(OTHER, "shoporama", "Shoporama", "Lampehuset")
PAGES = ("overview.py", "orders.py", "attention.py", "history.py", "reconcile.py", "oss.py")


def da(message: str, plural: str | None = None, /, **values: object) -> str:
    return Text(message, plural, **values).render("da")  # type: ignore[arg-type]


@pytest.fixture
def tab(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The frame of the pages, on the data folder of `world`."""
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    return AppTest.from_file("../pages/navigation.py", default_timeout=30)


def opened(tab: AppTest, page: str, **query: str) -> str:
    """A page at an address, as the HTML of ours that it draws."""
    tab.query_params.clear()
    tab.query_params.update(query)
    tab.run()
    tab.switch_page(page).run()
    assert not tab.exception
    return drawn(tab)


def drawn(tab: AppTest) -> str:
    return "\n".join(html.proto.body for html in tab.get("html") if 'class="head"' not in html.proto.body)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ")).strip()


def rows(html: str) -> list[str]:
    """The texts of the rows of lists."""
    return [text_of(row) for row in re.findall(r"<li data-row>.*?</li>", html)]


def addresses(html: str, path: str) -> list[str]:
    """Where the rows of lists lead to."""
    found = re.findall(r'class="go title" href="([^"]+)"', html)
    return [unescape(address) for address in found if address.startswith(path)]


def twin(world: World, number: int, **changes: Any) -> StoredOrder:
    """An order of the same id and number in the other shop, of another customer and a second later: at the same second
    it would be the very same order, of one site that was added twice."""
    store = world.dashboard.store
    if store.shops.get(OTHER) is None:
        store.shops.save(LAMPS)
    ours = world.row(number)
    later = datetime.fromisoformat(ours.placed_at or "") + timedelta(seconds=1)
    raw = json.loads(ours.raw)
    raw["time"] = later.astimezone(COPENHAGEN).strftime("%Y-%m-%d %H:%M:%S")
    told = replace(ours, raw=json.dumps(raw), placed_at=later.isoformat())
    row = replace(told, shop=OTHER, customer="Lampe Larsen", **changes)
    store.orders.save([row])
    return row


def get(world: World, shop: str, number: int) -> StoredOrder:
    row = world.dashboard.store.orders.get(OrderKey(shop, str(number)))
    assert row is not None
    return row


# --- what is stored -----------------------------------------------------------------------------------------------


def test_orders_of_the_same_id_and_time_are_each_on_one_page_of_a_list(world: World) -> None:
    world.order(1)
    store = world.dashboard.store
    store.shops.save(LAMPS)
    plain = replace(world.row(1), state=State.WAITING, placed_at="2026-11-20T10:00:00+00:00")
    for shop in (OTHER, OURS):  # the other's rows come first
        store.orders.save(replace(plain, shop=shop, id=str(n)) for n in range(20, 80))
    for states in ((State.WAITING,), ()):
        found = [row.key for n in range(6) for row in store.orders.list(states=states, limit=25, offset=25 * n)]
        assert len(found) == len(set(found)) == store.orders.count(states=states)


def test_a_list_and_its_count_are_of_one_shop_where_it_is_named(world: World) -> None:
    for number in (1, 2, 3):
        world.order(number)
    store = world.dashboard.store
    twin(world, 2)
    twin(world, 3, state=State.HELD)
    store.orders.save([twin(world, 1, change={"after": 1})])  # a change is of an order that is known
    for filters in ({}, {"states": ("waiting",)}, {"search": "100"}, {"states": ("held", "changed")}):
        every = {row.key for row in store.orders.list(**filters)}
        for shop in (OURS, OTHER):
            of_shop = [row.key for row in store.orders.list(**filters, shop=shop)]
            assert set(of_shop) == {key for key in every if key.shop == shop}
            assert store.orders.count(**filters, shop=shop) == len(of_shop)
    assert {(row.state, row.n) for row in store.sums.by_state(shop=OTHER)} == {("waiting", 2), ("held", 1)}
    assert store.orders.count(states=("held", "changed"), shop=OTHER) == 2


# --- Ordrer -------------------------------------------------------------------------------------------------------


def test_a_search_for_a_number_of_two_shops_shows_both_each_with_its_shop(world: World, tab: AppTest) -> None:
    world.order(1)
    twin(world, 1)
    html = opened(tab, "orders.py", view="all", search="1001")
    assert len(rows(html)) == 2
    assert {("Lampehuset" in row, "Shoporama" in row, "Lampe Larsen" in row) for row in rows(html)} == {
        (True, False, True),
        (False, True, False),
    }
    assert sorted(addresses(html, "/orders")) == [
        "/orders?view=all&search=1001&order=1",
        "/orders?view=all&search=1001&order=lampehuset%3A1",
    ]


@pytest.mark.parametrize(("address", "name"), [("1", "Shoporama"), ("lampehuset:1", "Lampehuset")])
def test_an_order_opens_by_its_shop(world: World, tab: AppTest, address: str, name: str) -> None:
    world.order(1)
    twin(world, 1)
    for page in ("orders.py", "history.py"):
        html = opened(tab, page, view="all", order=address)
        (head,) = re.findall(r'class="order-?head">.*?</h2>', html)
        assert text_of(head).endswith(name)
        assert ("Lampe Larsen" in html[html.index(head) :]) is (name == "Lampehuset")
    links = [unescape(link) for link in re.findall(r'href="([^"]+)"', opened(tab, "orders.py", order=address))]
    assert {"/history?order=", "/raw?id="} <= {link.partition("=")[0] + "=" for link in links}
    assert all(link.endswith(address.replace(":", "%3A")) for link in links if link.startswith(("/history?", "/raw?")))


def test_ordrer_shows_one_shop_with_its_counts_and_keeps_it_from_place_to_place(world: World, tab: AppTest) -> None:
    for number in (1, 2, 3):
        world.order(number)
    twin(world, 1)
    html = opened(tab, "orders.py", view="all", shop=OTHER)
    (row,) = rows(html)
    assert "Lampe Larsen" in row
    assert "Lampehuset" not in row, "what all rows have in common is said of none"
    shown, shops = re.findall(r'<nav class="views.*?</nav>', html)
    assert text_of(shown) == "Venter 1 Ikke klar endnu 0 Overført 0 Udeladt 0 Alle 1"
    assert text_of(shops) == "Alle webshops Shoporama Lampehuset"
    assert "aria-current=true>Lampehuset" in shops
    assert all("shop=lampehuset" in link for link in re.findall(r'href="([^"]+)"', shown))


def test_the_ticked_table_says_the_shop_and_keeps_twins_apart(world: World, tab: AppTest) -> None:
    world.order(1)
    twin(world, 1, total_ore=100_00)
    opened(tab, "orders.py", select="all")
    assert sorted(tab.dataframe[0].value[da("Webshop")]) == ["Lampehuset", "Shoporama"]
    (key,) = [key for key in tab.session_state if key.startswith("orders/")]
    place = list(tab.dataframe[0].value[da("Webshop")]).index("Lampehuset")
    tab.session_state[key] = {"selection": {"rows": [place], "columns": [], "cells": []}}
    tab.run()
    assert not tab.exception
    (button,) = [button for button in tab.button if button.key == "look"]
    assert "100,00" in button.label
    opened(tab, "orders.py", shop=OTHER)
    assert da("Webshop") not in tab.dataframe[0].value.columns


def test_a_search_that_fits_in_the_other_shop_alone_leads_there(world: World, tab: AppTest) -> None:
    world.order(1)
    twin(world, 1)
    html = opened(tab, "orders.py", search="Lampe", shop=OURS)
    assert "/orders?view=all&search=Lampe" in unescape(html)
    assert "search=Lampe&shop=shoporama" not in unescape(html.partition('class="empty"')[2])


# --- the order ----------------------------------------------------------------------------------------------------


def test_a_credit_note_is_of_its_own_shops_order(world: World, tab: AppTest) -> None:
    world.order(1)
    world.push(1)
    world.give_back(1, 2)
    twin(world, 1)
    html = opened(tab, "orders.py", view="all", order="2")
    assert da("credit note of order {number}", number="1001") in text_of(html)
    assert da("Return {number}", number="1002") in text_of(html)


def test_the_raw_order_names_its_system_and_its_shop(world: World, tab: AppTest) -> None:
    world.order(1)
    twin(world, 1)
    html = opened(tab, "raw.py", id="lampehuset:1")
    assert [title.value for title in tab.title] == [da("The order from {name}", name="Shoporama")]
    assert "Lampehuset" in html
    assert "/orders?view=all&order=lampehuset%3A1" in unescape(html)


# --- Kræver dig ---------------------------------------------------------------------------------------------------


@pytest.fixture
def asking(world: World) -> World:
    """Two orders of each shop whose way to pay is asked about."""
    for number in (1, 2):
        world.order(number, payment_gateway="Bankoverførsel", payment_gateway_id=None)
    for number in (1, 2):
        twin(world, number)
    reassess(world.dashboard.store)
    assert {get(world, shop, 1).state for shop in (OURS, OTHER)} == {State.HELD}
    return world


def test_a_shops_own_question_is_asked_of_each_shop(asking: World) -> None:
    groups = asking.dashboard.attention.groups()
    assert [(group.shop, group.count) for group in groups] == [(OTHER, 2), (OURS, 2)] or [
        (group.shop, group.count) for group in groups
    ] == [(OURS, 2), (OTHER, 2)]
    assert len({group.id for group in groups}) == 2
    (ours,) = asking.dashboard.attention.groups(shop=OURS)
    assert {key.shop for key in ours.keys} == {OURS}


def test_an_answer_as_a_rule_is_of_the_shop_that_the_page_says(asking: World, tab: AppTest) -> None:
    html = opened(tab, "attention.py")
    heads = [text_of(head) for head in re.findall(r"<h2>.*?</h2>", html)]
    assert {head.rpartition(" ")[2] for head in heads} == {"Lampehuset", "Shoporama"}
    boxes = [box for box in tab.checkbox if box.label.replace("\\", "").endswith("Lampehuset")]
    assert [box.label for box in boxes] == [
        da("Remember it as a rule for all orders of {webshop}", webshop="Lampehuset")
    ]
    boxes[0].check().run()
    group = next(group for group in asking.dashboard.attention.groups() if group.shop == OTHER)
    next(b for b in tab.button if b.key and b.key.startswith(f"attention/answer/{group.id}/")).click().run()
    assert not tab.exception
    chosen = asking.dashboard.settings.load()
    assert group.question is not None
    assert group.question.key in chosen.of_shop(OTHER).rules
    assert group.question.key not in chosen.of_shop(OURS).rules
    assert [one.shop for one in asking.dashboard.attention.groups()] == [OURS]
    made = [event.text.render("da") for event in asking.dashboard.store.history.rules_made() if event.text]
    assert len(made) == 1
    assert "Lampehuset" in made[0]


def test_an_order_of_a_group_opens_by_its_shop_and_the_next_one_follows(asking: World, tab: AppTest) -> None:
    html = opened(tab, "attention.py", shop=OTHER)
    assert "Lampehuset" not in " ".join(rows(html))
    assert all(address.endswith(("lampehuset%3A1", "lampehuset%3A2")) for address in addresses(html, "/needs-you"))
    html = opened(tab, "attention.py", order="lampehuset:1")
    assert "Lampe Larsen" in html.partition('class="order-head"')[2]


def test_a_shop_that_needs_nothing_is_no_sign_that_nothing_does(asking: World, tab: AppTest) -> None:
    store = asking.dashboard.store
    store.orders.ignore(OrderKey(OTHER, "1"), "x", text=Text("x"), actor="owner")
    store.orders.ignore(OrderKey(OTHER, "2"), "x", text=Text("x"), actor="owner")
    reassess(store)
    html = opened(tab, "attention.py", shop=OTHER)
    assert da("No order of {webshop} needs you.", webshop="Lampehuset") in text_of(html)
    assert da("Nothing needs you.") not in text_of(html)


# --- Historik -----------------------------------------------------------------------------------------------------


def test_the_history_shows_one_shops_orders_events_and_transfers(world: World, tab: AppTest) -> None:
    world.order(1)
    other = twin(world, 1)
    world.push()
    day = str(other.placed_on)
    html = opened(tab, "history.py", day=day)
    assert len([row for row in rows(html) if "1001" in row]) == 2
    html = opened(tab, "history.py", day=day, shop=OTHER)
    (row,) = [row for row in rows(html) if "1001" in row]
    assert "Lampe Larsen" in row
    past = world.dashboard.past
    assert {event.order for event in past.events((), "", "", "", shop=OTHER, limit=99)} == {other.key}
    done = past.events(("done",), "", "", "", shop=OTHER, limit=99)
    assert [event.order for event in done] == [other.key]
    assert len(past.transfers(None, shop=OTHER, limit=9)) == 1
    world.order(2)
    world.push(2)
    assert len(past.transfers(None, limit=9)) == 2
    assert len(past.transfers(None, shop=OTHER, limit=9)) == 1
    html = opened(tab, "history.py", show="all", events="done")
    told = [row for row in rows(html) if "1001" in row]
    assert len(told) == 2
    assert sum("Lampehuset" in row for row in told) == 1
    lead_to = [address.rpartition("=")[2] for address in addresses(html, "/history?order=")]
    assert sorted(lead_to) == ["1", "2", "lampehuset%3A1"]


def test_a_transfers_orders_say_their_shop_and_lead_to_their_own_way(world: World, tab: AppTest) -> None:
    world.order(1)
    twin(world, 1)
    world.push()
    record = world.dashboard.transfers.latest()
    assert record is not None
    html = opened(tab, "history.py", transfer=record.id)
    assert sorted(address.rpartition("=")[2] for address in addresses(html, "/history")) == ["1", "lampehuset%3A1"]
    assert sum("Lampehuset" in row for row in rows(html)) == 1
    way = world.dashboard.past.way("lampehuset:1")
    assert way is not None
    assert way.row.shop == OTHER
    assert {track.order.shop for track in way.tracks} == {OTHER}


def test_a_running_transfers_orders_lead_to_their_own_shop(world: World) -> None:
    world.order(1)
    twin(world, 1)
    found = {row.shop: progress._row(row, row.shop) for row in world.push()}
    assert found[OURS].address == "/orders?view=all&order=1"
    assert found[OTHER].address == "/orders?view=all&order=lampehuset%3A1"
    assert found[OTHER].shop == OTHER


def test_a_fetch_says_from_which_shop_where_there_are_several(world: World) -> None:
    def fetched() -> str:
        event = world.dashboard.store.history.list(events=["fetched"], limit=1)[0]
        assert event.text is not None
        return event.text.render("en")

    world.order(1)
    assert fetched() == "1 new and 0 changed orders were fetched from the shop."
    world.dashboard.store.shops.save(LAMPS)
    world.dashboard.store.shops.save(replace(LAMPS, state="paused"))  # type: ignore[arg-type]
    world.order(2)
    assert fetched() == "1 new and 0 changed orders were fetched from Shoporama."


# --- Afstemning and EU-salg ---------------------------------------------------------------------------------------


def test_the_reconciliation_tells_the_shop_of_each_row(world: World, tab: AppTest) -> None:
    world.order(1)
    twin(world, 1)
    world.push()
    world.order(2)
    dashboard = world.dashboard
    result = dashboard.proof.reconcile(date(2026, 1, 1), date(2026, 12, 31))
    assert sorted((row.shop, row.number, row.status) for row in result.rows) == [
        (OTHER, "1001", "equal"),
        (OURS, "1001", "equal"),
        (OURS, "1002", "waiting"),
    ]
    assert result.doubled == result.left_out == 0
    assert result.by_shop == {OTHER: {"equal": 1}, OURS: {"equal": 1, "waiting": 1}}
    told: Any = result.to_json()
    assert {row["shop"] for row in told["rows"]} == {OURS, OTHER}
    html = opened(tab, "reconcile.py")
    assert sum("Lampehuset" in row for row in rows(html)) == 1
    html = opened(tab, "reconcile.py", shop=OTHER)
    (row,) = rows(html)
    assert "Lampe Larsen" in row
    assert addresses(html, "/history") == ["/history?order=lampehuset%3A1"]
    assert text_of(re.findall(r'<nav class="views" .*?</nav>', html)[0]) == "Alle 1 Begge steder og ens 1"


def test_files_have_a_column_for_the_shop_where_there_are_several(world: World) -> None:
    world.order(1)
    assert reconciled_csv(world)[0][2:4] == ["Ordre", "Kunde"]
    twin(world, 1)
    head, *told = reconciled_csv(world)
    assert head[2:5] == ["Ordre", "Webshop", "Kunde"]
    assert sorted(row[3] for row in told) == ["Lampehuset", "Shoporama"]
    titles = world.dashboard.store.shops.titles()
    (line, *_) = csv_rows(oss_csv([get(world, OTHER, 1)], [], "da", titles))[1:]
    assert "Lampehuset" in line
    result = world.dashboard.proof.reconcile(date(2026, 1, 1), date(2026, 12, 31))
    assert len(reconciliation_pdf(result, "Åse", "da", titles=titles)) > 1000


def reconciled_csv(world: World) -> list[list[str]]:
    result = world.dashboard.proof.reconcile(date(2026, 1, 1), date(2026, 12, 31))
    return csv_rows(reconciliation_csv(result, "da", world.dashboard.store.shops.titles()))


def csv_rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))


def test_a_reconciliation_that_was_kept_before_shops_had_names_is_read(world: World) -> None:
    world.order(1)
    packed: Any = world.dashboard.proof.reconcile(date(2026, 1, 1), date(2026, 12, 31)).to_json()
    before = {name: value for name, value in packed.items() if name != "by_shop"}
    before["rows"] = [{name: value for name, value in row.items() if name != "shop"} for row in packed["rows"]]
    read = from_json(before)
    assert [row.order for row in read.rows] == [OrderKey(OURS, "1")]
    assert read.by_shop == {}
    assert isinstance(read.rows[0], Entry)


# --- Overblik, and one shop alone ---------------------------------------------------------------------------------


def test_a_shop_that_fails_says_so_by_its_title_and_the_others_figures_stay(world: World, tab: AppTest) -> None:
    for number in (1, 2):
        world.order(number)
    world.push(2)
    twin(world, 1)
    store = world.dashboard.store
    Fetches(store, OTHER).failed(Text("Try again in a moment."))
    for page in ("overview.py", "orders.py"):
        html = opened(tab, page)
        said = text_of(html) + " ".join(error.value for error in tab.error)
        assert "Lampehuset: Try again in a moment." in said, page
        assert "Shoporama: Try again" not in said
    html = opened(tab, "overview.py")
    lines = text_of(re.findall(r'<p class="quiet fetches">.*?</p>', html)[0])
    assert lines.startswith("Shoporama: hentet kl.")
    assert "✕ Lampehuset: ikke hentet endnu" in lines
    assert "2 ordrer venter" in text_of(html)


def test_what_was_transferred_is_told_of_each_shop(world: World, tab: AppTest) -> None:
    world.order(1)
    twin(world, 1)
    world.push()
    sums = world.dashboard.store.sums.transfers_by_shop("2026-01-01", "2026-12-31")
    assert sums.keys() == {OURS, OTHER}
    html = opened(tab, "overview.py")
    assert "Lampehuset 249,00 kr." in text_of(html) or "Lampehuset" in text_of(html)
    assert f"shop={OTHER}" in html


@pytest.mark.parametrize("page", PAGES)
def test_while_there_is_one_shop_no_page_speaks_of_several(world: World, tab: AppTest, page: str) -> None:
    for number in range(1, 4):
        world.order(number)
    world.push(1)
    world.dashboard.proof.reconcile(date(2026, 1, 1), date(2026, 12, 31))
    for query in ({}, {"shop": OTHER}, {"shop": OURS}):
        html = opened(tab, page, **query)
        assert 'class="views shops"' not in html
        assert '<small class="shop">' not in html
        assert da("All webshops") not in html
    if page == "orders.py":
        assert da("Webshop") not in tab.dataframe[0].value.columns
        assert PAGE_SIZE >= len(tab.dataframe[0].value) == 2
