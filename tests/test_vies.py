"""VIES: a sale without VAT to an EU company goes when its VAT number is valid, and nothing else waits for that."""

from typing import Any

from conftest import World
from dinero.store import Row

NUMBER = "DE136695976"
FRENCH = "FR40303265045"
SWEDISH = "SE556188840401"
COUNTRIES = {"DE": 1003, "SE": 1002}


def company(number: str = NUMBER, **overrides: Any) -> dict[str, Any]:
    """An EU company's order without VAT, as the shop sends it."""
    return {
        "order_company_name": "Keramik GmbH", "vat_number": number, "vat": 0, "order_country_id": None,
        "order_country": "Tyskland", "del_country_id": None, "del_country": "Tyskland",
    } | overrides  # fmt: skip


def evidence(world: World, number: int = 1) -> list[Row]:
    return world.dashboard.store.consultations_of("shoporama", str(number))


def codes(world: World, number: int = 1) -> list[str]:
    import json

    return [finding["code"] for finding in json.loads(world.row(number)["reasons"])]


def test_a_valid_number_is_asked_about_once_and_kept_with_its_consultation_number(world: World) -> None:
    world.order(1, **company())
    assert (world.row(1)["state"], codes(world)) == ("waiting", [])
    (kept,) = evidence(world)
    assert (kept["number"], kept["outcome"], kept["requester"]) == (NUMBER, "valid", "DK13585628")
    assert kept["consultation_number"].startswith("WAPI")
    world.clock.advance(3 * 86_400)
    world.dashboard.fetch()
    (result,) = world.push()
    assert result["result"] == "done"
    assert world.sandbox.vies.asked == [NUMBER]


def test_when_vies_is_down_its_orders_are_held_and_the_others_are_booked(world: World) -> None:
    world.sandbox.vies.unavailable = True
    for number in (1, 2, 3):
        world.order(number, **company())
    world.order(4)
    assert len(world.sandbox.vies.asked) == 1
    assert [row["result"] for row in world.push()] == ["held", "held", "held", "done"]
    assert codes(world) == ["vies_unanswered"]
    world.sandbox.vies.unavailable = False
    world.clock.advance(301)
    assert [row["result"] for row in world.push()] == ["done"] * 4
    assert len(world.sandbox.vies.asked) == 2
    assert [row["outcome"] for row in evidence(world)] == ["unanswered", "valid"]
