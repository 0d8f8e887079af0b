"""What `check` says of a batch that Spark takes: a short table of its plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from featuremill_local.check.batch_plan import BatchPlan, Join, Shuffle, TableRead
from featuremill_local.display import counted

_JOINS = {
    "SortMergeJoin": "sort-merge join",
    "ShuffledHashJoin": "shuffled hash join",
    "BroadcastHashJoin": "broadcast join",
    "CartesianProduct": "cartesian product",
    "BroadcastNestedLoopJoin": "broadcast nested loop",
}
_SIZES = "planned as if every table were large: Spark broadcasts a side that turns out to be small"


def show_batch_plan(name: str, plan: BatchPlan, seconds: float, console: Console) -> None:
    """Print what the plan reads, moves and joins."""
    console.print(Text.assemble((name, "bold"), f": {summary_of(plan)}, planned in {seconds * 1000:.0f} ms"))
    table = Table(box=box.ROUNDED)
    for column in ("operator", "of", "how"):
        table.add_column(column, overflow="fold")
    for (operator, of, how, is_costly), times in Counter(_rows(plan)).items():
        again = f", {times} times" if times > 1 else ""
        table.add_row(Text(operator), Text(of), Text(how + again, "yellow" if is_costly else ""))
    console.print(table)
    if any(join.way == "SortMergeJoin" for join in plan.joins):
        console.print(Text(_SIZES, "dim"))


def summary_of(plan: BatchPlan) -> str:
    """`2 shuffles, 0 joins`."""
    return f"{counted(len(plan.shuffles), 'shuffle')}, {counted(len(plan.joins), 'join')}"


def _rows(plan: BatchPlan) -> Iterator[tuple[str, str, str, bool]]:
    """(operator, of what, how, whether it is worth a look) of each part of the plan."""
    for read in plan.tables:
        yield "read", read.table, _reading(read), read.is_read_whole
    for shuffle in plan.shuffles:
        yield "shuffle", _place(shuffle), shuffle.way, shuffle.way == "SinglePartition"
    for join in plan.joins:
        way = _JOINS[join.way] + (": every row with every other one" if join.compares_every_pair else "")
        yield "join", _joined(join), way, join.compares_every_pair


def _reading(read: TableRead) -> str:
    if not read.partitioned_by:
        return "the whole table: it has no partitions"
    if read.is_read_whole:
        return f"the whole table: nothing chooses partitions by {', '.join(read.partitioned_by)}"
    filters = (each.removeprefix("(").removesuffix(")") for each in read.partition_filters)
    return f"partitions where {' and '.join(filters)}"


def _place(shuffle: Shuffle) -> str:
    if shuffle.way == "SinglePartition":
        return "all rows, to one task"
    return f"by {', '.join(shuffle.keys)}" if shuffle.keys else "all rows"


def _joined(join: Join) -> str:
    return f"{join.type.lower()} on {', '.join(join.on)}" if join.on else f"{join.type.lower()}, no condition"
