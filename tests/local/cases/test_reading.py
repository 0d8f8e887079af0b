"""Reading cases. Each folder of the fixture pipeline with a `message.txt` has one mistake, and that is what is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from featuremill_codegen.errors import PipelineError, UsageError
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.cases.reading import read_cases

FOLDER = Path(__file__).parent / "fixtures" / "pipelines" / "readings"
BAD = sorted(path.parent.name for path in FOLDER.glob("cases/*/message.txt"))


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


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_told_with_its_place(pipeline, name):
    with pytest.raises(PipelineError) as refused:
        read_cases(pipeline, [name])
    (finding,) = refused.value.findings
    told = f"{finding.place}: {finding.code} {finding.message}" + (f"\nhelp: {finding.help}" if finding.help else "")
    expected = (FOLDER / "cases" / name / "message.txt").read_text().rstrip("\n")
    assert told.removeprefix("pipelines/readings/").startswith(expected)


def test_all_mistakes_are_told_at_once(pipeline):
    with pytest.raises(PipelineError) as refused:
        read_cases(pipeline)
    assert len(refused.value.findings) == len(BAD)


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
