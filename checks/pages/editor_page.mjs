// The editor as a person uses it: what a test does on the page.
import assert from "node:assert/strict";

export class EditorPage {
  constructor(page, address) {
    Object.assign(this, { page, address });
  }

  async open(path) {
    await this.page.goto(new URL(path, this.address).href);
    await this.ready();
  }

  async ready() {
    await this.page.waitForFunction(() => document.documentElement.dataset.ready && document.documentElement.dataset.drawn);
    await this.page.evaluate(() => document.fonts.ready);
  }

  /** The text in the editor, line by line. Only the visible lines are in the page, so tests keep their texts short. */
  async text() {
    return this.page.evaluate(() => [...document.querySelectorAll("#editor .cm-line")].map((line) => line.textContent).join("\n"));
  }

  async hasText(expected) {
    await this.page.waitForFunction(
      (text) => [...document.querySelectorAll("#editor .cm-line")].map((line) => line.textContent).join("\n") === text, expected,
    ).catch(async () => assert.equal(await this.text(), expected));
  }

  async focusText() {
    if (await this.page.locator('[data-pane-button="text"]').isVisible()) await this.page.click('[data-pane-button="text"]');
    await this.page.locator("#editor .cm-content").click();
  }

  async typeAtEnd(text) {
    await this.focusText();
    await this.page.keyboard.press("Control+End");
    await this.page.keyboard.type(text);
  }

  /** Wait until the picture is that of the text. */
  async drawn(condition, argument) {
    await this.page.waitForFunction(condition, argument);
  }

  async nodes() {
    return this.page.locator("#picture .node").count();
  }

  async hasNodes(count) {
    await this.page.waitForFunction(
      (number) => document.getElementById("picture").shadowRoot.querySelectorAll(".node").length === number
        && !document.getElementById("stage").classList.contains("old"), count);
  }

  async save() {
    await this.page.keyboard.press("Control+s");
    await this.isSaved();
  }

  async isSaved() {
    await this.page.waitForFunction(() => document.getElementById("status").textContent === "Saved");
  }

  async message(pattern) {
    await this.page.waitForFunction((text) => new RegExp(text).test(document.getElementById("message").textContent), pattern.source);
  }

  node(id) {
    return this.page.locator(`#picture [data-id="${id}"]`);
  }

  /** Drag a node to the right of another one, or below it, in several movements. */
  async dragBeside(id, other) {
    const [from, to] = [await this.node(id).boundingBox(), await this.node(other).boundingBox()];
    const [x, y] = [from.x + from.width / 2, from.y + Math.min(from.height / 2, 20)];
    const [dx, dy] = [to.x - from.x + 6, to.y - from.y + to.height];
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    for (let part = 1; part <= 8; part += 1) await this.page.mouse.move(x + (dx * part) / 8, y + (dy * part) / 8);
    await this.page.mouse.up();
  }

  /** Wait until nothing is changed and drawn any more. */
  async settled() {
    let before = "";
    for (let now = null; now !== before; ) {
      before = now ?? "";
      await this.page.waitForTimeout(250);
      now = `${await this.page.evaluate(() => document.documentElement.dataset.drawn)} ${await this.text()}`;
    }
  }
}
