"""What a node answers is about what was asked, and about the paper in hand: against a node that answers something else, genuine or not."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

import landsea
from landsea import (
    Client,
    Genesis,
    KeyFile,
    OtherAnswerError,
    Paper,
    PaperEvidence,
    SecretKey,
    Trust,
    Verification,
    verify_answer,
    verify_certificate,
)

from .freeze import FROZEN
from .network import DOCUMENTS, ROOT

Json = dict[str, Any]
LIVE = json.loads(FROZEN.read_text(encoding="utf-8"))
GENESIS = Genesis.from_json(LIVE["genesis"])
TICKETS = {"query_ticket": LIVE["ticket"], "ticket": {"body": {"fp1": LIVE["ticket"]["body"]["fp1"]}}}
PAPER = Paper.load(DOCUMENTS / "s1_ncd.json")
FREE: Json = LIVE["cases"]["free"]["certificate"]
QUESTION: Json = FREE["question"]
HEIGHT: int = FREE["height"]
HOUR_MS = 3_600_000
READMES = (ROOT / "README.md", ROOT / "clients/python/README.md")


def node(certificate: Any, tickets: Any = TICKETS) -> Client:
    """A client whose node answers every question with one certificate, and every paper with the same tickets."""

    def handle(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        status = {"chain_id": FREE["chain_id"], "member": 1, "height": HEIGHT}
        results = {"certificate": certificate, "fingerprint_derive": tickets, "status": status}
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": asked["id"], "result": results[asked["method"]]})

    return Client("http://node", http=httpx.Client(transport=httpx.MockTransport(handle)))


def clock(monkeypatch: pytest.MonkeyPatch, now: int) -> None:
    monkeypatch.setattr("landsea.certificate.now_ms", lambda: now)
    monkeypatch.setattr("landsea.rpc.now_ms", lambda: now)


def case(name: str) -> Json:
    certificate: Json = LIVE["cases"][name]["certificate"]
    return certificate


@pytest.mark.parametrize(
    ("answer", "question", "height", "why"),
    [
        (FREE, {"question": "not_pledged", "fp1": "ab" * 32}, None, "another question than was asked: not_pledged of"),
        (case("registered"), QUESTION, None, "another question than was asked: unknown of"),
        (case("state_alone"), QUESTION, HEIGHT, "another question than was asked: doc_status of"),
        (case("occupied"), {"question": "goods_keys", "keys": ["ab" * 32]}, None, "another question than was asked: goods_keys of"),
        (case("no_case"), {"question": "proof_level", "proof": "ab" * 32}, None, "another question than was asked: proof_level of"),
        (FREE, QUESTION, HEIGHT + 1, f"of height {HEIGHT}, and height {HEIGHT + 1} was asked for"),
        (case("history"), QUESTION, None, "two heights"),
        ({}, QUESTION, None, "not a certificate"),
        (None, QUESTION, None, "not a certificate"),
        ([FREE], QUESTION, None, "not a certificate"),
    ],
)
def test_a_genuine_certificate_about_something_else_is_invalid_and_none_of_the_client(
    answer: Any, question: Json, height: int | None, why: str
) -> None:
    _, verification = node(answer).proven(question, GENESIS, height=height, max_age_ms=None)
    assert (verification.verdict, verification.exit_code) == ("INVALID", 20)
    assert why in verification.integrity["reason"] and not verification.is_free_for_this_paper
    with pytest.raises(OtherAnswerError, match=why):
        node(answer).certificate(question, height, None)
    if isinstance(answer, dict) and answer:
        assert verify_certificate(answer, Trust(GENESIS)).exit_code != 20, "it is genuine"


def test_the_certificate_that_was_asked_for_is_taken_in_whatever_case_its_digits_are_written() -> None:
    asked = QUESTION | {"fp1": QUESTION["fp1"].upper()}
    for height in (None, HEIGHT):
        assert node(FREE).proven(asked, GENESIS, height=height, max_age_ms=None)[1].verdict == "FREE"
        assert node(FREE).certificate(asked, height, None)["height"] == HEIGHT
    assert verify_answer(json.dumps(FREE), asked, Trust(GENESIS), height=HEIGHT).verdict == "FREE"


def test_an_answer_of_the_newest_height_is_at_most_an_hour_old_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    at = FREE["header"]["time"]
    clock(monkeypatch, at + HOUR_MS)
    assert node(FREE).proven(QUESTION, GENESIS)[1].verdict == "FREE"
    assert node(FREE).certificate(QUESTION)["height"] == HEIGHT
    clock(monkeypatch, at + HOUR_MS + 1)
    assert node(FREE).proven(QUESTION, GENESIS)[1].exit_code == 21
    assert node(FREE).proven(QUESTION, GENESIS, max_age_ms=HOUR_MS + 1)[1].exit_code == 0
    assert node(FREE).proven(QUESTION, GENESIS, height=HEIGHT)[1].exit_code == 0
    with pytest.raises(OtherAnswerError, match="at most 3600000"):
        node(FREE).certificate(QUESTION)
    with pytest.raises(OtherAnswerError, match="at most 3600000"):
        node(FREE).certificate_for_paper(PAPER)
    assert node(FREE).certificate(QUESTION, HEIGHT)["height"] == HEIGHT


def judged(certificate: Json, opening: Json | None) -> Verification:
    return node(certificate).proven_for_paper(PAPER, GENESIS, opening=opening, max_age_ms=None)[1]


def test_a_free_document_is_free_for_this_paper_only_where_the_disclosure_opens_it() -> None:
    shown, bare = judged(FREE, LIVE["opening"]), judged(FREE, None)
    assert (shown.exit_code, shown.paper, shown.is_free_for_this_paper) == (0, {"paper": "VALID"}, True)
    assert (bare.exit_code, bare.paper["paper"], bare.is_free_for_this_paper) == (0, "NOT_SHOWN", False)
    pledged = judged(case("encumbered"), LIVE["opening"])
    assert (pledged.exit_code, pledged.paper, pledged.is_free_for_this_paper) == (10, {"paper": "VALID"}, False)
    assert judged(case("unknown"), None).paper == {"paper": "VALID"}


def test_a_paper_that_says_something_else_than_the_issuer_disclosed_is_not_shown() -> None:
    for number, _ in PAPER.fields:
        altered = [(n, b"X" + v if n == number else v) for n, v in PAPER.fields]
        evidence = PaperEvidence(LIVE["ticket"], LIVE["opening"], altered)
        judged = verify_certificate(FREE, Trust(GENESIS), evidence)
        assert isinstance(judged, Verification)
        is_opened = number in [opened["field"] for opened in LIVE["opening"]["fields"]]
        assert judged.is_free_for_this_paper is not is_opened, number
        assert ("something else" in str(judged.paper.get("reason"))) is is_opened, number


def test_tickets_about_another_paper_are_refused_before_anything_is_asked_about_it() -> None:
    other = Paper.new(json.loads((DOCUMENTS / "s1_ncd.json").read_text(encoding="utf-8")) | {"number": "SHLT-CKG-SIN-2026-999999"})
    mixed = TICKETS | {"ticket": {"body": {"fp1": "ab" * 32}}}
    wrong: list[Any] = [mixed, {}, {"query_ticket": []}]
    for client, paper in [(node(FREE), other), *((node(FREE, tickets), PAPER) for tickets in wrong)]:
        for ask in (client.certificate_for_paper, client.document_for_paper, lambda p, c=client: c.proven_for_paper(p, GENESIS)):
            with pytest.raises(OtherAnswerError, match="another paper"):
                ask(paper)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
@pytest.mark.parametrize(
    ("name", "is_disclosed", "code"),
    [("free", True, 0), ("free", False, 13), ("encumbered", True, 10), ("unknown", False, 12), ("registered", True, 20)],
)
def test_the_readmes_example_ends_with_zero_only_for_a_free_document_whose_paper_was_shown(
    readme: Path, name: str, is_disclosed: bool, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = re.findall(r"```python\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)[0]
    (tmp_path / "genesis.json").write_text(LIVE["genesis"], encoding="utf-8")
    (tmp_path / "paper.json").write_bytes((DOCUMENTS / "s1_ncd.json").read_bytes())
    (tmp_path / "disclosure.json").write_text(json.dumps(LIVE["opening"] if is_disclosed else None), encoding="utf-8")
    KeyFile("ledger", SecretKey(b"b" * 32), "11" * 32).create(tmp_path / "bank.key")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANDSEA_NODE", "http://node")
    monkeypatch.setattr(landsea, "Client", lambda url, identity: node(case(name)))
    clock(monkeypatch, case(name)["header"]["time"])
    with pytest.raises(SystemExit) as ended:
        exec(compile(block, str(readme), "exec"), {})
    assert ended.value.code == code
