"""What became of the rows of ingested partitions: the independent count of `featuremill_sinks.verification`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from featuremill_local.display import counted
from featuremill_local.environments import process_environment, python
from featuremill_local.helpers import run_helper
from featuremill_local.processes import PartError


@dataclass(frozen=True)
class PartitionRow:
    """A row whose values were compared with Redis; `offset` is its place in Kafka, 0 in a partition."""

    entity_key: str
    event_time: datetime
    features: Mapping[str, str | None]
    offset: int = 0


@dataclass(frozen=True)
class Check:
    """Every row's fate, and the rows that were compared. Texts in `problems` are for a person; none: all is well."""

    report: Mapping[str, Any]
    compared: Sequence[PartitionRow]
    problems: Sequence[str]

    def line(self) -> str:
        """`verified: 14 rows read = 14 written + 0 rejected + 0 guarded; 14 rows read back and compared`."""
        report = self.report
        rejected = sum(report["rejected"].values())
        parts = f"{report['written']:,} written + {rejected:,} rejected + {report['guarded']:,} guarded"
        missing = f" + {report['missing']:,} missing" if report["missing"] else ""
        read = f"{counted(report['rows'], 'row')} read = {parts}{missing}"
        compared = f"{counted(report['compared'], 'row')} read back and compared"
        different = f", {counted(len(report['different']), 'value')} different" if report["different"] else ""
        return f"{'verified' if not self.problems else 'not verified'}: {read}; {compared}{different}"


def check_ingestion(arguments: Sequence[str], rows_written: int | None, refused: set[str], folder: Path) -> Check:
    """Count and compare. `rows_written` is what Spark said that it wrote, None where that is not known; `refused` are
    the keys of rows that Redis refused, which are dead letters. Raises `PartError` where it can't be counted.
    """
    compared, keys = folder / "compared.jsonl", folder / "refused.jsonl"
    keys.write_text("".join(json.dumps(key) + "\n" for key in sorted(refused)), encoding="utf-8")
    command = [str(python("job")), "-m", "featuremill_sinks.verification", *arguments]
    ended = run_helper([*command, "--rows", str(compared), "--refused", str(keys)], env=process_environment("job"))
    said = [line for line in ended.output.splitlines() if line.startswith("{")]
    if not said:
        raise PartError(f"what was written to Redis can't be verified: {ended.output.strip()}")
    report = json.loads(said[-1])
    rows = [json.loads(line) for line in compared.read_text(encoding="utf-8").splitlines()]
    return Check(report, [_row(row) for row in rows], problems(report, rows_written))


def problems(report: Mapping[str, Any], rows_written: int | None) -> list[str]:
    """What is wrong, in words: rows that are nowhere, values that differ, partitions of another size."""
    found = list(report["different"])
    if report["missing"]:
        keys = ", ".join(report["missing_keys"][:10])
        found.append(f"{counted(report['missing'], 'row')} of the feature source can't be found in Redis: {keys}")
    if rows_written is not None and report["rows"] != rows_written:
        found.append(f"Spark wrote {counted(rows_written, 'row')}, and the partitions have {report['rows']:,}")
    return found


def print_check(console: Console, what: str, check: Check) -> None:
    """Print its line, behind `what`, and what is wrong."""
    console.print(Text(f"{what}{check.line()}", "red" if check.problems else ""))
    for problem in check.problems:
        console.print(Text(f"  {problem}", "red"))


def _row(row: dict[str, Any]) -> PartitionRow:
    return PartitionRow(row["entity_key"], datetime.fromtimestamp(row["event_time"] / 1000, UTC), row["features"])
