import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Client, Draft, fromHex, generateKey, identity, parseJson, publicKeyOf, readKeyFile, RpcError, signConsent, token, toHex, TransportError, WrongNodeError } from "../dist/index.js";
import { loadIdentity, loadKeyFile, saveKeyFile } from "../dist/node.js";

const vectors = parseJson(readFileSync(new URL("../../vectors.json", import.meta.url), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "landsea-ts-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const account = (n) => toHex(new Uint8Array(32).fill(n));
const someone = (n, key = 0, named = account(n)) => {
  const seed = new Uint8Array(32).fill(n);
  return { account: named, key, seed, publicKey: publicKeyOf(seed) };
};
const reserve = { doc: account(3), expect_ver: 1, until: 9 };
const draft = (sender = account(1)) => new Draft(account(7), sender).operation("pledge.reserve", reserve).validUntil(50);

test("a draft built from the vector's values signs to the ledger's own bytes and id", () => {
  const { json, borsh, id, seeds } = vectors["signed Transaction"];
  const [own] = json.consents;
  const seed = fromHex(seeds.sender);
  const sender = { account: json.sender, key: json.key, seed, publicKey: publicKeyOf(seed) };
  const consenting = { account: own.party, key: own.key, seed: fromHex(seeds.consent), publicKey: own.public_key };
  const made = new Draft(json.chain_id, json.sender, json.nonce).operation(json.ops[0].operation, json.ops[0].args).validUntil(json.valid_until);
  made.attach(signConsent(made.consentRequest(0, own.party, own.role, own.not_after), consenting, own.nonce));
  const signed = made.sign(sender, json.represents);
  assert.equal(signed.hex, borsh);
  assert.equal(signed.id, id);
});

test("a consent for another sender, operation or chain is not attached", () => {
  const consent = signConsent(draft().consentRequest(0, account(2), "ENTERPRISE", 99), someone(2));
  draft().attach(consent);
  assert.throws(() => draft(account(5)).attach(consent), /another operation or another sender/);
  const other = draft();
  other.file.chain_id = account(8);
  assert.throws(() => other.attach(consent), /not signed by the key it names, or for another chain/);
  assert.throws(() => draft().attach({ ...consent, signature: `00${consent.signature.slice(2)}` }), /not signed/);
  assert.throws(() => signConsent(draft().consentRequest(0, account(2), "ENTERPRISE", 99), someone(4)), /another party/);
});

test("an incomplete draft is refused before it is sent", () => {
  assert.throws(() => new Draft(account(7), account(1)).validUntil(1).sign(someone(1)), /0 operations/);
  assert.throws(() => draft().sign(someone(2)), /for sender/);
  assert.throws(() => new Draft(account(7), account(1)).operation("pledge.reserve", reserve).sign(someone(1)), /until which height/);
  assert.throws(() => draft().operation("pledge.reserve", { ...reserve, until: "soon" }), /until.*whole number/);
  assert.notEqual(draft().file.nonce, draft().file.nonce);
});

test("a key file is private, never overwritten, and refused when its halves differ or others may read it", () => {
  const [path, key] = [join(folder, "own.key"), generateKey()];
  saveKeyFile(path, { ...key, account: account(1) });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.throws(() => saveKeyFile(path, key), /EEXIST/);
  assert.deepEqual(loadIdentity(path), { account: account(1), key: 0, seed: fromHex(key.secret_key), publicKey: key.public_key });
  chmodSync(path, 0o644);
  assert.throws(() => loadKeyFile(path), /chmod 600/);
  assert.throws(() => readKeyFile(JSON.stringify({ ...key, public_key: generateKey().public_key })), /does not belong/);
  assert.throws(() => readKeyFile(`{"secret_key": "${key.secret_key}"`), (error) => !error.message.includes(key.secret_key));
  assert.throws(() => identity({ ...generateKey("validator"), account: account(1) }), /a ledger key is needed/);
});

test("a token says who asks whom until when, and nothing else", () => {
  const me = someone(1, 2);
  const text = token(me, account(7), 3, 9);
  assert.equal(text, `${me.account}0200${me.publicKey}03${"0900000000000000"}${text.slice(-128)}`);
  assert.notEqual(token(me, account(8), 3, 9).slice(-128), text.slice(-128));
});

/** A client whose node is a list of answers. */
function against(...answers) {
  const asked = [];
  const fetch = async (_, { body, headers }) => {
    const { method, params } = JSON.parse(body);
    asked.push({ method, params, bearer: headers.authorization });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return { status: answer.status ?? 200, text: async () => (answer.text ?? JSON.stringify({ jsonrpc: "2.0", id: 1, ...answer })) };
  };
  return { client: (identity, options) => new Client("http://node", { fetch, identity, ...options }), asked };
}
const status = { result: { chain_id: account(7), member: 1, height: 5 } };

test("a token that the node no longer takes is renewed once", async () => {
  const refused = { error: { code: -32001, message: "no valid token" } };
  const { client, asked } = against(status, refused, { result: 1 });
  assert.equal(await client(someone(1)).call("party", {}), 1);
  assert.deepEqual(asked.map(({ method, bearer }) => [method, Boolean(bearer)]), [["status", false], ["party", true], ["party", true]]);
  await assert.rejects(against(status, refused, refused).client(someone(1)).call("party"), { codeName: "UNAUTHENTICATED" });
  await assert.rejects(against(refused).client().call("party"), { codeName: "UNAUTHENTICATED" });
});

test("a node that calls itself another member's than is meant is refused, and gets no token", async () => {
  const { client, asked } = against(status, status, status);
  const meant = client(someone(1), { member: 2 });
  await assert.rejects(meant.call("party"), (error) => error instanceof WrongNodeError && /member 1, and member 2 is meant/.test(error.message));
  await assert.rejects(meant.status(), WrongNodeError);
  await assert.rejects(meant.as(someone(2)).call("party"), WrongNodeError, "nor does another party's client of the same node");
  assert.deepEqual(asked.map(({ method, bearer }) => [method, bearer]), Array(3).fill(["status", undefined]));
  await assert.rejects(against(status).client(undefined, { member: 2 }).call("document"), WrongNodeError, "without an identity, too");
  const right = against(status, { result: 1 });
  assert.equal(await right.client(someone(1), { member: 1 }).call("party"), 1);
  assert.ok(right.asked[1].bearer.slice(7 + 2 * 66).startsWith("01"));
});

test("a node whose member was not named is held to its first answer: later tokens are for the same one", async () => {
  const refused = { error: { code: -32001, message: "no valid token" } };
  const other = { result: { ...status.result, member: 3 } };
  const { client, asked } = against(status, refused, { result: 1 }, { result: 2 }, other, { result: { ...status.result, chain_id: account(8) } });
  const mine = client(someone(1));
  await mine.call("party");
  await mine.as(someone(2)).call("party");
  const audiences = asked.slice(1).map(({ bearer }) => bearer.slice(7 + 2 * 66).slice(0, 2));
  assert.deepEqual(audiences, ["01", "01", "01"]);
  await assert.rejects(mine.status(), /member 3, and member 1 is meant/);
  await assert.rejects(mine.status(), /and was one of chain/);
});

test("what is no answer of a node is a fault of the transport and names the status", async () => {
  await assert.rejects(against({ status: 502, text: "<html>" }).client().status(), (error) => error instanceof TransportError && error.message.includes("502"));
  await assert.rejects(against(new TypeError("fetch failed")).client().status(), TransportError);
});

test("a transaction is sent again while the node is busy, and one that is committed already is found", async () => {
  const view = { id: "id", code: 0, code_name: "OK", height: 3 };
  const signed = draft().sign(someone(1));
  const busy = { error: { code: -32003, message: "busy" } };
  const { client, asked } = against(busy, new TypeError("fetch failed"), { error: { code: 1002, message: "committed" } }, { result: view });
  assert.deepEqual(await client().submitAndWait(signed), view);
  assert.deepEqual(asked.map(({ method }) => method), ["submit_and_wait", "submit_and_wait", "submit_and_wait", "transaction"]);
  assert.ok(asked.slice(0, 3).every(({ params }) => params.transaction === signed.hex), "the same bytes each time");
  await assert.rejects(against({ result: { ...view, code: 5001, code_name: "ALREADY_PLEDGED" } }).client().submitAndWait(signed), { codeName: "ALREADY_PLEDGED" });
  await assert.rejects(against({ error: { code: 1003, message: "expired" } }).client().submitAndWait(signed), (error) => error instanceof RpcError && error.codeName === "TRANSACTION_EXPIRED");
});
