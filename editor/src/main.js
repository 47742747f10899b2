// The editor of one diagram: this puts its parts together.
import { redo, redoDepth, undo, undoDepth } from "@codemirror/commands";

import { get, listen, pathOf, post } from "./api.js";
import { compare } from "./compare.js";
import { known } from "./completion.js";
import { open } from "./dialogs.js";
import { fillDownloadMenu } from "./downloads.js";
import { Dragging } from "./dragging.js";
import { openDraft } from "./drafts.js";
import { $, isDark, notify, perFrame } from "./elements.js";
import { IconBrowser } from "./icon_browser.js";
import { showInspector } from "./inspector.js";
import { fileText } from "./line_endings.js";
import { addressOf, newDiagram, saveToNewFile } from "./new_diagram.js";
import { OptionsPanel } from "./options_panel.js";
import { setUpPanes, showPane } from "./panes.js";
import { Preview } from "./preview.js";
import { showProblems } from "./problems.js";
import { replacement } from "./replace_text.js";
import { Saving } from "./saving.js";
import { Selection } from "./selection.js";
import { share, sourceOf } from "./sharing.js";
import { createEditor, loadText } from "./text_editor.js";
import { setUpTheme } from "./theme.js";
import { Viewport } from "./viewport.js";

const project = document.body.dataset.project;

/** Return the source that the address of the page names, and what to put into it. */
const sourceOfPage = async () => {
  const parameters = new URLSearchParams(location.search);
  const name = decodeURIComponent(location.pathname.replace(/^\/edit\/?/, ""));
  if (name) return { ...(await get(`/source/${pathOf(name)}`)), name };
  if (parameters.has("file")) return { ...(await get(`/file?path=${encodeURIComponent(parameters.get("file"))}`)), name: "" };
  const shared = await sourceOf(location.hash);
  if (location.hash.startsWith("#source=") && !shared) notify("The link is damaged: it contains no source");
  const id = parameters.get("draft") ?? crypto.randomUUID();
  history.replaceState(null, "", `/edit?draft=${encodeURIComponent(id)}`);
  return { text: "", file: "", digest: "", language: shared?.language ?? "mermaid", line: 1, title: "", name: "", draft: id, shared: shared?.text };
};

const showFailure = (error) => {
  const isMissing = error.status === 404;
  $("failure").hidden = false;
  $("file").textContent = isMissing ? "Not found" : "Not opened";
  document.body.classList.add("failed");
  $("failure-text").textContent = isMissing
    ? "There is no such diagram in this project. It may have been renamed or removed."
    : `The diagram cannot be opened: ${error.message}.`;
};

class Editor {
  constructor(source, place, language) {
    this.source = source;
    this.view = createEditor($("editor"), place.record?.language ?? source.language, (update) => this.#onUpdate(update));
    loadText(this.view, source.text);
    this.viewport = new Viewport($("stage"), $("picture"));
    this.preview = new Preview(() => this.request(), (answer) => this.#onDrawn(answer), () => this.saving.showStatus());
    this.saving = new Saving(this.view, source, place, { saveAs: () => this.#saveAs(), compare });
    this.selection = new Selection(this.preview, this.viewport, this.view, () => this.#showInspector());
    this.options = new OptionsPanel(
      language.options,
      () => this.saving.source.language === "spec",
      () => this.preview.request(),
      (name, value) => this.change({ kind: "option", name, value }),
    );
    this.icons = new IconBrowser(
      (node, icon) => this.change({ kind: "icon", node: node.id, icon }),
      (reference) => this.view.dispatch(this.view.state.replaceSelection(reference)),
    );
    this.dragging = new Dragging(this.preview, this.viewport, this.selection, {
      onPin: async (pins) => (await this.change({ kind: "pin", pins })) && this.preview.settled(),
      onUnpin: (id) => this.change({ kind: "unpin", id }),
      onIcon: (node) => this.icons.open(node),
    });
    Object.assign(known, { shapes: language.shapes, schema: language.schema });
    this.markLine = perFrame(() => this.selection.markLine(this.line));
    this.isReady = true;
  }

  get line() {
    const { state } = this.view;
    return state.doc.lineAt(state.selection.main.head).number;
  }

  get title() {
    return this.saving.source.title || this.saving.source.file.split("/").pop()?.replace(/\.\w+$/, "") || "diagram";
  }

  /** Return what to draw. */
  request() {
    const { file, language } = this.saving.source;
    const isMarkdown = language === "markdown";
    return {
      text: fileText(this.view.state),
      file,
      language,
      line: isMarkdown ? this.line : 1,
      options: this.options.tried,
      page_theme: isDark() ? "dark" : "light",
    };
  }

  #onUpdate(update) {
    if (!this.isReady) return;
    if (update.docChanged) {
      this.saving.onChange();
      this.preview.request();
    }
    if (update.selectionSet) {
      this.markLine();
      if (this.saving.source.language === "markdown" && !update.docChanged) this.#drawOtherFence();
    }
    $("undo").disabled = !undoDepth(this.view.state);
    $("redo").disabled = !redoDepth(this.view.state);
  }

  /** Draw another diagram of the text if the cursor is in it now. */
  #drawOtherFence() {
    clearTimeout(this.fenceTimer);
    this.fenceTimer = setTimeout(() => this.preview.request(), 150);
  }

  #onDrawn(answer) {
    showProblems(this.view, answer.problems, this.saving.source.file);
    const isEmpty = !fileText(this.view.state).trim();
    $("stage").classList.toggle("old", !answer.svg && Boolean(this.preview.svg) && !isEmpty);
    $("empty").hidden = Boolean(this.preview.svg) && !isEmpty;
    if (!answer.svg) return;
    known.ids = [...answer.nodes, ...answer.groups];
    const { width, height } = this.preview.svg.viewBox.baseVal;
    this.viewport.resize(width, height);
    this.selection.update(answer);
    this.dragging.update(answer.grid);
    this.options.update(answer.options);
    this.saving.source.title ||= answer.title;
    this.markLine();
  }

  #showInspector() {
    showInspector(this.selection, {
      goToSource: () => this.selection.goToSource(),
      chooseIcon: (node) => this.icons.open(node),
      unpin: (id) => this.change({ kind: "unpin", id }),
      close: () => this.selection.select(null),
    });
  }

  /** Make a change of the picture in the text: an icon, an option or a pin. It can be undone like typing. */
  async change(change) {
    const request = this.request();
    try {
      const { text } = await post("/change", { ...request, change });
      if (fileText(this.view.state) !== request.text) return this.change(change); // Somebody typed meanwhile.
      this.view.dispatch(replacement(this.view.state, text, `change.${change.kind}`));
      return true;
    } catch (error) {
      notify(`Not changed: ${error.message}`);
      return false;
    }
  }

  async #saveAs() {
    const text = fileText(this.view.state);
    const created = await saveToNewFile(text, this.saving.source.language, this.saving.source.title);
    if (!created) return false;
    history.replaceState(null, "", addressOf(created));
    this.saving.saved(created, await openDraft(project, created.file));
    $("file").textContent = created.file;
    notify(`Saved ${created.file}`);
    return true;
  }
}

