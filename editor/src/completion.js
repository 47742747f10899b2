// What the editor completes: ids and keywords of Mermaid, shapes, icons with their pictures, and keys of specs.
import { autocompletion } from "@codemirror/autocomplete";

import { get, iconAddress } from "./api.js";
import { make } from "./elements.js";
import { mermaidLanguage } from "./languages/mermaid.js";
import { specLanguage } from "./languages/spec.js";

const KEYWORDS = [
  "flowchart LR", "flowchart TB", "subgraph", "end", "direction TB", "direction LR", "classDef", "class", "style",
  "linkStyle", "click",
].map((label) => ({ label, type: "keyword", boost: -1 }));

/** What completion knows about the language and the diagram. `ids` are those of the last picture. */
export const known = { shapes: [], schema: null, ids: [] };

const iconOptions = async (query) => {
  const found = await get(`/icons?q=${encodeURIComponent(query)}`).catch(() => ({ icons: [] }));
  return found.icons.slice(0, 40).map((icon) => ({
    label: icon.reference,
    detail: icon.title,
    icon: icon.reference,
    type: "icon",
  }));
};

const icons = async (context, from, query) => {
  const options = await iconOptions(query);
  return context.aborted || !options.length ? null : { from, options, filter: false };
};

const ids = (context) => {
  const names = new Map(known.ids.map((one) => [one.id, one.label]));
  const text = context.state.sliceDoc(0, 200_000);
  for (const [, id] of text.matchAll(/(?:^|[\s;&>])([\p{L}_][\p{L}\p{N}_-]*)(?=[[({]|\s*(?:--|==|-\.))/gmu))
    if (!names.has(id)) names.set(id, "");
  return [...names].map(([label, detail]) => ({ label, detail: detail === label ? "" : detail, type: "variable" }));
};

const mermaid = (context) => {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  let match = /@\{[^}]*\bicon:\s*"([^"]*)$/.exec(before);
  if (match) return icons(context, context.pos - match[1].length, match[1]);
  match = /@\{[^}]*\bshape:\s*([\w-]*)$/.exec(before);
  if (match)
    return {
      from: context.pos - match[1].length,
      options: known.shapes.map((label) => ({ label, type: "type" })),
      validFor: /^[\w-]*$/,
    };
  match = /@\{\s*(?:[^}]*,\s*)?(\w*)$/.exec(before);
  if (match)
    return {
      from: context.pos - match[1].length,
      options: ["icon", "shape", "label", "img", "form", "pos"].map((label) => ({ label, type: "property" })),
      validFor: /^\w*$/,
    };
  if (/%%|\[[^\]]*$|\("?[^)]*$|\|[^|]*$/.test(before)) return null; // A comment or a label.
  const word = context.matchBefore(/[\p{L}_][\p{L}\p{N}_-]*$/u);
  if (!word && !context.explicit) return null;
  const own = word?.text;
  const options = [...ids(context).filter((one) => one.label !== own), ...KEYWORDS];
  return { from: word ? word.from : context.pos, options, validFor: /^[\p{L}\p{N}_-]*$/u };
};

const resolved = (schema) => {
  const reference = schema?.$ref?.match(/^#\/\$defs\/(.+)$/);
  return reference ? known.schema.$defs[reference[1]] : schema;
};

/** Return the schemas that a value may have, without references. */
const variants = (schema) => {
  const own = resolved(schema);
  if (!own) return [];
  return [own, ...[...(own.oneOf ?? []), ...(own.anyOf ?? [])].flatMap(variants)];
};

/** Return the keys around a line of YAML, outermost first, judging by the indentation. */
const pathTo = (state, line, indent) => {
  const path = [];
  let limit = indent;
  for (let number = line.number - 1; number > 0 && limit > 0; number -= 1) {
    const { text } = state.doc.line(number);
    const match = /^(\s*(?:- +)*)([^\s#:'"][^:]*|"[^"]*"|'[^']*')\s*:/.exec(text);
    if (match && match[1].length < limit) {
      path.unshift(match[2].replace(/^["']|["']$/g, ""));
      limit = match[1].length;
    }
  }
  return path;
};

const child = (schemas, key) =>
  schemas.flatMap((schema) => {
    const items = schema.items ? variants(schema.items) : [];
    const holders = [schema, ...items];
    return holders.flatMap((one) => [
      ...variants(one.properties?.[key]),
      ...(typeof one.additionalProperties === "object" ? variants(one.additionalProperties) : []),
    ]);
  });

const keyOptions = (schemas) => {
  const options = new Map();
  for (const schema of schemas)
    for (const holder of [schema, ...(schema.items ? variants(schema.items) : [])])
      for (const [label, value] of Object.entries(holder.properties ?? {}))
        options.set(label, { label, type: "property", info: value.description, apply: `${label}: ` });
  return [...options.values()];
};

const valueOptions = (schemas) =>
  schemas.flatMap((schema) => [
    ...(schema.enum ?? []).map((value) => ({ label: String(value), type: "enum" })),
    ...(schema.type === "boolean" ? ["true", "false"].map((label) => ({ label, type: "enum" })) : []),
  ]);

const yaml = (context) => {
  if (!known.schema) return null;
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const match = /^(\s*(?:- +)*)(?:([^\s#:][^:#]*):\s+)?([\w.:/#-]*)$/.exec(before);
  if (!match || (!match[3] && !context.explicit)) return null;
  const [, indent, key, word] = match;
  const path = pathTo(context.state, line, indent.length);
  const from = context.pos - word.length;
  const schemas = path.reduce(child, variants(known.schema));
  if (key === undefined) {
    const nodes = path.at(-1) === "icons" ? known.ids.map(({ id, label }) => ({ label: id, detail: label, type: "variable", apply: `${id}: ` })) : [];
    const options = [...nodes, ...keyOptions(schemas)];
    return options.length ? { from, options, validFor: /^[\w-]*$/ } : null;
  }
  if (path.at(-1) === "icons" || key === "icon") return icons(context, from, word);
  const options = valueOptions(child(schemas, key));
  return options.length ? { from, options, validFor: /^[\w:.-]*$/ } : null;
};

const picture = {
  position: 20,
  render: (completion) =>
    completion.icon ? make("img", { class: "completion-icon", src: iconAddress(completion.icon), alt: "" }) : null,
};

export const completion = [
  autocompletion({ addToOptions: [picture], icons: false, activateOnTypingDelay: 60 }),
  mermaidLanguage.data.of({ autocomplete: mermaid }),
  specLanguage.data.of({ autocomplete: yaml }),
];
