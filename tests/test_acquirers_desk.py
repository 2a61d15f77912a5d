"""What the owner chooses for each acquirer: which accounts, which VAT code of fees, and how far a payout is taken."""

from typing import Any

import pytest

from conftest import World
from dinero.model.acquirers import NO_VAT, STAYS, Way
from dinero.model.errors import SettingsError
from dinero.model.payouts import Movement

BOOKING, BANK, CASH, FEES, EXCHANGE, RECEIVABLES = 55100, 55000, 55040, 7420, 1445, 54040


def refused(world: World, **changes: Any) -> str:
    """The sentence with which a choice is refused; nothing of it is kept."""
    before = world.dashboard.settings.load().acquirers
    with pytest.raises(SettingsError) as caught:
        world.dashboard.acquirers.choose("clearhaus", **changes)
    assert world.dashboard.settings.load().acquirers == before
    return caught.value.text.render("en")


def test_a_choice_is_kept_beside_those_that_were_made_before(world: World) -> None:
    world.dashboard.acquirers.choose("clearhaus", way="book", bank_account=BANK)
    world.dashboard.acquirers.choose("clearhaus", fee_vat=NO_VAT, by_itself=True)
    world.dashboard.acquirers.choose("vipps_mobilepay", way=Way.FEE)
    chosen = world.dashboard.acquirers.choice("clearhaus")
    assert (chosen.way, chosen.bank_account, chosen.fee_vat, chosen.by_itself) == (Way.BOOK, BANK, NO_VAT, True)
    assert world.dashboard.acquirers.choice("vipps_mobilepay").way is Way.FEE
    assert world.dashboard.acquirers.known() == ["clearhaus", "vipps_mobilepay"]


def test_what_is_not_chosen_for_one_acquirer_is_what_was_chosen_for_all(world: World) -> None:
    world.dashboard.acquirers.choose_bank_account(BANK)
    chosen = world.dashboard.acquirers.choice("stripe")
    assert (chosen.way, chosen.account, chosen.bank_account, chosen.fee_account) == (None, BOOKING, BANK, FEES)


def test_a_choice_is_a_row_of_the_history(world: World) -> None:
    before = len(world.dashboard.store.history.list())
    world.dashboard.acquirers.choose("clearhaus", way=Way.DRAFT)
    (newest, *_) = rows = world.dashboard.store.history.list()
    assert len(rows) == before + 1
    assert newest.event == "settings"
    assert newest.detail is not None
    assert newest.detail["acquirers"]["clearhaus"]["way"] == "draft"


def test_a_choice_is_taken_back_with_none(world: World) -> None:
    world.dashboard.acquirers.choose("clearhaus", way=Way.BOOK, bank_account=BANK, accounts={"reserve": RECEIVABLES})
    world.dashboard.acquirers.choose("clearhaus", way=None, bank_account=None, accounts={"reserve": None})
    chosen = world.dashboard.acquirers.choice("clearhaus")
    assert (chosen.way, chosen.bank_account, chosen.accounts) == (None, None, {})


@pytest.mark.parametrize("name", ["account", "bank_account"])
def test_money_is_only_where_dinero_has_a_deposit_account_in_use(world: World, name: str) -> None:
    assert "is not a deposit account in use" in refused(world, **{name: FEES})
    assert "is not a deposit account in use" in refused(world, **{name: 55990})
    world.sandbox.books.deposits[CASH]["IsHidden"] = True
    world.dashboard.accounts.refresh()
    assert "is not a deposit account in use" in refused(world, **{name: CASH})


def test_fees_go_to_an_entry_account_in_use(world: World) -> None:
    assert "is not in use in Dinero" in refused(world, fee_account=BANK)
    assert "is not in use in Dinero" in refused(world, fee_account=7421)
    world.dashboard.acquirers.choose("clearhaus", fee_account=7220)
    assert world.dashboard.acquirers.choice("clearhaus").fee_account == 7220


