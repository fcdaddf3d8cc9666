import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode, encode, fromHex, hashOf, parseJson, schema, signBytes, toHex } from "../dist/index.js";

const vectors = parseJson(readFileSync(new URL("../../vectors.json", import.meta.url), "utf8"));

for (const [name, { type, json, borsh }] of Object.entries(vectors)) {
  if (!type) continue;
  test(`${name} encodes to the ledger's bytes and back`, () => {
    assert.equal(toHex(encode(type, json)), borsh);
    assert.deepEqual(decode(type, fromHex(borsh)), json);
  });
}

test("every operation of the schema has a full and an empty vector", () => {
  for (const [, name] of schema.types.Operation.enum) {
    assert.ok(vectors[`${name} Full`] && vectors[`${name} Empty`], name);
  }
});

test("every type that the schema refers to is defined", () => {
  const primitive = new Set(["u8", "u16", "u32", "u64", "bool", "string", "bytes"]);
  const check = (type) => {
    if (typeof type === "string") return assert.ok(primitive.has(type) || schema.types[type], type);
    for (const inner of [type.option, type.seq, type.array?.[0], ...(type.tuple ?? []), ...(type.map ?? [])]) if (inner) check(inner);
  };
  for (const definition of Object.values(schema.types)) {
    if (definition.is) check(definition.is);
    definition.struct?.forEach(([, type]) => check(type));
    definition.enum?.forEach(([, , type]) => type && check(type));
  }
});

test("an operation's hash for a sender is the ledger's", () => {
  for (const { json, hash_for } of Object.values(vectors)) {
    if (hash_for) assert.equal(hashOf("operation", [hash_for[0], json]), hash_for[1]);
  }
});

test("bytes that are left over, cut short or out of a list are refused", () => {
  const { type, borsh } = vectors["pledge.create Full"];
  const bytes = fromHex(borsh);
  assert.throws(() => decode(type, Uint8Array.of(...bytes, 0)), /left over/);
  for (const length of [0, 1, 2, 40, bytes.length - 1]) assert.throws(() => decode(type, bytes.slice(0, length)));
  assert.throws(() => decode(type, Uint8Array.of(0xff, 0xff)), /is no Operation/);
  assert.throws(() => decode({ option: "u8" }, Uint8Array.of(2, 0)), /expected 0 or 1/);
});

test("values that do not fit are refused and the place is named", () => {
  const reserve = (doc, until) => ({ operation: "pledge.reserve", args: { doc, expect_ver: 1, until } });
  assert.throws(() => encode("Operation", reserve("00", 1)), /doc.*64 hex digits/);
  assert.throws(() => encode("Operation", reserve("00".repeat(32), 1.5)), /until.*whole number/);
  assert.throws(() => encode("Operation", reserve("00".repeat(32), -1)), /does not fit/);
  assert.throws(() => encode("Operation", { operation: "pledge.reserve", args: { doc: "00".repeat(32), expect_ver: 1 } }), /until is missing/);
  assert.throws(() => encode("Operation", { ...reserve("00".repeat(32), 1), more: 1 }), /more is not known/);
  assert.throws(() => encode("Operation", { operation: "pledge.forget", args: {} }), /is not a Operation/);
});

test("whole numbers beyond 2^53 survive JSON and borsh exactly", () => {
  const nonce = 0xffffffffffffffffn;
  const { nonce: parsed, text } = parseJson(`{"nonce": ${nonce}, "text": "a 12345678901234567890 \\" 12345678901234567890"}`);
  assert.equal(parsed, nonce);
  assert.equal(text, 'a 12345678901234567890 " 12345678901234567890');
  assert.equal(decode("u64", encode("u64", nonce)), nonce);
});

test("the signed bytes of a transaction and a consent are the ledger's", () => {
  const { json, sign_bytes, consent_sign_bytes, id, op_hash } = vectors["signed Transaction"];
  assert.equal(toHex(signBytes("transaction", json.chain_id, json)), sign_bytes);
  assert.equal(toHex(signBytes("consent", json.chain_id, json.consents[0])), consent_sign_bytes);
  assert.equal(hashOf("transaction", json), id);
  assert.equal(hashOf("operation", [json.sender, json.ops[0]]), op_hash);
});
