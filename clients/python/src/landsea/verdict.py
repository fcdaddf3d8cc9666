"""What a verified certificate says: the verdict, the lines and the exit code."""

from dataclasses import dataclass
from typing import Any

EXIT_CODES = {"FREE": 0, "RESERVED": 9, "ENCUMBERED": 10, "HELD": 11, "UNKNOWN": 12, "INVALID": 20, "STALE": 21}

Json = dict[str, Any]


@dataclass(frozen=True)
class Verification:
    """The verifier's answer; its parts have the JSON shape of the node's `verify` method."""

    integrity: Json
    status: Json
    issuer: Json | None
    paper: Json

    @property
    def verdict(self) -> str:
        """The word alone, such as `ENCUMBERED`."""
        word: str = self.status["state"] if self.status["verdict"] == "STATE" else self.status["verdict"]
        return word

    @property
    def exit_code(self) -> int:
        """0 FREE, 9 RESERVED, 10 ENCUMBERED, 11 HELD, 12 UNKNOWN, 13 any other state, 20 INVALID, 21 STALE.

        It tells of the status alone: 0 stands also where the paper was not shown. See `is_free_for_this_paper`.
        """
        return EXIT_CODES.get(self.status["verdict"], 13)

    @property
    def is_free_for_this_paper(self) -> bool:
        """Whether everything that has to hold for a loan holds: FREE, and the paper in hand is that document."""
        return bool(self.status["verdict"] == "FREE" and self.paper["paper"] == "VALID")

    def to_json(self) -> Json:
        """The JSON that the node's `verify` method answers."""
        return {"integrity": self.integrity, "status": self.status, "issuer": self.issuer, "paper": self.paper}

    def __str__(self) -> str:
        """The four lines of `landsea certificate verify --query-ticket`, ids and times as they are."""
        issuer = self.issuer and f"{self.issuer['issuer']} registered by {self.issuer['code']} ({self.issuer['name']})"
        return (
            f"INTEGRITY  {_integrity_line(self.integrity)}\nSTATUS     {_status_line(self.verdict, self.status)}\n"
            f"ISSUER     {issuer or 'NOT SHOWN'}\nPAPER      {_paper_line(self.paper)}"
        )


@dataclass(frozen=True)
class HistoryVerification:
    """Both halves of a history (Q8), and what became of the document in between; `change` is `None` when a half proves nothing."""

    earlier: Verification
    later: Verification
    change: Json | None
    outcomes_roots: tuple[str, str]

    @property
    def exit_code(self) -> int:
        """The greater of both halves'; 20 when either proves nothing. So it is 0 only where the document was FREE at both heights."""
        return 20 if self.change is None else max(self.earlier.exit_code, self.later.exit_code)

    def to_json(self) -> Json:
        """The JSON that the node's `verify` method answers."""
        return {
            "earlier": self.earlier.to_json(),
            "later": self.later.to_json(),
            "change": self.change,
            "outcomes_roots": list(self.outcomes_roots),
        }

    def __str__(self) -> str:
        """Both halves and the change."""
        change = "NOT SHOWN" if self.change is None else self.change["change"]
        return f"EARLIER\n{self.earlier}\nLATER\n{self.later}\nCHANGE     {change}"


def _integrity_line(integrity: Json) -> str:
    if integrity["integrity"] == "INVALID":
        return f"INVALID ({integrity['reason']})"
    signed = "{signers} of {validators} members signed block {height}, block time {time}".format(**integrity)
    return f"VALID ({signed})"


def _status_line(word: str, status: Json) -> str:
    formats = {
        "RESERVED": "(until {until}, member {member})",
        "ENCUMBERED": "(since {since}/{index}, member {member})",
        "HELD": "({kind})",
        "REPLACED": "(by {by})",
        "REGISTERED": "(as {doc})",
        "OCCUPIED": "(by lot {lot})",
        "LEVEL": "({level}, {state}, document {subject})",
        "STALE": "({age_ms} ms old, at most {max_age_ms})",
    }
    if status["verdict"] == "CUSTODY":
        lots = ["lot {lot} {status} kept by {custodian} in member {place}".format(**lot) for lot in status["lots"]]
        return f"CUSTODY({'; '.join(lots)})"
    return word + formats.get(status["verdict"], "").format(**status)


def _paper_line(paper: Json) -> str:
    return "VALID" if paper["paper"] == "VALID" else f"NOT SHOWN ({paper['reason']})"
