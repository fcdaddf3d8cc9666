"""The verifier of status certificates: from a genesis to a verdict, without asking anybody.

It answers as `landsea certificate verify` does, with the same words, lines and exit codes:

- INTEGRITY: a quorum of this chain decided the header, and every leaf shown is the one under it.
- STATUS: the verdict at the header's time. FREE needs the document ACTIVE and neither encumbrance, reservation nor hold on it or on
  any of its lots; a document that was never registered is UNKNOWN and never FREE.
- ISSUER: who issued the document and which branch answers for that party.
- PAPER: whether the paper in hand is that document, where the bearer shows a query ticket and a disclosure.

The leaves a question needs follow from the leaves themselves; a certificate that shows less or more is refused. `issued_at` is not
signed and is used for nothing. Validators whose keys have retired can still sign an old-looking history; a pinned header bounds that.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import tree
from .codec import CODEC, CodecError
from .crypto import unhex, verify_strict
from .fingerprint import FIELD_NAMES, KIND_NAMES, PaperError, family, raw_fp1_from_fields, verify_opening
from .genesis import Genesis
from .verdict import HistoryVerification, Verification

CERTIFICATE_BYTES_MAX: int = CODEC.constants["bounds"]["certificate_bytes"]
GOODS_KEYS_MAX: int = CODEC.constants["bounds"]["goods_keys"]
_VERSIONS: dict[str, int] = CODEC.constants["versions"]
_TERMINAL = frozenset(CODEC.constants["terminal_doc_states"])
_GRAVITY: dict[str, int] = CODEC.constants["hold_gravity"]
# Families of leaves: encoding number and owning module, both in a tree key.
_FAMILIES: dict[str, tuple[int, int]] = {name: (tag, module) for name, tag, module in CODEC.constants["families"]}

Json = dict[str, Any]
ItemKey = tuple[int, bytes]
Proved = Mapping[ItemKey, bytes | None]


class VerifyError(Exception):
    """Why a certificate proves nothing."""


def now_ms() -> int:
    """This computer's clock, milliseconds since 1970. Only tokens and freshness depend on it."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class PaperEvidence:
    """What a bearer shows beside a certificate: the query ticket, and fields opened under the content root, read off the paper, or both.

    Where both are there, fields that both state must be equal. What is not opened is not shown: a paper may say anything there.
    """

    ticket: Json
    opening: Json | None = None
    fields: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass(frozen=True)
class Trust:
    """What the verifier starts from.

    `pinned` is a newer header known to be genuine and `max_age_ms` the largest age of the header; any age when `None`. `now` replaces
    this computer's clock, milliseconds since 1970.
    """

    genesis: Genesis
    max_age_ms: int | None = None
    pinned: Json | None = None
    now: int | None = None

    def clock(self) -> int:
        """The time at which is judged: `now`, or else this computer's clock at that moment."""
        return now_ms() if self.now is None else self.now


def _not_shown(reason: str) -> Json:
    return {"paper": "NOT_SHOWN", "reason": reason}


def _invalid(reason: str) -> Verification:
    integrity = {"integrity": "INVALID", "reason": reason}
    return Verification(integrity, {"verdict": "INVALID"}, None, _not_shown("the certificate proves nothing"))


def verify_certificate(
    certificate: str | bytes | Json, trust: Trust, paper: PaperEvidence | None = None
) -> Verification | HistoryVerification:
    """Verifies a certificate or a history: text of a file, or the answer of the node's `certificate` method.

    Never raises for what the certificate says: a file that no certificate can be is INVALID. Two certificates are told from one by
    the field `earlier`.
    """
    try:
        parsed = _canonical(_parse(certificate))
    except (CodecError, VerifyError) as error:
        return _invalid(f"not a certificate: {error}")
    return _verify_history(parsed, trust, paper) if "earlier" in parsed else _verify_one(parsed, trust, paper)


