// Two verifiers, one answer: this one and the `landsea` command on the same files.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseJson, toJson, verifyCertificate } from "../../dist/index.js";
import { genesisOf, keys, random, randomCase, setCases } from "../forge.mjs";
import { landsea } from "./testnet.mjs";

const folder = fileURLToPath(new URL("../../../certificates/", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "landsea-ts-"));
after(() => rmSync(scratch, { recursive: true, force: true }));
const seed = Number(process.env.SEED ?? Date.now());
console.log(`SEED=${seed}`);

function ask(text, genesis, pinned) {
  const [file, chain, header] = ["certificate.json", "genesis.json", "header.json"].map((name) => join(scratch, name));
  writeFileSync(file, text);
  writeFileSync(chain, genesis);
  if (pinned) writeFileSync(header, toJson(pinned));
  const { code, out } = landsea("certificate", "verify", file, "--genesis", chain, ...(pinned ? ["--trusted", header] : []));
  return { code, lines: out.trimEnd().split("\n") };
}

for (const [name, certificate, genesis, pinned, word] of setCases()) {
  test(`validator sets: both say of ${name} that it is ${word}`, () => {
    const found = verifyCertificate(certificate, { genesis, pinned });
    const { code, lines } = ask(toJson(certificate), toJson(genesis), pinned);
    assert.deepEqual({ code, lines }, { code: found.exit, lines: found.lines });
    assert.equal(found.word, word);
  });
}

/** Every place in a JSON value that holds a number, text, or null. */
function* leaves(value, path = []) {
  if (value !== null && typeof value === "object") for (const [key, inner] of Object.entries(value)) yield* leaves(inner, [...path, key]);
  else yield path;
}

/** Changes one place so that the file keeps its form: another number, another hex digit, another member of the list. */
function mutate(json, next) {
  const places = [...leaves(json)];
  const path = places[next(places.length)];
  const parent = path.slice(0, -1).reduce((at, key) => at[key], json);
  const key = path.at(-1);
  const value = parent[key];
  if (typeof value === "number") parent[key] = [value + 1, Math.max(0, value - 1), 0, next(300)][next(4)];
  else if (typeof value === "string" && /^[0-9a-f]{2,}$/.test(value)) {
    const at = next(value.length);
    parent[key] = value.slice(0, at) + "0123456789abcdef"[next(16)] + value.slice(at + 1);
  } else if (Array.isArray(parent)) parent.splice(next(parent.length), 1);
  else parent[key] = ["doc_status", "not_pledged", "unknown", "pledge", "custody", "doc", "lot", "hold", null][next(9)];
  return path.join(".");
}

test("both judge certificates that were changed in one place alike", () => {
  const next = random(seed);
  const genesis = readFileSync(`${folder}genesis.json`, "utf8");
  const names = Object.keys(JSON.parse(readFileSync(`${folder}expected.json`, "utf8")));
  const count = {};
  for (let i = 0; i < 400; i++) {
    const name = names[next(names.length)];
    const json = parseJson(readFileSync(`${folder}${name}.json`, "utf8"));
    const place = mutate(json, next);
    const found = verifyCertificate(toJson(json), { genesis });
    const { code, lines } = ask(toJson(json), genesis);
    const said = (all) => all.filter((line) => !line.startsWith("INTEGRITY  INVALID"));
    assert.deepEqual({ code, lines: said(lines) }, { code: found.exit, lines: said(found.lines) }, `SEED=${seed} change ${i}: ${name} at ${place}`);
    count[code] = (count[code] ?? 0) + 1;
  }
  console.log(`exit codes: ${JSON.stringify(count)}`);
});

test("both judge documents in random states, rightly signed, alike", () => {
  const next = random(seed + 1);
  const signers = keys(4);
  const genesis = genesisOf(signers);
  const words = new Set();
  for (let i = 0; i < 500; i++) {
    const certificate = randomCase(next, genesis, signers);
    const found = verifyCertificate(certificate, { genesis });
    const { code, lines } = ask(toJson(certificate), toJson(genesis));
    assert.deepEqual({ code, lines }, { code: found.exit, lines: found.lines }, `SEED=${seed} case ${i}`);
    words.add(found.word === "INVALID" ? found.integrity.reason.replace(/[0-9a-f]{64}/g, "..") : found.word);
  }
  console.log(`answers: ${[...words].sort().join(", ")}`);
  for (const word of ["FREE", "RESERVED", "ENCUMBERED", "HELD", "UNKNOWN", "REPLACED", "CUSTODY", "LEVEL", "OCCUPIED", "UNOCCUPIED"]) assert.ok(words.has(word), word);
});
