"""Connecting to a WooCommerce shop: does the key work, in which way, and if not, why (facts.md, WooCommerce 4).

WooCommerce says the same to a wrong key, to a key that the host removed, and to one that it does not look at because
WordPress does not believe in https. So more is asked until it is known which of them it is.
"""

from collections.abc import Mapping
from typing import Any

from dinero.model.errors import ConnectionStopped, DashboardError, NotFound
from dinero.model.i18n import Text
from dinero.shops import values
from dinero.shops.shop_system import Checked
from dinero.shops.values import Unreadable
from dinero.shops.woocommerce import sentences
from dinero.shops.woocommerce.calls import API, CANNOT_VIEW, NOT_AUTHENTIC, Answer, Calls, error_of
from dinero.shops.woocommerce.signing import BASIC, NOTHING, OAUTH, QUERY, Way

# The oldest order, which stays the same: by it the same shop is known again.
_OLDEST: Mapping[str, str | int] = {"per_page": 1, "orderby": "id", "order": "asc", "dp": 2}
_NEWEST: Mapping[str, str | int] = {"per_page": 1, "orderby": "id", "order": "desc", "dp": 2}
# Nothing was changed after this, so a shop that answers with an order does not know the filter.
_FAR = "2099-01-01T00:00:00"
_CHANGED: Mapping[str, str | int] = {
    "per_page": 1,
    "orderby": "modified",
    "order": "asc",
    "modified_after": _FAR,
    "dates_are_gmt": "true",
}
_WRONG_KEY, _WRONG_SECRET = "ck_" + "0" * 40, "cs_" + "0" * 40


def connect(calls: Calls, keys: Mapping[str, str]) -> Checked:
    """Proves that a key reads orders and that changes can be asked for, and finds the way in which the key goes. Raises
    DashboardError with what is wrong and what to do."""
    calls.way = _working_way(calls, may_be_seen=keys.get("in_query") == "yes")
    told = calls.read("/orders", _OLDEST).told
    if not isinstance(told, list) or not all(isinstance(row, dict) for row in told):
        raise DashboardError(sentences.NO_LIST, detail="GET /orders: no list of orders")
    _check_changes(calls)
    return Checked(_name(calls), calls.base, calls.way.keys, {**told[0], "_dp": 2} if told else None)


def _working_way(calls: Calls, *, may_be_seen: bool) -> Way:
    """The way in which the shop takes the key, the safest first. Raises DashboardError where there is none."""
    answer = _try(calls, Way(BASIC))
    if _is_orders(answer):
        return Way(BASIC)
    if not _is_stranger(answer):
        raise _why_not(calls, Way(BASIC), answer)
    # A signature goes where a header does not, and does not show the secret.
    schemes = ("https", "http") if calls.base.startswith("https:") else ("http",)
    for way in (Way(OAUTH, scheme) for scheme in schemes):
        signed = _try(calls, way)
        if _is_orders(signed):
            return way
        if signed.status == 403 or (signed.code == NOT_AUTHENTIC and _lacks_right(calls, way, signed)):
            raise ConnectionStopped(sentences.RIGHT_MISSING, status=signed.status, code=signed.code)
    if may_be_seen:
        shown = _try(calls, Way(QUERY))
        if _is_orders(shown):
            return Way(QUERY)
        if shown.code == NOT_AUTHENTIC or shown.status == 403:
            raise _why_not(calls, Way(QUERY), shown)
    raise ConnectionStopped(_why_unknown(calls), status=answer.status, code=answer.code)


def _try(calls: Calls, way: Way, *, key: str = "", secret: str = "") -> Answer:
    return calls.ask(f"{API}/orders", _OLDEST, way, key=key, secret=secret)


def _is_orders(answer: Answer) -> bool:
    return answer.status == 200 and isinstance(answer.told, list)


def _is_stranger(answer: Answer) -> bool:
    """Whether WooCommerce did not see who asks."""
    return answer.status == 401 and answer.code == CANNOT_VIEW


