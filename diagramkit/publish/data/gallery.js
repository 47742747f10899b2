"use strict";
(() => {
  const root = document.documentElement, $ = (id) => document.getElementById(id);
  const store = { get() { try { return localStorage.getItem("diagramkit-theme"); } catch { return null; } },
                  set(value) { try { localStorage.setItem("diagramkit-theme", value); } catch { /* private */ } } };
  const dark = () => root.dataset.theme === "dark" ||
    (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);

  // Theme
  const names = { auto: "as the system", light: "light", dark: "dark" }, signs = { auto: "◐", light: "☀", dark: "☾" };
  const setTheme = (name) => {
    root.dataset.theme = name;
    $("theme").setAttribute("aria-label", "Theme: " + names[name]);
    $("theme").textContent = signs[name];
    store.set(name);
  };
  const order = ["auto", "light", "dark"];
  $("theme").addEventListener("click", () => setTheme(order[(order.indexOf(root.dataset.theme) + 1) % 3]));
  if (order.includes(store.get())) setTheme(store.get());

  // Search
  const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  const search = () => {
    const words = fold($("search").value).split(/\s+/).filter(Boolean);
    let any = false;
    for (const section of document.querySelectorAll("main section")) {
      let shown = false;
      for (const card of section.querySelectorAll("article")) {
        const text = fold(card.dataset.words || "");
        card.hidden = !words.every((word) => text.includes(word));
        shown = shown || !card.hidden;
      }
      section.hidden = !shown;
      any = any || shown;
    }
    $("none").hidden = any;
  };
  $("search").addEventListener("input", search);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName)) {
      event.preventDefault(); $("search").focus();
    }
  });

  // Told
  let timer = 0;
  const tell = (text) => {
    $("told").textContent = text; $("told").classList.add("on");
    clearTimeout(timer); timer = setTimeout(() => $("told").classList.remove("on"), 2500);
  };

  // Copy
  const image = (card) => card.querySelector(dark() ? "img.dark" : "img.light") || card.querySelector("img.light");
  const svgOf = async (card) => {
    const source = image(card).src;
    if (source.startsWith("data:")) return new TextDecoder().decode(Uint8Array.from(atob(source.split(",")[1]), (c) => c.charCodeAt(0)));
    return (await fetch(source)).text();
  };
  const pngOf = async (card) => {
    const shown = new Image();
    shown.src = image(card).src;
    await shown.decode();
    const canvas = document.createElement("canvas");
    canvas.width = shown.naturalWidth * 2; canvas.height = shown.naturalHeight * 2;
    canvas.getContext("2d").drawImage(shown, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  };
  const copies = {
    svg: async (card) => navigator.clipboard.writeText(await svgOf(card)),
    png: async (card) => navigator.clipboard.write([new ClipboardItem({ "image/png": pngOf(card) })]),
    markdown: async (card) => navigator.clipboard.writeText(card.dataset.markdown),
    html: async (card) => navigator.clipboard.writeText(card.dataset.html),
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await copies[button.dataset.copy](button.closest("article"));
      tell("Copied " + button.textContent.trim());
    } catch (error) {
      tell("This browser does not let a page copy: " + error.message);
    }
  });

  // Zoom
  const zoom = $("zoom"), stage = $("stage");
  let at = { x: 0, y: 0, scale: 1 }, drag = null, opener = null;
  const place = () => {
    const shown = stage.firstElementChild;
    if (shown) shown.style.transform = `translate(${at.x}px,${at.y}px) scale(${at.scale})`;
  };
  const fit = () => {
    const shown = stage.firstElementChild;
    if (!shown) return;
    const w = shown.naturalWidth || 1, h = shown.naturalHeight || 1;
    const scale = Math.min(stage.clientWidth / w, stage.clientHeight / h);
    at = { scale, x: (stage.clientWidth - w * scale) / 2, y: (stage.clientHeight - h * scale) / 2 };
    place();
  };
  const by = (factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) => {
    const scale = Math.min(Math.max(at.scale * factor, 0.05), 40);
    at.x = x - (x - at.x) * (scale / at.scale); at.y = y - (y - at.y) * (scale / at.scale); at.scale = scale;
    place();
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".picture");
    if (!button) return;
    const card = button.closest("article"), shown = new Image();
    shown.alt = image(card).alt; shown.src = image(card).src; shown.draggable = false;
    $("zoom-title").textContent = card.querySelector("h3").textContent;
    stage.replaceChildren(shown);
    opener = button;
    zoom.showModal();
    shown.decode().then(fit, fit);
    stage.focus();
  });
  const acts = { in: () => by(1.25), out: () => by(0.8), fit, close: () => zoom.close() };
  zoom.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (button) acts[button.dataset.zoom]();
  });
  zoom.addEventListener("close", () => opener && opener.isConnected && opener.focus());
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    by(Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => { drag = { x: event.clientX - at.x, y: event.clientY - at.y }; stage.setPointerCapture(event.pointerId); });
  stage.addEventListener("pointermove", (event) => { if (drag) { at.x = event.clientX - drag.x; at.y = event.clientY - drag.y; place(); } });
  stage.addEventListener("pointerup", () => { drag = null; });
  stage.addEventListener("pointercancel", () => { drag = null; });
  stage.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (event.key === "+" || event.key === "=") by(1.25);
    else if (event.key === "-") by(0.8);
    else if (event.key === "0") fit();
    else if (moves[event.key]) { at.x += moves[event.key][0]; at.y += moves[event.key][1]; place(); }
    else return;
    event.preventDefault();
  });
  addEventListener("resize", () => zoom.open && fit());
  window.diagramkit = { tell, search };
})();
