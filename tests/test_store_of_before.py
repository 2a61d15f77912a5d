"""A database that the version before the store had parts has made: it opens, and nothing is sent to Dinero again.

tests/data/store-2026-11.db.gz was made by commit 282bcb5 with the sandbox, by the steps of `lived` below; there orders
7, 8 and 9 were cut off while their draft was made, booked and paid. The secrets were taken out of it.
"""

import gzip
from pathlib import Path

import pytest

from conftest import World
from dinero.model.documents import Mark, OrderKey, Step
from dinero.model.plans import Kind
from dinero.store import Store
from test_corrections import correct, municipality, refund

MADE = Path(__file__).parent / "data" / "store-2026-11.db.gz"


def put(folder: Path) -> None:
    """Puts the database of before in a data folder, in the place of what is there."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("dinero.db*"):
        old.unlink()
    (folder / "dinero.db").write_bytes(gzip.decompress(MADE.read_bytes()))


def lived(world: World) -> None:
    """What Dinero and the shop have of the orders in the database, each brought to its end."""
    world.order(1)
    world.order(2)
    world.push(1, 2)
    world.order(3, **refund(2))
    world.push(3)
    world.order(4, **municipality())
    world.order(5)
    world.order(6)
    world.push(5, 6)
    correct(world, 5, "undo")
    correct(world, 6, "rebook")
    world.push(6)
    for number in (7, 8, 9, 10):
        world.order(number)
    world.order(11, status="refunded")
    world.push(7, 8, 9, 10)


def test_a_push_of_everything_in_a_database_of_the_version_before_sends_nothing_twice(
    world: World, tmp_path: Path
) -> None:
    lived(world)
    books = world.sandbox.books
    before = (
        [len(found) for found in (books.invoices, books.credit_notes, books.contacts)],
        books.entries(*books.years[-1]),
    )
    put(world.dashboard.store.folder)
    world.dashboard = world.restart()
    world.dashboard.set_up.from_environment()
    world.dashboard.orders.fetch()
    for _ in range(2):
        world.push()
    assert (
        [len(found) for found in (books.invoices, books.credit_notes, books.contacts)],
        books.entries(*books.years[-1]),
    ) == before
    states = {row.id: row.state for row in world.dashboard.store.orders.list()}
    assert states == {
        **dict.fromkeys(("1", "2", "3", "6", "7", "8", "9", "10"), "done"),
        "4": "held",
        "5": "credited",
        "11": "held",
    }


def test_documents_of_the_version_before_are_read_as_they_were(tmp_path: Path) -> None:
    put(tmp_path)
    store = Store(tmp_path)
    begun = store.documents.newest(OrderKey("shoporama", "8"))
    assert begun is not None
    assert (begun.step, begun.pending, begun.current) == (Step.VERIFIED, Mark.BOOK, True)
    assert (begun.plan.order_id, begun.source, begun.subject) == ("8", "shoporama", "8")
    assert store.documents.generations(OrderKey("shoporama", "6")) == {Kind.INVOICE: 2, Kind.CREDIT_NOTE: 1}
    assert [document.kind for document in store.documents.booked_of(OrderKey("shoporama", "6"))] == [
        Kind.INVOICE,
        Kind.CREDIT_NOTE,
        Kind.INVOICE,
    ]
    assert store.rows("pragma foreign_key_check") == []


@pytest.mark.parametrize("column", ["source", "subject", "kind", "generation"])
def test_the_key_of_a_document_names_its_source(tmp_path: Path, column: str) -> None:
    put(tmp_path)
    unique = Store(tmp_path).rows(
        "select i.name from pragma_index_list('documents') l join pragma_index_info(l.name) i where l.origin = 'u' "
        "and l.name in (select l.name from pragma_index_info(l.name) where name = 'generation')"
    )
    assert column in {row["name"] for row in unique}


def test_the_accounts_of_the_version_before_are_read_without_asking_dinero(tmp_path: Path) -> None:
    put(tmp_path)
    chart = Store(tmp_path).charts.load("210001")
    sales = chart.accounts[1000]
    assert (sales.vat_code, sales.hidden, len(chart.accounts) > 20) == ("U25", False, True)
    assert {55000, 55100} <= chart.deposits.keys()
    assert chart.deposits[55000].is_bank
    assert not chart.deposits[55100].is_bank
    assert [first.month for first, _ in chart.years] == [1] * len(chart.years) != []
