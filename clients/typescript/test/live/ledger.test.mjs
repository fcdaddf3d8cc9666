// One document from its registration to a pledge, played through this client, and every certificate on the way judged by both verifiers.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Client, commitment, compactCertificate, Draft, generateKey, identity, Paper, partyRequest, RefusedError, toJson, verifyCertificate, WrongNodeError } from "../../dist/index.js";
import { landsea, Testnet } from "./testnet.mjs";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const zero = "00".repeat(32);
const salt = "11".repeat(32);
const secret = new Uint8Array(32).fill(5);

const bill = {
  kind: "NCD", number: "TS-2026-000001", issue_date: "2026-03-04", issuer: "91500106XXDEM0023Q", consignor: "91500107XXDEM00FX5", consignee: "TO ORDER",
  containers: ["XLHU2601045", "XLHU2601050"], packages: 9, gross_weight: "40.85 t", hs: ["8429.52"], destination: "SGSIN",
};

let net, mto, exporter, bank, rival, branch, doc, fp1, pledged;

before(async () => {
  net = new Testnet();
  [mto, exporter, bank, rival, branch] = await Promise.all(["MTO", "E5", "B1", "B2", "branch-cq"].map((name) => net.client(name)));
});
after(() => net.stop());

const draft = async (client) => new Draft((await client.status()).chain_id, client.identity.account);
const blockTime = async () => (await bank.status()).block_time;
const version = async () => (await bank.document({ doc })).public.ver;

/** Both verifiers on one certificate: the same lines and the same exit code. */
async function judged(question, height, options = {}) {
  const certificate = await bank.certificate(question, height);
  const file = net.file("certificate.json");
  writeFileSync(file, toJson(certificate));
  const verification = verifyCertificate(certificate, { genesis: net.genesis, maxAgeMs: HOUR, ...options });
  const other = landsea("certificate", "verify", file, "--genesis", net.file("genesis.json"), "--max-age", "1h");
  assert.equal(other.out.trim(), verification.lines.filter((line) => !line.startsWith("PAPER")).join("\n"));
  assert.equal(other.code, verification.exit);
  return { certificate, verification };
}

test("a branch registers a bank that then signs for itself", async () => {
  const key = generateKey();
  const { ticket } = await branch.derive(partyRequest("9999XXDEMLION0000114"));
  const onboard = (await draft(branch)).operation("party.onboard", {
    roles: 2, kyc: commitment(salt, "9999XXDEMLION0000114"), ticket, institution_public: true,
    keys: [{ public_key: key.public_key, purpose: "SIGN" }], group: null,
  });
  const view = await branch.send(onboard);
  const { subject } = view.events.find((event) => event.name === "PartyOnboarded");
  const self = branch.as(identity(key, subject));
  const { record } = await self.call("party", { party: subject });
  assert.equal(record.id, subject, "who signs with the registered key sees its own record");
  await assert.rejects(branch.as(identity(generateKey(), subject)).derive(partyRequest("9999XXDEMLION0000114")), { codeName: "UNAUTHENTICATED" });
});

test("a client that means another member's node than it reached signs nothing for it", async () => {
  const { member } = await bank.status();
  const meant = (index) => new Client(bank.url, { identity: bank.identity, member: index });
  await assert.rejects(meant(member + 1).documentByPaper(bill), WrongNodeError);
  assert.equal((await meant(member).documentByPaper(bill)).view, null);
});

test("before it is registered the paper is UNKNOWN, and the query ticket ties the answer to it", async () => {
  const { view, derived } = await bank.documentByPaper(bill);
  assert.equal(view, null);
  fp1 = derived.ticket.body.fp1;
  const fields = new Paper(bill).fields.map(([id, bytes]) => [id, [...bytes]]);
  const paper = { ticket: derived.query_ticket, disclosure: { form: "read", fields } };
  const { verification } = await judged({ question: "not_pledged", fp1 }, undefined, { paper });
  assert.equal(verification.word, "UNKNOWN");
  assert.deepEqual(verification.paper, { paper: "VALID" });
});

