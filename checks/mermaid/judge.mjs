// Runs Mermaid's parser. Standard input: a JSON array of texts. Standard output: a JSON array with the contents of
// Mermaid's database for each text, or its error.
//
//     node judge.mjs [mermaid | mermaid11] < texts.json > facts.json

import DOMPurify from "dompurify";

// Mermaid sanitizes labels with DOMPurify, which needs a browser; here they stay unchanged.
DOMPurify.sanitize = (text) => text;
DOMPurify.addHook = () => {};

const { default: mermaid } = await import(process.argv[2] ?? "mermaid");
mermaid.initialize({ maxEdges: 100000, maxTextSize: 10000000 });

const vertexFacts = (vertex) => ({
  id: vertex.id,
  text: vertex.text,
  type: vertex.type ?? null,
  classes: vertex.classes ?? [],
  styles: vertex.styles ?? [],
  link: vertex.link ?? null,
  icon: vertex.icon ?? null,
  img: vertex.img ?? null,
});

const edgeFacts = (edge) => ({
  start: edge.start,
  end: edge.end,
  text: edge.text ?? "",
  type: edge.type ?? null,
  stroke: edge.stroke ?? null,
  length: edge.length ?? null,
});

const groupFacts = (group) => ({
  id: group.id,
  title: group.title,
  nodes: group.nodes,
  dir: group.dir ?? null,
  classes: group.classes ?? [],
});

const valuesOf = (items) => [...(items instanceof Map ? items.values() : Object.values(items))];

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
      vertices: valuesOf(db.getVertices()).map(vertexFacts),
      edges: db.getEdges().map(edgeFacts),
      groups: db.getSubGraphs().map(groupFacts),
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
