// Measures the page: `node tests/paint.mjs URL`. Prints its weight and the medians of ten loads without cache: when something was first
// painted, and when the members' tiles stood.

import { launch } from "./browser.mjs";

const [url] = process.argv.slice(2);
const browser = await launch();
const runs = [];
for (let run = 0; run < 10; run++) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  let bytes = 0;
  page.on("response", async (answer) => (bytes += answer.request().resourceType() === "fetch" ? 0 : (await answer.buffer()).length));
  await page.goto(url);
  await page.waitForSelector(".tile");
  runs.push(await page.evaluate(() => ({ tiles: performance.now(), painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN })));
  runs.at(-1).bytes = bytes;
  await context.close();
}
await browser.close();
const median = (of) => runs.map(of).sort((a, b) => a - b)[runs.length / 2];
console.log(`weight ${Math.round(median((r) => r.bytes) / 1024)} KiB, first paint ${Math.round(median((r) => r.painted))} ms, tiles ${Math.round(median((r) => r.tiles))} ms`);
