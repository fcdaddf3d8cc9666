import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { compactCertificate, encode, fromHex, generateKey, parseJson, sign, toHex, toJson, utf8, verifyCertificate, verifyStrict } from "../dist/index.js";
import { random, setCases, TIME } from "./forge.mjs";

const file = (name) => readFileSync(new URL(`../../certificates/${name}.json`, import.meta.url), "utf8");
const genesis = file("genesis");
const expected = JSON.parse(file("expected"));
const seed = Number(process.env.SEED ?? Date.now());
console.log(`SEED=${seed}`);

for (const [name, { exit, lines }] of Object.entries(expected)) {
  test(`${name} is judged as the ledger's own verifier does`, () => {
    const found = verifyCertificate(file(name), { genesis });
    assert.equal(found.exit, exit);
    assert.deepEqual(found.lines, lines);
    const bytes = new TextEncoder().encode(file(name));
    assert.deepEqual(verifyCertificate(bytes, { genesis }).lines, lines, "as bytes of JSON");
    assert.deepEqual(verifyCertificate(compactCertificate(file(name)), { genesis }).lines, lines, "in the compact form");
    assert.deepEqual(verifyCertificate(parseJson(file(name)), { genesis: parseJson(genesis) }).lines, lines, "as parsed JSON");
  });
}

/** What a certificate says, without the one field that nothing covers. */
function said(bytes) {
  const json = parseJson(typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes));
  const strip = (half) => ({ ...half, issued_at: 0 });
  const is = json.earlier ? { ...json, earlier: strip(json.earlier), later: strip(json.later) } : strip(json);
  return toHex(encode(json.earlier ? "HistoryCertificate" : "StatusCertificate", is));
}

const tampered = ["free", "encumbered", "reserved", "held", "custody", "level", "not_yet_registered", "history_changed"];

test("a certificate whose text is changed in one place is refused, or says the same", () => {
  const next = random(seed);
  let refused = 0;
  for (let i = 0; i < 400; i++) {
    const name = tampered[next(tampered.length)];
    const text = file(name);
    const at = next(text.length);
    const changed = text.slice(0, at) + "0123456789abcdefABCDEF\",:[]{} nul"[next(33)] + text.slice(at + 1);
    const found = verifyCertificate(changed, { genesis });
    if (found.exit === 20) refused += 1;
    else assert.equal(said(changed), said(text), `SEED=${seed} change ${i}: ${name} at ${at} gives ${found.lines}`);
  }
  assert.ok(refused > 200, `${refused} of 400 refused`);
});

test("a certificate whose bytes are changed in one place is refused", () => {
  const next = random(seed + 1);
  for (let i = 0; i < 400; i++) {
    const name = tampered[next(tampered.length)];
    const bytes = compactCertificate(file(name));
    // The last eight bytes of each half are `issued_at`, which nothing covers and nobody believes.
    const [ends, halves] = [parseJson(file(name)), []];
    for (const half of ends.earlier ? [ends.earlier, ends.later] : [ends]) halves.push(compactCertificate(half).length);
    const offset = ends.earlier ? 1 : 0;
    const isFree = (at) => halves.some((_, h) => { const end = offset + halves.slice(0, h + 1).reduce((a, b) => a + b); return at >= end - 8 && at < end; });
    const at = next(bytes.length);
    if (isFree(at)) continue;
    bytes[at] ^= 1 << next(8);
    assert.equal(verifyCertificate(bytes, { genesis }).exit, 20, `SEED=${seed} change ${i}: ${name} at byte ${at}`);
  }
});

test("leaves taken out, put in twice or taken from another certificate are refused", () => {
  const free = parseJson(file("free"));
  const encumbered = parseJson(file("encumbered"));
  const refused = (certificate) => assert.equal(verifyCertificate(certificate, { genesis }).exit, 20);
  free.items.forEach((_, i) => refused({ ...free, items: free.items.filter((_, j) => j !== i) }));
  free.items.forEach((item) => refused({ ...free, items: [...free.items, item] }));
  refused({ ...encumbered, items: free.items, hashes: free.hashes });
  refused({ ...free, header: encumbered.header, height: encumbered.height, commit: encumbered.commit });
  refused({ ...free, question: { ...free.question, question: "doc_status" } });
  refused({ ...free, commit: [...free.commit].reverse() });
});

for (const [name, certificate, own, pinned, word] of setCases()) {
  test(`validator sets: ${name} is ${word}`, () => {
    const found = verifyCertificate(certificate, { genesis: own, pinned }, TIME + 10_000);
    assert.equal(found.word, word, found.lines.join("\n"));
  });
}

test("a history is INVALID as a whole, with the reason, whichever half is forged or when the halves are none", () => {
  const history = parseJson(file("history_changed"));
  const forge = (half) => ({ ...half, round: half.round + 1 });
  const cases = [
    [{ ...history, earlier: forge(history.earlier) }, /was not decided/],
    [{ ...history, later: forge(history.later) }, /was not decided/],
    [{ ...history, later: history.earlier }, /is not below/],
    [{ ...history, version: history.version + 1 }, /history version/],
  ];
  for (const [forged, reason] of cases) {
    const found = verifyCertificate(forged, { genesis });
    assert.equal(found.integrity.integrity, "INVALID");
    assert.match(found.integrity.reason, reason);
    assert.deepEqual([found.exit, found.word, found.status, found.issuer, found.history.change], [20, "INVALID", { verdict: "INVALID" }, null, null]);
    assert.equal(found.paper.paper, "NOT_SHOWN");
  }
});

test("what is no certificate is INVALID and no exception", () => {
  for (const garbage of ["", "{}", "null", "[]", "{\"earlier\":1}", "x", new Uint8Array(0), new Uint8Array(40), utf8("{"), {}, { version: 1 }]) {
    const { exit, lines } = verifyCertificate(garbage, { genesis });
    assert.equal(exit, 20);
    assert.match(lines[0], /^INTEGRITY {2}INVALID/);
  }
  assert.throws(() => verifyCertificate(file("free"), { genesis: "{}" }), /not a genesis/);
});

test("a signature is strict: no second scalar, no key or point of small order", () => {
  const key = generateKey();
  const [message, publicKey] = [utf8("message"), fromHex(key.public_key)];
  const signature = sign(message, fromHex(key.secret_key));
  assert.ok(verifyStrict(signature, message, publicKey));
  assert.ok(!verifyStrict(signature, utf8("other"), publicKey));
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const scalar = signature.slice(32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n) + order;
  const second = Uint8Array.from([...signature.slice(0, 32), ...Array.from({ length: 32 }, (_, i) => Number((scalar >> BigInt(8 * i)) & 255n))]);
  assert.ok(!verifyStrict(second, message, publicKey));
  const identity = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0));
  const anything = Uint8Array.from([...identity, ...new Uint8Array(32)]);
  assert.ok(!verifyStrict(anything, message, identity), "the identity point signs anything under a weaker rule");
});

test("numbers beyond 2^53 in a file are read exactly", () => {
  const text = toJson({ ...parseJson(file("free")), issued_at: 0xffffffffffffffffn });
  assert.equal(verifyCertificate(text, { genesis }).exit, 0);
});
