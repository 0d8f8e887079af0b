"""The same rows in other orders: the features at the end must be the same, or the case says why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from featuremill_codegen.pipeline import Pipeline

from featuremill_local.cases.difference import Difference, at_the_end
from featuremill_local.cases.json_lines import Line
from featuremill_local.cases.orders import Way, other_order, why_kept
from featuremill_local.cases.outcome import Outcome
from featuremill_local.cases.reading import Case

_ATTEMPTS = 20
"""How often another order is drawn before it is believed that there is none left."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """An order that gives other features: the case in that order, and what differs from the order of the files.

    `step` says what decides: the order one step nearer to the files' gives what these give.
    """

    number: int
    case: Case
    differences: list[Difference]
    step: str


@dataclass(frozen=True, slots=True)
class Shuffle:
    """How the other orders of a case went: how many there were, and the first that gave something else.

    `kept` are sentences on tables whose rows could not be moved.
    """

    tried: int
    kept: tuple[str, ...] = ()
    deviation: Deviation | None = None


@dataclass
class Shuffler:
    """Runs a case in other orders. `execute` runs a case to its end; `folder` is for rearranged files.

    Raises CaseError where a case gives no outcome in another order.
    """

    pipeline: Pipeline
    execute: Callable[[Case], Outcome]
    folder: Path
    seed: int
    _written: int = field(default=0, init=False)

    def run(self, case: Case, outcome: Outcome, count: int) -> Shuffle:
        """Up to `count` other orders, until one gives other features than the outcome's."""
        kept = tuple(filter(None, (why_kept(each.table) for each in case.inputs)))
        seen = {_arrangement([each.lines for each in case.inputs])}
        for number in range(1, count + 1):
            ways = self._unseen(case, number, seen)
            if ways is None:
                return Shuffle(number - 1, kept)
            differences = self._differences(case, ways, _length(ways), outcome)
            if differences:
                return Shuffle(number, kept, self._deviation(case, ways, number, outcome, differences))
        return Shuffle(count, kept)

    def _unseen(self, case: Case, number: int, seen: set[tuple[tuple[str, ...], ...]]) -> list[Way] | None:
        for attempt in range(_ATTEMPTS):
            random = Random(f"{self.seed}/{case.name}/{number}/{attempt}")
            ways = [other_order(each, random, twice=each.table.name in case.told.duplicates) for each in case.inputs]
            arrangement = _arrangement(_at(ways, _length(ways)))
            if arrangement not in seen:
                seen.add(arrangement)
                return ways
        return None

    def _deviation(
        self, case: Case, ways: Sequence[Way], number: int, outcome: Outcome, differences: list[Difference]
    ) -> Deviation:
        """The order nearest to the files' on this way that still differs, by halving; not where the case says so."""
        same, other = 0, _length(ways)
        while other - same > 1 and case.told.order_matters is None:
            middle = (same + other) // 2
            found = self._differences(case, ways, middle, outcome)
            if found:
                other, differences = middle, found
            else:
                same = middle
        return Deviation(number, self._rearranged(case, ways, other), differences, _step(case, ways, other))

    def _differences(self, case: Case, ways: Sequence[Way], step: int, outcome: Outcome) -> list[Difference]:
        """What differs from the outcome after so many steps. A key whose features are all gone is as good as none."""
        came = self.execute(self._rearranged(case, ways, step))
        return at_the_end(self.pipeline, outcome.present(), came.present())

    def _rearranged(self, case: Case, ways: Sequence[Way], step: int) -> Case:
        self._written += 1
        folder = self.folder / str(self._written)
        folder.mkdir(parents=True)
        inputs = []
        for each, lines in zip(case.inputs, _at(ways, step), strict=True):
            path = folder / each.file
            path.write_text("".join(line.text + "\n" for line in lines), encoding="utf-8")
            inputs.append(replace(each, path=path, lines=lines))
        return replace(case, inputs=tuple(inputs))


def _length(ways: Sequence[Way]) -> int:
    return sum(way.length for way in ways)


def _at(ways: Sequence[Way], step: int) -> list[tuple[Line, ...]]:
    """The lines of each table after so many steps: those of the first table come first."""
    lines = []
    for way in ways:
        lines.append(way.at(min(step, way.length)))
        step -= min(step, way.length)
    return lines


def _arrangement(lines: Sequence[Sequence[Line]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.text for line in each) for each in lines)


def _step(case: Case, ways: Sequence[Way], step: int) -> str:
    """What the last of so many steps did, in words."""
    for each, before, after in zip(case.inputs, _at(ways, step - 1), _at(ways, step), strict=True):
        if before == after:
            continue
        file = each.file
        first = next(index for index, line in enumerate(after) if index == len(before) or line is not before[index])
        if len(before) < len(after):
            return f"line {after[first - 1].number} of {file}, which comes twice"
        return f"line {after[first].number} of {file}, which comes before line {after[first + 1].number}"
    raise AssertionError("a step changes nothing")
