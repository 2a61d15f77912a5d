"""What several parts of the store compare, for a hundred thousand rows at a time."""

_BETWEEN = " || char(31) || "

# A refund is of the order whose invoice is credited, as the acquirer tells it, also where the shop has made the return
# an order of its own.
OF_INVOICE = "left join documents i on i.guid = d.credit_for"
SHOP, ORDER = "coalesce(i.source, d.source)", "coalesce(i.subject, d.subject)"
# All that is registered on an account; it is read from an index alone, which has the rest of the condition.
IS_REGISTERED = "d.payment_guid is not null and d.deposit_account is not null and d.deposit_on is not null"
REGISTERED = (
    f"from documents d indexed by documents_registered_by_day {OF_INVOICE} where d.organization = :organization "
    f"and d.deposit_account = :account and {IS_REGISTERED}"
)
# All postings on an account but what years began with.
ENTRIES = "from ledger_entries e where e.organization = :organization and e.account = :account and e.is_primo = 0"


def order_key(shop: str, order_id: str) -> str:
    """Which order it is of, as one text."""
    return _BETWEEN.join([shop, order_id])
