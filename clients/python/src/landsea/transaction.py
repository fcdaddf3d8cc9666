"""Building transactions that several firms sign.

A `Draft` is the file that passes between the parties: the sender states operations, every other party signs a consent over exactly
that operation of exactly that sender, and the sender attaches the consents and signs. Operations are in their JSON form,
`{"operation": "pledge.reserve", "args": {..}}`; `landsea operations NAME` shows what one wants.
"""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from .codec import CODEC
from .crypto import hash_bytes, unhex
from .keys import Identity

VALID_HEIGHTS = 200
CONSENT_MS = 24 * 60 * 60 * 1000
_BOUNDS: dict[str, int] = CODEC.constants["bounds"]

Json = dict[str, Any]


class DraftError(ValueError):
    """A draft that the ledger would refuse whatever its state, or a consent that does not belong to it."""


def operation(name: str, **args: Any) -> Json:
    """An operation by its name and arguments."""
    return {"operation": name, "args": args}


def created_id(domain: str, transaction: str, index: int = 0) -> str:
    """The id of the `index`-th object that a transaction creates, counted over all kinds (`party`, `doc`, `lot`, `pledge`, ..)."""
    prefix = CODEC.constants["derived_id_prefix"].encode()
    return hash_bytes(prefix, domain.encode(), b"\0", unhex(transaction, 32), index.to_bytes(4, "little")).hex()


def operation_hash(sender: str, op: Json) -> str:
    """What consents sign: the operation with its object versions, for one sender."""
    return CODEC.hash("operation", [sender, op]).hex()


def sign_consent(chain_id: str, sender: str, op: Json, identity: Identity, role: str, not_after: int) -> Json:
    """A party's agreement to one operation of one sender; void after block time `not_after` (milliseconds)."""
    consent = {
        "party": identity.account,
        "key": identity.key,
        "role": role,
        "op_hash": operation_hash(sender, op),
        "not_after": not_after,
        "nonce": secrets.randbits(64),
        "public_key": identity.secret.public.hex(),
    }
    signature = identity.secret.sign(CODEC.message("consent", unhex(chain_id, 32), consent | {"signature": "00" * 64}))
    return consent | {"signature": signature.hex()}


@dataclass(frozen=True)
class SignedTransaction:
    """A transaction with its id and its bytes; sending the same bytes again is safe."""

    id: str
    value: Json = field(repr=False)
    encoded: bytes = field(repr=False)


@dataclass
class Draft:
    """A transaction in the making. All operations apply or none does."""

    chain_id: str
    sender: str
    operations: list[Json] = field(default_factory=list)
    consents: list[Json] = field(default_factory=list)
    valid_until: int | None = None
    nonce: int = field(default_factory=lambda: secrets.randbits(64))

    def add(self, name: str, **args: Any) -> "Draft":
        """Adds an operation by its name and arguments; checks it against the schema."""
        op = operation(name, **args)
        CODEC.encode("Operation", op)
        self.operations.append(op)
        return self

    def consent(self, identity: Identity, role: str, not_after: int) -> "Draft":
        """Has a party whose key is at hand consent to every operation of the draft."""
        for op in self.operations:
            self.consents.append(sign_consent(self.chain_id, self.sender, op, identity, role, not_after))
        return self

    def attach(self, consent: Json) -> "Draft":
        """Attaches a consent that a party sent, after checking that it is for one of the draft's operations."""
        if consent["op_hash"] not in [operation_hash(self.sender, op) for op in self.operations]:
            raise DraftError(f"the consent of {consent['party']} is for another operation or another sender than this draft's")
        if consent not in self.consents:
            self.consents.append(consent)
        return self

    def sign(self, identity: Identity, represents: str | None = None) -> SignedTransaction:
        """Signs the draft, for the party that `represents` names where the sender acts under its delegation.

        Raises `DraftError` for counts, size, missing validity and another sender.
        """
        if not 1 <= len(self.operations) <= _BOUNDS["operations"] or len(self.consents) > _BOUNDS["consents"]:
            counts = f"{len(self.operations)} operations and {len(self.consents)} consents"
            raise DraftError(f"{counts}; a transaction has 1 to {_BOUNDS['operations']} and at most {_BOUNDS['consents']}")
        if identity.account != self.sender:
            raise DraftError(f"the draft is for sender {self.sender}; the key belongs to {identity.account}")
        if self.valid_until is None:
            raise DraftError("the draft does not say until which height it is valid")
        value = {
            "version": CODEC.constants["versions"]["transaction"],
            "chain_id": self.chain_id,
            "sender": self.sender,
            "represents": represents,
            "key": identity.key,
            "public_key": identity.secret.public.hex(),
            "valid_until": self.valid_until,
            "nonce": self.nonce,
            "ops": self.operations,
            "consents": self.consents,
            "signature": "00" * 64,
        }
        value["signature"] = identity.secret.sign(CODEC.message("transaction", unhex(self.chain_id, 32), value)).hex()
        encoded = CODEC.encode("Transaction", value)
        if len(encoded) > _BOUNDS["transaction_bytes"]:
            raise DraftError(f"the transaction has {len(encoded)} bytes; at most {_BOUNDS['transaction_bytes']} are accepted")
        return SignedTransaction(CODEC.hash("transaction", value).hex(), value, encoded)

    def to_json(self) -> str:
        """The draft file, the same as that of `landsea tx build`."""
        stored = {
            "chain_id": self.chain_id,
            "sender": self.sender,
            "operations": self.operations,
            "consents": self.consents,
            "valid_until": self.valid_until,
            "nonce": self.nonce,
        }
        return json.dumps(stored, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Draft":
        """Reads a draft file; operations and consents are checked against the schema."""
        draft = cls(**json.loads(text))
        CODEC.encode({"seq": "Operation"}, draft.operations)
        CODEC.encode({"seq": "Consent"}, draft.consents)
        return draft
