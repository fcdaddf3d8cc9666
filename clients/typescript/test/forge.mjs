// Certificates over an empty state, made with keys of one's own: what no network would sign, or not yet.
import { fromHex, generateKey, hashOf, schema, sign, signBytes, toHex, utf8 } from "../dist/index.js";

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