def verify_answer(
    certificate: Any, question: Json, trust: Trust, *, height: int | None = None, paper: PaperEvidence | None = None
) -> Verification:
    """Verifies what a node answered to a question, at a height if one was named.

    A certificate about anything else is INVALID, however genuine. Never raises for what the node says; raises `CodecError` for a
    question that is none.
    """
    try:
        return _verify_one(as_asked(certificate, question, height), trust, paper)
    except VerifyError as error:
        return _invalid(str(error))


def as_asked(certificate: Any, question: Json, height: int | None = None) -> Json:
    """A node's answer, not verified yet; `VerifyError` when it is no certificate about what was asked."""
    wanted = CODEC.encode("Question", question)
    try:
        parsed = _canonical(_parse(certificate))
    except (CodecError, VerifyError) as error:
        raise VerifyError(f"not a certificate: {error}") from None
    if "earlier" in parsed:
        raise VerifyError("the answer has two heights, and one was asked for")
    said = parsed["question"]
    if CODEC.encode("Question", said) != wanted:
        subject = said.get("fp1") or said.get("proof") or ", ".join(said.get("keys", []))
        raise VerifyError(f"the certificate answers another question than was asked: {said['question']} of {subject}")
    if height is not None and parsed["height"] != height:
        raise VerifyError(f"the certificate is of height {parsed['height']}, and height {height} was asked for")
    return parsed


def _canonical(parsed: Json) -> Json:
    """The same through its one encoding, so that every value has its own type and one spelling."""
    type_ = "HistoryCertificate" if "earlier" in parsed else "StatusCertificate"
    canonical: Json = CODEC.decode(type_, CODEC.encode(type_, parsed))
    return canonical


def _no_twice(pairs: list[tuple[str, Any]]) -> Json:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise VerifyError("a field stands twice")
    return result


def _natural(digits: str) -> int:
    # Python reads -0 as 0; the ledger's own verifier does not.
    if digits.startswith("-"):
        raise VerifyError("a number is negative")
    return int(digits)


