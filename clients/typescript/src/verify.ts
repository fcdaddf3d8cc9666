/**
 * The certificate verifier: from a genesis to a verdict, without asking anybody. No network, no Node modules.
 *
 * It is written against the specification beside the Rust one, trusts nothing but the genesis (or a newer pinned header), and says what
 * `landsea certificate verify` says, in the same words and with the same exit codes:
 *
 * - INTEGRITY: a quorum of this chain decided the header, and every leaf shown is the one under it.
 * - STATUS: the verdict at the header's time. FREE needs the document ACTIVE and neither encumbrance, reservation nor hold on it or on
 *   any of its lots; a document that was never registered is UNKNOWN and never FREE.
 * - ISSUER: who issued the document and which branch answers for that party.
 *
 * The leaves that a question needs follow from the leaves themselves; a certificate that shows less or more is refused.
 */
import { decode, encode, FormatError, signBytes } from "./borsh.js";
import { fromHex, parseJson, toHex, utf8 } from "./bytes.js";
import { hash, hashOf, isWeak, verifyStrict } from "./crypto.js";
import { family, fieldName, openedFields, rawIdentity, type ContentOpening, type Field } from "./identity.js";
import { constants } from "./schema.js";

export type Member = { index: number; code: string; name_en: string; name_zh: string; validator_key: string; branch_key: string };
/** A genesis file as parsed JSON. */
export type Genesis = { name: string; time: number; suite: string; members: Member[]; parameters?: Record<string, number> };
export type Header = {
  version: number; chain_id: string; height: number; time: number; parent: string; proposer: number; batches_hash: string; state_root: string;
  outcomes_root: string; writes_hash: string; validators_hash: string; next_validators_hash: string; transactions: number;
};

/** What the verifier starts from. */
export type Trust = {
  /** The chain's genesis file: its text or the parsed JSON. */
  genesis: string | Genesis;
  /** A newer header of the chain that is known to be genuine, against a history forged with retired keys. */
  pinned?: Header;
  /** Largest age of the header, milliseconds; any age when absent. */
  maxAgeMs?: number;
  /** What the bearer of the paper shows: is it the document that the certificate speaks about? */
  paper?: PaperEvidence;
  /** What was asked, where a node answered: a certificate about anything else is INVALID, however genuine. */
  asked?: Asked;
};

/** The question that a node was asked, and the height if one was named. */
export type Asked = { question: Question; height?: number };

/**
 * A branch's ticket over the paper's identity with the fields of the paper. `read`, the fields that the paper in hand states, are compared
 * with those that the issuer's disclosure opens; a field that is not opened is not shown.
 */
export type PaperEvidence = {
  ticket: { body: { chain_id: string; kind: number; raw1: string; fp1: string; member: number; at: number }; signature: string };
  disclosure: { form: "opened"; opening: ContentOpening } | { form: "read"; fields: [number, number[]][] };
  read?: [number, number[]][];
};

export type Kept = { lot: string; status: string; custodian: string; place: number };

/** The status at the header's time. Only FREE means that nothing stands in the way of a pledge. */
export type Verdict =
  | { verdict: "FREE" | "DELIVERED" | "PAPER" | "UNKNOWN" | "NO_GOODS" | "UNOCCUPIED" | "NOT_ENCUMBERED" | "INVALID" }
  | { verdict: "RESERVED"; until: number | bigint; member: number }
  | { verdict: "ENCUMBERED"; since: number; index: number; member: number }
  | { verdict: "HELD"; kind: string }
  | { verdict: "REPLACED"; by: string }
  | { verdict: "STATE"; state: string }
  | { verdict: "REGISTERED"; doc: string }
  | { verdict: "OCCUPIED"; lot: string }
  | { verdict: "LEVEL"; level: number; state: string; subject: string }
  | { verdict: "CUSTODY"; lots: Kept[] }
  | { verdict: "STALE"; age_ms: number; max_age_ms: number };

export type Integrity =
  | { integrity: "VALID"; signers: number; validators: number; height: number; time: number }
  | { integrity: "INVALID"; reason: string };
export type Issuer = { issuer: string; home: number; code: string; name: string };
export type PaperLine = { paper: "VALID" } | { paper: "NOT_SHOWN"; reason: string };

/** What the verifier says of one certificate. */
export type Verification = {
  integrity: Integrity;
  status: Verdict;
  /** Absent unless the certificate shows a document. */
  issuer: Issuer | null;
  paper: PaperLine;
  /** The status in one word, such as ENCUMBERED; of a state its name. */
  word: string;
  /** 0 FREE, 9 RESERVED, 10 ENCUMBERED, 11 HELD, 12 UNKNOWN, 13 any other state, 20 INVALID, 21 STALE. */
  exit: number;
  /** Whether everything that has to hold for a loan holds: FREE, and the paper in hand is that document. `exit` tells of FREE alone. */
  isFreeForThisPaper: boolean;
  /** The three lines as `landsea certificate verify` prints them, and a fourth if a paper was shown. */
  lines: string[];
  /** The certificate as read; absent for what is none. */
  certificate?: Certificate;
  /** Of a history: both halves, and what became of the document between the two heights. The fields above are then the later half's
   * and `exit` the greater of both; when a half proves nothing, `change` is null and they are those of that half: INVALID. */
  history?: { earlier: Verification; later: Verification; change: Change | null };
};