test("an issued bill is FREE, and only the paper whose fields open under its root is the document", async () => {
  const paper = new Paper(bill);
  const { ticket } = await mto.derive(paper.deriveRequest());
  const issue = (await draft(mto)).operation("waybill.issue", {
    kind: paper.kind, legal_basis: "NCD_CONVENTION", ticket, content_root: paper.contentRoot(secret), issue_date: paper.issueDate, order_type: "TO_ORDER",
    first_holder: exporter.identity.account, lots: paper.lots(ticket, [{ containers: ["XLHU 260104-5"], quantity: "20,430 kg", packages: 4 }, { containers: ["XLHU2601050"], quantity: "20.42 t", packages: 5 }]), base_docs: [], control_agreement: commitment(salt, "deliver against control"),
    legs: [{ mode: "SEA", regime: "MARITIME", from: "CNQZH", to: "SGSIN", carrier: mto.identity.account }], expires: null,
  });
  await assert.rejects(mto.send(issue), (error) => error instanceof RefusedError && error.codeName === "CONSENT_MISSING");
  const consented = Draft.from(JSON.parse(toJson(issue.file)));
  consented.file.nonce = 1n;
  consented.consent(exporter.identity, "ENTERPRISE", (await blockTime()) + HOUR);
  await mto.send(consented);
  const { view, derived } = await bank.documentByPaper({ ...bill, number: "ＴＳ２０２６/000001" });
  doc = view.public.id;
  const evidence = { ticket: derived.query_ticket, disclosure: { form: "opened", opening: paper.open(secret) } };
  const { verification } = await judged({ question: "not_pledged", fp1 }, undefined, { paper: evidence });
  assert.equal(verification.word, "FREE");
  assert.deepEqual(verification.paper, { paper: "VALID" });
  const judge = { genesis: net.genesis, opening: paper.open(secret) };
  assert.equal((await bank.provenForPaper(bill, judge)).verification.isFreeForThisPaper, true);
  assert.equal((await bank.provenForPaper(bill, { genesis: net.genesis })).verification.isFreeForThisPaper, false);
  const whole = { genesis: net.genesis, opening: paper.open(secret, ["number", "issue_date", "issuer", "gross_weight"]) };
  assert.equal((await bank.provenForPaper(bill, whole)).verification.isFreeForThisPaper, true);
  const heavier = (await bank.provenForPaper({ ...bill, gross_weight: "99,999 kg" }, whole)).verification;
  assert.deepEqual([heavier.isFreeForThisPaper, heavier.paper.paper], [false, "NOT_SHOWN"]);
  assert.match(heavier.paper.reason, /gross_weight/);
  const keys = derived.ticket.body.goods_keys.map(({ key }) => key);
  assert.equal((await bank.proven({ question: "goods_keys", keys }, judge)).verification.word, "OCCUPIED");
  const forged = structuredClone(evidence);
  forged.disclosure.opening.fields[0].bytes = "00";
  const { verification: other } = await judged({ question: "not_pledged", fp1 }, undefined, { paper: forged });
  assert.equal(other.paper.paper, "NOT_SHOWN");
});

test("a reservation bars another bank, and a transaction sent twice is committed once", async () => {
  const until = (await blockTime()) + DAY;
  const reserve = async (client) => (await draft(client)).operation("pledge.reserve", { doc, expect_ver: await version(), until }).validFor(await client.status());
  const mine = (await reserve(bank)).consent(exporter.identity, "ENTERPRISE", until).sign(bank.identity);
  const first = await bank.submitAndWait(mine);
  assert.deepEqual(await bank.submitAndWait(mine), first);
  const theirs = (await reserve(rival)).consent(exporter.identity, "ENTERPRISE", until);
  const would = await rival.simulate(theirs.sign(rival.identity));
  assert.equal(would.code_name, "RESERVED_BY_OTHER");
  await assert.rejects(rival.send(theirs), { codeName: "RESERVED_BY_OTHER" });
  assert.equal((await judged({ question: "not_pledged", fp1 })).verification.word, "RESERVED");
});

