// What a node answers is about what was asked, and about the paper in hand: against a node that answers something else, genuine or not.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client, generateKey, OtherAnswerError, Paper, parseJson, verifyCertificate } from "../dist/index.js";
import { saveKeyFile } from "../dist/node.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path) => readFileSync(join(root, path), "utf8");
const file = (name) => parseJson(read(`clients/certificates/${name}.json`));
const genesis = read("clients/certificates/genesis.json");
// Certificates of one paper with the branch's ticket about it and the issuer's disclosure.
const story = parseJson(read("clients/python/tests/data/certificates.json"));
const document = JSON.parse(read("types/tests/data/documents/s1_ncd.json"));
const free = story.cases.free.certificate;
const at = free.header.time;

/** A client whose node gives one answer to each method. */
function node(answers) {
  const fetch = async (_, { body }) => ({ status: 200, text: async () => JSON.stringify({ jsonrpc: "2.0", id: 1, result: answers[JSON.parse(body).method] }) });
  return new Client("http://node", { fetch });
}
const derived = { ticket: { body: { fp1: story.ticket.body.fp1 } }, query_ticket: story.ticket };
const deriving = (certificate, ticket = derived) => node({ certificate, fingerprint_derive: ticket });
const anyAge = { genesis: story.genesis, maxAgeMs: Infinity };

const { question, height } = file("free");
const others = [
  ["about another document", file("free"), { question: { question: "not_pledged", fp1: "ab".repeat(32) } }, /another question.*not_pledged of/],
  ["that answers less about the document", file("registered"), { question }, /another question.*unknown of/],
  ["of another height", file("free"), { question, height: height + 1 }, /is of height \d+, and height \d+ was asked for/],
  ["of two heights", file("history_changed"), { question: file("history_changed").later.question }, /two heights/],
  ["about other goods", file("occupied"), { question: { question: "goods_keys", keys: ["ab".repeat(32)] } }, /another question.*goods_keys/],
];
for (const [what, answer, asked, reason] of others) {
  test(`a genuine certificate ${what} than asked is INVALID, and no certificate of the client`, async () => {
    const { verification } = await node({ certificate: answer }).proven(asked.question, { genesis, height: asked.height, maxAgeMs: Infinity });
    assert.deepEqual([verification.exit, verification.word, verification.isFreeForThisPaper], [20, "INVALID", false]);
    assert.match(verification.lines[0], /^INTEGRITY {2}INVALID/);
    assert.match(verification.integrity.reason, reason);
    assert.equal(verifyCertificate(answer, { genesis, asked }).exit, 20);
    assert.notEqual(verifyCertificate(answer, { genesis }).exit, 20, "it is genuine");
    await assert.rejects(node({ certificate: answer }).certificate(asked.question, asked.height, Infinity), (error) => error instanceof OtherAnswerError && reason.test(error.message));
  });
}

test("what is no certificate at all is INVALID, and no certificate of the client", async () => {
  for (const answer of [null, {}, [], 1, "x", { header: {} }]) {
    assert.equal((await node({ certificate: answer }).proven(question, { genesis })).verification.exit, 20);
    await assert.rejects(node({ certificate: answer }).certificate(question), OtherAnswerError);
  }
});

test("the certificate that was asked for is taken, in whatever case its digits are written", async () => {
  const asked = { ...question, fp1: question.fp1.toUpperCase() };
  for (const named of [undefined, height]) {
    assert.equal((await node({ certificate: file("free") }).proven(asked, { genesis, height: named, maxAgeMs: Infinity })).verification.word, "FREE");
    assert.equal((await node({ certificate: file("free") }).certificate(asked, named, Infinity)).height, height);
  }
});

test("an answer for the newest height is at most an hour old, unless told; one for a named height may have any age", async (t) => {
  const client = node({ certificate: free });
  const ask = (judge) => client.proven(free.question, { genesis: story.genesis, ...judge }).then(({ verification }) => verification.word);
  t.mock.method(Date, "now", () => at + 3_600_000);
  assert.equal(await ask({}), "FREE");
  await client.certificate(free.question);
  Date.now.mock.mockImplementation(() => at + 3_600_001);
  assert.equal(await ask({}), "STALE");
  assert.equal(await ask({ height: free.height }), "FREE");
  assert.equal(await ask({ maxAgeMs: 3_600_001 }), "FREE");
  await assert.rejects(client.certificate(free.question), /is 3600 s old/);
  await client.certificate(free.question, free.height);
});

