// The page in a real browser, served by a node of a test network. `LANDSEA_BIN` names the command, `CHROMIUM` the browser; with
// `CONSOLE_SOURCES=1` the page comes from the sources by the development server, so that a change needs no new node.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, afterEach, test } from "node:test";
import { bundle } from "../build.mjs";
import { serve } from "../dev.mjs";
import { launch } from "./browser.mjs";
import { start } from "./network.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const BILL = { kind: "NCD", issuer: "９１５００１０６ＸＸＤＥＭ００２３ｑ", number: "第SHLT－CKG〔SIN〕2026 000417号", issue_date: "2026年3月4日" };

let net, browser, page, url, sources;
const faults = [];

before(async () => {
  net = start();
  url = `${net.node}/`;
  if (process.env.CONSOLE_SOURCES) {
    sources = await serve({ node: net.node, genesis: net.genesis, files: await bundle() });
    url = sources.url;
  }
  browser = await launch();
});
after(async () => {
  await browser?.close();
  sources?.close();
  net?.stop();
});
beforeEach(async () => {
  faults.length = 0;
  const context = await browser.createBrowserContext();
  page = await context.newPage();
  await page.setViewport({ width: 1366, height: 768 });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
});
afterEach(async () => {
  await page.browserContext().close();
  assert.deepEqual(faults, [], "the page reports no fault");
});

const open = async (hash = "#/") => {
  await page.goto(`${url}${hash}`);
  await page.waitForSelector("main .card, main .sheet, main .lines, main .note");
};
const go = (hash) => page.evaluate((to) => void (location.hash = to), hash);
const text = (selector) => page.$eval(selector, (element) => element.textContent);
const signIn = async (tag) => {
  await open("#/sign-in");
  const input = await page.waitForSelector("main input[type=file]");
  await input.uploadFile(net.key(tag));
  await page.waitForFunction(() => location.hash === "#/find");
  await page.waitForSelector("#sign-out");
};
const fill = async (fields) => {
  await page.waitForSelector("#field-kind");
  await page.select("#field-kind", fields.kind);
  for (const [name, value] of Object.entries(fields)) if (name !== "kind") await page.type(`#field-${name}`, value);
};
const drop = async (file) => {
  const input = await page.waitForSelector("main input[type=file]");
  await input.uploadFile(file);
  return page.waitForSelector(".lines");
};
const verdict = () => page.$eval(".lines", (element) => element.dataset.verdict);
const document = (name) => net.read(name).items.find((item) => item.family === "doc").id;

test("the committed page is what the sources build", async () => {
  for (const [name, content] of await bundle()) {
    assert.ok(content.equals(readFileSync(new URL(`../dist/${name}`, import.meta.url))), `dist/${name} is stale: run \`npm run build\``);
  }
});

test("the node serves the page with a strict policy and lets hashed files be kept", async () => {
  const answer = await fetch(url);
  const policy = answer.headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  const html = await answer.text();
  const script = html.match(/src="([^"]+)"/)[1];
  const kept = await fetch(new URL(script, url));
  assert.match(kept.headers.get("cache-control"), /immutable/);
  assert.equal((await fetch(new URL("/console/none", url))).headers.get("content-security-policy"), null);
});

test("the overview shows every member and blocks as they commit", async () => {
  await open();
  await page.waitForSelector("#blocks tbody tr");
  assert.equal(await page.$$eval(".tile", (tiles) => tiles.length), 4);
  const first = Number((await text("#blocks tbody tr td")).replace(/\D/g, ""));
  await page.waitForFunction((h) => Number(document.querySelector("#blocks tbody tr td").textContent.replace(/\D/g, "")) > h, {}, first);
  const heights = await page.$$eval("#blocks tbody tr td:first-child", (cells) => cells.map((c) => Number(c.textContent.replace(/\D/g, ""))));
  heights.slice(1).forEach((height, at) => assert.equal(height, heights[at] - 1, `no height is lost or repeated: ${heights}`));
  assert.ok(await page.$$eval("#transactions tbody tr", (rows) => rows.some((row) => row.textContent.includes("5001"))));
});

test("every tile of a connected member shows a height and no lag", async () => {
  await open();
  await page.waitForFunction(() => [...document.querySelectorAll(".tile")].every((tile) => /\d/.test(tile.querySelector(".tile-height").textContent)));
  assert.equal(await page.$$eval(".tile.up", (tiles) => tiles.length), 4);
});

