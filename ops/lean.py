"""The built archives made lean: compiled, templates too, without Chalice's command line and what botocore never needs.

Lambda's code directory cannot be written, so without compiled files every cold start compiles all it imports.
Unchecked hashes (PEP 552) make the interpreter take them as they are, whatever times the archive gives the sources.
"""

import importlib._bootstrap_external as bootstrap
import importlib.util
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ops import lean_templates
from ops.lean_data import SERVICES, trimmed

STAMP = (2026, 1, 1, 0, 0, 0)
LIBRARIES = re.compile(r"^python/lib/python3\.\d+/site-packages/")
# What only `chalice` at the operator's terminal needs; the functions carry Chalice's run-time part themselves.
TERMINAL = re.compile(
    r"(pip|setuptools|pkg_resources|_distutils_hack|wheel|click|wcwidth|blessed|jinxed|readchar|inquirer|editor|runs|xmod|yaml|_yaml)/"
    r"|(pip|setuptools|wheel|click|wcwidth|blessed|jinxed|readchar|inquirer|python_editor|editor|runs|xmod|PyYAML|pyyaml)-[^/]*/"
    r"|distutils-precedence\.pth$"
)
# A picture format no logo has, and what fontTools' own compiled parts were made from.
NEVER_READ = re.compile(r"pillow\.libs/libavif|PIL/_avif\.|fontTools/.*\.(c|pyx|pxd)$")
SERVICE = re.compile(r"botocore/data/([^/]+)/")


def make_lean(archive: Path) -> None:
    """Rewrite the archive in place; the same input always gives the same bytes."""
    lean = archive.with_suffix(".lean")
    with zipfile.ZipFile(archive) as before, zipfile.ZipFile(lean, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as after:
        for name in sorted(before.namelist()):
            if wanted(name):
                add(after, before.getinfo(name), *trimmed(name, before.read(name)))
        for name, source in lean_templates.compiled(before.namelist()):
            add(after, zipfile.ZipInfo(name), name, source)
    lean.replace(archive)


def add(archive: zipfile.ZipFile, like: zipfile.ZipInfo, name: str, content: bytes) -> None:
    """Write a file, and its compiled form when it has one."""
    for path, data in entries(name, content):
        archive.writestr(info(path, like), data)


def wanted(name: str) -> bool:
    """Whether an entry stays."""
    inside = LIBRARIES.sub("", name)
    service = SERVICE.match(inside)
    if service:
        return service[1] in SERVICES
    needless = inside != name and (TERMINAL.match(inside) or NEVER_READ.match(inside))
    return not needless and not name.endswith(".pyc")


def entries(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The file, and its compiled form when it is a Python source that compiles."""
    yield name, content
    if name.endswith(".py"):
        compiled = compile_source(content, name)
        if compiled:
            yield cached_name(name), compiled


def compile_source(content: bytes, name: str) -> bytes | None:
    """A .pyc that is never compared with its source (https://peps.python.org/pep-0552/)."""
    try:
        code = compile(content, f"/{'opt' if LIBRARIES.match(name) else 'var/task'}/{name}", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    digest = importlib.util.source_hash(content)
    return bytes(bootstrap._code_to_hash_pyc(code, digest, False))  # type: ignore[attr-defined]


def cached_name(name: str) -> str:
    """Where the interpreter that runs this, and so the one in Lambda, looks for the compiled form."""
    path = Path(name)
    return str(path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc")


def info(path: str, like: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """An entry with a fixed time and the rights of the one it comes from."""
    made = zipfile.ZipInfo(path, STAMP)
    made.external_attr, made.compress_type = like.external_attr, zipfile.ZIP_DEFLATED
    return made
