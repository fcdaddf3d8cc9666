"""Q8: two certificates of one question, at two heights of a chain made in memory."""

from typing import Any

import pytest

from landsea import CODEC, HistoryVerification, Trust, verify_certificate

from . import forge
from .forge import DOC, LOT, TIME, Tree, document, leaves, overlays

OURS = forge.keys(0)
CHAIN = forge.genesis(OURS)
EMPTY = Tree({at: part for at, part in leaves(document()).items() if at[0] == "lot"})
FREE = Tree(leaves(document()))


def half(tree: Tree, height: int, question: str = "not_pledged", time: int | None = None) -> dict[str, Any]:
    is_known = ("doc", DOC) in tree.public
    wanted = (overlays(DOC, LOT) if question == "not_pledged" else overlays()) if is_known else [("fp", forge.FP)]
    return forge.certificate(CHAIN.chain_id, tree, OURS, OURS, wanted, question=question, height=height, time=time)


def judge(earlier: Any, later: Any, version: int = 1, **trust: Any) -> HistoryVerification:
    history = {"version": version, "earlier": earlier, "later": later}
    verification = verify_certificate(history, Trust(CHAIN, **{"now": 2**45, **trust}))
    assert isinstance(verification, HistoryVerification)
    return verification


def other_document() -> Tree:
    renewed = "e0" * 32
    public = leaves(document()) | {("doc", renewed): CODEC.encode("PublicDoc", document() | {"id": renewed, "state": "VOID"})}
    return Tree(public | {("fp", forge.FP): CODEC.encode("PublicFp", {"doc": renewed})})


def test_what_became_of_the_document_is_told_from_both_halves() -> None:
    changed = Tree(leaves(document() | {"ver": 4}))
    assert judge(half(FREE, 8), half(FREE, 9)).change == {"change": "UNCHANGED", "doc": DOC, "ver": 1}
    assert judge(half(FREE, 8), half(changed, 9)).change == {"change": "CHANGED", "doc": DOC, "from_ver": 1, "to_ver": 4}
    assert judge(half(EMPTY, 8), half(FREE, 9)).change == {"change": "REGISTERED", "doc": DOC, "ver": 1}
    assert judge(half(EMPTY, 8), half(EMPTY, 9)).change == {"change": "ABSENT"}
    renewed = forge.certificate(CHAIN.chain_id, other_document(), OURS, OURS, [("fp", forge.FP), ("doc", "e0" * 32)])
    assert judge(half(FREE, 8), renewed).change == {"change": "RENEWED", "from": DOC, "to": "e0" * 32}


def test_the_code_is_zero_only_where_the_document_was_free_at_both_heights() -> None:
    assert judge(half(FREE, 8), half(FREE, 9)).exit_code == 0
    assert judge(half(EMPTY, 8), half(FREE, 9)).exit_code == 12
    lines = str(judge(half(FREE, 8), half(FREE, 9))).splitlines()
    assert (lines[0], lines[5], lines[-1]) == ("EARLIER", "LATER", "CHANGE     UNCHANGED")


@pytest.mark.parametrize(
    ("earlier", "later", "why"),
    [
        (half(FREE, 9), half(FREE, 9), "not below"),
        (half(FREE, 9), half(FREE, 8), "not below"),
        (half(FREE, 9, time=TIME), half(FREE, 8, time=TIME + 1), "not below"),
        (half(FREE, 8, time=TIME), half(FREE, 9, time=TIME), "not below"),
        (half(FREE, 8, "unknown"), half(FREE, 9), "different questions"),
        (half(FREE, 8), half(EMPTY, 9), "is gone"),
        (half(Tree(leaves(document() | {"ver": 4})), 8), half(FREE, 9), "lower version"),
    ],
)
def test_two_certificates_that_are_no_history_prove_nothing(earlier: Any, later: Any, why: str) -> None:
    verification = judge(earlier, later)
    assert (verification.exit_code, verification.change) == (20, None)
    assert why in verification.later.integrity["reason"]


def test_a_half_that_is_invalid_or_of_an_unknown_version_makes_it_invalid() -> None:
    forged = half(FREE, 8) | {"round": 1}
    verification = judge(forged, half(FREE, 9))
    assert (verification.exit_code, verification.earlier.verdict, verification.later.verdict) == (20, "INVALID", "FREE")
    assert judge(half(FREE, 8), half(FREE, 9), version=2).exit_code == 20


def test_the_age_limit_concerns_the_later_half_alone() -> None:
    verification = judge(half(FREE, 8), half(FREE, 1_000_000), max_age_ms=10, now=TIME + 1_000_000)
    assert verification.exit_code == 0
    stale = judge(half(FREE, 8), half(FREE, 1_000_000), max_age_ms=10, now=TIME + 2_000_000)
    assert (stale.exit_code, stale.earlier.verdict, stale.later.verdict) == (21, "FREE", "STALE")
