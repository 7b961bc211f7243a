"""Which logos are accepted, and where they are kept."""

from pathlib import Path

import pytest

from chalicelib.settings import logo
from chalicelib.settings.merchant import Brand

PNG = b"\x89PNG\r\n\x1a\n"


def test_the_demo_logo_is_kept_under_a_name_made_of_its_content() -> None:
    content = (Path(__file__).parents[2] / "local" / "demo" / "logo.png").read_bytes()
    key = logo.key_of(content)
    assert Brand(logo=key).logo == key
    assert logo.media_type(key) == "image/png"
    assert logo.key_of(content + b"changed") != key


@pytest.mark.parametrize(
    "content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", PNG + b"0" * logo.LIMIT]
)
def test_anything_but_a_small_picture_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="PNG or JPEG"):
        logo.key_of(content)


@pytest.mark.parametrize("key", ["logo.png", "brand/../x.png", "brand/0123456789abcdef.svg", "https://x.example/a.png"])
def test_settings_take_no_other_address_for_a_logo(key: str) -> None:
    with pytest.raises(ValueError, match="logo"):
        Brand(logo=key)