test("a pledge shows as ENCUMBERED, and the history of both heights names the change", async () => {
  const { certificate: earlier } = await judged({ question: "not_pledged", fp1 });
  const { derived } = await bank.documentByPaper(bill);
  assert.notEqual(derived.ticket.body.fp2, zero, "a whole paper gives a ticket that a pledge accepts");
  const now = await blockTime();
  const create = (await draft(bank)).operation("pledge.create", {
    docs: [{ doc, expect_ver: await version(), ticket: derived.ticket }], pledgor: exporter.identity.account, claim: commitment(salt, "USD 100"), secured_kind: "LOAN",
    reg_until: now + 90 * DAY, extend_agreed: false, cover_min_bps: 7000, finance_ref: commitment(salt, "F-1"), proof_min_level: 0, proof: null,
    supervisor: null, ack_near: false, conditions: zero,
  });
  create.consent(exporter.identity, "ENTERPRISE", now + HOUR).consent(mto.identity, "MTO", now + HOUR);
  pledged = (await bank.send(create)).height;
  const { certificate: later, verification } = await judged({ question: "not_pledged", fp1 });
  assert.equal(verification.word, "ENCUMBERED");
  assert.equal((await judged({ question: "pledge", fp1 })).verification.word, "ENCUMBERED");
  assert.equal((await judged({ question: "custody", fp1 })).verification.word, "CUSTODY");
  assert.equal((await judged({ question: "unknown", fp1 })).verification.word, "REGISTERED");
  const file = net.file("history.json");
  writeFileSync(file, toJson({ version: 1, earlier, later }));
  const other = landsea("certificate", "verify", file, "--genesis", net.file("genesis.json"));
  const history = verifyCertificate({ version: 1, earlier, later }, { genesis: net.genesis });
  assert.equal(other.out.trim(), history.lines.join("\n"));
  assert.deepEqual([other.code, history.exit, history.history.change.change], [10, 10, "CHANGED"]);
  assert.equal(verifyCertificate(compactCertificate({ version: 1, earlier, later }), { genesis: net.genesis }).exit, 10);
});

test("a certificate of another network, and one over an old header, are not believed", async () => {
  const { certificate } = await judged({ question: "not_pledged", fp1 });
  const old = verifyCertificate(certificate, { genesis: net.genesis, maxAgeMs: HOUR }, certificate.header.time + HOUR + 1);
  assert.deepEqual([old.word, old.exit], ["STALE", 21]);
  const early = verifyCertificate(certificate, { genesis: net.genesis }, certificate.header.time - 60_000);
  assert.deepEqual([early.word, early.exit], ["INVALID", 20]);
  const other = JSON.parse(net.genesis);
  other.members.forEach((member) => (member.validator_key = generateKey("validator").public_key));
  const forged = verifyCertificate(certificate, { genesis: other });
  assert.match(forged.integrity.reason, /made for chain/);
});

test("events are neither lost nor repeated when the connection breaks again and again", { timeout: 120_000 }, async () => {
  let opened = 0;
  let notices = 0;
  class Brittle extends WebSocket {
    constructor(...args) {
      super(...args);
      opened += 1;
    }
    set onmessage(handler) {
      super.onmessage = (message) => {
        handler(message);
        if (JSON.parse(message.data).method && ++notices % 25 === 0) this.close();
      };
    }
  }
  const heard = async (client) => {
    const lines = [];
    for await (const { height, index, event } of client.events({ from_height: 1 })) {
      lines.push(`${height} ${index} ${event.name} ${event.subject}`);
      if (event.name === "PledgeActive" && height === pledged) return lines;
    }
  };
  const whole = await heard(new Client(bank.url));
  assert.ok(whole.length > 30, `${whole.length} events`);
  assert.deepEqual(await heard(new Client(bank.url, { WebSocket: Brittle })), whole);
  const mine = await heard(bank);
  assert.deepEqual(whole.filter((line) => !mine.includes(line)), [], "a party hears what everybody hears");
  assert.ok(mine.length > whole.length, `${mine.length} events for the bank, ${whole.length} for everybody`);
  assert.ok(opened > 1, `${opened} connections`);
});
