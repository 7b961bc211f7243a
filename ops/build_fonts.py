"""Cut the receipt fonts out of the Inter variable font.

The four files it writes are committed, so this runs only when the font or the character sets change:

    pip download --no-deps --dest build fontpkg-inter==4.1.post1
    unzip -o build/fontpkg_inter-4.1.post1-py3-none-any.whl -d build
    python ops/build_fonts.py build/fontpkg_inter/files/'Inter[opsz,wght].ttf'

Inter is under the SIL Open Font License 1.1 and reserves no font name; its text is kept beside the files.
A receipt drawn before must redraw byte for byte, so new font files also mean a new layout version.
"""

import hashlib
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

SOURCE_SHA256 = "29160a80ff49ddcab2c97711247e08b1fab27a484a329ce8b813d820dc559031"
FONTS = Path(__file__).parent.parent / "chalicelib" / "receipts" / "fonts"
WEIGHTS = {"Regular": 400, "SemiBold": 600}

PUNCTUATION = {*range(0x2010, 0x2016), *range(0x2018, 0x201F), *range(0x2020, 0x2023)}
SIGNS = {0x2026, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x2116, 0x2122, 0x2190, 0x2192, 0x2212, 0x25A1}
CURRENCY = set(range(0x20A0, 0x20C1))
BASIC = {*range(0x20, 0x7F), *range(0xA0, 0x100)} | PUNCTUATION | SIGNS | CURRENCY
LATIN = {*range(0x100, 0x250), *range(0x1E00, 0x1F00)}
GREEK = {*range(0x370, 0x400), *range(0x1F00, 0x2000)}
CYRILLIC = set(range(0x400, 0x530))
# Which file a receipt needs is told by its code points alone: pdf.py asks for "wide" from U+0100 to U+1FFF.
CHARACTER_SETS = {"basic": BASIC, "wide": BASIC | LATIN | GREEK | CYRILLIC}


def main(source: Path) -> None:
    """Write fonts/inter-<set>-<weight>.ttf for every character set and weight."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    if digest != SOURCE_SHA256:
        sys.exit(f"{source} is another edition of Inter: SHA-256 {digest}")
    for weight, value in WEIGHTS.items():
        for name, characters in CHARACTER_SETS.items():
            target = FONTS / f"inter-{name}-{weight.lower()}.ttf"
            font = cut(source, value, characters)
            name_it(font, weight)
            font.save(target)
            print(f"{target.name}: {target.stat().st_size} bytes")


def cut(source: Path, weight: int, characters: set[int]) -> TTFont:
    """Give the font at one weight, with only these characters, tabular figures and no layout tables."""
    font = TTFont(source, recalcTimestamp=False)
    instancer.instantiateVariableFont(font, {"wght": weight, "opsz": 14}, inplace=True)
    use_tabular_figures(font)
    options = subset.Options(
        notdef_outline=True, hinting=False, layout_features=[], name_IDs=[0, 1, 2, 4, 6, 13, 14], glyph_names=False
    )
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "STAT", "MVAR", "DSIG", "meta", "gasp"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    return font


def name_it(font: TTFont, weight: str) -> None:
    """Give each weight a name of its own; PDF readers list fonts by it."""
    for number, text in {1: f"Inter {weight}", 2: "Regular", 4: f"Inter {weight}", 6: f"Inter-{weight}"}.items():
        font["name"].setName(text, number, 3, 1, 0x409)


def use_tabular_figures(font: TTFont) -> None:
    """Let the ten digits be the equally wide ones, so that sums stand in columns without text shaping."""
    layout = font["GSUB"].table
    indices = {
        index
        for record in layout.FeatureList.FeatureRecord
        if record.FeatureTag == "tnum"
        for index in record.Feature.LookupListIndex
    }
    mapping: dict[str, str] = {}
    for index in indices:
        for lookup in layout.LookupList.Lookup[index].SubTable:
            mapping.update(getattr(lookup, "ExtSubTable", lookup).mapping)
    for table in font["cmap"].tables:
        for code in range(ord("0"), ord("9") + 1):
            if code in table.cmap:
                table.cmap[code] = mapping.get(table.cmap[code], table.cmap[code])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
