"""Archives made lean still hold all the portal needs, compiled."""

import gzip
import importlib.util
import json
import marshal
import sys
import zipfile
from pathlib import Path

from jinja2 import ModuleLoader

from chalicelib import templating
from ops import lean

SITE = "python/lib/python3.11/site-packages/"
FILES = {
    f"{SITE}stripe/__init__.py": "VALUE = 1\n",
    f"{SITE}botocore/data/dynamodb/2012-08-10/endpoint-rule-set-1.json.gz": "kept",
    f"{SITE}botocore/data/ec2/2016-11-15/service-2.json.gz": "dropped",
    f"{SITE}pip/__init__.py": "dropped = 1\n",
    f"{SITE}pillow.libs/libavif-0b1c2ae7.so.16.4.1": "dropped",
    f"{SITE}pillow.libs/libjpeg-02b4d8cf.so.62.4.0": "kept",
    f"{SITE}PIL/_avif.cpython-311-aarch64-linux-gnu.so": "dropped",
    f"{SITE}fontTools/misc/bezierTools.c": "dropped",
    f"{SITE}fontTools/misc/bezierTools.py": "",
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
        names = {name for name in archive.namelist() if "__pycache__" not in name and "/compiled/" not in name}
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


def test_the_libraries_own_data_is_whole_but_for_texts_and_other_services(tmp_path: Path) -> None:
    model = {"documentation": "Long.", "shapes": {"documentation": {"type": "string", "documentation": "Long."}}}
    regions = {"version": 3, "partitions": [{"services": {"dynamodb": 1, "email": 2, "ec2": 3}, "regions": {"eu": 4}}]}
    packed = f"{SITE}botocore/data/dynamodb/2012-08-10/service-2.json.gz"
    with zipfile.ZipFile(tmp_path / "layer.zip", "w") as archive:
        archive.writestr(packed, gzip.compress(json.dumps(model).encode()))
        archive.writestr(f"{SITE}botocore/data/endpoints.json", json.dumps(regions))
    lean.make_lean(tmp_path / "layer.zip")
    with zipfile.ZipFile(tmp_path / "layer.zip") as archive:
        assert packed not in archive.namelist()
        assert json.loads(archive.read(packed.removesuffix(".gz"))) == {"shapes": {"documentation": {"type": "string"}}}
        kept = json.loads(archive.read(f"{SITE}botocore/data/endpoints.json"))
    assert kept == {"version": 3, "partitions": [{"services": {"dynamodb": 1, "email": 2}, "regions": {"eu": 4}}]}


def test_every_template_is_there_as_python_too_and_says_the_same(tmp_path: Path) -> None:
    site = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "layer.zip", "w") as archive:
        archive.writestr("python/templates/base.html", "kept")
    lean.make_lean(tmp_path / "layer.zip")
    with zipfile.ZipFile(tmp_path / "layer.zip") as archive:
        archive.extractall(site)
    written = templating.from_sources()
    made = written.overlay(loader=ModuleLoader(site / "python" / "templates" / templating.COMPILED))
    names = written.list_templates()
    assert len(names) > 20
    for name in names:
        assert made.get_template(name).blocks.keys() == written.get_template(name).blocks.keys(), name


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert made(tmp_path / "a").read_bytes() == made(tmp_path / "b").read_bytes()


def test_every_service_the_portal_speaks_to_is_kept() -> None:
    import re

    sources = [path.read_text() for path in Path("chalicelib").rglob("*.py")]
    asked = {name for text in sources for name in re.findall(r"(?:boto3\.client|create_client)\(\s*\"(\w+)\"", text)}
    assert asked <= lean.SERVICES
    assert asked >= {"dynamodb", "sqs", "s3", "sesv2"}
