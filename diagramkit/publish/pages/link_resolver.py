"""Where the links and pictures of a page lead in a wiki, and the files to attach to it.

A link to a file beside the page becomes one to an attachment, and a link to another page of Markdown one to the page
with its title. Only files of the project are attached: a page must not be able to publish somebody's private files.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

from diagramkit import files
from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.markup import safe_link
from diagramkit.publish.pages import markdown_page
from diagramkit.publish.pages.tree import PageElement
from diagramkit.sources import markdown
from diagramkit.sources.readers import MARKDOWN

_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_HEADING = re.compile(r"h[1-6]")
_WEB = re.compile(r"(?:https?:)?//", re.I)
_DATA = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml)(;base64)?,(.*)", re.S)
_UNFIT_FOR_NAMES = re.compile(r"[^\w.()+ -]+")


class LinkResolver:
    """Resolves the links of one page, which is the file `page` in a project with the folder `root`.

    `attachments` has the content of the files to attach by name, and `problems` what leads nowhere.
    """

    def __init__(self, page: str, root: Path) -> None:
        self._page, self._root = page, root
        self._folder = str(Path(page).parent)
        self._names: dict[str, str] = {}  # Of attachments, by real path.
        self.attachments: dict[str, bytes] = {}
        self.problems: list[Diagnostic] = []

    def resolve(self, tree: PageElement) -> None:
        """Give each link and picture of a tree one of the attributes `url`, `attachment`, `page` and `fragment`.

        Headings that links lead to get an anchor. A link that leads nowhere keeps its address as `url`.
        """
        headings = _headings(tree)
        places = {element.attributes["name"] for element in tree.elements if element.tag == "anchor"}
        for element in list(tree.elements):
            if element.tag == "img":
                self._resolve_image(element)
            elif element.tag == "a":
                address = element.attributes.pop("href", "")
                if address.startswith("#"):
                    self._resolve_fragment(element, unquote(address[1:]), headings, places)
                else:
                    self._resolve_link(element, address)

    def attach(self, name: str, content: bytes) -> str:
        """Add a file to attach, and return the name that it has there: another one if `name` is taken."""
        path = Path(_UNFIT_FOR_NAMES.sub("-", name).strip(" .") or "file")
        stem, extension = path.stem, path.suffix
        unique, number = f"{stem}{extension}", 2
        while unique.lower() in map(str.lower, self.attachments):
            unique, number = f"{stem}-{number}{extension}", number + 1
        self.attachments[unique] = content
        return unique

    def _resolve_fragment(
        self, element: PageElement, name: str, headings: dict[str, PageElement], places: set[str]
    ) -> None:
        element.attributes["fragment"] = name
        if name in places:
            return
        if heading := headings.get(name.lower()):
            places.add(name)
            heading.children.insert(0, PageElement("anchor", {"name": name}, line=heading.line))
        else:
            self._report("no-such-heading", f"there is no heading '#{name}' on this page", element)

    def _resolve_image(self, element: PageElement) -> None:
        address = element.attributes.pop("src", "")
        if match := _DATA.match(address):
            self._attach_data(element, match)
        elif _ABSOLUTE.match(address) and not _WEB.match(address):
            self._report("unsafe-link", f"a wiki cannot show '{address}', so only the text for it is shown", element)
            element.tag, element.children = "text", [element.attributes.get("alt", "")]
        elif _ABSOLUTE.match(address):
            element.attributes["url"] = address
        elif attachment := self._attached_file(element, address):
            element.attributes["attachment"] = attachment
        else:
            element.attributes["url"] = address

    def _attach_data(self, element: PageElement, match: re.Match[str]) -> None:
        try:
            content = base64.b64decode(match[3], validate=True) if match[2] else unquote_to_bytes(match[3])
        except binascii.Error:
            self._report("bad-image", "this picture in an address is not valid base64", element)
            return
        extension = match[1].removesuffix("+xml").replace("jpeg", "jpg")
        element.attributes["attachment"] = self.attach(f"picture.{extension}", content)

    def _resolve_link(self, element: PageElement, address: str) -> None:
        if not safe_link(address):
            self._report("unsafe-link", f"a wiki must not link to '{address}', so only its text is shown", element)
            element.tag = "text"
            return
        path, _, fragment = address.partition("#")
        if _ABSOLUTE.match(address):
            element.attributes["url"] = address
        elif Path(path).suffix.lower() in MARKDOWN.extensions and (title := self._title_of(path)):
            element.attributes |= {"page": title, **({"fragment": unquote(fragment)} if fragment else {})}
        elif attachment := self._attached_file(element, path):
            element.attributes["attachment"] = attachment
        else:
            element.attributes["url"] = address

    def _title_of(self, address: str) -> str | None:
        """Return the title of another page: its first heading, or its name."""
        path = self._path(address)
        content = files.read(path) if path else None
        if content is None:
            return None
        text = content.decode("utf-8", "replace").replace("\r\n", "\n")
        _, start = markdown.front_matter(text)
        tree = markdown_page.read(text[start:], {}).root
        titles = (element.text.strip() for element in tree.elements if _HEADING.fullmatch(element.tag))
        return next(filter(None, titles), Path(address).stem)

    def _attached_file(self, element: PageElement, address: str) -> str | None:
        """Return the name of the attachment with the file at an address, or report why there is none."""
        if not files.can_exist(self._joined(address)):
            self._report("no-such-file", f"'{address}' does not exist, so it is not attached", element)
            return None
        path = self._path(address)
        if path is None:
            self._report("outside", f"'{address}' is outside of the project, so it is not attached", element)
            return None
        if path not in self._names:
            if Path(path).is_dir():
                self._report("not-attached", f"'{address}' is a folder, which cannot be attached", element)
                return None
            content = files.read(path)
            if content is None:
                self._report("no-such-file", f"'{address}' does not exist, so it is not attached", element)
                return None
            self._names[path] = self.attach(os.path.basename(path), content)
        return self._names[path]

    def _joined(self, address: str) -> str:
        """Return the path that an address means: relative to the page or, if it begins with `/`, to the project."""
        name = unquote(address.partition("?")[0]).replace("\\", "/")
        folder = str(self._root) if name.startswith("/") else self._folder
        return os.path.join(folder, name.lstrip("/"))

    def _path(self, address: str) -> str | None:
        """Return the real path of the file at an address, or None outside of the project and the page's folder."""
        joined = self._joined(address)
        if not files.can_exist(joined):
            return None
        path = os.path.realpath(joined)
        roots = (os.path.realpath(self._root), os.path.realpath(self._folder))
        return path if any(path.startswith(os.path.join(root, "")) for root in roots) else None

    def _report(self, code: str, message: str, element: PageElement) -> None:
        self.problems.append(Diagnostic(code, message, Span(self._page, element.line), "warning"))


def _headings(tree: PageElement) -> dict[str, PageElement]:
    """Return the headings by the names that GitHub gives them."""
    result: dict[str, PageElement] = {}
    for element in tree.elements:
        if _HEADING.fullmatch(element.tag):
            base = name = re.sub(r"[^\w\- ]", "", element.text.strip().lower()).replace(" ", "-")
            number = 1
            while name in result:
                name, number = f"{base}-{number}", number + 1
            result[name] = element
    return result
