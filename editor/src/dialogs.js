// Dialogs: one at a time, opened with a promise of what was chosen.
import { make, symbol } from "./elements.js";

/** Open a dialog and return what it is closed with: the value of a button, or "" if it is dismissed. */
export const open = (dialog) =>
  new Promise((done) => {
    dialog.returnValue = "";
    dialog.addEventListener("close", () => done(dialog.returnValue), { once: true });
    dialog.showModal();
  });

/** Return a new dialog with a title and a button that closes it, in the page. */
export const createDialog = (id, title, ...content) => {
  const heading = make("h2", { id: `${id}-title` }, title);
  const close = make("button", { type: "button", class: "close", "aria-label": "Close" }, symbol("close"));
  const dialog = make("dialog", { id, "aria-labelledby": `${id}-title` }, make("header", {}, heading, close), ...content);
  close.addEventListener("click", () => dialog.close(""));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close(""));
  document.body.append(dialog);
  return dialog;
};

/** Ask a question and return the value of the button that was pressed, or "" for none. `choices` are [value, label]. */
export const ask = async (title, text, choices) => {
  const buttons = choices.map(([value, label, kind = ""]) => make("button", { type: "button", class: kind, value }, label));
  const dialog = createDialog("question", title, make("p", {}, text), make("div", { class: "buttons" }, ...buttons));
  for (const button of buttons) button.addEventListener("click", () => dialog.close(button.value));
  const answer = await open(dialog);
  dialog.remove();
  return answer;
};
