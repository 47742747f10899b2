// Specs: YAML whose key `diagram` contains Mermaid.
import { yamlLanguage } from "@codemirror/lang-yaml";
import { foldNodeProp, foldInside } from "@codemirror/language";
import { parseMixed } from "@lezer/common";

import { mermaidLanguage } from "./mermaid.js";

const isDiagram = (node, input) => {
  for (let parent = node.node.parent; parent; parent = parent.parent)
    if (parent.name === "Pair") {
      const key = parent.getChild("Key");
      return key !== null && /^["']?diagram["']?$/.test(input.read(key.from, key.to));
    }
  return false;
};

export const specLanguage = yamlLanguage.configure({
  wrap: parseMixed((node, input) =>
    node.name === "BlockLiteralContent" && isDiagram(node, input) ? { parser: mermaidLanguage.parser } : null,
  ),
  props: [foldNodeProp.add({ BlockLiteral: foldInside })],
});
