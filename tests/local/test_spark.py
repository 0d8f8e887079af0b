"""What a batch's run.py says while it runs, without Spark."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from featuremill_codegen.package import Package
from featuremill_local import spark
from featuremill_local.processes import Processes
from featuremill_local.spark import PartitionWritten, SparkRun

TWO_DAYS = Path(__file__).parent / "fixtures" / "two_days.py"
DAYS = [date(2013, 6, 1), date(2013, 6, 2)]


def test_days_are_told_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "python_with", lambda name, requirements: Path(sys.executable))
    monkeypatch.setattr(spark, "spark_environment", lambda folder: dict(os.environ))
    (tmp_path / "package").mkdir()
    shutil.copy(TWO_DAYS, tmp_path / "package" / "run.py")
    package = Package(tmp_path / "package", {"pipeline": "two_days", "variables": []}, "1")
    feature_source = tmp_path / "feature_source"
    told: list[list[date]] = []

    def show(done: Mapping[date, PartitionWritten]) -> None:
        if done:
            (feature_source / "seen").touch()
            if told[-1:] != [list(done)]:
                told.append(list(done))

    processes = Processes(tmp_path / "data")
    try:
        found = SparkRun(processes, package, feature_source, {}).go(DAYS, show)
    finally:
        processes.close()
    assert told == [DAYS[:1], DAYS]
    assert found == {DAYS[0]: PartitionWritten(10, 1, 2.5), DAYS[1]: PartitionWritten(20, 0, 1.5)}
