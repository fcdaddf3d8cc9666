"""Writes the frozen certificates anew, from a network that is made for it: `LANDSEA_BIN=.. python -m tests.freeze`."""

import json
import tempfile
from pathlib import Path

from .network import Network
from .story import Story

FROZEN = Path(__file__).parent / "data/certificates.json"


def freeze(folder: Path) -> None:
    """Plays the story and keeps its certificates with what the ledger's own verifier says of them."""
    network = Network(folder)
    try:
        story = Story(network)
    finally:
        network.stop()
    frozen = {
        "genesis": network.genesis_file.read_text(encoding="utf-8"),
        "ticket": story.query_ticket,
        "opening": story.opening,
        "cases": story.cases,
    }
    FROZEN.parent.mkdir(exist_ok=True)
    FROZEN.write_text(json.dumps(frozen, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        freeze(Path(folder) / "n")
