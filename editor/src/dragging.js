// Dragging nodes and groups, and moving them with the arrow keys. What is dropped gets a pin: a rank and a line.
//
// A rank is a position along the direction of the flow, a line one across it; both count from 1 within the group.
import { $ } from "./elements.js";

const SVG = "http://www.w3.org/2000/svg";
const SLACK = 5; // Pixels that the pointer moves before something is dragged.
const GAP = 30; // Between a node that is dropped and the next one, in points of the picture.
const EDGE = 8; // How wide the border of a group is for the pointer, in points of the picture.
const isAcross = (direction) => direction === "LR" || direction === "RL";

/** Return what an arrow key means: steps of rank and line. */
const steps = (key, direction) => {
  const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const [along, across] = isAcross(direction) ? [x, y] : [y, x];
  return [direction === "RL" || direction === "BT" ? -along : along, across];
};

export class Dragging {
  /** `onPin(pins)` writes pins, [rank, line] by id; `onUnpin(id)` removes one; `onIcon(node)` chooses an icon. */
  constructor(preview, viewport, selection, { onPin, onUnpin, onIcon }) {
    Object.assign(this, { preview, viewport, selection, onPin, onUnpin, onIcon, grid: { direction: "TB", places: {} }, pending: Promise.resolve() });
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

  /** Return the pins that put something at a rank and line: its own, and those of pinned neighbors that make way. */
  #pinsAfter(id, rank, line) {
    const { group, rank: before } = this.grid.places[id];
    const members = Object.entries(this.grid.places).filter(([other, one]) => other !== id && one.group === group);
    const inRank = (number) => members.filter(([, one]) => one.rank === number).sort(([, a], [, b]) => a.line - b.line).map(([other]) => other);
    const order = inRank(rank);
    order.splice(line - 1, 0, id);
    const pins = {};
    const pin = (names, number) => names.forEach((other, index) => {
      const { pinned } = this.grid.places[other];
      if (pinned || other === id) pins[other] = [number, index + 1];
    });
    pin(order, rank);
    if (before !== rank) pin(inRank(before), before);
    return pins;
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
      this.onUnpin(id);
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
      const pins = this.#pinsAfter(id, ...target);
      if (pins[id][0] !== place.rank || pins[id][1] !== place.line) await this.onPin(pins);
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
    const drag = { id, place, layer, guides, copy, parts, start: this.viewport.pointAt(...start), slots: this.#slots(place, others), target: null };
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

  /** Return the places in a group where something can be dropped, with the center that it would have there. */
  #slots(place, others) {
    const ranks = new Map();
    for (const one of others) ranks.set(one.rank, [...(ranks.get(one.rank) ?? []), one]);
    if (!ranks.has(place.rank)) ranks.set(place.rank, []);
    const slots = [];
    for (const [rank, members] of ranks) {
      members.sort((a, b) => this.#across(a.box) - this.#across(b.box));
      const boxes = members.length ? members.map((one) => one.box) : [place.box];
      const along = boxes.reduce((sum, box) => sum + this.#along(box), 0) / boxes.length;
      if (!members.length) slots.push({ rank, line: 1, along, across: this.#across(place.box) });
      for (let line = 1; members.length && line <= members.length + 1; line += 1)
        slots.push({ rank, line, along, across: this.#between(members[line - 2], members[line - 1], place) });
    }
    const last = slots.reduce((best, one) => (one.rank > best.rank ? one : best));
    if (others.some((one) => one.rank === last.rank)) slots.push(this.#behind(last, place));
    return slots;
  }

  /** Return where the middle of something is, across the flow, between two members of a rank, or at its ends. */
  #between(before, after, place) {
    if (before && after) return (this.#across(before.box) + this.#across(after.box)) / 2;
    const [own, other] = [this.#size(place.box), this.#size((before ?? after).box)];
    const distance = own / 2 + other / 2 + GAP;
    return before ? this.#across(before.box) + distance : this.#across(after.box) - distance;
  }

  /** Return a place in a new rank behind the last one. */
  #behind(last, place) {
    const sign = this.grid.direction === "RL" || this.grid.direction === "BT" ? -1 : 1;
    const size = isAcross(this.grid.direction) ? place.box[2] : place.box[3];
    return { rank: last.rank + 1, line: 1, along: last.along + sign * (size + 2 * GAP), across: last.across };
  }

  #along(box) {
    return isAcross(this.grid.direction) ? box[0] + box[2] / 2 : box[1] + box[3] / 2;
  }

  #across(box) {
    return isAcross(this.grid.direction) ? box[1] + box[3] / 2 : box[0] + box[2] / 2;
  }

  /** Return the size of a box across the flow. */
  #size(box) {
    return isAcross(this.grid.direction) ? box[3] : box[2];
  }

  #point({ along, across }) {
    return isAcross(this.grid.direction) ? [along, across] : [across, along];
  }

  #drag(drag, event) {
    const [x, y] = this.viewport.pointAt(event.clientX, event.clientY);
    const [dx, dy] = [x - drag.start[0], y - drag.start[1]];
    drag.copy.setAttribute("transform", `translate(${dx} ${dy})`);
    const [left, top, width, height] = drag.place.box;
    const center = [left + dx + width / 2, top + dy + height / 2];
    const distance = (slot) => Math.hypot(...this.#point(slot).map((value, index) => value - center[index]));
    drag.target = drag.slots.reduce((best, one) => (distance(one) < distance(best) ? one : best));
    this.#showGuides(drag);
  }

  /** Show the ranks and lines of the group, and the place where the node would go. */
  #showGuides({ guides, slots, target, place }) {
    const shape = (name, attributes, style) => {
      const element = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      element.setAttribute("style", `stroke: var(--mark); ${style}`);
      return element;
    };
    const ranks = [...new Set(slots.map((slot) => slot.rank))].map((rank) => slots.filter((slot) => slot.rank === rank));
    const lines = ranks.map((rank) => {
      const ends = [Math.min(...rank.map((one) => one.across)) - GAP, Math.max(...rank.map((one) => one.across)) + GAP];
      const [[x1, y1], [x2, y2]] = ends.map((across) => this.#point({ along: rank[0].along, across }));
      const isTarget = rank[0].rank === target.rank;
      return shape("line", { x1, y1, x2, y2 }, isTarget ? "stroke-width: 2" : "stroke-width: 1; stroke-dasharray: 3 4");
    });
    const dots = slots.map((slot) => {
      const [cx, cy] = this.#point(slot);
      return shape("circle", { cx, cy, r: 3.5 }, "stroke-width: 1.5; fill: white");
    });
    const [width, height] = place.box.slice(2);
    const [x, y] = this.#point(target);
    const box = { x: x - width / 2 - 5, y: y - height / 2 - 5, width: width + 10, height: height + 10, rx: 8 };
    guides.replaceChildren(...lines, ...dots, shape("rect", box, "stroke-width: 2; fill: var(--mark); fill-opacity: .16"));
    $("drag-place").textContent = `Rank ${target.rank}, line ${target.line}`;
    $("drag-place").hidden = false;
  }

  #drop(drag) {
    this.#finish(drag);
    if (!drag.target) return;
    const { rank, line } = drag.target;
    const pins = this.#pinsAfter(drag.id, rank, line);
    if (pins[drag.id][0] !== drag.place.rank || pins[drag.id][1] !== drag.place.line) this.onPin(pins);
  }

  #finish(drag) {
    drag.layer.remove();
    for (const part of drag.parts) part.style.opacity = "";
    $("stage").classList.remove("is-dragging");
    $("drag-place").hidden = true;
  }
}
