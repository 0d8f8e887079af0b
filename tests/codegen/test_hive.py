"""HiveQL pipelines: types, lineage, names and the contract, from the text of fixtures/hive."""

from __future__ import annotations

import ast
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from featuremill_codegen import ConnectorJar, PipelineError, build_package, load_pipeline
from featuremill_codegen.cli import main
from featuremill_codegen.render import render

NAME = "carrier_daily_quality"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def batch(fixtures: Path, tmp_path: Path) -> Path:
    """A copy of the fixture's folder."""
    return Path(shutil.copytree(fixtures / "hive" / "pipelines" / NAME, tmp_path / "pipelines" / NAME))


def _mistake(folder: Path, file: str, text: str) -> str:
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(PipelineError) as error:
        load_pipeline(folder)
    return str(error.value)


def test_lineage_of_a_batch(
    fixtures: Path, capsys: pytest.CaptureFixture[str], expect: Callable[[Path, str], None]
) -> None:
    folder = fixtures / "hive"
    assert main(["lineage", "--root", str(folder / "pipelines"), NAME]) == 0
    expect(folder / "expected" / f"{NAME}.txt", capsys.readouterr().out)


def test_types_of_a_batch(batch: Path) -> None:
    found = load_pipeline(batch, {"env": "test", "dt": "2013-01-01"})
    assert found.mode == "batch"
    assert [table.name for table in found.tables] == ["db_test.flights", "carriers"]
    assert {feature.name: str(feature.type) for feature in found.features} == {
        "flights_1d": "BIGINT",
        "mean_delay_1d": "DOUBLE",
        "total_delay_1d": "BIGINT",
        "delay_ratio_1d": "DOUBLE",
        "revenue_1d": "DECIMAL(20, 2)",
        "mean_price_1d": "DECIMAL(14, 6)",
        "delays_by_hour": "ARRAY<INT>",
        "tags_1d": "ARRAY<STRING>",
        "last_position": "INT",
        "name": "STRING",
        "large_planes_1d": "BIGINT",
        "median_distance_1d": "DOUBLE",
        "pilots": "INT",
        "first_tags": "STRING",
        "mean_distance_1d": "DOUBLE",
        "days": "INT",
        "halves": "BIGINT",
    }


def test_event_time_is_the_days_end_by_default(batch: Path) -> None:
    query = "SELECT carrier, count(*) AS flights_1d, collect_set(flight) AS delays_by_hour FROM db_${env}.flights"
    (batch / "transform.hql").write_text(f"{query} GROUP BY carrier", encoding="utf-8")
    assert str(load_pipeline(batch).event_time_type) == "TIMESTAMP_LTZ(3)"


@pytest.mark.parametrize("values", [{}, {"env": "a_very_long_environment"}, {"env": "t", "dt": "2013-01-01"}])
def test_places_are_those_of_the_file(batch: Path, values: dict[str, str]) -> None:
    query = "SELECT carrier,\n  '${dt}' AS delays_by_hour, f.flihgt AS n FROM db_${env}.flights AS f"
    (batch / "transform.hql").write_text(query, encoding="utf-8")
    with pytest.raises(PipelineError) as error:
        load_pipeline(batch, values)
    (finding,) = error.value.findings
    assert (finding.line, finding.column, finding.length) == (2, 30, 8)
    assert finding.help == "did you mean `flight`?"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT carrier, 1 AS n FROM flihgts", "FM124 There is no table or view `flihgts`."),
        ("SELECT flight, 1 AS n FROM db_${env}.flights", "FM110 The query has no column `carrier`"),
        ("SELECT carrier, unheard_of(flight) AS n FROM db_${env}.flights", "FM113 The type of the feature `n`"),
        ("SELECT carrier, 1 AS N_a FROM db_${env}.flights; SELECT 1", "FM102 There is a second query"),
        ("INSERT OVERWRITE TABLE x SELECT 1", "FM102 This statement doesn't belong here."),
        ("SELECT carrier, FROM WHERE", "FM101 "),
        ("SELECT 'carrier", "FM101 This can't be read as HiveQL."),
        (
            "CREATE VIEW v AS SELECT 1 AS n; CREATE VIEW v AS SELECT 2 AS n; SELECT 1 AS carrier",
            "FM117 There is a table or",
        ),
        ("CREATE VIEW Feature_Rows AS SELECT 1 AS n; SELECT 1 AS carrier", "FM117 `Feature_Rows` is a view that"),
        ("SELECT 1 AS carrier; CREATE VIEW v AS SELECT 1 AS n", "FM102 This view stands behind the query"),
        ("-- nothing", "FM100 There is no statement in this file."),
        ("SELECT carrier, x.n FROM (SELECT explode(tags) AS n FROM db_${env}.flights) x", "FM124 There is no column"),
    ],
)
def test_mistakes(batch: Path, query: str, message: str) -> None:
    assert message in _mistake(batch, "transform.hql", query)


def test_a_batch_needs_its_schedule(batch: Path) -> None:
    text = "owner: a\ndescription: b\nentity: carrier\nmax_age: 2d\n"
    assert "`schedule` is missing" in _mistake(batch, "feature.yaml", text)


def test_what_source_hql_may_hold(batch: Path) -> None:
    assert "doesn't belong in source.hql" in _mistake(batch, "source.hql", "DROP TABLE x")


def test_two_tables_of_one_name(batch: Path) -> None:
    text = "CREATE TABLE a.t (x INT); CREATE TABLE a.T (x INT)"
    assert "source.hql:1:40: FM117 There are two tables `a.t`." in _mistake(batch, "source.hql", text)


