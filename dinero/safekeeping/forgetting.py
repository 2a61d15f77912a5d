"""A customer who is to be forgotten."""

from collections.abc import Iterable
from dataclasses import replace
from re import Pattern

from dinero.intake.reading import system_of_shop
from dinero.model.documents import FINISHED, Event, State, StoredOrder
from dinero.model.errors import SettingsError
from dinero.model.findings import Finding
from dinero.model.i18n import Text, mask
from dinero.model.plans import Customer, InvoicePlan
from dinero.shops import values
from dinero.shops.shop_system import ShopSystem
from dinero.store import Store

# An order that goes no further. One that may still do so needs its customer.
FORGETTABLE = (*FINISHED, State.IGNORED)


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
    system = system_of_shop(store.settings.load(), order.shop)
    named = mask([order.customer, order.email, *(name for raw in told for name in _names(raw, system))])
    for document in documents:
        reasons = _reasons_without(document.reasons, named)
        kept = replace(
            document, plan=_plan_without(document.plan), raw=_raw_without(document.raw, system), reasons=reasons
        )
        store.documents.forget(kept)
    reason = order.ignored_reason
    store.orders.forget(
        replace(
            order,
            raw=_raw_without(order.raw, system),
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


def _names(raw: str, system: ShopSystem) -> list[str]:
    """What an order calls its customer, in sentences that repeat it."""
    return system.names_in(values.loads(raw)) if raw else []


def _reasons_without(reasons: Iterable[Finding], named: Pattern[str]) -> tuple[Finding, ...]:
    return tuple(
        replace(found, text=found.text.without(named), fix=found.fix and found.fix.without(named)) for found in reasons
    )


def _raw_without(raw: str, system: ShopSystem) -> str:
    """The shop's order without the customer."""
    return values.dumps(system.without_customer(values.loads(raw))) if raw else raw


def _plan_without(plan: InvoicePlan) -> InvoicePlan:
    """What was booked without whom it was for: what decides about VAT is left."""
    customer = plan.customer
    kept = Customer(
        "", "", customer.is_person, country=customer.country, vat_number=customer.vat_number, ean=customer.ean
    )
    return replace(plan, address="", comment="", customer=kept)
