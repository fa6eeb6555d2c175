"""The house rules that a machine can hold: who imports whom, sizes, words, exactness."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

import wacost

PACKAGE = Path(wacost.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
SQL = sorted(PACKAGE.rglob("*.sql"))
NAMES = [str(path.relative_to(PACKAGE)) for path in MODULES]

LAYERS = [
    {"__main__"},
    {"cli", "charts", "notebook", "report", "lab", "serve", "spark"},
    {"workspace"},
    {"accounts", "privacy"},
    {"billing", "balance", "contacts", "analytics", "reconcile"},
    {"ingest", "rating", "simulate"},
    {"cards", "dialplan", "store", "config", "frames"},
    {
        *("money", "errors", "bundled", "names", "zones", "months", "workbooks", "markup"),
        *("language", "whole"),
    },
]
"""From the edge to the ground: a room imports only rooms below its own layer, or of its layer
where that is said in `NEIGHBOURS`."""

NEIGHBOURS = {
    ("cli", "serve"),
    ("cli", "report"),
    ("cli", "lab"),
    ("notebook", "charts"),
    ("report", "charts"),
    ("cards", "dialplan"),
    ("privacy", "accounts"),
    ("markup", "names"),
    ("markup", "language"),
    ("names", "errors"),
    ("zones", "errors"),
    ("months", "errors"),
    ("months", "zones"),
    ("money", "errors"),
    ("language", "money"),
    ("language", "errors"),
    ("bundled", "errors"),
    ("workbooks", "whole"),
}
LATE = {
    ("cards", "rating"),  # card.quote: a card knows its price only when it is asked
}
"""Imports upwards that stand inside a function, and why."""

PUBLIC = [
    "Charge",
    "ConfigError",
    "CurrencyMismatchError",
    "Explanation",
    "IngestReport",
    "InputError",
    "Invoice",
    "MissingExtraError",
    "PayloadError",
    "Problem",
    "RateCard",
    "RateCardError",
    "RatingError",
    "StoreError",
    "StoreLockedError",
    "StoreVersionError",
    "WacostError",
    "Workspace",
    "card_names",
    "load_card",
    "open",
    "rate",
]


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def layer_of(room: str) -> int:
    return next(n for n, rooms in enumerate(LAYERS) if room in rooms)


def imports_of(path: Path) -> set[tuple[str, bool]]:
    """Return the rooms that a module imports: (room, whether inside a function)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    late = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (
                [f"{node.module}.{a.name}" for a in node.names]
                if node.module == "wacost"
                else [node.module]
            )
        for name in names:
            parts = name.split(".")
            if parts[0] == "wacost" and len(parts) > 1:
                found.add((parts[1], node in late))
    return found


def test_every_room_has_its_layer():
    rooms = {room_of(path) for path in MODULES} - {"__init__"}
    assert rooms <= set().union(*LAYERS)


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_imports_go_down(path):
    room = room_of(path)
    if room == "__init__":
        return
    for other, late in imports_of(path):
        allowed = (
            other == room
            or layer_of(other) > layer_of(room)
            or (room, other) in NEIGHBOURS
            or (late and (room, other) in LATE)
        )
        assert allowed, f"{room} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_no_module_is_longer_than_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_no_function_is_longer_than_60_lines(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            described = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            start = first.end_lineno if described else node.lineno
            assert node.end_lineno - start <= 60, node.name


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_every_module_and_public_name_is_documented(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module"
    for node in tree.body:
        public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        if public and "overload" not in map(ast.unparse, node.decorator_list):
            assert ast.get_docstring(node), node.name


def test_there_is_no_room_for_odds_and_ends():
    assert not {path.stem for path in MODULES} & {"utils", "util", "helpers", "misc"}


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_no_float_is_made(path):
    """Of amounts, never; the simulator draws lots with floats, which no amount is made of."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        made = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if made and node.func.id == "float":
            assert room_of(path) == "simulate"


def test_only_forecasts_of_a_balance_compute_in_floats():
    """They are estimates, shown rounded and booked nowhere."""
    uses = {room_of(path) for path in MODULES if re.search(r"import numpy", path.read_text())}
    assert uses == {"balance"}


@pytest.mark.parametrize("path", [*SQL, *MODULES], ids=[p.name for p in [*SQL, *MODULES]])
def test_no_sql_makes_a_double(path):
    text = path.read_text(encoding="utf-8")
    code = re.sub(r"--.*|#.*|\"\"\"(.|\n)*?\"\"\"", "", text)
    assert not re.search(r"\bDOUBLE\b|\bAVG\s*\(|::\s*(FLOAT|REAL)\b", code)


def test_only_the_store_connects_to_duckdb():
    for path in MODULES:
        if "duckdb.connect" in path.read_text(encoding="utf-8"):
            assert room_of(path) in {"store", "ingest", "spark"}, path


def test_only_the_command_line_prints():
    for path in MODULES:
        if room_of(path) in {"cli", "__main__"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            assert not (called and node.func.id in {"print", "exit"}), path


def test_the_public_names_are_pinned():
    assert wacost.__all__ == dir(wacost) == PUBLIC
    for name in PUBLIC:
        assert getattr(wacost, name) is not None


def test_layers_are_disjoint():
    for above, below in pairwise(LAYERS):
        assert not above & below