test("the page speaks Chinese first, English on demand, and remembers", async () => {
  await open();
  await page.waitForSelector("html[lang=zh-CN]");
  assert.match(await text("nav"), /总览.*查单.*验证证书.*统计.*警示/);
  await page.click("#language");
  await page.waitForSelector("html[lang=en]");
  assert.match(await text("nav"), /Overview.*Find.*Verify.*Statistics.*Alerts/);
  await page.reload();
  await page.waitForSelector(".tile");
  assert.match(await text("nav"), /Overview/);
});

test("a loan officer finds the pledged bill by what stands on it, and only its hash leaves the browser", async () => {
  await signIn("B1");
  const sent = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(request.postData()));
  await fill(BILL);
  assert.match(await text("#says-number"), /SHLTCKGSIN2026000417/);
  assert.match(await text("#raw-hash"), /^[0-9a-f]{64}$/);
  await page.click("#find");
  await page.waitForFunction(() => location.hash.startsWith("#/doc/"));
  await page.waitForSelector(".timeline");
  assert.match(await text(".page-head .badge"), /ENCUMBERED/);
  assert.match(await text("main"), /等级 L3/);
  assert.match(await text("main"), /您/, "the bank sees that it is the pledgee");
  const marks = await page.$$eval(".timeline .mark", (list) => list.length);
  assert.ok(marks >= 8, `${marks} marks`);
  for (const body of sent) assert.doesNotMatch(body, /000417|0023Q|20260304|2026-03-04/, "no field of the paper is sent");
});

test("a paper that was never registered is unknown, which is not free", async () => {
  await signIn("B1");
  await fill({ ...BILL, number: "SHLT-CKG-SIN-2026-999999" });
  await page.click("#find");
  await page.waitForSelector("#unknown");
  await page.click("#unknown a");
  await page.waitForSelector(".sheet");
  assert.equal(await page.$eval(".sheet", (sheet) => sheet.dataset.verdict), "UNKNOWN");
});

test("a field that cannot be read is refused where it stands, and nothing is sent", async () => {
  await signIn("B1");
  await fill({ ...BILL, issuer: "91500106XXDEM0023X", issue_date: "02/03/2026" });
  assert.match(await text("#says-issuer"), /校验位/);
  assert.match(await text("#says-issue_date"), /两种读法/);
  assert.equal(await text("#raw-hash"), "—");
});

test("whoever is not signed in sees that the bill is pledged, whom to contact, and neither bank nor chain", async () => {
  await open(`#/doc/${document("encumbered")}`);
  await page.waitForSelector(".page-head .badge");
  const shown = await text("main");
  assert.match(shown, /已质押/);
  assert.match(shown, /重庆市/);
  assert.match(shown, /背书链仅单证当事方/);
  const bank = JSON.parse(readFileSync(net.key("B1"))).account;
  assert.ok(!(await page.content()).includes(bank), "no bank is named");
});

test("a good certificate shows the three lines", async () => {
  await open("#/verify");
  await drop(net.certificate("free_before"));
  assert.equal(await verdict(), "FREE");
  const lines = await text(".lines");
  for (const part of [/完整性.*有效/, /状态.*无负担/, /签发人.*重庆市/]) assert.match(lines, part);
});

test("a certificate file dropped on the page is verified without asking the node", async () => {
  await open("#/verify");
  await page.waitForSelector("main p:not(.muted)");
  const asked = [];
  page.on("request", (request) => request.method() === "POST" && asked.push(JSON.parse(request.postData()).method));
  await page.evaluate((content) => {
    const files = new DataTransfer();
    files.items.add(new File([content], "free_before.json", { type: "application/json" }));
    document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
  }, readFileSync(net.certificate("free_before"), "utf8"));
  await page.waitForSelector(".lines");
  assert.equal(await verdict(), "FREE");
  assert.ok(!asked.includes("verify") && !asked.includes("certificate"), `asked: ${asked}`);
});

test("a certificate of two heights shows both answers", async () => {
  const file = join(net.dir, "history.json");
  writeFileSync(file, JSON.stringify({ version: 1, earlier: net.read("free_before"), later: net.read("encumbered") }));
  await open("#/verify");
  await drop(file);
  assert.equal(await verdict(), "ENCUMBERED");
  assert.match(await text(".lines"), /先前.*无负担.*其间有变更/);
});

