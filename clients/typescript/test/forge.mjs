// Certificates over an empty state, made with keys of one's own: what no network would sign, or not yet.
import { encode, fromHex, generateKey, hash, hashOf, schema, sign, signBytes, toHex, utf8 } from "../dist/index.js";

const zero = "00".repeat(32);
export const fp1 = "ab".repeat(32);
export const TIME = 1_700_000_000_000;

export const keys = (count) => Array.from({ length: count }, () => generateKey("validator"));
export const setOf = (all) => ({ validators: all.map((key, i) => ({ member: i + 1, public_key: key.public_key })) });

export function genesisOf(all) {
  const members = all.map((key, i) => ({
    index: i + 1, code: `m${i + 1}`, name_en: `Member ${i + 1}`, name_zh: `成员${i + 1}`, gb2260: 500000 + i, operator: "test", validator_key: key.public_key,
    network_key: generateKey("network").public_key, branch_key: generateKey().public_key,
  }));
  return { name: "forge", time: TIME, suite: schema.constants.suite, members, parameters: {}, features: [], templates: [], travel: [] };
}

export function headerOf(genesis, height, set, next = set) {
  return {
    version: 1, chain_id: hashOf("genesis", genesis), height, time: TIME + height * 1000, parent: zero, proposer: 1, batches_hash: zero,
    state_root: toHex(utf8(schema.constants.tree.empty)), outcomes_root: zero, writes_hash: zero, validators_hash: hashOf("validator-set", set),
    next_validators_hash: hashOf("validator-set", next), transactions: 0,
  };
}

/** Precommits of the members of a set whose keys are given; `null` leaves a member out. */
export function commitOf(header, signers, round = 0) {
  const block = hashOf("header", header);
  const votes = signers.map((key, i) => key && [i + 1, key]).filter(Boolean);
  return votes.map(([voter, key]) => {
    const vote = { kind: "Precommit", height: header.height, round, block, voter };
    return [voter, toHex(sign(signBytes("vote", header.chain_id, vote), fromHex(key.secret_key)))];
  });
}

/** A certificate that a document is unknown, decided at height 9 by `signers`. */
export function certificateOf(genesis, set, signers, valset_proof = []) {
  const header = headerOf(genesis, 9, set);
  return {
    version: 1, chain_id: header.chain_id, height: 9, header, round: 0, commit: commitOf(header, signers), valset_proof,
    question: { question: "unknown", fp1 }, items: [{ family: "fp", id: fp1, opening: null, neighbour: null, path: [] }], hashes: [], issued_at: TIME,
  };
}

/** A change of the set from `old` to `next` at a height, decided by `signers`. */
export function changeOf(genesis, height, old, next, signers) {
  const header = headerOf(genesis, height, old, next);
  return { header, commit: { height, round: 0, block: hashOf("header", header), signatures: commitOf(header, signers) }, next };
}

/** What a chain of sets allows and what it does not: name, certificate, genesis, pinned header, and the verdict expected. */
export function setCases() {
  const [first, second, third] = [keys(4), keys(5), keys(4)];
  const genesis = genesisOf(first);
  const [a, b, c] = [setOf(first), setOf(second), setOf(third)];
  const change = changeOf(genesis, 4, a, b, first);
  const unsigned = changeOf(genesis, 4, a, b, second.slice(0, 4));
  const next = changeOf(genesis, 6, b, c, second);
  const whole = certificateOf(genesis, c, third, [change, next]);
  const pinned = headerOf(genesis, 5, b);
  const retired = changeOf(genesis, 4, a, c, first);
  return [
    ["the genesis set decides", certificateOf(genesis, a, first), genesis, undefined, "UNKNOWN"],
    ["a quorum is enough", certificateOf(genesis, a, [...first.slice(0, 3), null]), genesis, undefined, "UNKNOWN"],
    ["half of the set is not", certificateOf(genesis, a, [first[0], null, first[2], null]), genesis, undefined, "INVALID"],
    ["a set that the old one decided", certificateOf(genesis, b, second, [change]), genesis, undefined, "UNKNOWN"],
    ["two changes", whole, genesis, undefined, "UNKNOWN"],
    ["a set that decided about itself", certificateOf(genesis, b, second, [unsigned]), genesis, undefined, "INVALID"],
    ["a change left out", certificateOf(genesis, c, third, [next]), genesis, undefined, "INVALID"],
    ["changes in the wrong order", certificateOf(genesis, c, third, [next, change]), genesis, undefined, "INVALID"],
    ["the old set after its change", certificateOf(genesis, a, first, [change]), genesis, undefined, "INVALID"],
    ["one member signing for two", certificateOf(genesis, a, [first[0], first[0], first[2], first[3]]), genesis, undefined, "INVALID"],
    ["another network's validators", certificateOf(genesis, b, second), genesis, undefined, "INVALID"],
    ["a pinned header on the way", whole, genesis, pinned, "UNKNOWN"],
    ["a history that retired keys forged beside the pinned header", certificateOf(genesis, c, third, [retired]), genesis, pinned, "INVALID"],
    ["a pinned header of the same height that differs", whole, genesis, { ...whole.header, transactions: 1 }, "INVALID"],
  ];
}

