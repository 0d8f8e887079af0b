"""A run that ends early reports what it has measured, and says that there is more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from made_results import made, measurement

from benchmarks.sinks.report import Setting, report
from benchmarks.sinks.results import Results
from benchmarks.sinks.targets import verdicts
from benchmarks.sinks.variants import VARIANTS

PROGRAM = Path(__file__).parent / "fixtures" / "ended_early.py"
ROOT = Path(__file__).resolve().parents[2]
PATHS = [ROOT, ROOT / "local", ROOT / "codegen", ROOT / "sinks", Path(__file__).parent]
WHOLE = Setting({}, rounds=2, rows=2_000_000)


@pytest.mark.parametrize(
    ("signal_number", "code", "why"),
    [(signal.SIGTERM, 143, "it was told to end"), (signal.SIGINT, 130, "it was interrupted")],
)
def test_a_signal_ends_it_with_a_report(tmp_path: Path, signal_number: int, code: int, why: str) -> None:
    page = tmp_path / "page.md"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, PATHS))}
    environment.pop("FEATUREMILL_PARENT", None)
    with subprocess.Popen(
        [sys.executable, PROGRAM, "--output", page],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as program:
        assert program.stdout is not None
        assert "measuring: ready" in program.stdout.readline()
        program.send_signal(signal_number)
        said, _ = program.communicate(timeout=30)
    assert program.returncode == code
    written = page.read_text(encoding="utf-8")
    assert written in said
    assert f"**This report is partial: {why}.**" in written
    rows = [line for line in written.splitlines() if line.startswith("| limit: ")]
    assert [row.split(" | ")[0] for row in rows] == ["| limit: HSET", "| limit: as ours without the guard"]


@pytest.mark.parametrize("measured", range(1, 2 * len(VARIANTS)))
def test_whenever_it_ends_what_was_measured_is_reported(measured: int) -> None:
    results = Results("Flink 0", pings=(0.05, 1.1))
    for variant in (VARIANTS * 2)[:measured]:
        results.add(variant, measurement(variant))
    page = report(results, WHOLE)
    assert sum(line.startswith(f"| {variant.title} |") for variant in VARIANTS for line in page.splitlines()) == min(
        measured, len(VARIANTS)
    )
    assert all(verdict.met for verdict in verdicts(results))
    if measured >= len(VARIANTS):
        assert {verdict.target for verdict in verdicts(made())} - {verdict.target for verdict in verdicts(results)} == {
            "memory flat (heap after whole collections: last third ≤ 110% of the first)",
            "memory flat (resident memory: last third ≤ 110% of the first)",
            "Kafka to readable in Redis, p99 ≤ 200 ms",
        }


def test_few_rows_tell_nothing_of_cpu_time() -> None:
    results = made()
    for variant in VARIANTS:
        results.measured[variant] = [
            replace(each, rows=20_000, flink_cpu=20_000.0) for each in results.measured[variant]
        ]
    assert [
        verdict.target for verdict in verdicts(results) if "CPU" in verdict.target or "cores" in verdict.target
    ] == []
    assert "1000000.0" not in report(results, WHOLE), "µs of Flink's CPU for a row"


def test_a_whole_report_is_not_marked() -> None:
    assert "partial" not in report(made(), WHOLE)