for (const forged of ["earlier", "later"]) {
  test(`a certificate of two heights is invalid as a whole when its ${forged} half is forged`, async () => {
    const history = { version: 1, earlier: net.read("free_before"), later: net.read("encumbered") };
    history[forged].round += 1;
    const file = join(net.dir, `history_${forged}.json`);
    writeFileSync(file, JSON.stringify(history));
    await open("#/verify");
    await drop(file);
    assert.equal(await verdict(), "INVALID");
    const lines = await text(".lines");
    assert.match(lines, /完整性.*无效.*was not decided/);
    assert.doesNotMatch(lines, /有效 \d|无负担|已质押|签署了/);
  });
}

test("a certificate older than allowed is stale, not free", async () => {
  await page.evaluateOnNewDocument(() => {
    const real = Date.now;
    Date.now = () => real() + 3 * 3_600_000;
  });
  await open("#/verify");
  await drop(net.certificate("free_before"));
  assert.equal(await verdict(), "FREE");
  await page.select("main select", "1");
  await page.waitForSelector(".lines[data-verdict=STALE]");
});

test("a certificate about a pledged bill says so and names the branch to contact", async () => {
  await open("#/verify");
  await drop(net.certificate("encumbered"));
  assert.equal(await verdict(), "ENCUMBERED");
  assert.match(await text(".lines"), /联系分行：重庆市/);
});

test("a forged certificate is invalid", async () => {
  const forged = net.read("encumbered");
  forged.items = forged.items.map((item) => (item.family === "encumbrance" && item.opening ? { ...item, opening: null } : item));
  const file = join(net.dir, "forged.json");
  writeFileSync(file, JSON.stringify(forged));
  await open("#/verify");
  await drop(file);
  assert.equal(await verdict(), "INVALID");
  assert.doesNotMatch(await text(".lines"), /无负担/);
});

test("a certificate of another chain is invalid under the reader's own genesis file", async () => {
  const other = JSON.parse(readFileSync(net.genesis));
  other.name = "another network";
  const file = join(net.dir, "other_genesis.json");
  writeFileSync(file, JSON.stringify(other));
  await open("#/verify");
  await drop(net.certificate("free_before"));
  const [, trust] = await page.$$("main input[type=file]");
  await trust.uploadFile(file);
  await page.waitForSelector(".lines[data-verdict=INVALID]");
});

test("a file that is no certificate is called so", async () => {
  const file = join(net.dir, "none.json");
  writeFileSync(file, "{}");
  await open("#/verify");
  const input = await page.waitForSelector("main input[type=file]");
  await input.uploadFile(file);
  await page.waitForSelector(".note.bad");
  assert.match(await text(".note.bad"), /不是证书文件/);
});

test("the certificate of a document that the ledger does not know is unknown", async () => {
  const file = join(net.dir, "unknown.json");
  const reply = await fetch(net.node, {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "certificate", params: { question: { question: "not_pledged", fp1: "ab".repeat(32) } } }),
  });
  writeFileSync(file, JSON.stringify((await reply.json()).result));
  await open("#/verify");
  await drop(file);
  assert.equal(await verdict(), "UNKNOWN");
  assert.match(await text(".lines"), /不表示/);
});