def _parse(certificate: str | bytes | Json) -> Json:
    if not isinstance(certificate, str | bytes):
        if not isinstance(certificate, dict):
            raise VerifyError("expected one JSON object")
        return certificate
    size = len(certificate if isinstance(certificate, bytes) else certificate.encode("utf-8", "surrogatepass"))
    if size > CERTIFICATE_BYTES_MAX:
        raise VerifyError(f"{size} bytes; a certificate has at most {CERTIFICATE_BYTES_MAX}")
    try:
        text = certificate.decode("utf-8") if isinstance(certificate, bytes) else certificate
        parsed = json.loads(text, object_pairs_hook=_no_twice, parse_int=_natural)
    except (ValueError, RecursionError) as error:
        raise VerifyError(f"no JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise VerifyError("expected one JSON object")
    return parsed


def _verify_one(certificate: Json, trust: Trust, paper: PaperEvidence | None) -> Verification:
    try:
        return _verify(certificate, trust, paper)
    except VerifyError as error:
        return _invalid(str(error))


def _verify(cert: Json, trust: Trust, paper: PaperEvidence | None) -> Verification:
    chain, header, question = trust.genesis.chain_id, cert["header"], cert["question"]
    _check_frame(cert, chain)
    validators = _validators(cert, trust.genesis, chain)
    if header["validators_hash"].lower() != _set_hash(validators):
        raise _not_the_validators(cert["height"])
    commit = {
        "height": cert["height"],
        "round": cert["round"],
        "block": _header_id(header).hex(),
        "signatures": cert["commit"],
    }
    _check_decided(commit, chain, validators)
    _check_pinned(cert, trust.pinned)
    now = trust.clock()
    _check_clock(header["time"], now, trust.genesis)
    proved = _proved(cert)
    doc = _document(question, proved)
    status = _status(question, header["time"], proved, doc)
    age = max(0, now - header["time"])
    if trust.max_age_ms is not None and age > trust.max_age_ms:
        status = {"verdict": "STALE", "age_ms": age, "max_age_ms": trust.max_age_ms}
        paper_line = _not_shown("the certificate is too old")
    else:
        paper_line = _judge(paper, question.get("fp1"), doc, trust.genesis, chain)
    integrity = {
        "integrity": "VALID",
        "signers": len(cert["commit"]),
        "validators": len(validators),
        "height": cert["height"],
        "time": header["time"],
    }
    return Verification(integrity, status, _issuer(doc, trust.genesis), paper_line)


def _check_frame(cert: Json, chain: bytes) -> None:
    header = cert["header"]
    if cert["version"] != _VERSIONS["certificate"]:
        raise VerifyError(f"certificate version {cert['version']} is not known")
    if unhex(cert["chain_id"]) != chain:
        raise VerifyError(f"made for chain {cert['chain_id'].lower()}, this genesis is chain {chain.hex()}")
    same = header["version"] == _VERSIONS["header"] and unhex(header["chain_id"]) == chain and header["height"] == cert["height"]
    if not same:
        raise VerifyError("height or chain differ between certificate and header")
    if cert["question"]["question"] == "goods_keys" and not 1 <= len(cert["question"]["keys"]) <= GOODS_KEYS_MAX:
        raise VerifyError("the question is outside the limits")


# Who decided


def _header_id(header: Json) -> bytes:
    return CODEC.hash("header", header)


def _set_hash(validators: dict[int, bytes]) -> str:
    seats = [{"member": member, "public_key": key.hex()} for member, key in validators.items()]
    return CODEC.hash("validator-set", {"validators": seats}).hex()


def _not_the_validators(height: int) -> VerifyError:
    return VerifyError(f"the validators of block {height} are not those that the genesis leads to")


def _validators(cert: Json, genesis: Genesis, chain: bytes) -> dict[int, bytes]:
    """The set of this height: the genesis set, changed as quorums of the sets before decided."""
    validators, last = genesis.validators, 0
    for change in cert["valset_proof"]:
        header, commit, height = change["header"], change["commit"], change["header"]["height"]
        following = CODEC.hash("validator-set", change["next"])
        fits = (
            unhex(header["chain_id"]) == chain
            and last < height < cert["height"]
            and header["validators_hash"].lower() == _set_hash(validators)
            and unhex(header["next_validators_hash"]) == following
            and commit["height"] == height
            and unhex(commit["block"]) == _header_id(header)
        )
        if not fits:
            raise _not_the_validators(height)
        _check_decided(commit, chain, validators)
        seats = {seat["member"]: unhex(seat["public_key"]) for seat in change["next"]["validators"]}
        if not seats or len(set(seats.values())) != len(change["next"]["validators"]):
            raise _not_the_validators(height)
        validators, last = dict(sorted(seats.items())), height
    return validators


def _check_decided(commit: Json, chain: bytes, validators: dict[int, bytes]) -> None:
    """Checks that a quorum of distinct validators signed a precommit for exactly this block, height and round."""
    signatures, quorum, last = commit["signatures"], len(validators) * 2 // 3 + 1, -1

    def undecided(why: str) -> VerifyError:
        return VerifyError(f"block {commit['height']} was not decided: {why}")

    if len(signatures) < quorum:
        raise undecided(f"{len(signatures)} signatures, {quorum} needed")
    for member, signature in signatures:
        if member <= last:
            raise undecided(f"member {member} signs twice or out of order")
        last = member
        if member not in validators:
            raise undecided(f"member {member} is not a validator at this height")
        vote = {
            "kind": "Precommit",
            "height": commit["height"],
            "round": commit["round"],
            "block": commit["block"],
            "voter": member,
        }
        message = CODEC.message("vote", chain, vote)
        if not verify_strict(validators[member], message, unhex(signature, 64)):
            raise undecided(f"the signature of member {member} does not verify")


def _check_pinned(cert: Json, pinned: Json | None) -> None:
    """A pinned header must be on the same chain of blocks; an older certificate counts only while the same validators stand."""
    if pinned is None:
        return
    mine, height = cert["header"], pinned["height"]
    fits = unhex(pinned["chain_id"]) == unhex(mine["chain_id"])
    if mine["height"] == height:
        fits = fits and _header_id(mine) == _header_id(pinned)
    elif mine["height"] < height:
        same_set = unhex(mine["validators_hash"]) == unhex(pinned["validators_hash"])
        fits = fits and mine["time"] < pinned["time"] and same_set
    else:
        fits = fits and mine["time"] > pinned["time"] and _leads_from(cert, pinned)
    if not fits:
        raise VerifyError(f"the header contradicts the pinned header of block {height}")


def _leads_from(cert: Json, pinned: Json) -> bool:
    """Whether the validators after the pinned header are those that this certificate's own chain of sets has at that height."""
    headers = [change["header"] for change in cert["valset_proof"]]
    for header in headers:
        if header["height"] == pinned["height"]:
            return _header_id(header) == _header_id(pinned)
    later = next((h for h in headers if h["height"] > pinned["height"]), cert["header"])
    return unhex(later["validators_hash"]) == unhex(pinned["next_validators_hash"])


def _check_clock(block_time: int, now: int, genesis: Genesis) -> None:
    if block_time > now + genesis.clock_drift_ms:
        raise VerifyError(f"block time {block_time} lies in the future of the verifier's clock {now}")


# What is proved


def _item_key(name: str, id_: bytes) -> ItemKey:
    return _FAMILIES[name][0], id_


def _proved(cert: Json) -> Proved:
    """Checks every path, and that the items are exactly those that the question needs given what they prove."""
    _check_hashes(cert)
    root, hashes = unhex(cert["header"]["state_root"]), [unhex(h) for h in cert["hashes"]]
    proved: dict[ItemKey, bytes | None] = {}
    shown = []
    for item in cert["items"]:
        id_, opening = unhex(item["id"]), item.get("opening")
        number, module = _FAMILIES[item["family"]]
        public = None if opening is None else unhex(opening["public"])
        _check_item(item, tree.tree_key(module, number, id_), public, hashes, root)
        proved[number, id_] = public
        shown.append((number, id_))
    if shown != _needed(cert["question"], proved.get):
        raise VerifyError("the leaves shown are not exactly those that the question needs")
    return proved


def _check_hashes(cert: Json) -> None:
    """Entries stand in order of first use, so each is used, and there is one way to write a certificate."""
    following, entries = 0, [h.lower() for h in cert["hashes"]]
    for index in (index for item in cert["items"] for index in item["path"]):
        if index > following:
            raise VerifyError("the shared hashes are repeated, unused or missing")
        following += index == following
    if following != len(entries) or len(set(entries)) != following:
        raise VerifyError("the shared hashes are repeated, unused or missing")


def _check_item(item: Json, key: bytes, public: bytes | None, hashes: list[bytes], root: bytes) -> None:
    siblings = [hashes[index] for index in item["path"]]
    neighbour, value = item.get("neighbour"), None
    if public is None:
        leaf = neighbour and (unhex(neighbour["key"]), unhex(neighbour["value_hash"]))
    elif neighbour is not None:
        raise VerifyError("the leaves shown are not exactly those that the question needs")
    else:
        value = tree.leaf_value(public, unhex(item["opening"]["record_hash"]))
        leaf = (key, tree.value_hash(value))
    try:
        tree.verify_proof(root, key, value, leaf, siblings)
    except tree.ProofError as error:
        name = "".join(word.capitalize() for word in item["family"].split("_"))
        raise VerifyError(f"{name} {item['id'].lower()}: {error}") from None


def _needed(question: Json, public: Callable[[ItemKey], bytes | None]) -> list[ItemKey]:
    """The leaves that a question needs, ascending, given the public parts of the leaves."""
    kind = question["question"]
    if kind == "goods_keys":
        return sorted({_item_key("goods_key", unhex(key)) for key in question["keys"]})
    if kind == "proof_level":
        return [_item_key("proof", unhex(question["proof"]))]
    fp = _item_key("fp", unhex(question["fp1"]))
    named = _decode("PublicFp", public(fp))
    if named is None:
        return [fp]
    at = _item_key("doc", unhex(named["doc"]))
    doc = _decode("PublicDoc", public(at))
    return sorted({fp, at, *(_beside(kind, doc) if doc else [])})


def _beside(kind: str, doc: Json) -> list[ItemKey]:
    targets = [unhex(doc["id"]), *(unhex(lot) for lot in doc["lots"])]
    if kind == "pledge":
        return [_item_key("encumbrance", targets[0])]
    if doc["state"] in _TERMINAL:
        return []
    if kind == "not_pledged":
        return [_item_key(name, target) for target in targets for name in ("encumbrance", "reservation", "hold")]
    return [_item_key("lot", lot) for lot in targets[1:]] if kind == "custody" else []


def _decode(type_name: str, public: bytes | None) -> Json | None:
    try:
        return None if public is None else CODEC.decode(type_name, public)
    except CodecError:
        return None


def _public(type_name: str, name: str, id_: str, proved: Proved) -> Json | None:
    """Decodes a proved public part; `None` for what is proved absent."""
    key = _item_key(name, unhex(id_))
    if key not in proved:
        raise VerifyError("the leaves shown are not exactly those that the question needs")
    if (shown := proved[key]) is None:
        return None
    decoded = _decode(type_name, shown)
    if decoded is None:
        raise _contradiction("a public part does not decode")
    return decoded


def _contradiction(what: str) -> VerifyError:
    return VerifyError(f"the leaves shown contradict each other: {what}")


def _document(question: Json, proved: Proved) -> Json | None:
    """The document of the fingerprint asked for, if the question has one and the ledger knows it."""
    if "fp1" not in question:
        return None
    fp = _public("PublicFp", "fp", question["fp1"], proved)
    if fp is None:
        return None
    doc = _public("PublicDoc", "doc", fp["doc"], proved)
    if doc is None:
        raise _contradiction("the fingerprint names a document that is not there")
    if doc["id"] != fp["doc"] or doc["fp1"] != question["fp1"].lower():
        raise _contradiction("the document has another identity than the fingerprint")
    return doc


# What it says


def _status(question: Json, at: int, proved: Proved, doc: Json | None) -> Json:
    kind = question["question"]
    if kind == "goods_keys":
        return _goods(question["keys"], proved)
    if kind == "proof_level":
        return _level(question["proof"].lower(), proved, at)
    if doc is None:
        return {"verdict": "UNKNOWN"}
    if kind == "unknown":
        return {"verdict": "REGISTERED", "doc": doc["id"]}
    if kind == "doc_status" or doc["state"] in _TERMINAL:
        return _state_only(doc)
    if kind == "pledge":
        return _encumbered([doc["id"]], proved) or {"verdict": "NOT_ENCUMBERED"}
    return _not_pledged(doc, proved) if kind == "not_pledged" else _custody(doc, proved)


def _state_only(doc: Json) -> Json:
    """The state alone; ACTIVE here is not FREE."""
    if doc["state"] == "ACCOMPLISHED":
        return {"verdict": "DELIVERED"}
    if doc["state"] == "PAPER_OUT":
        return {"verdict": "PAPER"}
    if doc["state"] in _TERMINAL and doc["replaced_by"] is not None:
        return {"verdict": "REPLACED", "by": doc["replaced_by"]}
    return {"verdict": "STATE", "state": doc["state"]}


def _not_pledged(doc: Json, proved: Proved) -> Json:
    """FREE only if the document is ACTIVE and nothing lies on it or on any of its lots. What weighs most is named first."""
    targets = [doc["id"], *doc["lots"]]
    burden = _encumbered(targets, proved) or _held(targets, proved) or _reserved(targets, proved)
    if burden is not None:
        return burden
    if doc["state"] == "ACTIVE":
        return {"verdict": "FREE" if doc["lots"] else "NO_GOODS"}
    return _state_only(doc)


def _all(type_name: str, name: str, targets: list[str], proved: Proved) -> list[Json]:
    """The leaves of a family on the targets. Every target must be shown, present or absent."""
    leaves = [_public(type_name, name, target, proved) for target in targets]
    return [leaf for leaf in leaves if leaf is not None]


def _encumbered(targets: list[str], proved: Proved) -> Json | None:
    for leaf in _all("PublicEncumbrance", "encumbrance", targets, proved):
        return {
            "verdict": "ENCUMBERED",
            "since": leaf["since_height"],
            "index": leaf["index"],
            "member": leaf["member"],
        }
    return None


def _held(targets: list[str], proved: Proved) -> Json | None:
    kinds = [leaf["kind"] for leaf in _all("PublicHold", "hold", targets, proved)]
    return {"verdict": "HELD", "kind": min(kinds, key=_GRAVITY.__getitem__)} if kinds else None


def _reserved(targets: list[str], proved: Proved) -> Json | None:
    """The leaf decides: a reservation whose term has passed but which is not swept still counts."""
    for leaf in _all("PublicReservation", "reservation", targets, proved):
        return {"verdict": "RESERVED", "until": leaf["until"], "member": leaf["member"]}
    return None


def _custody(doc: Json, proved: Proved) -> Json:
    if not doc["lots"]:
        return {"verdict": "NO_GOODS"} if doc["state"] == "ACTIVE" else _state_only(doc)
    kept = []
    for id_ in doc["lots"]:
        lot = _public("PublicLot", "lot", id_, proved)
        if lot is None:
            raise _contradiction("the document names a lot that is not there")
        if lot["status"] == "ACTIVE" and lot["title"] != doc["id"]:
            raise _contradiction("a lot of the document stands under another one")
        kept.append({"lot": id_, "status": lot["status"], "custodian": lot["custodian"], "place": lot["place"]})
    return {"verdict": "CUSTODY", "lots": kept}


def _goods(keys: list[str], proved: Proved) -> Json:
    for leaf in _all("PublicGoodsKey", "goods_key", keys, proved):
        return {"verdict": "OCCUPIED", "lot": leaf["lot"]}
    return {"verdict": "UNOCCUPIED"}


def _level(id_: str, proved: Proved, at: int) -> Json:
    case = _public("PublicProof", "proof", id_, proved)
    if case is None:
        return {"verdict": "UNKNOWN"}
    if case["id"] != id_:
        raise _contradiction("the case has another identity than the question")
    level = case["level"] if at < case["valid_until"] else 0
    return {"verdict": "LEVEL", "level": level, "state": case["state"], "subject": case["subject"]}


def _issuer(doc: Json | None, genesis: Genesis) -> Json | None:
    home = genesis.member(doc["home"]) if doc else None
    if doc is None or home is None:
        return None
    return {"issuer": doc["issuer"], "home": doc["home"], "code": home["code"], "name": home["name_en"]}


# Whether the paper in hand is the document


def _judge(evidence: PaperEvidence | None, asked: str | None, doc: Json | None, genesis: Genesis, chain: bytes) -> Json:
    if evidence is None or asked is None:
        return _not_shown("no paper was shown, or the question is not about a document")
    try:
        _check_paper(evidence, unhex(asked), doc, genesis, chain)
    except (PaperError, VerifyError) as error:
        return _not_shown(str(error))
    except (CodecError, KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        return _not_shown("the query ticket or the disclosure is malformed")
    return {"paper": "VALID"}


def _check_paper(evidence: PaperEvidence, asked: bytes, doc: Json | None, genesis: Genesis, chain: bytes) -> None:
    ticket = evidence.ticket["body"]
    branch = genesis.member(ticket["member"])
    if branch is None:
        raise VerifyError("the ticket names no member of this chain")
    message = CODEC.message("query-ticket", unhex(ticket["chain_id"], 32), ticket)
    is_signed = verify_strict(unhex(branch["validator_key"]), message, unhex(evidence.ticket["signature"], 64))
    if unhex(ticket["chain_id"]) != chain or not is_signed:
        raise VerifyError("the query ticket is not signed by that branch for this chain")
    if unhex(ticket["fp1"]) != asked:
        raise VerifyError("the query ticket is about another document")
    kind = KIND_NAMES[ticket["kind"]]
    if raw_fp1_from_fields(kind, _disclosed(evidence, kind, doc)) != unhex(ticket["raw1"]):
        raise VerifyError("the fields are those of another paper")


def _disclosed(evidence: PaperEvidence, kind: str, doc: Json | None) -> list[tuple[int, bytes]]:
    opening = evidence.opening
    if doc is None:
        return evidence.fields if opening is None else [(f["field"], unhex(f["bytes"])) for f in opening["fields"]]
    if opening is None:
        raise VerifyError("the fields are not opened under the content root; the issuer's disclosure or salts would open them")
    if family(kind) != family(KIND_NAMES[doc["kind"]]):
        raise VerifyError("the paper is of another kind than the document")
    opened = verify_opening(opening, unhex(doc["content_root"]))
    read = dict(evidence.fields)
    other = [FIELD_NAMES.get(number, str(number)) for number, value in opened if read.get(number, value) != value]
    if other:
        raise VerifyError(f"the paper in hand says something else than the issuer registered: {', '.join(other)}")
    return opened


# Q8: two certificates


def _verify_history(history: Json, trust: Trust, paper: PaperEvidence | None) -> HistoryVerification:
    """The age limit concerns the later half, because the earlier one is meant to be old."""
    earlier = _verify_one(history["earlier"], Trust(trust.genesis, None, trust.pinned, trust.now), paper)
    later = _verify_one(history["later"], trust, paper)
    roots = (history["earlier"]["header"]["outcomes_root"].lower(), history["later"]["header"]["outcomes_root"].lower())
    if "INVALID" in (earlier.verdict, later.verdict):
        return HistoryVerification(earlier, later, None, roots)
    try:
        return HistoryVerification(earlier, later, _change(history), roots)
    except VerifyError as error:
        return HistoryVerification(_invalid(str(error)), _invalid(str(error)), None, roots)


def _change(history: Json) -> Json:
    old, new = history["earlier"], history["later"]
    if history["version"] != _VERSIONS["history"]:
        raise VerifyError(f"history version {history['version']} is not known")
    questions = [CODEC.encode("Question", half["question"]) for half in (old, new)]
    if questions[0] != questions[1] or "fp1" not in old["question"]:
        raise VerifyError("the halves answer different questions, or a question that is not about a document")
    if old["height"] >= new["height"] or old["header"]["time"] >= new["header"]["time"]:
        raise VerifyError(f"height {old['height']} of the first half is not below height {new['height']} of the second")
    before, after = _shown(old), _shown(new)
    if before is None:
        return {"change": "ABSENT"} if after is None else {"change": "REGISTERED", "doc": after["id"], "ver": after["ver"]}
    if after is None:
        raise VerifyError(f"the document of height {old['height']} is gone at height {new['height']}")
    if before["id"] != after["id"]:
        return {"change": "RENEWED", "from": before["id"], "to": after["id"]}
    if before == after:
        return {"change": "UNCHANGED", "doc": after["id"], "ver": after["ver"]}
    if before["ver"] < after["ver"]:
        return {"change": "CHANGED", "doc": after["id"], "from_ver": before["ver"], "to_ver": after["ver"]}
    raise VerifyError(f"the document of height {new['height']} has a lower version than at height {old['height']}")


def _shown(certificate: Json) -> Json | None:
    """The document that a verified certificate shows: it shows one at most."""
    opened = [item["opening"]["public"] for item in certificate["items"] if item["family"] == "doc" and item.get("opening")]
    return _decode("PublicDoc", unhex(opened[0])) if opened else None