/** A generator whose seed can be printed and given again. */
export function random(seed) {
  let state = BigInt(seed) | 1n;
  return (below) => {
    state ^= (state << 13n) & 0xffffffffffffffffn;
    state ^= state >> 7n;
    state ^= (state << 17n) & 0xffffffffffffffffn;
    return Number(state % BigInt(below));
  };
}

// States of one's own: a sparse Merkle tree over whatever leaves a test wants, right or contradictory.

const { tree, families, kinds } = schema.constants;
const bit = (key, i) => (key[i >> 3] >> (7 - (i % 8))) & 1;
const nodeOf = (leaves, depth) => {
  if (leaves.length === 0) return utf8(tree.empty);
  if (leaves.length === 1) return hash(utf8(tree.leaf), leaves[0].key, leaves[0].valueHash);
  const [left, right] = [0, 1].map((side) => leaves.filter(({ key }) => bit(key, depth) === side));
  return hash(utf8(tree.inner), nodeOf(left, depth + 1), nodeOf(right, depth + 1));
};

function pathTo(key, leaves) {
  const siblings = [];
  let rest = leaves;
  for (let depth = 0; rest.length > 1; depth++) {
    const other = rest.filter((leaf) => bit(leaf.key, depth) !== bit(key, depth));
    siblings.unshift(toHex(nodeOf(other, depth + 1)));
    rest = rest.filter((leaf) => bit(leaf.key, depth) === bit(key, depth));
  }
  return { siblings, leaf: rest[0] };
}

const keyOf = (family, id) => {
  const [, tag, module] = families.find(([name]) => name === family);
  return hash(Uint8Array.of(module, tag), fromHex(id));
};

/** A state: what `put` records stands in the tree, and `certify` answers a question from it, signed by the genesis set. */
class World {
  leaves = [];
  put(family, id, type, value) {
    const opening = { public: toHex(typeof value === "string" ? utf8(value) : encode(type, value)), record_hash: "cd".repeat(32) };
    const key = keyOf(family, id);
    const inner = hash(hash(fromHex(opening.public)), fromHex(opening.record_hash));
    this.leaves.push({ family, id, key, valueHash: hash(inner), opening });
  }
  certify(question, needed, genesis, signers) {
    const order = (family) => families.findIndex(([name]) => name === family);
    const distinct = [...new Map(needed.map((place) => [place.join("/"), place])).values()];
    distinct.sort(([a, x], [b, y]) => order(a) - order(b) || (x < y ? -1 : 1));
    const hashes = [];
    const items = distinct.map(([family, id]) => {
      const { siblings, leaf } = pathTo(keyOf(family, id), this.leaves);
      const path = siblings.map((sibling) => (hashes.includes(sibling) ? hashes.indexOf(sibling) : hashes.push(sibling) - 1));
      const own = leaf?.family === family && leaf.id === id;
      return { family, id, opening: own ? leaf.opening : null, neighbour: own || !leaf ? null : { key: toHex(leaf.key), value_hash: toHex(leaf.valueHash) }, path };
    });
    const set = { validators: genesis.members.map((m) => ({ member: m.index, public_key: m.validator_key })) };
    const header = { ...headerOf(genesis, 9, set), state_root: toHex(nodeOf(this.leaves, 0)) };
    const commit = commitOf(header, signers);
    return { version: 1, chain_id: header.chain_id, height: 9, header, round: 0, commit, valset_proof: [], question, items, hashes, issued_at: TIME };
  }
}

