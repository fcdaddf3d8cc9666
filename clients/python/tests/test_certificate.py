"""The verifier, without a network: frozen certificates of a real one, and certificates forged on a chain made in memory."""

import json
import random
from typing import Any

import pytest

from landsea import CODEC, Genesis, GenesisError, Paper, PaperEvidence, Salts, SecretKey, Trust, Verification, verify_certificate

from . import forge
from .forge import DOC, LOT, TIME, Tree, document, leaves, overlays
from .freeze import FROZEN
from .network import DOCUMENTS
from .tamper import retyped, tampered

Json = dict[str, Any]
LIVE = json.loads(FROZEN.read_text(encoding="utf-8"))
GENESIS = Genesis.from_json(LIVE["genesis"])
PAPER = PaperEvidence(LIVE["ticket"], LIVE["opening"])
SINGLE = [name for name in LIVE["cases"] if name != "history"]
LATER = 2**45
OURS = forge.keys(0)
CHAIN = forge.genesis(OURS)
QUORUM = {member: OURS[member] for member in (1, 2, 3)}
FREE = Tree(leaves(document()))
WANTED = overlays(DOC, LOT)


def frozen(name: str) -> Json:
    certificate: Json = LIVE["cases"][name]["certificate"]
    return certificate


def judge(certificate: Any, genesis: Genesis = CHAIN, **trust: Any) -> Verification:
    verification = verify_certificate(certificate, Trust(genesis, **{"now": LATER, **trust}))
    assert isinstance(verification, Verification)
    return verification


def reason(verification: Verification) -> str:
    assert verification.verdict == "INVALID" and verification.exit_code == 20
    return str(verification.integrity["reason"])


def ours(tree: Tree = FREE, wanted: list[tuple[str, str]] = WANTED, **other: Any) -> Json:
    return forge.certificate(CHAIN.chain_id, tree, **{"signers": QUORUM, "validators": OURS, "wanted": wanted, **other})


# Frozen


@pytest.mark.parametrize("name", SINGLE)
def test_a_frozen_certificate_gets_the_verdict_that_the_ledger_gave(name: str) -> None:
    verification = verify_certificate(frozen(name), Trust(GENESIS, now=LATER), PAPER)
    assert verification.to_json() == LIVE["cases"][name]["expected"]


def test_a_frozen_history_gets_the_verdict_that_the_ledger_gave() -> None:
    verification = verify_certificate(frozen("history"), Trust(GENESIS, now=LATER), PAPER)
    assert verification.to_json() == LIVE["cases"]["history"]["expected"]
    swapped = {"version": 1, "earlier": frozen("history")["later"], "later": frozen("history")["earlier"]}
    assert verify_certificate(swapped, Trust(GENESIS, now=LATER), PAPER).exit_code == 20


def test_one_changed_value_anywhere_makes_a_certificate_invalid(chance: random.Random) -> None:
    for _ in range(1000):
        name = chance.choice(SINGLE)
        certificate = frozen(name)
        forged, place = tampered(certificate | {"commit": certificate["commit"][:3]}, chance)
        if place != "question.keys":
            assert judge(forged, GENESIS).verdict == "INVALID", f"{name}: {place}"


def test_one_value_of_another_type_anywhere_makes_a_certificate_invalid(chance: random.Random) -> None:
    for _ in range(3000):
        name = chance.choice(list(LIVE["cases"]))
        forged, place = retyped(frozen(name), chance)
        for form in (forged, json.dumps(forged)):
            verification = verify_certificate(form, Trust(GENESIS, now=LATER), PAPER)
            assert verification.exit_code == 20, f"{name}: {place}"


@pytest.mark.parametrize("beside", [None, {}, [], 0])
def test_a_family_that_is_no_name_makes_a_certificate_invalid(beside: Any) -> None:
    free = frozen("free")
    for item in free["items"]:
        forged = free | {"items": [it | {"family": {it["family"]: beside}} if it is item else it for it in free["items"]]}
        assert "nothing beside it" in reason(judge(forged, GENESIS))


