// The picture of the text: drawn by the server while somebody types, one drawing at a time.
//
// If drawings are fast, each change is drawn at once. If they are slow, a drawing waits for a pause in the typing.
import { post } from "./api.js";
import { $ } from "./elements.js";

const FAST = 120; // Milliseconds.
const LONGEST_PAUSE = 400;

const STYLE = `
  :host { display: block; }
  svg { display: block; overflow: visible; }
  .node, .group, .edge { cursor: pointer; outline: none; }
  a { cursor: pointer; }
  .group rect, .group path { pointer-events: all; }
  .edge path { pointer-events: stroke; }
`;

const fontRule = /@font-face\{font-family:'([^']+)';((?:font-[a-z]+:[a-z]+;)*)src:url\((data:font\/woff2;base64,[\w+/=]+)\)[^}]*\}/g;

/** Load the fonts that a picture contains; a page uses those of a shadow tree only if it knows them itself. */
const loadFonts = (svg, loaded) => {
  for (const [, family, descriptors, source] of svg.matchAll(fontRule)) {
    if (loaded.has(source)) continue;
    loaded.add(source);
    const values = Object.fromEntries(descriptors.split(";").filter(Boolean).map((one) => one.replace("font-", "").split(":")));
    document.fonts.add(new FontFace(family, `url(${source})`, values));
  }
};

/** Draws the text of the editor. `requestOf` returns what to draw, `onDrawn` gets each answer. */
export class Preview {
  constructor(requestOf, onDrawn, onFailure) {
    Object.assign(this, { requestOf, onDrawn, onFailure });
    this.root = $("picture").attachShadow({ mode: "open" });
    this.fonts = new Set();
    this.isDrawing = false;
    this.isWaiting = false;
    this.duration = 0;
    this.timer = 0;
    this.drawn = 0;
  }

  /** Draw the text as it is now, as soon as possible. */
  request() {
    this.isWaiting = true;
    clearTimeout(this.timer);
    if (this.isDrawing) return;
    const pause = this.duration > FAST ? Math.min(this.duration / 2, LONGEST_PAUSE) : 0;
    if (pause) this.timer = setTimeout(() => this.#draw(), pause);
    else this.#draw();
  }

  /** Wait until the picture shows the text. */
  async settled() {
    while (this.isDrawing || this.isWaiting) await new Promise((done) => setTimeout(done, 10));
  }

  async #draw() {
    this.isWaiting = false;
    this.isDrawing = true;
    const start = performance.now();
    try {
      const answer = await post("/draw", this.requestOf());
      this.duration = performance.now() - start;
      if (answer.svg) this.#show(answer.svg, answer.description);
      this.onDrawn(answer);
      this.drawn += 1;
      document.documentElement.dataset.drawn = this.drawn;
    } catch (error) {
      this.onFailure(error);
    }
    this.isDrawing = false;
    if (this.isWaiting) this.request();
  }

  #show(text, description) {
    loadFonts(text, this.fonts);
    const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    // What the picture says to screen readers as an image is on the stage; its parts are focusable here.
    for (const name of ["title", "desc", "metadata"]) svg.querySelector(`:scope > ${name}`)?.remove();
    svg.removeAttribute("aria-labelledby");
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", description || "Diagram");
    const style = document.createElement("style");
    style.textContent = STYLE;
    this.svg = document.importNode(svg, true);
    this.focusedId = this.root.activeElement?.dataset.id ?? null; // What had the focus in the picture before.
    this.root.replaceChildren(style, this.svg);
  }
}
