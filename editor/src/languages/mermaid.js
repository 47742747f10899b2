// Highlighting of Mermaid: flowcharts and architecture diagrams.
import { StreamLanguage } from "@codemirror/language";

const KEYWORDS =
  /^(flowchart-elk|flowchart|graph|architecture-beta|architecture|subgraph|end|direction|classDef|class|style|linkStyle|click|group|service|junction|in|align|title|accTitle|accDescr|href|call|default|interpolate)\b/;
const DIRECTIONS = /^(TB|TD|BT|LR|RL)\b/;
const ARROWS = /^(<?[xo]?(?:--+|==+|-\.+)[-=.]*[>xo]?|~~~+|<-->|&)/;
const OPEN = { "[": "]", "(": ")", "{": "}" };

const startState = () => ({ frontMatter: 0, close: "", properties: false });

const token = (stream, state) => {
  if (stream.sol() && stream.match(/^\s*---\s*$/)) {
    // Front matter begins with the first line of a diagram.
    state.frontMatter = state.frontMatter === 0 ? 1 : 2;
    return "meta";
  }
  if (state.frontMatter === 1) {
    if (stream.match(/^\s*[\w-]+(?=\s*:)/)) return "propertyName";
    stream.next();
    return stream.eatWhile(/[^\n]/) ? "string" : "punctuation";
  }
  if (stream.eatSpace()) return null;
  if (state.frontMatter === 0) state.frontMatter = 2;
  if (state.close) {
    if (stream.match(state.close)) {
      state.close = "";
      return "bracket";
    }
    if (stream.match(/^"[^"]*"?/)) return "string";
    stream.next();
    stream.eatWhile((character) => !state.close.includes(character) && character !== '"');
    return "string";
  }
  if (state.properties) {
    if (stream.match("}")) {
      state.properties = false;
      return "bracket";
    }
    if (stream.match(/^[\w-]+(?=\s*:)/)) return "propertyName";
    if (stream.match(/^"[^"]*"?/)) return "string";
    if (stream.match(/^[\w.:/-]+/)) return "atom";
    stream.next();
    return "punctuation";
  }
  if (stream.match("%%")) {
    stream.skipToEnd();
    return "comment";
  }
  if (stream.match("@{")) {
    state.properties = true;
    return "bracket";
  }
  if (stream.match(/^:::\s*[\w-]+/)) return "typeName";
  if (stream.match(/^\|[^|]*\|?/)) return "string";
  if (stream.match(KEYWORDS)) return "keyword";
  if (stream.match(DIRECTIONS)) return "atom";
  if (stream.match(ARROWS)) return "operator";
  if (stream.match(/^#[0-9a-fA-F]{3,8}\b/) || stream.match(/^\d+(px|%)?\b/)) return "number";
  if (stream.match(/^"[^"]*"?/)) return "string";
  const opening = stream.match(/^(\[\[|\[\(|\[\/|\[\\|\(\[|\(\(\(|\(\(|\{\{|[[({]|>)/);
  // `>` is a bracket only behind an id: `A>label]`.
  if (opening && (opening[0] !== ">" || /[\p{L}\p{N}_]/u.test(stream.string[stream.start - 1] ?? " "))) {
    const last = opening[0].at(-1) === ">" ? "]" : (OPEN[opening[0][0]] ?? "]");
    state.close = last;
    return "bracket";
  }
  if (opening) return "punctuation";
  if (stream.match(/^[\p{L}\p{N}_][\p{L}\p{N}_-]*?(?=--|==|-\.|[^\p{L}\p{N}_-]|$)/u)) return "variableName";
  stream.next();
  return "punctuation";
};

export const mermaidLanguage = StreamLanguage.define({
  name: "mermaid",
  startState,
  token,
  copyState: (state) => ({ ...state }),
  languageData: { commentTokens: { line: "%%" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
});
