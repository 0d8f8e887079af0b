"""A pipeline checked with a planner that answers from a file: what is found, what is silenced, what is said."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from featuremill_codegen.lint.pages import PIPELINE, write_example
from featuremill_codegen.lint.runner import lint
from featuremill_codegen.pipeline import Pipeline
from featuremill_local.check.checking import Checked, check_pipeline
from featuremill_local.check.machine_report import as_document
from featuremill_local.check.report import show_plan
from featuremill_local.processes import PartError
from rich.console import Console

PLAN = Path(__file__).parent / "fixtures" / "plans" / "an_aggregate.json"
COLUMNS = [
    ["page", "STRING"],
    ["event_time", "TIMESTAMP_LTZ(3)"],
    ["views_all", "BIGINT NOT NULL"],
    ["countries", "BIGINT NOT NULL"],
]
QUERY = """SELECT
  page,
  MAX(viewed_at) AS event_time,
  COUNT(*) AS views_all,
  COUNT(DISTINCT country) AS countries
FROM page_views
GROUP BY page
"""
SILENCE = "-- featuremill: ignore {} because a site has a thousand pages"
UPSERT = "The query has an upsert key that differs. Primary key: [page], upsert key: {}. This can lead to trouble."
ADVICE = "== Plan ==\nadvice[1]: [ADVICE] You might want to do it\n in two phases.\n\n== Execution ==\n"


class FilePlanner:
    """An engine whose answer is known."""

    def __init__(self, **answer: Any) -> None:
        text = PLAN.read_text(encoding="utf-8")
        self.answer = {"columns": COLUMNS, "plan": text, "explained": ADVICE, "conflict": "", **answer}

    def start(self, pipelines: Iterable[Pipeline]) -> None:
        pass

    def wait_until_ready(self) -> None:
        pass

    def ask(self, pipeline: Pipeline) -> dict[str, Any]:
        return self.answer


def check(root: Path, query: str = QUERY, **answer: Any) -> Checked:
    write_example({"transform.sql": query}, root / "pipelines")
    return check_pipeline(root / "pipelines" / PIPELINE, FilePlanner(**answer))


def codes(checked: Checked) -> list[str]:
    return [finding.code for finding in checked.findings]


def test_an_aggregate_that_keeps_its_state(tmp_path: Path) -> None:
    (finding,) = check(tmp_path).findings
    assert (finding.code, finding.line, finding.column, finding.length) == ("FM611", 7, 10, 4)
    assert finding.why


def test_a_silence_of_a_plans_rule_is_checks_business(tmp_path: Path) -> None:
    silenced = QUERY.replace("GROUP BY page", f"{SILENCE.format('FM205, FM611')}\nGROUP BY page")
    assert codes(check(tmp_path, silenced)) == []
    assert lint(tmp_path / "pipelines") == []


def test_a_silence_that_silences_nothing_is_told(tmp_path: Path) -> None:
    useless = QUERY.replace("  COUNT(*)", f"  {SILENCE.format('FM614')}\n  COUNT(*)")
    assert sorted(codes(check(tmp_path, useless))) == ["FM403", "FM611"]


def test_a_type_that_flink_sees_differently(tmp_path: Path) -> None:
    columns = [each if each[0] != "countries" else ["countries", "INT NOT NULL"] for each in COLUMNS]
    found = next(each for each in check(tmp_path, columns=columns).findings if each.code == "FM607")
    assert found.message == "`countries` is INT in Flink, and lint took it for BIGINT."
    assert found.line == 5


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("", True),
        ("[page, country]", True),
        ("[country], [page]", False),
        ("[page, event_time]", False),
    ],
)
def test_rows_that_are_taken_back_belong_to_the_entity(tmp_path: Path, told: str, found: bool) -> None:
    assert ("FM612" in codes(check(tmp_path, conflict=UPSERT.format(told)))) is found


def test_a_planner_that_fails_is_told_where_it_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: FilePlanner, pipeline: Pipeline) -> dict[str, Any]:
        raise PartError("waited 60 s for Flink's planner")

    monkeypatch.setattr(FilePlanner, "ask", fails)
    (finding,) = check(tmp_path).findings
    assert (finding.code, finding.place) == ("FM606", "pipelines/page_views")
    assert "waited 60 s" in finding.message


def test_what_is_said_of_a_plan(tmp_path: Path) -> None:
    output = io.StringIO()
    checked = check(tmp_path)
    show_plan(checked, Console(file=output, width=160))
    said = output.getvalue()
    assert "answers are updated (INSERT, UPDATE_BEFORE, UPDATE_AFTER)" in said
    assert "│ GroupAggregate │ page │ groupAggregateState │ one for each page, and in it every distinct value" in said
    assert "never: unbounded" in said
    assert "Flink advises: You might want to do it in two phases." in said

    (document,) = json.loads(as_document([checked]))
    assert document["plan"]["states"][0]["unbounded"] is True
    assert document["findings"][0]["code"] == "FM611"
    assert document["plan"]["compiled"]["flinkVersion"]
