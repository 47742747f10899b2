// Zoom, pan and fit of the picture.
import { $ } from "./elements.js";

const SMALLEST = 0.1;
const LARGEST = 8;
const MARGIN = 24;

export class Viewport {
  constructor(stage, picture) {
    Object.assign(this, { stage, picture, x: 0, y: 0, scale: 1, width: 0, height: 0, isFitted: true });
    this.listeners = [];
    stage.addEventListener("wheel", (event) => this.#onWheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.#onPointerDown(event));
    new ResizeObserver(() => this.isFitted && this.fit()).observe(stage);
    this.pointers = new Map();
  }

  /** Take note of the size of a new picture, in its own units. */
  resize(width, height) {
    [this.width, this.height] = [width, height];
    if (this.isFitted) this.fit();
    else this.#apply();
  }

  fit() {
    const { clientWidth, clientHeight } = this.stage;
    if (!this.width || !clientWidth) return;
    const room = [(clientWidth - 2 * MARGIN) / this.width, (clientHeight - 2 * MARGIN) / this.height];
    this.scale = Math.max(SMALLEST, Math.min(...room, 1.5));
    this.x = (clientWidth - this.width * this.scale) / 2;
    this.y = (clientHeight - this.height * this.scale) / 2;
    this.isFitted = true;
    this.#apply();
  }

  /** Zoom by a factor around a point of the stage; without one, around its middle. */
  zoom(factor, x = this.stage.clientWidth / 2, y = this.stage.clientHeight / 2) {
    const scale = Math.max(SMALLEST, Math.min(LARGEST, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.isFitted = false;
    this.#apply();
  }

  actualSize() {
    this.zoom(1 / this.scale);
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.isFitted = false;
    this.#apply();
  }

  /** Move the picture so that a box in it can be seen. */
  reveal([x, y, width, height]) {
    const left = this.x + x * this.scale;
    const top = this.y + y * this.scale;
    const { clientWidth, clientHeight } = this.stage;
    const isHidden = left < 0 || top < 0 || left + width * this.scale > clientWidth || top + height * this.scale > clientHeight;
    if (isHidden) this.pan(clientWidth / 2 - left - (width * this.scale) / 2, clientHeight / 2 - top - (height * this.scale) / 2);
  }

  /** Return the point of the picture that is at a point of the window. */
  pointAt(clientX, clientY) {
    const bounds = this.stage.getBoundingClientRect();
    return [(clientX - bounds.left - this.x) / this.scale, (clientY - bounds.top - this.y) / this.scale];
  }

  #apply() {
    this.picture.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    $("zoom-level").textContent = `${Math.round(this.scale * 100)} %`;
    for (const listener of this.listeners) listener();
  }

  #onWheel(event) {
    event.preventDefault();
    const bounds = this.stage.getBoundingClientRect();
    if (event.ctrlKey || event.metaKey || !event.shiftKey)
      this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event.clientX - bounds.left, event.clientY - bounds.top);
    else this.pan(-event.deltaY, 0);
  }

  #onPointerDown(event) {
    if (event.defaultPrevented || event.button > 1) return;
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.pointers.size > 1) return;
    const move = (moved) => this.#onPointerMove(moved);
    const end = (ended) => {
      this.pointers.delete(ended.pointerId);
      if (this.pointers.size) return;
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }

  #onPointerMove(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const after = [event.clientX, event.clientY];
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const distance = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
      const bounds = this.stage.getBoundingClientRect();
      this.zoom(distance(after) / distance(before), (after[0] + other[0]) / 2 - bounds.left, (after[1] + other[1]) / 2 - bounds.top);
    } else this.pan(after[0] - before[0], after[1] - before[1]);
    this.pointers.set(event.pointerId, after);
  }
}
