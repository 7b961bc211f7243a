"""`ops/package_files.txt`: what is in the package, reviewed. `python -m ops.package_list` writes it anew from build/.

Our own files by name; of the libraries only which there are, for their files change with every version.
"""

import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

FILE = Path(__file__).with_name("package_files.txt")
LIBRARY = re.compile(r"^python/lib/python3\.\d+/site-packages/([^/]+)")
# a library's metadata carries its version, and its shared objects carry hashes
CHANGES = re.compile(r"(\.dist-info|\.data|\.libs|\.cpython-\S+\.so|__pycache__)$")


def differences(archives: Mapping[str, Path]) -> Iterator[str]:
    """What came or went since the list was reviewed."""
    known, now = set(FILE.read_text().splitlines()), listed(archives)
    hint = "review, then: python -m ops.package_list"
    yield from (f"{name} is new in the package ({hint})" for name in sorted(now - known))
    yield from (f"{name} is not in the package any more ({hint})" for name in sorted(known - now))


def listed(archives: Mapping[str, Path]) -> set[str]:
    """All that the list would hold."""
    found = set()
    for path in archives.values():
        with zipfile.ZipFile(path) as archive:
            found |= {entry for name in archive.namelist() if (entry := entry_of(name))}
    return found


def entry_of(name: str) -> str:
    """A library's name, or a file of ours; "" for what changes by itself."""
    if name.endswith(("/", ".pyc", "sam.json")) or "/templates/compiled/" in name:
        return ""
    library = LIBRARY.match(name)
    if library is None:
        return name.removeprefix("python/")
    if library[1] == "templates":
        return name[library.start(1) :]
    return "" if CHANGES.search(library[1]) else f"library {library[1]}"


def write(archives: Mapping[str, Path]) -> None:
    """Take the built archives as reviewed."""
    FILE.write_text("".join(f"{entry}\n" for entry in sorted(listed(archives))))


if __name__ == "__main__":
    built = {path.name: path for path in (Path(__file__).parent.parent / "build").glob("*.zip")}
    if not built:
        sys.exit("✗ nothing is built: make package")
    write(built)
    print(f"wrote {FILE.name}; look at what changed: git diff {FILE.relative_to(FILE.parent.parent)}")
