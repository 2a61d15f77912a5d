"""Secrets at rest: encrypted with a key that lies outside the database."""

import contextlib
import hashlib
import hmac
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.store import Store

KEY_FILE = "secret.key"


class Vault:
    """Reads and writes the store's secrets. The key is DINERO_SECRET_KEY or the file secret.key (0600)."""

    def __init__(self, store: Store, key: str | None = None) -> None:
        self._store = store
        self._key = (key or os.environ.get("DINERO_SECRET_KEY") or _key_of(store.folder)).encode()
        try:
            self._fernet = Fernet(self._key)
        except ValueError as error:
            raise SettingsError(
                Text(
                    "The key for the stored secrets is not valid. Restore the file {file} from a "
                    "backup, or remove it and connect again.",
                    file=KEY_FILE,
                )
            ) from error

    def get(self, name: str) -> Any:
        """A secret (JSON value), or None. Raises SettingsError when the key does not open it."""
        sealed = self._store.secrets.get(name)
        return None if sealed is None else json.loads(self.unseal(sealed))

    def put(self, name: str, value: Any) -> None:
        """Stores a secret (JSON value); None forgets it."""
        self._store.secrets.put(name, None if value is None else self.seal(json.dumps(value).encode()))

    def seal(self, plain: bytes) -> bytes:
        """Encrypts and signs."""
        return self._fernet.encrypt(plain)

    def unseal(self, sealed: bytes) -> bytes:
        """Opens what `seal` closed. Raises SettingsError."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise SettingsError(
                Text(
                    "The stored secrets can't be opened with this key. Restore the file {file} from "
                    "a backup, or connect again.",
                    file=KEY_FILE,
                )
            ) from error

    def derive(self, purpose: str) -> str:
        """A key for another purpose (signing cookies), which tells nothing of the key itself."""
        return hmac.new(self._key, purpose.encode(), hashlib.sha256).hexdigest()


def _key_of(folder: Path) -> str:
    path = folder / KEY_FILE
    if not path.exists():
        # Linked into place when it is whole: of two starters, one key wins and both read it.
        descriptor, draft = tempfile.mkstemp(dir=folder, prefix=".key-")
        try:
            os.write(descriptor, Fernet.generate_key())
            os.fsync(descriptor)
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            os.close(descriptor)
            os.unlink(draft)
    return path.read_text().strip()
