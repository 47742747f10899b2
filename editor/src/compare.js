// The text of the editor and that of the file, side by side.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";

import { createDialog, open } from "./dialogs.js";
import { make } from "./elements.js";
import { highlighting } from "./languages/highlighting.js";
import { normalized } from "./line_endings.js";

const label = (text) => EditorView.contentAttributes.of({ "aria-label": text });

/** Show both texts and return the one that was made of them, or null if the dialog is dismissed. */
export const compare = async (mine, theirs) => {
  const panes = make("div", { class: "panes" });
  const use = make("button", { type: "button", class: "primary" }, "Use the text on the right");
  const dialog = createDialog(
    "compare",
    "The file on the disk, and your text",
    make("p", {}, "Left: the file on the disk. Right: your text, which you can edit. The arrows copy a change to the right."),
    panes,
    make("div", { class: "buttons" }, use),
  );
  const shared = [lineNumbers(), highlighting, EditorView.lineWrapping];
  const merge = new MergeView({
    parent: panes,
    a: { doc: normalized(theirs), extensions: [...shared, EditorState.readOnly.of(true), label("The file on the disk")] },
    b: { doc: normalized(mine), extensions: [...shared, history(), keymap.of([...defaultKeymap, ...historyKeymap]), label("Your text")] },
    revertControls: "a-to-b",
    collapseUnchanged: { margin: 3, minSize: 6 },
  });
  use.addEventListener("click", () => dialog.close("use"));
  const answer = await open(dialog);
  const text = merge.b.state.doc.toString();
  merge.destroy();
  dialog.remove();
  return answer === "use" ? text : null;
};
