"""Rows about receipts: ours against WeasyPrint drawing the same words with the same fonts and logo."""

import base64
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from pypdf import PdfReader

from bench.packages import LEAN, ROOT, Build
from bench.processes import Failed, run
from bench.rows import Row, against
from chalicelib.receipts import pdf
from tests.unit.receipts.receipt_examples import many_lines

ROUNDS, DRAWN = 5, 40
WORDS = ("Northlight Studio", "Studio day 10", "Ada Marlowe", "NL-0040", "SEPA Direct Debit", "GB123456789", "MwSt.")
PAGE = """\
<html lang="en"><body><img src="{logo}" alt="Northlight Studio logo"><h1>Receipt</h1><p class="right">{number}</p>
<p class="sum">1,500.00 €</p><p><b>Paid</b> on 14 November 2026</p><hr>
<table class="blocks"><tr><td><small>From</small><p>Northlight Studio<br>12 Harbour Lane<br>Bristol BS1 4RW<br>
United Kingdom<br>GB123456789</p></td><td><small>To</small><p>Ada Marlowe<br>ada@marlowe.example<br>48 Quay Street<br>
Portland OR 97205<br>United States</p></td>
<td><small>Payment</small><p>SEPA Direct Debit •••• 3000<br>14 November 2026</p></td></tr>
</table><table class="lines"><tr><th>Description</th><th>Quantity</th><th>Price</th><th>Amount</th></tr>{lines}</table>
<table class="sums"><tr><td>Subtotal</td><td>1,500.00 €</td></tr><tr><td>MwSt. 19%, included</td><td>239.50 €</td></tr>
<tr><td>Total</td><td>1,500.00 €</td></tr><tr><td><b>Amount paid</b></td><td><b>1,500.00 €</b></td></tr></table>
<footer>Questions about this payment? Write to
<a href="mailto:help@northlight.example">help@northlight.example</a></footer>
</body></html>"""
LINE = "<tr><td>Studio day {n}</td><td>1</td><td>150.00 €</td><td>150.00 €</td></tr>"
STYLE = """\
@font-face {{ font-family: Inter; src: url(file://{fonts}/inter-basic-regular.ttf) }}
@font-face {{ font-family: Inter; font-weight: 600; src: url(file://{fonts}/inter-basic-semibold.ttf) }}
@page {{ size: A4; margin: 40pt }}
body {{ font: 10pt Inter; color: #111 }} img {{ height: 34pt }} h1, .right {{ text-align: right }}
b, h1, th {{ font-weight: 600 }} .sum {{ font-size: 30pt }} table {{ width: 100%; border-collapse: collapse }}
td, th {{ text-align: left; vertical-align: top; border-bottom: 0.5pt solid #ddd; padding: 6pt 0 }}
"""


class Paper:
    """Both engines, each in a clean process."""

    def __init__(self, build: Build, folder: Path) -> None:
        self._build, self._folder = build, folder
        self._logo = base64.b64encode(logo()).decode()

    def rows(self) -> Iterator[Callable[[], Row | list[Row]]]:
        """Both figures come from the same processes."""
        yield self.receipts

    def receipts(self) -> list[Row]:
        """Ten lines, tax and totals, a logo, two embedded weights; every draw another number and day."""
        python, rounds, memory = self._weasyprint(), [], 0.0
        for _ in range(ROUNDS):
            mine, theirs = self._ours(), self._theirs(python)
            rounds.append((mine["warm"] * 1000, theirs["warm"] * 1000))
            memory = mine["memory"]
        name = "Latin receipt with logo and embedded font, warm"
        return [
            against(name, LEAN, "ms of CPU, against WeasyPrint", rounds, 0.35),
            Row("peak memory after receipts", LEAN, "MB", memory),
        ]

    def _ours(self) -> Any:
        receipt = base64.b64encode(pickle.dumps(many_lines(10))).decode()
        document = self._folder / "ours.pdf"
        orders = {"path": self._build.path, "receipt": receipt, "logo": self._logo, "document": str(document)}
        return _checked(run("receipt", orders | {"times": DRAWN}, {"LANG": "C.UTF-8"}), document)

    def _theirs(self, python: str) -> Any:
        document, fonts = self._folder / "theirs.pdf", str(pdf.FONTS)
        lines = "".join(LINE.replace("{n}", str(number)) for number in range(1, 11))
        orders = {
            "page": PAGE.replace("{lines}", lines),
            "style": STYLE.format(fonts=fonts),
            "fonts": fonts,
            "logo": self._logo,
        }
        given = orders | {"document": str(document), "times": DRAWN}
        return _checked(run("weasyprint_receipt", given, dict(os.environ), (python, "-I", "-B")), document)

    def _weasyprint(self) -> str:
        """The interpreter of an environment with WeasyPrint and nothing else."""
        folder, wanted = self._folder / "weasyprint", ROOT / "requirements-bench.txt"
        python, stamp = folder / "bin" / "python", folder / "made-from"
        if not (stamp.is_file() and stamp.read_text() == wanted.read_text()):
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(wanted)], check=True)
            stamp.write_text(wanted.read_text())
        return str(python)


def logo() -> bytes:
    """A PNG with some colours and transparency."""
    picture = Image.new("RGBA", (400, 120), (0, 0, 0, 0))
    brush = ImageDraw.Draw(picture)
    for number in range(12):
        brush.ellipse((number * 30, 10 + number * 3, number * 30 + 60, 90), fill=(79, 70, 229 - number * 12, 200))
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _checked(figures: Any, document: Path) -> Any:
    """Raises Failed unless the document says what it must, with a picture and embedded fonts."""
    page = PdfReader(document).pages[0]
    text = page.extract_text()
    missing = [word for word in WORDS if word not in text]
    if missing or not page.images:
        raise Failed(f"{document.name} lacks {', '.join(missing) or 'its logo'}")
    return figures
