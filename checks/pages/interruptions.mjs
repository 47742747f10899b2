// Interrupts somebody who is typing: `node checks/pages/interruptions.mjs PYTHON [COUNT] [SEED]`.
//
// COUNT times, some text is typed into the editor, and then something happens: the page is loaded again, closed or left, its
// process crashes, the browser or the server is killed, or the file changes on the disk. Afterwards, everything that was
// typed must be in the editor again. The browser is killed `SETTLE` milliseconds after the last keystroke, which a disk may
// need; everything else happens at once. Exits with 1 if something was lost.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { EditorPage } from "./editor_page.mjs";
import { launchWithData, serve, watch } from "./support.mjs";

const [python = "python3", count = "100", seed = "1"] = process.argv.slice(2);
const SETTLE = 150;
const work = fs.mkdtempSync(path.join(os.tmpdir(), "diagramkit-interruptions-"));
const file = path.join(work, "in/a.mmd");
const data = path.join(work, "browser");
fs.mkdirSync(path.join(work, "in"));
fs.writeFileSync(path.join(work, "diagramkit.toml"), "");
fs.writeFileSync(file, "flowchart LR\n  A --> B\n");

let state = Number(seed);
const random = () => {
  state = (state * 1103515245 + 12345) % 2147483648;
  return state / 2147483648;
};
const pick = (list) => list[Math.floor(random() * list.length)];

let server = await serve(python, work, ["in"]);
let context = null;
let editor = null;
let expected = fs.readFileSync(file, "utf-8");
const lost = [];
const counts = {};

const open = async () => {
  const page = watch(context.pages()[0] ?? (await context.newPage()));
  page.on("dialog", (dialog) => dialog.accept());
  editor = new EditorPage(page, server.address);
  await editor.open("/edit/a");
};

const launch = async () => {
  context = await launchWithData(data, { viewport: { width: 1200, height: 900 } });
  await open();
};

const restart = async () => {
  await server.end("SIGKILL");
  server = await serve(python, work, ["in"], server.port);
};

const KINDS = {
  reload: async () => editor.page.reload(),
  "leave and come back": async () => {
    await editor.page.goto(server.address);
    await editor.open("/edit/a");
  },
  "close the page": async () => {
    const page = await context.newPage();
    await editor.page.close();
    editor.page = page;
    await open();
  },
  "crash of the page": async () => {
    const page = await context.newPage();
    editor.page.goto("chrome://crash").catch(() => {});
    await page.waitForTimeout(200);
    await editor.page.close().catch(() => {});
    editor.page = page;
    await open();
  },
  "crash of the browser": async () => {
    await editor.page.waitForTimeout(SETTLE);
    await kill();
    await launch();
  },
  "crash of the server": restart,
  "crash of the server, and a reload": async () => {
    await restart();
    await editor.page.reload();
  },
  "a save": async () => {
    await editor.page.keyboard.press("Control+s");
    await editor.isSaved();
    if (fs.readFileSync(file, "utf-8") !== expected) lost.push("the file is not what was typed");
  },
  "a save, and a reload at once": async () => {
    await editor.page.keyboard.press("Control+s");
    await editor.page.reload();
  },
  "a change of the file": async () => {
    fs.writeFileSync(file, `${fs.readFileSync(file, "utf-8")}%% outside ${Math.floor(random() * 1e6)}\n`);
    await editor.page.waitForSelector("#banner:not([hidden])");
    if (random() < 0.5) await editor.page.reload();
    await editor.ready();
    await editor.hasText(expected);
    await editor.page.click('#banner button:has-text("Keep mine")');
    await editor.isSaved();
  },
};

/** Kill all processes of the browser: they are those whose command line names its data folder. */
const kill = async () => {
  for (const name of fs.readdirSync("/proc").filter((one) => /^\d+$/.test(one)))
    try {
      if (fs.readFileSync(`/proc/${name}/cmdline`, "utf-8").includes(data)) process.kill(Number(name), "SIGKILL");
    } catch {
      // It has ended.
    }
  await context.close().catch(() => {});
  for (const name of ["SingletonLock", "SingletonSocket", "SingletonCookie"]) fs.rmSync(path.join(data, name), { force: true });
};

try {
  await launch();
  for (let number = 0; number < Number(count); number += 1) {
    const words = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(["Lambda", "S3", "queue", "x", "two words", "é€"]));
    const line = `%% ${number} ${words.join(" ")}`;
    await editor.focusText();
    await editor.page.keyboard.press("Control+End");
    await editor.page.keyboard.press("Enter");
    // The editor indents new lines like the one before.
    await editor.page.keyboard.press("Shift+Home");
    await editor.page.keyboard.type(line, { delay: random() < 0.3 ? 15 : 0 });
    expected = `${expected}\n${line}`;
    const kind = pick(Object.keys(KINDS));
    counts[kind] = (counts[kind] ?? 0) + 1;
    try {
      await KINDS[kind]();
      await editor.ready();
      await editor.hasText(expected);
    } catch (error) {
      lost.push(`${number}, ${kind}: ${String(error.message).slice(0, 600)}`);
      expected = await editor.text();
    }
    if (expected.length > 700) {
      // Begin again, so that all lines are visible.
      expected = "flowchart LR\n  A --> B\n";
      await editor.page.locator("#editor .cm-content").click();
      await editor.page.keyboard.press("Control+a");
      await editor.page.keyboard.insertText(expected);
      await editor.hasText(expected);
    }
  }
} finally {
  await kill();
  await server.end("SIGKILL");
  fs.rmSync(work, { recursive: true, force: true });
}
for (const [kind, number] of Object.entries(counts).sort()) console.log(`  ${number} × ${kind}`);
console.log(lost.length ? lost.join("\n") : `ok: ${count} interruptions, nothing typed was lost`);
process.exit(lost.length ? 1 : 0);
