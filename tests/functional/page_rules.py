"""What must hold for every page of the portal. Checked each time a test loads one."""

from collections import Counter
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from tests.functional.document import Document, Element

SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'",
    "strict-transport-security": "max-age=",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}
NEEDS_NO_LABEL = {"hidden", "submit", "button", "image", "reset"}


def faults(document: Document, headers: Mapping[str, str], portal_url: str, signed_in: bool) -> list[str]:
    """Everything wrong with a page, in words; empty when nothing is."""
    root = document.root
    return [
        *document.faults,
        *_headers(headers),
        *_outline(root),
        *_ids(root),
        *_labels(root),
        *_forms(root, urlsplit(portal_url).path, signed_in),
        *_links(root, urlsplit(portal_url).path),
        *_inline_code(root),
    ]


def _headers(headers: Mapping[str, str]) -> Iterator[str]:
    for name, wanted in SECURITY_HEADERS.items():
        if wanted not in headers.get(name, ""):
            yield f"header {name} lacks {wanted}"


def _outline(root: Element) -> Iterator[str]:
    if not any(element["lang"] for element in root.all("html")):
        yield "html has no lang"
    titles = [element.children for element in root.all("title")]
    if len(titles) != 1 or not "".join(map(str, titles[0])).strip():
        yield "there is no title, or more than one"
    if len(root.all("h1")) != 1 or not root.all("h1")[0].text:
        yield f"{len(root.all('h1'))} h1, or an empty one"
    if len(root.all("main")) != 1:
        yield "there is no main, or more than one"


def _ids(root: Element) -> Iterator[str]:
    counted = Counter(element["id"] for element in root.walk() if "id" in element)
    yield from (f"id {name!r} is used {times} times" for name, times in counted.items() if times > 1)
    for element in root.walk():
        for attribute in ("for", "aria-labelledby", "aria-describedby"):
            yield from (
                f"{attribute}={name!r} points nowhere" for name in element[attribute].split() if name not in counted
            )


def _labels(root: Element) -> Iterator[str]:
    labelled = {label["for"] for label in root.all("label") if label.text}
    for field in root.all("input", "select", "textarea"):
        if field["type"] in NEEDS_NO_LABEL or field["aria-label"] or field["aria-labelledby"]:
            continue
        if field["id"] not in labelled and not field.inside("label"):
            yield f"field {field['name'] or field['id']!r} has no label"
    for press in root.all("button", "a"):
        shown = press.text or press["aria-label"] or any(image["alt"] for image in press.all("img"))
        if not shown:
            yield f"a {press.tag} says nothing"
    yield from (f"image {image['src']!r} has no alt" for image in root.all("img") if "alt" not in image)


def _forms(root: Element, prefix: str, signed_in: bool) -> Iterator[str]:
    for form in root.all("form"):
        action = form["action"]
        if not _ours(action, prefix):
            yield f"form action {action!r} is not a path of the portal"
        if form["method"].lower() not in {"get", "post"}:
            yield f"form {action!r} has no method"
        names = {field["name"] for field in form.all("input")}
        if signed_in and form["method"].lower() == "post" and "csrf" not in names:
            yield f"form {action!r} has no csrf field"
        if not [press for press in form.all("button") if press["type"] in {"", "submit"}]:
            yield f"form {action!r} has no button"


def _links(root: Element, prefix: str) -> Iterator[str]:
    for link in root.all("a"):
        address = link["href"]
        outside = address.startswith(("https://", "http://", "mailto:", "tel:", "#"))
        if not outside and not _ours(address, prefix):
            yield f"link {address!r} is not a path of the portal"
        if link["target"] == "_blank" and "noopener" not in link["rel"]:
            yield f"link {address!r} opens a window that can reach back"


def _inline_code(root: Element) -> Iterator[str]:
    for element in root.walk():
        if element.tag == "style" or "style" in element:
            yield f"inline style on <{element.tag}>"
        if element.tag == "script" and "src" not in element and element["type"] != "application/json":
            yield "inline script"
        yield from (f"inline handler {name}" for name in element.attrs if name.startswith("on"))
        if element["href"].strip().lower().startswith("javascript:"):
            yield "javascript: address"


def _ours(address: str, prefix: str) -> bool:
    return address.startswith(prefix + "/") and not address.startswith("//")
