"""What is said of a batch's plan, as a table."""

from __future__ import annotations

import io

from featuremill_local.check.batch_plan import read_batch_plan
from featuremill_local.check.batch_report import show_batch_plan
from rich.console import Console


def shown(**parts: list[dict[str, object]]) -> str:
    answer = {"tables": [], "shuffles": [], "joins": [], **parts}
    out = io.StringIO()
    show_batch_plan("flights", read_batch_plan(answer), 0.25, Console(file=out, width=160))
    return out.getvalue()


def table(name: str, by: list[str], filters: list[str]) -> dict[str, object]:
    return {"table": name, "partitioned_by": by, "partition_filters": filters}


def test_tables_and_how_much_of_them_is_read() -> None:
    said = shown(
        tables=[
            table("flights", ["dt"], ["(dt > '2013-05-04')", "(dt <= '2013-06-01')"]),
            table("weather", ["dt"], []),
            table("airports", [], []),
            table("weather", ["dt"], []),
        ]
    )
    assert "flights: 0 shuffles, 0 joins, planned in 250 ms" in said
    assert "partitions where dt > '2013-05-04' and dt <= '2013-06-01'" in said
    assert "the whole table: nothing chooses partitions by dt, 2 times" in said
    assert "the whole table: it has no partitions" in said


def test_shuffles_and_joins() -> None:
    said = shown(
        shuffles=[{"way": "HashPartitioning", "keys": ["carrier", "dt"]}, {"way": "SinglePartition", "keys": []}],
        joins=[
            {"way": "SortMergeJoin", "type": "LEFT OUTER", "on": ["origin", "hour"]},
            {"way": "CartesianProduct", "type": "CROSS", "on": []},
        ],
    )
    assert "2 shuffles, 2 joins" in said
    assert "by carrier, dt" in said
    assert "all rows, to one task" in said
    assert "left outer on origin, hour" in said
    assert "cartesian product: every row with every other one" in said
    assert "as if every table were large" in said
