"""What Spark said becomes a finding in the person's own file: places move by what stands for the variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.pages import PIPELINE, write_example
from featuremill_codegen.pipeline import Pipeline, load_pipeline
from featuremill_local.check.spark_places import all_values, filled
from featuremill_local.check.spark_refusals import spark_refusal

QUERY = """-- '😀' and ${dt} in a comment
CREATE TEMPORARY VIEW views AS
SELECT page, country AS c FROM web.page_views WHERE dt = '${dt}' AND country <> '${COUNTRY}';

-- of ${dt}
SELECT page, '${dt}' AS day, MAX(nothing) AS n, '${dt}' AS again, COUNT(*) AS views_1d
FROM views
GROUP BY page
"""
UNRESOLVED = """[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter with name `nothing` \
cannot be resolved. Did you mean one of the following? [`spark_catalog`.`default`.`views`.`page`, `c`]. SQLSTATE: \
42703; line 2 pos 37;
'Aggregate [page#1], [page#1]
+- SubqueryAlias views
"""


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    query = QUERY.replace("MAX(nothing)", "MAX(c)      ")
    write_example({"transform.hql": query}, tmp_path / "pipelines")
    return load_pipeline(tmp_path / "pipelines" / PIPELINE)


def marked(finding: Finding) -> tuple[str, int, str]:
    """File, line and the text above the caret."""
    start = finding.column - 1
    return Path(finding.path).name, finding.line, finding.source_line[start : start + finding.length]


def said(pipeline: Pipeline, stage: str, text: str, **more: Any) -> Finding:
    answer = {"stage": stage, "error": text, "condition": "", "start": None, "end": None, "line": None}
    return spark_refusal(pipeline, answer | more)


@pytest.mark.parametrize(
    ("stage", "fragment", "expected"),
    [
        ("view:0", "country AS c", (3, "country AS c")),
        ("view:0", "country <>", (3, "country <>")),
        ("view:0", "013-06", (3, "${dt}")),
        ("view:0", "dt = '2013-06-01'", (3, "dt = '${dt}'")),
        ("view:0", "v_COUNTRY_", (3, "${COUNTRY}")),
        ("query", "MAX(c)", (6, "MAX(c)")),
        ("query", "'2013-06-01' AS again", (6, "'${dt}' AS again")),
        ("query", "COUNT(*)", (6, "COUNT(*)")),
        ("table:web.page_views", "country", (3, "country")),
        ("table:web.page_views", "v_WAREHOUSE_/page_views", (9, "${WAREHOUSE}/page_views")),
    ],
)
def test_the_place_is_in_the_persons_own_file(
    stage: str, fragment: str, expected: tuple[int, str], pipeline: Pipeline
) -> None:
    kind = stage.partition(":")[0]
    statement = {
        "table": pipeline.tables[0].statement,
        "view": pipeline.views[0].statement,
        "query": pipeline.query,
    }[kind]
    text = filled(statement, all_values(pipeline.variables))
    start = text.rindex(fragment)
    found = said(pipeline, stage, "[X] No.", start=start, end=start + len(fragment))
    file = "source.hql" if kind == "table" else "transform.hql"
    assert marked(found) == (file, *expected)
    assert found.code == "FM606"


def test_a_line_and_a_position_are_enough(pipeline: Pipeline) -> None:
    # after '2013-06-01', which is five characters longer than ${dt}
    found = said(pipeline, "query", "\n[PARSE_SYNTAX_ERROR] No. (line 2, pos 34)", line=2, position=34)
    assert marked(found) == ("transform.hql", 6, "MAX")


def test_without_a_place_it_is_the_statements(pipeline: Pipeline) -> None:
    assert marked(said(pipeline, "view:0", "No"))[:2] == ("transform.hql", 2)
    assert marked(said(pipeline, "rows", "No"))[:2] == ("transform.hql", 6)


@pytest.mark.parametrize(("expression", "expected"), [('"views_1d"', "views_1d"), ('"page"', "SELECT")])
def test_an_expression_without_a_place_is_found_where_it_stands_once(
    expression: str, expected: str, pipeline: Pipeline
) -> None:
    found = said(pipeline, "query", "No", parameters={"expression": expression})
    assert marked(found) == ("transform.hql", 6, expected)


def test_the_message_is_sparks_without_its_plan_and_its_suggestion_is_the_help(pipeline: Pipeline) -> None:
    found = said(pipeline, "query", UNRESOLVED, condition="UNRESOLVED_COLUMN.WITH_SUGGESTION")
    assert found.message == (
        "A column, variable, or function parameter with name `nothing` cannot be resolved"
        " (UNRESOLVED_COLUMN.WITH_SUGGESTION)."
    )
    assert found.help == "did you mean one of `views`.`page`, `c`?"


def test_what_stands_for_a_variable_is_named_as_the_variable(pipeline: Pipeline) -> None:
    assert said(pipeline, "query", "No v_COUNTRY_ here").message == "No ${COUNTRY} here."
