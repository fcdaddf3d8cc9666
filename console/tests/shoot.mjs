// Takes screenshots of every view: `node tests/shoot.mjs URL FOLDER [KEYFILE] [DOC]`. For looking at, not a test.

import { mkdirSync } from "node:fs";
import { launch } from "./browser.mjs";

const [url, folder, key, doc] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const views = { overview: "#/", find: "#/find", verify: "#/verify", statistics: "#/statistics", alerts: "#/alerts", "sign-in": "#/sign-in", ...(doc ? { document: `#/doc/${doc}` } : {}) };
const browser = await launch();
for (const [size, width, height] of [["laptop", 1366, 768], ["phone", 390, 844]]) {
  for (const language of ["zh", "en"]) {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.log(String(error)));
    page.on("console", (message) => message.type() === "error" && console.log(message.text()));
    await page.setViewport({ width, height, deviceScaleFactor: 1 });
    await page.evaluateOnNewDocument((l) => localStorage.setItem("language", l), language);
    await page.goto(url);
    await page.waitForSelector("#blocks tbody tr");
    if (key) {
      await page.goto(`${url}#/sign-in`);
      const input = await page.waitForSelector("input[type=file]");
      await input.uploadFile(key);
      await page.waitForFunction(() => location.hash === "#/find");
    }
    for (const [name, path] of Object.entries(views)) {
      await page.evaluate((hash) => (location.hash = hash), path);
      await page.waitForNetworkIdle({ idleTime: 400, timeout: 4000 }).catch(() => {});
      if (name === "overview") await page.waitForSelector("#blocks tbody tr");
      await page.screenshot({ path: `${folder}/${name}-${size}-${language}.png`, fullPage: true });
    }
    await page.close();
  }
}
await browser.close();
