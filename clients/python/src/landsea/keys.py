"""Key files: one Ed25519 key each, in the form of the `landsea` command.

- A key file is created with mode 0600 and never overwritten.
- A file that group or others may read is refused, because its key must be taken as known.
- No message shows the secret half.
"""

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .crypto import SecretKey, unhex

KINDS = ("ledger", "validator", "network")


class KeyFileError(ValueError):
    """A key file that cannot be used; the message names the file and what to do."""


@dataclass(frozen=True)
class Identity:
    """Who acts: an account (64 hex digits), the index of its key in the party's record, and the key."""

    account: str
    secret: SecretKey
    key: int = 0


@dataclass(frozen=True)
class KeyFile:
    """A key with its purpose and, once the party is onboarded, its account."""

    kind: str
    secret: SecretKey
    account: str | None = None
    index: int = 0

    @classmethod
    def generate(cls, kind: str = "ledger") -> "KeyFile":
        """A new key; nothing is written yet."""
        return cls(kind, SecretKey.generate())

    @classmethod
    def load(cls, path: str | Path, kind: str | None = None) -> "KeyFile":
        """Reads a file, which must hold a key of the given kind where one is named. Raises `KeyFileError` or `OSError`."""
        path = Path(path)
        mode = stat.S_IMODE(path.stat().st_mode)
        if os.name == "posix" and mode & 0o077:
            raise KeyFileError(f"key file {path} may be read by others (mode {mode:04o}); run `chmod 600 {path}`")
        try:
            key = cls._parse(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            # The parser's own message could quote the secret.
            known = str(error) if isinstance(error, KeyFileError) else "not the JSON of a key file"
            raise KeyFileError(f"{path} is not a key file: {known}") from None
        if kind is not None and key.kind != kind:
            raise KeyFileError(f"key file {path} holds a {key.kind} key, a {kind} key is needed")
        return key

    @classmethod
    def _parse(cls, stored: Any) -> "KeyFile":
        known = {"kind", "public_key", "secret_key", "account", "index"}
        if not isinstance(stored, dict) or not {"kind", "public_key", "secret_key"} <= set(stored) <= known:
            raise KeyFileError("fields are missing or unknown")
        kind, account, index = stored["kind"], stored.get("account"), stored.get("index", 0)
        if kind not in KINDS or type(index) is not int or not 0 <= index < 2**16:
            raise KeyFileError("`kind` or `index` is out of range")
        secret = SecretKey(unhex(stored["secret_key"], 32))
        if secret.public != unhex(stored["public_key"], 32):
            raise KeyFileError("public_key does not belong to secret_key")
        return cls(kind, secret, None if account is None else unhex(account, 32).hex(), index)

    def create(self, path: str | Path) -> None:
        """Writes a new file with mode 0600; `FileExistsError` when there is one already."""
        write_private(path, self._to_json())

    def replace(self, path: str | Path) -> None:
        """Replaces an existing file in one step, for storing the account."""
        beside = Path(f"{path}.new")
        self.create(beside)
        beside.replace(path)

    def identity(self, account: str | None = None) -> Identity:
        """The identity that the file stands for; `account` overrides the one it names."""
        account = account or self.account
        if account is None:
            raise KeyFileError("the key file names no account; name it, or store it with `landsea key bind`")
        return Identity(account, self.secret, self.index)

    def _to_json(self) -> str:
        stored: dict[str, Any] = {
            "kind": self.kind,
            "public_key": self.secret.public.hex(),
            "secret_key": self.secret.to_seed().hex(),
        }
        if self.account is not None:
            stored["account"] = self.account
        if self.index:
            stored["index"] = self.index
        return json.dumps(stored, indent=2) + "\n"


def write_private(path: str | Path, text: str) -> None:
    """Writes a new file that only its owner may read: keys, salts."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
