"""The page of `nox -s bench-serving`, and what it asks for."""

from __future__ import annotations

import pytest
from featuremill_serving.answers import answer_row
from featuremill_serving.plan import Plan
from featuremill_serving.registry import parse_registry
from featuremill_serving.v1 import serving_pb2 as wire

from benchmarks.serving.measure import Measurement
from benchmarks.serving.report import NOTHING, OURS, report
from benchmarks.serving.shapes import ENTITIES, LOADS, NOW_MS, Load, fields, registry


def results(beyond_us: float, batch_us: float) -> dict[tuple[Load, str], list[Measurement]]:
    """Figures of three rounds: ours so much above the handler that does nothing."""
    found = {}
    for load in LOADS:
        for way, cost in ((NOTHING, 200.0), (OURS, 200.0 + beyond_us if load.entities == 1 else batch_us)):
            found[load, way] = [Measurement(1000, cost + off, 10, 100, 500, 900, 1000) for off in (-5, 0, 9)]
    return found


@pytest.mark.parametrize(
    ("beyond_us", "batch_us", "verdicts"),
    [(40, 1300, ["met", "met"]), (41, 1300, ["missed", "met"]), (0, 1301, ["met", "missed"])],
)
def test_targets(beyond_us: float, batch_us: float, verdicts: list[str]) -> None:
    page = report(results(beyond_us, batch_us), ["run: today"])
    lines = [line for line in page.splitlines() if "at most" in line]
    assert [line.split("|")[3].strip() for line in lines] == verdicts
    assert (
        f"| 1 caller, 1 × 20 | {OURS} | {200 + beyond_us:,.0f} ({195 + beyond_us:,.0f}–{209 + beyond_us:,.0f}) |"
        in page
    )


def test_what_is_asked_for_is_there_and_fresh() -> None:
    known = parse_registry(registry().encode(), "made").features_of("user")
    for raw in (Load(1, 1).requests()[7], Load(64, 100).requests()[3]):
        kind = wire.GetFeaturesRequest if raw in Load(1, 1).requests() else wire.BatchGetFeaturesRequest
        names = list(kind.FromString(raw).feature_names)
        assert len(names) == 20
        plan = Plan(names, known)
        answers = answer_row(plan, [fields(ENTITIES - 1)[field].encode() for field in plan.read.fields], NOW_MS)
        assert set(answers.statuses) == {wire.FEATURE_STATUS_PRESENT}
