"""State proofs and signatures by themselves: what an honest tree or signer would never make."""

import hashlib

import pytest

from landsea import SecretKey
from landsea.crypto import hash_bytes, verify_strict
from landsea.tree import EMPTY, ProofError, value_hash, verify_proof

LEFT, RIGHT = b"\x00" * 32, b"\xff" * 32
VALUE = b"v" * 32
ORDER = 2**252 + 27742317777372353535851937790883648493
IDENTITY = bytes([1]) + bytes(31)


def leaf(key: bytes, value: bytes = VALUE) -> bytes:
    return hash_bytes(b"JMT::LeafNode", key, value_hash(value))


def inner(left: bytes, right: bytes) -> bytes:
    return hash_bytes(b"JMT::IntrnalNode", left, right)


def test_a_leaf_is_included_and_an_empty_place_is_absent() -> None:
    root = inner(leaf(LEFT), EMPTY)
    verify_proof(root, LEFT, VALUE, (LEFT, value_hash(VALUE)), [EMPTY])
    verify_proof(root, RIGHT, None, None, [leaf(LEFT)])
    verify_proof(leaf(LEFT), RIGHT, None, (LEFT, value_hash(VALUE)), [])
    verify_proof(EMPTY, RIGHT, None, None, [])


def test_a_leaf_in_a_wrong_place_proves_no_absence() -> None:
    # The left key's leaf hangs on the right side, where no honest tree has it.
    root = inner(EMPTY, leaf(LEFT))
    with pytest.raises(ProofError, match="another leaf"):
        verify_proof(root, RIGHT, None, (LEFT, value_hash(VALUE)), [EMPTY])


def test_absence_ends_in_another_leaf_and_inclusion_in_ones_own() -> None:
    with pytest.raises(ProofError, match="another leaf"):
        verify_proof(leaf(LEFT), LEFT, None, (LEFT, value_hash(VALUE)), [])
    with pytest.raises(ProofError, match="another leaf"):
        verify_proof(leaf(LEFT), RIGHT, VALUE, (LEFT, value_hash(VALUE)), [])
    with pytest.raises(ProofError, match="another leaf"):
        verify_proof(EMPTY, RIGHT, VALUE, None, [])
    with pytest.raises(ProofError, match="value"):
        verify_proof(leaf(LEFT), LEFT, b"w" * 32, (LEFT, value_hash(VALUE)), [])
    with pytest.raises(ProofError, match="root"):
        verify_proof(leaf(RIGHT), LEFT, VALUE, (LEFT, value_hash(VALUE)), [])


def test_a_path_longer_than_a_key_is_refused() -> None:
    node = leaf(LEFT)
    for _ in range(257):
        node = inner(node, EMPTY)
    with pytest.raises(ProofError, match="longer"):
        verify_proof(node, LEFT, VALUE, (LEFT, value_hash(VALUE)), [EMPTY] * 257)


def scalar(seed: bytes) -> int:
    digest = bytearray(hashlib.sha512(seed).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 127 | 64
    return int.from_bytes(digest, "little")


def test_a_signature_whose_nonce_point_has_small_order_is_refused() -> None:
    seed = b"k" * 32
    public = SecretKey(seed).public
    challenge = int.from_bytes(hashlib.sha512(IDENTITY + public + b"m").digest(), "little")
    # Holds by the equation alone: S B = R + h A with R the identity.
    forged = IDENTITY + (challenge * scalar(seed) % ORDER).to_bytes(32, "little")
    assert not verify_strict(public, b"m", forged)


def test_a_key_of_small_order_signs_nothing() -> None:
    nonce = b"r" * 32
    # Holds by the equation alone: S B = R + h A with A the identity, whatever the message.
    forged = SecretKey(nonce).public + (scalar(nonce) % ORDER).to_bytes(32, "little")
    assert not verify_strict(IDENTITY, b"any message", forged)
    assert not verify_strict(IDENTITY, b"any message", IDENTITY + bytes(32))


def test_a_signature_with_a_scalar_above_the_order_is_refused() -> None:
    key = SecretKey(b"k" * 32)
    signature = key.sign(b"m")
    assert verify_strict(key.public, b"m", signature)
    above = int.from_bytes(signature[32:], "little") + ORDER
    assert not verify_strict(key.public, b"m", signature[:32] + above.to_bytes(32, "little"))
    assert not verify_strict(key.public, b"n", signature)
    assert not verify_strict(key.public, b"m", signature[:-1])
