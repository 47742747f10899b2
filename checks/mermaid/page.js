// Draws diagrams with Mermaid in a browser and describes what can be seen. `page.html` is written by `pictures.py`,
// which defines `texts`; the result is the JSON in the element `found`.

const opacityOf = (element) => {
  let product = 1;
  for (let e = element; e && e.nodeType === 1; e = e.parentElement) {
    const style = getComputedStyle(e);
    if (style.display === "none") return 0;
    product *= Number(style.opacity);
  }
  return getComputedStyle(element).visibility === "visible" ? product : 0;
};

const alphaOf = (color) => {
  if (color === "none" || color === "transparent") return 0;
  const parts = color.match(/^rgba?\(([^)]*)\)$/)?.[1].split(/[ ,/]+/);
  return parts?.length === 4 ? Number(parts[3]) : 1;
};

const hasStroke = (style) =>
  alphaOf(style.stroke) * Number(style.strokeOpacity) > 0 && parseFloat(style.strokeWidth) > 0;

const isPainted = (element) => {
  const style = getComputedStyle(element);
  const filled = alphaOf(style.fill) * Number(style.fillOpacity) > 0 && element.tagName !== "line";
  return opacityOf(element) > 0 && (filled || hasStroke(style));
};

const SHAPES = "path, rect, circle, ellipse, polygon, line";

const isShapeVisible = (root) =>
  [...root.querySelectorAll(SHAPES)].some(
    (element) => !element.closest(".label, .cluster-label, foreignObject, defs, marker") && isPainted(element),
  );

// The text as a list of [character, bold, italic]; white space and line breaks are spaces. Hidden text is left out.
const charactersOf = (root) => {
  const characters = [];
  const visit = (node) => {
    if (node.nodeType === 3) {
      const parent = node.parentElement;
      const style = getComputedStyle(parent);
      const color = parent.closest("foreignObject") ? style.color : style.fill;
      if (!opacityOf(parent) || !alphaOf(color) || !parseFloat(style.fontSize)) return;
      const bold = Number(style.fontWeight) >= 600, italic = style.fontStyle !== "normal";
      for (const character of node.textContent) characters.push([character, bold, italic]);
      return;
    }
    if (node.nodeType !== 1) return;
    const separates = ["BR", "P", "DIV", "LI", "UL", "OL", "TR", "TD", "HR", "PRE"].includes(node.tagName) || node.tagName === "tspan";
    if (separates) characters.push([" ", false, false]);
    node.childNodes.forEach(visit);
    if (separates) characters.push([" ", false, false]);
  };
  if (root) visit(root);
  return characters;
};

const markerOf = (path, end) => (path.getAttribute(`marker-${end}`) ?? "").match(/(point|circle|cross)/)?.[1] ?? "none";

// A solid line begins and ends at its arrowheads, for which it has one dash: `0 GAP LENGTH GAP`.
const isDashed = (pattern) => pattern !== "none" && !/^0px(, [\d.]+px){0,3}$/.test(pattern);

const edgeFacts = (svg, edge) => {
  const named = [...svg.querySelectorAll("path[data-id]")].filter((path) => path.dataset.id === edge.id);
  const path = named[0];
  if (!path) return { start: edge.start, end: edge.end, missing: true };
  const style = getComputedStyle(path);
  const visible = opacityOf(path) > 0 && hasStroke(style);
  const label = [...svg.querySelectorAll(".edgeLabel .label[data-id]")].find((one) => one.dataset.id === edge.id);
  return {
    start: edge.start,
    end: edge.end,
    visible,
    dashed: visible && isDashed(style.strokeDasharray),
    tail: visible ? markerOf(path, "start") : "none",
    head: visible ? markerOf(path, "end") : "none",
    characters: charactersOf(label),
  };
};

const describe = async (text, index) => {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const id = `d${index}`;
  const { svg } = await mermaid.render(id, text);
  const holder = document.createElement("div");
  holder.innerHTML = svg;
  document.body.append(holder);
  const root = holder.querySelector("svg");
  const values = (items) => [...(items instanceof Map ? items.values() : Object.values(items))];
  const groups = db.getSubGraphs().map((group) => group.id);
  const element = (kind, name) =>
    [...root.querySelectorAll(kind === "cluster" ? "g.cluster" : "g[id]")].find(
      (one) => one.dataset.id === name || new RegExp(`(^|-)flowchart-${name.replace(/[^\w-]/g, "\\$&")}-\\d+$`).test(one.id) || one.id === name || one.id === `${id}-${name}`,
    );
  const items = [
    ...values(db.getVertices()).map((vertex) => vertex.id).filter((name) => !groups.includes(name)).map((name) => ["node", name]),
    ...groups.map((name) => ["cluster", name]),
  ];
  const facts = items.map(([kind, name]) => {
    const found = element(kind, name) ?? element("node", name);
    if (!found) return { id: name, missing: true };
    const label = found.querySelector(kind === "cluster" ? ".cluster-label" : ".label, .nodeLabel") ?? found.querySelector(".label");
    return { id: name, visible: isShapeVisible(found), characters: charactersOf(label) };
  });
  const edges = db.getEdges().map((edge) => edgeFacts(root, edge));
  holder.remove();
  return { items: facts, edges };
};

const main = async () => {
  mermaid.initialize({ startOnLoad: false });
  const answers = [];
  for (const [index, text] of texts.entries()) {
    try {
      answers.push(await describe(text, index));
    } catch (error) {
      answers.push({ error: String(error?.message ?? error).slice(0, 300) });
    }
  }
  const found = document.createElement("pre");
  found.id = "found";
  found.textContent = JSON.stringify(answers);
  document.body.replaceChildren(found);
};

main();
