"""Style, script and icon: small, ours alone, and new under a new address."""

import pytest
from msgspec.structs import replace

from chalicelib.errors import NotFound
from chalicelib.settings.merchant import Brand, Company, Settings
from chalicelib.web import assets

NORTHLIGHT = Settings(Company("Northlight Studio", "help@northlight.example"), "http://127.0.0.1:8000")
ALL = ["portal.css", "brand.css", "icon.svg", "card.js", "signin.js"]


@pytest.mark.parametrize("name", ALL)
def test_an_asset_has_bytes_a_type_and_a_version(name: str) -> None:
    body, kind = assets.content(name, NORTHLIGHT)
    assert body
    assert kind == assets.TYPES["." + name.rsplit(".", 1)[1]]
    assert len(assets.version(name, NORTHLIGHT)) == 12


@pytest.mark.parametrize("name", ["", "nothing.css", "../page.py", "..", "portal.css/", "signin.js\x00", "PORTAL.CSS"])
def test_only_our_own_names_are_served(name: str) -> None:
    with pytest.raises(NotFound):
        assets.content(name, NORTHLIGHT)


def test_another_colour_is_another_version_of_the_style_and_the_icon_only() -> None:
    other = replace(NORTHLIGHT, brand=Brand("#ffd400"))
    changed = {name for name in ALL if assets.version(name, other) != assets.version(name, NORTHLIGHT)}
    assert changed == {"brand.css", "icon.svg"}


def test_the_brand_style_covers_light_dark_and_paper() -> None:
    style = assets.brand_css("#4f46e5").decode()
    assert style.count("--brand-text:") == 3
    assert "@media (prefers-color-scheme:dark){:root{" in style
    assert style.rindex("@media print") > style.rindex("prefers-color-scheme")


def test_the_icon_shows_the_merchants_letter_and_no_markup_of_theirs() -> None:
    assert b">N</text>" in assets.icon_svg("northlight", "#4f46e5")
    assert b">&lt;</text>" in assets.icon_svg("<b>", "#4f46e5")
    assert b">?</text>" in assets.icon_svg(" ", "#4f46e5")


def test_the_style_sheet_is_small_and_loads_nothing_else() -> None:
    sheet = (assets.FOLDER / "portal.css").read_text()
    assert len(sheet.encode()) < 20_000
    assert "url(" not in sheet
    assert "@import" not in sheet
