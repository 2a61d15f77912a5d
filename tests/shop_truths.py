"""What must hold of two shops with the same ids and numbers after every step of a random sequence, counted in the
sandbox's books: nothing of one is booked as the other's, and a shop that rests gets nothing new."""

from collections import Counter
from typing import Any

from hypothesis.stateful import invariant

from dinero.model.documents import OrderKey
from dinero.model.plans import Kind, document_guid
from dinero.model.shops import ShopState
from dinero.sandbox.server import ORGANIZATION
from second_shop import SECOND, SecondShop

GENERATIONS = 20
ENDED = ("done", "credited", "held", "ignored", "refused", "not due")
Document = dict[str, Any]


def order_in(reference: str) -> OrderKey:
    """The order that a document's reference names."""
    shop, order, *_ = reference.split(":")
    return OrderKey(shop, order)


class ShopTruths(SecondShop):
    """Two shops, and what must hold of them. `corrected` are the orders that the owner corrected himself."""

    def __init__(self) -> None:
        super().__init__()
        self.corrected: set[OrderKey] = set()
        self._before: tuple[ShopState, set[str], set[str]] = (ShopState.ACTIVE, set(), set())

    def sale_of(self, key: OrderKey) -> OrderKey:
        """The sale that a return or a refund takes back; a sale itself."""
        if key.shop == SECOND:
            return OrderKey(SECOND, str(self.refunds.get(int(key.id), key.id)))
        of = next(raw.get("credited_order_id") for raw in self.sandbox.shop.orders if str(raw["order_id"]) == key.id)
        return OrderKey(key.shop, str(of or key.id))

    def booked(self, key: OrderKey) -> tuple[list[Document], list[Document]]:
        """The order's booked invoices, and the booked credit notes that take them back."""
        books, reference = self.sandbox.books, f"{key.shop}:{key.id}"
        invoices = [
            one
            for one in books.invoices.values()
            if one["Status"] == "Booked" and one["ExternalReference"] == reference
        ]
        guids = {one["Guid"] for one in invoices}
        notes = [one for one in books.credit_notes.values() if one["Status"] == "Booked"]
        return invoices, [note for note in notes if note["CreditNoteFor"] in guids]

    @invariant()
    def nothing_is_crossed(self) -> None:
        """Each invoice has its own order's total, customer and lines, and is paid as that order."""
        books = self.sandbox.books
        for guid, invoice in books.invoices.items():
            key = order_in(invoice["ExternalReference"])
            assert key in self.told, f"{key} is no order"
            ours = {document_guid(ORGANIZATION, *key, Kind.INVOICE, n) for n in range(1, GENERATIONS)}
            assert guid in ours, f"{key} has another order's Guid"
            assert round(invoice["TotalInclVat"] * 100) in self.told[key], f"{key} has another order's total"
            assert books.contacts[invoice["ContactGuid"]]["Email"] == self.bought_by[key], f"{key} is another's"
            lamps = [line["Description"] for line in invoice["ProductLines"] if "Lampe" in line["Description"]]
            wanted = [f"Lampe {key.id}"] if key.shop == SECOND else []
            assert [" ".join(lamp.split()[:2]) for lamp in lamps] == wanted, (key, lamps)
        for note in books.credit_notes.values():
            sold = order_in(books.invoices[note["CreditNoteFor"]]["ExternalReference"])
            assert self.sale_of(order_in(note["ExternalReference"])) == sold, f"{note['ExternalReference']} of {sold}"
        for payment in books.payments:
            document = (books.invoices | books.credit_notes)[payment["InvoiceGuid"]]
            paid, of = order_in(payment["ExternalReference"]), order_in(document["ExternalReference"])
            assert self.sale_of(paid) == self.sale_of(of), f"{payment['ExternalReference']} of {of}"

    @invariant()
    def a_refund_is_credited_once_and_to_the_ore(self) -> None:
        """A refund of an øre more than is left is what is left (facts.md, WooCommerce 2.5)."""
        books = self.sandbox.books
        notes = [note for note in books.credit_notes.values() if note["Status"] == "Booked"]
        credited = Counter(note["ExternalReference"] for note in notes)
        for number, ore in self.refunded.items():
            reference = f"{SECOND}:{number}"
            assert credited[reference] <= 1, f"{reference} is credited twice"
            for note in notes:
                if note["ExternalReference"] == reference:
                    assert ore - round(note["TotalInclVat"] * 100) in (0, 1), reference
        for number in self.lamps:
            invoices, taken_back = self.booked(OrderKey(SECOND, str(number)))
            sold = sum(round(one["TotalInclVat"] * 100) for one in invoices)
            assert sum(round(one["TotalInclVat"] * 100) for one in taken_back) <= sold, f"more of {number} than sold"

    @invariant()
    def a_shop_that_rests_gets_no_new_document(self) -> None:
        """What was begun is brought to its end, and what the owner corrects himself is corrected."""
        store, books = self.dashboard.store, self.sandbox.books
        there = {
            guid
            for guid, document in (books.invoices | books.credit_notes).items()
            if (key := order_in(document["ExternalReference"])).shop == SECOND and key not in self.corrected
        }
        claimed = {row["guid"] for row in store.rows("select guid from documents where source = ?", [SECOND])}
        state, before, begun = self._before
        if ShopState.ACTIVE not in (state, self.shop_state()):
            assert there <= before | begun, "a shop that rests has a new document in Dinero"
        self._before = (self.shop_state(), there, claimed)

    @invariant()
    def every_order_that_was_read_has_one_state_and_where_it_stands_still_a_reason(self) -> None:
        store = self.dashboard.store
        counts = store.sums.state_counts()
        assert sum(n for n, _ in counts.values()) == store.orders.count()
        assert "" not in counts
        for row in store.orders.list(states=("held", "refused", "ignored", "not due"), limit=-1):
            assert row.reasons, f"{row.key} is {row.state}, and nobody says why"

    def nothing_waits(self) -> None:
        """After a quiet run: all that may go went, and what was sold in the usual way is in Dinero."""
        for row in self.dashboard.store.orders.list(limit=-1):
            assert row.state in ENDED, f"{row.key} is {row.state}"
        for number in self.lamps:
            key = OrderKey(SECOND, str(number))
            known = self.dashboard.store.orders.get(key)
            assert known is not None or number in self.gone, f"{key} was never read"
            if number not in self.touched:
                assert known is not None
                assert known.state in ("done", "credited"), f"{key} is {known.state}: {known.reasons}"
        for number, of in self.refunds.items():
            known = self.dashboard.store.orders.get(OrderKey(SECOND, str(number)))
            assert known is not None or {number, of} & self.gone, f"refund {number} of {of} was never read"
