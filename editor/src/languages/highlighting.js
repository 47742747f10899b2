// The colors of highlighted text, which are variables of the style sheet.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";

const color = (name, more = {}) => ({ color: `var(--code-${name})`, ...more });

export const highlighting = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.keyword, tags.heading], ...color("keyword", { fontWeight: "bold" }) },
    { tag: [tags.string, tags.content, tags.special(tags.string)], ...color("string") },
    { tag: [tags.comment, tags.meta], ...color("comment") },
    { tag: [tags.operator, tags.punctuation, tags.bracket, tags.separator], ...color("operator") },
    { tag: [tags.propertyName, tags.definition(tags.propertyName)], ...color("key") },
    { tag: [tags.atom, tags.number, tags.bool], ...color("atom") },
    { tag: tags.typeName, ...color("atom", { fontStyle: "italic" }) },
    { tag: tags.variableName, ...color("name") },
    { tag: [tags.link, tags.url], ...color("string", { textDecoration: "underline" }) },
    { tag: tags.emphasis, fontStyle: "italic" },
    { tag: tags.strong, fontWeight: "bold" },
    { tag: tags.monospace, ...color("string") },
    { tag: tags.invalid, ...color("error") },
  ]),
);
