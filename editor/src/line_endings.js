// The line endings and the byte order mark of the file, which an editor of lines does not know.
//
// Every line keeps its own ending, also where a file mixes them, so that saving changes nothing that was not edited.
import { invertedEffects } from "@codemirror/commands";
import { StateEffect, StateField } from "@codemirror/state";

/** Sets the endings of all lines, and the byte order mark. */
export const setEndings = StateEffect.define();

/** Return the endings of a text: that of each line but the last, and its byte order mark. */
export const endingsOf = (text) => ({
  mark: text.startsWith("\ufeff") ? "\ufeff" : "",
  ends: text.match(/\r\n|\r|\n/g) ?? [],
});

/** Return a text as the editor shows it. */
export const normalized = (text) => text.replace(/^\ufeff/, "").replace(/\r\n|\r/g, "\n");

const changed = (ends, transaction) => {
  const result = [];
  let next = 0;
  transaction.changes.iterChanges((from, to, _from, _to, inserted) => {
    const first = transaction.startState.doc.lineAt(from).number - 1;
    const last = transaction.startState.doc.lineAt(to).number - 1;
    for (; next < first; next += 1) result.push(ends[next]);
    const ending = ends[first - 1] ?? ends[first] ?? "\n";
    for (let line = 1; line < inserted.lines; line += 1) result.push(ending);
    next = last;
  });
  for (; next < ends.length; next += 1) result.push(ends[next]);
  return result;
};

const field = StateField.define({
  create: () => ({ mark: "", ends: [] }),
  update(value, transaction) {
    for (const effect of transaction.effects)
      if (effect.is(setEndings) && effect.value.ends.length === transaction.newDoc.lines - 1) return effect.value;
    return transaction.docChanged ? { ...value, ends: changed(value.ends, transaction) } : value;
  },
});

const isMixed = (ends) => ends.some((end) => end !== ends[0]);

/** Undoing a change also restores the endings that it removed. */
const restored = invertedEffects.of((transaction) => {
  const before = transaction.startState.field(field);
  return transaction.docChanged && isMixed(before.ends) ? [setEndings.of(before)] : [];
});

export const lineEndings = [field, restored];

/** Return the text of an editor as it is in a file. */
export const fileText = (state) => {
  const { mark, ends } = state.field(field);
  const parts = [mark];
  let number = 0;
  for (const line of state.doc.iterLines()) {
    if (number) parts.push(ends[number - 1] ?? "\n");
    parts.push(line);
    number += 1;
  }
  return parts.join("");
};
