"""run.py, as files beside the pipelines that they are rendered from."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from featuremill_codegen import ConnectorJar, build_package, load_pipeline
from featuremill_codegen.render import python_block, render
from hypothesis import given
from hypothesis import strategies as st

PIPELINES = ["aircraft_rotation", "airport_departure_delay"]


@pytest.mark.parametrize("name", PIPELINES)
def test_run_py(name: str, fixtures: Path, expect: Callable[[Path, str], None]) -> None:
    expect(fixtures / "expected" / name / "run.py", render(load_pipeline(fixtures / "pipelines" / name)))


@pytest.mark.parametrize("name", PIPELINES)
def test_manifest(
    name: str, fixtures: Path, tmp_path: Path, connector: ConnectorJar, expect: Callable[[Path, str], None]
) -> None:
    package = build_package(fixtures / "pipelines" / name, tmp_path, connector)
    expect(fixtures / "expected" / name / "manifest.json", (package.path / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PIPELINES)
def test_imports_pyflink_and_the_standard_library_only(name: str, fixtures: Path) -> None:
    tree = ast.parse(render(load_pipeline(fixtures / "pipelines" / name)))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    standard = {"argparse", "hashlib", "importlib", "json", "logging", "os", "pathlib", "re", "sys", "traceback"}
    assert {module for module in modules if not module.startswith("pyflink")} <= standard


def test_sql_stands_in_it_word_by_word(fixtures: Path) -> None:
    folder = fixtures / "pipelines" / "aircraft_rotation"
    text = render(load_pipeline(folder))
    for statement in (folder / "transform.sql").read_text(encoding="utf-8").split(";\n"):
        assert statement.strip() in text


def test_without_ttl_there_is_no_header(write: Callable[[str, str], Path], demo: Path) -> None:
    assert "ttl_ms" in render(load_pipeline(demo))
    config = (demo / "feature.yaml").read_text(encoding="utf-8")
    text = render(load_pipeline(write("feature.yaml", config.replace("\nttl: 1d\n", "\n"))))
    assert "ttl_ms" not in text
    assert "headers" not in text


def test_value_format_keeps_its_prefix(write: Callable[[str, str], Path], demo: Path) -> None:
    source = (demo / "source.sql").read_text(encoding="utf-8")
    source = source.replace("'format' = 'json'", "'value.format' = 'json'").replace("'json.time", "'value.json.time")
    text = render(load_pipeline(write("source.sql", source)))
    assert '"value.format": "featuremill-dead-letter"' in text
    assert '"value.featuremill-dead-letter.json.timestamp-format.standard": "ISO-8601"' in text
    assert '"value.json.timestamp-format.standard": None' in text


@given(st.text(alphabet=st.sampled_from("a\"'\\\n{}% $é\U0001f6eb")))
def test_any_sql_survives_as_a_python_literal(sql: str) -> None:
    assert ast.literal_eval(python_block(sql)).strip("\n") == sql.strip("\n")


def _part(text: str, names: set[str], **given: Any) -> dict[str, Any]:
    """The functions, classes and imports of these names out of a run.py, executed without the rest of it."""
    tree = ast.parse(text)
    kept: list[ast.stmt] = [
        node
        for node in tree.body
        if (isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names)
        or (
            isinstance(node, ast.Import)
            and {"functools", "json", "logging", "os", "re", "sys"} & {each.name for each in node.names}
        )
    ]
    space: dict[str, Any] = {"MANIFEST": {"pipeline": "demo", "variables": ["HOST", "SECRET"]}, "Path": Path, **given}
    exec(compile(ast.Module(kept, []), "run.py", "exec"), space)
    return space


@pytest.mark.parametrize(
    ("statement", "resolved"),
    [
        ("WITH ('a' = '${HOST}')", "WITH ('a' = 'it''s')"),
        ("WITH ('a' = 'kafka://${HOST}:${SECRET}/it''s')", "WITH ('a' = 'kafka://it''s:hush!/it''s')"),
        ("-- ${HOST} isn't a string\n'${HOST}'", "-- ${HOST} isn't a string\n'it''s'"),
        ("/* '${HOST}' */ '${HOST}' // '${HOST}'", "/* '${HOST}' */ 'it''s' // '${HOST}'"),
        ("`it's ${HOST}` '${HOST}'", "`it's ${HOST}` 'it''s'"),
    ],
)
def test_variables_are_filled_in_inside_strings_only(
    statement: str, resolved: str, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "HOST", "it's")
    monkeypatch.setitem(os.environ, "SECRET", "hush!")
    assert _part(render(load_pipeline(demo)), {"resolved", "fill_in", "quoted"})["resolved"](statement) == resolved


def test_a_java_error_shows_its_root_cause_without_secrets(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "SECRET", "hush!")
    root_cause = _part(render(load_pipeline(demo)), {"root_cause"})["root_cause"]
    error = (
        "An error occurred while calling o4.executeSql.\n: org.apache.flink.table.api.TableException: outer\n"
        "\tat org.apache.Some.method(Some.java:1)\n"
        "Caused by: org.apache.flink.table.api.ValidationException: no factory for hush!\n\nThere are:\n\nkafka\n"
        "\tat org.apache.Some.method(Some.java:1)\n\t... 12 more\n"
    )
    assert root_cause(Exception(error)) == "ValidationException: no factory for ${SECRET}\n\nThere are:\n\nkafka"
    assert root_cause(Exception("plain")) == "plain"


def test_manifest_beside_run_py_is_what_it_reads(demo: Path, tmp_path: Path, connector: ConnectorJar) -> None:
    package = build_package(demo, tmp_path / "dist", connector)
    assert json.loads((package.path / "manifest.json").read_text(encoding="utf-8")) == package.manifest


@pytest.mark.parametrize("content", ["[]", '{"page_views": 1}', '{"other": {}}', "{", ""])
def test_wrong_overrides_end_with_2(
    content: str, demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = _part(render(load_pipeline(demo)), {"read_overrides", "fail"}, SOURCE_TABLES={"page_views": ""})
    (tmp_path / "overrides.json").write_text(content)
    with pytest.raises(SystemExit) as ended:
        part["read_overrides"](str(tmp_path / "overrides.json"))
    assert ended.value.code == 2
    assert str(tmp_path / "overrides.json") in capsys.readouterr().err


def test_good_overrides_are_read(demo: Path, tmp_path: Path) -> None:
    part = _part(render(load_pipeline(demo)), {"read_overrides", "fail"}, SOURCE_TABLES={"page_views": ""})
    content = {"page_views": {"connector": "print", "topic": None}, "feature_source": {}, "features_dead_letter": {}}
    (tmp_path / "overrides.json").write_text(json.dumps(content))
    assert part["read_overrides"](str(tmp_path / "overrides.json")) == content
    assert part["read_overrides"](None) == {}


class _Counter:
    def __init__(self) -> None:
        self.count = 0

    def get_metric_group(self) -> _Counter:
        return self

    def counter(self, name: str) -> _Counter:
        assert name == "udf_errors"
        return self

    def inc(self) -> None:
        self.count += 1


class _WithoutMetrics:
    def get_metric_group(self) -> _Counter:
        raise RuntimeError("Metric has not been enabled.")


def test_a_function_that_raises_gives_null(fixtures: Path, caplog: pytest.LogCaptureFixture) -> None:
    class ScalarFunction:
        pass

    class Inverse(ScalarFunction):
        opened = closed = False

        def open(self, context: object) -> None:
            self.opened = True

        def close(self) -> None:
            self.closed = True

        def eval(self, number: int) -> float:
            return 1 / number

    text = render(load_pipeline(fixtures / "pipelines" / "aircraft_rotation"))
    part = _part(text, {"Guarded"}, ScalarFunction=ScalarFunction)
    counter, inner = _Counter(), Inverse()
    guarded = part["Guarded"]("inverse", inner, False)
    guarded.open(counter)
    assert [guarded.eval(number) for number in (2, 0, 4)] == [0.5, None, 0.25]
    assert counter.count == 1
    assert "inverse(0,) failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    guarded.close()
    assert (inner.opened, inner.closed, guarded.is_deterministic()) == (True, True, False)

    plain = part["Guarded"]("half", lambda number: number / 2, True)
    plain.open(_WithoutMetrics())
    assert plain.eval(1) == 0.5
    assert plain.eval("x") is None
    plain.close()


def test_logs_are_not_flooded(fixtures: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = render(load_pipeline(fixtures / "pipelines" / "aircraft_rotation"))
    guarded = _part(text, {"Guarded"}, ScalarFunction=type("ScalarFunction", (), {}))["Guarded"]
    failing = guarded("failing", None, True)
    failing.evaluate, failing.metric = (lambda: 1 / 0), _Counter()
    for _ in range(2000):
        assert failing.eval() is None
    assert failing.metric.count == 2000
    assert len(caplog.records) == 102


def test_logs_of_a_batch_are_not_flooded(fixtures: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = render(load_pipeline(fixtures / "spark" / "pipelines" / "odd_days"))
    part = _part(text, {"guarded"}, LONGEST_EXAMPLE=300)
    counted: list[tuple[int, tuple[str, ...]]] = []
    failing = part["guarded"]("failing", lambda number: number / 0, SimpleNamespace(add=counted.append))
    assert [failing(number) for number in range(2000)] == [None] * 2000
    assert counted[-1] == (1, ("failing(1999): ZeroDivisionError: division by zero",))
    assert len(counted) == 2000
    assert len(caplog.records) == 102
    assert caplog.messages[-1] == "failing(1999,) failed (2000 so far)"


def test_any_description_stands_in_the_docstring(write: Callable[[str, str], Path], demo: Path) -> None:
    config = (demo / "feature.yaml").read_text(encoding="utf-8")
    description = 'Quotes " and """ and a \\\\d and a {{ brace }}'
    config = config.replace("description: How", f"description: '{description}'  #", 1)
    text = render(load_pipeline(write("feature.yaml", config)))
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring is not None
    assert docstring.startswith(f"demo: {description}".replace('"""', "'''"))
