"""Style, script and icon. The version in the path changes with the content, so browsers may keep them for a year."""

from chalice import Response

from chalicelib.errors import NotFound
from chalicelib.settings.logo import media_type
from chalicelib.web import assets, guard
from chalicelib.wiring import portal

FOR_GOOD = "public, max-age=31536000, immutable"
# A page rendered before a release asks for the old version once more and gets the new file.
BRIEFLY = "public, max-age=60"


@guard.visitor
def logo(file: str) -> Response:
    """The merchant's logo, for pages and mails."""
    key = portal().settings().brand.logo
    content = portal().vault.get(key) if key == f"brand/{file}" else None
    if content is None:
        raise NotFound
    return Response(content, headers={"Content-Type": media_type(key), "Cache-Control": FOR_GOOD})


@guard.visitor
def asset(version: str, name: str) -> Response:
    """One asset of ours."""
    settings = portal().settings()
    body, kind = assets.content(name, settings)
    kept = FOR_GOOD if version == assets.version(name, settings) else BRIEFLY
    return Response(body, headers={"Content-Type": kind, "Cache-Control": kept})
