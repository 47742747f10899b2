// Tests the gallery and the server in a browser: `node checks/pages/drive.mjs PYTHON [SCREENSHOTS]`.
//
// The gallery: search, theme, zoom, copying, and no requests to other addresses. The server: a save is shown within half
// a second, an error is shown and goes away. axe-core finds no serious accessibility problem in either. `editor.mjs` tests
// the editor. Exits with 1 at the first failure.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { accessible, launchBrowser, openPage, root, serve, step } from "./support.mjs";

const [python = "python3", shots = ""] = process.argv.slice(2);
const work = fs.mkdtempSync(path.join(os.tmpdir(), "diagramkit-pages-"));
const env = { ...process.env, PYTHONPATH: root };
const specs = path.join(work, "specs");
for (const name of ["network-patterns", "serverless-patterns"])
  fs.cpSync(path.join(root, "specs", name), path.join(specs, name), { recursive: true });

const browser = await launchBrowser();
const open = (width, scheme) => openPage(browser, width, scheme);
const shot = async (page, name) => { if (shots) await page.screenshot({ path: path.join(shots, name + ".png") }); };
try {
  // The gallery, as a file
  execFileSync(python, ["-m", "diagramkit", "render", "specs", "--gallery", "-q"], { cwd: work, env });
  const page = await open(1400);
  await page.goto(pathToFileURL(path.join(work, "output", "index.html")).href);
  const visible = () => page.locator("main article:visible").count();
  assert.equal(await visible(), 4);
  await page.fill("#search", "transit GATEWAY");
  assert.equal(await visible(), 1);
  await page.fill("#search", "no such thing");
  assert.equal(await visible(), 0);
  assert.ok(await page.locator("#none").isVisible());
  await page.fill("#search", "");
  assert.equal(await visible(), 4);
  step("search");
  assert.ok(await page.locator("article img.light").first().isVisible());
  await page.click("#theme"); await page.click("#theme");
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  assert.ok(await page.locator("article img.dark").first().isVisible());
  await shot(page, "gallery-dark");
  await accessible(page, "gallery, dark");
  await page.click("#theme");
  step("light and dark");
  await page.locator("button.picture").first().click();
  const scale = () => page.locator("#stage img").evaluate((shown) => Number(/scale\(([\d.e-]+)\)/.exec(shown.style.transform)[1]));
  await page.waitForFunction(() => document.querySelector("#stage img").style.transform);
  const fitted = await scale();
  await page.click("[data-zoom=in]");
  assert.ok(await scale() > fitted);
  await page.keyboard.press("0");
  const box = await page.locator("#stage").boundingBox();
  await page.mouse.move(box.x + 300, box.y + 200);
  await page.mouse.wheel(0, -400);
  assert.ok(await scale() > fitted);
  const before = await page.locator("#stage img").evaluate((shown) => shown.style.transform);
  await page.mouse.down(); await page.mouse.move(box.x + 380, box.y + 260); await page.mouse.up();
  assert.notEqual(await page.locator("#stage img").evaluate((shown) => shown.style.transform), before);
  await shot(page, "zoom");
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("button.picture").first().evaluate((button) => button === document.activeElement));
  step("zoom and pan");
  const card = page.locator("article").first();
  const copied = async (kind) => {
    await card.locator(`[data-copy=${kind}]`).click();
    await page.waitForFunction(() => document.getElementById("told").textContent.startsWith("Copied"));
    const text = await page.evaluate(async () => {
      for (const item of await navigator.clipboard.read())
        for (const type of item.types) return type === "text/plain" ? (await (await item.getType(type)).text()) : type;
    });
    await page.evaluate(() => { document.getElementById("told").textContent = ""; });
    return text;
  };
  assert.match(await copied("svg"), /^<svg /);
  assert.equal(await copied("png"), "image/png");
  assert.match(await copied("markdown"), /^!\[.*\]\(.*\.svg\)$/);
  assert.match(await copied("html"), /^<img src=".*\.svg" alt="/);
  step("copies");
  assert.deepEqual(page.requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:") && !url.startsWith("blob:")), []);
  assert.deepEqual(page.faults, []);
  await accessible(page, "gallery, light");
  await shot(page, "gallery");
  const phone = await open(390);
  await phone.goto(pathToFileURL(path.join(work, "output", "index.html")).href);
  assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await shot(phone, "gallery-phone");
  await accessible(phone, "gallery, phone");
  step("no request, no fault, nothing that axe finds serious, nothing wider than a phone");

  // The server
  const server = await serve(python, work, ["specs"]);
  const { address } = server;
  try {
    const live = await open(1400);
    await live.goto(address);
    await live.waitForSelector("[data-edit]");
    await live.waitForFunction(() => document.documentElement.dataset.version);
    const file = path.join(specs, "network-patterns", "hub-and-spoke-with-tgw.yaml");
    const text = fs.readFileSync(file, "utf-8");
    const versions = () => live.evaluate(() => document.documentElement.dataset.version);
    const after = async (change) => {
      const old = await versions(), start = Date.now();
      change();
      await live.waitForFunction((was) => document.documentElement.dataset.version !== was, old, { polling: 10 });
      return Date.now() - start;
    };
    const times = [];
    for (let at = 0; at < 5; at++)
      times.push(await after(() => fs.writeFileSync(file, text.replace("Shared Services", "Shared Services " + at))));
    assert.ok(Math.max(...times) < 500, `a save took ${times} ms to be shown`);
    step(`saves are shown after ${times.join(", ")} ms`);
    await after(() => fs.writeFileSync(file, text.replace("-->", "->")));
    assert.match(await live.locator("#problems").innerText(), /hub-and-spoke-with-tgw\.yaml:\d+:\d+: error\[mermaid-arrow\][\s\S]*\^/);
    assert.equal(await live.locator("main article").count(), 4);
    await shot(live, "live-wrong");
    await accessible(live, "live, a mistake");
    await after(() => fs.writeFileSync(file, text));
    assert.ok(await live.locator("#problems").isHidden());
    step("a mistake is shown over the last good picture, and goes away");
    await live.locator('[data-edit$="hub-and-spoke-with-tgw"]').click();
    await live.waitForURL(/\/edit\//);
    await live.waitForFunction(() => document.documentElement.dataset.drawn);
    await live.goBack();
    step("a card leads to the editor");
    assert.deepEqual(live.faults, []);
    assert.deepEqual(live.requests.filter((url) => !url.startsWith(address) && !url.startsWith("data:") && !url.startsWith("blob:")), []);
    const small = await open(390, "dark");
    await small.goto(address);
    await small.waitForSelector("[data-edit]");
    assert.ok(await small.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await shot(small, "live-phone");
    await accessible(small, "live, phone, dark");
    step("no request elsewhere, no fault, a phone in dark");
  } finally {
    await server.end("SIGINT");
  }
} finally {
  await browser.close();
  fs.rmSync(work, { recursive: true, force: true });
}
