"""The commands about shops: list them, add one, pause, resume or remove one."""

import argparse

from dinero.cli.words import language, print_json, say
from dinero.dashboard.dashboard import dashboard as this_dashboard
from dinero.dashboard.shops import ShopStatus
from dinero.model.clock import utc_text
from dinero.model.i18n import Text


def list_shops(options: argparse.Namespace) -> int:
    """Lists all shops, removed ones too: their orders are still here."""
    found = [_json(status) for status in this_dashboard().shops.statuses()]
    if options.json:
        print_json(found)
        return 0
    for row in found:
        told = (row["shop"], row["system"], row["name"], row["state"], row["orders"], row["fetched_at"], row["reason"])
        print("\t".join(str(value or "") for value in told))
    return 0


def _json(status: ShopStatus) -> dict[str, str | int | None]:
    shop = status.shop
    return {
        "shop": shop.name,
        "system": shop.system,
        "name": shop.title,
        "state": shop.state.value,
        "orders": status.orders,
        "fetched_at": utc_text(status.fetched_at) if status.fetched_at else None,
        "reason": status.reason.render(language()) if status.reason else "",
    }


def add(options: argparse.Namespace) -> int:
    """Adds the shop that the environment names."""
    shop = this_dashboard().set_up.add_shop(options.system, title=options.name or "")
    say(Text("The shop {webshop} is connected as “{name}”.", webshop=shop.title, name=shop.name))
    return 0


def pause(options: argparse.Namespace) -> int:
    """Pauses a shop."""
    shops = this_dashboard().shops
    say(Text("The shop {webshop} is paused.", webshop=shops.pause(shops.named(options.shop).name).title))
    return 0


def resume(options: argparse.Namespace) -> int:
    """Takes a paused shop up again."""
    shops = this_dashboard().shops
    say(Text("The shop {webshop} goes on.", webshop=shops.resume(shops.named(options.shop).name).title))
    return 0


def remove(options: argparse.Namespace) -> int:
    """Removes a shop; what was booked stays."""
    shops = this_dashboard().shops
    say(Text("The shop {webshop} was removed.", webshop=shops.remove(shops.named(options.shop).name).title))
    return 0
