"""A compiled plan, read: the changes of the query, and the operators that keep state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from featuremill_codegen.lint.plan.planned import INSERT, Operator, State

from featuremill_local.check.row_sizes import columns_of, row_bytes

_KEYS = re.compile(r"(?:groupBy|partitionBy|key)=\[([^\]]*)\]")
_WINDOWED = re.compile(r"(Window|GroupWindow)")
_WINDOW = "when the watermark has passed its window's end"
_WINDOW_COLUMNS = ("window_start", "window_end", "window_time")
_NAMES = {"sink": "SinkUpsertMaterializer"}


class Plan:
    """The nodes of a compiled plan, and what each reads."""

    def __init__(self, text: str, ttl_ms: int | None = None) -> None:
        """`ttl_ms` is the pipeline's own time to live, which not every operator writes into the plan."""
        plan = json.loads(text)
        self._ttl_ms = ttl_ms
        self.nodes: dict[int, dict[str, Any]] = {node["id"]: node for node in plan["nodes"]}
        self._inputs: dict[int, list[int]] = {}
        for edge in plan["edges"]:
            self._inputs.setdefault(edge["target"], []).append(edge["source"])

    def changes(self) -> tuple[str, ...]:
        """The kinds of rows that the query emits: what TO_CHANGELOG reads."""
        for node in self.nodes.values():
            modes = node.get("inputChangelogModes")
            if modes:
                return tuple(modes[0])
        return (INSERT,)

    def operators(self) -> tuple[Operator, ...]:
        """The operators that keep state, from the sources on."""
        return tuple(found for node in self.nodes.values() if (found := self._operator(node)) is not None)

    def _operator(self, node: dict[str, Any]) -> Operator | None:
        kind = kind_of(node)
        keys = tuple(self._keys(node))
        states = list(self._states(node, kind, keys))
        if not states:
            return None
        windowed = any(self._is_of_a_window(node, key) for key in keys)
        return Operator(kind, str(node["description"]), keys, tuple(states), _drops(node, kind), windowed)

    def _is_of_a_window(self, node: dict[str, Any], name: str) -> bool:
        """Whether a column of the node's input is one that a window function added, under whatever name since."""
        while len(inputs := self._inputs.get(node["id"], [])) == 1:
            node = self.nodes[inputs[0]]
            kind = kind_of(node)
            if kind == "WindowTableFunction":
                return name in _WINDOW_COLUMNS
            if kind not in ("Calc", "Exchange"):
                return False
            renamed = re.search(rf"[\[ ](\w+) AS {re.escape(name)}[,\]]", node["description"])
            name = renamed[1] if renamed is not None else name
        return False

    def _states(self, node: dict[str, Any], kind: str, keys: Sequence[str]) -> Iterator[State]:
        declared = node.get("state") or ()
        for each in declared:
            entry, size = self._entry(node, kind, keys, each["index"])
            yield State(each["name"], milliseconds(each["ttl"]), entry, size)
        if not declared and kind in _UNDECLARED:
            entry, size = self._entry(node, kind, keys, 0)
            yield State(_UNDECLARED[kind], self._ttl_ms if kind == "OverAggregate" else None, entry, size)

    def _entry(self, node: dict[str, Any], kind: str, keys: Sequence[str], index: int) -> tuple[str, int]:
        """What there is one of in the state, and its size."""
        each_key = f"each {', '.join(keys)}" if keys else "the whole stream"
        inputs = self._inputs.get(node["id"], [])
        read = self._columns(inputs[min(index, len(inputs) - 1)]) if inputs else {}
        if kind in ("Join", "IntervalJoin", "TemporalJoin", "WindowJoin"):
            return f"one for each row of the {('left', 'right')[min(index, 1)]} side", row_bytes(read.values())
        if kind.endswith("Aggregate") and kind != "OverAggregate":
            own = self._columns(node["id"])
            parts = [text for name, text in own.items() if name not in keys]
            where = " and window" if "window=[" in node["description"] else ""
            return f"one for {each_key}{where}{_inside(node)}", row_bytes(parts)
        if kind == "Rank":
            most = (node.get("rankRange") or {}).get("end")
            kept = f"{most} rows" if most not in (None, 1) else "one row"
            if (node.get("rankStrategy") or {}).get("type") == "Retract":
                kept = "every row"
            return f"{kept} for {each_key}", row_bytes(read.values())
        if kind in ("OverAggregate", "Match", "Sort", "TemporalSort", "WindowRank", "WindowDeduplicate"):
            return f"the rows of {each_key} that still count", row_bytes(read.values())
        return f"one row for {each_key}", row_bytes(read.values())

    def _keys(self, node: dict[str, Any]) -> Iterator[str]:
        found = _KEYS.search(node["description"])
        if found is not None:
            yield from (each.strip().removesuffix(" ASC") for each in found[1].split(",") if each.strip())
            return
        inputs = self._inputs.get(node["id"], [])
        spec = node.get("joinSpec") or (node.get("intervalJoinSpec") or {}).get("joinSpec") or {}
        if spec.get("leftKeys") and inputs:
            left = list(self._columns(inputs[0]))
            yield from (left[index] for index in spec["leftKeys"])

    def _columns(self, number: int) -> dict[str, str]:
        return columns_of(self.nodes[number]["outputType"])