@pytest.mark.parametrize(
    "evidence", [None, 1, "", [], {}, {"body": None}, {"body": {}, "signature": ""}, {"body": {"member": 2**70}, "signature": 1}]
)
def test_a_paper_that_is_shown_with_anything_at_all_is_not_shown(evidence: Any) -> None:
    for paper in (PaperEvidence(evidence, LIVE["opening"]), PaperEvidence(LIVE["ticket"], evidence or {})):
        verification = verify_certificate(frozen("free"), Trust(GENESIS, now=LATER), paper)
        assert isinstance(verification, Verification) and verification.paper["paper"] == "NOT_SHOWN"


def test_text_bytes_and_parsed_json_are_judged_alike_and_issued_at_is_not_signed() -> None:
    free = frozen("free") | {"issued_at": 1}
    text = json.dumps(free, indent=4)
    assert {judge(form, GENESIS).verdict for form in (free, text, text.encode())} == {"FREE"}
    assert judge(text.upper().replace("NULL", "null"), GENESIS).verdict == "INVALID"
    assert judge(text.replace('"round": 0', '"round": -0'), GENESIS).verdict == "INVALID"


@pytest.mark.parametrize("name", LIVE["cases"])
def test_hex_digits_may_be_upper_case_as_for_the_ledgers_own_verifier(name: str) -> None:
    def upper(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: upper(part) for key, part in value.items()}
        if isinstance(value, list):
            return [upper(part) for part in value]
        return value.upper() if isinstance(value, str) and len(value) >= 64 else value

    verification = verify_certificate(upper(frozen(name)), Trust(GENESIS, now=LATER), PAPER)
    assert verification.to_json() == LIVE["cases"][name]["expected"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"version":1,"version":1}', "{" * 100_000, " " * 5_000_000, b"\xff", "\ud800", None, [], 1]
)
def test_a_file_that_no_certificate_can_be_is_invalid(text: Any) -> None:
    assert reason(judge(text, GENESIS)).startswith("not a certificate")


def test_a_certificate_that_is_padded_or_says_something_twice_is_invalid() -> None:
    text = json.dumps(frozen("free"))
    assert "at most 4194304" in reason(judge(text + " " * 4_194_304, GENESIS))
    assert "stands twice" in reason(judge(text[:-1] + ', "round": 0}', GENESIS))
    # A hash that stands twice, both used: there is one way to write a certificate.
    again = frozen("free")
    *before, last = again["items"]
    index, end = last["path"][-1], len(again["hashes"])
    assert index + 1 < end
    items = [*before, last | {"path": [*last["path"][:-1], end]}]
    assert "shared hashes" in reason(judge(again | {"items": items, "hashes": [*again["hashes"], again["hashes"][index]]}, GENESIS))


def test_a_genesis_with_other_validators_or_another_name_is_another_chain() -> None:
    other = json.loads(LIVE["genesis"])
    other["members"][0]["validator_key"] = SecretKey(b"x" * 32).public.hex()
    assert reason(judge(frozen("free"), Genesis.from_json(json.dumps(other)))).startswith("made for chain")
    assert reason(judge(frozen("free"), CHAIN)).startswith("made for chain")


def test_the_age_is_that_of_the_block_and_a_stale_answer_shows_no_paper() -> None:
    time = frozen("free")["header"]["time"]
    trust = Trust(GENESIS, max_age_ms=1000, now=time + 1000)
    assert verify_certificate(frozen("free"), trust, PAPER).exit_code == 0
    stale = judge(frozen("free"), GENESIS, max_age_ms=1000, now=time + 1001)
    assert (stale.verdict, stale.exit_code, stale.paper["paper"]) == ("STALE", 21, "NOT_SHOWN")
    assert "future" in reason(judge(frozen("free"), GENESIS, now=time - 10_001))
    assert judge(frozen("free"), GENESIS, now=time - 10_000).verdict == "FREE"


def test_a_trust_that_is_kept_judges_by_the_clock_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    trust, time = Trust(GENESIS, max_age_ms=1000), frozen("free")["header"]["time"]
    monkeypatch.setattr("landsea.certificate.now_ms", lambda: time)
    assert verify_certificate(frozen("free"), trust).exit_code == 0
    monkeypatch.setattr("landsea.certificate.now_ms", lambda: time + 1001)
    assert verify_certificate(frozen("free"), trust).exit_code == 21


