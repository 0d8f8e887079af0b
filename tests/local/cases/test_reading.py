"""Reading cases. A folder of a fixture pipeline, a stream or a batch, with a `message.txt` has one mistake, and that is
what is said.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from featuremill_codegen.errors import PipelineError, UsageError
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.cases.reading import read_cases

PIPELINES = Path(__file__).parent / "fixtures" / "pipelines"
FOLDER = PIPELINES / "readings"
BAD = sorted((path.parts[-4], path.parent.name) for path in PIPELINES.glob("*/cases/*/message.txt"))


@pytest.fixture(scope="module")
def pipeline():
    return load_pipeline(FOLDER)


def test_a_case(pipeline):
    (case,) = read_cases(pipeline, ["good"])
    readings, limits = case.inputs
    assert [line.number for line in readings.lines] == [1, 2, 3, 5]
    assert limits.path == FOLDER / "cases" / "good" / "limits.jsonl"
    assert [row.entity_key for row in case.expected] == ["place:a:1", "place:a:2"]
    assert case.expected[0].features == {"price": "1.50", "highest": None}
    assert case.changelog is None


def test_a_case_of_a_batch():
    (case,) = read_cases(load_pipeline(PIPELINES / "flights"), ["good"])
    assert case.told.variables == {"dt": "2013-06-01", "hidden": "Nobody"}
    assert [each.file for each in case.inputs] == ["flights.jsonl", "sea.carriers.jsonl", "air.carriers.jsonl"]
    assert [len(each.lines) for each in case.inputs] == [1, 0, 1]


@pytest.mark.parametrize(("owner", "name"), BAD)
def test_a_mistake_is_told_with_its_place(owner, name):
    with pytest.raises(PipelineError) as refused:
        read_cases(load_pipeline(PIPELINES / owner), [name])
    (finding,) = refused.value.findings
    told = f"{finding.place}: {finding.code} {finding.message}" + (f"\nhelp: {finding.help}" if finding.help else "")
    expected = (PIPELINES / owner / "cases" / name / "message.txt").read_text().rstrip("\n")
    assert told.removeprefix(f"pipelines/{owner}/").startswith(expected)


def test_all_mistakes_are_told_at_once(pipeline):
    with pytest.raises(PipelineError) as refused:
        read_cases(pipeline)
    assert len(refused.value.findings) == sum(owner == "readings" for owner, _ in BAD)


def test_an_update_does_not_read_what_is_expected(pipeline):
    (case,) = read_cases(pipeline, ["expected_not_json"], update=True)
    assert case.expected == ()
    (case,) = read_cases(pipeline, ["no_expectation"], update=True)
    assert case.expected is None


def test_a_case_that_is_not_there(pipeline):
    with pytest.raises(UsageError, match="has no case 'god'\nhelp: did you mean `good`"):
        read_cases(pipeline, ["god"])


def test_a_pipeline_without_cases(tmp_path):
    for path in ("feature.yaml", "source.sql", "transform.sql"):
        (tmp_path / "readings").mkdir(exist_ok=True)
        (tmp_path / "readings" / path).write_bytes((FOLDER / path).read_bytes())
    assert read_cases(load_pipeline(tmp_path / "readings")) == []