def test_the_bank_account_is_never_the_booking_account(world: World) -> None:
    for changes in ({"bank_account": BOOKING}, {"account": CASH, "bank_account": CASH}):
        assert "can't be the same" in refused(world, **changes)
    world.dashboard.acquirers.choose_bank_account(BANK)
    assert "can't be the same" in refused(world, account=BANK)
    world.dashboard.acquirers.choose("clearhaus", account=CASH)
    for number in (BOOKING, CASH):
        with pytest.raises(SettingsError):
            world.dashboard.acquirers.choose_bank_account(number)
    with pytest.raises(SettingsError):
        world.dashboard.acquirers.choose_bank_account(FEES)
    assert world.dashboard.settings.load().bank_account == BANK


def test_a_vat_code_of_fees_is_one_that_dinero_knows(world: World) -> None:
    for code in ("none", "IEUY", "IVY", "I25"):
        world.dashboard.acquirers.choose("stripe", fee_vat=code)
        assert world.dashboard.acquirers.choice("stripe").fee_vat == code
    for code in ("U25", "UEUY", "IEUV", "25", ""):
        assert "is not a VAT code" in refused(world, fee_vat=code)


def test_the_vat_of_fees_is_unconfirmed_until_it_was_said_once(world: World) -> None:
    acquirers = world.dashboard.acquirers
    assert acquirers.preset("clearhaus") == NO_VAT
    assert acquirers.preset("stripe") is None
    assert acquirers.unconfirmed("clearhaus")
    acquirers.choose("clearhaus", way=Way.BOOK)
    assert acquirers.unconfirmed("clearhaus")
    acquirers.choose("clearhaus", fee_vat=NO_VAT)
    assert not acquirers.unconfirmed("clearhaus")
    assert acquirers.unconfirmed("stripe")


def test_reserves_corrections_and_others_are_named_an_account_or_stay(world: World) -> None:
    acquirers = world.dashboard.acquirers
    acquirers.choose("clearhaus", accounts={"reserve": RECEIVABLES, Movement.CORRECTION: STAYS})
    acquirers.choose("clearhaus", accounts={"other": CASH})
    named = {Movement.RESERVE: RECEIVABLES, Movement.CORRECTION: STAYS, Movement.OTHER: CASH}
    assert acquirers.choice("clearhaus").accounts == named
    assert "booking account itself" in refused(world, accounts={"reserve": BOOKING})
    assert "is not in use in Dinero" in refused(world, accounts={"reserve": 12})
    assert "for reserves, corrections and other lines only" in refused(world, accounts={"sale": RECEIVABLES})


def test_what_is_no_choice_is_refused(world: World) -> None:
    assert "how far" in refused(world, way="all")
    assert "no such acquirer or choice" in refused(world, colour="red")
    assert "no such way to pay" in refused(world, methods=["x" * 300])
    for name in ("", " ", "x" * 61):
        with pytest.raises(SettingsError):
            world.dashboard.acquirers.choose(name, way=Way.BOOK)


def test_the_ways_to_pay_of_an_acquirer_are_kept_once_each(world: World) -> None:
    world.dashboard.acquirers.choose("clearhaus", methods=["Dankort", "Visa", "Dankort"])
    assert world.dashboard.acquirers.choice("clearhaus").methods == ("Dankort", "Visa")


def test_the_accounts_of_fees_and_of_exchange_are_entry_accounts_in_use(world: World) -> None:
    acquirers = world.dashboard.acquirers
    acquirers.choose_fee_account(7220)
    acquirers.choose_exchange_account(EXCHANGE)
    chosen = world.dashboard.settings.load()
    assert (chosen.fee_account, chosen.exchange_account) == (7220, EXCHANGE)
    acquirers.choose_exchange_account(None)
    assert world.dashboard.settings.load().exchange_account is None
    for choose in (acquirers.choose_fee_account, acquirers.choose_exchange_account):
        with pytest.raises(SettingsError):
            choose(BANK)
