// Asks Mermaid what it reads. Standard input: a JSON array of texts. Standard output: a JSON
// array with, for each, what Mermaid's database holds, or its error.
//
//     node judge.mjs [mermaid | mermaid11] < texts.json > facts.json

import DOMPurify from "dompurify";

// Mermaid cleans labels with DOMPurify, which needs a browser; here they are kept as they are.
DOMPurify.sanitize = (text) => text;
DOMPurify.addHook = () => {};

const { default: mermaid } = await import(process.argv[2] ?? "mermaid");
mermaid.initialize({ maxEdges: 100000, maxTextSize: 10000000 });

const vertex = (found) => ({
  id: found.id,
  text: found.text,
  type: found.type ?? null,
  classes: found.classes ?? [],
  styles: found.styles ?? [],
  link: found.link ?? null,
  icon: found.icon ?? null,
  img: found.img ?? null,
});

const edge = (found) => ({
  start: found.start,
  end: found.end,
  text: found.text ?? "",
  type: found.type ?? null,
  stroke: found.stroke ?? null,
  length: found.length ?? null,
});

const group = (found) => ({
  id: found.id,
  title: found.title,
  nodes: found.nodes,
  dir: found.dir ?? null,
  classes: found.classes ?? [],
});

const list = (found) => [...(found instanceof Map ? found.values() : Object.values(found))];

const read = async (text) => {
  try {
    const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
    const db = diagram.db;
    if (db.getServices) {
      return {
        ok: true,
        kind: diagram.type,
        title: db.getDiagramTitle() || null,
        groups: db.getGroups().map(({ id, title, in: parent }) => ({ id, title, parent })),
        services: db.getServices().map(({ id, title, icon, in: parent }) => ({
          id, title, icon, parent,
        })),
        junctions: db.getJunctions().map(({ id, in: parent }) => ({ id, parent })),
        edges: db.getEdges(),
      };
    }
    if (!db.getVertices) {
      return { ok: true, kind: diagram.type };
    }
    return {
      ok: true,
      kind: diagram.type,
      direction: db.getDirection() ?? null,
      accTitle: db.getAccTitle() || null,
      accDescription: db.getAccDescription() || null,
      vertices: list(db.getVertices()).map(vertex),
      edges: db.getEdges().map(edge),
      groups: db.getSubGraphs().map(group),
    };
  } catch (error) {
    return { ok: false, error: String(error?.message ?? error).slice(0, 300) };
  }
};

let input = "";
for await (const chunk of process.stdin) {
  input += chunk;
}
const answers = [];
for (const text of JSON.parse(input)) {
  answers.push(await read(text));
}
process.stdout.write(JSON.stringify(answers));
