"""The page of the batch benchmark, from numbers that a person can check, whenever the run ends."""

from __future__ import annotations

import pytest
from made_results import measurement

from benchmarks.batch.daily import Daily
from benchmarks.batch.ingestion import VARIANTS
from benchmarks.batch.query import Query
from benchmarks.batch.report import Setting, report
from benchmarks.batch.results import Results
from benchmarks.batch.targets import verdicts

FEW, FLIGHTS = 1_000, (1_000_000, 3_000_000, 10_000_000)
SETTING = Setting({"machine": "none"}, rounds=2)


def made(rounds: int = 2, ratio: float = 1.0) -> Results:
    """Two µs a flight beyond 12 s, `ratio` times that after the last size but one; half of Spark is its start."""
    results = Results(["Spark 0"])
    for _ in range(rounds):
        for rows in (FEW, *FLIGHTS):
            dearer = max(0, rows - FLIGHTS[-2]) * (ratio - 1)
            results.add_query(Query(rows, 5 + (rows - FEW) * 1e-6, 12 + (rows - FEW + dearer) * 2e-6))
        for variant in VARIANTS:
            results.ingestion.add(variant, measurement(variant))
        results.daily.append(Daily(40.0, 20.0, 10.0))
    results.whole = measurement(VARIANTS[-1])
    return results


def test_what_a_flight_costs_is_beyond_what_a_day_of_fewer_does():
    results = made()
    assert results.per_row(FEW) is None
    assert [results.per_row(rows) for rows in FLIGHTS] == pytest.approx([2.0, 2.0, 2.0])
    assert made().ratio(FLIGHTS[0]) is None
    assert made(ratio=1.5).ratio(FLIGHTS[-1]) == pytest.approx(1.5)


def test_a_cost_that_is_lost_in_the_noise_has_no_ratio():
    results = Results()
    for rows, cpu in zip((FEW, *FLIGHTS), (12.5, 12.0, 14.0, 21.0), strict=True):
        results.add_query(Query(rows, 5.0, cpu))
    assert results.per_row(FLIGHTS[0]) < 0
    assert results.ratio(FLIGHTS[1]) is None
    assert results.ratio(FLIGHTS[2]) == pytest.approx(1.0)


def test_all_targets_are_met_or_missed():
    assert [verdict.word for verdict in verdicts(made())] == ["met"] * 4
    missed = [verdict for verdict in verdicts(made(ratio=1.5)) if not verdict.met]
    assert [(each.target, each.found) for each in missed] == [
        ("HiveQL: up to 10,000,000 a row costs ≤ 1.2 times what it does up to 3,000,000", "1.50")
    ]
    slow = made()
    slow.daily = [Daily(61.0, 20.0, 10.0)] * 3
    assert [verdict.found for verdict in verdicts(slow) if not verdict.met] == ["61.0 s"]


def test_the_page():
    page = report(made(), SETTING)
    assert "partial" not in page
    assert "| 10,000,000 | 15.0 | 32.0 | 2.00 | 1.00 |" in page
    assert "| 40.0 | 20.0 | 10.0 | 10.0 |" in page
    assert "So 50% of Spark's time goes into its start, its tables and its end, and 25% of the whole run" in page
    assert "One job over all 1,000,000 rows took 17 s: 60,000 rows/s" in page
    assert page.count("| limit: as ours with the guard |") == 1


@pytest.mark.parametrize("sizes", range(1, 4))
def test_a_run_that_ended_early_reports_what_it_has(sizes):
    results = Results()
    assert results.is_empty
    for rows in (FEW, *FLIGHTS)[:sizes]:
        results.add_query(Query(rows, 5.0, 12.0))
    page = report(results, Setting({}, rounds=2, ended_early="it was interrupted"))
    assert "**This report is partial: it was interrupted.**" in page
    assert "Parquet to Redis" not in page
    assert "A daily run" not in page
    assert f"| {FEW:,} | 5.0 | 12.0 |  |  |" in page
