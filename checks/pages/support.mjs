// What the programs here share: a browser, a server, and checks of a page.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
export const step = (text) => console.log("ok: " + text);

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const launch = { executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] };

export const launchBrowser = () => chromium.launch(launch);

/** Start a browser whose data is in a folder, so that another one can continue with it. */
export const launchWithData = (folder, options = {}) => chromium.launchPersistentContext(folder, { ...launch, ...options });

/** Record the requests and the faults of a page. */
export const watch = (page) => {
  page.requests = []; page.faults = [];
  page.on("request", (request) => page.requests.push(request.url()));
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (line) => line.type() === "error" && page.faults.push(line.text()));
  page.setDefaultTimeout(15_000);
  return page;
};

export const openPage = async (browser, width, scheme = "light") => {
  const context = await browser.newContext({ viewport: { width, height: width < 500 ? 844 : 900 }, colorScheme: scheme,
    permissions: ["clipboard-read", "clipboard-write"] });
  return watch(await context.newPage());
};

/** Return what axe finds on a page: its violations of all impacts. */
export const violations = async (page) => {
  // The Content-Security-Policy of the page blocks added scripts, so axe is run through the DevTools protocol.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const { result } = await session.send("Runtime.evaluate", { expression: "axe.run().then((found) => JSON.stringify(found.violations))",
    awaitPromise: true, returnByValue: true });
  await session.detach();
  return JSON.parse(result.value);
};

const described = (what, one) => `${what}: ${one.id}: ${one.nodes.map((node) => node.html.slice(0, 90)).join(" | ")}`;

/** Check that axe finds nothing serious on a page. */
export const accessible = async (page, what) => {
  const serious = (await violations(page)).filter((one) => ["serious", "critical"].includes(one.impact));
  assert.deepEqual(serious.map((one) => described(what, one)), []);
};

/** Check that axe finds nothing at all on a page. */
export const clean = async (page, what) => assert.deepEqual((await violations(page)).map((one) => described(what, one)), []);

/** Start `diagramkit serve` in a folder. Return its address, and a function that ends it. */
export const serve = async (python, folder, sources, port = 0) => {
  const process_ = spawn(python, ["-m", "diagramkit", "serve", ...sources, "--port", String(port)],
    { cwd: folder, env: { ...process.env, PYTHONPATH: root } });
  const address = await new Promise((done, failed) => {
    let errors = "";
    process_.stderr.on("data", (text) => { errors += text; });
    process_.stdout.on("data", (text) => { const found = /http:\S+\//.exec(text); if (found) done(found[0]); });
    process_.on("exit", () => failed(new Error(`the server ended: ${errors}`)));
  });
  const end = (signal) => new Promise((done) => {
    process_.removeAllListeners("exit");
    process_.on("exit", done);
    process_.kill(signal);
  });
  return { address, port: Number(new URL(address).port), end };
};
