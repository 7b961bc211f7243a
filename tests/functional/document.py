"""An HTML page as a tree: just enough to find what a person would find and to check what must hold for every page."""

from collections.abc import Iterator
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# elements whose end tag HTML lets one leave out, with what closes them
CLOSED_BY = {
    "li": {"li"},
    "p": {
        "p",
        "div",
        "ul",
        "ol",
        "dl",
        "table",
        "section",
        "form",
        "h1",
        "h2",
        "h3",
        "footer",
        "header",
        "main",
        "nav",
    },
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "option": {"option", "optgroup"},
    "tr": {"tr", "tbody", "tfoot"},
    "td": {"td", "th", "tr"},
    "th": {"td", "th", "tr"},
    "thead": {"tbody", "tfoot"},
    "tbody": {"tbody", "tfoot"},
}
MAY_STAY_OPEN = {*CLOSED_BY, "html", "body", "head"}
UNSEEN = {"script", "style", "template", "head"}


class Element:
    """One element with its children (elements and text)."""

    def __init__(self, tag: str, attrs: dict[str, str], parent: "Element | None" = None) -> None:
        self.tag, self.attrs, self.parent = tag, attrs, parent
        self.children: list[Element | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attrs.get(name, "")

    def __contains__(self, name: str) -> bool:
        return name in self.attrs

    def walk(self) -> Iterator["Element"]:
        """This element and all below it, in order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, *tags: str) -> list["Element"]:
        """Elements below with one of these tags."""
        return [element for element in self.walk() if element.tag in tags]

    def inside(self, tag: str) -> "Element | None":
        """The nearest element around this one with that tag."""
        around = self.parent
        while around and around.tag != tag:
            around = around.parent
        return around

    @property
    def text(self) -> str:
        """The words a person reads, runs of blanks as one."""
        return " ".join(self._words().split())

    def _words(self) -> str:
        if self.tag in UNSEEN or "hidden" in self.attrs:
            return ""
        parts = [child if isinstance(child, str) else child._words() for child in self.children]
        return "".join(parts) if self.tag in {"a", "b", "strong", "em", "span", "i", "small"} else f" {''.join(parts)} "


class Document(HTMLParser):
    """Parses one page. `faults` names what is not well nested."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.root = Element("", {})
        self.faults: list[str] = []
        self._here = self.root
        self.feed(source)
        self.close()
        self._finish()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while tag in CLOSED_BY.get(self._here.tag, ()):
            self._leave()
        names = [name for name, _ in attrs]
        self.faults += [f"<{tag}> has {name} twice" for name in set(names) if names.count(name) > 1]
        element = Element(tag, {name: value or "" for name, value in attrs}, self._here)
        self._here.children.append(element)
        if tag not in VOID:
            self._here = element

    def handle_endtag(self, tag: str) -> None:
        while self._here.tag != tag and self._here.tag in MAY_STAY_OPEN and self._here.inside(tag):
            self._leave()
        if self._here.tag == tag:
            self._leave()
        else:
            self.faults.append(f"</{tag}> closes <{self._here.tag}>")

    def handle_data(self, data: str) -> None:
        self._here.children.append(data)

    def _leave(self) -> None:
        assert self._here.parent
        self._here = self._here.parent

    def _finish(self) -> None:
        while self._here is not self.root:
            if self._here.tag not in MAY_STAY_OPEN:
                self.faults.append(f"<{self._here.tag}> is never closed")
            self._leave()
