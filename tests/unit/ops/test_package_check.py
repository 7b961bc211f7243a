"""A package that would not run in Lambda is refused."""

import zipfile
from pathlib import Path

import pytest

from ops import package_check, package_list

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


@pytest.mark.parametrize("platform", ["manylinux2014_x86_64", "macosx_11_0_arm64", "win_amd64"])
def test_a_wheel_for_another_machine_is_named(tmp_path: Path, platform: str) -> None:
    files = {**GOOD, WHEEL: f"Tag: cp311-cp311-{platform}\n"}

    assert list(package_check.faults(archive(tmp_path, files))) == [
        "deployment.zip: pillow-12.2.0.dist-info is for another machine than aarch64"
    ]


def test_a_wheel_for_any_machine_passes(tmp_path: Path) -> None:
    files = {**GOOD, "six-1.17.0.dist-info/WHEEL": "Tag: py2-none-any\nTag: py3-none-any\n"}

    assert list(package_check.faults(archive(tmp_path, files))) == []


@pytest.mark.parametrize("secret", ["sk_live_", "rk_test_", "whsec_"])
def test_a_file_with_a_secret_in_it_is_named(tmp_path: Path, secret: str) -> None:
    files = {**GOOD, "chalicelib/config.py": f"KEY = '{secret}{'a1B2' * 6}'"}

    assert list(package_check.faults(archive(tmp_path, files))) == [
        "deployment.zip: chalicelib/config.py holds what looks like a secret"
    ]


def test_what_came_and_what_went_since_the_list_was_reviewed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = "python/lib/python3.11/site-packages/"
    known = {"app.py": "", f"{site}stripe/__init__.py": "", f"{site}stripe-16.1.0.dist-info/WHEEL": ""}
    monkeypatch.setattr(package_list, "FILE", tmp_path / "list.txt")
    package_list.write(archive(tmp_path, known))
    assert list(package_list.differences(archive(tmp_path, known))) == []
    changed = {f"{site}stripe/__init__.py": "", f"{site}stripe-17.0.0.dist-info/WHEEL": "", f"{site}left_pad.py": ""}
    found = [line.partition(" (")[0] for line in package_list.differences(archive(tmp_path, changed))]
    assert found == ["library left_pad.py is new in the package", "app.py is not in the package any more"]


def test_the_reviewed_list_holds_exactly_our_files() -> None:
    root = package_list.FILE.parent.parent
    shipped = [root / "app.py", *(root / "chalicelib").rglob("*"), *(root / "templates").rglob("*")]
    ours = {str(path.relative_to(root)) for path in shipped if path.is_file() and "__pycache__" not in path.parts}
    listed = {
        line for line in package_list.FILE.read_text().splitlines() if not line.startswith(("library ", "chalice/"))
    }
    assert listed == ours
