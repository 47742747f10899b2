// Dragging nodes and groups, and moving them with the arrow keys. What is dropped gets a pin: a rank and a line.
//
// A rank is a position along the direction of the flow, a line one across it; both count from 1 within the group.
import { $ } from "./elements.js";

const SVG = "http://www.w3.org/2000/svg";
const SLACK = 5; // Pixels that the pointer moves before something is dragged.
const EDGE = 8; // How wide the border of a group is for the pointer, in points of the picture.
const isAcross = (direction) => direction === "LR" || direction === "RL";

/** Return what an arrow key means: steps of rank and line. */
const steps = (key, direction) => {
  const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const [along, across] = isAcross(direction) ? [x, y] : [y, x];
  return [direction === "RL" || direction === "BT" ? -along : along, across];
};

export class Dragging {
  /** `onPin(id, [rank, line] or null)` writes or removes a pin. */
  constructor(preview, viewport, selection, { onPin, onIcon }) {
    Object.assign(this, { preview, viewport, selection, onPin, onIcon, grid: { direction: "TB", places: {} }, pending: Promise.resolve() });
    // Before the viewport, which would move the picture.
    $("stage").addEventListener("pointerdown", (event) => this.#onPointerDown(event), { capture: true });
    $("stage").addEventListener("keydown", (event) => this.#onKey(event));
  }

  update(grid) {
    this.grid = grid;
  }

  get #selectedId() {
    return this.selection.selected?.id ?? null;
  }

  // With the keyboard

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const id = this.#selectedId;
    const place = id && this.grid.places[id];
    if (/^Arrow/.test(event.key)) {
      event.preventDefault();
      if (!place) this.#pan(event.key);
      else this.#move(id, steps(event.key, this.grid.direction));
    } else if ((event.key === "Delete" || event.key === "Backspace") && place?.pinned) {
      event.preventDefault();
      this.onPin(id, null);
    } else if (event.key === "i" && this.selection.selected?.kind === "node") {
      event.preventDefault();
      this.onIcon(this.selection.partOf(id));
    }
  }

