// New diagrams: from a template or an empty one, into a file; and saving a text to a new file.
import { pathOf, post } from "./api.js";
import { createDialog, open } from "./dialogs.js";
import { isDark, make } from "./elements.js";

const ENDINGS = { mermaid: ".mmd", spec: ".yaml", markdown: ".md" };
const EMPTY = { mermaid: "flowchart LR\n", spec: "title: New diagram\ndiagram: |\n  flowchart LR\n" };

const words = (name) => name.replaceAll("-", " ").replace(/\bapi\b/, "API").replace(/^./, (letter) => letter.toUpperCase());

const preview = async (image, text) => {
  const answer = await post("/draw", { text, language: "mermaid", options: { theme: isDark() ? "dark" : "light", title: false } }).catch(() => null);
  if (answer?.svg) image.src = `data:image/svg+xml,${encodeURIComponent(answer.svg)}`;
};

const choice = (name, title, text, isChecked) => {
  const image = make("img", { alt: "" });
  if (text) preview(image, text);
  return make(
    "label",
    { class: "template" },
    make("input", { type: "radio", name: "template", value: name, checked: isChecked }),
    make("span", { class: "template-picture" }, text ? image : make("span", { class: "blank" }, "Empty")),
    make("span", {}, title),
  );
};

/** Ask for a name, create the file and return what the server says about it; null if the dialog is dismissed. */
const createWithName = async (dialog, form, nameField, error, textOf) => {
  let created = null;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      created = await post("/create", { name: nameField.value.trim(), text: textOf() });
      dialog.close("created");
    } catch (failure) {
      error.textContent = `${failure.message[0].toUpperCase()}${failure.message.slice(1)}.`;
      nameField.setAttribute("aria-invalid", "true");
      nameField.focus();
    }
  });
  await open(dialog);
  dialog.remove();
  return created;
};

/** Offer the templates, and go to the new diagram. */
export const newDiagram = async (templates) => {
  const name = make("input", { type: "text", id: "new-name", value: "architecture.mmd", required: true, autocomplete: "off", spellcheck: false, "aria-describedby": "new-error" });
  const error = make("p", { class: "form-error", id: "new-error", role: "alert" });
  const kind = make("select", { id: "new-kind" }, make("option", { value: "mermaid" }, "Mermaid (.mmd)"), make("option", { value: "spec" }, "YAML spec (.yaml)"));
  const cards = make(
    "fieldset",
    { class: "templates" },
    make("legend", {}, "Start from"),
    ...templates.map((template, index) => choice(template.name, words(template.name), template.mermaid, index === 0)),
    choice("", "Empty diagram", "", false),
  );
  const form = make(
    "form",
    {},
    cards,
    make("div", { class: "fields" },
      make("label", { for: "new-kind" }, make("span", {}, "Kind"), kind),
      make("label", { for: "new-name" }, make("span", {}, "File"), name)),
    error,
    make("div", { class: "buttons" }, make("button", { type: "submit", class: "primary" }, "Create diagram")),
  );
  const dialog = createDialog("new-dialog", "New diagram", form);
  let isNamed = false;
  name.addEventListener("input", () => { isNamed = true; });
  const propose = () => {
    const chosen = form.elements.template.value || "diagram";
    name.value = (isNamed ? name.value.replace(/\.\w+$/, "") : chosen) + ENDINGS[kind.value];
  };
  form.addEventListener("change", (event) => event.target !== name && propose());
  propose();
  const textOf = () => {
    const template = templates.find((one) => one.name === form.elements.template.value);
    return template ? template[kind.value] : EMPTY[kind.value];
  };
  const created = await createWithName(dialog, form, name, error, textOf);
  if (created) location.assign(addressOf(created));
};

/** Return the address of a new file in the editor. */
export const addressOf = (created) =>
  created.name ? `/edit/${pathOf(created.name)}` : `/edit?file=${encodeURIComponent(created.file)}`;

/** Ask where to save a text, and return what the server says about the new file, or null. */
export const saveToNewFile = async (text, language, title) => {
  const stem = (title || "diagram").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "diagram";
  const name = make("input", { type: "text", id: "save-name", value: stem + (ENDINGS[language] ?? ".mmd"), required: true, autocomplete: "off", spellcheck: false, "aria-describedby": "save-error" });
  const error = make("p", { class: "form-error", id: "save-error", role: "alert" });
  const form = make("form", {},
    make("label", { for: "save-name" }, make("span", {}, "File"), name), error,
    make("div", { class: "buttons" }, make("button", { type: "submit", class: "primary" }, "Save")));
  return createWithName(createDialog("save-dialog", "Save as a new file", form), form, name, error, () => text);
};
