"""The merchant may choose any colour; nobody may lose a word or a button over it."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.settings import colours
from chalicelib.settings.colours import DARK, LIGHT, Theme, contrast, mix, readable_on, shades
from chalicelib.web import assets

ANY_COLOUR = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
# WCAG 2.2, 1.4.3 and 1.4.11
TEXT, SHAPE = 4.5, 3.0
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


def merchants_colours(test):
    """The property over all colours, and always over those that are hardest."""
    for colour in ("#ffd400", "#000000", "#ffffff", "#4f46e5", "#777777", "#00ff00"):
        test = example(colour=colour)(test)
    return given(colour=ANY_COLOUR)(test)


@THEMES
@merchants_colours
def test_links_and_text_in_the_brand_colour_can_be_read_on_every_ground(theme: Theme, colour: str) -> None:
    made = shades(colour, theme)
    for ground in (theme.surface, theme.page, theme.quiet, made["--brand-tint"]):
        assert contrast(made["--brand-text"], ground) >= TEXT


@THEMES
@merchants_colours
def test_the_words_on_a_button_can_be_read_also_while_it_is_pressed(theme: Theme, colour: str) -> None:
    made = shades(colour, theme)
    assert contrast(made["--on-brand"], made["--brand"]) >= TEXT
    assert contrast(made["--on-brand"], made["--brand-pressed"]) >= TEXT


@THEMES
@merchants_colours
def test_edges_focus_rings_and_progress_bars_stand_out(theme: Theme, colour: str) -> None:
    made = shades(colour, theme)
    for ground in (theme.surface, theme.page, theme.quiet, made["--brand-tint"]):
        assert contrast(made["--brand-edge"], ground) >= SHAPE


@THEMES
@merchants_colours
def test_a_pressed_row_keeps_its_quiet_words_readable(theme: Theme, colour: str) -> None:
    tint = shades(colour, theme)["--brand-tint"]
    assert contrast(_token("muted", theme), tint) >= TEXT
    assert contrast(theme.ink, tint) >= TEXT


@pytest.mark.parametrize(("colour", "theme"), [("#ffffff", LIGHT), ("#fefefe", LIGHT), ("#000000", DARK)])
def test_a_colour_that_vanishes_on_the_surface_gives_way_to_the_ink(colour: str, theme: Theme) -> None:
    assert shades(colour, theme)["--brand"] == theme.ink


@pytest.mark.parametrize("colour", ["#4f46e5", "#ffd400", "#b3261e"])
def test_a_colour_that_can_be_seen_stays_the_merchants_own(colour: str) -> None:
    assert shades(colour, LIGHT)["--brand"] == colour


def test_contrast_is_the_one_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert readable_on("#ffd400") == "#000000"
    assert readable_on("#4f46e5") == "#ffffff"


def test_mixing_goes_from_the_one_to_the_other() -> None:
    assert (mix("#000000", "#ffffff", 0), mix("#000000", "#ffffff", 1)) == ("#000000", "#ffffff")
    assert mix("#102030", "#304050", 0.5) == "#203040"


@THEMES
def test_the_shades_are_worked_out_for_the_grounds_the_style_sheet_paints(theme: Theme) -> None:
    painted = {name: _token(name, theme) for name in ("surface", "page", "quiet", "ink")}
    assert painted == {"surface": theme.surface, "page": theme.page, "quiet": theme.quiet, "ink": theme.ink}


@THEMES
def test_words_in_a_status_colour_can_be_read_on_theirs(theme: Theme) -> None:
    for tone in ("ok", "warn", "bad"):
        assert contrast(_token(tone, theme), _token(f"{tone}-bg", theme)) >= TEXT
        assert contrast(theme.ink, _token(f"{tone}-bg", theme)) >= TEXT
    for ground in ("surface", "page", "quiet"):
        assert contrast(_token("muted", theme), _token(ground, theme)) >= TEXT


def _token(name: str, theme: Theme) -> str:
    """What the style sheet says; the light theme stands first in it."""
    sheet = (assets.FOLDER / "portal.css").read_text()
    light, dark, *_ = re.findall(rf"--{name}: (#[0-9a-f]{{6}});", sheet)
    return light if theme is colours.LIGHT else dark
