"""Encodings, hashes and signatures against the vectors that are written from the Rust types."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from landsea import CODEC, CodecError, Draft, DraftError, Identity, KeyFile, KeyFileError, SecretKey, operation, sign_consent

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors.json").read_text(encoding="utf-8"))
SAMPLES = {name: sample for name, sample in VECTORS.items() if "borsh" in sample}
SIGNED = VECTORS["signed Transaction"]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_encodes_to_its_bytes_and_back(name: str) -> None:
    sample = VECTORS[name]
    encoded = bytes.fromhex(sample["borsh"])
    assert CODEC.encode(sample["type"], sample["json"]) == encoded
    assert CODEC.decode(sample["type"], encoded) == sample["json"]
    if "hash_for" in sample:
        sender, expected = sample["hash_for"]
        assert CODEC.hash("operation", [sender, sample["json"]]).hex() == expected


def test_every_operation_has_a_sample() -> None:
    known = {f"{name} {kind}" for _, name, _ in CODEC.types["Operation"]["enum"] for kind in ("Full", "Empty")}
    assert known <= set(VECTORS)


def test_a_transaction_is_signed_as_in_rust() -> None:
    value, chain = SIGNED["json"], bytes.fromhex(SIGNED["json"]["chain_id"])
    sender, party = (SecretKey(bytes.fromhex(SIGNED["seeds"][who])) for who in ("sender", "consent"))
    consent = value["consents"][0]
    assert CODEC.message("consent", chain, consent).hex() == SIGNED["consent_sign_bytes"]
    assert party.sign(CODEC.message("consent", chain, consent)).hex() == consent["signature"]
    draft = Draft(value["chain_id"], value["sender"], value["ops"], value["consents"], value["valid_until"], value["nonce"])
    assert CODEC.message("transaction", chain, value).hex() == SIGNED["sign_bytes"]
    signed = draft.sign(Identity(value["sender"], sender, value["key"]), value["represents"])
    assert (signed.id, signed.value, signed.encoded.hex()) == (SIGNED["id"], value, SIGNED["borsh"])


def test_bytes_that_are_cut_or_lengthened_do_not_decode() -> None:
    for name in ("waybill.issue Full", "pledge.create Full", "hold.dispute Full"):
        sample = VECTORS[name]
        encoded = bytes.fromhex(sample["borsh"])
        for wrong in (encoded[:-1], encoded + b"\0", b"\xff\xff" + encoded[2:]):
            with pytest.raises(CodecError):
                CODEC.decode(sample["type"], wrong)


def test_changed_bytes_decode_to_what_they_encode_or_not_at_all(chance: random.Random) -> None:
    for _ in range(2000):
        sample = SAMPLES[chance.choice(list(SAMPLES))]
        encoded = bytearray.fromhex(sample["borsh"])
        encoded[chance.randrange(len(encoded))] ^= 1 << chance.randrange(8)
        try:
            value = CODEC.decode(sample["type"], bytes(encoded))
        except CodecError:
            continue
        assert CODEC.encode(sample["type"], value) == bytes(encoded)


@pytest.mark.parametrize(
    ("args", "place"),
    [
        ({"doc": "11" * 32, "expect_ver": 1}, "until"),
        ({"doc": "11" * 32, "expect_ver": 1, "until": 1, "more": 1}, "more"),
        ({"doc": "11" * 31, "expect_ver": 1, "until": 1}, "doc"),
        ({"doc": "11 " * 32, "expect_ver": 1, "until": 1}, "doc"),
        ({"doc": "11" * 32, "expect_ver": 2**32, "until": 1}, "expect_ver"),
        ({"doc": "11" * 32, "expect_ver": True, "until": 1}, "expect_ver"),
        ({"doc": "11" * 32, "expect_ver": 1.0, "until": 1}, "expect_ver"),
        ({"doc": "11" * 32, "expect_ver": None, "until": 1}, "expect_ver"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_place(args: dict[str, Any], place: str) -> None:
    with pytest.raises(CodecError, match=place):
        Draft("00" * 32, "11" * 32).add("pledge.reserve", **args)


def test_an_operation_that_does_not_exist_is_refused() -> None:
    wrongs: list[Any] = [{"operation": "pledge.steal", "args": {}}, {"operation": "pledge.cure"}, "pledge.cure", {"args": {}}]
    for wrong in wrongs:
        with pytest.raises(CodecError):
            CODEC.encode("Operation", wrong)


def test_a_draft_takes_only_what_can_be_signed() -> None:
    mine, other = (Identity(f"{n}{n}" * 32, SecretKey(bytes([n]) * 32)) for n in (1, 2))
    draft = Draft("00" * 32, mine.account, valid_until=9)
    with pytest.raises(DraftError, match="0 operations"):
        draft.sign(mine)
    draft.add("pledge.cure", pledge="11" * 32, expect_ver=1)
    with pytest.raises(DraftError, match="the key belongs to"):
        draft.sign(other)
    foreign = sign_consent(draft.chain_id, other.account, draft.operations[0], other, "BANK", 9)
    with pytest.raises(DraftError, match="another sender"):
        draft.attach(foreign)
    fitting = sign_consent(draft.chain_id, mine.account, draft.operations[0], other, "BANK", 9)
    assert draft.attach(fitting).attach(fitting).consents == [fitting]
    assert CODEC.decode("Transaction", draft.sign(mine).encoded)["consents"] == [fitting]
    draft.valid_until = None
    with pytest.raises(DraftError, match="until which height"):
        draft.sign(mine)
    split = {"doc": "11" * 32, "expect_ver": 1, "children": [], "released": [0] * 70_000}
    large = Draft("00" * 32, mine.account, [operation("waybill.split", **split)], valid_until=9)
    with pytest.raises(DraftError, match="bytes"):
        large.sign(mine)


def test_a_key_file_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path, key = tmp_path / "bank.key", KeyFile.generate()
    key.create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        key.create(path)
    KeyFile(key.kind, key.secret, "99" * 32, 2).replace(path)
    read = KeyFile.load(path, kind="ledger")
    assert (read.secret.public, read.account, read.index) == (key.secret.public, "99" * 32, 2)
    assert read.identity().key == 2
    with pytest.raises(KeyFileError, match="validator key is needed"):
        KeyFile.load(path, kind="validator")
    with pytest.raises(KeyFileError, match="names no account"):
        key.identity()


def test_a_key_file_that_is_exposed_or_damaged_is_refused_without_showing_the_secret(tmp_path: Path) -> None:
    path, key = tmp_path / "bank.key", KeyFile.generate()
    secret = key.secret.to_seed().hex()
    key.create(path)
    text = path.read_text()
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        KeyFile.load(path)
    path.chmod(0o600)
    damages = [("kind", "kinds"), (key.secret.public.hex(), "0" * 64), (secret, secret[:-1]), ("{", "[")]
    for old, new in damages:
        path.write_text(text.replace(old, new))
        with pytest.raises(KeyFileError) as refused:
            KeyFile.load(path)
        assert secret[:-1] not in str(refused.value)
    assert secret not in repr(key) + str(key)
