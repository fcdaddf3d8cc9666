"""Against a running network of four validators."""

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from landsea import (
    Client,
    Draft,
    ForbiddenError,
    HeightError,
    KeyFile,
    NormaliseError,
    Paper,
    PaperError,
    ProtocolError,
    RefusedError,
    Salts,
    TransportError,
    Trust,
    UnauthenticatedError,
    Verification,
    WrongNodeError,
    verify_certificate,
)

from .network import DOCUMENTS, Network, landsea
from .spellings import document
from .story import Story
from .tamper import tampered

README = Path(__file__).parents[1] / "README.md"
pytestmark = pytest.mark.live
VERDICTS = {
    "unknown": ("UNKNOWN", 12),
    "unoccupied": ("UNOCCUPIED", 13),
    "no_case": ("UNKNOWN", 12),
    "free": ("FREE", 0),
    "state_alone": ("ACTIVE", 13),
    "registered": ("REGISTERED", 13),
    "not_encumbered": ("NOT_ENCUMBERED", 13),
    "occupied": ("OCCUPIED", 13),
    "custody": ("CUSTODY", 13),
    "held": ("HELD", 11),
    "reserved": ("RESERVED", 9),
    "encumbered": ("ENCUMBERED", 10),
    "priority": ("ENCUMBERED", 10),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_a_certificate_of_every_state_gets_the_word_and_code_of_the_ledgers_own_verifier(story: Story, name: str) -> None:
    case = story.cases[name]
    mine = story.verify(case["certificate"])
    assert mine.to_json() == case["expected"]
    assert (mine.verdict, mine.exit_code) == VERDICTS[name]


def test_the_command_ends_with_the_same_code(story: Story, tmp_path: Path) -> None:
    for name, case in story.cases.items():
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(case["certificate"]), encoding="utf-8")
        done = landsea("certificate", "verify", str(file), "--genesis", str(story.network.genesis_file), check=False)
        assert done.returncode == verify_certificate(case["certificate"], Trust(story.network.genesis)).exit_code, name


def test_a_history_says_that_the_document_was_changed_between_free_and_encumbered(story: Story) -> None:
    case = story.cases["history"]
    mine = verify_certificate(case["certificate"], Trust(story.network.genesis), story.evidence())
    assert not isinstance(mine, Verification)
    assert mine.to_json() == case["expected"]
    assert (mine.exit_code, mine.earlier.verdict, mine.later.verdict) == (10, "FREE", "ENCUMBERED")


def test_what_is_asked_of_a_node_comes_proven_about_the_question_the_height_and_the_paper(story: Story) -> None:
    bank, genesis = story.cast.bank.client, story.network.genesis
    free = story.cases["free"]["certificate"]
    certificate, then = bank.proven_for_paper(story.cast.paper, genesis, opening=story.opening, height=free["height"])
    assert then.is_free_for_this_paper and certificate["height"] == free["height"]
    _, now = bank.proven_for_paper(story.cast.paper, genesis, opening=story.opening)
    assert (now.verdict, now.paper) == ("ENCUMBERED", {"paper": "VALID"})
    assert bank.proven(story.cases["occupied"]["certificate"]["question"], genesis)[1].verdict == "OCCUPIED"
    assert bank.certificate_for_paper(story.cast.paper)[1] != {}


def test_a_paper_with_another_weight_than_was_registered_is_told_by_the_disclosure_of_the_weight(story: Story) -> None:
    bank, genesis, paper = story.cast.bank.client, story.network.genesis, story.cast.paper
    heavier = Paper.new(paper.document | {"gross_weight": "99,999 kg"})
    whole = paper.open(story.cast.salts, [number for number, _ in paper.fields])
    assert bank.proven_for_paper(paper, genesis, opening=whole)[1].paper == {"paper": "VALID"}
    told = bank.proven_for_paper(heavier, genesis, opening=whole)[1]
    assert told.paper["paper"] == "NOT_SHOWN" and "gross_weight" in told.paper["reason"]
    assert (told.exit_code, told.is_free_for_this_paper) == (10, False)


