"""Writes a page in Confluence's storage format.

Source: Atlassian, "Confluence Storage Format" (Confluence 9), and the pages about its macros (code, expand, info, tip,
note, warning, anchor).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from diagramkit.markup import escape_html, strip_forbidden
from diagramkit.publish.pages.tree import PageElement

_SAME = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "u", "sub", "sup", "small", "code", "blockquote",
    "ul", "ol", "li", "tr", "th", "td", "a",
))  # fmt: skip
_MACROS = {"note": "info", "tip": "tip", "important": "note", "warning": "note", "caution": "warning"}
"""The macros for the alerts of GitHub, by color: blue, green, yellow, yellow, red."""

_LANGUAGES = {
    name: language
    for language, names in {
        "bash": "bash sh shell zsh console shell-session", "c#": "csharp cs c#", "cpp": "cpp c c++ h hpp cc",
        "css": "css less", "sass": "sass scss", "delphi": "delphi pascal", "diff": "diff patch", "erl": "erlang erl",
        "groovy": "groovy gradle", "java": "java kotlin", "js": "javascript js jsx typescript ts tsx json json5 node",
        "perl": "perl pl", "php": "php", "powershell": "powershell ps1 pwsh", "py": "python py python3 pycon",
        "ruby": "ruby rb", "scala": "scala sbt", "sql": "sql mysql postgresql", "vb": "vb vbnet",
        "xml": "xml html svg xhtml vue", "yml": "yaml yml",
        "text": "text txt plain plaintext none",
    }.items()
    for name in names.split()
}  # fmt: skip
"""The languages of the code macro by what fences call them."""


class ConfluenceWriter:
    """Writes the tree of a page. `diagrams` has the markup of each diagram by its number."""

    def __init__(self, diagrams: Mapping[str, str]) -> None:
        self._diagrams = diagrams
        self._task_count = 0

    def write(self, tree: PageElement) -> str:
        """Return the markup of a page."""
        return "".join(f"{self._node(child)}\n" for child in tree.children)

    def _content(self, element: PageElement) -> str:
        return "".join(map(self._node, element.children))

    def _node(self, node: PageElement | str) -> str:
        if isinstance(node, str):
            return escape_html(node)
        if node.tag == "a" and "url" not in node.attributes:
            return self._link(node)
        if node.tag == "ul" and node.children and all(_is_task(item) for item in node.children):
            return self._tasks(node)
        if node.tag in _SAME:
            return self._same(node)
        return str(getattr(self, f"_{node.tag}")(node))

    def _same(self, element: PageElement) -> str:
        """Return an element that is the same in HTML."""
        attributes = {"href": element.attributes.get("url"), "title": element.attributes.get("title")}
        attributes |= {name: element.attributes.get(name) for name in ("start", "colspan", "rowspan")}
        if align := element.attributes.get("align"):
            attributes["style"] = f"text-align: {align};"
        written = "".join(f' {name}="{escape_html(value)}"' for name, value in attributes.items() if value)
        task = {"done": "☑ ", "open": "☐ "}.get(element.attributes.get("task", ""), "")
        return f"<{element.tag}{written}>{task}{self._content(element)}</{element.tag}>"

    def _s(self, element: PageElement) -> str:
        return f'<span style="text-decoration: line-through;">{self._content(element)}</span>'

    def _br(self, _: PageElement) -> str:
        return "<br />"

    def _hr(self, _: PageElement) -> str:
        return "<hr />"

    def _table(self, element: PageElement) -> str:
        return f"<table><tbody>{self._content(element)}</tbody></table>"

    def _pre(self, element: PageElement) -> str:
        name = element.attributes.get("language", "")
        language = _LANGUAGES.get(name.lower())
        parameters = {"language": language} if language else {"title": name} if name else {}
        return _macro("code", parameters, _plain_body(element.text))

    def _alert(self, element: PageElement) -> str:
        return _macro(_MACROS[element.attributes["kind"]], {}, _rich_body(self._content(element)))

    def _details(self, element: PageElement) -> str:
        title = element.attributes.get("summary")
        return _macro("expand", {"title": title} if title else {}, _rich_body(self._content(element)))

    def _diagram(self, element: PageElement) -> str:
        return self._diagrams[element.attributes["number"]]

    def _tasks(self, element: PageElement) -> str:
        items = []
        for item in element.children:
            assert isinstance(item, PageElement)
            self._task_count += 1
            number, status = self._task_count, "complete" if item.attributes["task"] == "done" else "incomplete"
            items.append(
                f"<ac:task><ac:task-id>{number}</ac:task-id><ac:task-status>{status}</ac:task-status>"
                f"<ac:task-body>{self._content(item)}</ac:task-body></ac:task>"
            )
        return f"<ac:task-list>{''.join(items)}</ac:task-list>"

    def _img(self, element: PageElement) -> str:
        values = element.attributes
        attributes = {
            "ac:alt": values.get("alt"),
            "ac:title": values.get("title"),
            **{f"ac:{name}": value for name in ("width", "height") if (value := _pixels(values.get(name, "")))},
        }
        written = "".join(f' {name}="{escape_html(value)}"' for name, value in attributes.items() if value)
        if attachment := values.get("attachment"):
            return f"<ac:image{written}>{_attachment(attachment)}</ac:image>"
        return f'<ac:image{written}><ri:url ri:value="{escape_html(values.get("url", ""))}" /></ac:image>'

    def _link(self, element: PageElement) -> str:
        """Return a link to a place on a page, to another page or to an attachment."""
        values = element.attributes
        anchor = f' ac:anchor="{escape_html(values["fragment"])}"' if values.get("fragment") else ""
        target = ""
        if page := values.get("page"):
            target = f'<ri:page ri:content-title="{escape_html(page)}" />'
        elif attachment := values.get("attachment"):
            target = _attachment(attachment)
        return f"<ac:link{anchor}>{target}<ac:link-body>{self._content(element)}</ac:link-body></ac:link>"

    def _text(self, element: PageElement) -> str:
        return self._content(element)

    def _anchor(self, element: PageElement) -> str:
        return _macro("anchor", {"": element.attributes["name"]})

    def _footnote(self, element: PageElement) -> str:
        number = escape_html(element.attributes["number"])
        return f'<sup><ac:link ac:anchor="footnote-{number}"><ac:link-body>{number}</ac:link-body></ac:link></sup>'

    def _notes(self, element: PageElement) -> str:
        return f"<hr /><ol>{self._content(element)}</ol>"

    def _note(self, element: PageElement) -> str:
        anchor = _macro("anchor", {"": f"footnote-{element.attributes.get('number', '')}"})
        first, *others = element.children or [""]
        if isinstance(first, PageElement) and first.tag == "p":
            return f"<li><p>{anchor}{self._content(first)}</p>{''.join(map(self._node, others))}</li>"
        return f"<li>{anchor}{self._content(element)}</li>"


def _is_task(node: PageElement | str) -> bool:
    return isinstance(node, PageElement) and "task" in node.attributes


def picture(name: str, alt: str) -> str:
    """Return a paragraph with an attached picture."""
    return f'<p><ac:image ac:alt="{escape_html(alt)}">{_attachment(name)}</ac:image></p>'


def source(text: str) -> str:
    """Return the source of a diagram, folded."""
    return _macro("expand", {"title": "Source"}, _rich_body(_macro("code", {}, _plain_body(text))))


def _macro(name: str, parameters: Mapping[str, str], body: str = "") -> str:
    written = "".join(
        f'<ac:parameter ac:name="{key}">{escape_html(value)}</ac:parameter>' for key, value in parameters.items()
    )
    return f'<ac:structured-macro ac:name="{name}">{written}{body}</ac:structured-macro>'


def _plain_body(text: str) -> str:
    """Return the body of a macro with text. A CDATA section cannot contain "]]>", so it is split in two there."""
    cdata = strip_forbidden(text).replace("]]>", "]]]]><![CDATA[>")
    return f"<ac:plain-text-body><![CDATA[{cdata}]]></ac:plain-text-body>"


def _rich_body(content: str) -> str:
    return f"<ac:rich-text-body>{content}</ac:rich-text-body>"


def _attachment(name: str) -> str:
    return f'<ri:attachment ri:filename="{escape_html(name)}" />'


def _pixels(text: str) -> str:
    """Return the number of pixels in an attribute of HTML, or "" for another unit."""
    match = re.fullmatch(r"\s*(\d{1,5})(?:px)?\s*", text)
    return match[1] if match else ""
