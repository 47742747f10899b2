"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const make = (tag, text, more) => Object.assign(document.createElement(tag), { textContent: text || "" }, more || {});
  const dark = () => document.documentElement.dataset.theme === "dark" ||
    (document.documentElement.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  let state = { version: "" };

  // What is wrong
  const wrongs = (place, problems) => {
    place.replaceChildren(...problems.map((problem) => {
      const card = make("article");
      card.append(make("p", `${problem.where}: ${problem.severity}[${problem.code}]: ${problem.message}`));
      if (problem.excerpt) card.append(make("pre", problem.excerpt));
      return card;
    }));
    place.hidden = !problems.length;
  };

  // The gallery
  const edits = () => {
    for (const card of document.querySelectorAll("main article")) {
      if (card.querySelector("[data-edit]")) continue;
      const button = make("button", "Edit", { type: "button" });
      button.dataset.edit = card.id;
      button.setAttribute("aria-label", "Edit " + card.querySelector("h3").textContent);
      card.querySelector(".tools").prepend(button);
    }
  };
  const refresh = async () => {
    state = await (await fetch("state")).json();
    const open = new Set([...document.querySelectorAll("main details[open]")].map((one) => one.closest("article").id));
    const none = $("none");
    $("main").innerHTML = state.sections;
    $("main").prepend(none);
    for (const id of open) {
      const card = document.getElementById(id);
      if (card && card.querySelector("details")) card.querySelector("details").open = true;
    }
    edits();
    wrongs($("wrong"), state.problems);
    window.diagramkit.search();
    document.documentElement.dataset.version = state.version;
  };
  const listen = () => {
    const events = new EventSource("events");
    events.onmessage = (event) => { if (event.data !== state.version) refresh(); };
  };

  // The editor
  let current = null, loaded = "", timer = 0, asked = 0, picture = "";
  const post = (path, body) => fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const draw = async () => {
    const number = ++asked;
    const made = await (await post("draw", { text: $("text").value, dark: dark() })).json();
    if (number !== asked) return;
    wrongs($("draft-wrong"), made.problems || []);
    $("draft").classList.toggle("old", !made.svg);
    if (!made.svg) return;
    if (picture) URL.revokeObjectURL(picture);
    picture = URL.createObjectURL(new Blob([made.svg], { type: "image/svg+xml" }));
    $("draft").replaceChildren(make("img", "", { src: picture, alt: "" }));
    $("nodes").replaceChildren(...made.nodes.map((node) => {
      const item = make("li"), said = make("span", node.label || node.id);
      if (node.icon) item.append(make("img", "", { src: "icon/" + encodeURIComponent(node.icon), alt: "" }));
      said.append(make("small", node.icon ? `${node.icon} – ${node.sure}, ${node.reason}` : `no icon – ${node.reason}`));
      const button = make("button", "Change", { type: "button" });
      button.setAttribute("aria-label", `Change the icon of ${node.label || node.id}`);
      button.addEventListener("click", () => choose(node));
      item.append(said, button);
      return item;
    }));
  };
  const edit = async (name) => {
    const found = await (await fetch("source/" + name.split("/").map(encodeURIComponent).join("/"))).json();
    current = name;
    loaded = found.text;
    $("text").value = loaded;
    loaded = $("text").value; // As a text area has it: with plain line ends.
    $("editor-title").textContent = found.file;
    $("editor").hidden = false;
    $("text").focus();
    await draw();
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-edit]");
    if (button) edit(button.dataset.edit);
  });
  $("text").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(draw, 120); });
  $("leave").addEventListener("click", () => { $("editor").hidden = true; current = null; });
  $("download").addEventListener("click", async () => {
    const form = $("form").value, answer = await post("write/" + form, { text: $("text").value });
    if (!answer.ok) {
      const said = await answer.json().catch(() => ({}));
      window.diagramkit.tell(said.problems ? said.problems[0].message : "It cannot be written");
      return;
    }
    const address = URL.createObjectURL(await answer.blob());
    const ending = { python: "py" }[form] || form;
    make("a", "", { href: address, download: (current || "diagram").split("/").pop() + "." + ending }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });

  // Icons
  let chosen = null;
  const choose = (node) => {
    chosen = node;
    $("chooser-title").textContent = "An icon for " + (node.label || node.id);
    $("query").value = node.label || "";
    $("chooser").showModal();
    search();
  };
  const search = async () => {
    const found = await (await fetch("icons?q=" + encodeURIComponent($("query").value))).json();
    $("found").replaceChildren(...found.map((icon) => {
      const item = make("li"), button = make("button", "", { type: "button" });
      const said = make("span", icon.title);
      said.append(" ", make("small", icon.reference));
      button.append(make("img", "", { src: "icon/" + encodeURIComponent(icon.reference), alt: "" }), said);
      button.addEventListener("click", () => take(icon.reference));
      item.append(button);
      return item;
    }));
  };
  const take = async (reference) => {
    // What was changed here and is in no file stays here: the icon goes into the draft.
    const draft = $("text").value !== loaded ? { text: $("text").value } : {};
    const answer = await post("override", { name: current, node: chosen.id, icon: reference, ...draft });
    const said = await answer.json();
    window.diagramkit.tell(said.message);
    $("chooser").close();
    if (answer.ok && said.text) { $("text").value = said.text; await draw(); }
    else if (answer.ok) await edit(current);
  };
  $("query").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 150); });
  $("chooser-close").addEventListener("click", () => $("chooser").close());

  edits();
  refresh().then(listen);
})();
