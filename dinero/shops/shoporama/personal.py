"""What of an order tells who bought it, and the order without that."""

from typing import Any

from dinero.shops.shoporama.fields import FIELDS, LINE_FIELDS

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


def names_in(raw: Any) -> list[str]:
    """What an order calls its customer, in sentences that repeat it. Never raises."""
    if not isinstance(raw, dict):
        return []
    return [value for name in _NAMING for key in FIELDS[name] if isinstance(value := raw.get(key), str)]


def without_customer(raw: Any) -> Any:
    """The order without the customer: only what is known to be about goods, money, VAT and time is left. Never
    raises."""
    if not isinstance(raw, dict):
        return {}
    kept: dict[str, Any] = {}
    for key, value in raw.items():
        if key in FIELDS["lines"]:
            kept[key] = _lines_without(value)
        elif key in _KEPT_KEYS and not isinstance(value, dict | list):
            kept[key] = value
    return kept


def _lines_without(lines: Any) -> Any:
    if isinstance(lines, dict):
        return {key: _lines_without([line])[0] for key, line in lines.items()}
    if not isinstance(lines, list):
        return None
    return [
        {key: value for key, value in line.items() if key in _KEPT_LINE_KEYS} if isinstance(line, dict) else None
        for line in lines
    ]
