// Replace the text of the editor by another one with as few changes as possible, as one step that can be undone.
import { isolateHistory } from "@codemirror/commands";
import { diff } from "@codemirror/merge";

import { endingsOf, normalized, setEndings } from "./line_endings.js";

/** Return the transaction that makes the text of a state become `text`, whose lines end with `\n`. */
export const edited = (state, text, userEvent) => ({
  changes: diff(state.doc.toString(), text).map((part) => ({
    from: part.fromA,
    to: part.toA,
    insert: text.slice(part.fromB, part.toB),
  })),
  userEvent,
  annotations: isolateHistory.of("full"),
});

/** Return the transaction that makes the text of a state become `text`, the text of a file with its line endings. */
export const replacement = (state, text, userEvent) => ({
  ...edited(state, normalized(text), userEvent),
  effects: setEndings.of(endingsOf(text)),
});
