"""The genesis file: what a verifier must have from a source it trusts. Its hash is the chain id."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .codec import CODEC, CodecError
from .crypto import is_weak, unhex

SUITE: str = CODEC.constants["suite"]
MEMBERS_MAX: int = CODEC.constants["bounds"]["members"]
_OPTIONAL: dict[str, Any] = {"parameters": {}, "features": [], "templates": [], "travel": []}


class GenesisError(ValueError):
    """A file that is no genesis; the message names the first defect."""


@dataclass(frozen=True)
class Genesis:
    """A chain's members and parameters. `validators` are the keys of the founding members by index, ascending."""

    chain_id: bytes
    members: list[dict[str, Any]] = field(repr=False)
    parameters: dict[str, int] = field(repr=False)
    validators: dict[int, bytes] = field(repr=False)

    @classmethod
    def load(cls, path: str | Path) -> "Genesis":
        """Reads and checks a genesis file."""
        return cls.from_json(Path(path).read_text(encoding="utf-8"))

    @classmethod
    def from_json(cls, text: str) -> "Genesis":
        """Reads and checks a genesis file's text; `GenesisError` names the first defect."""
        try:
            value = json.loads(text)
            if not isinstance(value, dict):
                raise GenesisError("expected one JSON object")
            chain_id = CODEC.hash("genesis", _OPTIONAL | value)
        except (CodecError, json.JSONDecodeError) as error:
            raise GenesisError(f"not a genesis: {error}") from None
        if value["suite"] != SUITE:
            raise GenesisError(f"suite {value['suite']!r} is not supported; this client knows {SUITE!r}")
        members = value["members"]
        _check_members(members)
        validators = {member["index"]: unhex(member["validator_key"]) for member in members}
        return cls(chain_id, members, value.get("parameters", {}), validators)

    def member(self, index: int) -> dict[str, Any] | None:
        """The entry of a member."""
        return self.members[index - 1] if 1 <= index <= len(self.members) else None

    @property
    def clock_drift_ms(self) -> int:
        """How far a block's time may lie ahead of the verifier's clock."""
        drift: int = self.parameters.get("clock_drift_ms", CODEC.constants["parameters"]["clock_drift_ms"])
        return drift


def _check_members(members: list[dict[str, Any]]) -> None:
    if not 4 <= len(members) <= MEMBERS_MAX:
        raise GenesisError(f"{len(members)} members; a network needs 4 to {MEMBERS_MAX}")
    for position, member in enumerate(members, 1):
        index = member["index"]
        if index != position:
            raise GenesisError(f"member {index}: indices must count up from 1")
        if not re.fullmatch(r"[a-z0-9]{2,8}", member["code"]):
            raise GenesisError(f"member {index}: the code must be 2 to 8 lower-case letters or digits")
        if any(is_weak(unhex(member[key])) for key in ("validator_key", "network_key", "branch_key")):
            raise GenesisError(f"member {index}: a key is malformed or weak")
    for name in ("code", "validator_key", "network_key"):
        if len({member[name].lower() for member in members}) != len(members):
            raise GenesisError(f"a {name} stands twice")