def test_a_node_that_is_not_the_members_who_is_meant_gets_no_token(story: Story, network: Network) -> None:
    identity, url = story.cast.bank.identity, network.urls["cq"]
    member = Client(url).status()["member"]
    assert Client(url, identity, member=member).document_for_paper(story.cast.paper)[0] is not None
    with pytest.raises(WrongNodeError):
        Client(url, identity, member=member + 1).derive(story.cast.paper.derive_request())


def test_the_paper_in_hand_is_shown_to_be_the_document_that_is_free(story: Story) -> None:
    assert story.verify(story.cases["free"]["certificate"]).is_free_for_this_paper
    assert not story.verify(story.cases["encumbered"]["certificate"]).is_free_for_this_paper


def test_another_bank_gets_neither_reservation_nor_pledge(story: Story) -> None:
    assert story.codes["second reservation"]["code_name"] == "RESERVED_BY_OTHER"
    assert story.codes["second pledge"]["code_name"] == "ALREADY_PLEDGED"
    since = story.cases["encumbered"]["expected"]["status"]
    assert story.codes["second pledge"]["args"] == [since["since"], since["member"]]


def test_one_changed_value_anywhere_makes_a_certificate_invalid_here_and_at_the_node(story: Story, chance: random.Random) -> None:
    names = [name for name in story.cases if name != "history"]
    for _ in range(300):
        name = chance.choice(names)
        certificate = story.cases[name]["certificate"]
        # One signature more than a quorum may be taken away.
        certificate = certificate | {"commit": certificate["commit"][:3]}
        forged, place = tampered(certificate, chance)
        mine = story.verify(forged)
        # To ask twice for the same goods key is the same question.
        assert mine.verdict == "INVALID" or place == "question.keys", f"{name}: {place}"
        try:
            theirs = story.ask_node(forged)
        except ProtocolError:
            # The node cannot even read it.
            assert mine.integrity["reason"].startswith("not a certificate"), f"{name}: {place}"
            continue
        assert mine.to_json() == theirs, f"{name}: {place}"


def test_one_changed_byte_of_a_file_gets_the_code_of_the_command(story: Story, chance: random.Random, tmp_path: Path) -> None:
    text = json.dumps(story.cases["free"]["certificate"], indent=2).encode()
    file, genesis = tmp_path / "certificate.json", str(story.network.genesis_file)
    for _ in range(60):
        at = chance.randrange(len(text))
        forged = text[:at] + bytes([text[at] ^ (1 << chance.randrange(8))]) + text[at + 1 :]
        file.write_bytes(forged)
        theirs = landsea("certificate", "verify", str(file), "--genesis", genesis, check=False).returncode
        mine = verify_certificate(forged, Trust(story.network.genesis)).exit_code
        assert mine == theirs, f"byte {at}: {text[at : at + 1]!r} became {forged[at : at + 1]!r}"


def test_documents_get_the_raw_fingerprints_of_the_command() -> None:
    for path in sorted(DOCUMENTS.glob("*.json")):
        theirs = json.loads(landsea("fingerprint", "raw", str(path), "--json").stdout)
        assert Paper.load(path).derive_request() == theirs, path.name


def test_odd_spellings_are_read_or_refused_as_by_the_command(chance: random.Random, tmp_path: Path) -> None:
    base, file = json.loads((DOCUMENTS / "s1_ncd.json").read_text(encoding="utf-8")), tmp_path / "document.json"
    for _ in range(150):
        changed = document(base, chance)
        file.write_text(json.dumps(changed), encoding="utf-8")
        done = landsea("fingerprint", "raw", str(file), "--json", check=False)
        theirs = json.loads(done.stdout) if done.returncode == 0 else None
        try:
            mine = Paper.load(file).derive_request()
        except (NormaliseError, PaperError):
            mine = None
        assert mine == theirs, {name: value for name, value in changed.items() if value != base.get(name)}


