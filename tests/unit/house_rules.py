"""The house rules, as functions from a source tree to what is wrong in it."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Rule = Callable[[Path], Iterator[str]]

# A room imports only from those with a lower number; rooms with the same number not from each other.
ROOMS = {
    "errors": 0,
    "clock": 0,
    "trace": 0,
    "money": 1,
    "config": 1,
    "templating": 2,
    "metrics": 2,
    "settings": 3,
    "mail": 4,
    "billing": 5,
    "events": 6,
    "receipts": 7,
    "access": 8,
    "notices": 8,
    "web": 10,
    "app": 11,
}
# They implement what the rooms ask for, and are handed to them by `wiring`.
ADAPTERS = ("chalicelib.storage", "chalicelib.billing.stripe_", "chalicelib.mail.ses")
ADAPTERS_REACH = 9
WIRING = "chalicelib.wiring"
FOREIGN = {
    "stripe": ("chalicelib/billing/stripe_calls.py",),
    "pynamodb": ("chalicelib/storage/",),
    "boto3": ("chalicelib/storage/", "chalicelib/mail/ses.py"),
    "botocore": ("chalicelib/storage/", "chalicelib/mail/ses.py"),
    "fpdf": ("chalicelib/receipts/pdf.py",),
    "fontTools": ("chalicelib/receipts/pdf.py",),
    "jinja2": ("chalicelib/templating.py",),
    "chalice": ("chalicelib/web/", "app.py"),
    "local": (),
    "ops": (),
    "tests": (),
}
READS = {
    r"\bos\.(environ|getenv)\b|from os import .*\b(environ|getenv)\b": "chalicelib/config.py",
    r"\btime\.time\(|\bfrom time import .*\btime\b|\b(datetime|date)\.(now|utcnow|today)\(": "chalicelib/clock.py",
}
SKIPS = re.compile(r"pytest\.(skip|importorskip|xfail)\b|mark\.(skip|skipif|xfail)\b|unittest\.skip|SkipTest")
CATCH_ALL_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
APP_LINES, MODULE_LINES, FUNCTION_LINES, HANDLER_LINES = 70, 250, 40, 12


def rooms_import_only_downwards(root: Path) -> Iterator[str]:
    """`app.py > web > notices, access > receipts > events > billing > mail > settings > basics`."""
    for file in shipped(root):
        importer = module_name(root, file)
        for target in imports(file):
            if target.startswith("chalicelib.") and not allowed(importer, target):
                yield f"{importer} may not import {target}"


def allowed(importer: str, target: str) -> bool:
    """Whether one module of ours may import another."""
    if target.startswith(WIRING):
        return room(importer) in {"web", "app"} or importer.startswith(WIRING)
    if importer.startswith(WIRING):
        return room(target) != "web"
    if is_adapter(target):
        return is_adapter(importer) and room(importer) == room(target)
    if room(importer) == room(target):
        return True
    reach = ADAPTERS_REACH if is_adapter(importer) else ROOMS[room(importer)]
    return ROOMS[room(target)] < reach


def is_adapter(module: str) -> bool:
    """Whether a module is one that only `wiring` may build."""
    return module.startswith(ADAPTERS)


def room(module: str) -> str:
    """The room a module belongs to: `billing` for `chalicelib.billing.account`."""
    parts = module.split(".")
    return parts[1] if parts[0] == "chalicelib" and len(parts) > 1 else parts[0]


def foreign_code_stays_in_its_adapter(root: Path) -> Iterator[str]:
    """`stripe`, AWS, PDF and template libraries each in one place; nothing shipped needs local, ops or tests."""
    for file in shipped(root):
        here = file.relative_to(root).as_posix()
        for target in imports(file):
            top = target.split(".")[0]
            if top in FOREIGN and not here.startswith(FOREIGN[top] or ("/",)):
                yield f"{here} may not import {top}"


def environment_and_time_are_read_in_one_place(root: Path) -> Iterator[str]:
    """`os.environ` only in config.py, the current time only in clock.py."""
    for file in shipped(root):
        here = file.relative_to(root).as_posix()
        source = code_only(file)
        yield from (
            f"{here} reads {found[0]}"
            for rx, home in READS.items()
            if here != home
            for found in re.finditer(rx, source)
        )


def everything_is_small(root: Path) -> Iterator[str]:
    """Lines of app.py, modules, functions and route handlers."""
    for file in shipped(root):
        here = file.relative_to(root).as_posix()
        lines = len(file.read_text().splitlines())
        most = APP_LINES if here == "app.py" else MODULE_LINES
        if lines > most:
            yield f"{here} has {lines} lines, {most} are allowed"
        for function in functions(file):
            length = (function.end_lineno or 0) - function.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{here}: {function.name} has {length} lines, {FUNCTION_LINES} are allowed"
            if is_route(function) and body_lines(function) > HANDLER_LINES:
                yield f"{here}: handler {function.name} has {body_lines(function)} lines, {HANDLER_LINES} are allowed"


def names_say_what_is_inside(root: Path) -> Iterator[str]:
    """No file called utils, helpers or common."""
    for file in [*shipped(root), *(root / "local").rglob("*.py"), *(root / "ops").rglob("*.py")]:
        if file.stem in CATCH_ALL_NAMES or file.parent.name in CATCH_ALL_NAMES:
            yield f"{file.relative_to(root)} has a name that says nothing"


def public_functions_say_what_they_do(root: Path) -> Iterator[str]:
    """A docstring on every public module, class, function and method; a Protocol's class speaks for its methods."""
    for file in shipped(root):
        here, tree = file.relative_to(root).as_posix(), parsed(file)
        if tree.body and not ast.get_docstring(tree):
            yield f"{here} has no docstring"
        for node in public(tree):
            if not ast.get_docstring(node) and not is_stub(node) and not overrides(node):
                yield f"{here}: {node.name} has no docstring"


