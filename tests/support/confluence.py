"""A check of Confluence's storage format: well-formed XML with only the elements, attributes and nesting that it has.

Source: Atlassian, "Confluence Storage Format" (Confluence 9), and its pages about the macros.
"""

from __future__ import annotations

from xml.etree import ElementTree

_NAMESPACES = {
    "ac": "http://www.atlassian.com/schema/confluence/4/ac/",
    "ri": "http://www.atlassian.com/schema/confluence/4/ri/",
}
_INLINE = {
    "strong",
    "em",
    "u",
    "s",
    "sub",
    "sup",
    "small",
    "code",
    "a",
    "span",
    "br",
    "ac:image",
    "ac:link",
    "ac:structured-macro",
}
_LISTS = {"ul", "ol", "ac:task-list"}
_FLOW = _LISTS | {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "table",
    "hr",
    "ac:structured-macro",
    "ac:image",
}
_PHRASE: tuple[set[str], set[str]] = (_INLINE, set())

MODEL: dict[str, tuple[set[str], set[str]]] = {
    "page": (_FLOW, set()),
    "p": (_INLINE, {"style"}),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), (_INLINE, {"style"})),
    **dict.fromkeys(("strong", "em", "u", "sub", "sup", "small", "code"), _PHRASE),
    "span": (_INLINE, {"style"}),
    "a": (_INLINE, {"href", "title"}),
    "br": (set(), set()),
    "hr": (set(), set()),
    "blockquote": (_FLOW, set()),
    "ul": ({"li"}, set()),
    "ol": ({"li"}, {"start"}),
    "li": (_FLOW | _INLINE, set()),
    "table": ({"tbody"}, set()),
    "tbody": ({"tr"}, set()),
    "tr": ({"th", "td"}, set()),
    "th": (_FLOW | _INLINE, {"style", "colspan", "rowspan"}),
    "td": (_FLOW | _INLINE, {"style", "colspan", "rowspan"}),
    "ac:structured-macro": ({"ac:parameter", "ac:plain-text-body", "ac:rich-text-body"}, {"ac:name"}),
    "ac:parameter": (set(), {"ac:name"}),
    "ac:plain-text-body": (set(), set()),
    "ac:rich-text-body": (_FLOW, set()),
    "ac:image": ({"ri:attachment", "ri:url"}, {"ac:alt", "ac:title", "ac:width", "ac:height"}),
    "ri:attachment": (set(), {"ri:filename"}),
    "ri:url": (set(), {"ri:value"}),
    "ri:page": (set(), {"ri:content-title"}),
    "ac:link": ({"ri:page", "ri:attachment", "ac:link-body"}, {"ac:anchor"}),
    "ac:link-body": (_INLINE, set()),
    "ac:task-list": ({"ac:task"}, set()),
    "ac:task": ({"ac:task-id", "ac:task-status", "ac:task-body"}, set()),
    "ac:task-id": (set(), set()),
    "ac:task-status": (set(), set()),
    "ac:task-body": (_FLOW | _INLINE, set()),
}
"""By element: its children and its attributes."""

_TEXT = _INLINE | {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "th",
    "td",
    "ac:parameter",
    "ac:plain-text-body",
    "ac:link-body",
    "ac:task-body",
}
_TEXT |= {"ac:task-id", "ac:task-status"}
_MACROS = {
    "code": ({"language", "title"}, "ac:plain-text-body"),
    "expand": ({"title"}, "ac:rich-text-body"),
    **dict.fromkeys(("info", "tip", "note", "warning"), (set(), "ac:rich-text-body")),
    "anchor": ({""}, None),
}
CODE_LANGUAGES = {
    "actionscript3",
    "applescript",
    "bash",
    "c#",
    "cpp",
    "css",
    "coldfusion",
    "delphi",
    "diff",
    "erl",
    "groovy",
    "xml",
    "java",
    "jfx",
    "js",
    "php",
    "perl",
    "text",
    "powershell",
    "py",
    "ruby",
    "sql",
    "sass",
    "scala",
    "vb",
    "yml",
}


def parse(text: str) -> ElementTree.Element:
    """Return a page as a tree. Raises `ParseError` if it is not well-formed."""
    names = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    return ElementTree.fromstring(f"<page {names}>{text}</page>")


def faults(tree: ElementTree.Element) -> list[str]:
    """Return what is wrong with a page, as messages."""
    found: list[str] = []
    for element in tree.iter():
        tag = name(element.tag)
        if tag not in MODEL:
            found.append(f"<{tag}> is not an element")
            continue
        children, attributes = MODEL[tag]
        found += [f"<{tag}> has the attribute '{each}'" for each in map(name, element.attrib) if each not in attributes]
        found += [f"<{name(child.tag)}> is in <{tag}>" for child in element if name(child.tag) not in children]
        texts = [element.text, *(child.tail for child in element)]
        if tag not in _TEXT and any(text and text.strip() for text in texts):
            found.append(f"text is in <{tag}>")
        if tag == "ac:structured-macro":
            found += _macro_faults(element)
        if tag in ("ul", "ol", "tbody", "tr", "ac:task-list", "ac:image") and not len(element):
            found.append(f"<{tag}> is empty")
    return found


def _macro_faults(macro: ElementTree.Element) -> list[str]:
    kind = macro.attrib[f"{{{_NAMESPACES['ac']}}}name"]
    if kind not in _MACROS:
        return [f"'{kind}' is not a macro"]
    parameters, body = _MACROS[kind]
    given = {
        each.attrib[f"{{{_NAMESPACES['ac']}}}name"]: each.text for each in macro if name(each.tag) == "ac:parameter"
    }
    bodies = [name(each.tag) for each in macro if name(each.tag) != "ac:parameter"]
    found = [f"'{kind}' has the parameter '{each}'" for each in given.keys() - parameters]
    if bodies != ([body] if body else []):
        found.append(f"'{kind}' has the bodies {bodies}")
    if "language" in given and given["language"] not in CODE_LANGUAGES:
        found.append(f"'{given['language']}' is not a language")
    return found


def name(tag: str) -> str:
    """Return a name with the prefix of its namespace."""
    for prefix, uri in _NAMESPACES.items():
        if tag.startswith(f"{{{uri}}}"):
            return f"{prefix}:{tag.rpartition('}')[2]}"
    return tag
