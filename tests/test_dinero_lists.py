"""Dinero's lists are read to their end, or it is said that they were not."""

from datetime import date
from typing import Any

import pytest

from dinero.api import client
from dinero.api.client import Dinero
from dinero.model.errors import Unread


class Pages:
    """A session whose list has `rows` rows, `cap` of them a page at most, and says `told` of itself."""

    def __init__(self, rows: int, *, cap: int = 1000, promised: int | None = None, **leave_out: bool) -> None:
        self.rows = [{"Guid": f"{number:032}"} for number in range(rows)]
        self.cap, self.promised, self.leave_out = cap, rows if promised is None else promised, leave_out
        self.sizes: list[int] = []

    def get(self, path: str, parameters: dict[str, Any]) -> dict[str, Any]:
        page, size = parameters["page"], min(self.cap, parameters["pageSize"])
        self.sizes.append(parameters["pageSize"])
        shown = self.rows[page * size : (page + 1) * size]
        told = {
            "MaxPageSizeAllowed": self.cap,
            "PageSize": size,
            "Result": len(shown),
            "ResultWithoutFilter": self.promised,
            "Page": page,
        }
        told = {name: value for name, value in told.items() if not self.leave_out.get(name)}
        return {"Collection": shown} | ({} if self.leave_out.get("Pagination") else {"Pagination": told})


def read(session: Any) -> list[str]:
    rows = Dinero(session, "1").sales(date(2026, 1, 1), date(2026, 12, 31))
    return [row.guid for row in rows]


@pytest.mark.parametrize("rows", [0, 1, 99, 100, 101, 250, 999, 1000, 1001, 2500])
@pytest.mark.parametrize("cap", [1000, 100, 30])
@pytest.mark.parametrize(
    "leave_out",
    [
        {},
        {"PageSize": True},
        {"PageSize": True, "MaxPageSizeAllowed": True},
        {"ResultWithoutFilter": True},
        {"Pagination": True},
    ],
    ids=["", "no page size", "neither size", "no count", "nothing"],
)
def test_every_row_of_a_list_is_read_however_large_its_pages_are(
    rows: int, cap: int, leave_out: dict[str, bool]
) -> None:
    session = Pages(rows, cap=cap, **leave_out)
    assert read(session) == [row["Guid"] for row in session.rows]


def test_a_list_of_one_page_costs_one_call() -> None:
    session = Pages(999)
    read(session)
    assert session.sizes == [1000]


@pytest.mark.parametrize(("rows", "promised"), [(0, 1), (2, 3), (250, 251), (1000, 1001), (1500, 2500)])
@pytest.mark.parametrize("cap", [1000, 100])
def test_a_list_that_comes_short_of_its_count_is_trouble_and_no_list(rows: int, promised: int, cap: int) -> None:
    with pytest.raises(Unread) as raised:
        read(Pages(rows, cap=cap, promised=promised))
    assert raised.value.text.values == {"read": rows, "total": promised}


def test_a_row_that_is_deleted_while_the_pages_are_read_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Pages(2500)
    whole = session.get

    def get(path: str, parameters: dict[str, Any]) -> dict[str, Any]:
        answer = whole(path, parameters)
        if parameters["page"] == 0:
            session.rows.pop(0)
            session.promised -= 1
        return answer

    monkeypatch.setattr(session, "get", get)
    with pytest.raises(Unread):
        read(session)


def test_a_list_of_more_pages_than_are_read_is_trouble_and_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_PAGES", 3)
    with pytest.raises(Unread):
        read(Pages(3500))
    assert len(read(Pages(2999))) == 2999


def test_a_list_that_gives_the_same_page_again_is_trouble_and_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Pages(1000, promised=5000)
    first = session.get("", {"page": 0, "pageSize": 1000})
    monkeypatch.setattr(session, "get", lambda path, parameters: first)
    with pytest.raises(Unread):
        read(session)