test("signing in sends a token and never the key, and signing out forgets it", async () => {
  const { secret_key: secret } = JSON.parse(readFileSync(net.key("B1")));
  const sent = [];
  page.on("request", (request) => sent.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ""}`));
  await signIn("B1");
  assert.match(await text(".who"), /银行/);
  assert.ok(sent.some((request) => /bearer [0-9a-f]{278}/i.test(request)), "a token was sent");
  assert.ok(!sent.some((request) => request.includes(secret)), "the key was not");
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!stored.includes(secret));
  await page.click("#sign-out");
  await page.waitForSelector("#sign-in");
});

test("a file that holds no ledger key is refused in words", async () => {
  const file = join(net.dir, "validator.key");
  const key = JSON.parse(readFileSync(net.key("B1")));
  writeFileSync(file, JSON.stringify({ ...key, kind: "validator" }));
  await open("#/sign-in");
  const input = await page.waitForSelector("main input[type=file]");
  await input.uploadFile(file);
  await page.waitForSelector(".note.bad");
  assert.match(await text(".note.bad"), /validator/);
});

test("a key without an account takes a second try after another's account was refused", async () => {
  const { account, ...key } = JSON.parse(readFileSync(net.key("B1")));
  const file = join(net.dir, "unbound.key");
  writeFileSync(file, JSON.stringify(key));
  await open("#/sign-in");
  const input = await page.waitForSelector("main input[type=file]");
  await input.uploadFile(file);
  const field = await page.waitForSelector("main form input");
  await field.type(JSON.parse(readFileSync(net.key("B2"))).account);
  await page.click("main form button");
  await page.waitForSelector(".note.bad");
  assert.match(await text(".note.bad"), /不接受令牌/);
  await field.evaluate((element) => element.select());
  await field.type(account);
  await page.click("main form button");
  await page.waitForSelector("#sign-out");
  await page.waitForFunction(() => location.hash === "#/find");
});

test("an address that means nothing shows the overview", async () => {
  await open("#/%E0%A4%A/%");
  await page.waitForSelector(".tile");
});

test("refused attempts are for branches: others are told so, a branch sees its own", async () => {
  await open("#/alerts");
  await page.waitForSelector("main .note");
  assert.match(await text("main"), /仅分行可见/);
  await signIn("branch-cq");
  await go("#/alerts");
  await page.waitForSelector("#attempts tbody tr");
  const rows = await page.$$eval("#attempts tbody tr", (list) => list.map((row) => row.textContent));
  for (const code of ["5001", "3001", "4001"]) assert.ok(rows.some((row) => row.includes(code)), `${code} is listed`);
});

test("statistics count documents and pledges by member", async () => {
  await open("#/statistics");
  await page.waitForSelector(".bars");
  assert.match(await text(".charts"), /CQ[^A-Z]*3/, "three bills were registered in Chongqing");
  assert.match(await text(".charts"), /5001/);
});

test("the node counts only over a range of heights that it has, and not over too many", async () => {
  const ask = async (params) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "statistics", params });
    return (await fetch(net.node, { method: "POST", headers: { "content-type": "application/json" }, body })).json();
  };
  for (const [from, to] of [[0, 3], [3, 2], [1, 1_000_000]]) assert.equal((await ask({ from, to })).error?.code, -32005, `${from} to ${to}`);
  const { result } = await ask({ from: 1, to: 9 });
  assert.equal(result.members.reduce((sum, m) => sum + m.proposed, 0), 9);
  assert.equal(result.pace.reduce((sum, n) => sum + n, 0), result.codes.reduce((sum, [, n]) => sum + n, 0));
  for (const member of result.members) assert.ok(!member.events.DoublePledgeAttempt, "alarms are not for everybody");
});

test("the printed certificate carries verdict, block, digest and a code that leads back to it", async () => {
  await open(`#/certificate/${net.read("encumbered").question.fp1}`);
  await page.waitForSelector(".sheet .qr");
  assert.equal(await page.$eval(".sheet", (sheet) => sheet.dataset.verdict), "ENCUMBERED");
  const link = await page.$eval(".qr", (code) => code.dataset.text);
  await page.emulateMediaType("print");
  assert.equal(await page.$eval(".bar", (bar) => getComputedStyle(bar).display), "none");
  const pages = (await page.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page\b/g) ?? [1];
  assert.ok(pages.length <= 1, `${pages.length} pages`);
  await page.goto("about:blank");
  await page.goto(link);
  await page.waitForSelector(".sheet[data-verdict=ENCUMBERED]");
  assert.match(await text(".note.good"), /同属一个区块/);
  await page.goto("about:blank");
  await page.goto(link.replace(/[0-9a-f]{64}$/, "ab".repeat(32)));
  await page.waitForSelector(".note.bad");
});

/** Has the node answer another question than the page asks: it stays a genuine certificate. */
const lie = async (change) => {
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const body = request.method() === "POST" ? JSON.parse(request.postData()) : null;
    if (body?.method !== "certificate") return request.continue();
    request.continue({ postData: JSON.stringify({ ...body, params: { ...body.params, ...change } }) });
  });
};

for (const [what, other, reason] of [
  ["about another document", { fp1: "ab".repeat(32) }, /another question than was asked: not_pledged of abab/],
  ["that answers less", { question: "unknown" }, /another question than was asked: unknown of/],
]) {
  test(`a genuine certificate ${what} is invalid, on the document's page and in print`, async () => {
    const { question } = net.read("encumbered");
    await lie({ question: { ...question, ...other } });
    await open(`#/certificate/${question.fp1}`);
    await page.waitForSelector(".sheet[data-verdict=INVALID]");
    assert.match(await text(".sheet"), reason);
    assert.doesNotMatch(await text(".sheet .verdict"), /未登记|无负担/);
    await go(`#/doc/${document("encumbered")}`);
    await (await page.waitForSelector("#get-certificate")).click();
    await page.waitForSelector(".lines[data-verdict=INVALID]");
    assert.match(await text(".lines"), reason);
  });
}

