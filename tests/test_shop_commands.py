"""The commands about shops, as another program drives them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dinero.sandbox import Sandbox
from test_cli import Commands


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(orders=12, seed=3, woocommerce=12, calls_per_minute=100_000) as sandbox:
        yield sandbox


@pytest.fixture
def commands(box: Sandbox, tmp_path: Path) -> Commands:
    """A headless set-up with a Shoporama shop; the environment names a WooCommerce shop besides."""
    given = box.environment(woocommerce=True)
    shops = {name: given.pop(name) for name in list(given) if name.startswith("WOOCOMMERCE_")}
    made = Commands(given, tmp_path)
    assert made.run("setup", "--from-env")[0] == 0
    made.environment |= shops
    return made


def told(commands: Commands, *arguments: str) -> Any:
    """What a command says as JSON."""
    return json.loads(commands.run(*arguments, "--json")[1])


def test_a_shop_is_added_and_read_and_each_row_says_which_shop_it_is_of(commands: Commands) -> None:
    assert commands.run("shops", "add", "woocommerce", "--from-env", "--name", "Lampehuset")[0] == 0
    assert commands.run("fetch", "--all")[0] == 0
    found = told(commands, "shops")
    assert [sorted(row) for row in found] == [["fetched_at", "name", "orders", "reason", "shop", "state", "system"]] * 2
    assert [(row["shop"], row["system"], row["name"], row["state"]) for row in found] == [
        ("shoporama", "shoporama", "Shoporama", "active"),
        ("lampehuset", "woocommerce", "Lampehuset", "active"),
    ]
    assert all(row["orders"] >= 12 and row["fetched_at"] and not row["reason"] for row in found)
    listed = told(commands, "orders")
    assert {row["shop"] for row in listed} == {"shoporama", "lampehuset"}
    pushed = told(commands, "push", "--all")
    assert {row["shop"] for row in pushed["rows"]} == {"shoporama", "lampehuset"}
    books = commands.sandbox("books")["invoices"]
    assert {invoice["ExternalReference"].partition(":")[0] for invoice in books} == {"shoporama", "lampehuset"}
    history = told(commands, "history")
    assert {row["shop"] for row in history} == {None, "shoporama", "lampehuset"}


def test_a_number_that_two_shops_have_is_asked_about(commands: Commands, box: Sandbox) -> None:
    commands.run("shops", "add", "woocommerce", "--from-env", "--name", "Lampehuset")
    box.woocommerce.sell(id=box.shop.orders[0]["webshop_order_id"], status="completed")
    commands.run("fetch", "--all")
    number = str(box.shop.orders[0]["webshop_order_id"])
    code, _, error = commands.run("push", number)
    assert code == 2
    assert f"shoporama:{number}" in error
    assert f"lampehuset:{number}" in error
    pushed = told(commands, "push", f"lampehuset:{number}")
    assert [(row["shop"], row["order"], row["state"]) for row in pushed["rows"]] == [("lampehuset", number, "done")]


def test_one_shop_is_read_alone(commands: Commands) -> None:
    commands.run("shops", "add", "woocommerce", "--from-env")
    assert commands.run("fetch", "--shop", "woocommerce")[0] == 0
    assert {row["shop"] for row in told(commands, "orders")} == {"woocommerce"}
    code, _, error = commands.run("fetch", "--shop", "nobody")
    assert code == 2
    assert "woocommerce" in error, "the shops that there are"


def test_a_shop_is_paused_goes_on_and_is_removed_without_touching_what_was_booked(commands: Commands) -> None:
    commands.run("shops", "add", "woocommerce", "--from-env", "--name", "Lampehuset")
    commands.run("fetch")
    assert commands.run("shops", "pause", "lampehuset")[0] == 0
    assert {row["shop"] for row in told(commands, "orders", "--state", "waiting")} == {"shoporama"}
    assert commands.run("shops", "resume", "Lampehuset")[0] == 0
    told(commands, "push", "--all")
    before = commands.sandbox("books")
    assert commands.run("shops", "remove", "lampehuset")[0] == 0
    assert [row["state"] for row in told(commands, "shops")] == ["active", "removed"]
    assert commands.run("shops", "resume", "lampehuset")[0] == 2
    commands.run("fetch", "--all")
    told(commands, "push", "--all")
    assert commands.sandbox("books") == before
    assert commands.run("shops", "add", "woocommerce", "--from-env")[0] == 0
    assert [row["shop"] for row in told(commands, "shops")] == ["shoporama", "lampehuset"], "it is the same shop again"
    commands.run("fetch", "--all")
    told(commands, "push", "--all")
    assert commands.sandbox("books") == before


def test_a_shop_that_fails_is_told_at_the_end_and_the_others_are_read(commands: Commands, box: Sandbox) -> None:
    commands.run("shops", "add", "woocommerce", "--from-env", "--name", "Lampehuset")
    box.woocommerce.trouble.login_page = True
    code, out, error = commands.run("fetch")
    assert code != 0
    assert out
    assert error.startswith("lampehuset: ")
    assert {row["shop"] for row in told(commands, "orders")} == {"shoporama"}
    found = {row["shop"]: row["reason"] for row in told(commands, "shops")}
    assert found["shoporama"] == ""
    assert found["lampehuset"]


@pytest.mark.parametrize("lacking", ["WOOCOMMERCE_URL", "WOOCOMMERCE_KEY", "WOOCOMMERCE_SECRET"])
def test_a_shop_of_which_a_variable_lacks_is_not_added(commands: Commands, lacking: str) -> None:
    commands.environment.pop(lacking)
    code, _, error = commands.run("shops", "add", "woocommerce", "--from-env")
    assert code == 2
    assert lacking in error
    assert commands.environment.get("WOOCOMMERCE_SECRET", "cs_") not in error


def test_plain_http_is_for_this_machine_only(commands: Commands) -> None:
    commands.environment["WOOCOMMERCE_URL"] = "http://shop.example"
    assert commands.run("shops", "add", "woocommerce", "--from-env")[0] == 2


def test_a_set_up_adds_whichever_shop_the_environment_names(commands: Commands, tmp_path: Path) -> None:
    commands.environment["DINERO_DATA_DIR"] = str(tmp_path / "another")
    commands.environment.pop("SHOPORAMA_KEY")
    assert commands.run("setup", "--from-env")[0] == 0
    assert [row["shop"] for row in told(commands, "shops")] == ["woocommerce"]
    assert commands.run("fetch")[0] == 0
    assert json.loads(commands.run("doctor", "--json")[1])["shop"] is True
