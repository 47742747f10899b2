// Tests diagrams in sites made with MkDocs and Sphinx: `node checks/pages/sites.mjs PYTHON [SCREENSHOTS]`.
//
// Material for MkDocs without a palette, with its own two schemes and with custom ones, the other themes of MkDocs, Furo,
// Alabaster, and Sphinx next to sphinxcontrib-mermaid: each diagram is visible once, in the variant for the color of the page; other types of diagrams
// stay with their renderer; links work; a picture opens large with a click, a tap and the keyboard, can be moved and
// zoomed, and closes with Escape; the page does not jump when a picture is loaded; nothing is requested from other
// addresses; and axe-core finds no serious accessibility problem. Exits with 1 at the first failure.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
const [python = "python3", shots = ""] = process.argv.slice(2);
const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const work = fs.mkdtempSync(path.join(os.tmpdir(), "diagramkit-sites-"));
const env = { ...process.env, PYTHONPATH: root, NO_MKDOCS_2_WARNING: "1" };
const linked = `\`\`\`mermaid
---
title: Order service
---
flowchart LR
  subgraph vpc [VPC]
    a[EC2] -->|calls| b[RDS]
  end
  click a "page.html" "Open the page"
  click vpc "#target"
\`\`\`
`;
const plain = "```mermaid\nflowchart LR\n  a[Users] --> b[CloudFront] --> c[S3]\n```\n";
const sequence = "```mermaid\nsequenceDiagram\n  A->>B: hello\n```\n";
const page = `# Shop\n\n${linked}\n${linked}\n${plain}\n${sequence}\n## Target\n\nText.\n`;
const write = (name, text) => {
  fs.mkdirSync(path.dirname(path.join(work, name)), { recursive: true });
  fs.writeFileSync(path.join(work, name), text);
};
const build = (folder, ...command) => execFileSync(python, ["-m", ...command], { cwd: path.join(work, folder), env, stdio: "pipe" });

const mkdocs = (name, theme, css = "") => {
  write(`${name}/mkdocs.yml`, `site_name: Shop
use_directory_urls: false
theme: {${theme}}
extra_css: [own.css]
markdown_extensions: [{pymdownx.superfences: {custom_fences: [{name: mermaid, class: before, format: !!python/name:pymdownx.superfences.fence_div_format }]}}]
plugins: [search, diagramkit]
`);
  write(`${name}/docs/own.css`, css);
  write(`${name}/docs/index.md`, page);
  write(`${name}/docs/page.md`, "# Page\n");
  build(name, "mkdocs", "build", "--strict");
  return `${name}/site/index.html`;
};
const material = (name, palette, css = "") =>
  mkdocs(name, `name: material, font: false${palette ? `, palette: ${palette}` : ""}`, css);
const sphinx = (name, conf) => {
  write(`${name}/conf.py`, `${conf}\ndiagramkit_mermaid, myst_fence_as_directive = True, ["mermaid"]\n`);
  write(`${name}/index.md`, `${page}\n\`\`\`{toctree}\npage\n\`\`\`\n`);
  write(`${name}/page.md`, "# Page\n");
  build(name, "sphinx", "-q", "-b", "html", ".", "out");
  return `${name}/out/index.html`;
};
const toggles = (first, second) => `[{scheme: ${first}, toggle: {icon: material/weather-sunny, name: To dark}},
  {scheme: ${second}, toggle: {icon: material/weather-night, name: To light}}]`;
