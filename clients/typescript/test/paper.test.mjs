import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex, normalise, NormaliseError, Paper, parseJson, toHex } from "../dist/index.js";

const read = (path) => parseJson(readFileSync(new URL(path, import.meta.url), "utf8"));
const vectors = read("../../vectors.json");
const corpus = read("../../../types/tests/data/fingerprint_corpus.json");
const papers = Object.entries(vectors).filter(([, vector]) => vector.paper);

for (const [name, vector] of papers) {
  test(`${name} gives the ledger's fields, fingerprints and content root`, () => {
    const paper = new Paper(vector.paper);
    assert.deepEqual(paper.fields.map(([id, bytes]) => [id, toHex(bytes)]), vector.fields);
    const { fp1, fp2, near, goods_keys, arrival_keys } = paper.deriveRequest();
    assert.deepEqual({ fp1, fp2, near, goods_keys, arrival_keys }, {
      fp1: vector.fp1, fp2: vector.fp2, near: vector.near, goods_keys: vector.goods_keys, arrival_keys: vector.arrival_keys,
    });
    assert.equal(paper.contentRoot(fromHex(vector.secret)), vector.content_root);
    assert.equal(paper.identityRequest().fp1, vector.fp1);
  });
}

const layerOf = (paper, layer) => {
  const request = new Paper(paper).deriveRequest();
  const [name, number] = layer.split(":");
  return JSON.stringify(number ? request.near[Number(number) - 1] : request[name]);
};

function check({ class: cls, left, right, order, reason, document, layer, change, expect, field }) {
  if (cls && reason) {
    return assert.throws(() => normalise(cls, left, "field", order), (error) => error instanceof NormaliseError && error.reason === reason);
  }
  if (cls) {
    const same = normalise(cls, left, "field", order) === normalise(cls, right, "field", order);
    return assert.equal(same, expect === "equal");
  }
  const base = read(`../../../types/tests/data/documents/${document}.json`);
  const changed = { ...base, ...change };
  if (expect === "rejected") return assert.throws(() => layerOf(changed, layer), (error) => error.message.includes(field));
  assert.equal(layerOf(base, layer) === layerOf(changed, layer), expect === "equal");
}

test("every pair of the ledger's fingerprint corpus holds", () => {
  assert.ok(corpus.length >= 120);
  const failures = corpus.flatMap((pair) => {
    try {
      check(pair);
      return [];
    } catch (error) {
      return [`${JSON.stringify(pair)}: ${error.message.split("\n")[0]}`];
    }
  });
  assert.deepEqual(failures, []);
});

test("an error names the field and never the value", () => {
  assert.throws(() => new Paper({ kind: "NCD", containers: ["SECRET12345"] }), (error) => error.message.includes("containers") && !error.message.includes("SECRET"));
  assert.throws(() => new Paper({ kind: "NCD", colour: "red" }), /unknown field `colour`/);
});

test("lots share out the keys of a ticket, and name no goods that the document does not", () => {
  const { paper: document, goods_keys } = vectors["paper s1_ncd"];
  const ticket = { body: { goods_keys: goods_keys.map(([cls, raw]) => ({ class: cls.charCodeAt(0), key: raw })) } };
  const paper = new Paper(document);
  const [whole, ...none] = paper.lots(ticket);
  assert.deepEqual([none.length, whole.keys, whole.packages, whole.uom], [0, ticket.body.goods_keys, Number(document.packages), "KGM"]);
  const lots = paper.lots(ticket, document.containers.map((container, i) => ({ containers: [container], quantity: `${i + 1} t`, packages: 3 })));
  assert.deepEqual(lots.map((lot) => lot.qty), lots.map((_, i) => BigInt(i + 1) * 1_000_000n));
  assert.deepEqual(lots.flatMap((lot) => lot.keys).map((k) => k.key).sort(), goods_keys.map(([, raw]) => raw).sort());
  assert.throws(() => paper.lots(ticket, [{ containers: ["XLHU2601045"], quantity: "1 t" }]), /lot 0 names goods that the document does not name/);
  assert.throws(() => paper.lots({ body: { goods_keys: [] } }), /made for another document/);
});
