"""Other orders in which a table's rows might have come, so that the same ones are late.

Two lines may change places unless one of them moves time (`@watermark`, `@idle`) or is a late row, whose place among
the others decides whether it counts; unless the row that is overtaken would be late then; and unless both are changes
of the same key. This is decided pair by pair. So on the way from the file to another order, one exchange of neighbours
after the other, every order is a possible one, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from featuremill_codegen.tables import SourceTable
from sqlglot import exp

from featuremill_local.cases.event_times import bound_of, milliseconds
from featuremill_local.cases.json_lines import Line
from featuremill_local.cases.reading import WATERMARK, Input, moves_time
from featuremill_local.cases.tables import APPEND, UPSERT, changes

_SHARE_OF_REPEATS = 0.3


@dataclass(frozen=True, slots=True)
class _Place:
    """What decides over a line's place: whether it stays, its event time in milliseconds, its key if it has one."""

    fixed: bool
    time: int | None
    key: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Way:
    """The way from a file's lines to another order of them: first rows come twice, then neighbours change places.

    `repeated` are indices of lines in the file, ascending; `order` are indices of the lines with those repeated.
    """

    lines: tuple[Line, ...]
    repeated: tuple[int, ...] = ()
    order: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        """How many steps it has; 0 where it leads nowhere."""
        return len(self.repeated) + len(self._exchanges())

    def at(self, step: int) -> tuple[Line, ...]:
        """The lines after so many steps."""
        if step <= len(self.repeated):
            return self._with(self.repeated[:step])
        order = list(range(len(self.order)))
        for left in self._exchanges()[: step - len(self.repeated)]:
            order[left], order[left + 1] = order[left + 1], order[left]
        lines = self._with(self.repeated)
        return tuple(lines[index] for index in order)

    def _with(self, repeated: Sequence[int]) -> tuple[Line, ...]:
        return tuple(line for index, line in enumerate(self.lines) for _ in range(1 + (index in repeated)))

    def _exchanges(self) -> list[int]:
        """The places of left neighbours, in the order of their exchanges: those of a bubble sort, backwards."""
        order, exchanges = list(self.order), []
        for end in range(len(order), 1, -1):
            for left in range(end - 1):
                if order[left] > order[left + 1]:
                    order[left], order[left + 1] = order[left + 1], order[left]
                    exchanges.append(left)
        return exchanges[::-1]


def why_kept(table: SourceTable) -> str:
    """Why the table's rows keep their order; empty where they can come in another one."""
    if table.watermark is not None and bound_of(table) is None:
        return f"the watermark of {table.name} is no column, nor a column less an interval"
    if changes(table) is not APPEND and not _primary_key(table):
        return f"{table.name} is a log of changes without a PRIMARY KEY"
    return ""


def other_order(given: Input, random: Random, *, twice: bool = False) -> Way:
    """A way to another order.

    Of an upsert table, whose messages may be read again, some rows come twice; with `twice` those of an append table,
    too.
    """
    lines = given.lines
    if why_kept(given.table):
        return Way(lines)
    repeated: list[int] = []
    if twice or changes(given.table) is UPSERT:
        places = _places(given.table, lines)
        repeated = [index for index in range(len(lines)) if _may_repeat(given.table, places[index], random)]
    doubled = Way(lines, tuple(repeated)).at(len(repeated))
    return Way(lines, tuple(repeated), _extension(given.table, _places(given.table, doubled), random))


def _may_repeat(table: SourceTable, place: _Place, random: Random) -> bool:
    """Whether the row comes twice, by chance; never one that would be late the second time."""
    chosen = random.random() < _SHARE_OF_REPEATS
    return chosen and not place.fixed and (place.time is None or _delay(table) > 0)


def _delay(table: SourceTable) -> int:
    bound = bound_of(table)
    return 0 if bound is None else bound.delay


def _places(table: SourceTable, lines: Sequence[Line]) -> list[_Place]:
    bound, delay, keys = bound_of(table), _delay(table), _primary_key(table)
    places = []
    watermark: int | None = None
    for line in lines:
        if moves_time(line):
            places.append(_Place(True, None, None))
            risen = milliseconds(line.members[WATERMARK].value) if WATERMARK in line.members else None
        else:
            time = bound.time_of(line) if bound is not None else None
            late = time is not None and watermark is not None and time <= watermark
            key = tuple(repr(line.members[name].value) for name in keys) if keys else None
            places.append(_Place(late, time, key))
            risen = None if time is None else time - delay
        if risen is not None:
            watermark = risen if watermark is None else max(watermark, risen)
    return places


def _extension(table: SourceTable, places: Sequence[_Place], random: Random) -> tuple[int, ...]:
    """Indices of the places in a random order in which every pair that can't change places stands as it does."""
    delay = _delay(table)
    behind: list[list[int]] = [[] for _ in places]
    waits = [0] * len(places)
    for index, later in enumerate(places):
        for earlier in range(index):
            if not _can_change(places[earlier], later, delay):
                behind[earlier].append(index)
                waits[index] += 1
    ready = [index for index, count in enumerate(waits) if count == 0]
    order: list[int] = []
    while ready:
        chosen = ready.pop(random.randrange(len(ready)))
        order.append(chosen)
        for index in behind[chosen]:
            waits[index] -= 1
            if waits[index] == 0:
                ready.append(index)
    return tuple(order)


def _can_change(earlier: _Place, later: _Place, delay: int) -> bool:
    if earlier.fixed or later.fixed or (earlier.key is not None and earlier.key == later.key):
        return False
    return earlier.time is None or later.time is None or later.time - delay < earlier.time


def _primary_key(table: SourceTable) -> tuple[str, ...]:
    tree = table.statement.tree
    inline = tree.find(exp.PrimaryKeyColumnConstraint)
    if inline is not None:
        column = inline.find_ancestor(exp.ColumnDef)
        return (column.name,) if column is not None else ()
    key = tree.find(exp.PrimaryKey)
    return tuple(each.name for each in key.expressions) if key is not None else ()
