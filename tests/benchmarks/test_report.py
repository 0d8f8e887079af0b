"""The report, whole: `fixtures/report.md`."""

from __future__ import annotations

from pathlib import Path

from made_results import made

from benchmarks.sinks.report import Setting, report

EXPECTED = Path(__file__).parent / "fixtures" / "report.md"


def test_a_report_has_every_figure_with_its_verdict() -> None:
    setting = Setting({"run": "2026-11-23", "machine": "two cores"}, rounds=2, rows=2_000_000)
    assert report(made(), setting) == EXPECTED.read_text(encoding="utf-8")
