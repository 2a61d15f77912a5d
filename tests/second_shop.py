"""What happens in a second shop in a random sequence: a WooCommerce whose orders and refunds have the ids and numbers
of the first shop's, and partly its customers. Its host fails, and the owner pauses, removes, adds and renames it."""

import contextlib
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from any_machine import AnyMachine
from dinero.model.documents import OrderKey
from dinero.model.errors import DashboardError
from dinero.model.shops import FIRST_SHOP, ShopState
from dinero.sandbox.woocommerce import FOLDER, Trouble
from dinero.sandbox.woocommerce_keys import KEY, SECRET

SECOND = "lampehuset"
FIRST_ID = 100  # of both shops
# Whole øre of VAT in a piece, and no lamp costs what another does or what anything of the first shop does.
LAMP, APART, FREIGHT = 1000, 5, 39  # kroner
BEFORE_MONEY = ("pending", "on-hold", "failed")
STATUSES = st.sampled_from(["processing", "processing", "completed", "completed", "pending", "on-hold"])
LATER = st.sampled_from(["completed", "completed", "processing", "cancelled", "on-hold", "failed"])
HOSTS = st.sampled_from([{"down": True}, {"login_page": True}, {"busy": 30}, {"header_stripped": True}])
REFUNDS = st.sampled_from(["a lamp", "a lamp and the freight", "an amount", "all by status", "all", "an øre too much"])