const setUpCommands = (editor, language) => {
  const { view, saving, viewport } = editor;
  const run = (id, action) => $(id).addEventListener("click", action);
  run("save", () => saving.save());
  run("revert", () => saving.revert());
  run("undo", () => undo(view));
  run("redo", () => redo(view));
  run("new", () => newDiagram(language.templates));
  run("icons", () => editor.icons.open());
  run("share", () => share(fileText(view.state), saving.source.language));
  run("help", () => open($("help-dialog")));
  run("zoom-in", () => viewport.zoom(1.25));
  run("zoom-out", () => viewport.zoom(0.8));
  run("zoom-level", () => viewport.actualSize());
  run("fit", () => viewport.fit());
  run("problem-toggle", () => {
    const isOpen = $("problems").classList.toggle("open");
    $("problem-toggle").setAttribute("aria-expanded", String(isOpen));
  });
  $("options-panel").addEventListener("toggle", (event) => document.body.classList.toggle("has-style", event.newState === "open"));
  for (const button of document.querySelectorAll("dialog [data-close]"))
    button.addEventListener("click", () => button.closest("dialog").close(""));
  document.addEventListener("keydown", (event) => {
    const isModified = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (isModified && event.key.toLowerCase() === "s") {
      event.preventDefault();
      if (!document.querySelector("dialog[open]")) saving.save();
    }
  });
  $("stage").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = {
      "+": () => viewport.zoom(1.25), "=": () => viewport.zoom(1.25), "-": () => viewport.zoom(0.8),
      0: () => viewport.fit(), 1: () => viewport.actualSize(), "?": () => open($("help-dialog")),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  addEventListener("beforeunload", (event) => {
    // A draft that is kept is not lost, so that only one that is not needs a question.
    if (saving.isChanged && !saving.place.isKept) event.preventDefault();
  });
};

const follow = (editor) => {
  listen(
    () => editor.saving.check(),
    (isConnected) => {
      const wasConnected = editor.saving.isConnected;
      editor.saving.isConnected = isConnected;
      editor.saving.showStatus();
      if (isConnected && !wasConnected) editor.preview.request();
    },
  );
  addEventListener("focus", () => editor.saving.check());
};

const start = async () => {
  setUpPanes();
  let editor = null;
  setUpTheme(() => editor?.preview.request());
  let source;
  let language;
  try {
    [source, language] = await Promise.all([sourceOfPage(), get("/language")]);
  } catch (error) {
    showFailure(error);
    return;
  }
  if (source.editable === false) {
    notify("This picture is made from infrastructure code. Changes here are kept as a new diagram.");
    source = { ...source, shared: source.text, text: "", file: "", draft: `copy-of-${source.name}` };
  }
  const place = await openDraft(project, source.file || `new:${source.draft}`);
  if (!source.file && place.record) source.language = place.record.language;
  $("file").textContent = source.file || "New diagram";
  editor = new Editor(source, place, language);
  const { view, saving } = editor;
  if (saving.restore()) notify(`Unsaved changes of ${new Date(place.record.at).toLocaleString()} were restored`);
  else if (source.shared) view.dispatch(replacement(view.state, source.shared, "input.share"));
  const line = Math.min(source.line ?? 1, view.state.doc.lines);
  view.dispatch({ selection: { anchor: view.state.doc.line(line).from }, scrollIntoView: true });
  setUpCommands(editor, language);
  fillDownloadMenu(language.formats, () => editor.request(), () => editor.title);
  saving.onChange();
  follow(editor);
  editor.preview.request();
  await editor.options.load();
  if (matchMedia("(max-width: 50rem)").matches) showPane(source.file ? "picture" : "text");
  else view.focus();
  document.documentElement.dataset.ready = "true";
};

start();