test("a free document is free for this paper only where the disclosure opens this paper", async () => {
  const ask = (judge) => deriving(free).provenForPaper(document, { ...anyAge, ...judge }).then(({ verification }) => verification);
  const shown = await ask({ opening: story.opening });
  assert.deepEqual([shown.exit, shown.paper, shown.isFreeForThisPaper], [0, { paper: "VALID" }, true]);
  const alone = await ask({});
  assert.deepEqual([alone.exit, alone.paper.paper, alone.isFreeForThisPaper], [0, "NOT_SHOWN", false]);
  const pledged = (await deriving(story.cases.encumbered.certificate).provenForPaper(document, { ...anyAge, opening: story.opening })).verification;
  assert.deepEqual([pledged.exit, pledged.paper.paper, pledged.isFreeForThisPaper], [10, "VALID", false]);
});

test("a paper that says something else than the issuer disclosed is not shown", () => {
  for (const [number] of new Paper(document).fields) {
    const read = new Paper(document).fields.map(([id, bytes]) => [id, id === number ? [88, ...bytes] : [...bytes]]);
    const paper = { ticket: story.ticket, disclosure: { form: "opened", opening: story.opening }, read };
    const said = verifyCertificate(free, { genesis: story.genesis, paper });
    const isOpened = story.opening.fields.some(({ field }) => field === number);
    assert.equal(said.isFreeForThisPaper, !isOpened, number);
    if (isOpened) assert.match(said.paper.reason, /something else than the issuer registered/);
  }
});

test("tickets about another paper are refused before anything is asked about it", async () => {
  const other = { ...document, number: "SHLT-CKG-SIN-2026-999999" };
  assert.notEqual(new Paper(other).rawIdentity(), story.ticket.body.raw1);
  await assert.rejects(deriving(free).provenForPaper(other, anyAge), OtherAnswerError);
  await assert.rejects(deriving(free).documentByPaper(other), OtherAnswerError);
  const mixed = { ...derived, ticket: { body: { fp1: "ab".repeat(32) } } };
  await assert.rejects(deriving(free, mixed).provenForPaper(document, anyAge), OtherAnswerError);
  for (const none of [null, {}, { query_ticket: {} }]) await assert.rejects(deriving(free, none).provenForPaper(document, anyAge), OtherAnswerError);
});

test("a history is free for this paper only where both halves are", () => {
  const paper = { ticket: story.ticket, disclosure: { form: "opened", opening: story.opening } };
  const history = story.cases.history.certificate;
  assert.equal(verifyCertificate(history.earlier, { genesis: story.genesis, paper }).isFreeForThisPaper, true);
  assert.equal(verifyCertificate(history, { genesis: story.genesis, paper }).isFreeForThisPaper, false);
});

test("the example in the README ends with 0 only for a free document whose paper was shown", async () => {
  const project = mkdtempSync(join(tmpdir(), "landsea-readme-"));
  const lent = { disclosed: [free, story.opening, 0], bare: [free, undefined, 13], pledged: [story.cases.encumbered.certificate, story.opening, 10] };
  let certificate;
  const server = createServer(async (request, response) => {
    const { id, method } = JSON.parse(Buffer.concat(await request.toArray()));
    const status = { chain_id: free.chain_id, member: 1, height: free.height };
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result: { status, fingerprint_derive: derived, certificate }[method] }));
  });
  try {
    for (const folder of ["node_modules", "landsea-testnet/keys", "testnet/scenarios/documents"]) mkdirSync(join(project, folder), { recursive: true });
    symlinkSync(join(root, "clients/typescript"), join(project, "node_modules/landsea"));
    writeFileSync(join(project, "landsea-testnet/genesis.json"), story.genesis);
    writeFileSync(join(project, "testnet/scenarios/documents/s1_ncd.json"), JSON.stringify(document));
    saveKeyFile(join(project, "landsea-testnet/keys/B1.key"), { ...generateKey(), account: "11".repeat(32) });
    writeFileSync(join(project, "example.mjs"), /```js\n([^]*?)```/.exec(read("clients/typescript/README.md"))[1]);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const env = { ...process.env, LANDSEA_NODE: `http://127.0.0.1:${server.address().port}` };
    for (const [name, [answer, opening, code]] of Object.entries(lent)) {
      certificate = answer;
      const file = join(project, `${name}.json`);
      if (opening) writeFileSync(file, JSON.stringify(opening));
      // The certificate was fresh when it was made.
      const clock = `data:text/javascript,Date.now = () => ${answer.header.time}`;
      const child = spawn(process.execPath, ["--import", clock, "example.mjs", ...(opening ? [file] : [])], { cwd: project, env, stdio: ["ignore", "pipe", "pipe"] });
      const said = Promise.all([child.stdout, child.stderr].map(async (stream) => (await stream.toArray()).join("")));
      const [ended] = await once(child, "close");
      assert.equal(ended, code, `${name}: ${(await said).join("")}`);
    }
  } finally {
    server.close();
    rmSync(project, { recursive: true, force: true });
  }
});
