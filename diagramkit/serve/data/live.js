"use strict";
// The script of the live gallery: updates, the editor and the choice of icons.
(() => {
  const $ = (id) => document.getElementById(id);
  const make = (tag, text, properties) => Object.assign(document.createElement(tag), { textContent: text || "" }, properties || {});
  const dark = () => document.documentElement.dataset.theme === "dark" ||
    (document.documentElement.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  let state = { version: "" };

  // Problems
  const showProblems = (container, problems) => {
    container.replaceChildren(...problems.map((problem) => {
      const card = make("article");
      card.append(make("p", `${problem.where}: ${problem.severity}[${problem.code}]: ${problem.message}`));
      if (problem.excerpt) card.append(make("pre", problem.excerpt));
      return card;
    }));
    container.hidden = !problems.length;
  };

  // The gallery
  const addEditButtons = () => {
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
    const open = new Set([...document.querySelectorAll("main details[open]")].map((details) => details.closest("article").id));
    const none = $("none");
    $("main").innerHTML = state.sections;
    $("main").prepend(none);
    for (const id of open) {
      const card = document.getElementById(id);
      if (card && card.querySelector("details")) card.querySelector("details").open = true;
    }
    addEditButtons();
    showProblems($("wrong"), state.problems);
    window.diagramkit.search();
    document.documentElement.dataset.version = state.version;
  };
  const listen = () => {
    const events = new EventSource("events");
    events.onmessage = (event) => { if (event.data !== state.version) refresh(); };
  };

  // The editor
  let current = null, loaded = "", timer = 0, lastRequest = 0, picture = "";
  const post = (path, body) => fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const draw = async () => {
    const request = ++lastRequest;
    const result = await (await post("draw", { text: $("text").value, dark: dark() })).json();
    if (request !== lastRequest) return; // A newer draft is on its way.
    showProblems($("draft-wrong"), result.problems || []);
    $("draft").classList.toggle("old", !result.svg);
    if (!result.svg) return;
    if (picture) URL.revokeObjectURL(picture);
    picture = URL.createObjectURL(new Blob([result.svg], { type: "image/svg+xml" }));
    $("draft").replaceChildren(make("img", "", { src: picture, alt: "" }));
    $("nodes").replaceChildren(...result.nodes.map((node) => {
      const item = make("li"), text = make("span", node.label || node.id);
      if (node.icon) item.append(make("img", "", { src: "icon/" + encodeURIComponent(node.icon), alt: "" }));
      text.append(make("small", node.icon ? `${node.icon} – ${node.sure}, ${node.reason}` : `no icon – ${node.reason}`));
      const button = make("button", "Change", { type: "button" });
      button.setAttribute("aria-label", `Change the icon of ${node.label || node.id}`);
      button.addEventListener("click", () => choose(node));
      item.append(text, button);
      return item;
    }));
  };
  const edit = async (name) => {
    const source = await (await fetch("source/" + name.split("/").map(encodeURIComponent).join("/"))).json();
    current = name;
    loaded = source.text;
    $("text").value = loaded;
    loaded = $("text").value; // The text area has normalized its line ends.
    $("editor-title").textContent = source.file;
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
    const format = $("form").value, response = await post("write/" + format, { text: $("text").value });
    if (!response.ok) {
      const failure = await response.json().catch(() => ({}));
      window.diagramkit.notify(failure.problems ? failure.problems[0].message : "The export failed");
      return;
    }
    const url = URL.createObjectURL(await response.blob());
    const extension = $("form").selectedOptions[0].dataset.extension;
    make("a", "", { href: url, download: (current || "diagram").split("/").pop() + "." + extension }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });

  // Icons
  let chosenNode = null;
  const choose = (node) => {
    chosenNode = node;
    $("chooser-title").textContent = "Choose an icon for " + (node.label || node.id);
    $("query").value = node.label || "";
    $("chooser").showModal();
    search();
  };
  const search = async () => {
    const icons = await (await fetch("icons?q=" + encodeURIComponent($("query").value))).json();
    $("found").replaceChildren(...icons.map((icon) => {
      const item = make("li"), button = make("button", "", { type: "button" });
      const text = make("span", icon.title);
      text.append(" ", make("small", icon.reference));
      button.append(make("img", "", { src: "icon/" + encodeURIComponent(icon.reference), alt: "" }), text);
      button.addEventListener("click", () => useIcon(icon.reference));
      item.append(button);
      return item;
    }));
  };
  const useIcon = async (reference) => {
    // If the draft has unsaved changes, the icon goes into the draft, not into the file.
    const draft = $("text").value !== loaded ? { text: $("text").value } : {};
    const response = await post("override", { name: current, node: chosenNode.id, icon: reference, ...draft });
    const result = await response.json();
    window.diagramkit.notify(result.message);
    $("chooser").close();
    if (response.ok && result.text) { $("text").value = result.text; await draw(); }
    else if (response.ok) await edit(current);
  };
  $("query").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 150); });
  $("chooser-close").addEventListener("click", () => $("chooser").close());

  addEditButtons();
  refresh().then(listen);
})();
