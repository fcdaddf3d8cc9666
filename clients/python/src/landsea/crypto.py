"""Ed25519 and BLAKE3 as the ledger uses them.

A validator's signature is judged by the strict rule of ed25519-dalek: what OpenSSL accepts, except points of small order. OpenSSL
compares the encoding of R, so a non-canonical R never passes; keys of small order are listed here in every encoding.
"""

import os
import re

from blake3 import blake3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_SIGN = 1 << 255
_ORDER_8 = (
    2707385501144840649318225287225658788936804267575313519463743609750303021,
    55188659117513257062467267217118295137698188065244968500265048394206261417200,
)
# y-coordinates of the eight points of small order, with their non-canonical encodings.
_SMALL_ORDER_Y = frozenset({0, 1, *_ORDER_8, _P - 1, _P, _P + 1})
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")


def unhex(text: object, size: int | None = None) -> bytes:
    """Bytes of a text of hex digits without separators; `ValueError` for anything else or for another number of bytes."""
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise ValueError("expected hex digits")
    data = bytes.fromhex(text)
    if size is not None and len(data) != size:
        raise ValueError(f"expected {2 * size} hex digits, got {len(text)}")
    return data


def hash_bytes(*parts: bytes) -> bytes:
    """BLAKE3 of the parts, one after the other."""
    hasher = blake3()
    for part in parts:
        hasher.update(part)
    return hasher.digest()


def hash_of(domain: str, encoded: bytes) -> bytes:
    """Domain-separated BLAKE3 of a borsh encoding: the hash of every wire object."""
    return hash_bytes(b"landsea/hash/v1/", domain.encode(), b"\0", encoded)


def sign_bytes(kind: str, chain: bytes, encoded: bytes) -> bytes:
    """What is signed: the borsh encoding after its kind and its chain, so that a signature serves one purpose on one chain."""
    return b"landsea/sign/v1/" + kind.encode() + b"\0" + chain + encoded


def _has_small_order(point: bytes) -> bool:
    return int.from_bytes(point, "little") & ~_SIGN in _SMALL_ORDER_Y


def is_weak(public_key: bytes) -> bool:
    """Whether a key is no point of the curve, or one of small order; such keys are never registered."""
    y = (int.from_bytes(public_key, "little") & ~_SIGN) % _P
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    on_curve = square == 0 or pow(square, (_P - 1) // 2, _P) == 1
    return not on_curve or _has_small_order(public_key)


def verify_strict(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature holds by the rule for votes and tickets."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    if _has_small_order(public_key) or _has_small_order(signature[:32]):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class SecretKey:
    """An Ed25519 secret key. Its `repr` does not show it."""

    def __init__(self, seed: bytes) -> None:
        """Builds the key from its 32-byte seed."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @classmethod
    def generate(cls) -> "SecretKey":
        """A new key from the operating system's randomness."""
        return cls(os.urandom(32))

    def to_seed(self) -> bytes:
        """The 32-byte seed, for writing a key file."""
        return self._key.private_bytes_raw()

    @property
    def public(self) -> bytes:
        """The public half, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature over the message."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        """Shows the public half alone."""
        return f"SecretKey(public={self.public.hex()})"
