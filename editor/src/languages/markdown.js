// Markdown with Mermaid in fences. It needs no other language, so this is the parser without its HTML and scripts.
import { defineLanguageFacet, Language } from "@codemirror/language";
import { GFM, parseCode, parser } from "@lezer/markdown";

import { mermaidLanguage } from "./mermaid.js";

const data = defineLanguageFacet({ commentTokens: { block: { open: "<!--", close: "-->" } } });

const configured = parser.configure([
  GFM,
  parseCode({ codeParser: (info) => (/^\{?\.?\s*(mermaid|mmd)\b/i.test(info) ? mermaidLanguage.parser : null) }),
]);

export const markdownLanguage = new Language(data, configured, [], "markdown");