def test_a_lateral_view_over_a_joined_table(batch: Path) -> None:
    query = (
        "SELECT c.code AS carrier, count(*) AS n, max(t.tag) AS delays_by_hour FROM carriers c\n"
        "JOIN db_${env}.flights f ON f.carrier = c.code AND t.tag = 'x' LATERAL VIEW explode(f.tags) t AS tag\n"
        "GROUP BY c.code"
    )
    (batch / "transform.hql").write_text(query, encoding="utf-8")
    assert load_pipeline(batch).lineage["delays_by_hour"].sources == ("db_${env}.flights.tags",)


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("2147483647", "INT"),
        ("2147483648", "BIGINT"),
        ("9223372036854775808", None),
        ("1.50", "DECIMAL(3, 2)"),
        ("flight + distance", "DOUBLE"),
        ("coalesce(flight, distance)", "DOUBLE"),
        ("coalesce(flight, 2147483648)", "BIGINT"),
        ("coalesce(flight, carrier)", None),
        ("flight / 2", "DOUBLE"),
        ("price + price", "DECIMAL(11, 2)"),
        ("price * price", "DECIMAL(21, 4)"),
        ("price + flight", "DECIMAL(13, 2)"),
        ("price * distance", "DOUBLE"),
        ("map_values(crew)", "ARRAY<INT>"),
        ("map_from_arrays(tags, tags)", None),
        ("map_from_arrays(carrier, carrier)", None),
    ],
)
def test_types_of_expressions(expression: str, kind: str | None, batch: Path) -> None:
    query = f"SELECT carrier, {expression} AS delays_by_hour FROM db_${{env}}.flights"
    if kind is None:
        assert "FM113 The type of the feature `delays_by_hour`" in _mistake(batch, "transform.hql", query)
    else:
        (batch / "transform.hql").write_text(query, encoding="utf-8")
        assert [str(feature.type) for feature in load_pipeline(batch).features] == [kind]


def test_a_semi_join_leaves_its_table_behind(batch: Path) -> None:
    join = "FROM db_${env}.flights f LEFT SEMI JOIN carriers c ON f.carrier = c.code"
    (batch / "transform.hql").write_text(f"SELECT f.carrier, f.flight AS delays_by_hour {join}", encoding="utf-8")
    assert load_pipeline(batch).lineage["delays_by_hour"].sources == ("db_${env}.flights.flight",)
    message = _mistake(batch, "transform.hql", f"SELECT f.carrier, c.name AS delays_by_hour {join}")
    assert "FM124 There is no table `c` here." in message


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("carrier, flight\x1b AS n", "1:17: FM101 There is a character here that can't be seen"),
        (", flight AS n", "1:8: FM101 Nothing stands before this comma."),
        ("carrier, , flight AS n", "1:17: FM101 Nothing stands before this comma."),
        ("carrier, flight AS n,", "1:28: FM101 Nothing stands behind this comma."),
        ("carrier, coalesce(flight, ) AS n", "1:32: FM101 Nothing stands behind this comma."),
    ],
)
def test_what_sqlglot_takes_and_hiveql_does_not(columns: str, message: str, batch: Path) -> None:
    assert message in _mistake(batch, "transform.hql", f"SELECT {columns} FROM db_${{env}}.flights")


def test_its_variables_are_those_of_both_files(batch: Path) -> None:
    assert load_pipeline(batch).variables == ("dt", "env")
    assert load_pipeline(batch, {"env": "test", "dt": "2013-01-01"}).variables == ("dt", "env")


def test_run_py(fixtures: Path, expect: Callable[[Path, str], None]) -> None:
    folder = fixtures / "hive"
    expect(folder / "expected" / "run.py", render(load_pipeline(folder / "pipelines" / NAME)))


def test_manifest(fixtures: Path, tmp_path: Path, connector: ConnectorJar, expect: Callable[[Path, str], None]) -> None:
    folder = fixtures / "hive"
    package = build_package(folder / "pipelines" / NAME, tmp_path, connector)
    text = (package.path / "manifest.json").read_text(encoding="utf-8")
    expect(folder / "expected" / "manifest.json", text)
    schema = json.loads((ROOT / "proto" / "manifest.schema.json").read_text())
    jsonschema.validate(json.loads(text), schema)


def test_run_py_imports_pyspark_and_the_standard_library_only(batch: Path) -> None:
    tree = ast.parse(render(load_pipeline(batch)))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {module.partition(".")[0] for module in modules}
    assert roots - {"pyspark"} <= sys.stdlib_module_names


def test_hiveql_stands_in_run_py_word_by_word_with_its_comments(batch: Path) -> None:
    (batch / "transform.hql").write_text(
        "-- one; two\nCREATE TEMPORARY VIEW v AS SELECT * FROM db_${env}.flights -- a; b\n;\n\n"
        "-- `${dt}`\nSELECT carrier, count(*) AS delays_by_hour FROM v WHERE dt = '${dt}' GROUP BY carrier;\n",
        encoding="utf-8",
    )
    text = render(load_pipeline(batch))
    assert "\n-- one; two\nCREATE TEMPORARY VIEW v AS SELECT * FROM db_${env}.flights\n" in text
    assert (
        "\n-- `${dt}`\nSELECT carrier, count(*) AS delays_by_hour FROM v WHERE dt = '${dt}' GROUP BY carrier\n" in text
    )
