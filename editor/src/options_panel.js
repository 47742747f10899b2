// The options of the picture: they are tried out first, and then written into the source or the settings on request.
import { get, post } from "./api.js";
import { $, make, notify } from "./elements.js";

const LABELS = { theme: "Theme", canvas: "Canvas", lines: "Lines", frame: "Frame", title: "Title", steps: "Numbered steps" };
const CANVASES = ["16:9", "4:3", "a4", "square", "natural"];
const WORDS = {
  true: "Shown", false: "Hidden", "aws-cloud": "AWS Cloud", auto: "Automatic", light: "Light", dark: "Dark", mono: "Black on white",
  orthogonal: "Right angles", curved: "Curved", straight: "Straight", natural: "As large as needed", a4: "A4", square: "Square",
};

const yamlOf = (value) => (typeof value === "string" && /^\d|^[^\w]/.test(value) ? `'${value}'` : String(value));
const tomlOf = (value) => JSON.stringify(value);

export class OptionsPanel {
  /** `onChange` draws the picture again; `writeToSource(name, value)` changes the text. */
  constructor(options, hasKeys, onChange, writeToSource) {
    Object.assign(this, { options, hasKeys, onChange, writeToSource });
    this.tried = {}; // Values by name; null is "unset".
    this.effective = {};
    this.settings = { values: {}, file: "diagramkit.toml" };
    this.rows = options.map((option) => this.#row(option));
    $("options").append(...this.rows);
  }

  async load() {
    this.settings = await get("/settings");
    this.#showAll();
  }

  /** Take note of the options that the last picture was drawn with. */
  update(effective) {
    this.effective = effective;
    this.#showAll();
  }

  #row(option) {
    const id = `option-${option.name}`;
    const values = option.name === "canvas" ? CANVASES : option.values;
    const select = make(
      "select",
      { id, onchange: () => this.#try(option.name, select.value) },
      make("option", { value: "null" }, "As set"),
      ...values.map((value) => make("option", { value: JSON.stringify(value) }, WORDS[value] ?? String(value))),
      ...(option.name === "frame" ? [make("option", { value: '""' }, "None")] : []),
    );
    if (option.name === "frame") select.lastChild.remove();
    const writes = make("div", { class: "writes" });
    return make("div", { class: "option", dataset: { name: option.name } }, make("label", { for: id }, LABELS[option.name]), select, writes);
  }

  #try(name, json) {
    const value = JSON.parse(json);
    if (value === null) delete this.tried[name];
    else this.tried[name] = value;
    this.#showAll();
    this.onChange();
  }

  #showAll() {
    for (const row of this.rows) this.#show(row, this.options.find((option) => option.name === row.dataset.name));
    const count = Object.keys(this.tried).length;
    $("options-count").textContent = count ? String(count) : "";
    $("options-count").hidden = !count;
  }

  #show(row, option) {
    const { name } = option;
    const select = row.querySelector("select");
    const isTried = name in this.tried;
    const now = this.effective[name] ?? this.settings.values[name];
    select.firstChild.textContent = `As set (${WORDS[now] ?? now ?? (name === "theme" ? "Light" : "none")})`;
    select.value = isTried ? JSON.stringify(this.tried[name]) : "null";
    const writes = row.querySelector(".writes");
    writes.hidden = !isTried;
    if (!isTried) return writes.replaceChildren();
    const value = this.tried[name];
    const lines = [];
    if (option.key && this.hasKeys()) lines.push(["the source", `${option.key}: ${yamlOf(value)}`, () => this.#toSource(name, value)]);
    lines.push([this.settings.file, `${name} = ${tomlOf(value)}`, () => this.#toSettings(name, value)]);
    writes.replaceChildren(
      ...lines.map(([place, code, run]) =>
        make("p", {}, make("code", {}, code), make("button", { type: "button", class: "small", onclick: run }, `Write to ${place}`)),
      ),
    );
  }

  async #toSource(name, value) {
    if (await this.writeToSource(name, value)) {
      delete this.tried[name];
      this.#showAll();
    }
  }

  async #toSettings(name, value) {
    try {
      const answer = await post("/settings", { name, value });
      this.settings = answer;
      delete this.tried[name];
      notify(answer.message);
      this.#showAll();
      this.onChange();
    } catch (error) {
      notify(`Not written: ${error.message}`);
    }
  }
}
