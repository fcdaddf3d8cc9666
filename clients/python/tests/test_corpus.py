"""The fingerprint corpus of the Rust types: pairs of spellings that must be equal, must differ or must be refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from landsea import NormaliseError, Paper, PaperError, normalise
from landsea.fingerprint import ZERO

DATA = Path(__file__).parents[3] / "types/tests/data"
CORPUS: list[dict[str, Any]] = json.loads((DATA / "fingerprint_corpus.json").read_text(encoding="utf-8"))
DOCUMENTS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (DATA / "documents").glob("*.json")}


def _layer(document: dict[str, Any], name: str) -> object:
    paper = Paper.from_json(json.dumps(document))
    if name.startswith("near:"):
        raw = paper.near[int(name[5:]) - 1]
        assert raw != ZERO, f"combination {name} is absent"
        return raw
    return getattr(paper, name)


def _name(pair: dict[str, Any]) -> str:
    return f"{pair['family']}: {pair['trap']}"


@pytest.mark.parametrize("pair", [p for p in CORPUS if "class" in p], ids=_name)
def test_a_pair_of_texts_is_equal_different_or_refused(pair: dict[str, Any]) -> None:
    cls, order = pair["class"], pair.get("order")
    if pair["expect"] == "rejected":
        with pytest.raises(NormaliseError) as refused:
            normalise(cls, pair["left"], order=order)
        assert refused.value.reason == pair["reason"]
        return
    same = normalise(cls, pair["left"], order=order) == normalise(cls, pair["right"], order=order)
    assert same == (pair["expect"] == "equal")


@pytest.mark.parametrize("pair", [p for p in CORPUS if "document" in p], ids=_name)
def test_a_changed_document_is_equal_different_or_refused(pair: dict[str, Any]) -> None:
    base = DOCUMENTS[pair["document"]]
    changed = base | pair["change"]
    left = _layer(base, pair["layer"])
    if pair["expect"] == "rejected":
        with pytest.raises((NormaliseError, PaperError), match=pair["field"]):
            _layer(changed, pair["layer"])
        return
    assert (left == _layer(changed, pair["layer"])) == (pair["expect"] == "equal")


def test_the_whole_corpus_is_here() -> None:
    assert len(CORPUS) >= 300
    assert len(DOCUMENTS) >= 20
