// The icon browser: icons by category, with search.
import { get, iconAddress } from "./api.js";
import { createDialog } from "./dialogs.js";
import { $, make, notify } from "./elements.js";

export class IconBrowser {
  /** `onChoose(node, reference)` writes an icon, `onInsert(reference)` puts its name into the text. */
  constructor(onChoose, onInsert) {
    Object.assign(this, { onChoose, onInsert, node: null, category: "", last: 0, timer: 0 });
    this.query = make("input", { type: "text", id: "icon-query", autocomplete: "off", placeholder: "Lambda, queue, web acl …" });
    this.categories = make("select", { id: "icon-category" });
    this.status = make("p", { class: "icon-status", role: "status" });
    this.grid = make("ul", { class: "icon-grid", "aria-label": "Icons" });
    const reset = make("button", { type: "button", class: "small", onclick: () => this.choose("none") }, "No icon");
    this.reset = reset;
    this.dialog = createDialog(
      "icon-browser",
      "Icons",
      make(
        "div",
        { class: "icon-search" },
        make("label", { for: "icon-query" }, make("span", {}, "Search"), this.query),
        make("label", { for: "icon-category" }, make("span", {}, "Category"), this.categories),
        reset,
      ),
      this.status,
      this.grid,
    );
    this.query.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.search(), 120);
    });
    this.categories.addEventListener("change", () => {
      this.category = this.categories.value;
      this.search();
    });
    this.query.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") this.#focus(0, event);
      if (event.key === "Enter") this.grid.querySelector("button")?.click();
    });
    this.grid.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Open the browser, to choose an icon for a node or, without one, to look for a name. */
  open(node = null) {
    this.node = node;
    this.category = "";
    this.reset.hidden = !node;
    $("icon-browser-title").textContent = node ? `Choose an icon for ${node.label || node.id}` : "Icons";
    this.query.value = node?.label ?? "";
    this.dialog.showModal();
    this.query.select();
    this.search({ orAll: true });
  }

  /** Show the icons that match; with `orAll`, all of them if none does. */
  async search({ orAll = false } = {}) {
    const request = (this.last += 1);
    const query = this.query.value;
    const address = `/icons?q=${encodeURIComponent(query)}&category=${encodeURIComponent(this.category)}`;
    let found;
    try {
      found = await get(address);
    } catch (error) {
      this.status.textContent = `The icons cannot be shown: ${error.message}.`;
      return;
    }
    if (request !== this.last) return;
    if (!found.total && orAll) {
      this.query.value = "";
      this.search();
      return;
    }
    this.#showCategories(found.categories);
    this.status.textContent = this.#statusOf(found, query);
    this.grid.replaceChildren(...found.icons.map((icon, index) => this.#item(icon, index)));
  }

  #statusOf(found, query) {
    if (!found.total) return `No matches for “${query}”. Try another word, or the name of the service.`;
    if (found.closest) return `No matches for “${query}”. The closest names:`;
    const shown = found.icons.length < found.total ? `, the first ${found.icons.length} are shown` : "";
    return `${found.total} icon${found.total === 1 ? "" : "s"}${shown}`;
  }

  #showCategories(categories) {
    const all = categories.reduce((sum, one) => sum + one.count, 0);
    const isListed = categories.some((one) => one.name === this.category);
    if (!isListed) this.category = "";
    this.categories.replaceChildren(
      make("option", { value: "" }, `All (${all})`),
      ...categories.map((one) => make("option", { value: one.name }, `${one.name} (${one.count})`)),
    );
    this.categories.value = this.category;
  }

  #item(icon, index) {
    const picture = make("img", { src: iconAddress(icon.reference), alt: "", loading: "lazy", width: 40, height: 40 });
    const button = make(
      "button",
      { type: "button", title: icon.reference, tabIndex: index ? -1 : 0, onclick: () => this.choose(icon.reference) },
      picture,
      make("span", {}, icon.title),
      make("small", {}, icon.category),
    );
    return make("li", {}, button);
  }

  choose(reference) {
    this.dialog.close();
    if (this.node) this.onChoose(this.node, reference);
    else {
      this.onInsert(reference);
      notify(`Inserted ${reference}`);
    }
  }

  #focus(index, event) {
    const buttons = [...this.grid.querySelectorAll("button")];
    const button = buttons[Math.max(0, Math.min(buttons.length - 1, index))];
    if (!button) return;
    event.preventDefault();
    for (const other of buttons) other.tabIndex = other === button ? 0 : -1;
    button.focus();
  }

  #onKey(event) {
    const buttons = [...this.grid.querySelectorAll("button")];
    const index = buttons.indexOf(document.activeElement);
    if (index < 0) return;
    const columns = buttons.filter((button) => button.offsetTop === buttons[0].offsetTop).length || 1;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -index, End: buttons.length }[event.key];
    if (event.key === "ArrowUp" && index < columns) this.query.focus();
    else if (step !== undefined) this.#focus(index + step, event);
  }
}
