"""The commands that keep what is stored and let it go: backup, restore, export, forgetting, and the password."""

import argparse

from dinero.cli.words import say
from dinero.dashboard.dashboard import dashboard as this_dashboard
from dinero.environment import Environment
from dinero.model.i18n import Text
from dinero.safekeeping import backup as safekeeping
from dinero.safekeeping.export import export_everything
from dinero.safekeeping.forgetting import forget_customer
from dinero.store.vault import KEY_FILE


def backup(options: argparse.Namespace) -> int:
    """Writes the whole database to one file."""
    safekeeping.backup(this_dashboard().store, options.file)
    say(
        Text(
            "The backup is {file}. The file {key} is not in it: keep a copy of that in another place.",
            file=str(options.file),
            key=KEY_FILE,
        )
    )
    return 0


def restore(options: argparse.Namespace) -> int:
    """Puts a backup in place of the database."""
    environment = Environment.read()
    restored = safekeeping.restore(
        environment.data_dir, options.file, check=lambda store: store.settings.pin_kind(demo=environment.demo)
    )
    say(Text("The backup with {n} order was restored.", "The backup with {n} orders was restored.", n=restored.orders))
    if restored.kept is not None:
        say(Text("The database as it was before is kept as {file}.", file=str(restored.kept)))
    say(
        Text(
            "Sign in again with the password of that time, then fetch the orders: those that were booked since the "
            "backup are found in Dinero and are not booked again."
        )
    )
    if not restored.secrets_open:
        say(
            Text(
                "The stored keys can't be opened here. Put the file {file} of that time beside the database, or "
                "connect Dinero and the shop again on the set-up page.",
                file=KEY_FILE,
            )
        )
    return 0


def export(options: argparse.Namespace) -> int:
    """Writes everything to a zip of files."""
    export_everything(this_dashboard().store, options.file)
    say(Text("Everything is in {file}. It has names and addresses of customers: keep it safe.", file=str(options.file)))
    return 0


def forget(options: argparse.Namespace) -> int:
    """Removes a customer's data from the finished orders."""
    forgotten = forget_customer(this_dashboard().store, options.email)
    say(
        Text(
            "The customer's data was removed from {n} order.",
            "The customer's data was removed from {n} orders.",
            n=forgotten,
        )
    )
    return 0


def reset_password(options: argparse.Namespace) -> int:
    """Forgets the dashboard's password."""
    this_dashboard().sign_in.forget_password()
    say(Text("The password is reset. Open the dashboard and choose a new one now."))
    return 0