def test_a_paper_is_shown_only_by_its_own_fields_under_the_root_with_its_own_ticket() -> None:
    paper = Paper.load(DOCUMENTS / "s1_ncd.json")

    def line(evidence: PaperEvidence) -> str:
        verification = verify_certificate(frozen("free"), Trust(GENESIS, now=LATER), evidence)
        assert isinstance(verification, Verification) and verification.verdict == "FREE"
        return str(verification.paper.get("reason", "VALID"))

    assert line(PAPER) == "VALID"
    assert "not opened under the content root" in line(PaperEvidence(LIVE["ticket"], fields=paper.fields))
    assert "does not open" in line(PaperEvidence(LIVE["ticket"], paper.open_identity(Salts.for_paper(paper))))
    moved = LIVE["ticket"] | {"body": LIVE["ticket"]["body"] | {"raw1": "00" * 32}}
    assert "not signed" in line(PaperEvidence(moved, LIVE["opening"]))
    assert "needs the field" in line(PaperEvidence(LIVE["ticket"], LIVE["opening"] | {"fields": LIVE["opening"]["fields"][1:]}))
    assert "malformed" in line(PaperEvidence({}, LIVE["opening"]))
    unknown = verify_certificate(frozen("unknown"), Trust(GENESIS, now=LATER), PaperEvidence(LIVE["ticket"], fields=paper.fields))
    assert isinstance(unknown, Verification) and unknown.paper == {"paper": "VALID"}


# Who decided


def test_a_quorum_of_our_own_chain_is_believed_and_the_lines_say_so() -> None:
    verification = judge(ours())
    assert (verification.verdict, verification.exit_code) == ("FREE", 0)
    lines = str(verification).splitlines()
    assert lines[0] == f"INTEGRITY  VALID (3 of 4 members signed block 9, block time {TIME + 9})"
    assert lines[1:3] == ["STATUS     FREE", f"ISSUER     {forge.ISSUER} registered by m1 (Member 1)"]


def test_fewer_than_a_quorum_are_refused() -> None:
    assert "2 signatures, 3 needed" in reason(judge(ours(signers={m: OURS[m] for m in (1, 2)})))


def test_a_member_that_signs_twice_or_out_of_order_is_refused() -> None:
    one, two, three = ours()["commit"]
    for signatures in ([one, two, two], [two, one, three]):
        assert "twice or out of order" in reason(judge(ours() | {"commit": signatures}))


def test_strangers_and_other_validator_sets_are_refused() -> None:
    strangers = forge.keys(50)
    assert "does not verify" in reason(judge(ours(signers={m: strangers[m] for m in (1, 2, 3)})))
    assert "not those that the genesis leads to" in reason(judge(ours(signers=strangers, validators=strangers)))
    fifth = QUORUM | {5: strangers[1]}
    assert "member 5 is not a validator" in reason(judge(ours(signers=fifth)))


def test_a_signature_for_another_round_is_refused() -> None:
    assert "does not verify" in reason(judge(ours() | {"round": 1}))


def change(signers: dict[int, SecretKey], following: dict[int, SecretKey], shown: dict[int, SecretKey]) -> Json:
    """A step of the validator set at height 5."""
    decided = forge.header(CHAIN.chain_id, 5, b"\1" * 32, OURS, following)
    return {"header": decided, "commit": forge.commit(CHAIN.chain_id, decided, signers), "next": forge.set_of(shown)}


def test_the_set_changes_only_as_a_quorum_of_the_set_before_decided() -> None:
    following = OURS | {5: SecretKey(b"5" * 32), 6: SecretKey(b"6" * 32)}
    signed: Json = {"signers": following, "validators": following}
    verification = judge(ours(**signed, valset_proof=[change(QUORUM, following, following)]))
    assert (verification.verdict, verification.integrity["validators"]) == ("FREE", 6)
    assert "not those" in reason(judge(ours(**signed)))
    few = change({m: OURS[m] for m in (1, 2)}, following, following)
    assert "block 5 was not decided" in reason(judge(ours(**signed, valset_proof=[few])))
    assert "not those" in reason(judge(ours(**signed, valset_proof=[change(QUORUM, following, following)] * 2)))
    assert "not those" in reason(judge(ours(**signed, height=5, valset_proof=[change(QUORUM, following, following)])))