/** A document in a random state with random burdens, sometimes contradictory, and a random question about it. */
export function randomCase(next, genesis, signers) {
  const world = new World();
  const [chance, any] = [(percent) => next(100) < percent, (all) => all[next(all.length)]];
  const id = () => toHex(Uint8Array.from({ length: 32 }, () => next(256)));
  const names = (type) => schema.types[type].enum.map(([, name]) => name);
  const member = () => 1 + next(5);
  const lots = Array.from({ length: next(4) }, id);
  const state = chance(50) ? "ACTIVE" : any(names("DocState"));
  const doc = {
    id: id(), ver: 1 + next(9), kind: any(kinds)[0], fp1, state, lots, replaced_by: chance(40) ? id() : null, content_root: id(), issuer: id(), home: member(),
  };
  if (!chance(8)) world.put("fp", fp1, "PublicFp", { doc: doc.id });
  const strange = chance(4) ? { ...doc, id: id() } : chance(4) ? { ...doc, fp1: id() } : chance(3) ? "nonsense" : doc;
  if (!chance(4)) world.put("doc", doc.id, "PublicDoc", strange);
  for (const target of [doc.id, ...lots]) {
    if (chance(9)) world.put("encumbrance", target, "PublicEncumbrance", { pledge: id(), since_height: next(9), index: next(9), member: member() });
    if (chance(14)) world.put("reservation", target, "PublicReservation", { until: chance(10) ? 0xffffffffffffffffn : TIME + next(1e6), member: member() });
    if (chance(14)) world.put("hold", target, "PublicHold", { kind: any(names("HoldKind")), until: TIME });
  }
  for (const lot of lots) {
    const title = chance(92) ? doc.id : chance(50) ? null : id();
    if (!chance(4)) world.put("lot", lot, "PublicLot", { status: any(["ACTIVE", ...names("LotStatus")]), title, custodian: id(), place: member() });
  }
  const [goods, proof] = [Array.from({ length: 1 + next(3) }, id), id()];
  goods.forEach((key) => chance(30) && world.put("goods_key", key, "PublicGoodsKey", { lot: id() }));
  const own = chance(5) ? id() : proof;
  const level = { id: own, ver: 1, template: 1, subject: doc.id, level: next(5), state: any(names("ProofState")), valid_until: TIME + next(20_000) };
  if (chance(80)) world.put("proof", proof, "PublicProof", level);
  for (let noise = next(40); noise > 0; noise--) world.put("party", id(), "PublicFp", { doc: id() });

  const question = any(["doc_status", "not_pledged", "not_pledged", "not_pledged", "unknown", "pledge", "custody", "goods_keys", "proof_level"]);
  if (question === "goods_keys") return world.certify({ question, keys: goods }, goods.map((key) => ["goods_key", key]), genesis, signers);
  if (question === "proof_level") return world.certify({ question, proof }, [["proof", proof]], genesis, signers);
  const known = (family, at) => world.leaves.some((leaf) => leaf.family === family && leaf.id === at);
  const needed = [["fp", fp1]];
  if (known("fp", fp1)) needed.push(["doc", doc.id]);
  if (known("fp", fp1) && known("doc", doc.id) && strange !== "nonsense") {
    const ended = schema.constants.terminal_doc_states.includes(state);
    if (question === "pledge") needed.push(["encumbrance", strange.id]);
    if (question === "custody" && !ended) needed.push(...lots.map((lot) => ["lot", lot]));
    if (question === "not_pledged" && !ended) {
      for (const target of [strange.id, ...lots]) needed.push(["encumbrance", target], ["reservation", target], ["hold", target]);
    }
  }
  return world.certify({ question, fp1 }, needed, genesis, signers);
}