  #pan(key) {
    const [x, y] = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[key];
    this.viewport.pan(x, y);
  }

  /** Move a node by steps, one after the other: each begins where the one before has led. */
  #move(id, [along, across]) {
    this.pending = this.pending.then(async () => {
      const place = this.grid.places[id];
      if (!place) return;
      const target = [Math.max(1, place.rank + along), Math.max(1, place.line + across)];
      if (target[0] === place.rank && target[1] === place.line) return;
      await this.onPin(id, target);
    });
  }

  // With the pointer

  #onPointerDown(event) {
    const element = event.composedPath().find((one) => one.dataset?.id);
    const id = element?.dataset.id;
    if (event.button !== 0 || !id || !this.grid.places[id] || !this.#isHandle(event, element)) return;
    event.preventDefault();
    const start = [event.clientX, event.clientY];
    let drag = null;
    const move = (moved) => {
      if (!drag && Math.hypot(moved.clientX - start[0], moved.clientY - start[1]) > SLACK) drag = this.#begin(id, start);
      if (drag) this.#drag(drag, moved);
    };
    const stop = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", cancel);
      removeEventListener("keydown", escape, true);
    };
    const end = () => {
      stop();
      if (drag) this.#drop(drag);
    };
    const cancel = () => {
      stop();
      if (drag) this.#finish(drag);
    };
    const escape = (pressed) => {
      if (pressed.key !== "Escape") return;
      pressed.stopPropagation();
      cancel();
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", cancel);
    addEventListener("keydown", escape, true);
  }

  /** Return whether something is dragged here. A group is by its border and title; its area moves the picture. */
  #isHandle(event, element) {
    if (!element.classList.contains("group") || element.dataset.id === this.#selectedId) return true;
    const [x, y, width, height] = this.grid.places[element.dataset.id].box;
    const [px, py] = this.viewport.pointAt(event.clientX, event.clientY);
    const distance = Math.min(px - x, x + width - px, py - y, y + height - py);
    return distance < EDGE || event.composedPath()[0].localName !== "rect";
  }

  /** Begin to drag a node or group: with a copy of it that follows the pointer, and guides for its group. */
  #begin(id, start) {
    const place = this.grid.places[id];
    const layer = document.createElementNS(SVG, "g");
    layer.setAttribute("class", "dragging");
    layer.setAttribute("pointer-events", "none");
    const parts = this.#partsOf(id);
    const copy = document.createElementNS(SVG, "g");
    copy.setAttribute("opacity", "0.75");
    for (const part of parts) copy.append(part.cloneNode(true));
    const guides = document.createElementNS(SVG, "g");
    layer.append(guides, copy);
    this.preview.svg.append(layer);
    for (const part of parts) part.style.opacity = "0.25";
    const others = Object.entries(this.grid.places).filter(([other, one]) => other !== id && one.group === place.group).map(([, one]) => one);
    const drag = { id, place, layer, guides, copy, parts, others, start: this.viewport.pointAt(...start), ranks: this.#ranks(place, others), target: null };
    this.selection.select({ kind: parts[0].classList.contains("group") ? "group" : "node", id });
    $("stage").classList.add("is-dragging");
    return drag;
  }

  /** Return the elements of a node, or of a group and all that is in it. */
  #partsOf(id) {
    const isInside = (one) => {
      for (let current = one; current; current = this.grid.places[current]?.group) if (current === id) return true;
      return false;
    };
    return [...this.preview.svg.querySelectorAll("[data-id]")].filter((element) => isInside(element.dataset.id));
  }

  /** Return the ranks of a group with where they are along the flow, and one more behind the last. */
  #ranks(place, others) {
    const sign = this.grid.direction === "RL" || this.grid.direction === "BT" ? -1 : 1;
    const centers = new Map();
    for (const one of [...others, place]) {
      const list = centers.get(one.rank) ?? [];
      list.push(this.#along(one.box));
      centers.set(one.rank, list);
    }
    const ranks = [...centers].map(([rank, list]) => ({ rank, at: list.reduce((sum, one) => sum + one, 0) / list.length })).sort((a, b) => a.rank - b.rank);
    const size = isAcross(this.grid.direction) ? place.box[2] : place.box[3];
    const gap = ranks.length > 1 ? Math.abs(ranks.at(-1).at - ranks[0].at) / (ranks.length - 1) : size + 60;
    ranks.push({ rank: ranks.at(-1).rank + 1, at: ranks.at(-1).at + sign * Math.max(gap, size) });
    return ranks;
  }

  #along(box) {
    return isAcross(this.grid.direction) ? box[0] + box[2] / 2 : box[1] + box[3] / 2;
  }

  #across(box) {
    return isAcross(this.grid.direction) ? box[1] + box[3] / 2 : box[0] + box[2] / 2;
  }

  #drag(drag, event) {
    const [x, y] = this.viewport.pointAt(event.clientX, event.clientY);
    const [dx, dy] = [x - drag.start[0], y - drag.start[1]];
    drag.copy.setAttribute("transform", `translate(${dx} ${dy})`);
    const box = [drag.place.box[0] + dx, drag.place.box[1] + dy, drag.place.box[2], drag.place.box[3]];
    const along = this.#along(box);
    const nearest = drag.ranks.reduce((best, one) => (Math.abs(one.at - along) < Math.abs(best.at - along) ? one : best));
    const inRank = drag.others.filter((one) => one.rank === nearest.rank).sort((a, b) => this.#across(a.box) - this.#across(b.box));
    const line = 1 + inRank.filter((one) => this.#across(one.box) < this.#across(box)).length;
    drag.target = [nearest.rank, line];
    this.#showGuides(drag, nearest, inRank, line);
  }

  /** Show the ranks of the group, and the place where the node would go. */
  #showGuides(drag, target, inRank, line) {
    const across = isAcross(this.grid.direction);
    const frame = drag.place.group ? this.grid.places[drag.place.group]?.box : null;
    const { width, height } = this.preview.svg.viewBox.baseVal;
    const [fx, fy, fw, fh] = frame ?? [0, 0, width, height];
    const shape = (name, attributes, style) => {
      const element = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      element.setAttribute("style", style);
      return element;
    };
    const rankLine = ({ at }, style) =>
      shape("line", across ? { x1: at, x2: at, y1: fy, y2: fy + fh } : { x1: fx, x2: fx + fw, y1: at, y2: at }, style);
    const size = across ? drag.place.box[3] : drag.place.box[2];
    const before = inRank[line - 2];
    const after = inRank[line - 1];
    const middle = !before && !after
      ? (across ? fy + fh / 2 : fx + fw / 2)
      : !before ? this.#across(after.box) - size
        : !after ? this.#across(before.box) + size
          : (this.#across(before.box) + this.#across(after.box)) / 2;
    const [w, h] = drag.place.box.slice(2);
    const [cx, cy] = across ? [target.at, middle] : [middle, target.at];
    drag.guides.replaceChildren(
      ...drag.ranks.map((one) => rankLine(one, "stroke: var(--mark); stroke-width: 1; stroke-dasharray: 2 5; opacity: .7")),
      rankLine(target, "stroke: var(--mark); stroke-width: 2"),
      shape("rect", { x: cx - w / 2 - 5, y: cy - h / 2 - 5, width: w + 10, height: h + 10, rx: 8 }, "fill: var(--mark); fill-opacity: .16; stroke: var(--mark); stroke-width: 2"),
    );
    $("drag-place").textContent = `Rank ${drag.target[0]}, line ${drag.target[1]}`;
    $("drag-place").hidden = false;
  }

  #drop(drag) {
    this.#finish(drag);
    const [rank, line] = drag.target ?? [];
    if (rank === undefined || (rank === drag.place.rank && line === drag.place.line)) return;
    this.onPin(drag.id, [rank, line]);
  }

  #finish(drag) {
    drag.layer.remove();
    for (const part of drag.parts) part.style.opacity = "";
    $("stage").classList.remove("is-dragging");
    $("drag-place").hidden = true;
  }
}
