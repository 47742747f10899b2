// Tests links of diagrams in a site made with MkDocs and one made with Sphinx: `node checks/pages/sites.mjs PYTHON [SCREENSHOTS]`.
//
// In Material's light and dark palettes and in Furo, one of the two variants is visible, its links can be clicked and used
// with the keyboard, and axe-core finds no serious accessibility problem in the diagrams. Exits with 1 at the first failure.
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
const diagram = `\`\`\`mermaid
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
const page = `# Shop\n\n${diagram}\n${diagram}\n## Target\n\nText.\n`;
const write = (name, text) => {
  fs.mkdirSync(path.dirname(path.join(work, name)), { recursive: true });
  fs.writeFileSync(path.join(work, name), text);
};
const build = (folder, ...command) => execFileSync(python, ["-m", ...command], { cwd: path.join(work, folder), env, stdio: "pipe" });

write("mkdocs/mkdocs.yml", `site_name: Shop
use_directory_urls: false
theme: {name: material, font: false, palette: [{scheme: default, toggle: {icon: material/weather-sunny, name: Dark}},
  {scheme: slate, toggle: {icon: material/weather-night, name: Light}}]}
plugins: [search, diagramkit]
`);
write("mkdocs/docs/index.md", page);
write("mkdocs/docs/page.md", "# Page\n");
build("mkdocs", "mkdocs", "build", "--strict");
write("sphinx/conf.py", `extensions = ["myst_parser", "diagramkit.integrations.sphinx"]
diagramkit_mermaid, myst_fence_as_directive, html_theme = True, ["mermaid"], "furo"
`);
write("sphinx/index.md", `${page}\n\`\`\`{toctree}\npage\n\`\`\`\n`);
write("sphinx/page.md", "# Page\n");
build("sphinx", "sphinx", "-q", "-b", "html", ".", "out");

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
const sites = { material: "mkdocs/site/index.html", furo: "sphinx/out/index.html" };
try {
  for (const [name, file] of Object.entries(sites))
    for (const scheme of ["light", "dark"]) {
      const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, colorScheme: scheme });
      const tab = await context.newPage();
      const open = async () => {
        await tab.goto(pathToFileURL(path.join(work, file)).href);
        if (name === "material" && scheme === "dark") await tab.evaluate(() => document.querySelector("#__palette_1").click());
        await tab.waitForSelector(`svg[class^=diagram-][class$="-${scheme}"]`);
      };
      await open();
      const visible = await tab.$$eval("svg[class^=diagram-]", (all) =>
        all.filter((one) => one.getClientRects().length).map((one) => one.getAttribute("class").split("-").pop()));
      assert.deepEqual(visible, [scheme, scheme]);
      if (shots) await tab.screenshot({ path: path.join(shots, `${name}-${scheme}.png`) });
      const found = await tab.evaluate(`${axe}; axe.run(".diagramkit").then((result) => result.violations)`);
      assert.deepEqual(found.filter((one) => ["serious", "critical"].includes(one.impact)).map((one) => one.id), []);
      await tab.getByRole("link", { name: "EC2" }).last().click();
      await tab.waitForURL(/page\.html$/);
      await open();
      await tab.getByRole("link", { name: "VPC" }).first().focus();
      await tab.keyboard.press("Enter");
      await tab.waitForURL(/index\.html#target$/);
      console.log(`ok: links in ${name}, ${scheme}`);
      await context.close();
    }
} finally {
  await browser.close();
  fs.rmSync(work, { recursive: true, force: true });
}
