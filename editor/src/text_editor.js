// The editor of the source.
import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Transaction } from "@codemirror/state";
import {
  crosshairCursor, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars,
  keymap, lineNumbers, placeholder, rectangularSelection,
} from "@codemirror/view";

import { completion } from "./completion.js";
import { highlighting } from "./languages/highlighting.js";
import { markdownLanguage } from "./languages/markdown.js";
import { mermaidLanguage } from "./languages/mermaid.js";
import { specLanguage } from "./languages/spec.js";
import { endingsOf, lineEndings, normalized, setEndings } from "./line_endings.js";
import { problemMarks } from "./problems.js";

const LANGUAGES = { mermaid: mermaidLanguage, spec: specLanguage, markdown: markdownLanguage };
const language = new Compartment();

/** Return the extension for a language, by the name of its reader. */
const supportOf = (name) => LANGUAGES[name] ?? mermaidLanguage;

/** Return an editor in an element. `onUpdate` is called with each update. */
export const createEditor = (parent, name, onUpdate) =>
  new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        lineNumbers(), foldGutter(), highlightSpecialChars(), history(), drawSelection(), rectangularSelection(),
        crosshairCursor(), indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(),
        highlightActiveLineGutter(), highlightSelectionMatches(), search({ top: true }), indentUnit.of("  "),
        EditorState.allowMultipleSelections.of(true),
        keymap.of([
          ...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap,
          ...foldKeymap, indentWithTab,
        ]),
        language.of(supportOf(name)), highlighting, completion, problemMarks, lineEndings,
        placeholder("flowchart LR\n  A[CloudFront] --> B[S3]"),
        EditorView.contentAttributes.of({ "aria-label": "Source of the diagram", "aria-describedby": "editor-help", tabindex: "0" }),
        EditorView.updateListener.of(onUpdate),
      ],
    }),
  });

/** Show the text of a file. Undo does not go back behind it. */
export const loadText = (view, text) => {
  view.dispatch({
    changes: { from: 0, to: view.state.doc.length, insert: normalized(text) },
    effects: setEndings.of(endingsOf(text)),
    annotations: Transaction.addToHistory.of(false),
  });
};

/** Switch to another language. */
export const setLanguage = (view, name) => view.dispatch({ effects: language.reconfigure(supportOf(name)) });
