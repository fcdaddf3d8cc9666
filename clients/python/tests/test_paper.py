"""Whether the paper in hand is the document: tickets, disclosures and salts."""

from pathlib import Path
from typing import Any

import pytest

from landsea import CODEC, Paper, PaperError, PaperEvidence, Salts, SecretKey, Trust, Verification, verify_certificate
from landsea.fingerprint import raw_fp1_from_fields, verify_opening

from . import forge
from .forge import DOC, LOT, Tree, document, leaves, overlays
from .network import DOCUMENTS

OURS = forge.keys(0)
CHAIN = forge.genesis(OURS)
BILL = Paper.load(DOCUMENTS / "s1_ncd.json")
SALTS = Salts(BILL.content_root(b"s" * 32), b"s" * 32)
OPENING = BILL.open_identity(SALTS)


def ticket(key: SecretKey = OURS[1], chain: bytes = CHAIN.chain_id, **changed: Any) -> dict[str, Any]:
    """A query ticket that member 1 signed."""
    body = {"chain_id": chain.hex(), "kind": 11, "raw1": BILL.fp1.hex(), "fp1": forge.FP, "member": 1, "at": 1, **changed}
    return {"body": body, "signature": key.sign(CODEC.message("query-ticket", chain, body)).hex()}


def line(evidence: PaperEvidence, kind: int = 11) -> str:
    """The reason of the PAPER line, or VALID."""
    doc = document() | {"content_root": SALTS.content_root.hex(), "kind": kind}
    certificate = forge.certificate(CHAIN.chain_id, Tree(leaves(doc)), OURS, OURS, overlays(DOC, LOT))
    verification = verify_certificate(certificate, Trust(CHAIN, now=2**45), evidence)
    assert isinstance(verification, Verification) and verification.verdict == "FREE"
    return str(verification.paper.get("reason", "VALID"))


def test_a_ticket_and_fields_under_the_content_root_show_the_paper() -> None:
    assert line(PaperEvidence(ticket(), OPENING)) == "VALID"
    # One family: the same paper may be called MTD or NCD.
    assert line(PaperEvidence(ticket(), OPENING), kind=10) == "VALID"


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (ticket(key=OURS[2]), "not signed by that branch"),
        (ticket(chain=b"\7" * 32), "not signed by that branch for this chain"),
        (ticket(member=9), "no member of this chain"),
        (ticket(fp1="00" * 32), "about another document"),
        (ticket(raw1="00" * 32), "those of another paper"),
        (ticket(kind=13), "of another kind"),
        (ticket(kind=9999), "malformed"),
    ],
)
def test_a_ticket_that_says_something_else_shows_nothing(shown: dict[str, Any], why: str) -> None:
    assert why in line(PaperEvidence(shown, OPENING))


def test_an_opening_is_refused_when_it_is_reordered_moved_or_lengthened() -> None:
    root, fields = SALTS.content_root, OPENING["fields"]
    opened = verify_opening(OPENING, root)
    assert raw_fp1_from_fields("NCD", opened) == BILL.fp1
    with pytest.raises(PaperError, match="ascending"):
        verify_opening(OPENING | {"fields": fields[::-1]}, root)
    with pytest.raises(PaperError, match="ascending"):
        verify_opening(OPENING | {"fields": [fields[0], fields[0]]}, root)
    changes: list[dict[str, Any]] = [
        {"index": OPENING["leaves"]},
        {"path": [*fields[0]["path"], "00" * 32]},
        {"path": fields[0]["path"][1:]},
        {"bytes": "00"},
        {"salt": "00" * 32},
        {"field": 3},
    ]
    for change in changes:
        with pytest.raises(PaperError, match="does not open"):
            verify_opening(OPENING | {"fields": [fields[0] | change]}, root)
    with pytest.raises(PaperError, match="does not open"):
        verify_opening(OPENING | {"leaves": OPENING["leaves"] + 1}, root)


@pytest.mark.parametrize("changed", [{"leaves": 2**40}, {"leaves": True}, {"fields": None}, {"fields": [1]}, {"fields": [{}]}])
def test_a_malformed_disclosure_shows_nothing_and_raises_nothing(changed: dict[str, Any]) -> None:
    assert "malformed" in line(PaperEvidence(ticket(), OPENING | changed))
    for broken in ({"field": -1}, {"field": 2**16}, {"index": "0"}, {"index": None}, {"bytes": "0"}, {"salt": ""}, {"path": 1}):
        fields = [OPENING["fields"][0] | broken]
        assert "malformed" in line(PaperEvidence(ticket(), OPENING | {"fields": fields}))


def test_every_field_of_every_document_opens_under_its_root() -> None:
    for path in DOCUMENTS.glob("*.json"):
        paper = Paper.load(path)
        salts = Salts.for_paper(paper)
        assert verify_opening(paper.open(salts, [number for number, _ in paper.fields]), salts.content_root) == paper.fields


def test_salts_of_another_document_and_fields_that_are_not_stated_are_refused(tmp_path: Path) -> None:
    SALTS.create(tmp_path / "salts.json")
    assert Salts.load(tmp_path / "salts.json") == SALTS
    other = Paper.new(BILL.document | {"number": "X-1"})
    with pytest.raises(PaperError, match="another document"):
        other.open_identity(SALTS)
    with pytest.raises(PaperError, match="does not state field 28"):
        BILL.open(SALTS, [28])
    (tmp_path / "salts.json").write_text("{}")
    with pytest.raises(PaperError, match="not a salts file"):
        Salts.load(tmp_path / "salts.json")


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"kind":"NCD","kind":"NCD"}', '{"kind":"XYZ"}', '{"kind":"NCD","colour":"red"}', '{"kind":true}']
)
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(PaperError):
        Paper.from_json(text)


def test_no_error_and_no_print_shows_a_value_of_the_document() -> None:
    assert "SHLT" not in repr(BILL) and SALTS.secret.hex() not in repr(SALTS)
    with pytest.raises(ValueError, match="containers") as refused:
        Paper.new(BILL.document | {"containers": ["SECRET12345"]})
    assert "SECRET" not in str(refused.value)