def test_strangers_cannot_stand_in_for_the_set_that_a_quorum_named() -> None:
    strangers = forge.keys(50)
    signed: Json = {"signers": strangers, "validators": strangers}
    # The header names our own set, the certificate shows the strangers.
    shown = change(QUORUM, OURS, strangers)
    assert "block 5 are not those" in reason(judge(ours(**signed, valset_proof=[shown])))
    # The header names the strangers, but the quorum decided another one.
    named = change(QUORUM, strangers, strangers) | {"commit": change(QUORUM, OURS, OURS)["commit"]}
    assert "block 5 are not those" in reason(judge(ours(**signed, valset_proof=[named])))
    # The header names the strangers, and only they decided it.
    assert "block 5 was not decided" in reason(judge(ours(**signed, valset_proof=[change(strangers, strangers, strangers)])))


def test_a_commit_for_another_height_than_its_header_is_refused() -> None:
    step = change(QUORUM, OURS, OURS)
    block = step["commit"]["block"]
    step["commit"] = forge.sign_commit(CHAIN.chain_id, {"height": 4, "round": 0, "block": block}, QUORUM)
    assert "block 5 are not those" in reason(judge(ours(valset_proof=[step])))
    assert "height or chain differ" in reason(judge(ours() | {"height": 8}))


def test_a_pinned_header_refuses_another_history() -> None:
    pinned = ours()["header"]
    assert judge(ours(), pinned=pinned).verdict == "FREE"
    assert judge(ours(height=8), pinned=pinned).verdict == "FREE"
    assert judge(ours(height=10), pinned=pinned).verdict == "FREE"
    other = Tree(leaves(document("VOID")))
    assert "contradicts the pinned header" in reason(judge(ours(other, overlays()), pinned=pinned))
    following = forge.header(CHAIN.chain_id, 9, FREE.root(), OURS, OURS | {5: SecretKey(b"5" * 32)})
    assert "contradicts the pinned header" in reason(judge(ours(height=10), pinned=following))
    assert "contradicts the pinned header" in reason(judge(ours(height=8), pinned=following | {"validators_hash": "00" * 32}))
    # Time runs with the heights.
    assert "contradicts the pinned header" in reason(judge(ours(height=8), pinned=pinned | {"time": TIME}))
    assert "contradicts the pinned header" in reason(judge(ours(height=10), pinned=pinned | {"time": TIME + 10}))


def test_a_genesis_with_a_weak_or_repeated_key_is_refused() -> None:
    stored = json.loads(LIVE["genesis"])
    for key in ("01" + "00" * 31, "ec" + "ff" * 30 + "7f", "02" + "00" * 31, stored["members"][1]["validator_key"]):
        members = [stored["members"][0] | {"validator_key": key}, *stored["members"][1:]]
        with pytest.raises(GenesisError, match=r"weak|twice"):
            Genesis.from_json(json.dumps(stored | {"members": members}))


# What is proved


def test_a_burden_on_the_document_or_a_lot_is_named_by_its_weight() -> None:
    enc = {"pledge": "ab" * 32, "since_height": 4, "index": 2, "member": 3}
    hold, res = {"kind": "DISPUTE", "until": 1}, {"until": 5, "member": 2}
    both = Tree(leaves(document(), ("encumbrance", LOT, "PublicEncumbrance", enc), ("hold", DOC, "PublicHold", hold)))
    assert judge(ours(both)).status == {"verdict": "ENCUMBERED", "since": 4, "index": 2, "member": 3}
    grave = ("hold", LOT, "PublicHold", {"kind": "COURT_FREEZE", "until": 1})
    held = Tree(leaves(document(), ("hold", DOC, "PublicHold", hold), grave, ("reservation", DOC, "PublicReservation", res)))
    assert judge(ours(held)).status == {"verdict": "HELD", "kind": "COURT_FREEZE"}
    reserved = Tree(leaves(document(), ("reservation", LOT, "PublicReservation", res)))
    assert judge(ours(reserved)).status == {"verdict": "RESERVED", "until": 5, "member": 2}


