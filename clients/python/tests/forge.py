"""A chain of its own, made in memory: what forged and rare certificates are put together from."""

import json
from typing import Any

from landsea import CODEC, Genesis, SecretKey
from landsea.crypto import hash_bytes
from landsea.tree import EMPTY, leaf_value, tree_key, value_hash

Json = dict[str, Any]
FAMILIES = {name: (tag, module) for name, tag, module in CODEC.constants["families"]}
TIME = 1_700_000_000_000
FP, DOC, LOT, ISSUER, RECORD = "a1" * 32, "d0" * 32, "10" * 32, "f1" * 32, "77" * 32


def keys(first: int, count: int = 4) -> dict[int, SecretKey]:
    """Validators' keys by member."""
    return {member: SecretKey(bytes([first + member]) * 32) for member in range(1, count + 1)}


def genesis(validators: dict[int, SecretKey]) -> Genesis:
    members = [
        {
            "index": member,
            "code": f"m{member}",
            "name_en": f"Member {member}",
            "name_zh": "",
            "gb2260": member,
            "operator": "",
            "validator_key": key.public.hex(),
            "network_key": SecretKey(bytes([100 + member]) * 32).public.hex(),
            "branch_key": SecretKey(bytes([200 + member]) * 32).public.hex(),
        }
        for member, key in validators.items()
    ]
    return Genesis.from_json(json.dumps({"name": "t", "time": 0, "suite": "ed25519+blake3", "members": members}))


def document(state: str = "ACTIVE", lots: tuple[str, ...] = (LOT,), replaced_by: str | None = None) -> Json:
    return {
        "id": DOC, "ver": 1, "kind": 11, "fp1": FP, "state": state, "lots": list(lots), "replaced_by": replaced_by,
        "content_root": "00" * 32, "issuer": ISSUER, "home": 1,
    }  # fmt: skip


def leaves(doc: Json, *more: tuple[str, str, str, Json]) -> dict[tuple[str, str], bytes]:
    """Public parts of a document's leaves; `more` are family, id, type and value."""
    named = (("fp", FP, "PublicFp", {"doc": DOC}), ("doc", DOC, "PublicDoc", doc), *more)
    # Others stand beside them in every real tree.
    filling = {("lot", f"{i:02x}" * 32): bytes([i]) for i in range(40, 60)}
    return filling | {(family, id_): CODEC.encode(type_, value) for family, id_, type_, value in named}


class Tree:
    """The state tree over some leaves."""

    def __init__(self, public: dict[tuple[str, str], bytes]) -> None:
        self.public = public
        self.nodes = {self.key(*at): value_hash(leaf_value(part, bytes.fromhex(RECORD))) for at, part in public.items()}

    def key(self, family: str, id_: str) -> bytes:
        tag, module = FAMILIES[family]
        return tree_key(module, tag, bytes.fromhex(id_))

    def root(self) -> bytes:
        return self._hash(sorted(self.nodes), 0)

    def _split(self, found: list[bytes], depth: int) -> tuple[list[bytes], list[bytes]]:
        bit = [k for k in found if k[depth // 8] >> (7 - depth % 8) & 1]
        return [k for k in found if k not in bit], bit

    def _hash(self, found: list[bytes], depth: int) -> bytes:
        if len(found) <= 1:
            return hash_bytes(b"JMT::LeafNode", found[0], self.nodes[found[0]]) if found else EMPTY
        left, right = self._split(found, depth)
        return hash_bytes(b"JMT::IntrnalNode", self._hash(left, depth + 1), self._hash(right, depth + 1))

    def prove(self, key: bytes) -> tuple[bytes | None, list[bytes]]:
        """The leaf in which the path ends, and the siblings from the bottom to the root."""
        found, siblings, depth = sorted(self.nodes), [], 0
        while len(found) > 1:
            sides = self._split(found, depth)
            side = key[depth // 8] >> (7 - depth % 8) & 1
            siblings.append(self._hash(sides[1 - side], depth + 1))
            found, depth = sides[side], depth + 1
        return (found[0] if found else None), siblings[::-1]

    def items(self, wanted: list[tuple[str, str]]) -> tuple[list[Json], list[str]]:
        """Items and shared hashes of a certificate."""
        items, hashes = [], list[str]()
        for family, id_ in sorted(wanted, key=lambda at: (FAMILIES[at[0]][0], at[1])):
            ends_in, siblings = self.prove(self.key(family, id_))
            for sibling in siblings:
                if sibling.hex() not in hashes:
                    hashes.append(sibling.hex())
            public = self.public.get((family, id_))
            opening = None if public is None else {"public": public.hex(), "record_hash": RECORD}
            neighbour = None
            if public is None and ends_in is not None:
                neighbour = {"key": ends_in.hex(), "value_hash": self.nodes[ends_in].hex()}
            path = [hashes.index(sibling.hex()) for sibling in siblings]
            items.append({"family": family, "id": id_, "opening": opening, "neighbour": neighbour, "path": path})
        return items, hashes


def set_of(validators: dict[int, SecretKey]) -> Json:
    return {"validators": [{"member": member, "public_key": key.public.hex()} for member, key in sorted(validators.items())]}


def header(chain: bytes, height: int, root: bytes, now: dict[int, SecretKey], following: dict[int, SecretKey]) -> Json:
    zero = "00" * 32
    return {
        "version": 1, "chain_id": chain.hex(), "height": height, "time": TIME + height, "parent": zero, "proposer": 1,
        "batches_hash": zero, "state_root": root.hex(), "outcomes_root": zero, "writes_hash": zero,
        "validators_hash": CODEC.hash("validator-set", set_of(now)).hex(),
        "next_validators_hash": CODEC.hash("validator-set", set_of(following)).hex(), "transactions": 0,
    }  # fmt: skip


def commit(chain: bytes, decided: Json, signers: dict[int, SecretKey]) -> Json:
    """The precommits of some members over a header."""
    return sign_commit(chain, {"height": decided["height"], "round": 0, "block": CODEC.hash("header", decided).hex()}, signers)


def sign_commit(chain: bytes, of: Json, signers: dict[int, SecretKey]) -> Json:
    """The precommits of some members for a height, round and block."""
    signatures = []
    for member, key in sorted(signers.items()):
        message = CODEC.message("vote", chain, {"kind": "Precommit", **of, "voter": member})
        signatures.append([member, key.sign(message).hex()])
    return {**of, "signatures": signatures}


def overlays(*targets: str) -> list[tuple[str, str]]:
    """What the question whether a document is free needs."""
    beside = [(family, target) for target in targets for family in ("encumbrance", "reservation", "hold")]
    return [("fp", FP), ("doc", DOC), *beside]


def certificate(
    chain: bytes,
    tree: Tree,
    signers: dict[int, SecretKey],
    validators: dict[int, SecretKey],
    wanted: list[tuple[str, str]],
    question: str = "not_pledged",
    height: int = 9,
    valset_proof: list[Json] | None = None,
    time: int | None = None,
) -> Json:
    decided = header(chain, height, tree.root(), validators, validators)
    decided["time"] = decided["time"] if time is None else time
    items, hashes = tree.items(wanted)
    return {
        "version": 1, "chain_id": chain.hex(), "height": height, "header": decided, "round": 0,
        "commit": commit(chain, decided, signers)["signatures"], "valset_proof": valset_proof or [],
        "question": {"question": question, "fp1": FP}, "items": items, "hashes": hashes, "issued_at": TIME,
    }  # fmt: skip
