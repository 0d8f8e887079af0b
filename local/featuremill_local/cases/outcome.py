"""What came out of a case: the rows that the generated job wrote, and what else a person should see."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from featuremill_local.cases.letters import DeadLetter, letter_of
from featuremill_local.cases.wire import FeatureRow

# what run.py's Guarded logs of a function that raised: the call, the traceback, the exception
_RAISED = re.compile(
    r"(?P<call>\w+\(.*\)) failed \(\d+ so far\)\s+"
    r"Traceback \(most recent call last\):\n(?P<frames>(?:[ \t].*\n)*)(?P<exception>\S.*)"
)
_FRAME = re.compile(r'File "(?:[^"]*/)?([^"/]+)", line (\d+)')


@dataclass(frozen=True, slots=True)
class Outcome:
    """`rows` and dead letters in the order in which they were written; a sentence for each call that raised."""

    rows: tuple[FeatureRow, ...]
    letters: tuple[DeadLetter, ...] = ()
    raised: tuple[str, ...] = ()

    def last(self) -> list[FeatureRow]:
        """The row that the sink's guard lets win, for each entity key, sorted: the newest, of two the later one."""
        winners: dict[str, FeatureRow] = {}
        for row in self.rows:
            known = winners.get(row.entity_key)
            if known is None or row.event_time >= known.event_time:
                winners[row.entity_key] = row
        return sorted(winners.values(), key=lambda row: row.entity_key)

    def present(self) -> list[FeatureRow]:
        """Those of `last` that have a value: what a reader can tell from no row."""
        return [row for row in self.last() if any(value is not None for value in row.features.values())]


def read_outcome(output: Path, log: str) -> Outcome:
    """What the job left in the folder `output`, and in the part of the log that it wrote."""
    rows = tuple(
        FeatureRow(row["entity_key"], row["event_time"], row["features"])
        for row in map(json.loads, _lines(output / "feature_source.jsonl"))
    )
    letters = (letter_of(letter) for letter in map(json.loads, _lines(output / "features_dead_letter.jsonl")))
    return Outcome(rows, tuple(letters), tuple(raised_calls(log)))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def raised_calls(log: str) -> list[str]:
    """The calls of Python functions that raised, with their place, each once."""
    found = []
    for match in _RAISED.finditer(log):
        places = [f"{name}:{line}" for name, line in _FRAME.findall(match["frames"]) if name != "run.py"]
        place = f" at {places[-1]}" if places else ""
        found.append(f"{match['call']} raised {match['exception']}{place}; its value is NULL")
    return list(dict.fromkeys(found))