const colors = (scheme, back, text) => `[data-md-color-scheme="${scheme}"]{--md-default-bg-color:${back};--md-default-fg-color:${text};--md-typeset-color:${text}}\n`;
const furo = (extensions) => `extensions = [${extensions}]\nhtml_theme = "furo"`;
const toggle = (tab) => tab.evaluate(() => document.querySelector("#__palette_1").click());
const sites = [
  { name: "material-without-palette", file: material("plain"), schemes: ["light"], other: ".before" },
  { name: "material", file: material("both", toggles("default", "slate")), schemes: ["light", "dark"], dark: toggle, other: ".before" },
  { name: "material-dark-only", file: material("slate", "{scheme: slate}"), schemes: ["dark"], other: ".before" },
  { name: "material-custom", schemes: ["light", "dark"], dark: toggle, other: ".before",
    file: material("custom", toggles("paper", "ink"), colors("paper", "#fbf6e9", "#222") + colors("ink", "#101c2c", "#eee")) },
  { name: "furo", file: sphinx("furo", furo('"myst_parser", "diagramkit.integrations.sphinx"')), schemes: ["light", "dark"], other: "pre:has-text('sequenceDiagram')" },
  { name: "sphinxcontrib-mermaid", schemes: ["light", "dark"], other: "pre.mermaid",
    file: sphinx("mermaid", furo('"myst_parser", "sphinxcontrib.mermaid", "diagramkit.integrations.sphinx"') + "\nmermaid_use_local = 'mermaid.mjs'") },
  // Pages whose colors are not those that the reader's system prefers.
  { name: "mkdocs-light", file: mkdocs("light", "name: mkdocs, highlightjs: false"), schemes: ["light"], system: "dark", other: ".before" },
  { name: "mkdocs-dark", file: mkdocs("dark", "name: mkdocs, highlightjs: false, color_mode: dark"), schemes: ["dark"], system: "light", other: ".before" },
  { name: "mkdocs-toggle", file: mkdocs("toggle", "name: mkdocs, user_color_mode_toggle: true"), schemes: ["light", "dark"], other: ".before",
    dark: (tab) => tab.evaluate(() => document.querySelector("[data-bs-theme-value=dark]").click()) },
  { name: "readthedocs", file: mkdocs("readthedocs", "name: readthedocs, highlightjs: false"), schemes: ["light"], system: "dark", other: ".before" },
  { name: "alabaster", schemes: ["light"], system: "dark", other: "pre:has-text('sequenceDiagram')",
    file: sphinx("alabaster", 'extensions = ["myst_parser", "diagramkit.integrations.sphinx"]\nhtml_theme = "alabaster"') },
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
const PICTURES = ".diagramkit-frame > img, .diagramkit-frame > svg";
const serious = async (tab, where) => {
  const found = await tab.evaluate(`${axe}; axe.run(${JSON.stringify(where)}).then((result) => result.violations)`);
  return found.filter((one) => ["serious", "critical"].includes(one.impact)).map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 120)}`);
};
const transform = (tab) => tab.evaluate(() => document.querySelector(".diagramkit-stage").firstElementChild.style.transform);
const closed = (tab) => tab.waitForSelector(".diagramkit-dialog:not([open]) .diagramkit-stage:empty", { state: "attached", timeout: 5000 });
const isOpen = (tab) => tab.evaluate(() => !!document.querySelector(".diagramkit-dialog[open]"));

const links = async (tab, open) => {
  await tab.getByRole("link", { name: "EC2" }).last().click();
  await tab.waitForURL(/page\.html$/);
  await open();
  await tab.getByRole("link", { name: "VPC" }).first().focus();
  await tab.keyboard.press("Enter");
  await tab.waitForURL(/index\.html#target$/);
  assert.ok(!await isOpen(tab));
};
const zoom = async (tab, name, scheme) => {
  const frames = () => tab.$$eval(".diagramkit", (all) => all.map((one) =>
    one.outerHTML.replace(/ focus-visible"| data-focus-visible-added=""/g, (found) => (found.endsWith('""') ? "" : '"')))); // Material marks the focus.
  const before = await frames();
  await tab.locator(PICTURES).filter({ visible: true }).last().click();
  assert.ok(await isOpen(tab), "a click opens the picture");
  assert.deepEqual(await serious(tab, ".diagramkit-dialog"), []);
  if (shots) await tab.screenshot({ path: path.join(shots, `${name}-${scheme}-large.png`) });
  await tab.keyboard.press("Escape");
  await closed(tab);
  assert.ok(String(await frames()) === String(before), "everything is as before");
  const button = tab.getByRole("button", { name: "Enlarge: Order service" }).first();
  await button.focus();
  await tab.keyboard.press("Enter");
  assert.ok(await isOpen(tab), "Enter opens the picture");
  const fitted = await transform(tab);
  await tab.keyboard.press("+"); await tab.keyboard.press("ArrowLeft");
  assert.notEqual(await transform(tab), fitted);
  await tab.keyboard.press("0");
  assert.equal(await transform(tab), fitted);
  const stage = await tab.locator(".diagramkit-stage").boundingBox();
  await tab.mouse.move(stage.x + 200, stage.y + 200);
  await tab.mouse.down(); await tab.mouse.move(stage.x + 260, stage.y + 230, { steps: 3 }); await tab.mouse.up();
  assert.notEqual(await transform(tab), fitted);
  assert.ok(await isOpen(tab));
  await tab.mouse.wheel(0, -300);
  await tab.getByRole("button", { name: "Fit to window" }).click();
  await tab.getByRole("button", { name: "Zoom in" }).click();
  if (shots) await tab.screenshot({ path: path.join(shots, `${name}-${scheme}-zoomed.png`) });
  await tab.keyboard.press("Escape");
  await closed(tab);
  assert.ok(await button.evaluate((one) => one === document.activeElement), "the focus returns");
  await tab.keyboard.press("Enter");
  await tab.locator(".diagramkit-stage").getByRole("link", { name: "VPC" }).focus();
  await tab.keyboard.press("Enter");
  await tab.waitForURL(/index\.html#target$/);
  await closed(tab);
};
const touch = async (file, name) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
  const tab = await context.newPage();
  await tab.goto(pathToFileURL(path.join(work, file)).href);
  const picture = tab.locator(PICTURES).filter({ visible: true }).last();
  await picture.scrollIntoViewIfNeeded();
  if (shots) await tab.screenshot({ path: path.join(shots, `${name}-phone.png`) });
  await picture.tap();
  assert.ok(await isOpen(tab), "a tap opens the picture");
  const fitted = await transform(tab);
  const session = await context.newCDPSession(tab);
  const fingers = (type, ...points) => session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  await fingers("touchStart", [150, 400], [250, 400]);
  for (let step = 1; step < 5; step++) await fingers("touchMove", [150 - 20 * step, 400], [250 + 20 * step, 400]);
  await fingers("touchEnd");
  const scale = (text) => Number(/scale\(([\d.]+)\)/.exec(text)[1]);
  assert.ok(scale(await transform(tab)) > 1.5 * scale(fitted), "two fingers zoom");
  const pinched = await transform(tab);
  await fingers("touchStart", [200, 400]); await fingers("touchMove", [220, 430]); await fingers("touchMove", [240, 460]);
  await fingers("touchEnd");
  assert.equal(scale(await transform(tab)), scale(pinched));
  assert.notEqual(await transform(tab), pinched, "one finger moves");
  if (shots) await tab.screenshot({ path: path.join(shots, `${name}-phone-large.png`) });
  await tab.getByRole("button", { name: "Close" }).tap();
  await closed(tab);
  await context.close();
};

try {
  for (const { name, file, schemes, dark, other, system } of sites) {
    for (const scheme of schemes) {
      const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, colorScheme: system || (dark ? "light" : scheme),
        reducedMotion: scheme === "dark" ? "reduce" : "no-preference" });
      const tab = await context.newPage();
      const requests = [];
      tab.on("request", (request) => requests.push(request.url()));
      const open = async () => {
        await tab.goto(pathToFileURL(path.join(work, file)).href);
        if (dark && scheme === "dark") await dark(tab);
        await tab.waitForSelector(`html[data-diagramkit=${scheme}]`);
      };
      await open();
      const pictures = await tab.$$eval(PICTURES, (all) => all.filter((one) => one.getClientRects().length).map((one) =>
        (one.getAttribute("class") + " " + one.getAttribute("src") + " " + one.parentElement.className).match(/dark/) ? "dark" : "light"));
      assert.deepEqual(pictures, [scheme, scheme, scheme], "each diagram is visible once");
      const jumps = await tab.$$eval(PICTURES, (all) => all.filter((one) => one.localName === "img" && one.getClientRects().length)
        .map((one) => [one.width, one.height, Number(one.getAttribute("width")), Number(one.getAttribute("height"))]));
      for (const [width, height, ...natural] of jumps) assert.deepEqual([width, height], natural);
      assert.equal(await tab.locator(other).count(), 1, "the sequence diagram stays with its renderer");
      assert.match(await tab.locator(other).innerText(), /hello/);
      // A theme's underline is black in a picture, in its dark variant, too.
      const lines = await tab.$$eval(".diagramkit-frame svg a", (all) => all.map((one) => getComputedStyle(one).textDecorationLine));
      assert.deepEqual([lines.length > 0, ...new Set(lines)], [true, "none"], "links in pictures look as in their files");
      if (shots) await tab.screenshot({ path: path.join(shots, `${name}-${scheme}.png`), fullPage: true });
      assert.deepEqual(await serious(tab, ".diagramkit"), []);
      await links(tab, open);
      await open();
      await zoom(tab, name, scheme);
      assert.deepEqual(requests.filter((url) => /^https?:/.test(url) && !/mermaid|d3|highlight/.test(url)), []);
      console.log(`ok: ${name}, ${scheme}`);
      await context.close();
    }
    await touch(file, name);
    console.log(`ok: ${name}, with fingers`);
  }
} finally {
  await browser.close();
  fs.rmSync(work, { recursive: true, force: true });
}