def no_test_is_skipped(root: Path) -> Iterator[str]:
    """No skip, skipif, importorskip or xfail anywhere in the tests."""
    rules = {"house_rules.py", "test_house_rules.py"}
    for file in (root / "tests").rglob("*.py"):
        if file.name not in rules:
            yield from (f"{file.relative_to(root)} uses {found[0]}" for found in SKIPS.finditer(code_only(file)))


def every_route_is_guarded(app: Any) -> Iterator[str]:
    """Each route of the app says who may come in (`chalicelib/web/guard.py`)."""
    for pattern, methods in app.routes.items():
        for method, entry in methods.items():
            if not getattr(entry.view_function, "guard", ""):
                yield f"{method} {pattern} says not who may come in"


TREE_RULES: tuple[Rule, ...] = (
    rooms_import_only_downwards,
    foreign_code_stays_in_its_adapter,
    environment_and_time_are_read_in_one_place,
    everything_is_small,
    names_say_what_is_inside,
    public_functions_say_what_they_do,
    no_test_is_skipped,
)


# Reading source


def shipped(root: Path) -> list[Path]:
    """The Python files that go to Lambda."""
    return sorted([*(root / "chalicelib").rglob("*.py"), *root.glob("app.py")])


def module_name(root: Path, file: Path) -> str:
    """`chalicelib.billing.account` for its file, the package's name for an `__init__.py`."""
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def parsed(file: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(file.read_text(), str(file))


def imports(file: Path) -> Iterator[str]:
    """Full names of the modules a file imports, wherever in it."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def code_only(file: Path) -> str:
    """The source without comments, docstrings and other strings."""
    tree = parsed(file)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.unparse(tree)


def functions(file: Path) -> list[ast.FunctionDef]:
    """All functions of a file, methods and inner ones included."""
    return [node for node in ast.walk(parsed(file)) if isinstance(node, ast.FunctionDef)]


def is_route(function: ast.FunctionDef) -> bool:
    """Whether it is decorated with `….route(…)`."""
    return any(ast.unparse(decorator).partition("(")[0].endswith(".route") for decorator in function.decorator_list)


def body_lines(function: ast.FunctionDef) -> int:
    """Lines of the body, without the docstring."""
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return (function.end_lineno or 0) - first.lineno + 1


def public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Public functions and classes of a module, and the public methods of those classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            inner = node.body if isinstance(node, ast.ClassDef) else []
            yield from (each for each in inner if isinstance(each, ast.FunctionDef) and not each.name.startswith("_"))


def is_stub(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether the body is only `...`, as in a Protocol."""
    return len(node.body) == 1 and ast.unparse(node.body[0]) == "..."


def overrides(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """A property's setter, an overload, a method that says it overrides: documented elsewhere."""
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    return any(text.endswith(".setter") or text in {"overload", "override"} for text in decorators)