def test_a_draft_of_the_package_is_read_and_signed_by_the_command(story: Story, network: Network, tmp_path: Path) -> None:
    branch = network.branch("cq")
    party = story.cast.exporter.identity.account
    draft = branch.draft().add("party.tag", party=party, expect_ver=1, tag=7, **{"from": 0, "to": story.cast.not_after(branch)})
    assert Draft.from_json(draft.to_json()) == draft
    (tmp_path / "draft.json").write_text(draft.to_json(), encoding="utf-8")
    key, out = str(network.folder / "keys/branch-cq.key"), str(tmp_path / "signed.json")
    genesis = str(network.genesis_file)
    landsea("tx", "sign", str(tmp_path / "draft.json"), "--key", key, "--out", out, "--genesis", genesis)
    submitted = landsea("tx", "submit", out, "--node", network.urls["cq"], "--json")
    assert branch.identity is not None
    assert json.loads(submitted.stdout)["id"] == draft.sign(branch.identity).id


def example(number: int, story: Story, home: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs an example of the README in a folder."""
    block = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[number]
    environment = os.environ | {"LANDSEA_NODE": story.network.urls[home]}
    command = [sys.executable, "-c", block]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, env=environment, timeout=60)


def test_the_readmes_first_example_says_that_the_bill_is_pledged(story: Story, tmp_path: Path) -> None:
    (tmp_path / "genesis.json").write_bytes(story.network.genesis_file.read_bytes())
    (tmp_path / "paper.json").write_bytes((DOCUMENTS / "s1_ncd.json").read_bytes())
    bank = story.cast.bank.identity
    KeyFile("ledger", bank.secret, bank.account).create(tmp_path / "bank.key")
    (tmp_path / "disclosure.json").write_text(json.dumps(story.opening), encoding="utf-8")
    done = example(0, story, "cq", tmp_path)
    assert done.returncode == 10, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["INTEGRITY", "STATUS", "ISSUER", "PAPER"]
    assert lines[1].startswith("STATUS     ENCUMBERED(since ")
    assert lines[3] == "PAPER      VALID"


def test_the_readmes_second_example_anchors_a_note(story: Story, tmp_path: Path) -> None:
    (tmp_path / "note.json").write_bytes((DOCUMENTS / "s1_leg_note.json").read_bytes())
    carrier = story.cast.operator.identity
    KeyFile("ledger", carrier.secret, carrier.account).create(tmp_path / "carrier.key")
    done = example(1, story, "cq", tmp_path)
    assert done.returncode == 0, done.stderr
    word, doc = done.stdout.split()
    found = story.cast.bank.client.document(doc=doc)
    assert word == "OK" and found is not None and found["public"]["state"] == "ANCHORED"
    assert found["public"]["content_root"] == Salts.load(tmp_path / "note.salts").content_root.hex()


def test_the_same_bytes_are_committed_once(story: Story, network: Network) -> None:
    branch = network.branch("gx")
    assert branch.identity is not None
    party = story.cast.other_bank.identity.account
    args = {"party": party, "expect_ver": 1, "tag": 8, "from": 0, "to": story.cast.not_after(branch)}
    signed = branch.draft().add("party.tag", **args).sign(branch.identity)
    assert branch.simulate(signed)["code_name"] == "OK"
    assert branch.submit_and_wait(signed)["id"] == signed.id
    with pytest.raises(RefusedError) as refused:
        branch.submit(signed)
    assert refused.value.name == "ALREADY_COMMITTED"
    committed = branch.transaction(signed.id)
    assert committed is not None and committed["code"] == 0


def test_errors_are_split_by_who_must_react(story: Story, network: Network, tmp_path: Path) -> None:
    anybody, request = Client(network.urls["cq"]), story.cast.paper.derive_request()
    with pytest.raises(UnauthenticatedError):
        anybody.derive(request)
    with pytest.raises(ForbiddenError):
        Client(network.urls["gx"], story.cast.bank.identity).derive(request)
    with pytest.raises(HeightError):
        anybody.certificate({"question": "not_pledged", "fp1": "00" * 32}, height=10**9)
    with pytest.raises(ProtocolError):
        anybody.call("no_such_method")
    with pytest.raises(TransportError):
        Client("http://127.0.0.1:1").status()


def test_a_key_file_of_the_command_is_the_key_file_of_the_package(tmp_path: Path) -> None:
    landsea("key", "new", str(tmp_path / "theirs.key"))
    theirs = KeyFile.load(tmp_path / "theirs.key", kind="ledger")
    theirs.create(tmp_path / "mine.key")
    assert (tmp_path / "mine.key").read_text() == (tmp_path / "theirs.key").read_text()
