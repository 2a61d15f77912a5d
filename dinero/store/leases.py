"""The right to work alone."""

import os
import socket
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from dinero.store.database import Part


class LeaseLost(Exception):
    """Somebody else works for this name now; the holder must stop before its next write."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work alone under a name, until it expires or is given back."""

    name: str
    owner: str
    seconds: float


class Leases(Part):
    """Who works alone under which name."""

    def acquire(self, name: str, *, seconds: float) -> Lease | None:
        """The lease, or None while somebody else holds it. A holder whose process has died holds nothing."""
        owner = f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex}"
        now = self._database.clock.now()
        with self._database.transaction() as db:
            row = next(iter(db.query("select owner, expires_at from leases where name = ?", [name])), None)
            if row and datetime.fromisoformat(row["expires_at"]) > now and not _has_died(row["owner"]):
                return None
            db.execute(
                "insert into leases values (?, ?, ?) on conflict do update set owner = excluded.owner, "
                "expires_at = excluded.expires_at",
                [name, owner, (now + timedelta(seconds=seconds)).isoformat()],
            )
        return Lease(name, owner, seconds)

    def renew(self, lease: Lease, *, extra: float = 0.0) -> None:
        """Keeps the lease for its seconds and `extra` more. Raises LeaseLost; the transaction around it is undone."""
        expires = (self._database.clock.now() + timedelta(seconds=lease.seconds + extra)).isoformat()
        with self._database.transaction() as db:
            cursor = db.execute(
                "update leases set expires_at = ? where name = ? and owner = ?", [expires, lease.name, lease.owner]
            )
            if cursor.rowcount != 1:
                raise LeaseLost(lease.name)

    def release(self, lease: Lease) -> None:
        """Gives the lease back."""
        with self._database.transaction() as db:
            db.execute("delete from leases where name = ? and owner = ?", [lease.name, lease.owner])


def _has_died(owner: str) -> bool:
    """Whether a lease's owner was a process of this machine that no longer runs."""
    host, pid, _ = owner.split("/", 2)
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
