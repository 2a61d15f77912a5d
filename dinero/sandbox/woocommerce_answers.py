"""What the sandbox's WooCommerce says of itself: the index of its API, settings, rates and ways to pay."""

from collections.abc import Sequence

from dinero.sandbox.woocommerce_cart import Rate, Settings
from dinero.sandbox.woocommerce_json import Raw

# (id, title, whether it is switched on), as the owner typed the titles
GATEWAYS = (
    ("bacs", "Bankoverførsel", True),
    ("cheque", "Check payments", False),
    ("cod", "Efterkrav", True),
    ("quickpay", "Betalingskort", True),
    ("mobilepay", "MobilePay", True),
)
_ALLOWED = ("GET", "POST", "PUT", "PATCH", "DELETE")


def index(name: str, address: str) -> Raw:
    """The API's index, which needs no key."""
    spaces = ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wc/store/v1", "wp/v2"]
    return {
        "name": name,
        "description": "",
        "url": address,
        "home": address,
        "gmt_offset": 1,
        "timezone_string": "Europe/Copenhagen",
        "namespaces": spaces,
        "authentication": {},
        "routes": {f"/{space}": {"namespace": space, "methods": ["GET"]} for space in spaces},
        "_links": {"help": [{"href": "https://developer.wordpress.org/rest-api/"}]},
    }


def settings_of(group: str, settings: Settings, address: str) -> list[Raw] | None:
    """The settings of a group; None for a group that there is not."""
    if group == "tax":
        values = {
            "woocommerce_prices_include_tax": _word(settings.prices_include_tax),
            "woocommerce_tax_based_on": "shipping",
            "woocommerce_shipping_tax_class": "inherit",
            "woocommerce_tax_round_at_subtotal": _word(settings.round_at_subtotal),
            "woocommerce_tax_classes": "",
            "woocommerce_tax_display_shop": "excl",
            "woocommerce_tax_display_cart": "excl",
            "woocommerce_price_display_suffix": "",
            "woocommerce_tax_total_display": "itemized",
        }
    elif group == "general":
        values = {
            "woocommerce_store_address": "Prøvevej 1",
            "woocommerce_store_city": "København Ø",
            "woocommerce_default_country": settings.country,
            "woocommerce_store_postcode": "2100",
            "woocommerce_calc_taxes": _word(settings.calc_taxes),
            "woocommerce_enable_coupons": "yes",
            "woocommerce_currency": settings.currency,
            "woocommerce_currency_pos": "right_space",
            "woocommerce_price_thousand_sep": ".",
            "woocommerce_price_decimal_sep": ",",
            "woocommerce_price_num_decimals": str(settings.decimals),
        }
    else:
        return None
    return [_setting(group, key, value, address) for key, value in values.items()]


def tax_rates(rates: Sequence[Rate], address: str) -> list[Raw]:
    """The VAT rates, with four decimals."""
    return [
        {
            "id": rate.id,
            "country": rate.country,
            "state": "",
            "postcode": "",
            "city": "",
            "rate": f"{rate.percent:.4f}",
            "name": rate.label,
            "priority": 1,
            "compound": False,
            "shipping": rate.on_freight,
            "order": 1,
            "class": rate.tax_class or "standard",
            "postcodes": [],
            "cities": [],
            "_links": _links(f"{address}/wp-json/wc/v3/taxes", rate.id),
        }
        for rate in rates
    ]


def gateways(address: str) -> list[Raw]:
    """The ways to pay, those that are switched off too."""
    return [
        {
            "id": key,
            "title": title,
            "description": "",
            "order": place,
            "enabled": is_on,
            "method_title": title,
            "method_description": "",
            "method_supports": ["products"],
            "settings": {},
            "_links": _links(f"{address}/wp-json/wc/v3/payment_gateways", key),
        }
        for place, (key, title, is_on) in enumerate(GATEWAYS)
    ]


def _setting(group: str, key: str, value: str, address: str) -> Raw:
    return {
        "id": key,
        "label": key.removeprefix("woocommerce_").replace("_", " ").capitalize(),
        "description": "",
        "type": "checkbox" if value in ("yes", "no") else "text",
        "default": "",
        "value": value,
        "_links": _links(f"{address}/wp-json/wc/v3/settings/{group}", key),
    }


def _links(above: str, key: int | str) -> Raw:
    return {
        "self": [{"href": f"{above}/{key}", "targetHints": {"allow": list(_ALLOWED)}}],
        "collection": [{"href": above}],
    }


def _word(is_on: bool) -> str:
    return "yes" if is_on else "no"
