// Changes icons, labels and pins of random specs through the editor: `node checks/pages/edits.mjs PYTHON [COUNT] [SEED]`.
//
// The specs have comments, anchors, block scalars, quotes, flow style, other orders of keys, LF, CRLF or both, and sometimes
// a byte order mark or no line end at the end. Each change is made as a person would, and saved; then every line of the file
// that the change does not concern must be the same, byte for byte. Undo must bring back the file as it was. A change that
// the editor refuses with a message must leave the file alone. Exits with 1 if a file is otherwise.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { EditorPage } from "./editor_page.mjs";
import { launchBrowser, openPage, serve } from "./support.mjs";

const [python = "python3", count = "300", seed = "1"] = process.argv.slice(2);
const work = fs.mkdtempSync(path.join(os.tmpdir(), "diagramkit-edits-"));
fs.mkdirSync(path.join(work, "in"));
fs.writeFileSync(path.join(work, "diagramkit.toml"), "");
const file = path.join(work, "in/a.yaml");

let state = 0;
const random = () => {
  state = (state * 1103515245 + 12345) % 2147483648;
  return state / 2147483648;
};
const chance = (share) => random() < share;
const pick = (list) => list[Math.floor(random() * list.length)];
const LABELS = ["Thing", "Orders", "Lambda", "Front door", "Data lake", "Queue 1"];
const comment = () => (chance(0.3) ? `${pick([" ", "  "])}# ${pick(["kept", "why: x", "- a", "'"])}` : "");

/** Return random lines of a spec, without their ends, and its nodes with their labels. */
const spec = () => {
  const nodes = [...new Set(Array.from({ length: 3 + Math.floor(random() * 3) }, (_, index) => `n${index}`))].map((id) => [id, pick(LABELS)]);
  const step = pick(["  ", "    "]);
  const anchor = chance(0.5);
  const parts = [];
  parts.push([`title: ${anchor ? "&name " : ""}${pick(["Shop", '"Shop: 1"', "'It''s'"])}${comment()}`]);
  const asMermaid = chance(0.6);
  if (asMermaid) {
    const edges = nodes.slice(1).map(([id, label], index) => {
      const [before, beforeLabel] = nodes[index];
      const from = index === 0 ? `${before}[${beforeLabel}]` : before;
      return `${step}  ${from} ${pick(["-->", "-.->", "-->|x y|"])} ${id}[${label}]`;
    });
    parts.push([`diagram: ${pick(["|", "|-", "|+"])}${comment()}`, `${step}flowchart LR`, ...edges.flatMap((line) => (chance(0.2) ? [`${step}  %% note`, line] : [line]))]);
  } else {
    const entries = nodes.map(([id, label]) => `${step}${id}: ${pick([label, `"${label}"`, `{label: ${label}}`])}${comment()}`);
    parts.push(["nodes:", ...entries.flatMap((line) => (chance(0.2) ? [`${step}# above`, line] : [line]))]);
    parts.push(["edges:", ...nodes.slice(1).map(([id], index) => `${step}- ${nodes[index][0]} -> ${id}${comment()}`)]);
  }
  if (chance(0.5)) parts.push([anchor && chance(0.6) ? "caption: *name" : `caption: ${pick(["x", ">-"])}`].flatMap((line) => (line.endsWith(">-") ? [line, `${step}some folded`, `${step}text`] : [`${line}${comment()}`])));
  if (chance(0.4)) parts.push([`best_practices:`, `${step}- one # 1`, `${step}- "two"`]);
  if (chance(0.4)) {
    const [first, second] = nodes;
    parts.push(pick([
      ["icons:", `${step}${first[0]}: none${comment()}`],
      [`icons: {${first[0]}: none, ${second[0]}: aws.storage.S3}${comment()}`],
      ["icons:", `${step}# above`, `${step}${first[0]}: &icon aws.compute.EC2`, `${step}${second[0]}: *icon${comment()}`],
    ]));
  }
  for (let index = parts.length - 1; index > 1; index -= 1) {
    const other = 1 + Math.floor(random() * index);
    [parts[index], parts[other]] = [parts[other], parts[index]];
  }
  const lines = parts.flatMap((part) => (chance(0.2) ? ["", `# ${pick(["section", "é €"])}`, ...part] : part));
  return { lines, nodes };
};

const source = () => {
  const { lines, nodes } = spec();
  const ends = pick([["\n"], ["\r\n"], ["\n", "\r\n"]]);
  let text = lines.map((line) => line + pick(ends)).join("");
  if (chance(0.2)) text = text.replace(/\r?\n$/, "");
  if (chance(0.1)) text = `\ufeff${text}`;
  return { text, nodes };
};

const linesOf = (text) => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Return the lines that are only in the first text, and those only in the second, in their order (by longest match). */
const difference = (before, after) => {
  const [a, b] = [linesOf(before), linesOf(after)];
  const table = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
  const [removed, added] = [[], []];
  for (let i = 0, j = 0; i < a.length || j < b.length;)
    if (i < a.length && j < b.length && a[i] === b[j]) [i, j] = [i + 1, j + 1];
    else if (j >= b.length || (i < a.length && table[i + 1][j] >= table[i][j + 1])) removed.push(a[i++]);
    else added.push(b[j++]);
  return [removed, added];
};

