"""Fixtures of the codegen tests. Expected texts are files; UPDATE_EXPECTED=1 writes them anew, for a person to
review.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from featuremill_codegen import ConnectorJar
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.pages import examples, findings_in
from featuremill_codegen.lint.rules import BY_CODE, ELSEWHERE
from featuremill_codegen.scaffold import new_pipeline
from fixture_tables import FixtureTables, read_tables

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def fixtures() -> Path:
    """The folder of data files."""
    return FIXTURES


@pytest.fixture(autouse=True)
def own_cache(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What lint remembers stays in the test's folder. (Tests with a JVM need what the user's cache holds.)"""
    if request.node.get_closest_marker("jvm") is None:
        monkeypatch.setenv("FEATUREMILL_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def tables() -> FixtureTables:
    """The tables, views and functions of fixtures/types_on_flink."""
    return read_tables(FIXTURES / "types_on_flink")


@pytest.fixture(scope="session")
def in_bad_examples() -> dict[str, list[Finding]]:
    """What lint finds in the bad example of each rule that it runs."""
    return {code: findings_in(examples(code)[0]) for code in BY_CODE if code not in ELSEWHERE}


@pytest.fixture
def connector() -> ConnectorJar:
    """A pin like the one of our connector jar."""
    return ConnectorJar("io.featuremill:featuremill-redis:0.1.0", "0123456789abcdef" * 4)


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """The folder `pipelines/demo`, as `new` makes it."""
    return new_pipeline(tmp_path / "pipelines", "demo")


@pytest.fixture
def write(demo: Path) -> Callable[[str, str], Path]:
    """Writes a file of the demo pipeline; its folder."""

    def write_file(name: str, text: str) -> Path:
        (demo / name).write_text(text, encoding="utf-8")
        return demo

    return write_file


@pytest.fixture
def expect() -> Callable[[Path, str], None]:
    """Compares a text with the one in a file."""

    def compare(path: Path, text: str) -> None:
        if os.environ.get("UPDATE_EXPECTED") == "1":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare
