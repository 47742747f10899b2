// The live gallery: it follows changes of the project, leads to the editor, and lists unsaved drafts.
import { get, listen, pathOf } from "./api.js";
import { allDrafts } from "./drafts.js";
import { $, make } from "./elements.js";
import { newDiagram } from "./new_diagram.js";

const project = $("home").dataset.project;
let version = "";

const showProblems = (problems) => {
  const cards = problems.map((problem) =>
    make(
      "article",
      {},
      make("p", {}, `${problem.where}: ${problem.severity}[${problem.code}]: ${problem.message}`),
      problem.excerpt ? make("pre", {}, problem.excerpt) : null,
      make("a", { href: `/edit?file=${encodeURIComponent(problem.file)}` }, "Edit this file"),
    ),
  );
  $("problems").replaceChildren(...cards);
  $("problems").hidden = !problems.length;
};

const showDrafts = async () => {
  const drafts = await allDrafts(project);
  const items = drafts.map((draft) =>
    make("li", {}, make("a", { href: draft.address }, draft.file || draft.title || "New diagram"), ` – ${new Date(draft.at).toLocaleString()}`),
  );
  $("draft-list").replaceChildren(...items);
  $("drafts").hidden = !items.length;
};

const addEditLinks = () => {
  for (const card of document.querySelectorAll("main article")) {
    if (card.querySelector("[data-edit]")) continue;
    const title = card.querySelector("h3").textContent;
    const link = make("a", { class: "button", href: `/edit/${pathOf(card.id)}`, dataset: { edit: card.id }, "aria-label": `Edit ${title}` }, "Edit");
    card.querySelector(".tools").prepend(link);
  }
};

const refresh = async () => {
  const state = await get("/state");
  version = state.version;
  const open = new Set([...document.querySelectorAll("main details[open]")].map((details) => details.closest("article").id));
  const none = $("none");
  $("main").innerHTML = state.sections;
  $("main").prepend(none);
  for (const id of open) {
    const details = document.getElementById(id)?.querySelector("details");
    if (details) details.open = true;
  }
  addEditLinks();
  showProblems(state.problems);
  globalThis.diagramkit.search();
  document.documentElement.dataset.version = version;
};

$("new").addEventListener("click", async () => newDiagram((await get("/language")).templates));
addEditLinks();
showDrafts();
addEventListener("pageshow", showDrafts);
refresh().then(() => listen((changed) => changed !== version && refresh(), () => {}));