/** Return what is wrong with a change from one text to another, or "". */
const faultOf = (kind, before, after, node, label) => {
  let [removed, added] = difference(before, after);
  if (!/\n$/.test(before)) {
    // Behind a last line without an end, a line can only be added if that line gets one.
    const last = linesOf(before).at(-1);
    if (removed.includes(last) && added.some((line) => line.trimEnd() === last && line !== last)) {
      removed = removed.filter((line) => line !== last);
      added = added.filter((line) => line.trimEnd() !== last);
    }
    if (/\n$/.test(after)) return "a line end was added at the end";
  }
  if (kind === "label") {
    if (removed.length !== 1 || added.length !== 1) return "not exactly one line changed";
    return added[0].replace("Renamed", label) === removed[0] ? "" : "more than the label changed";
  }
  if (removed.length > 1) return "more than one line changed";
  const isInline = removed.length === 1 && added.length === 1 && added[0].replace(new RegExp(`${node}: [\\w.]+, `), "") === removed[0];
  if (removed.length === 1 && !removed[0].includes(node) && !isInline) return "another line changed";
  if (removed.length === 1 && /#.*/.exec(removed[0])?.[0] !== /#.*/.exec(added.find((line) => line.includes(node)) ?? "")?.[0]) return "a comment was lost";
  if (added.length > (kind === "icon" ? 2 : 5)) return "more lines than necessary";
  const endings = new Set(linesOf(before).map((line) => /\r?\n$/.exec(line)?.[0] ?? ""));
  return added.every((line) => endings.has(/\r?\n$/.exec(line)?.[0] ?? "") || endings.has("")) ? "" : "a line end is of another kind";
};

fs.writeFileSync(file, "title: x\ndiagram: |\n  flowchart LR\n    n0 --> n1\n");
const server = await serve(python, work, ["in"]);
const browser = await launchBrowser();
const page = await openPage(browser, 1440);
const editor = new EditorPage(page, server.address);
const faults = [];
const counts = {};

const change = async (kind, id) => {
  await editor.node(id).click();
  await page.waitForSelector("#inspector:not([hidden])");
  if (kind === "icon") {
    await page.keyboard.press("i");
    await page.waitForSelector("#icon-browser[open]");
    await page.fill("#icon-query", "aws.database.RDS");
    await page.click('.icon-grid button[title="aws.database.RDS"]');
  } else if (kind === "pin") {
    // One of the keys moves it to another rank; where it is the only one of its rank, the others change nothing.
    for (const key of ["ArrowRight", "ArrowDown"]) {
      await page.keyboard.press(key);
      await editor.settled();
      if (await page.locator("#save:enabled").count()) break;
    }
  } else {
    await page.keyboard.press("Enter");
    await page.keyboard.type("Renamed");
  }
  await page.waitForFunction(() => !document.getElementById("save").disabled || /^Not changed/.test(document.getElementById("message").textContent));
  return page.evaluate(() => !document.getElementById("save").disabled);
};

const run = async (number) => {
  state = Number(seed) * 1000 + number;
  for (let count_ = 0; count_ < 5; count_ += 1) random();
  const { text, nodes } = source();
  const kind = pick(["icon", "pin", "label"]);
  const [id, label] = pick(nodes);
  fs.writeFileSync(file, text);
  await page.goto("about:blank");
  await editor.open("/edit?file=in/a.yaml");
  const report = (fault, after = "") => faults.push(`${number}, ${kind} of ${id}: ${fault}\n${JSON.stringify(text)}\n${JSON.stringify(after)}`);
  if (await page.locator("#problem-list .error").count()) return report("the spec is not valid");
  const isChanged = await change(kind, id);
  counts[`${kind} ${isChanged ? "changed" : "refused"}`] = (counts[`${kind} ${isChanged ? "changed" : "refused"}`] ?? 0) + 1;
  if (isChanged) {
    await editor.save();
    const after = fs.readFileSync(file, "utf-8");
    const fault = faultOf(kind, text, after, id, label);
    if (fault) report(fault, after);
    while (await page.locator("#undo:enabled").count()) await page.click("#undo");
    await page.keyboard.press("Control+s");
    await editor.isSaved();
  }
  if (fs.readFileSync(file, "utf-8") !== text) report("the file is not as before", fs.readFileSync(file, "utf-8"));
};

try {
  for (let number = 0; number < Number(count); number += 1)
    await run(number).catch((error) => faults.push(`${number}: ${String(error.message).slice(0, 300)}\n${JSON.stringify(fs.readFileSync(file, "utf-8"))}`));
} finally {
  await browser.close();
  await server.end("SIGINT");
  fs.rmSync(work, { recursive: true, force: true });
}
for (const [what, number] of Object.entries(counts).sort()) console.log(`  ${number} × ${what}`);
console.log(faults.length ? faults.join("\n\n") : `ok: ${count} files, nothing but the change was different`);
process.exit(faults.length ? 1 : 0);
