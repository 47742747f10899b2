// What is selected in the picture: a node, group or edge. It leads to its line in the source, and the cursor leads back.
import { $ } from "./elements.js";
import { offsetOf } from "./problems.js";

const SVG = "http://www.w3.org/2000/svg";

export class Selection {
  constructor(preview, viewport, view, onChange) {
    Object.assign(this, { preview, viewport, view, onChange });
    this.parts = { nodes: [], groups: [], edges: [], places: {} };
    this.selected = null; // { kind, id } or { kind: "edge", from, to }
    this.pressed = [0, 0];
    $("stage").addEventListener("pointerdown", (event) => { this.pressed = [event.clientX, event.clientY]; });
    $("stage").addEventListener("click", (event) => this.#onClick(event));
    $("stage").addEventListener("dblclick", () => this.selected && this.goToSource());
    $("stage").addEventListener("keydown", (event) => this.#onKey(event));
    preview.root.addEventListener("focusin", (event) => this.#onFocus(event));
  }

  /** Take note of a new picture. The selection stays if what is selected still exists. */
  update(answer) {
    this.parts = { nodes: answer.nodes, groups: answer.groups, edges: answer.edges, places: answer.grid.places };
    for (const element of this.preview.svg.querySelectorAll("[data-id]")) {
      const part = this.partOf(element.dataset.id);
      element.setAttribute("tabindex", "-1");
      element.setAttribute("role", "button");
      element.setAttribute("aria-roledescription", element.classList.contains("group") ? "group" : "node");
      if (!element.textContent.trim()) element.setAttribute("aria-label", part?.label || element.dataset.id);
    }
    if (this.selected && this.selected.kind !== "edge" && !this.partOf(this.selected.id)) this.selected = null;
    this.#mark();
    const { focusedId } = this.preview;
    if (focusedId) (this.elementOf(focusedId) ?? $("stage")).focus({ preventScroll: true });
    this.onChange(this.selected);
  }

  /** Return the node or group with an id. */
  partOf(id) {
    return this.parts.nodes.find((one) => one.id === id) ?? this.parts.groups.find((one) => one.id === id);
  }

  elementOf(id) {
    return this.preview.svg?.querySelector(`[data-id="${CSS.escape(id)}"]`) ?? null;
  }

  /** Return the ids of all nodes and groups in the order of the picture. */
  get ids() {
    return [...(this.preview.svg?.querySelectorAll("[data-id]") ?? [])].map((element) => element.dataset.id);
  }

  select(selected, { focus = false } = {}) {
    this.selected = selected;
    this.#mark();
    const box = selected?.id && this.parts.places[selected.id]?.box;
    if (focus && box) {
      this.viewport.reveal(box);
      this.elementOf(selected.id)?.focus({ preventScroll: true });
    }
    this.onChange(this.selected);
  }

  /** Return where the selected part is in the source. */
  #spanOf(selected) {
    if (selected?.kind === "edge") return this.parts.edges.find((edge) => edge.from === selected.from && edge.to === selected.to);
    return selected && this.partOf(selected.id);
  }

  /** Show the line of what is selected, without moving the focus. */
  showLine() {
    const span = this.#spanOf(this.selected);
    const offset = span && offsetOf(this.view.state.doc, span.line, span.column);
    if (offset == null) return;
    this.view.dispatch({ selection: { anchor: offset }, scrollIntoView: true });
  }

  /** Go to the source of what is selected, and select its label there. */
  goToSource() {
    const part = this.#spanOf(this.selected);
    if (!part) return;
    const offset = offsetOf(this.view.state.doc, part.line, part.column);
    if (offset === null) return;
    document.dispatchEvent(new CustomEvent("show-pane", { detail: "text" }));
    const line = this.view.state.doc.lineAt(offset);
    const label = part.label && part.label !== part.id ? line.text.indexOf(part.label, offset - line.from) : -1;
    const id = part.id && line.text.startsWith(part.id, offset - line.from) ? part.id.length : 0;
    const [anchor, head] = label >= 0
      ? [line.from + label, line.from + label + part.label.length]
      : [offset, offset + id];
    this.view.dispatch({ selection: { anchor, head }, scrollIntoView: true });
    this.view.focus();
  }

  /** Mark what the line of the cursor describes. */
  markLine(line) {
    const marked = this.parts.nodes.filter((node) => node.line === line).map((node) => node.id);
    const groups = this.parts.groups.filter((group) => group.line === line).map((group) => group.id);
    this.#outline("at-cursor", [...marked, ...groups]);
  }

  #mark() {
    const current = this.selected?.id ?? this.ids[0];
    for (const element of this.preview.svg?.querySelectorAll("[data-id]") ?? []) {
      element.setAttribute("tabindex", element.dataset.id === current ? "0" : "-1");
      element.setAttribute("aria-pressed", String(element.dataset.id === this.selected?.id));
    }
    for (const element of this.preview.svg?.querySelectorAll("[data-from]") ?? []) {
      const isSelected = this.selected?.kind === "edge" && element.dataset.from === this.selected.from && element.dataset.to === this.selected.to;
      element.style.filter = isSelected ? "drop-shadow(0 0 2px var(--mark)) drop-shadow(0 0 1px var(--mark))" : "";
    }
    this.#outline("selected", this.selected?.id ? [this.selected.id] : []);
  }

  /** Draw an outline around nodes and groups, above the picture. */
  #outline(name, ids) {
    const { svg } = this.preview;
    if (!svg) return;
    svg.querySelector(`:scope > g.${name}`)?.remove();
    const layer = document.createElementNS(SVG, "g");
    layer.setAttribute("class", name);
    layer.setAttribute("pointer-events", "none");
    for (const id of ids) {
      const box = this.parts.places[id]?.box;
      if (!box) continue;
      const rectangle = document.createElementNS(SVG, "rect");
      const attributes = {
        x: box[0] - 5, y: box[1] - 5, width: box[2] + 10, height: box[3] + 10, rx: 7, fill: "none",
        style: name === "selected" ? "stroke: var(--mark); stroke-width: 2.5" : "stroke: var(--mark); stroke-width: 1.5; stroke-dasharray: 4 3",
      };
      for (const [key, value] of Object.entries(attributes)) rectangle.setAttribute(key, value);
      layer.append(rectangle);
    }
    svg.append(layer);
  }

