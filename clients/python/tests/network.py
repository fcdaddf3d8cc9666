"""A network of four validators on this computer, and the cast that acts on it."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landsea import Client, Draft, Genesis, Identity, KeyFile, Paper, Salts, SecretKey, created_id, party_raw, single_request

ROOT = Path(__file__).parents[3]
DOCUMENTS = ROOT / "types/tests/data/documents"
HALF_A_YEAR_MS = 183 * 24 * 60 * 60 * 1000
DAY_MS = 24 * 60 * 60 * 1000
ROLES = {"MTO": 8, "BANK": 2, "ENTERPRISE": 2048}
NOTHING = "00" * 32
SOMETHING = "11" * 32


def binary() -> str:
    """The `landsea` command to be tested against."""
    found = os.environ.get("LANDSEA_BIN") or shutil.which("landsea")
    if found is None:
        raise RuntimeError("no `landsea` command: set LANDSEA_BIN to one, or leave these tests out with -m 'not live'")
    return found


def landsea(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs the command."""
    return subprocess.run([binary(), *arguments], check=check, capture_output=True, text=True, timeout=120)


@dataclass
class Party:
    """A firm with its account, and its own branch's node."""

    identity: Identity
    role: str
    client: Client


class Network:
    """The running network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        landsea("testnet", "up", "--validators", "4", "--dir", str(folder), "--detach")
        try:
            self._describe()
        except BaseException:
            self.stop()
            raise

    def _describe(self) -> None:
        folder = self.folder
        described = json.loads((folder / "network.json").read_text(encoding="utf-8"))
        self.urls: dict[str, str] = {node["code"]: node["rpc"] for node in described["nodes"]}
        self.genesis_file = folder / "genesis.json"
        self.genesis = Genesis.load(self.genesis_file)

    def stop(self) -> None:
        landsea("testnet", "down", "--dir", str(self.folder))

    def branch(self, code: str) -> Client:
        key = KeyFile.load(self.folder / f"keys/branch-{code}.key", kind="ledger")
        return Client(self.urls[code], key.identity())

    def onboard(self, home: str, role: str, uscc: str) -> Party:
        """Registers a firm with a new key."""
        branch, secret = self.branch(home), SecretKey.generate()
        ticket = branch.derive(single_request("PARTY", party_raw(uscc)))["ticket"]
        draft = branch.draft().add(
            "party.onboard",
            roles=ROLES[role],
            kyc=SOMETHING,
            ticket=ticket,
            institution_public=False,
            keys=[{"public_key": secret.public.hex(), "purpose": "SIGN"}],
            group=None,
        )
        done = accepted(branch, draft)
        identity = Identity(created_id("party", done["id"]), secret)
        return Party(identity, role, Client(self.urls[home], identity))


def accepted(client: Client, draft: Draft) -> dict[str, Any]:
    """Signs, submits and waits; the ledger must have applied it."""
    assert client.identity is not None
    done = client.submit_and_wait(draft.sign(client.identity))
    assert done["code"] == 0, done
    return done


class Cast:
    """An operator, an exporter and two banks, with one through bill over three containers."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.operator = network.onboard("cq", "MTO", "91500106XXDEM0023Q")
        self.exporter = network.onboard("cq", "ENTERPRISE", "91500107XXDEM00FX5")
        self.bank = network.onboard("cq", "BANK", "91500103XXDEM00580")
        self.other_bank = network.onboard("gx", "BANK", "91450103XXDEM0066Q")
        self.paper = Paper.load(DOCUMENTS / "s1_ncd.json")
        self.salts = Salts.for_paper(self.paper)

    def not_after(self, client: Client, later_ms: int = DAY_MS) -> int:
        return int(client.status()["block_time"]) + later_ms

    def issue(self) -> dict[str, Any]:
        """The operator issues the bill; the exporter is its first holder."""
        client = self.operator.client
        ticket = client.derive(self.paper.derive_request())["ticket"]
        draft = client.draft().add(
            "waybill.issue",
            kind=11,
            legal_basis="NCD_CONVENTION",
            ticket=ticket,
            content_root=self.salts.content_root.hex(),
            issue_date=self.paper.issue_date,
            order_type="TO_ORDER",
            first_holder=self.exporter.identity.account,
            lots=[self.paper.whole_lot(ticket)],
            legs=[{"mode": "SEA", "regime": "MARITIME", "from": "CNQZH", "to": "SGSIN", "carrier": self.operator.identity.account}],
            base_docs=[],
            control_agreement=SOMETHING,
            expires=None,
        )
        return accepted(client, draft.consent(self.exporter.identity, "ENTERPRISE", self.not_after(client)))

    def document(self, bank: Party) -> tuple[dict[str, Any], dict[str, Any]]:
        view, ticket = bank.client.document_for_paper(self.paper)
        assert view is not None
        return view["public"], ticket

    def reservation(self, bank: Party) -> Draft:
        """A bank wants to reserve the bill; the exporter consents."""
        doc, _ = self.document(bank)
        until = self.not_after(bank.client)
        draft = bank.client.draft().add("pledge.reserve", doc=doc["id"], expect_ver=doc["ver"], until=until)
        return draft.consent(self.exporter.identity, "ENTERPRISE", until)

    def pledge(self, bank: Party) -> Draft:
        """A bank wants to pledge the bill; exporter and operator consent."""
        doc, ticket = self.document(bank)
        draft = bank.client.draft().add(
            "pledge.create",
            docs=[{"doc": doc["id"], "expect_ver": doc["ver"], "ticket": ticket}],
            pledgor=self.exporter.identity.account,
            claim=SOMETHING,
            secured_kind="LOAN",
            reg_until=self.not_after(bank.client, HALF_A_YEAR_MS),
            extend_agreed=False,
            cover_min_bps=7000,
            finance_ref=SOMETHING,
            proof_min_level=0,
            proof=None,
            supervisor=None,
            ack_near=False,
            conditions=NOTHING,
        )
        until = self.not_after(bank.client)
        return draft.consent(self.exporter.identity, "ENTERPRISE", until).consent(self.operator.identity, "MTO", until)