_UNDECLARED = {
    "GlobalWindowAggregate": "windows",
    "WindowAggregate": "windows",
    "WindowJoin": "windows",
    "WindowRank": "windows",
    "WindowDeduplicate": "windows",
    "IntervalJoin": "rows within the bounds",
    "TemporalJoin": "versions",
    "Match": "partial matches",
    "TemporalSort": "rows ahead of the watermark",
    "OverAggregate": "rows of the frame",
}
"""Operators that keep state without saying so in the plan: time drops it, or nothing does."""


def kind_of(node: dict[str, Any]) -> str:
    """`GroupAggregate` of the node type `stream-exec-group-aggregate_1`."""
    name = str(node["type"]).removeprefix("stream-exec-").rpartition("_")[0]
    return _NAMES.get(name) or "".join(part.capitalize() for part in name.split("-"))


def milliseconds(text: str) -> int | None:
    """A time to live as Flink writes it (`2 d`, `0 ms`); None where it is none.

    >>> milliseconds("2 d"), milliseconds("0 ms")
    (172800000, None)
    """
    number, _, unit = text.partition(" ")
    factor = {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}[unit]
    return int(number) * factor or None


def _drops(node: dict[str, Any], kind: str) -> str:
    """What takes state away beside a time to live."""
    if _WINDOWED.search(kind):
        return _WINDOW
    if kind == "IntervalJoin":
        return "when the watermark has passed the bounds"
    if kind == "TemporalSort":
        return "when the watermark has passed"
    if kind == "TemporalJoin":
        return "versions older than the watermark"
    if kind == "OverAggregate" and "UNBOUNDED PRECEDING" not in node["description"]:
        return "when the frame has moved on"
    if kind == "Match" and "within=[" in node["description"].lower():
        return "when the time of WITHIN is over"
    return ""


def _inside(node: dict[str, Any]) -> str:
    """What an aggregate keeps beside its answers, which has no size that types tell."""
    calls = node.get("aggCalls") or ()
    parts = []
    if any(call.get("distinct") for call in calls):
        parts.append("every distinct value")
    retracting = node.get("aggCallNeedRetractions") or ()
    extremes = ("$MAX$", "$MIN$", "$FIRST_VALUE$", "$LAST_VALUE$", "$LISTAGG$")
    for call, retracts in zip(calls, retracting, strict=False):
        if retracts and str(call.get("internalName", "")).startswith(extremes):
            parts.append("every value (so that one can be taken back)")
            break
    return f", and in it {' and '.join(parts)}" if parts else ""
