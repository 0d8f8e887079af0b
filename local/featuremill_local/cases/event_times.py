"""A table's watermark as this side of Flink can follow it: `column`, or `column` less an interval."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from featuremill_codegen.tables import SourceTable
from sqlglot import exp

from featuremill_local.cases.json_lines import Line

_UNITS = {"SECOND": 1_000, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bound:
    """The column of a table's event time, and by how many milliseconds its watermark stays behind."""

    column: str
    delay: int

    def time_of(self, line: Line) -> int | None:
        """The row's event time in milliseconds since 1970; None where it has none."""
        value = line.members[self.column].value
        return None if value is None else milliseconds(value)


def bound_of(table: SourceTable) -> Bound | None:
    """The table's watermark; None where its expression is another one, or its column is computed."""
    watermark = table.statement.tree.find(exp.WatermarkColumnConstraint)
    if watermark is None or not any(each.name == table.watermark and each.kind != "computed" for each in table.columns):
        return None
    column, value = watermark.this, watermark.args["expression"]
    if value == column:
        return Bound(column.name, 0)
    if isinstance(value, exp.Sub) and value.this == column and isinstance(value.expression, exp.Interval):
        delay = _delay(value.expression)
        return None if delay is None else Bound(column.name, delay)
    return None


def _delay(interval: exp.Interval) -> int | None:
    """The milliseconds of `INTERVAL '5' MINUTE`; None where it is written otherwise, or is negative."""
    unit = interval.args.get("unit")
    scale = _UNITS.get(unit.name.upper()) if isinstance(unit, exp.Var) else None
    try:
        count = Decimal(interval.this.name)
    except (InvalidOperation, AttributeError):
        return None
    return int(count * scale) if scale is not None and count >= 0 else None


def milliseconds(text: str) -> int:
    """A time of a case's file, `2013-01-31T06:30:00.5Z` or without a zone, in milliseconds since 1970, cut off."""
    cut = re.sub(r"\.(\d{1,3})\d*", lambda fraction: "." + fraction[1].ljust(3, "0"), text)
    at = datetime.fromisoformat(cut)
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - _EPOCH) // timedelta(milliseconds=1)
