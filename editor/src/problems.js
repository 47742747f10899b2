// Problems: underlined in the text and listed below it, with a button for each fix.
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { keymap } from "@codemirror/view";

import { $, make, symbol } from "./elements.js";

const SEVERITIES = { error: "error", warning: "warning", note: "info" };

export const problemMarks = [lintGutter(), keymap.of(lintKeymap)];

/** Return the offset of a line and column (from 1) in a text, or null if there is no such place. */
export const offsetOf = (doc, line, column) => {
  if (line < 1 || line > doc.lines) return null;
  const found = doc.line(line);
  return Math.min(found.from + column - 1, found.to);
};

/** Return the change of a text that a fix stands for, or null if its old text is no longer at its place. */
const changeOf = (doc, fix) => {
  const from = offsetOf(doc, fix.line, fix.column);
  if (from === null || doc.sliceString(from, from + fix.old.length) !== fix.old) return null;
  const line = doc.lineAt(from);
  const rest = line.text.slice(fix.margin, from - line.from) + doc.sliceString(from + fix.old.length, line.to);
  if (!fix.new && !rest.trim()) return { from: line.from, to: Math.min(line.to + 1, doc.length), insert: "" };
  const margin = line.text.slice(0, fix.margin);
  return { from, to: from + fix.old.length, insert: fix.new.replaceAll("\n", `\n${margin}`) };
};

/** Apply a fix to the text of an editor. */
const apply = (view, fix) => {
  const changes = changeOf(view.state.doc, fix);
  if (changes) view.dispatch({ changes, userEvent: "input.fix", scrollIntoView: true });
  view.focus();
};

const rangeOf = (doc, problem) => {
  const from = offsetOf(doc, problem.line, problem.column) ?? 0;
  const line = doc.lineAt(from);
  const to = Math.min(from + Math.max(problem.width, 1), line.to);
  // An empty line, or a place behind the end of a line, has nothing to underline except what precedes it.
  return to > from ? { from, to } : { from: Math.max(line.from, from - 1), to: Math.max(line.from, to) };
};

const actionsOf = (problem) =>
  problem.fix ? [{ name: problem.fix.title, apply: (view) => apply(view, problem.fix) }] : [];

/** Show the problems of a text in an editor and in the list. Those in other files have no place in the text. */
export const showProblems = (view, problems, file) => {
  const { doc } = view.state;
  const here = problems.filter((problem) => problem.file === file || (!file && problem.file.startsWith("diagram.")));
  const diagnostics = here.map((problem) => ({
    ...rangeOf(doc, problem),
    severity: SEVERITIES[problem.severity],
    source: problem.code,
    message: problem.message,
    actions: actionsOf(problem),
  }));
  view.dispatch(setDiagnostics(view.state, diagnostics));
  const count = (severity) => problems.filter((problem) => problem.severity === severity).length;
  $("problem-list").replaceChildren(...problems.map((problem) => item(view, problem, here.includes(problem))));
  const counts = Object.keys(SEVERITIES).map((name) => [name, count(name)]).filter(([, number]) => number);
  const summary = counts.map(([name, number]) => `${number} ${name}${number > 1 ? "s" : ""}`).join(", ");
  $("problem-summary").textContent = summary || "No problems";
  $("problems").dataset.worst = counts[0]?.[0] ?? "none";
  $("problems").classList.toggle("empty", !problems.length);
};

const item = (view, problem, isHere) => {
  const go = () => {
    if (isHere) view.dispatch({ selection: { anchor: rangeOf(view.state.doc, problem).from }, scrollIntoView: true });
    view.focus();
  };
  const place = isHere ? `Line ${problem.line}` : problem.where;
  const fix = problem.fix && isHere
    ? make("button", { type: "button", class: "small fix", onclick: () => apply(view, problem.fix) }, problem.fix.title)
    : null;
  return make(
    "li",
    { class: problem.severity },
    symbol(problem.severity),
    make(
      "button",
      { type: "button", class: "problem", onclick: go },
      make("span", { class: "hidden" }, `${problem.severity}: `),
      make("span", { class: "problem-text" }, problem.message),
      make("span", { class: "place" }, `${place} · ${problem.code}`),
    ),
    fix,
  );
};