  #partAt(event) {
    const element = event.composedPath().find((one) => one.dataset?.id || one.dataset?.from);
    if (!element) return null;
    const { id, from, to } = element.dataset;
    if (from) return { kind: "edge", from, to };
    return { kind: element.classList.contains("group") ? "group" : "node", id };
  }

  #onClick(event) {
    const link = event.composedPath().find((one) => one.localName === "a");
    if (link) event.preventDefault(); // A link of the picture would leave the editor.
    const [x, y] = this.pressed;
    if (Math.hypot(event.clientX - x, event.clientY - y) > 5) return; // The picture or a node was dragged.
    const part = this.#partAt(event);
    this.select(part, { focus: Boolean(part?.id) });
    if (part) this.showLine();
  }

  #onFocus(event) {
    const { id } = event.target.dataset ?? {};
    if (id && this.selected?.id !== id) this.select({ kind: event.target.classList.contains("group") ? "group" : "node", id });
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { n: 1, p: -1 }[event.key];
    if (step) {
      const { ids } = this;
      if (!ids.length) return;
      const next = (ids.indexOf(this.selected?.id) + step + ids.length) % ids.length;
      this.select({ kind: this.parts.groups.some((one) => one.id === ids[next]) ? "group" : "node", id: ids[next] }, { focus: true });
      event.preventDefault();
    } else if (event.key === "Escape" && this.selected) {
      this.select(null);
      $("stage").focus();
    } else if ((event.key === "Enter" || event.key === "F2") && this.selected) {
      this.goToSource();
      event.preventDefault();
    }
  }
}
