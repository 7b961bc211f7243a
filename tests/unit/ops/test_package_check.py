"""A package that would not run in Lambda is refused."""

import zipfile
from pathlib import Path

import pytest

from ops import package_check

WHEEL = "pillow-12.2.0.dist-info/WHEEL"
GOOD = {
    **dict.fromkeys(package_check.OURS, ""),
    **dict.fromkeys(package_check.NEEDED, ""),
    WHEEL: "Tag: cp311-cp311-manylinux2014_aarch64\n",
}


def archive(folder: Path, files: dict[str, str], prefix: str = "") -> dict[str, Path]:
    """One zip with these files."""
    path = folder / "deployment.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name, text in files.items():
            made.writestr(prefix + name, text)
    return {path.name: path}


@pytest.mark.parametrize("folder", ["", "python/", "python/lib/python3.11/site-packages/"])
def test_a_whole_package_passes(tmp_path: Path, folder: str) -> None:
    assert list(package_check.faults(archive(tmp_path, GOOD, folder))) == []


@pytest.mark.parametrize("missing", [*package_check.OURS, *package_check.NEEDED])
def test_a_missing_part_is_named(tmp_path: Path, missing: str) -> None:
    files = {name: text for name, text in GOOD.items() if name != missing}

    assert list(package_check.faults(archive(tmp_path, files))) == [f"{missing} is missing"]


@pytest.mark.parametrize("stray", ["local/stack.py", "tests/conftest.py", "chalicelib/.env", "_pytest/main.py"])
def test_a_file_that_belongs_to_development_is_named(tmp_path: Path, stray: str) -> None:
    found = list(package_check.faults(archive(tmp_path, {**GOOD, stray: ""})))

    assert found == [f"deployment.zip holds {stray}"]


def test_a_wheel_compiled_on_this_machine_is_named(tmp_path: Path) -> None:
    files = {**GOOD, WHEEL: "Tag: cp311-cp311-linux_x86_64\n"}

    found = list(package_check.faults(archive(tmp_path, files)))

    assert found == ["deployment.zip: pillow-12.2.0.dist-info was compiled on this machine"]


def test_a_package_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_check, "LIMIT", 10)

    assert list(package_check.faults(archive(tmp_path, GOOD))) == ["deployment.zip is over 50 MB"]
