"""What this package computes from the papers of the corpus is what the Rust client computes."""

import json
from pathlib import Path
from typing import Any

import pytest

from landsea import Paper

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors.json").read_text(encoding="utf-8"))
PAPERS = {name: sample for name, sample in VECTORS.items() if "paper" in sample}


@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_has_the_fields_and_the_content_root_of_the_rust_client(name: str) -> None:
    sample = PAPERS[name]
    paper = Paper.new(sample["paper"])
    assert [[number, value.hex()] for number, value in paper.fields] == sample["fields"]
    assert paper.content_root(bytes.fromhex(sample["secret"])).hex() == sample["content_root"]
    request = paper.derive_request()
    assert (request["fp1"], request["fp2"], request["near"]) == (sample["fp1"], sample["fp2"], sample["near"])
