"""The page EU-salg: the year's counter, and a quarter's sales with their orders."""

import re
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.dashboard.dashboard import Dashboard
from dinero.model.i18n import Text
from test_oss import sale


def da(message: str, **values: object) -> str:
    return Text(message, **values).render("da")  # type: ignore[arg-type]


@pytest.fixture
def page(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    return AppTest.from_file("../pages/navigation.py", default_timeout=30).run().switch_page("oss.py")


def html(page: AppTest) -> str:
    return unescape(" ".join(element.proto.body for element in page.get("html")))


def cells(page: AppTest) -> list[str]:
    return re.findall(r"<td[^>]*>([^<]*)</td>", html(page))


@pytest.mark.parametrize(("sold", "colour"), [(100_000, "green"), (6_500_000, "orange"), (8_000_000, "red")])
def test_the_bar_of_the_limit_has_the_colour_of_what_is_left(
    world: World, page: AppTest, sold: int, colour: str
) -> None:
    world.dashboard.settings.save(eu_sales_elsewhere=sold)
    page.run()
    assert not page.exception
    assert '<div class="bar" role="img"' in html(page)
    assert f'<i class="{colour}" style="width:' in html(page)
    assert [bool(page.warning), bool(page.error)] == [colour == "orange", colour == "red"]


def test_a_quarter_is_in_the_address_and_its_sums_are_by_country_and_rate(world: World, page: AppTest) -> None:
    world.order(1, **sale(1, 119, 19, 119, 19))
    world.order(2, **sale(2, 119, 19, 238, 38))
    page.run()
    assert not page.exception
    assert cells(page) == ["Tyskland", "19 %", "2", "300,00\xa0kr.", "57,00\xa0kr."]
    page.query_params["quarter"] = "2026-3"
    page.run()
    assert cells(page) == []
    assert da("There are no such orders in this quarter.") in html(page)
    page.query_params["quarter"] = "1999-9"  # there is none such
    page.run()
    assert cells(page)[0] == "Tyskland"


def test_the_orders_behind_the_numbers_are_drawn_when_they_are_asked_for(world: World, page: AppTest) -> None:
    name = "<b>Firma</b>"
    world.order(1, order_name=name, **sale(1, 119, 19, 119, 19))
    page.run()
    assert "/history?order=1" not in html(page)
    page.session_state["orders"] = True
    page.run()
    assert not page.exception
    assert "/history?order=1" in html(page)
    assert name not in " ".join(element.proto.body for element in page.get("html"))
