"""What happens in the sandbox's WooCommerce: orders are placed, changed, refunded, deleted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from typing import Any

from dinero.model.clock import COPENHAGEN, Clock
from dinero.sandbox.woocommerce_cart import ZERO, Cart, Coupon, Fee, GiftCard, Item, Settings
from dinero.sandbox.woocommerce_json import MOMENTS, Raw, gmt, meta, plain, rounded
from dinero.sandbox.woocommerce_orders import Buyer, placed
from dinero.sandbox.woocommerce_store import Orders

_TAXED = ("line_items", "shipping_lines", "fee_lines")
_NEVER = "0001-01-01T00:00:00"


class WooCommerceShop:
    """The shop behind the API: its settings and its orders. `settings` may be changed at any time; old orders are then
    read by the new ones (facts.md's chapter WooCommerce)."""

    def __init__(self, clock: Clock, settings: Settings | None = None) -> None:
        self.clock = clock
        self.settings = settings or Settings()
        self.fill: Callable[[], object] | None = None
        self._orders = Orders()

    @property
    def orders(self) -> Orders:
        """The orders. Those that the shop begins with are made when they are first asked for, by `fill`."""
        if self.fill is not None:
            fill, self.fill = self.fill, None
            fill()
        return self._orders

    def add(self, order: Raw | Cart, **fields: Any) -> int:
        """An order as JSON, kept as it is, or a cart that is bought. `fields` replace the order's own. Returns its id;
        an order with the id of another takes its place."""
        if isinstance(order, Cart):
            return self.sell(cart=order, **fields)
        kept: Raw = deepcopy(order) | fields
        kept.setdefault("id", self.orders.next_id())
        for name in MOMENTS:
            if f"{name}_gmt" not in kept and kept.get(name):
                local = datetime.fromisoformat(str(kept[name])).replace(tzinfo=COPENHAGEN)
                kept[f"{name}_gmt"] = gmt(local)
        for told in kept.get("refunds") or []:
            if told["id"] not in self.orders.refunds:
                self.orders.put_refund(self._told_refund(kept, told))
        return self.orders.put(kept)

    def sell(
        self,
        *lines: Item | tuple[str, Decimal | int | str, int],
        cart: Cart | None = None,
        email: str = "kunde@example.com",
        status: str = "processing",
        paid: bool | None = None,
        when: datetime | None = None,
        method: str = "quickpay",
        coupons: Sequence[Coupon] = (),
        fees: Sequence[Fee] = (),
        freight: Decimal | None = Decimal("31.20"),
        gift_cards: Sequence[GiftCard] = (),
        country: str = "DK",
        exempt: bool = False,
        address: Mapping[str, str] | None = None,
        told: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> int:
        """A sale: goods as (name, kroner a piece, pieces) or a whole `cart`; one Kop of 249 kr. when nothing is said.
        `address` replaces parts of the customer's, `told` are entries of meta_data, `fields` anything of the order.
        Paid when its status says so, unless `paid` says otherwise. Returns its id."""
        if cart is None:
            items = [line if isinstance(line, Item) else _item(*line) for line in lines or (("Kop", 249, 1),)]
            cart = Cart(items, coupons, fees, freight, gift_cards=gift_cards, country=country, exempt=exempt)
        order_id = int(fields.pop("id", 0)) or self.orders.next_id()
        is_paid = status in ("processing", "completed", "refunded") and method != "cod" if paid is None else paid
        buyer = Buyer(email, method, address or {}, told or {})
        moment = gmt(when or self.clock.now())
        order = placed(order_id, cart, self.settings, buyer, self.orders.item_ids, moment, status=status, paid=is_paid)
        return self.orders.put(order | fields)

    def change(self, order_id: int, *, touch: bool = True, when: datetime | None = None, **fields: Any) -> None:
        """Changes fields of an order. A status brings its dates and, "refunded", a refund of all that is left, without
        lines. `touch=False` leaves the time of the change as it was, as a line that is saved alone does."""
        order = self._order(order_id) | fields
        moment = gmt(when or self.clock.now())
        status = fields.get("status")
        paid_by = "completed" if order.get("payment_method") == "cod" else "processing"
        if status in (paid_by, "completed") and not order.get("date_paid_gmt") and "date_paid_gmt" not in fields:
            order["date_paid_gmt"] = moment
        if status == "completed" and not order.get("date_completed_gmt"):
            order["date_completed_gmt"] = moment
        if touch and "date_modified_gmt" not in fields:
            order["date_modified_gmt"] = moment
        self.orders.put(order)
        if status == "refunded" and (left := self._left(order)) > 0:
            self._keep_refund(order, left, {}, "Order fully refunded.", moment, whole=True)

    def refund(
        self,
        order_id: int,
        lines: Mapping[int | str, int] | None = None,
        amount: Decimal | int | str | None = None,
        *,
        freight: bool = False,
        fees: bool = False,
        reason: str = "",
        money_sent: bool = False,
        when: datetime | None = None,
    ) -> int:
        """Refunds pieces of lines (by the line's id or name), freight, fees, or an `amount` alone; nothing said is all
        that is left, without lines. An `amount` wins over what the lines come to. Returns the refund's id."""
        order = self._order(order_id)
        rows = self._refunded(order, lines or {}, {"shipping_lines": freight, "fee_lines": fees})
        moment = gmt(when or self.clock.now())
        if amount is not None:
            given = Decimal(amount)
        elif rows:
            both = [line for kind in _TAXED for line in rows.get(kind, [])]
            given = -sum((Decimal(line["total"]) + _vat_of(line) for line in both), ZERO)
        else:
            given = self._left(order)
        given = rounded(given, self.settings.decimals)
        refund_id = self._keep_refund(
            order, given, rows, reason, moment, whole=not rows and given >= self._left(order), money_sent=money_sent
        )
        if self._left(order) <= 0:
            order["status"] = "refunded"
        self.orders.put(order | {"date_modified_gmt": moment})
        return refund_id

    def delete_refund(self, refund_id: int) -> None:
        """Deletes a refund; its order is not touched (facts.md's chapter WooCommerce)."""
        self.orders.delete_refund(refund_id)

    def delete(self, order_id: int) -> None:
        """Deletes an order for good: nothing answers by its id any more."""
        self.orders.delete(order_id)

    def trash(self, order_id: int) -> None:
        """Puts an order into the trash: lists hide it, by its id it still answers."""
        self.change(order_id, status="trash")

    def line_ids(self, order_id: int) -> list[int]:
        """The ids of an order's lines of goods."""
        return [line["id"] for line in self._order(order_id)["line_items"]]

    def _order(self, order_id: int) -> Raw:
        order = self.orders.get(order_id)
        if order is None:
            raise KeyError(order_id)
        return order

    def _left(self, order: Mapping[str, Any]) -> Decimal:
        """What is not refunded yet."""
        refunds = self.orders.refunds_of(order["id"])
        return Decimal(order["total"]) - sum((Decimal(refund["amount"]) for refund in refunds), ZERO)

    def _refunded(self, order: Raw, lines: Mapping[int | str, int], whole: Mapping[str, bool]) -> dict[str, list[Raw]]:
        """The lines of a refund, all below 0. VAT is rounded, net is not: the owner's screen does so, and their sum may
        be an øre more than the order (facts.md's chapter WooCommerce)."""
        goods = []
        for wanted, pieces in lines.items():
            line = next(one for one in order["line_items"] if wanted in (one["id"], one["name"]))
            share = Decimal(-pieces) / line["quantity"]
            row = {key: value for key, value in line.items() if key not in ("meta_data", "price")}
            goods.append(self._part(row, share) | {"quantity": -pieces})
            goods[-1]["meta_data"] = [self._refunded_item(line)]
        rows = {"line_items": goods} if goods else {}
        for kind in (kind for kind, wanted in whole.items() if wanted and order[kind]):
            rows[kind] = [
                self._part(line, Decimal(-1)) | {"meta_data": [self._refunded_item(line)]} for line in order[kind]
            ]
        return rows

    def _part(self, line: Raw, share: Decimal) -> Raw:
        """A line's share, with an id of its own."""
        part = deepcopy(line) | {"id": next(self.orders.item_ids)}
        for key in ("subtotal", "total", "amount"):
            if part.get(key):
                part[key] = plain(rounded(Decimal(part[key]) * share, 6))
        for tax in part["taxes"]:
            for key in ("subtotal", "total"):
                if tax.get(key):
                    places = 6 if self.settings.round_at_subtotal else self.settings.decimals
                    tax[key] = plain(rounded(Decimal(tax[key]) * share, places))
        return {key: value for key, value in part.items() if key not in ("subtotal_tax", "total_tax")}

    def _refunded_item(self, line: Raw) -> Raw:
        return meta(next(self.orders.item_ids), "_refunded_item_id", str(line["id"]), shown=True)

    def _keep_refund(
        self,
        order: Raw,
        amount: Decimal,
        rows: Mapping[str, list[Raw]],
        reason: str,
        moment: str,
        *,
        whole: bool,
        money_sent: bool = False,
    ) -> int:
        refund: Raw = {
            "id": self.orders.next_id(),
            "parent_id": order["id"],
            "date_created_gmt": moment,
            "amount": plain(amount),
            "reason": reason,
            "refunded_by": 1,
            "refunded_payment": money_sent,
            "meta_data": [meta(next(self.orders.item_ids), "_refund_type", "full" if whole else "partial")],
            "line_items": rows.get("line_items", []),
            "shipping_lines": rows.get("shipping_lines", []),
            "tax_lines": [],
            "fee_lines": rows.get("fee_lines", []),
        }
        refund["tax_lines"] = list(self._tax_lines(order, refund))
        return self.orders.put_refund(refund)

    def _tax_lines(self, order: Raw, refund: Raw) -> Iterable[Raw]:
        """A refund's VAT by rate, of the rates that its lines name."""
        for rate in order.get("tax_lines", []):
            goods, freight = (
                [
                    Decimal(tax["total"])
                    for kind in kinds
                    for line in refund[kind]
                    for tax in line["taxes"]
                    if tax["id"] == rate["rate_id"] and tax["total"]
                ]
                for kinds in (("line_items", "fee_lines"), ("shipping_lines",))
            )
            if goods or freight:
                sums = {"tax_total": plain(sum(goods, ZERO)), "shipping_tax_total": plain(sum(freight, ZERO))}
                yield rate | {"id": next(self.orders.item_ids)} | sums

    def _told_refund(self, order: Raw, told: Raw) -> Raw:
        """A refund of which only the order's own words are known."""
        moment = order.get("date_modified_gmt") or order.get("date_created_gmt") or _NEVER
        tax = Decimal(str(told.get("total_tax") or 0))
        refund: Raw = {
            "id": told["id"],
            "parent_id": order["id"],
            "date_created_gmt": moment,
            "amount": str(told["total"]).removeprefix("-"),
            "reason": told.get("reason") or "",
            "refunded_by": 1,
            "refunded_payment": False,
            "meta_data": [],
            "line_items": [],
            "shipping_lines": [],
            "tax_lines": [{"id": 0, "tax_total": plain(tax), "shipping_tax_total": "0"}] if tax else [],
            "fee_lines": [],
        }
        return refund

    def put_refunds(self, order_id: int, refunds: Iterable[Raw]) -> None:
        """Keeps refunds as an API told them (`orders/<id>/refunds`), instead of those that the order has."""
        for old in self.orders.refunds_of(order_id):
            self.orders.delete_refund(old["id"])
        for refund in sorted(refunds, key=lambda one: int(one["id"])):
            kept = {key: value for key, value in refund.items() if key not in ("date_created", "_links")}
            self.orders.put_refund(deepcopy(kept) | {"parent_id": order_id})


def _item(name: str, price: Decimal | int | str, quantity: int) -> Item:
    return Item(name, Decimal(price), quantity, sku=name.upper(), product_id=10)


def _vat_of(line: Mapping[str, Any]) -> Decimal:
    return sum((Decimal(tax["total"]) for tax in line["taxes"] if tax["total"]), ZERO)
