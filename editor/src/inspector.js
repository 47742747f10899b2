// The card about what is selected in the picture: its icon and the reason for it, and what can be done.
import { iconAddress } from "./api.js";
import { $, make, symbol } from "./elements.js";

const SURE = { said: "named in the source", certain: "certain", likely: "likely", guess: "a guess", none: "no icon" };

const action = (name, label, run) =>
  make("button", { type: "button", class: "small", onclick: run }, symbol(name), label);

/** Show the card of a selection, or hide it. `actions` has the functions behind its buttons. */
export const showInspector = (selection, actions) => {
  const { selected } = selection;
  const card = $("inspector");
  const part = selected?.id ? selection.partOf(selected.id) : null;
  card.hidden = !selected || (!part && selected.kind !== "edge");
  if (card.hidden) return;
  const title = part ? part.label || part.id : `${selected.from} → ${selected.to}`;
  const place = part && selection.parts.places[part.id];
  const about = part
    ? selected.kind === "node"
      ? part.icon ? `${part.icon} · ${SURE[part.sure] ?? part.sure}, ${part.reason}` : `No icon · ${part.reason}`
      : `Group ${part.id}`
    : "Edge";
  card.replaceChildren(
    part?.icon ? make("img", { src: iconAddress(part.icon), alt: "" }) : symbol(selected.kind === "node" ? "node" : selected.kind),
    make(
      "div",
      { class: "facts" },
      make("h2", {}, title),
      make("p", {}, about),
      place ? make("p", { class: "place" }, `Rank ${place.rank}, line ${place.line}${place.pinned ? " · pinned" : ""}`) : null,
    ),
    make(
      "div",
      { class: "actions" },
      action("text", part ? "Edit label" : "Go to line", actions.goToSource),
      selected.kind === "node" ? action("icons", "Change icon", () => actions.chooseIcon(part)) : null,
      place?.pinned ? action("unpin", "Remove pin", () => actions.unpin(part.id)) : null,
    ),
    make("button", { type: "button", class: "close", "aria-label": "Close", onclick: actions.close }, symbol("close")),
  );
};