@pytest.mark.parametrize(
    ("doc", "wanted", "verdict"),
    [
        (document("ACCOMPLISHED"), [], "DELIVERED"),
        (document("REPLACED", replaced_by="bb" * 32), [], "REPLACED"),
        (document("VOID"), [], "VOID"),
        (document("PAPER_OUT"), [DOC, LOT], "PAPER"),
        (document("PEND_DELIVERY"), [DOC, LOT], "PEND_DELIVERY"),
        (document(lots=()), [DOC], "NO_GOODS"),
    ],
)
def test_a_document_that_is_not_active_over_goods_is_never_free(doc: Json, wanted: list[str], verdict: str) -> None:
    verification = judge(ours(Tree(leaves(doc)), overlays(*wanted)))
    assert (verification.verdict, verification.exit_code) == (verdict, 13)


def test_a_certificate_that_shows_less_or_more_than_its_question_needs_is_refused() -> None:
    for wanted in (WANTED[:-1], [*WANTED, ("party", DOC)], overlays(DOC)):
        assert "not exactly those" in reason(judge(ours(wanted=wanted)))


def test_an_encumbrance_cannot_be_hidden_behind_another_leaf() -> None:
    enc = {"pledge": "ab" * 32, "since_height": 4, "index": 2, "member": 3}
    tree = Tree(leaves(document(), ("encumbrance", LOT, "PublicEncumbrance", enc)))
    honest = ours(tree)
    place = next(i for i, item in enumerate(honest["items"]) if (item["family"], item["id"]) == ("encumbrance", LOT))
    others = [{"key": key.hex(), "value_hash": value.hex()} for key, value in tree.nodes.items()]
    for neighbour in [None, *others]:
        items = [*honest["items"]]
        items[place] = items[place] | {"opening": None, "neighbour": neighbour}
        assert "Encumbrance" in reason(judge(honest | {"items": items}))


def test_absence_is_not_proved_by_a_leaf_that_stands_elsewhere() -> None:
    honest = ours()
    place = next(i for i, item in enumerate(honest["items"]) if item["family"] == "hold")
    mine = honest["items"][place]["neighbour"]
    foreign = next(item["neighbour"] for item in honest["items"] if item["neighbour"] not in (None, mine))
    items = [*honest["items"]]
    items[place] = items[place] | {"neighbour": foreign}
    assert "Hold" in reason(judge(honest | {"items": items}))


def test_leaves_that_contradict_each_other_prove_nothing() -> None:
    stranger = Tree(leaves(document() | {"fp1": "cc" * 32}))
    assert "another identity" in reason(judge(ours(stranger)))
    public = leaves(document())
    del public["doc", DOC]
    assert "a document that is not there" in reason(judge(ours(Tree(public), overlays())))
    public["doc", DOC] = CODEC.encode("PublicDoc", document()) + b"\0"
    assert "does not decode" in reason(judge(ours(Tree(public), overlays())))


def test_custody_names_who_keeps_each_lot_and_refuses_a_lot_of_another_document() -> None:
    wanted = [("fp", forge.FP), ("doc", DOC), ("lot", LOT)]
    lot = {"status": "ACTIVE", "title": DOC, "custodian": "c0" * 32, "place": 3}

    def custody(value: Json) -> Verification:
        tree = Tree(leaves(document(), ("lot", LOT, "PublicLot", value)))
        return judge(ours(tree, wanted, question="custody"))

    assert custody(lot).status["lots"] == [{"lot": LOT, "status": "ACTIVE", "custodian": "c0" * 32, "place": 3}]
    assert custody(lot | {"status": "LOST", "title": None}).status["lots"][0]["status"] == "LOST"
    assert "under another one" in reason(custody(lot | {"title": "ee" * 32}))
    assert "a lot that is not there" in reason(judge(ours(wanted=wanted, question="custody")))


def test_a_case_has_its_level_until_it_ends() -> None:
    case = {"id": "ca" * 32, "ver": 1, "template": 1, "subject": DOC, "level": 3, "state": "MATCHED", "valid_until": TIME + 10}

    def level(height: int, **changed: Any) -> Verification:
        tree = Tree(leaves(document(), ("proof", "ca" * 32, "PublicProof", case | changed)))
        certificate = ours(tree, [("proof", "ca" * 32)], height=height)
        return judge(certificate | {"question": {"question": "proof_level", "proof": "ca" * 32}})

    assert level(9).status == {"verdict": "LEVEL", "level": 3, "state": "MATCHED", "subject": DOC}
    assert level(10).status["level"] == 0
    assert "another identity" in reason(level(9, id="cb" * 32))
