"""What happens to one through bill, with a certificate of every state and the node's own verdict on it."""

from typing import Any

from landsea import PaperEvidence, Trust, Verification, created_id, verify_certificate
from landsea.certificate import now_ms

from .network import SOMETHING, Cast, Network, accepted

Json = dict[str, Any]
HOUR_MS = 60 * 60 * 1000


class Story:
    """Plays once; `cases` holds certificates by name, each with the paper shown and what the node's verifier says."""

    def __init__(self, network: Network) -> None:
        self.network, self.cast, self.cases = network, Cast(network), dict[str, Json]()
        self.codes: dict[str, Json] = {}
        cast, bank = self.cast, self.cast.bank.client
        derived = bank.derive(cast.paper.derive_request())
        self.query_ticket: Json = derived["query_ticket"]
        self.opening = cast.paper.open_identity(cast.salts)
        keys = [key["key"] for key in derived["ticket"]["body"]["goods_keys"]]
        fp1 = {"fp1": self.query_ticket["body"]["fp1"]}
        self.take("unknown", {"question": "not_pledged", **fp1})
        self.take("unoccupied", {"question": "goods_keys", "keys": keys})
        self.take("no_case", {"question": "proof_level", "proof": SOMETHING})
        self.issued = cast.issue()
        self.take("free", {"question": "not_pledged", **fp1})
        self.take("state_alone", {"question": "doc_status", **fp1})
        self.take("registered", {"question": "unknown", **fp1})
        self.take("not_encumbered", {"question": "pledge", **fp1})
        self.take("occupied", {"question": "goods_keys", "keys": keys})
        self.take("custody", {"question": "custody", **fp1})
        self.hold("held", fp1)
        accepted(bank, cast.reservation(cast.bank))
        self.take("reserved", {"question": "not_pledged", **fp1})
        other = cast.other_bank
        self.codes["second reservation"] = other.client.submit_and_wait(cast.reservation(other).sign(other.identity))
        accepted(bank, cast.pledge(cast.bank))
        self.take("encumbered", {"question": "not_pledged", **fp1})
        self.take("priority", {"question": "pledge", **fp1})
        self.codes["second pledge"] = other.client.submit_and_wait(cast.pledge(other).sign(other.identity))
        earlier, later = self.cases["free"]["certificate"], self.cases["encumbered"]["certificate"]
        self.keep("history", {"version": 1, "earlier": earlier, "later": later}, "history")

    def hold(self, name: str, fp1: Json) -> None:
        """A branch freezes the bill, and lifts the freeze again."""
        branch = self.network.branch("cq")
        doc, _ = self.cast.document(self.cast.bank)
        until = self.cast.not_after(branch)
        freeze = branch.draft().add("hold.court_freeze", target={"doc": doc["id"]}, on_behalf=SOMETHING, basis=SOMETHING, until=until)
        placed = accepted(branch, freeze)
        self.take(name, {"question": "not_pledged", **fp1})
        hold = created_id("hold", placed["id"])
        accepted(branch, branch.draft().add("hold.lift", hold=hold, expect_ver=1, order=SOMETHING))

    def take(self, name: str, question: Json) -> None:
        self.keep(name, self.cast.bank.client.certificate(question), "status")

    def keep(self, name: str, certificate: Json, form: str) -> None:
        self.cases[name] = {"certificate": certificate, "expected": self.ask_node(certificate, form)}

    def ask_node(self, certificate: Json, form: str = "status") -> Json:
        """What the node's verifier, the ledger's own code, says of a certificate and the paper."""
        paper = {"ticket": self.query_ticket, "disclosure": {"form": "opened", "opening": self.opening}}
        answer = self.cast.bank.client.call("verify", certificate={form: certificate}, paper=paper)
        result: Json = answer[form]
        return result

    def evidence(self) -> PaperEvidence:
        return PaperEvidence(self.query_ticket, self.opening)

    def verify(self, certificate: Json) -> Verification:
        """What this package says of a certificate of one height."""
        verification = verify_certificate(certificate, Trust(self.network.genesis, now=now_ms() + HOUR_MS), self.evidence())
        assert isinstance(verification, Verification)
        return verification