class SecondShop(AnyMachine):
    """Two shops, of which the second has the `lamps` (orders by id) and their `refunds` (the order of each, by id).

    `costs` is what each order costs now (øre), by shop and order, `told` every total that it was ever told with, and
    `bought_by` its customer's e-mail.
    """

    def __init__(self) -> None:
        super().__init__()
        self.woocommerce.orders._ids = count(FIRST_ID)
        self.costs: dict[OrderKey, int] = {}
        self.told: dict[OrderKey, set[int]] = {}
        self.bought_by: dict[OrderKey, str] = {}
        self.lamps: list[int] = []
        self.refunds: dict[int, int] = {}
        self.refunded: dict[int, int] = {}  # øre, by the refund's id
        self.touched: set[int] = set()  # lamps that were sold in another way than at first, cancelled, or are gone
        self.gone: set[int] = set()  # orders that lists do not show any more
        self.add_the_shop()

    @property
    def woocommerce(self) -> Any:
        """The second shop in the sandbox."""
        return self.sandbox.woocommerce

    def shop_state(self) -> ShopState:
        """What the second shop is to the owner now."""
        shop = self.dashboard.store.shops.get(SECOND)
        assert shop is not None
        return shop.state

    def sold_orders(self) -> list[OrderKey]:
        """The sales of both shops."""
        first = [OrderKey(FIRST_SHOP, str(number)) for number in self.orders]
        return [*first, *(OrderKey(SECOND, str(number)) for number in self.lamps)]

    # --- what the second shop does ------------------------------------------------------------------------------

    def read_again(self) -> None:
        """All active shops, one of which may fail."""
        self.clock.sleep(2)
        self.dashboard.orders.fetch()

    def note(self, number: int) -> None:
        """Notes what the shop tells of a lamp now."""
        self.cost(OrderKey(SECOND, str(number)), _ore(self.woocommerce.orders.get(number)["total"]))

    def cost(self, key: OrderKey, ore: int) -> None:
        """Notes what a shop tells that an order costs."""
        self.costs[key] = ore
        self.told.setdefault(key, set()).add(ore)

    @rule(customer=st.integers(1, 3), pieces=st.integers(1, 2), status=STATUSES, is_read=st.booleans())
    def sell_a_lamp(self, customer: int, pieces: int, status: str, is_read: bool) -> None:
        self.clock.sleep(60)
        number = self.woocommerce.orders.next_id()
        lamp = (f"Lampe {number}", LAMP + APART * (number - FIRST_ID), pieces)
        key = OrderKey(SECOND, str(number))
        self.bought_by[key] = f"kunde{customer}@example.com"
        self.woocommerce.sell(lamp, id=number, email=self.bought_by[key], status=status)
        self.lamps.append(number)
        if status in BEFORE_MONEY:
            self.touched.add(number)
        self.note(number)
        if is_read:
            self.read_again()

    def there(self) -> list[int]:
        """The lamps that the shop still shows."""
        return [number for number in self.lamps if number not in self.gone]

    @precondition(lambda self: bool(self.there()))
    @rule(data=st.data(), is_read=st.booleans())
    def write_a_note(self, data: st.DataObject, is_read: bool) -> None:
        self.clock.sleep(60)
        number = data.draw(st.sampled_from(self.there()), "lamp")
        self.woocommerce.change(number, customer_note=f"Ring {self.clock.now()}")
        if is_read:
            self.read_again()

    @precondition(lambda self: bool(self.there()))
    @rule(data=st.data(), status=LATER, is_read=st.booleans())
    def change_a_status(self, data: st.DataObject, status: str, is_read: bool) -> None:
        self.clock.sleep(60)
        number = data.draw(st.sampled_from(self.there()), "lamp")
        self.woocommerce.change(number, status=status)
        if status not in ("completed", "processing"):
            self.touched.add(number)
        if is_read:
            self.read_again()

    @precondition(lambda self: bool(self.there()))
    @rule(data=st.data(), pieces=st.integers(1, 3), is_seen=st.booleans())
    def edit_a_line(self, data: st.DataObject, pieces: int, is_seen: bool) -> None:
        """An item that is saved alone does not touch the order's time: only a whole reading finds it."""
        self.clock.sleep(60)
        number = data.draw(st.sampled_from(self.there()), "lamp")
        self.touched.add(number)
        self.woocommerce.change(number, touch=is_seen, **_with_pieces(self.woocommerce.orders.get(number), pieces))
        self.note(number)
        self.read_again()

    def left(self, number: int) -> int:
        """What is not refunded of a lamp, in øre."""
        return int(self.woocommerce._left(self.woocommerce.orders.get(number)) * 100)

    @precondition(lambda self: any(self.left(number) > 1000 for number in self.there()))
    @rule(data=st.data(), kind=REFUNDS, is_read=st.booleans())
    def refund_a_lamp(self, data: st.DataObject, kind: str, is_read: bool) -> None:
        self.clock.sleep(60)
        number = data.draw(st.sampled_from([n for n in self.there() if self.left(n) > 1000]), "lamp")
        before, shop, name = set(self.woocommerce.orders.refunds), self.woocommerce, f"Lampe {number}"
        left = self.left(number)
        piece = (LAMP + APART * (number - FIRST_ID)) * 100
        with_freight = FREIGHT * 100 if "freight" in kind else 0
        if "lamp" in kind and left >= piece + with_freight:
            shop.refund(number, {name: 1}, freight=bool(with_freight))
        elif kind == "all by status":
            shop.change(number, status="refunded")
        elif kind == "all":
            shop.refund(number)
        elif kind == "an øre too much":
            shop.refund(number, {name: 1}, amount=Decimal(left + 1) / 100, freight=True)
        else:
            shop.refund(number, amount=Decimal(10))
        (new,) = set(shop.orders.refunds) - before
        self.refunds[new], self.refunded[new] = number, _ore(shop.orders.refunds[new]["amount"])
        if is_read:
            self.read_again()

    @precondition(lambda self: bool(self.woocommerce.orders.refunds))
    @rule(data=st.data())
    def delete_a_refund(self, data: st.DataObject) -> None:
        self.clock.sleep(60)
        number = data.draw(st.sampled_from(sorted(self.woocommerce.orders.refunds)), "refund")
        self.woocommerce.delete_refund(number)
        self.gone.add(number)
        sold = self.woocommerce.orders.get(self.refunds.get(number, 0))
        if sold is not None and sold["status"] == "refunded":  # it says so still, and the owner is asked
            self.touched.add(self.refunds[number])

    @precondition(lambda self: bool(self.there()))
    @rule(data=st.data(), is_trashed=st.booleans())
    def delete_a_lamp(self, data: st.DataObject, is_trashed: bool) -> None:
        self.clock.sleep(60)
        number = data.draw(st.sampled_from(self.there()), "lamp")
        self.touched.add(number)
        self.gone.add(number)
        (self.woocommerce.trash if is_trashed else self.woocommerce.delete)(number)
        self.gone |= {refund for refund, of in self.refunds.items() if of == number}

    # --- how it is read -----------------------------------------------------------------------------------------

    @rule()
    def read_all_again(self) -> None:
        self.clock.sleep(2)
        self.dashboard.orders.fetch(whole=True)

    @precondition(lambda self: bool(self.there()))
    @rule(data=st.data(), whole=st.booleans(), after=st.integers(1, 2))
    def a_lamp_changes_while_orders_are_listed(self, data: st.DataObject, whole: bool, after: int) -> None:
        number = data.draw(st.sampled_from(self.there()), "lamp")

        def change() -> None:
            if number not in self.gone:
                self.clock.sleep(1)
                self.woocommerce.change(number, customer_note=f"Midt i det {self.clock.now()}")

        self.clock.sleep(2)
        self.woocommerce.after(after, change)
        self.dashboard.orders.fetch(whole=whole)

    @rule(trouble=HOSTS, is_read=st.booleans())
    def the_host_fails(self, trouble: dict[str, Any], is_read: bool) -> None:
        self.woocommerce.trouble = Trouble(**trouble)
        if is_read:
            self.read_again()

    @rule()
    def the_host_is_mended(self) -> None:
        self.mend_the_host()

    def mend_the_host(self) -> None:
        """Its next call is answered."""
        self.woocommerce.trouble = Trouble()
        self.clock.sleep(60)

    # --- what the owner does with it ----------------------------------------------------------------------------

    @precondition(lambda self: self.shop_state() is ShopState.ACTIVE)
    @rule()
    def pause_the_shop(self) -> None:
        self.dashboard.shops.pause(SECOND)

    @precondition(lambda self: self.shop_state() is ShopState.PAUSED)
    @rule()
    def resume_the_shop(self) -> None:
        self.dashboard.shops.resume(SECOND)

    @precondition(lambda self: self.shop_state() is not ShopState.REMOVED)
    @rule()
    def remove_the_shop(self) -> None:
        self.dashboard.shops.remove(SECOND)

    def add_the_shop(self, title: str = "Lampehuset") -> None:
        """The owner enters its keys, for the first time or again."""
        keys = {"key": KEY, "secret": SECRET}
        shop = self.dashboard.shops.add(
            "woocommerce",
            keys,
            address=f"{self.sandbox.url}{FOLDER}",
            title=title,
            trigger="paid",
            take_over_date=date(2026, 1, 1),
        )
        assert shop.name == SECOND, "it is the same shop"

    @rule(title=st.sampled_from(["Lampehuset", "Lamper & Lys"]), is_read=st.booleans())
    def add_the_shop_again(self, title: str, is_read: bool) -> None:
        with contextlib.suppress(DashboardError):  # its host fails
            self.add_the_shop(title)
        if is_read:
            self.read_again()

    @rule(title=st.sampled_from(["Lampehuset", "Ørum lys"]))
    def rename_the_shop(self, title: str) -> None:
        self.dashboard.shops.rename(SECOND, title)

    def open_the_shop(self) -> None:
        """At the end: its host answers, and the owner has it again."""
        self.mend_the_host()
        if self.shop_state() is not ShopState.ACTIVE:
            self.add_the_shop()
        fetched = self.dashboard.orders.fetch(whole=True)
        assert not fetched.failed, fetched.failed


def _ore(amount: str) -> int:
    return int(Decimal(amount) * 100)


def _with_pieces(order: dict[str, Any], pieces: int) -> dict[str, Any]:
    """An order's fields with so many pieces of its one line, as the owner edits them."""
    line = order["line_items"][0]
    more = pieces - line["quantity"]
    net, vat = (Decimal(line["total"]) / line["quantity"], Decimal(line["taxes"][0]["total"]) / line["quantity"])
    tax = dict.fromkeys(("total", "subtotal"), str(vat * pieces))
    amounts = dict.fromkeys(("total", "subtotal"), str(net * pieces))
    edited = line | amounts | {"quantity": pieces, "taxes": [line["taxes"][0] | tax]}
    added = {"total": more * (net + vat), "total_tax": more * vat, "cart_tax": more * vat}
    (rate,) = order["tax_lines"]
    rates = [rate | {"tax_total": str(Decimal(rate["tax_total"]) + more * vat)}]
    head = {name: str(Decimal(order[name]) + by) for name, by in added.items()}
    return {**head, "line_items": [edited], "tax_lines": rates}