export type Change =
  | { change: "ABSENT" }
  | { change: "REGISTERED" | "UNCHANGED"; doc: string; ver: number }
  | { change: "CHANGED"; doc: string; from_ver: number; to_ver: number }
  | { change: "RENEWED"; from: string; to: string };

type Commit = [number, string][];
export type Question = { question: string; fp1?: string; keys?: string[]; proof?: string };
type Item = { family: string; id: string; opening: { public: string; record_hash: string } | null; neighbour: { key: string; value_hash: string } | null; path: number[] };
type Seat = { member: number; public_key: string };
type SetChange = { header: Header; commit: { height: number; round: number; block: string; signatures: Commit }; next: { validators: Seat[] } };
export type Certificate = {
  version: number; chain_id: string; height: number; header: Header; round: number; commit: Commit; valset_proof: SetChange[];
  question: Question; items: Item[]; hashes: string[]; issued_at: number;
};

class Refused extends Error {}
const refuse = (reason: string): never => {
  throw new Refused(reason);
};

type Checked = { genesis: Genesis; chain: string; set: Seat[]; driftMs: number };

/** Reads a genesis file and checks what the verifier builds on. */
export function readGenesis(file: string | Genesis): Genesis {
  const genesis = (typeof file === "string" ? parseJson(file) : file) as Genesis;
  if (genesis === null || typeof genesis !== "object" || !Array.isArray(genesis.members)) throw new Error("this is not a genesis file");
  if (genesis.suite !== constants.suite) throw new Error(`the suite ${genesis.suite} is not supported`);
  const count = genesis.members.length;
  if (count < 4 || count > constants.bounds.members) throw new Error(`${count} members; a network needs 4 to ${constants.bounds.members}`);
  genesis.members.forEach((member, i) => {
    if (member.index !== i + 1) throw new Error(`member ${member.index}: indices must count up from 1`);
    if (isWeak(fromHex(member.validator_key, 32))) throw new Error(`member ${member.index}: the key is malformed or weak`);
    if (genesis.members.slice(0, i).some((m) => m.code === member.code || m.validator_key.toLowerCase() === member.validator_key.toLowerCase())) {
      throw new Error(`member ${member.index}: its code or key stands twice`);
    }
  });
  return { ...{ parameters: {}, features: [], templates: [], travel: [] }, ...genesis };
}

/** The chain id: the hash of the genesis. */
export const chainId = (genesis: string | Genesis): string => hashOf("genesis", readGenesis(genesis));

/**
 * Verifies a certificate file, of one height or of two: its text, its bytes (JSON or compact) or the parsed JSON.
 *
 * Whatever is wrong with the certificate is an answer (INVALID, exit 20); an unusable genesis throws. `now` is the verifier's own clock,
 * milliseconds since 1970.
 */
export function verifyCertificate(certificate: Uint8Array | string | object, trust: Trust, now: number = Date.now()): Verification {
  const genesis = readGenesis(trust.genesis);
  const set = genesis.members.map((m) => ({ member: m.index, public_key: m.validator_key.toLowerCase() }));
  const driftMs = Number(genesis.parameters?.clock_drift_ms ?? constants.parameters.clock_drift_ms);
  const checked = { genesis, chain: hashOf("genesis", genesis), set, driftMs };
  let file: File;
  try {
    file = readFile(certificate);
  } catch (error) {
    return invalid((error as Error).message, trust);
  }
  const other = trust.asked && otherThan(trust.asked, file);
  if (other) return invalid(other, trust, "earlier" in file ? file.later : file);
  return "earlier" in file ? verifyHistory(file, trust, checked, now) : verifyOne(file, trust, checked, now);
}

/** Why a node's answer, verified or not, is no certificate about what was asked; nothing when it is. Throws for a question that is none. */
export function otherAnswer(certificate: unknown, asked: Asked): string | undefined {
  let file: File;
  try {
    file = readFile(certificate as object);
  } catch (error) {
    return `not a certificate: ${(error as Error).message}`;
  }
  return otherThan(asked, file);
}

function otherThan({ question, height }: Asked, file: File): string | undefined {
  const wanted = toHex(encode("Question", question));
  if ("earlier" in file) return "the answer has two heights, and one was asked for";
  if (toHex(encode("Question", file.question)) !== wanted) {
    const subject = file.question.fp1 ?? file.question.proof ?? file.question.keys?.join(", ");
    return `the certificate answers another question than was asked: ${file.question.question} of ${subject}`;
  }
  return height !== undefined && file.height !== height ? `the certificate is of height ${file.height}, and height ${height} was asked for` : undefined;
}

