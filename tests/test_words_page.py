"""The page on which the owner says what the words of a file mean."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.acquirers.words import Apart
from dinero.dashboard.dashboard import Dashboard
from dinero.model.payouts import Movement
from dinero.sandbox.payout_files import write
from dinero.sandbox.settlements import VIPPS, settle
from pages import payout_drawn, words


def draw() -> None:
    from pages import words

    words.choose()


def test_words_are_explained_refused_with_the_figures_and_explained_again(
    world: World, process: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    payout = settle([], VIPPS, [("1001", 24900)], [("0999", 10000)], on=date(2026, 11, 12))
    data = write([payout], "vipps_portal_da")
    outcome = world.dashboard.payouts.read("a.csv", data)
    page = AppTest.from_function(draw, default_timeout=30)
    page.session_state[words.FILE] = (outcome.name, data)
    page.session_state[words.ASKED], page.session_state[words.REFUSED] = outcome.unknown, ()
    page.run()
    assert not page.exception
    refund, transfer = page.selectbox
    assert (refund.value, transfer.value) == (Movement.REFUND, Apart.PAYOUT), "what the words usually mean"
    assert "100,00" in refund.label
    refund.select_index(0).run()
    assert page.button[0].disabled
    page.selectbox[0].set_value(Movement.SALE).run()
    page.button[0].click().run()
    assert world.dashboard.payouts.count() == 0
    assert any("100,00" in one.proto.body for one in page.get("html")), "the figures are told"
    page.selectbox[0].set_value(Movement.REFUND).run()
    page.button[0].click().run()
    assert world.dashboard.payouts.count() == 1
    assert words.FILE not in page.session_state
    assert len(page.session_state[payout_drawn.TOLD][0].new) == 1
