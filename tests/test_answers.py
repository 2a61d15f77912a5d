"""Dinero's answers read into values: what can't be read is trouble, never nothing."""

from typing import Any

import pytest

from dinero.api import answers
from dinero.model.chart import Account, DepositAccount
from dinero.model.errors import Unread


def test_accounts_are_read_whatever_the_case_of_their_keys() -> None:
    rows: list[dict[str, Any]] = [
        {"AccountNumber": 1000, "Name": "Salg", "VatCode": "U25", "IsHidden": False},
        {"accountnumber": "1050", "name": None, "vatcode": None, "ishidden": True},
    ]
    assert answers.all_of(answers.account, rows) == [Account(1000, "Salg", "U25"), Account(1050, "", "", hidden=True)]


def test_a_deposit_account_with_any_of_a_banks_details_is_a_banks() -> None:
    plain: dict[str, Any] = {"AccountNumber": 55100, "Name": "Webshop salg", "IsDefault": False}
    assert answers.deposit_account(plain) == DepositAccount(55100, "Webshop salg")
    assert answers.deposit_account(plain | {"BankIbanNumber": "DK50 0040"}).has_bank_details


@pytest.mark.parametrize("number", [None, "", "x", "12a", -1, 1.5, "1²"])
def test_an_account_without_a_number_is_no_account(number: object) -> None:
    with pytest.raises(Unread):
        answers.account({"AccountNumber": number, "Name": "Salg"})
    told = {"ProductLines": [{"AccountNumber": number, "Description": "Kaffe"}]}
    (line,) = answers.sales_document(told).lines or ()
    assert line.account is None


@pytest.mark.parametrize("answer", [{}, None, "x", [1]])
def test_what_should_be_a_list_and_is_not_is_trouble(answer: object) -> None:
    with pytest.raises(Unread):
        answers.all_of(answers.account, answer)


def test_an_accounting_year_without_one_of_its_days_is_left_out_and_a_day_that_is_none_is_trouble() -> None:
    year = {"FromDate": "2026-01-01T00:00:00", "ToDate": "2026-12-31"}
    (read,) = answers.accounting_years([year, {"FromDate": "2027-01-01"}])
    assert [day.isoformat() for day in read] == ["2026-01-01", "2026-12-31"]
    with pytest.raises(Unread):
        answers.accounting_years([year | {"ToDate": "when it ends"}])
