"""Archives made lean still hold all the portal needs, compiled."""

import importlib.util
import marshal
import sys
import zipfile
from pathlib import Path

from ops import lean

SITE = "python/lib/python3.11/site-packages/"
FILES = {
    f"{SITE}stripe/__init__.py": "VALUE = 1\n",
    f"{SITE}botocore/data/dynamodb/2012-08-10/service-2.json.gz": "kept",
    f"{SITE}botocore/data/ec2/2016-11-15/service-2.json.gz": "dropped",
    f"{SITE}botocore/data/endpoints.json": "kept",
    f"{SITE}pip/__init__.py": "dropped = 1\n",
    f"{SITE}pip-26.2.1.dist-info/METADATA": "dropped",
    f"{SITE}jinja2/broken.py": "def (",
    "python/templates/base.html": "kept",
    "app.py": "import sys\n",
    "chalicelib/old.pyc": "dropped",
}


def made(folder: Path) -> Path:
    """An archive of these files, made lean."""
    path = folder / "layer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    lean.make_lean(path)
    return path


def test_what_is_never_asked_for_is_gone_and_all_else_stays(tmp_path: Path) -> None:
    with zipfile.ZipFile(made(tmp_path)) as archive:
        names = {name for name in archive.namelist() if "__pycache__" not in name}
        dropped = {name for name, text in FILES.items() if text.startswith("dropped")}
        assert names == set(FILES) - dropped
        assert archive.read(f"{SITE}stripe/__init__.py") == b"VALUE = 1\n"


def test_sources_are_compiled_for_this_interpreter_and_never_compared(tmp_path: Path) -> None:
    with zipfile.ZipFile(made(tmp_path)) as archive:
        tag = sys.implementation.cache_tag
        compiled = archive.read(f"{SITE}stripe/__pycache__/__init__.{tag}.pyc")
        assert f"__pycache__/app.{tag}.pyc" in archive.namelist()
        assert f"{SITE}jinja2/__pycache__/broken.{tag}.pyc" not in archive.namelist()
    assert compiled[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(compiled[4:8], "little") == 0b01, "hash-based, unchecked"
    code = marshal.loads(compiled[16:])
    assert code.co_filename == "/opt/" + SITE + "stripe/__init__.py"
    known: dict[str, object] = {}
    exec(code, known)
    assert known["VALUE"] == 1


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert made(tmp_path / "a").read_bytes() == made(tmp_path / "b").read_bytes()


def test_every_service_the_portal_speaks_to_is_kept() -> None:
    import re

    sources = [path.read_text() for path in Path("chalicelib").rglob("*.py")]
    asked = {name for text in sources for name in re.findall(r"(?:boto3\.client|create_client)\(\s*\"(\w+)\"", text)}
    assert asked <= lean.SERVICES
    assert asked >= {"sqs", "s3", "sesv2"}
