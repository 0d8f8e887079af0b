"""What Flink said becomes a finding in the person's own file, at the character that it is about."""

from __future__ import annotations

from pathlib import Path

import pytest
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.pages import PIPELINE, write_example
from featuremill_codegen.pipeline import Pipeline, load_pipeline
from featuremill_local.check.refusals import refusal

SAID = Path(__file__).parent / "fixtures" / "said"
AT = "org.apache.calcite.runtime.CalciteContextException: From line {}, column {} to line {}, column {}: No."
QUERY = """-- a comment before it
CREATE TEMPORARY VIEW long_views AS
SELECT page, seconds, viewed_at
FROM page_views;

-- another one
SELECT
  page, viewed_at AS event_time, '😀' AS mood, seconds AS longest_seconds
FROM long_views
"""


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    write_example({"transform.sql": QUERY}, tmp_path / "pipelines")
    return load_pipeline(tmp_path / "pipelines" / PIPELINE)


def marked(finding: Finding) -> tuple[str, int, str]:
    """File, line and the text above the caret."""
    start = finding.column - 1
    return Path(finding.path).name, finding.line, finding.source_line[start : start + finding.length]


@pytest.mark.parametrize(
    ("stage", "place", "expected"),
    [
        ("table:page_views", (2, 3, 2, 6), ("source.sql", 2, "page")),
        ("view:0", (3, 14, 3, 20), ("transform.sql", 3, "seconds")),
        ("view:0", (4, 6, 4, 15), ("transform.sql", 4, "page_views")),
        # the query stands behind a line of its own, and its text begins with its comment
        ("query", (4, 3, 4, 6), ("transform.sql", 8, "page")),
        # a letter of two UTF-16 units before it
        ("query", (4, 48, 4, 54), ("transform.sql", 8, "seconds")),
        ("query", (5, 6, 5, 15), ("transform.sql", 9, "long_views")),
    ],
)
def test_a_place_in_the_statement_is_one_in_the_file(
    pipeline: Pipeline, stage: str, place: tuple[int, ...], expected: tuple[str, int, str]
) -> None:
    found = refusal(pipeline, stage, AT.format(*place))
    assert found.code == "FM606"
    assert marked(found) == expected


def test_a_place_outside_of_the_statement_is_its_beginning(pipeline: Pipeline) -> None:
    assert marked(refusal(pipeline, "view:0", AT.format(99, 1, 99, 2))) == ("transform.sql", 2, "CREATE")


def test_what_has_no_place_stands_on_the_query(pipeline: Pipeline) -> None:
    found = refusal(pipeline, "plan", "org.apache.flink.table.api.TableException: It can't be.")
    assert marked(found) == ("transform.sql", 7, "SELECT")
    assert found.message == "It can't be."


def test_an_option_is_found_by_its_name(pipeline: Pipeline) -> None:
    said = (
        (SAID / "ddl_opt.txt")
        .read_text()
        .replace("topc", "scan.startup.mode")
        .replace("database.p'", "database.page_views'")
    )
    assert marked(refusal(pipeline, "plan", said)) == ("source.sql", 11, "'scan.startup.mode'")


def test_a_lost_watermark_stands_on_the_window(tmp_path: Path) -> None:
    write_example({}, tmp_path / "pipelines")
    loaded = load_pipeline(tmp_path / "pipelines" / PIPELINE)
    found = refusal(loaded, "plan", (SAID / "not_time_attribute.txt").read_text())
    assert found.code == "FM614"
    assert marked(found) == ("transform.sql", 5, "TUMBLE")


@pytest.mark.parametrize(
    ("said", "place", "message"),
    [
        (
            "page_views: /x/udf_def.py:2: udf_def can't be imported: ModuleNotFoundError: No module named 'clock'",
            (2, "import clock"),
            "udf_def can't be imported: ModuleNotFoundError: No module named 'clock'.",
        ),
        ("", (1, "from pyflink.table.udf import udf"), "it ends the program that imports it."),
    ],
)
def test_functions_that_can_not_be_imported(tmp_path: Path, said: str, place: tuple[int, str], message: str) -> None:
    text = "from pyflink.table.udf import udf\nimport clock\n\n@udf(result_type='INT')\ndef halved(x):\n    return 1\n"
    query = "SELECT page, viewed_at AS event_time, halved(seconds) AS half_seconds FROM page_views\n"
    write_example({"transform.sql": query, "udf_def.py": text}, tmp_path / "pipelines")
    found = refusal(load_pipeline(tmp_path / "pipelines" / PIPELINE), "functions", said)
    assert (found.code, found.message) == ("FM608", message)
    assert marked(found) == ("udf_def.py", *place)


def test_an_unknown_name_gets_the_nearest(pipeline: Pipeline) -> None:
    said = (SAID / "unknown_column.txt").read_text()
    found = refusal(pipeline, "view:0", said)
    assert (found.message, found.help) == ("There is no column `secnds` here.", "did you mean `seconds`?")


@pytest.mark.parametrize(
    ("name", "changed", "expected"),
    [
        ("ddl_fmt", ("'jsn'", "'json'"), ("source.sql", 13, "'json'")),
        ("ddl_meta", ("column 'o' of", "column 'country' of"), ("source.sql", 3, "country")),
        ("ddl_fmt", ("'jsn'", "'what isn't there'"), ("source.sql", 1, "page_views")),
    ],
)
def test_a_table_is_underlined_where_it_is_wrong(
    pipeline: Pipeline, name: str, changed: tuple[str, str], expected: tuple[str, int, str]
) -> None:
    said = (SAID / f"{name}.txt").read_text().replace("database.p'", "database.page_views'").replace(*changed)
    assert marked(refusal(pipeline, "plan", said)) == expected
