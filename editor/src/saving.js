// Saving, drafts, and what happens when the file changed on the disk.
import { ApiError, get, post } from "./api.js";
import { ask } from "./dialogs.js";
import { $, make, notify, symbol } from "./elements.js";
import { fileText } from "./line_endings.js";
import { edited, replacement } from "./replace_text.js";

/** The text of one file in the editor, and its draft. `source` is the file as the server has it. */
export class Saving {
  constructor(view, source, place, { saveAs, compare }) {
    Object.assign(this, { view, source, place, saveAs, compare });
    this.theirs = null; // The file, if it changed on the disk while there are changes here.
    this.isConnected = true;
    this.isSaving = false;
    this.hadDraft = place.record !== null;
  }

  get text() {
    return fileText(this.view.state);
  }

  get isChanged() {
    return this.text !== this.source.text;
  }

  /** Put a draft from before back into the editor; it can be undone. Return whether there was one. */
  restore() {
    const draft = this.place.record;
    if (!draft) return false;
    if (draft.text === this.source.text) {
      this.place.clear();
      return false;
    }
    this.view.dispatch(replacement(this.view.state, draft.text, "restore"));
    if (this.source.file && draft.digest !== this.source.digest) this.#showConflict(this.source);
    return true;
  }

  /** Keep what was typed, and show whether it is saved. Call this after each change. */
  onChange() {
    const { text, source } = this;
    if (text === source.text) this.place.clear();
    else
      this.place.write({
        text, digest: source.digest, file: source.file, language: source.language, address: location.pathname + location.search,
        title: source.title, at: Date.now(),
      });
    this.showStatus();
  }

  showStatus() {
    const { isChanged } = this;
    const kept = this.place.isKept ? "kept as a draft" : "not kept: the browser stores nothing here";
    const status = !this.isConnected
      ? ["offline", isChanged ? `Server not running – ${kept}` : "Server not running"]
      : this.theirs
        ? ["conflict", this.theirs.digest ? "Changed on the disk, too" : "Removed from the disk"]
      : !this.source.file
        ? ["changed", isChanged || this.text ? `Not in a file yet – ${kept}` : "Not in a file yet"]
        : isChanged ? ["changed", `Unsaved changes – ${kept}`] : ["saved", "Saved"];
    [$("status").dataset.state, $("status").textContent] = status;
    $("save").disabled = Boolean(this.source.file) && !isChanged && !this.theirs;
    $("revert").hidden = !isChanged || !this.source.file;
    document.title = `${isChanged ? "• " : ""}${this.source.file || "New diagram"} – diagramkit`;
  }

  /** Save to the file. Return whether that succeeded. */
  async save() {
    if (!this.source.file) return this.saveAs();
    if (this.isSaving) return false;
    this.isSaving = true;
    const { text } = this;
    try {
      this.#take(await post("/save", { file: this.source.file, text, digest: (this.theirs ?? this.source).digest }));
      notify(`Saved ${this.source.file}`);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) this.#showConflict(error.data);
      else notify(error.status === 0 ? "Not saved: the server is not running. Your text is kept as a draft." : `Not saved: ${error.message}`);
      return false;
    } finally {
      this.isSaving = false;
      this.showStatus();
    }
  }

  /** Take note of what the file contains now. */
  #take(document) {
    this.source = { ...this.source, ...document, title: document.title || this.source.title, line: this.source.line };
    this.theirs = null;
    $("banner").hidden = true;
    this.onChange();
  }

  /** Take note of a new file that the text was saved to. */
  saved(document, place) {
    this.place.clear();
    this.place = place;
    this.#take(document);
  }

  /** Look at the file after a change of the project. */
  async check() {
    if (!this.source.file || this.isSaving) return;
    let now;
    try {
      now = await get(`/file?path=${encodeURIComponent(this.source.file)}`);
    } catch (error) {
      if (error.status !== 404) return;
      now = { text: "", digest: "", file: this.source.file };
    }
    if (this.isSaving || now.digest === (this.theirs ?? this.source).digest) return;
    const wasChanged = this.isChanged;
    if (now.text === this.text && now.digest) this.#take(now);
    else if (wasChanged || !now.digest) this.#showConflict(now);
    else {
      this.#take(now);
      this.view.dispatch(replacement(this.view.state, now.text, "reload"));
      notify("The file changed on the disk and was loaded again");
    }
  }

  /** Undo all unsaved changes, after a question. */
  async revert() {
    const answer = await ask("Discard unsaved changes?", "The text becomes that of the file. Undo brings your changes back until you leave this page.", [
      ["discard", "Discard changes", "danger"],
      ["", "Keep them", ""],
    ]);
    if (answer === "discard") this.view.dispatch(replacement(this.view.state, this.source.text, "revert"));
  }

  #showConflict(theirs) {
    this.theirs = theirs;
    const isRemoved = !theirs.digest;
    const button = (label, run, kind = "") => make("button", { type: "button", class: `small ${kind}`, onclick: run }, label);
    const parts = [
      symbol("warning"),
      make("p", {}, isRemoved ? "This file was removed from the disk. " : "This file changed on the disk while you were editing. ", make("span", {}, "Nothing is overwritten until you choose.")),
      button(isRemoved ? "Save it again" : "Keep mine", () => this.keepMine()),
      isRemoved ? null : button("Take theirs", () => this.takeTheirs()),
      isRemoved ? null : button("Side by side", () => this.compareSides(), "primary"),
    ];
    $("banner").replaceChildren(...parts.filter(Boolean));
    $("banner").hidden = false;
    this.showStatus();
  }

  keepMine() {
    return this.save();
  }

  takeTheirs() {
    const { theirs } = this;
    this.view.dispatch(replacement(this.view.state, theirs.text, "theirs"));
    this.#take(theirs);
    notify("The text is that of the file now. Undo brings yours back.");
  }

  async compareSides() {
    const { theirs } = this;
    const merged = await this.compare(this.text, theirs.text);
    if (merged === null || this.theirs !== theirs) return;
    this.view.dispatch(edited(this.view.state, merged, "merge"));
    this.#take(theirs);
  }
}
