"""A customer who is to be forgotten."""

from collections.abc import Iterable
from dataclasses import replace
from re import Pattern
from typing import Any

from dinero.model.documents import FINISHED, Event, State, StoredOrder
from dinero.model.errors import SettingsError
from dinero.model.findings import Finding
from dinero.model.i18n import Text, mask
from dinero.model.plans import Customer, InvoicePlan
from dinero.shops import values
from dinero.shops.shoporama.fields import FIELDS, LINE_FIELDS
from dinero.store import Store

# An order that goes no further. One that may still do so needs its customer.
FORGETTABLE = (*FINISHED, State.IGNORED)
_PERSONAL = (
    "email",
    "phone",
    "comment",
    "extras",
    *(
        f"{side}_{part}"
        for side in ("billing", "delivery")
        for part in ("name", "company", "street", "zipcode", "city")
    ),
)
# Whatever else the shop sends is removed too: it may be anything, and no figure depends on it.
_KEPT_KEYS = frozenset(key for name, keys in FIELDS.items() if name not in _PERSONAL for key in keys)
_KEPT_LINE_KEYS = frozenset(key for keys in LINE_FIELDS.values() for key in keys)
_NAMING = (
    "email",
    "phone",
    *(f"{side}_{part}" for side in ("billing", "delivery") for part in ("name", "company", "street")),
)


def forget_customer(store: Store, email: str) -> int:
    """Removes name, e-mail, addresses, phone and comments of a customer; returns how many orders had them.

    Numbers, amounts, dates, VAT figures and the history stay. Raises SettingsError while an order of the customer
    is not finished, and then nothing is removed.
    """
    email = email.strip()
    if not email:
        raise SettingsError(Text("Write the customer's e-mail."))
    with store.transaction():
        orders = list(reversed(store.orders.of_customer(email, states=(), limit=-1)))
        unfinished = [order.number or order.id for order in orders if not _is_finished(store, order)]
        if unfinished:
            text = Text(
                "These orders of the customer are not finished: {orders}. Transfer them, leave them out, or "
                "decide about their change first. Nothing was removed.",
                orders=", ".join(unfinished[:10]),
            )
            raise SettingsError(text)
        for order in orders:
            _forget(store, order)
        if store.contacts.forget(email) or orders:
            store.reconciliations.forget()  # it lists customers, and it can be made again
            text = Text(
                "The customer's data was removed from {n} order.",
                "The customer's data was removed from {n} orders.",
                n=len(orders),
            )
            store.history.add(Event("customer forgotten", text, detail={"orders": [order.id for order in orders]}))
    store.merge_log()
    return len(orders)


def _is_finished(store: Store, order: StoredOrder) -> bool:
    settled = order.state in FORGETTABLE and order.change is None and not order.rebook
    return settled and not store.operations.is_busy(order.key)


def _forget(store: Store, order: StoredOrder) -> None:
    documents = store.documents.of(order.key)
    # Sentences may repeat the name as the order has it now, or as it was booked.
    told = [order.raw, *(document.raw for document in documents)]
    named = mask([order.customer, order.email, *(name for raw in told for name in _names(raw))])
    for document in documents:
        reasons = _reasons_without(document.reasons, named)
        kept = replace(document, plan=_plan_without(document.plan), raw=_raw_without(document.raw), reasons=reasons)
        store.documents.forget(kept)
    reason = order.ignored_reason
    store.orders.forget(
        replace(
            order,
            raw=_raw_without(order.raw),
            reasons=_reasons_without(order.reasons, named),
            ignored_reason=None if reason is None else named.sub("…", reason),
        )
    )
    store.consultations.forget(order.key)
    for operation in store.operations.of(order.key):
        store.operations.reword(operation.id, named.sub("…", operation.detail))
        for result in store.operations.orders_of(operation.id):
            if result.key == order.key and result.result is not None:
                reasons = _reasons_without(result.result_reasons, named)
                store.operations.finish_order(operation.id, order.key, result.result, reasons)


def _names(raw: str) -> list[str]:
    """What an order calls its customer, in sentences that repeat it."""
    told = values.loads(raw) if raw else None
    if not isinstance(told, dict):
        return []
    return [value for name in _NAMING for key in FIELDS[name] if isinstance(value := told.get(key), str)]


def _reasons_without(reasons: Iterable[Finding], named: Pattern[str]) -> tuple[Finding, ...]:
    return tuple(
        replace(found, text=found.text.without(named), fix=found.fix and found.fix.without(named)) for found in reasons
    )


def _raw_without(raw: str) -> str:
    """The shop's order without the customer: only what is known to be about goods, money, VAT and time is left."""
    if not raw:
        return raw
    told = values.loads(raw)
    if not isinstance(told, dict):
        return "{}"
    kept: dict[str, Any] = {}
    for key, value in told.items():
        if key in FIELDS["lines"]:
            kept[key] = _lines_without(value)
        elif key in _KEPT_KEYS and not isinstance(value, dict | list):
            kept[key] = value
    return values.dumps(kept)


def _lines_without(lines: Any) -> Any:
    if isinstance(lines, dict):
        return {key: _lines_without([line])[0] for key, line in lines.items()}
    if not isinstance(lines, list):
        return None
    return [
        {key: value for key, value in line.items() if key in _KEPT_LINE_KEYS} if isinstance(line, dict) else None
        for line in lines
    ]


def _plan_without(plan: InvoicePlan) -> InvoicePlan:
    """What was booked without whom it was for: what decides about VAT is left."""
    customer = plan.customer
    kept = Customer(
        "", "", customer.is_person, country=customer.country, vat_number=customer.vat_number, ean=customer.ean
    )
    return replace(plan, address="", comment="", customer=kept)