test("a genuine certificate of another height than the printed one names is invalid", async () => {
  const { question, height } = net.read("encumbered");
  await lie({ height: net.read("free_before").height });
  await open(`#/certificate/${question.fp1}/${height}/${"ab".repeat(32)}`);
  await page.waitForSelector(".sheet[data-verdict=INVALID]");
  assert.match(await text(".sheet"), /is of height \d+, and height \d+ was asked for/);
});

test("an answer that is no certificate is invalid, and the sheet claims no block, height or root", async () => {
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const { id, method } = request.method() === "POST" ? JSON.parse(request.postData()) : {};
    if (method !== "certificate") return request.continue();
    request.respond({ contentType: "application/json", body: JSON.stringify({ jsonrpc: "2.0", id, result: null }) });
  });
  await open(`#/certificate/${net.read("encumbered").question.fp1}`);
  await page.waitForSelector(".sheet[data-verdict=INVALID]");
  const rows = await page.$$eval(".sheet-facts > div", (list) => Object.fromEntries(list.map((row) => [row.children[0].textContent, row.children[1].textContent])));
  for (const name of ["链标识", "区块标识", "状态根"]) assert.equal(rows[name], "—", JSON.stringify(rows));
});

test("an old certificate where the newest was asked for is stale, on the document's page and in print", async () => {
  await page.evaluateOnNewDocument(() => {
    const real = Date.now;
    Date.now = () => real() + 3 * 3_600_000;
  });
  const { question, height } = net.read("encumbered");
  await open(`#/certificate/${question.fp1}`);
  await page.waitForSelector(".sheet[data-verdict=STALE]");
  await go(`#/doc/${document("encumbered")}`);
  await (await page.waitForSelector("#get-certificate")).click();
  await page.waitForSelector(".lines[data-verdict=STALE]");
  await go(`#/certificate/${question.fp1}/${height}`);
  await page.waitForSelector(".sheet[data-verdict=ENCUMBERED]");
});

test("every view can be walked with the keyboard alone", async () => {
  await open();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  const seen = [];
  for (let at = 0; at < 8; at++) {
    await page.keyboard.press("Tab");
    seen.push(await page.evaluate(() => document.activeElement.textContent));
  }
  for (const name of ["查单", "验证证书", "统计", "警示", "登录"]) assert.ok(seen.includes(name), `${name} is reached: ${seen}`);
  await page.focus('nav a[href="#/verify"]');
  await page.keyboard.press("Enter");
  await page.waitForSelector(".drop");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
});

test("a member that stops is shown as away, and the chain goes on", async () => {
  await open();
  await page.waitForSelector(".tile.up[data-member=gs]");
  net.run("testnet", "stop", "gs", "--dir", net.dir);
  try {
    await page.waitForSelector(".tile.down[data-member=gs]");
    assert.match(await text(".tile[data-member=gs]"), /离线/);
    const before = await page.$eval("[data-height]", (height) => Number(height.dataset.height));
    await page.waitForFunction((h) => Number(document.querySelector("[data-height]").dataset.height) > h, {}, before);
  } finally {
    net.run("testnet", "start", "gs", "--dir", net.dir);
  }
  await page.waitForSelector(".tile.up[data-member=gs]");
});

for (const [size, width] of [["laptop", 1366], ["phone", 390]]) {
  for (const language of ["zh", "en"]) {
    test(`no view has serious accessibility findings or runs over the edge (${size}, ${language})`, async () => {
      await page.setViewport({ width, height: 800 });
      await page.evaluateOnNewDocument((l) => localStorage.setItem("language", l), language);
      await page.setBypassCSP(true);
      await signIn("branch-cq");
      const doc = document("encumbered");
      const { fp1 } = net.read("encumbered").question;
      for (const hash of ["#/", "#/find", `#/doc/${doc}`, "#/verify", "#/statistics", "#/alerts", "#/sign-in", "#/block/4", `#/certificate/${fp1}`]) {
        await go(hash);
        await page.waitForNetworkIdle({ idleTime: 300 });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${hash} is ${wide} px too wide`);
        await page.addScriptTag({ path: axe });
        const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
        const grave = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
        assert.deepEqual(grave.map((v) => `${hash} ${v.id}: ${v.nodes[0].html}`), []);
      }
    });
  }
}
