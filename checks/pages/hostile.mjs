// Loads SVGs in a browser and checks that they request nothing and run no script: `node checks/pages/hostile.mjs FOLDER`.
//
// Each file of FOLDER (`python -m checks.fuzz.hostile 10000 --keep FOLDER`) is opened as a document and inside HTML pages,
// with a log of requests and of the functions that a script would call. Exits with 1 if a file requests anything except
// itself, or runs a script. First, a file that does both shows that the log works.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const folder = path.resolve(process.argv[2]);
const names = fs.readdirSync(folder).filter((name) => name.endsWith(".svg")).sort();
const work = fs.mkdtempSync(path.join(os.tmpdir(), "diagramkit-hostile-"));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await (await browser.newContext()).newPage();
let asked = [];
page.on("request", (request) => asked.push(request.url()));
page.on("dialog", (dialog) => { asked.push("dialog: " + dialog.message()); dialog.dismiss(); });
await page.exposeFunction("ran", (what) => asked.push("script: " + what));
await page.addInitScript(() => { for (const name of ["alert", "fetch"]) window[name] = () => window.ran(name); });

// Returns what a file requests besides itself, and what its scripts call.
const load = async (file) => {
  asked = [];
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0))));
  const self = pathToFileURL(file).href;
  return asked.filter((url) => url !== self && !url.startsWith("data:"));
};

const bad = path.join(work, "bad.svg");
fs.writeFileSync(bad, '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><image href="http://x.invalid/a.png" width="9" height="9"/></svg>');
const seen = await load(bad);
if (!seen.includes("script: alert") || !seen.includes("http://x.invalid/a.png")) throw new Error("the watch does not work: " + seen);

let findings = 0;
const told = (what, seen) => { if (seen.length) { findings += 1; console.log(`${what}: ${seen.join(", ").slice(0, 300)}`); } };
for (const name of names) told(name, await load(path.join(folder, name)));
const AT_ONCE = 25;
for (let at = 0; at < names.length; at += AT_ONCE) {
  const some = names.slice(at, at + AT_ONCE);
  const file = path.join(work, "page.html");
  fs.writeFileSync(file, `<!doctype html><meta charset="utf-8"><title>x</title>${some.map((name) => fs.readFileSync(path.join(folder, name), "utf-8")).join("\n")}`);
  told(`${some[0]} to ${some.at(-1)} in a page`, await load(file));
}
await browser.close();
console.log(`${names.length} SVGs loaded, each alone and in a page of HTML: ${findings} findings`);
process.exit(findings || !names.length ? 1 : 0);
