"""What is compared whole, for a hundred thousand rows at a time: SQL that makes one text of several columns."""

_BETWEEN = " || char(31) || "


def tie_key(day: str, ore: str, number: str) -> str:
    """What a sale and its posting have in common: day, øre, and the invoice's number as the voucher's."""
    return _BETWEEN.join([day, ore, f"coalesce({number}, '')"])


def day_and_ore(key: str) -> tuple[str, int]:
    """The day and the øre of a `tie_key`."""
    day, ore, _ = key.split("\x1f", 2)
    return day, int(ore)


def order_key(shop: str, order_id: str) -> str:
    """Which order it is of."""
    return _BETWEEN.join([shop, order_id])


def line_key(shop: str, order_id: str, ore: str) -> str:
    """What a sale or refund and a payout's line of it have in common: order and øre."""
    return _BETWEEN.join([shop, order_id, ore])
