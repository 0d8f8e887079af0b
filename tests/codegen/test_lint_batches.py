"""Rules on HiveQL: what they say at which place, and what is fine. (Their examples are tested with all the others.)"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from featuremill_codegen.cli import main
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint import lint
from featuremill_codegen.lint.pages import findings_in, write_example

FIXTURES = Path(__file__).parent / "fixtures" / "lint"
QUERY = "SELECT page, {} FROM web.views WHERE dt = '${{dt}}' GROUP BY page"


def _good_queries() -> dict[str, str]:
    text = (FIXTURES / "good_queries.hql").read_text(encoding="utf-8")
    return dict(re.findall(r"^-- (\w+)\n(.*?);\n", text, re.MULTILINE | re.DOTALL))


def _found(query: str, **more: str) -> list[Finding]:
    sources = (FIXTURES / "good_sources.hql").read_text(encoding="utf-8")
    return findings_in({"source.hql": sources, "transform.hql": query, **more})


@pytest.mark.parametrize("query", _good_queries().values(), ids=_good_queries())
def test_good_queries_raise_no_false_alarm(query: str) -> None:
    assert _found(query) == []


@pytest.mark.parametrize(
    ("value", "code", "words", "place"),
    [
        ("first(country) AS n", "FM220", "FIRST takes whichever row", "first("),
        ("any_value(country) AS n", "FM220", "ANY_VALUE takes whichever row", "any_value("),
        ("last(seconds, true) AS n", "FM220", "LAST takes whichever row", "seconds, true"),
        ("collect_list(seconds)[1] AS n", "FM220", "COLLECT_LIST keeps the order", "collect_list(seconds)["),
        ("element_at(collect_set(seconds), 1) AS n", "FM220", "COLLECT_SET keeps the order", "collect_set(seconds),"),
        ("7 DIV max(seconds) AS n", "FM221", "Where `max(seconds)` is 0", "max(seconds) AS"),
        ("max(7 % (seconds + 1)) AS n", "FM221", "Where `seconds + 1` is 0", "seconds + 1"),
        ("sum(code) AS n", "FM222", "`code` is a text", "code) AS"),
        ("max(if(code + 1 > 2, 1, 0)) AS n", "FM222", "`code` is a text", "code + 1"),
        ("count(if(code IN (1, 2), 1, NULL)) AS n", "FM222", "`code` is a text", "code IN"),
        ("max(rand()) AS n", "FM207", "RAND gives another answer", "rand()"),
        ("max(now()) AS n", "FM207", "NOW gives another answer", "now()"),
        (
            "unix_timestamp() - max(unix_timestamp(viewed_at)) AS n",
            "FM207",
            "UNIX_TIMESTAMP gives another answer",
            "unix_timestamp() -",
        ),
        (
            "max(if(monotonically_increasing_id() > 2, 1, 0)) AS n",
            "FM207",
            "MONOTONICALLY_INCREASING_ID gives another answer",
            "monotonically_increasing_id()",
        ),
        ("max(CAST(code AS DATE)) AS n", "FM204", "A text that can't be read as DATE", "code AS DATE"),
        ("CAST(avg(seconds) AS BIGINT) AS n", "FM210", "the fraction is cut off", "avg(seconds) AS"),
    ],
)
def test_findings(value: str, code: str, words: str, place: str) -> None:
    (finding,) = (each for each in _found(QUERY.format(value)) if each.code == code)
    assert words in finding.message
    assert finding.source_line[finding.column - 1 :].startswith(place)


@pytest.mark.parametrize(
    ("view", "divisor"),
    [
        ("SELECT page, sum(seconds) AS n FROM web.views WHERE dt = '${dt}' GROUP BY page", "n"),
        ("SELECT max(page) AS page, count(*) AS n FROM web.views WHERE dt = '${dt}'", "n"),
        ("SELECT page, count(country) AS n FROM web.views WHERE dt = '${dt}' GROUP BY page", "n"),
        ("SELECT page, count(*) AS n FROM web.views WHERE dt = '${dt}' GROUP BY page", "max(n - 1) OVER ()"),
        (
            "SELECT page, dt, count(*) AS n FROM web.views WHERE dt = '${dt}' GROUP BY page, dt",
            "sum(n) OVER (ORDER BY dt ROWS BETWEEN 6 PRECEDING AND 1 PRECEDING)",
        ),
    ],
)
def test_a_divisor_of_a_view_that_can_be_zero(view: str, divisor: str) -> None:
    query = f"CREATE TEMPORARY VIEW v AS {view}; CREATE TEMPORARY VIEW w AS SELECT page, {divisor} AS d FROM v;"
    (finding,) = (each for each in _found(f"{query} SELECT page, 1 / d AS n FROM w") if each.code == "FM221")
    assert finding.message == "Where `d` is 0, the run ends here."


@pytest.mark.parametrize(
    "query",
    [
        "SELECT page, count(*) AS n FROM web.views WHERE country = 'US' GROUP BY page",
        "SELECT page, count(*) AS n FROM web.views WHERE dt IS NOT NULL GROUP BY page",
        "SELECT page, count(*) AS n FROM (SELECT page, dt FROM web.views) v GROUP BY page",
        "WITH v AS (SELECT page FROM web.views) SELECT page, count(*) AS n FROM v WHERE page > 'a' GROUP BY page",
        "SELECT v.page, max(p.title) AS t FROM web.views v JOIN pages p USING (page, dt) GROUP BY v.page",
    ],
)
def test_partitions_that_nothing_restricts(query: str) -> None:
    assert {each.code for each in _found(query)} == {"FM304"}


def test_one_reader_of_a_view_that_takes_all_of_it() -> None:
    views = "CREATE TEMPORARY VIEW v AS SELECT page, dt FROM web.views;\n"
    query = "SELECT a.page, count(*) AS n FROM v a JOIN v b ON a.page = b.page WHERE a.dt = '${dt}'"
    (finding,) = _found(f"{views}{query} GROUP BY a.page")
    assert (finding.code, finding.line) == ("FM304", 1)
    assert _found(f"{views}{query} AND b.dt = '${{dt}}' GROUP BY a.page") == []


def test_silences() -> None:
    quiet = "-- featuremill: ignore FM220 because any row will do"
    text = QUERY.format(f"first(seconds) AS n, 'it\\'s -- \"' AS t {quiet}\n, max(\"'-- featuremill:\") AS u\n")
    assert _found(text) == []
    assert [each.code for each in _found(text.replace("first", "min"))] == ["FM403"]


def test_fix_with_variables_before(tmp_path: Path) -> None:
    root = tmp_path / "pipelines"
    write_example(
        {
            "transform.hql": "SELECT page, '${a}' AS t, collect_list(seconds)[0] / sum(seconds) AS n\n"
            "FROM web.page_views WHERE dt = '${dt}' GROUP BY page"
        },
        root,
    )
    assert main(["lint", "--fix", "--no-cache", "--root", str(root)]) == 0
    text = (root / "page_views" / "transform.hql").read_text(encoding="utf-8")
    assert "SELECT page, '${a}' AS t, SORT_ARRAY(collect_list(seconds))[0] / NULLIF(sum(seconds), 0) AS n\n" in text


def test_a_stream_and_a_batch_that_give_one_feature(demo: Path) -> None:
    config = {
        "feature.yaml": "owner: a\ndescription: b\nentity: demo_page\nmax_age: 2d\nschedule: {cron: '0 3 * * *'}\n"
    }
    query = "SELECT page AS demo_page, count(*) AS views_10min FROM web.page_views WHERE dt = '${dt}' GROUP BY page"
    write_example({**config, "transform.hql": query}, demo.parent)
    (finding,) = lint(demo.parent)
    assert finding.render().startswith(
        "pipelines/page_views/transform.hql:1:39: FM116 "
        "The feature `views_10min` of entity `demo_page` is given by pipeline `demo` already."
    )
    assert finding.others == ("demo",)


def test_every_format_knows_a_batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "pipelines"
    write_example(
        {"transform.hql": "SELECT page, first(seconds) AS n FROM web.page_views WHERE dt = '1' GROUP BY page"}, root
    )
    for form in ("json", "sarif", "gitlab"):
        assert main(["lint", "--root", str(root), "--format", form]) == 1
        assert "page_views/transform.hql" in capsys.readouterr().out


def test_a_create_that_cant_be_read_is_found_at_its_place() -> None:
    (finding,) = findings_in({"source.hql": "CREATE EXTERNAL TABLE t (a INT)\nSTORD AS PARQUET"})
    assert (finding.code, finding.line, finding.column) == ("FM101", 2, 1)


def test_functions_of_pyspark() -> None:
    code = (
        "from pyspark.sql import functions as F, types as T\nfrom pyspark.sql.functions import udf as u\n"
        "@F.udf('array<int>')\ndef one(x): ...\n@u(returnType=T.DecimalType(10, 2))\ndef two(x): ...\n"
        "three = u(lambda x: x, T.StructType([T.StructField('a', T.LongType())]))\n"
    )
    query = QUERY.format("sum(TWO(seconds)) AS b, max(three(seconds).a) AS c, size(max(one(seconds))) AS a")
    assert _found(query, **{"udf_def.py": code}) == []
    assert "declares no result type" in _found(query, **{"udf_def.py": code.replace("'array<int>'", "")})[0].message
    assert "FM113" in {each.code for each in _found(query, **{"udf_def.py": code.replace("LongType", "OtherType")})}
