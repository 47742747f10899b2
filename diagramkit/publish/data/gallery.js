// The script of the gallery: theme, search, copy and zoom.
(() => {
  const root = document.documentElement, $ = (id) => document.getElementById(id);
  const store = { get() { try { return localStorage.getItem("diagramkit-theme"); } catch { return null; } },
                  set(value) { try { localStorage.setItem("diagramkit-theme", value); } catch { /* Storage is blocked. */ } } };
  const dark = () => root.dataset.theme === "dark" ||
    (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);

  // Theme
  const names = { auto: "system", light: "light", dark: "dark" }, symbols = { auto: "◐", light: "☀", dark: "☾" };
  const setTheme = (name) => {
    root.dataset.theme = name;
    $("theme").setAttribute("aria-label", "Theme: " + names[name]);
    $("theme").textContent = symbols[name];
    store.set(name);
  };
  const order = ["auto", "light", "dark"];
  $("theme").addEventListener("click", () => setTheme(order[(order.indexOf(root.dataset.theme) + 1) % 3]));
  if (order.includes(store.get())) setTheme(store.get());

  // Search
  const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  const search = () => {
    const words = fold($("search").value).split(/\s+/).filter(Boolean);
    let anyVisible = false;
    for (const section of document.querySelectorAll("main section")) {
      let visible = false;
      for (const card of section.querySelectorAll("article")) {
        const text = fold(card.dataset.words || "");
        card.hidden = !words.every((word) => text.includes(word));
        visible = visible || !card.hidden;
      }
      section.hidden = !visible;
      anyVisible = anyVisible || visible;
    }
    $("none").hidden = anyVisible;
  };
  $("search").addEventListener("input", search);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName)) {
      event.preventDefault(); $("search").focus();
    }
  });

  // Notifications
  let timer = 0;
  const notify = (text) => {
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
    const picture = new Image();
    picture.src = image(card).src;
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = picture.naturalWidth * 2; canvas.height = picture.naturalHeight * 2;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  };
  const copyActions = {
    svg: async (card) => navigator.clipboard.writeText(await svgOf(card)),
    png: async (card) => navigator.clipboard.write([new ClipboardItem({ "image/png": pngOf(card) })]),
    markdown: async (card) => navigator.clipboard.writeText(card.dataset.markdown),
    html: async (card) => navigator.clipboard.writeText(card.dataset.html),
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await copyActions[button.dataset.copy](button.closest("article"));
      notify("Copied " + button.textContent.trim());
    } catch (error) {
      notify("This browser does not allow copying: " + error.message);
    }
  });

  // Zoom
  const zoom = $("zoom"), stage = $("stage");
  const view = panZoom(stage, (picture) => [picture.naturalWidth, picture.naturalHeight]);
  let opener = null;
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".picture");
    if (!button) return;
    const card = button.closest("article"), picture = new Image();
    picture.alt = image(card).alt; picture.src = image(card).src; picture.draggable = false;
    $("zoom-title").textContent = card.querySelector("h3").textContent;
    stage.replaceChildren(picture);
    opener = button;
    zoom.showModal();
    picture.decode().then(view.fit, view.fit);
    stage.focus();
  });
  const zoomActions = { in: view.in, out: view.out, fit: view.fit, close: () => zoom.close() };
  zoom.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (button) zoomActions[button.dataset.zoom]();
  });
  zoom.addEventListener("close", () => {
    view.release();
    if (opener && opener.isConnected) opener.focus();
  });
  addEventListener("resize", () => zoom.open && view.fit());
  window.diagramkit = { notify, search };
})();
