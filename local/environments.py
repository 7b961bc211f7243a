"""The two virtual environments, made only when what they hold has changed.

Run by the system's Python before anything is installed: the standard library only, and syntax an old Python can read
well enough to be told that it is too old.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
# Emulated AWS runs the functions it is given on its own interpreter, so it must not see our packages.
ENVIRONMENTS = {".venv": ["requirements-dev.txt", "requirements-spec.txt"], ".venv-aws": ["requirements-aws.txt"]}
# Only a file inside this package is read; what the package itself would need is not wanted.
WITHOUT_DEPENDENCIES = "requirements-spec.txt"


def main():
    """Make or renew both environments; one clear line and exit 1 when that cannot be done."""
    if sys.version_info < OLDEST:
        stop("Tillkey needs Python 3.11 or newer, this is {}.{}: PYTHON=python3.11 make run".format(*sys.version_info))
    for folder, requirements in ENVIRONMENTS.items():
        prepare(ROOT / folder, [ROOT / name for name in requirements])


def prepare(folder, requirements):
    """Install `requirements` into the environment at `folder`, unless its stamp says it holds just that."""
    stamp = folder / "made-from"
    wanted = fingerprint(requirements)
    if stamp.is_file() and stamp.read_text() == wanted and (folder / "bin" / "python").exists():
        return
    run(
        [sys.executable, "-m", "venv", str(folder)],
        "Making {} failed. On Debian: apt install python3-venv".format(folder),
    )
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for file in requirements:
        print("Installing {} into {} …".format(file.name, folder.name), flush=True)
        alone = ["--no-deps"] if file.name == WITHOUT_DEPENDENCIES else []
        run([*pip, *alone, "-r", str(file)], "Installing {} failed; pip says why above.".format(file.name))
    stamp.write_text(wanted)


def fingerprint(requirements):
    """Changes with the Python version and with every file of requirements, included ones too."""
    digest = hashlib.sha256(sys.version.encode())
    pending = list(requirements)
    while pending:
        text = pending.pop().read_text()
        digest.update(text.encode())
        pending += [ROOT / line[3:].strip() for line in text.splitlines() if line.startswith("-r ")]
    return digest.hexdigest()


def run(command, trouble):
    """Run to the end; `trouble` is what the person reads when it fails."""
    if subprocess.run(command, check=False).returncode:
        stop(trouble)


def stop(why):
    """One line, exit 1."""
    print("✗ " + why, file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