def _lacks_right(calls: Calls, way: Way, answer: Answer) -> bool:
    """Whether a key that is refused is right but may not read: a wrong secret is refused in other words, whatever the
    shop's language."""
    wrong = _try(calls, way, secret=_WRONG_SECRET)
    return bool(answer.message) and wrong.code == NOT_AUTHENTIC and wrong.message != answer.message


def _why_not(calls: Calls, way: Way, answer: Answer) -> DashboardError:
    """Why an answer to a key that was seen, or to no key at all, has no orders."""
    status, code = answer.status, answer.code
    if status == 401 and code == NOT_AUTHENTIC:
        text = sentences.RIGHT_MISSING if _lacks_right(calls, way, answer) else sentences.SECRET_WRONG
        return ConnectionStopped(text, status=status, code=code)
    if (status == 404 or 200 <= status < 300) and not answer.is_json:
        return DashboardError(_why_no_api(calls, answer), status=status, detail="no REST API")
    error = error_of(answer, "/orders")
    if isinstance(error, NotFound):
        return DashboardError(error.text, status=status, code=code, detail=error.detail)
    return error or DashboardError(sentences.NO_LIST, status=status, detail="GET /orders: no list")


def _why_no_api(calls: Calls, answer: Answer) -> Text:
    """Why a page came instead of data: WordPress answers under ?rest_route= also where permalinks are off."""
    plain = calls.ask("/", {"rest_route": "/"}, Way(NOTHING))
    if isinstance(plain.told, dict) and "namespaces" in plain.told:
        return sentences.PERMALINKS_OFF
    return sentences.WRONG_ADDRESS if answer.status == 404 else sentences.NO_JSON


def _why_unknown(calls: Calls) -> Text:
    """Which of the three causes it is that the key is not seen."""
    if calls.base.startswith("https:") and _try(calls, Way(QUERY), secret=_WRONG_SECRET).code == NOT_AUTHENTIC:
        return sentences.HEADER_STRIPPED  # the key itself is known
    way = Way(OAUTH, "http")
    known, unknown = _try(calls, way), _try(calls, way, key=_WRONG_KEY)
    both = known.code == unknown.code == NOT_AUTHENTIC
    return sentences.NO_HTTPS if both and known.message != unknown.message else sentences.KEY_REFUSED


def _check_changes(calls: Calls) -> None:
    """Raises DashboardError where the shop can't be asked for what was changed (facts.md, WooCommerce 3.2)."""
    answer = calls.ask(f"{API}/orders", _CHANGED, calls.way)
    if answer.status == 400 or (_is_orders(answer) and answer.told):
        version = _version(calls)
        text = Text(sentences.TOO_OLD_VERSION.message, version=version) if version else sentences.TOO_OLD
        raise DashboardError(text, status=answer.status, code=answer.code, detail="modified_after is not known")
    if (error := error_of(answer, "/orders")) is not None:
        raise error


def _version(calls: Calls) -> str:
    """WooCommerce's version, from its status where the key may read it, else from the newest order."""
    status = calls.ask(f"{API}/system_status", {"_fields": "environment"}, calls.way).told
    environment = status.get("environment") if isinstance(status, dict) else None
    orders = calls.ask(f"{API}/orders", _NEWEST, calls.way).told
    newest = orders[0] if isinstance(orders, list) and orders else None
    told = (row.get("version") for row in (environment, newest) if isinstance(row, dict))
    return next((version for one in told if (version := _text(one))), "")


def _name(calls: Calls) -> str:
    """What the shop calls itself, "" where it does not say."""
    try:
        told = calls.ask("/wp-json/", {"_fields": "name"}, Way(NOTHING)).told
    except DashboardError:
        return ""
    return _text(told.get("name")) if isinstance(told, dict) else ""


def _text(value: Any) -> str:
    try:
        return values.text(value, 60)
    except Unreadable:
        return ""
