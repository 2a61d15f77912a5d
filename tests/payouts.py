"""Orders, what is registered of them, and payouts of them, straight in a store: for tests that need no Dinero."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from dinero.model.documents import OrderKey, State, StoredOrder
from dinero.model.money import DKK, Money
from dinero.model.payouts import Movement, Payout, PayoutLine
from dinero.model.plans import Kind, PlanPayment, document_guid
from dinero.model.settlements import StoredLine
from dinero.store import Store
from factory import make_plan

SHOP = "shoporama"
ACCOUNT = 55100


def sold(
    store: Store,
    number: str,
    ore: int = 24900,
    *,
    order_id: str = "",
    shop: str = SHOP,
    method: str = "Kort",
    placed_on: str = "2026-11-20",
    currency: str = DKK,
    credit_of: str = "",
) -> OrderKey:
    """An order that was read; its id is "i" and the number unless told otherwise."""
    key = OrderKey(shop, order_id or f"i{number}")
    row = StoredOrder(
        *key,
        number=number,
        placed_at=f"{placed_on}T10:00:00+00:00",
        placed_on=placed_on,
        total_ore=ore,
        currency=currency,
        payment_method=method,
        credit_of=credit_of,
        raw="{}",
        state=State.WAITING,
    )
    store.orders.save([row])
    return key


def registered(
    store: Store,
    order: OrderKey,
    ore: int = 24900,
    *,
    account: int = ACCOUNT,
    on: str = "2026-11-20",
    credit_for: str = "",
    amount: Money | None = None,
    generation: int = 1,
) -> str:
    """A booked document of an order with its payment registered, a credit note's with a refund below 0; returns its
    Guid. `amount` is in another currency, `ore` always in kroner."""
    kind = Kind.INVOICE if ore >= 0 else Kind.CREDIT_NOTE
    guid = document_guid("210001", *order, kind, generation)
    told = amount or Money(ore)
    payment = PlanPayment(account, "Webshop salg", told, date.fromisoformat(on), f"{order.id}:{kind}:payment")
    total = Money(abs(told.ore), told.currency)
    plan = replace(make_plan(*order), kind=kind, credit_for=credit_for, payment=payment, total=total)
    stamp = f"{on}T10:00:00+00:00"
    with store.transaction() as db:
        db.execute(
            "insert into documents (organization, source, subject, kind, generation, guid, plan, step, state, "
            "operation_id, created_at, updated_at, invoice_number, payment_guid, current, credit_for, issued_on, "
            "deposit_account, deposit_ore, total_ore, currency) "
            "values ('210001', ?, ?, ?, ?, ?, ?, 'done', 'done', 'test', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *order,
                kind,
                generation,
                guid,
                json.dumps(plan.to_json()),
                stamp,
                stamp,
                f"{generation}{order.id}",
                f"{guid}:payment",
                int(kind is Kind.INVOICE),
                credit_for or None,
                on,
                account,
                ore,
                total.ore,
                total.currency,
            ],
        )
        db.execute(
            "insert into history (at, shop, order_id, event) values (?, ?, ?, 'done')",
            [stamp, *order],
        )
    return guid


def line(
    order: str,
    gross: int = 24900,
    fee: int = 0,
    *,
    kind: Movement | None = None,
    name: str = "",
    sold_for: Money | None = None,
) -> PayoutLine:
    """A sale, or below 0 a refund, of an order."""
    kind = kind or (Movement.SALE if gross >= 0 else Movement.REFUND)
    return PayoutLine(
        0,
        kind,
        name or f"{order}/{gross}",
        Money(gross),
        Money(fee),
        Money(gross + fee),
        order=order,
        sold_for=sold_for,
    )


def read(
    store: Store,
    *lines: PayoutLine,
    on: str = "2026-11-24",
    name: str = "",
    acquirer: str = "clearhaus",
    days: tuple[str, str] | None = None,
) -> int:
    """A payout that was read; returns its row."""
    told = tuple(
        replace(one, row=n, id=f"{on}{name}/{n}/{one.id}" if "/" in one.id else one.id)
        for n, one in enumerate(lines, start=2)
    )
    first, last = (date.fromisoformat(day) for day in days) if days else (None, None)
    payout = Payout(
        acquirer,
        "1234567",
        name or f"p{on}",
        date.fromisoformat(on),
        Money(sum(one.net.ore for one in told)),
        told,
        bank_text=f"CH {name or on}",
        first_day=first,
        last_day=last,
    )
    return store.payouts.add([payout], source="test").new[0]


def states(store: Store, *payouts: int) -> list[str]:
    """The states of all lines, in their order."""
    return [one.state.value for one in lines_of(store, *payouts)]


def lines_of(store: Store, *payouts: int) -> Sequence[StoredLine]:
    """All lines of these payouts."""
    return [one for payout in payouts for one in store.payouts.lines(payout)]