type History = { version: number; earlier: Certificate; later: Certificate };
type File = Certificate | History;

/** Reads either form to canonical JSON: through its one encoding, so that hex digits and numbers have one spelling. */
function readFile(input: Uint8Array | string | object): File {
  const max = constants.bounds.certificate_bytes;
  const size = input instanceof Uint8Array || typeof input === "string" ? input.length : 0;
  if (size > max) return refuse(`${size} bytes; a certificate has at most ${max}`);
  if (input instanceof Uint8Array && input[0] !== 0x7b && !isSpace(input[0])) return readCompact(input);
  const json = input instanceof Uint8Array ? parseJson(new TextDecoder("utf-8", { fatal: true }).decode(input)) : typeof input === "string" ? parseJson(input) : input;
  const type = json !== null && typeof json === "object" && "earlier" in json ? "HistoryCertificate" : "StatusCertificate";
  return decode<File>(type, encode(type, json));
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

function readCompact(bytes: Uint8Array): File {
  try {
    return decode<Certificate>("StatusCertificate", bytes);
  } catch (error) {
    // A history begins with its own version before that of its first half.
    if (bytes[0] !== constants.versions.history || bytes[1] !== constants.versions.certificate) throw error;
    return decode<History>("HistoryCertificate", bytes);
  }
}

/** The compact form of a certificate. */
export function compactCertificate(certificate: Uint8Array | string | object): Uint8Array {
  const file = readFile(certificate);
  return encode("earlier" in file ? "HistoryCertificate" : "StatusCertificate", file);
}

function invalid(reason: string, trust: Trust, certificate?: Certificate): Verification {
  const paper: PaperLine = { paper: "NOT_SHOWN", reason: "the certificate proves nothing" };
  return finished({ integrity: { integrity: "INVALID", reason }, status: { verdict: "INVALID" }, issuer: null, paper }, trust, undefined, certificate);
}

function verifyOne(certificate: Certificate, trust: Trust, checked: Checked, now: number): Verification {
  try {
    const { chain, genesis } = checked;
    checkFrame(certificate, chain);
    const set = validators(certificate, checked);
    checkDecided(certificate, set, chain);
    if (trust.pinned) checkPinned(certificate, trust.pinned);
    const header = certificate.header;
    if (header.time > now + checked.driftMs) refuse(`block time ${header.time} lies in the future of the verifier's clock ${now}`);
    const proved = provedLeaves(certificate);
    const doc = documentOf(certificate.question, proved);
    const found = statusOf(certificate.question, header.time, proved, doc);
    const age = Math.max(0, now - header.time);
    const stale = trust.maxAgeMs !== undefined && age > trust.maxAgeMs;
    const status: Verdict = stale ? { verdict: "STALE", age_ms: age, max_age_ms: trust.maxAgeMs! } : found;
    const paper: PaperLine = stale ? { paper: "NOT_SHOWN", reason: "the certificate is too old" } : judge(trust.paper, certificate.question.fp1, doc, checked);
    const integrity: Integrity = { integrity: "VALID", signers: certificate.commit.length, validators: set.length, height: header.height, time: header.time };
    return finished({ integrity, status, issuer: issuerOf(doc, genesis), paper }, trust, genesis, certificate);
  } catch (error) {
    if (error instanceof Refused || error instanceof FormatError) return invalid(error.message, trust, certificate);
    throw error;
  }
}

// The header: who decided it.

function checkFrame(c: Certificate, chain: string): void {
  if (c.version !== constants.versions.certificate) refuse(`certificate version ${c.version} is not known`);
  if (c.chain_id !== chain) refuse(`made for chain ${c.chain_id}, this genesis is chain ${chain}`);
  const same = c.header.version === constants.versions.header && c.header.chain_id === chain && c.header.height === c.height;
  if (!same) refuse("height or chain differ between certificate and header");
  const keys = c.question.keys;
  if (keys && (keys.length < 1 || keys.length > constants.bounds.goods_keys)) refuse("the question is outside the limits");
}

const setHash = (set: Seat[]): string => hashOf("validator-set", { validators: set });

/** The set of this height: the genesis set, changed as quorums of the sets before decided. */
function validators(c: Certificate, { set: first, chain }: Checked): Seat[] {
  let set = first;
  let last = 0;
  for (const { header, commit, next } of c.valset_proof) {
    const strange = `the validators of block ${header.height} are not those that the genesis leads to`;
    const fits =
      header.chain_id === chain && last < header.height && header.height < c.height && header.validators_hash === setHash(set) &&
      header.next_validators_hash === setHash(next.validators) && commit.height === header.height && commit.block === hashOf("header", header);
    if (!fits) refuse(strange);
    checkCommit(chain, set, header, commit.round, commit.signatures);
    set = [...next.validators].sort((a, b) => a.member - b.member);
    const distinct = (of: (seat: Seat) => unknown): boolean => new Set(set.map(of)).size === set.length;
    if (set.length === 0 || !distinct((s) => s.member) || !distinct((s) => s.public_key)) refuse(strange);
    last = header.height;
  }
  return set;
}

function checkDecided(c: Certificate, set: Seat[], chain: string): void {
  if (c.header.validators_hash !== setHash(set)) refuse(`the validators of block ${c.height} are not those that the genesis leads to`);
  checkCommit(chain, set, c.header, c.round, c.commit);
}

/** A quorum of distinct members of the set signed a precommit for exactly this block, height and round. */
function checkCommit(chain: string, set: Seat[], header: Header, round: number, signatures: Commit): void {
  const undecided = (why: string): never => refuse(`block ${header.height} was not decided: ${why}`);
  const quorum = Math.floor((set.length * 2) / 3) + 1;
  if (signatures.length < quorum) undecided(`${signatures.length} signatures, ${quorum} needed`);
  const block = hashOf("header", header);
  let last = -1;
  for (const [member, signature] of signatures) {
    if (member <= last) undecided(`member ${member} signs twice or out of order`);
    last = member;
    const seat = set.find((s) => s.member === member) ?? undecided(`member ${member} is not a validator at this height`);
    const vote = { kind: "Precommit", height: header.height, round, block, voter: member };
    const holds = verifyStrict(fromHex(signature, 64), signBytes("vote", chain, vote), fromHex(seat.public_key, 32));
    if (!holds) undecided(`the signature of member ${member} does not verify`);
  }
}

/** A pinned header must be on the same chain of blocks; an older certificate counts only while the same validators stand. */
function checkPinned(c: Certificate, given: Header): void {
  const pinned = decode<Header>("Header", encode("Header", given));
  const mine = c.header;
  const fits =
    mine.height === pinned.height ? hashOf("header", mine) === hashOf("header", pinned)
    : mine.height < pinned.height ? mine.time < pinned.time && mine.validators_hash === pinned.validators_hash
    : mine.time > pinned.time && leadsFrom(c, pinned);
  if (pinned.chain_id !== mine.chain_id || !fits) refuse(`the header contradicts the pinned header of block ${pinned.height}`);
}

/** Whether the validators after the pinned header are those that this certificate's own chain of sets has at that height. */
function leadsFrom(c: Certificate, pinned: Header): boolean {
  const at = c.valset_proof.find((change) => change.header.height === pinned.height);
  if (at) return hashOf("header", at.header) === hashOf("header", pinned);
  const later = c.valset_proof.find((change) => change.header.height > pinned.height);
  return (later?.header ?? c.header).validators_hash === pinned.next_validators_hash;
}

// The leaves: what the state root proves.

/** Public parts by family and id; `null` for what is proved absent. */
type Proved = Map<string, Uint8Array | null>;

const FAMILIES = new Map(constants.families.map(([name, tag, module]) => [name, { tag, module }]));
const place = (name: string, id: string): string => `${name}/${id}`;

function provedLeaves(c: Certificate): Proved {
  checkHashes(c);
  const proved: Proved = new Map();
  for (const item of c.items) {
    checkItem(item, c);
    proved.set(place(item.family, item.id), item.opening && fromHex(item.opening.public));
  }
  const shown = c.items.map((item) => place(item.family, item.id));
  const wanted = needed(c.question, proved);
  if (shown.length !== wanted.length || shown.some((at, i) => at !== wanted[i])) refuse("the leaves shown are not exactly those that the question needs");
  return proved;
}

/** Entries stand in order of first use, each used and none twice, so there is one way to write a certificate. */
function checkHashes(c: Certificate): void {
  let next = 0;
  for (const index of c.items.flatMap((item) => item.path)) {
    if (index > next) refuse("the shared hashes are repeated, unused or missing");
    if (index === next) next += 1;
  }
  if (next !== c.hashes.length || new Set(c.hashes).size !== next) refuse("the shared hashes are repeated, unused or missing");
}

function checkItem(item: Item, c: Certificate): void {
  const named = item.family.replace(/(?:^|_)([a-z])/g, (_, first: string) => first.toUpperCase());
  const wrong = (why: string): never => refuse(`${named} ${item.id}: ${why}`);
  const { tag, module } = FAMILIES.get(item.family)!;
  const key = hash(Uint8Array.of(module, tag), fromHex(item.id));
  const siblings = item.path.map((index) => c.hashes[index] ?? refuse("the shared hashes are repeated, unused or missing"));
  if (siblings.length > constants.tree.siblings_max) wrong("the path is longer than the key");
  if (item.opening && item.neighbour) refuse("the leaves shown are not exactly those that the question needs");
  const leaf = item.opening ? ownLeaf(key, item.opening) : otherLeaf(item, key, siblings.length, wrong);
  const top = siblings.reduce((below, sibling, i) => {
    const [mine, other] = [below, fromHex(sibling)];
    return bit(key, siblings.length - 1 - i) ? hash(utf8(constants.tree.inner), other, mine) : hash(utf8(constants.tree.inner), mine, other);
  }, leaf);
  if (toHex(top) !== c.header.state_root) wrong("the path does not lead to the state root");
}

function ownLeaf(key: Uint8Array, opening: { public: string; record_hash: string }): Uint8Array {
  const value = hash(hash(fromHex(opening.public)), fromHex(opening.record_hash));
  return hash(utf8(constants.tree.leaf), key, hash(value));
}

/** Another leaf proves absence only where the key itself would have ended up. */
function otherLeaf(item: Item, key: Uint8Array, depth: number, wrong: (why: string) => never): Uint8Array {
  if (!item.neighbour) return utf8(constants.tree.empty);
  const other = fromHex(item.neighbour.key);
  const shared = Array.from({ length: 256 }, (_, i) => i).find((i) => bit(key, i) !== bit(other, i));
  if (shared === undefined || shared < depth) wrong("the proof ends in another leaf than it claims");
  return hash(utf8(constants.tree.leaf), other, fromHex(item.neighbour.value_hash));
}

const bit = (key: Uint8Array, index: number): boolean => ((key[index >> 3]! >> (7 - (index % 8))) & 1) === 1;

type PublicDoc = { id: string; ver: number; kind: number; fp1: string; state: string; lots: string[]; replaced_by: string | null; content_root: string; issuer: string; home: number };

const OVERLAYS = ["encumbrance", "reservation", "hold"];
const isTerminal = (doc: PublicDoc): boolean => constants.terminal_doc_states.includes(doc.state);

/** The leaves that a question needs, ascending by family and id, given those that are proved. */
function needed(question: Question, proved: Proved): string[] {
  const items = new Map<string, [string, string]>();
  const add = (name: string, id: string): unknown => items.set(place(name, id), [name, id]);
  if (question.keys) question.keys.forEach((key) => add("goods_key", key));
  if (question.proof) add("proof", question.proof);
  if (question.fp1) addDoc(question.question, question.fp1, proved, add);
  const sorted = [...items.values()].sort(([a, x], [b, y]) => FAMILIES.get(a)!.tag - FAMILIES.get(b)!.tag || (x < y ? -1 : x > y ? 1 : 0));
  return sorted.map(([name, id]) => place(name, id));
}

function addDoc(question: string, fp1: string, proved: Proved, add: (name: string, id: string) => unknown): void {
  add("fp", fp1);
  const fp = lenient<{ doc: string }>("PublicFp", proved.get(place("fp", fp1)));
  if (!fp) return;
  add("doc", fp.doc);
  const doc = lenient<PublicDoc>("PublicDoc", proved.get(place("doc", fp.doc)));
  if (!doc) return;
  if (question === "pledge") add("encumbrance", doc.id);
  if (isTerminal(doc)) return;
  if (question === "not_pledged") [doc.id, ...doc.lots].forEach((target) => OVERLAYS.forEach((name) => add(name, target)));
  if (question === "custody") doc.lots.forEach((lot) => add("lot", lot));
}

function lenient<T>(type: string, bytes: Uint8Array | null | undefined): T | undefined {
  try {
    return bytes ? decode<T>(type, bytes) : undefined;
  } catch {
    return undefined;
  }
}

const contradiction = (why: string): never => refuse(`the leaves shown contradict each other: ${why}`);

/** Decodes a proved public part; `null` for what is proved absent. */
function publicPart<T>(type: string, name: string, id: string, proved: Proved): T | null {
  const shown = proved.get(place(name, id));
  if (shown === undefined) return refuse("the leaves shown are not exactly those that the question needs");
  return shown === null ? null : (lenient<T>(type, shown) ?? contradiction("a public part does not decode"));
}

/** The document of the fingerprint asked for, if the question has one and the ledger knows it. */
function documentOf(question: Question, proved: Proved): PublicDoc | null {
  if (!question.fp1) return null;
  const fp = publicPart<{ doc: string }>("PublicFp", "fp", question.fp1, proved);
  if (!fp) return null;
  const doc = publicPart<PublicDoc>("PublicDoc", "doc", fp.doc, proved) ?? contradiction("the fingerprint names a document that is not there");
  if (doc.id !== fp.doc || doc.fp1 !== question.fp1) contradiction("the document has another identity than the fingerprint");
  return doc;
}

// The verdict.

function statusOf(question: Question, at: number, proved: Proved, doc: PublicDoc | null): Verdict {
  if (question.keys) return goods(question.keys, proved);
  if (question.proof) return level(question.proof, at, proved);
  if (!doc) return { verdict: "UNKNOWN" };
  switch (question.question) {
    case "unknown":
      return { verdict: "REGISTERED", doc: doc.id };
    case "doc_status":
      return stateOnly(doc);
    case "pledge":
      return isTerminal(doc) ? stateOnly(doc) : (encumbered([doc.id], proved) ?? { verdict: "NOT_ENCUMBERED" });
    case "not_pledged":
      return notPledged(doc, proved);
    case "custody":
      return custody(doc, proved);
    default:
      return refuse(`the question ${question.question} is not known`);
  }
}

/** The state alone, for questions that show no encumbrance; ACTIVE here is not FREE. */
function stateOnly(doc: PublicDoc): Verdict {
  if (doc.state === "ACCOMPLISHED") return { verdict: "DELIVERED" };
  if (doc.state === "PAPER_OUT") return { verdict: "PAPER" };
  return isTerminal(doc) && doc.replaced_by ? { verdict: "REPLACED", by: doc.replaced_by } : { verdict: "STATE", state: doc.state };
}

/** FREE only if the document is ACTIVE and nothing lies on it or on any of its lots. What weighs most is named first. */
function notPledged(doc: PublicDoc, proved: Proved): Verdict {
  if (isTerminal(doc)) return stateOnly(doc);
  const targets = [doc.id, ...doc.lots];
  const burden = encumbered(targets, proved) ?? held(targets, proved) ?? reserved(targets, proved);
  if (burden) return burden;
  if (doc.state !== "ACTIVE") return stateOnly(doc);
  return { verdict: doc.lots.length > 0 ? "FREE" : "NO_GOODS" };
}

/** The leaves of a family on the targets, in their order. Every target must be shown, present or absent. */
function leaves<T>(type: string, name: string, targets: string[], proved: Proved): T[] {
  return targets.map((target) => publicPart<T>(type, name, target, proved)).filter((leaf): leaf is Awaited<T> & T => leaf !== null);
}

function encumbered(targets: string[], proved: Proved): Verdict | undefined {
  const [found] = leaves<{ since_height: number; index: number; member: number }>("PublicEncumbrance", "encumbrance", targets, proved);
  return found && { verdict: "ENCUMBERED", since: found.since_height, index: found.index, member: found.member };
}

/** Of holds on several targets the gravest is named. */
function held(targets: string[], proved: Proved): Verdict | undefined {
  const gravity = (kind: string): number => constants.hold_gravity[kind] ?? 0;
  const holds = leaves<{ kind: string }>("PublicHold", "hold", targets, proved).sort((a, b) => gravity(a.kind) - gravity(b.kind));
  return holds[0] && { verdict: "HELD", kind: holds[0].kind };
}

/** The leaf decides: a reservation whose term has passed but which is not swept still counts. */
function reserved(targets: string[], proved: Proved): Verdict | undefined {
  const [found] = leaves<{ until: number | bigint; member: number }>("PublicReservation", "reservation", targets, proved);
  return found && { verdict: "RESERVED", until: found.until, member: found.member };
}

/** Who keeps each lot. A document that has ended commands no goods, and one without any is named so. */
function custody(doc: PublicDoc, proved: Proved): Verdict {
  if (isTerminal(doc)) return stateOnly(doc);
  if (doc.lots.length === 0) return doc.state === "ACTIVE" ? { verdict: "NO_GOODS" } : stateOnly(doc);
  return { verdict: "CUSTODY", lots: doc.lots.map((id) => kept(doc, id, proved)) };
}

function kept(doc: PublicDoc, id: string, proved: Proved): Kept {
  type Lot = { status: string; title: string | null; custodian: string; place: number };
  const lot = publicPart<Lot>("PublicLot", "lot", id, proved) ?? contradiction("the document names a lot that is not there");
  if (lot.status === "ACTIVE" && lot.title !== doc.id) contradiction("a lot of the document stands under another one");
  return { lot: id, status: lot.status, custodian: lot.custodian, place: lot.place };
}

function goods(keys: string[], proved: Proved): Verdict {
  const [occupied] = leaves<{ lot: string }>("PublicGoodsKey", "goods_key", keys, proved);
  return occupied ? { verdict: "OCCUPIED", lot: occupied.lot } : { verdict: "UNOCCUPIED" };
}

function level(id: string, at: number, proved: Proved): Verdict {
  type Case = { id: string; level: number; state: string; subject: string; valid_until: number | bigint };
  const found = publicPart<Case>("PublicProof", "proof", id, proved);
  if (!found) return { verdict: "UNKNOWN" };
  if (found.id !== id) contradiction("the case has another identity than the question");
  return { verdict: "LEVEL", level: at < found.valid_until ? found.level : 0, state: found.state, subject: found.subject };
}

function issuerOf(doc: PublicDoc | null, genesis: Genesis): Issuer | null {
  const home = doc && genesis.members.find((m) => m.index === doc.home);
  return doc && home ? { issuer: doc.issuer, home: doc.home, code: home.code, name: home.name_en } : null;
}

// The paper.

function judge(evidence: PaperEvidence | undefined, asked: string | undefined, doc: PublicDoc | null, checked: Checked): PaperLine {
  const notShown = (reason: string): PaperLine => ({ paper: "NOT_SHOWN", reason });
  if (!evidence || !asked) return notShown("no paper was shown, or the question is not about a document");
  try {
    checkPaper(evidence, asked, doc, checked);
    return { paper: "VALID" };
  } catch (error) {
    return notShown((error as Error).message);
  }
}

/** The fields open under the content root, and a branch ties the identity recomputed from them to the fingerprint. */
function checkPaper(evidence: PaperEvidence, asked: string, doc: PublicDoc | null, { genesis, chain }: Checked): void {
  const { body, signature } = evidence.ticket;
  const branch = genesis.members.find((m) => m.index === body.member) ?? refuse("the ticket names no member of this chain");
  const signed = signBytes("query-ticket", body.chain_id, body);
  const holds = body.chain_id.toLowerCase() === chain && verifyStrict(fromHex(signature, 64), signed, fromHex(branch.validator_key, 32));
  if (!holds) refuse("the query ticket is not signed by that branch for this chain");
  if (body.fp1.toLowerCase() !== asked) refuse("the query ticket is about another document");
  const fields = disclosed(evidence, doc);
  if (toHex(rawIdentity(body.kind, fields)) !== body.raw1.toLowerCase()) refuse("the fields are those of another paper");
}

function disclosed({ ticket, disclosure, read = [] }: PaperEvidence, doc: PublicDoc | null): Field[] {
  if (doc && disclosure.form !== "opened") {
    return refuse("the fields are not opened under the content root; the issuer's disclosure or salts would open them");
  }
  if (doc && family(ticket.body.kind) !== family(doc.kind)) refuse("the paper is of another kind than the document");
  if (disclosure.form === "read") return disclosure.fields.map(([id, bytes]) => [id, Uint8Array.from(bytes)]);
  if (!doc) return disclosure.opening.fields.map((f) => [f.field, fromHex(f.bytes)]);
  const opened = openedFields(disclosure.opening, doc.content_root);
  const stated = new Map(read.map(([id, bytes]) => [id, toHex(Uint8Array.from(bytes))]));
  const other = opened.filter(([id, bytes]) => (stated.get(id) ?? toHex(bytes)) !== toHex(bytes));
  if (other.length) refuse(`the paper in hand says something else than the issuer registered: ${other.map(([id]) => fieldName(id)).join(", ")}`);
  return opened;
}

// A history: was the document free then, and is it now?

function verifyHistory(file: History, trust: Trust, checked: Checked, now: number): Verification {
  const earlier = verifyOne(file.earlier, { ...trust, maxAgeMs: undefined }, checked, now);
  const later = verifyOne(file.later, trust, checked, now);
  const halves = [earlier, later];
  if (halves.some((half) => half.status.verdict === "INVALID")) return joined(earlier, later, null, checked.genesis);
  try {
    return joined(earlier, later, changeOf(file), checked.genesis);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const both = invalid(error.message, trust);
    return joined({ ...both, certificate: file.earlier }, { ...both, certificate: file.later }, null, checked.genesis);
  }
}

function changeOf({ version, earlier, later }: History): Change {
  if (version !== constants.versions.history) refuse(`history version ${version} is not known`);
  const same = toHex(encode("Question", earlier.question)) === toHex(encode("Question", later.question));
  if (!same || !earlier.question.fp1) refuse("the halves answer different questions, or a question that is not about a document");
  const [a, b] = [earlier.height, later.height];
  if (a >= b || earlier.header.time >= later.header.time) refuse(`height ${a} of the first half is not below height ${b} of the second`);
  const [old, fresh] = [shownDoc(earlier), shownDoc(later)];
  if (!fresh) return old ? refuse(`the document of height ${a} is gone at height ${b}`) : { change: "ABSENT" };
  if (!old) return { change: "REGISTERED", doc: fresh.id, ver: fresh.ver };
  if (old.id !== fresh.id) return { change: "RENEWED", from: old.id, to: fresh.id };
  if (toHex(encode("PublicDoc", old)) === toHex(encode("PublicDoc", fresh))) return { change: "UNCHANGED", doc: fresh.id, ver: fresh.ver };
  if (old.ver < fresh.ver) return { change: "CHANGED", doc: fresh.id, from_ver: old.ver, to_ver: fresh.ver };
  return refuse(`the document of height ${b} has a lower version than at height ${a}`);
}

function shownDoc(c: Certificate): PublicDoc | undefined {
  const opening = c.items.find((item) => item.family === "doc")?.opening;
  return lenient<PublicDoc>("PublicDoc", opening && fromHex(opening.public));
}

function joined(earlier: Verification, later: Verification, change: Change | null, genesis: Genesis): Verification {
  const exit = change ? Math.max(earlier.exit, later.exit) : EXIT.INVALID!;
  const half = (word: string, { certificate, lines }: Verification): string[] => {
    return [`${word.padEnd(10)} block ${certificate!.height}, ${timeText(certificate!.header.time)}`, ...lines];
  };
  const lines = [...half("EARLIER", earlier), ...half("LATER", later), `CHANGE     ${changeText(change)}`];
  const said = change ? later : proofless([earlier, later].find((half) => half.integrity.integrity === "INVALID")!);
  const isFreeForThisPaper = said.isFreeForThisPaper && earlier.isFreeForThisPaper;
  return { ...said, isFreeForThisPaper, certificate: later.certificate, exit, lines, history: { earlier, later, change } };
}

/** What a history says whose halves show nothing together: the reason of the half that fails, and no status of the other. */
function proofless({ integrity, status, issuer, paper, word, isFreeForThisPaper }: Verification): Omit<Verification, "exit" | "lines"> {
  return { integrity, status, issuer, paper, word, isFreeForThisPaper };
}

// The words.

const EXIT: Record<string, number> = { FREE: 0, RESERVED: 9, ENCUMBERED: 10, HELD: 11, UNKNOWN: 12, INVALID: 20, STALE: 21 };

type Answer = Pick<Verification, "integrity" | "status" | "issuer" | "paper">;

function finished(answer: Answer, trust: Trust, genesis?: Genesis, certificate?: Certificate): Verification {
  const { status } = answer;
  const word = status.verdict === "STATE" ? status.state : status.verdict;
  const lines = [
    `INTEGRITY  ${integrityText(answer.integrity)}`,
    `STATUS     ${statusText(status, genesis)}`,
    ...(status.verdict === "CUSTODY" ? status.lots.map((k) => `           lot ${k.lot} ${k.status}, kept by ${k.custodian} in ${memberText(k.place, genesis)}`) : []),
    `ISSUER     ${answer.issuer ? `${answer.issuer.issuer} registered by ${memberText(answer.issuer.home, genesis)}` : "NOT SHOWN"}`,
  ];
  if (trust.paper) lines.push(`PAPER      ${answer.paper.paper === "VALID" ? "VALID (the answer is about the paper in hand)" : `NOT SHOWN (${answer.paper.reason})`}`);
  const isFreeForThisPaper = status.verdict === "FREE" && answer.paper.paper === "VALID";
  return { ...answer, word, isFreeForThisPaper, exit: EXIT[status.verdict] ?? 13, lines, certificate };
}

/** A time as text in UTC; the last of all times stands for none. */
export function timeText(time: number | bigint): string {
  if (time === 0xffffffffffffffffn) return "no end";
  const iso = Number(time) <= 253402300799999 ? new Date(Number(time)).toISOString() : undefined;
  return iso ? `${iso.slice(0, 10)} ${iso.slice(11, 23)} UTC` : `${time} ms`;
}

function integrityText(line: Integrity): string {
  if (line.integrity === "INVALID") return `INVALID (${line.reason})`;
  return `VALID (${line.signers} of ${line.validators} members signed block ${line.height}, ${timeText(line.time)})`;
}

function memberText(index: number, genesis?: Genesis): string {
  const member = genesis?.members.find((m) => m.index === index);
  return member ? `${member.code} ${member.name_zh} (${member.name_en})` : `member ${index}`;
}

function statusText(status: Verdict, genesis?: Genesis): string {
  switch (status.verdict) {
    case "RESERVED":
      return `RESERVED until ${timeText(status.until)}; contact ${memberText(status.member, genesis)}`;
    case "ENCUMBERED":
      return `ENCUMBERED since height ${status.since} index ${status.index}; contact ${memberText(status.member, genesis)}`;
    case "HELD":
      return `HELD(${status.kind})`;
    case "REPLACED":
      return `REPLACED(by ${status.by})`;
    case "REGISTERED":
      return `REGISTERED(as ${status.doc})`;
    case "OCCUPIED":
      return `OCCUPIED(by lot ${status.lot})`;
    case "LEVEL":
      return `LEVEL(${status.level}, ${status.state}, document ${status.subject})`;
    case "CUSTODY":
      return `CUSTODY of ${status.lots.length} lots`;
    case "STALE":
      return `STALE (${Math.floor(status.age_ms / 1000)} s old, at most ${Math.floor(status.max_age_ms / 1000)} s)`;
    case "STATE":
      return status.state;
    case "NO_GOODS":
      return "NO_GOODS (the document stands, but all its goods are lost)";
    case "UNKNOWN":
      return "UNKNOWN (never registered on this ledger; this does not mean free)";
    default:
      return status.verdict;
  }
}

function changeText(change: Change | null): string {
  switch (change?.change) {
    case undefined:
      return "NOT SHOWN";
    case "ABSENT":
      return "ABSENT (registered at neither height)";
    case "REGISTERED":
      return `REGISTERED in between (document ${change.doc})`;
    case "UNCHANGED":
      return `UNCHANGED (version ${change.ver} at both heights)`;
    case "CHANGED":
      return `CHANGED (version ${change.from_ver}, then ${change.to_ver})`;
    case "RENEWED":
      return `RENEWED (document ${change.from}, then ${change.to})`;
  }
}

