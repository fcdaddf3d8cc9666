"""Proofs of inclusion and absence in the state tree.

The hashing rule is that of a Jellyfish Merkle tree over BLAKE3: leaves hash `"JMT::LeafNode" + key + hash(value)`, inner nodes
`"JMT::IntrnalNode" + left + right`, and an empty subtree is a fixed placeholder.
"""

from .crypto import hash_bytes

EMPTY = b"SPARSE_MERKLE_PLACEHOLDER_HASH__"
PROOF_SIBLINGS_MAX = 256


class ProofError(Exception):
    """Why a state proof does not hold."""


def value_hash(value: bytes) -> bytes:
    """What a leaf holds of its value."""
    return hash_bytes(value)


def leaf_value(public: bytes, record_hash: bytes) -> bytes:
    """The value of an object: its public part and what hides the rest."""
    return hash_bytes(hash_bytes(public), record_hash)


def tree_key(module: int, family: int, id_: bytes) -> bytes:
    """The key of an object."""
    return hash_bytes(bytes((module, family)), id_)


def _common_prefix(a: bytes, b: bytes) -> int:
    difference = int.from_bytes(a, "big") ^ int.from_bytes(b, "big")
    return 256 - difference.bit_length()


def verify_proof(root: bytes, key: bytes, value: bytes | None, leaf: tuple[bytes, bytes] | None, siblings: list[bytes]) -> None:
    """Checks that `key` holds `value`, or nothing for `None`, under `root`.

    `leaf` is the key and value hash of the leaf in which the path ends, `siblings` go from the bottom to the root. Raises `ProofError`.
    """
    if len(siblings) > PROOF_SIBLINGS_MAX:
        raise ProofError("the path is longer than the key")
    _check_leaf(key, value, leaf, len(siblings))
    node = EMPTY if leaf is None else hash_bytes(b"JMT::LeafNode", *leaf)
    path = int.from_bytes(key, "big")
    for depth, sibling in zip(range(len(siblings) - 1, -1, -1), siblings, strict=True):
        pair = (sibling, node) if path >> (255 - depth) & 1 else (node, sibling)
        node = hash_bytes(b"JMT::IntrnalNode", *pair)
    if node != root:
        raise ProofError("the path does not lead to the state root")


def _check_leaf(key: bytes, value: bytes | None, leaf: tuple[bytes, bytes] | None, depth: int) -> None:
    if value is not None:
        if leaf is None or leaf[0] != key:
            raise ProofError("the proof ends in another leaf than it claims")
        if leaf[1] != value_hash(value):
            raise ProofError("the value is not the one in the tree")
    # Another leaf proves absence only where the key itself would have ended up.
    elif leaf is not None and (leaf[0] == key or _common_prefix(key, leaf[0]) < depth):
        raise ProofError("the proof ends in another leaf than it claims")
