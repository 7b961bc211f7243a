"""The rules of the house hold, and each would be noticed if broken."""

import importlib
from pathlib import Path

import pytest
from chalice import Chalice

from tests.unit import house_rules

ROOT = Path(__file__).resolve().parent.parent.parent
LONG_FUNCTION = '"""Doc."""\n\n\ndef long() -> None:\n    """Doc."""\n' + "    print()\n" * 40
LONG_HANDLER = '"""Doc."""\n\n\n@bp.route("/x")\ndef view():\n    """Doc."""\n' + "    print()\n" * 13
PLANTS = [
    (
        "chalicelib/billing/zz.py",
        "from chalicelib.receipts import issue",
        "billing.zz may not import chalicelib.receipts",
    ),
    ("chalicelib/access/zz.py", "from chalicelib.notices import round", "may not import chalicelib.notices"),
    ("chalicelib/settings/zz.py", "def f():\n    import chalicelib.mail.letters", "settings.zz may not import"),
    ("chalicelib/billing/zz.py", "from chalicelib.wiring import portal", "billing.zz may not import chalicelib.wiring"),
    ("chalicelib/storage/zz.py", "from chalicelib.web import page", "storage.zz may not import chalicelib.web"),
    ("chalicelib/wiring.py", "from chalicelib.web import page", "wiring may not import chalicelib.web"),
    (
        "chalicelib/receipts/zz.py",
        "from chalicelib.storage.table import Row",
        "receipts.zz may not import chalicelib.storage",
    ),
    ("chalicelib/web/zz.py", "from chalicelib.billing import stripe_gateway", "web.zz may not import"),
    ("chalicelib/access/zz.py", "from chalicelib.mail.ses import Ses", "access.zz may not import chalicelib.mail.ses"),
    ("chalicelib/billing/zz.py", "import stripe", "may not import stripe"),
    ("chalicelib/web/zz.py", "from pynamodb.models import Model", "may not import pynamodb"),
    ("chalicelib/access/zz.py", "import boto3", "may not import boto3"),
    ("chalicelib/mail/zz.py", "from botocore.config import Config", "may not import botocore"),
    ("chalicelib/receipts/zz.py", "from fpdf import FPDF", "may not import fpdf"),
    ("chalicelib/mail/zz.py", "import jinja2", "may not import jinja2"),
    ("chalicelib/billing/zz.py", "from chalice import Response", "may not import chalice"),
    ("chalicelib/billing/zz.py", "from local.clock import SharedClock", "may not import local"),
    ("chalicelib/billing/zz.py", "import ops.build_fonts", "may not import ops"),
    ("chalicelib/billing/zz.py", "from tests.stack import TestStack", "may not import tests"),
    ("chalicelib/mail/zz.py", "import os\nx = os.environ['A']", "reads os.environ"),
    ("chalicelib/mail/zz.py", "import os\nx = os.getenv('A')", "reads os.getenv"),
    ("chalicelib/mail/zz.py", "import time\nx = time.time()", "reads time.time("),
    ("chalicelib/mail/zz.py", "import datetime\nx = datetime.datetime.now()", "reads datetime.now("),
    ("chalicelib/mail/zz.py", "from datetime import date\nx = date.today()", "reads date.today("),
    ("app.py", "\n" * 71, "app.py has"),
    ("chalicelib/mail/zz.py", '"""Doc."""\n' + "x = 1\n" * 250, "zz.py has 251 lines"),
    ("chalicelib/mail/zz.py", LONG_FUNCTION, "long has 42 lines"),
    ("chalicelib/web/zz.py", LONG_HANDLER, "handler view has 13 lines"),
    ("chalicelib/mail/utils.py", '"""Doc."""\n', "says nothing"),
    ("local/helpers/mails.py", '"""Doc."""\n', "says nothing"),
    ("chalicelib/mail/zz.py", '"""Doc."""\n\n\ndef send() -> None:\n    pass\n', "send has no docstring"),
    (
        "chalicelib/mail/zz.py",
        '"""Doc."""\n\n\nclass A:\n    """Doc."""\n\n    def go(self): pass\n',
        "go has no docstring",
    ),
    ("chalicelib/mail/zz.py", "x = 1\n", "zz.py has no docstring"),
    ("tests/unit/test_zz.py", "import pytest\npytest.skip('later')", "uses pytest.skip"),
    ("tests/unit/test_zz.py", "import pytest\n@pytest.mark.xfail\ndef test_a(): pass", "uses mark.xfail"),
]


@pytest.mark.parametrize("rule", house_rules.TREE_RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds(rule: house_rules.Rule) -> None:
    assert list(rule(ROOT)) == []


@pytest.mark.parametrize(("path", "source", "complaint"), PLANTS)
def test_a_planted_fault_is_noticed(tmp_path: Path, path: str, source: str, complaint: str) -> None:
    before = (ROOT / path).read_text() + "\n" if (ROOT / path).exists() else ""
    planted = tmp_path / path
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(before + source)

    noticed = [line for rule in house_rules.TREE_RULES for line in rule(tmp_path)]

    assert any(complaint in line for line in noticed), noticed


def test_every_route_says_who_may_come_in() -> None:
    assert list(house_rules.every_route_is_guarded(importlib.import_module("app").app)) == []


def test_a_route_without_a_guard_is_noticed() -> None:
    app = Chalice("planted", configure_logs=False)
    app.route("/open")(lambda: None)

    assert list(house_rules.every_route_is_guarded(app)) == ["GET /open says not who may come in"]
