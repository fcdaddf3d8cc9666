// Debian's Chromium, headless.

import puppeteer from "puppeteer-core";

export const launch = () =>
  puppeteer.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
