"""Backup and restore. The key for the secrets (secret.key) is in no backup."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dinero.intake.fetching import CURSOR, SCAN, SCANNED
from dinero.model.clock import COPENHAGEN, Clock, utc_text
from dinero.model.documents import Event
from dinero.model.errors import SettingsError
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.signin.sessions import GENERATIONS
from dinero.store import Store, files
from dinero.store.database import DatabaseMistake
from dinero.store.look_ups import RESTORED, of_shop
from dinero.store.migrations import migrations
from dinero.store.vault import Vault

OURS = frozenset({"settings", "secrets", "orders", "documents", "operations", "operation_orders", "history"})
FOREIGN = Text("{file} is not a database of the dashboard. Choose a file that the dashboard's backup made.")
BROKEN_BACKUP = Text("The backup {file} is damaged. Choose an older one.")
DAMAGED = Text(
    "The database is damaged, so nothing was saved. Keep your earlier backups and restore the newest of them."
)
TAKEN = Text("There is already something with the name {file}. Choose another name.")
UNWRITABLE = Text("{file} can't be written. Check the folder, your right to write there, and the space on the disk.")
STOPPED = Text("A backup was restored while this transfer was under way. Transfer the orders again.")


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A draft beside `target` that gets its name, and rights for the owner alone, when it is whole."""
    if os.path.lexists(target):
        raise SettingsError(Text(TAKEN.message, file=target.name))
    try:
        with TemporaryDirectory(dir=target.parent, prefix=".draft-") as folder:
            draft = Path(folder) / "draft"
            yield draft
            draft.chmod(0o600)
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            # Whoever makes the name owns it, so that nothing of somebody else's is replaced.
            os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
            os.replace(draft, target)
    except FileExistsError:
        raise SettingsError(Text(TAKEN.message, file=target.name)) from None
    except OSError as error:
        raise SettingsError(Text(UNWRITABLE.message, file=target.name), detail=type(error).__name__) from error


# --- backup and restore ----------------------------------------------------------------------------------


def backup(store: Store, target: Path) -> None:
    """Writes the whole database to `target` as one file, while others may work in it.

    Raises SettingsError when the name is taken or can't be written, or the database is damaged.
    """
    with new_file(target) as draft:
        try:
            files.copy(store.path, draft)
            whole = files.is_whole(draft)
        except DatabaseMistake:
            whole = False
        if not whole:
            raise SettingsError(DAMAGED)


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored folder: `orders` are in it, the database as it was before is the file `kept` (None for none), and
    `secrets_open` says whether the folder's key opens the connections' secrets."""

    orders: int
    kept: Path | None
    secrets_open: bool


def restore(
    folder: Path, source: Path, *, clock: Clock | None = None, check: Callable[[Store], None] = lambda store: None
) -> Restored:
    """Puts a backup in place of the folder's database, for other processes in one step.

    All sessions are ended, pushes that were under way are stopped, and the next fetch reads everything: what was
    booked since the backup is found in Dinero by its Guid. `check` may refuse the backup by raising.
    Raises SettingsError when the file is no backup, damaged, or newer than this program; nothing is changed then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    live = folder / "dinero.db"
    with TemporaryDirectory(dir=folder, prefix=".restore-") as place:
        draft = Path(place) / live.name
        _take_in(source, draft)
        try:
            prepared = Store(Path(place), clock=clock)
            check(prepared)
            _prepare(prepared, source.name)
            orders = prepared.orders.count()
            prepared.close()
            files.make_one_file(draft)
        except DatabaseMistake as error:
            raise SettingsError(Text(FOREIGN.message, file=source.name), detail=str(error)) from error
        kept = _free_name(prepared, folder) if live.exists() else None
        try:
            _replace(live, draft, kept)
        except (DatabaseMistake, OSError) as error:
            raise SettingsError(Text(UNWRITABLE.message, file=live.name), detail=str(error)) from error
    store = Store(folder, clock=clock)
    return Restored(orders, kept, _secrets_open(store))


def _take_in(source: Path, draft: Path) -> None:
    """Copies the backup and checks that it is whole, ours, and not newer than this program."""
    try:
        files.copy(source, draft)
        if not files.is_whole(draft):
            raise SettingsError(Text(BROKEN_BACKUP.message, file=source.name))
        tables, applied = files.tables(draft), files.steps(draft)
    except DatabaseMistake as error:
        text = BROKEN_BACKUP if files.is_damaged(error) else FOREIGN
        raise SettingsError(Text(text.message, file=source.name), detail=str(error)) from error
    if not applied or not tables >= OURS:
        raise SettingsError(Text(FOREIGN.message, file=source.name))
    if not applied <= set(migrations.names):
        text = Text(
            "The backup {file} was made by a newer version of the dashboard. Update the dashboard first.",
            file=source.name,
        )
        raise SettingsError(text)


def _prepare(store: Store, name: str) -> None:
    """What no longer holds in a database of yesterday: sessions, leases, pushes, and where the fetch had come to."""
    with store.transaction():
        store.sessions.end(GENERATIONS)
        store.leases.clear()
        store.states.clear()
        for shop in store.shops.all():
            for name in (CURSOR, SCANNED, SCAN):
                store.look_ups.put(of_shop(shop, name), None)
        store.operations.stop_all([Finding("restored", STOPPED)])
        text = Text(
            "The backup {file} was restored. What was done here since it was made is not in this history.", file=name
        )
        store.history.add(Event("restored", text))
    # Not the simulated or coarse time alone: two restores are two.
    store.look_ups.put(RESTORED, [utc_text(store.clock.now()), os.urandom(8).hex()])


def _free_name(store: Store, folder: Path) -> Path:
    moment = store.clock.now().astimezone(COPENHAGEN).strftime("%Y-%m-%d-%H%M%S")
    names = (f"before-restore-{moment}{end}.db" for end in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(path for name in names if not os.path.lexists(path := folder / name))


def _replace(live: Path, draft: Path, kept: Path | None) -> None:
    """Keeps the present database under `kept` and writes the draft over it."""
    try:
        if kept is not None:
            files.copy(live, kept)
        files.copy(draft, live, one_file=False)
    except DatabaseMistake as error:
        if kept is None or not files.is_unreadable(error):
            raise
        # Damaged beyond reading, so nobody works in it.
        files.put_aside(live, kept)
        os.replace(draft, live)
    live.chmod(0o600)
    if kept is not None:
        kept.chmod(0o600)


def _secrets_open(store: Store) -> bool:
    try:
        vault = Vault(store)
        for name in store.secrets.names():
            vault.get(name)
    except SettingsError:
        return False
    return True
