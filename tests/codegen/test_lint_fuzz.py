"""Whatever stands in a pipeline's files, lint answers with findings: no traceback, no hang."""

from __future__ import annotations

import importlib.util
import random
import time
from pathlib import Path

import pytest
from featuremill_codegen.lint import lint
from featuremill_codegen.lint.fix import fix
from featuremill_codegen.lint.formats import MACHINE_FORMATS
from featuremill_codegen.lint.pages import write_example

_SPEC = importlib.util.spec_from_file_location("fuzz", Path(__file__).with_name("fuzz.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
fuzz = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(fuzz)

LONGEST = 10.0
"""CPU seconds. The slowest takes about one; a machine may be three times slower, a hang is not."""
BASE = "SELECT page, viewed_at AS event_time, {} AS n FROM page_views"


# the others where there is time
@pytest.mark.parametrize("group", [*range(5), *(pytest.param(group, marks=pytest.mark.slow) for group in range(5, 20))])
def test_mutated_pipelines(group: int, tmp_path: Path) -> None:
    starts = fuzz.seeds()
    root = tmp_path / "pipelines"
    for seed in range(group * 30, group * 30 + 30):
        chance = random.Random(seed)
        fuzz.write(fuzz.broken(chance, chance.choice(starts)), root / "demo")
        started = time.process_time()
        _whole_of_lint(root)
        assert time.process_time() - started < LONGEST, f"seed {seed}"


def _many(text: str, size: int) -> str:
    return text * (size // len(text))


SHAPES = {
    "sum": lambda size: BASE.format("1" + _many("+1", size)),
    "minus": lambda size: BASE.format(_many("- ", size) + "1"),
    "not": lambda size: BASE.format(_many("NOT ", size) + "TRUE"),
    "dots": lambda size: BASE.format("a" + _many(".a", size)),
    "columns": lambda size: BASE.format("seconds" + _many(",seconds", size)),
    "open brackets": lambda size: BASE.format(_many("(", size)),
    "open cases": lambda size: BASE.format(_many("CASE WHEN ", size)),
    "open string": lambda size: BASE.format("'" + _many("x", size)),
    "long string": lambda size: BASE.format("'" + _many("x", size) + "'"),
    "quotes": lambda size: _many("'", size),
    "union": lambda size: "SELECT 1 AS page" + _many(" UNION ALL SELECT 1", size),
    "subqueries": lambda size: "SELECT * FROM " + _many("(SELECT * FROM ", size),
    "statements": lambda size: _many("SELECT 1;", size),
    "joins": lambda size: BASE.format("1") + _many(" JOIN page_views", size),
    "comments": lambda size: _many("-- x\n", size) + BASE.format("1"),
    "silences": lambda size: _many("-- featuremill: ignore FM202\n", size) + BASE.format("1"),
    "empty lines": lambda size: _many("\n", size),
    "lists": lambda size: "a: " + _many("[", size),
    "blocks": lambda size: _many("- ", size),
    "keys": lambda size: "".join(f"k{number}: 1\n" for number in range(size // 10)),
    "python": lambda size: "x = " + _many("not ", size) + "1",
    "attributes": lambda size: "x = a" + _many(".a", size),
}
QUERIES = ("transform.sql", "transform.hql")
OTHERS = {
    "lists": ("feature.yaml",),
    "blocks": ("feature.yaml",),
    "keys": ("feature.yaml",),
    "python": ("udf_def.py",),
    "attributes": ("udf_def.py",),
    "statements": ("source.sql", "source.hql", "transform.sql", "transform.hql"),
    "quotes": fuzz.NAMES,
    "open brackets": fuzz.NAMES,
    "empty lines": fuzz.NAMES,
}
"""The files that a shape is for, where those aren't the queries."""


@pytest.mark.parametrize("size", [30_000, 990_000])
@pytest.mark.parametrize("shape", SHAPES)
def test_large_and_deep_files(shape: str, size: int, tmp_path: Path) -> None:
    files = OTHERS.get(shape, QUERIES)
    for name in files if size < 100_000 else files[:1]:
        root = tmp_path / name / "pipelines"
        write_example({name: SHAPES[shape](size)}, root)
        started = time.process_time()
        _whole_of_lint(root)
        assert time.process_time() - started < LONGEST, name


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    root = tmp_path / "pipelines"
    write_example({"transform.sql": "x" * 1_000_001}, root)
    assert [each.code for each in lint(root)] == ["FM100"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_change_nothing(end: str, mark: str, demo: Path) -> None:
    expected = None
    path = demo / "transform.sql"
    text = path.read_text(encoding="utf-8").replace("CAST(seconds AS DOUBLE)", "seconds")
    path.write_text(text, encoding="utf-8")
    expected = lint(demo.parent)
    for file in (*demo.glob("*.sql"), demo / "feature.yaml"):
        file.write_bytes((mark + file.read_text(encoding="utf-8").replace("\n", end)).encode())
    assert lint(demo.parent) == expected != []


def _whole_of_lint(root: Path) -> None:
    """Lint, show, mend, and lint again what was mended."""
    findings = lint(root)
    for finding in findings:
        finding.render(color=True)
    for form in MACHINE_FORMATS.values():
        form(findings)
    if fix(root, findings):
        lint(root)
