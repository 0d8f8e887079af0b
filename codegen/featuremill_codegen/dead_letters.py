"""Rows that can't become features: wrapping a source's format, so that bytes it can't read don't stop the job.

The format `featuremill-dead-letter` of our connector jar hands each message to the person's own format and writes the
bytes that this one can't read into the topic `features-dead-letter`. Flink's factories prefix a format's options with
its name: `json.fail-on-missing-field` behind `'format' = 'json'`, `value.json.fail-on-missing-field` behind
`'value.format' = 'json'`. So the options move to `[value.]featuremill-dead-letter.json.…`.
"""

from __future__ import annotations

from dataclasses import dataclass

from featuremill_codegen.tables import SourceTable
from featuremill_codegen.variables import BOOTSTRAP_SERVERS

FORMAT = "featuremill-dead-letter"
TOPIC = "features-dead-letter"
_WRAPPED_CONNECTORS = ("kafka",)


@dataclass(frozen=True, slots=True)
class Wrapping:
    """What ALTER TABLE changes: options to set, and names of options to reset."""

    table: str
    set: dict[str, str]
    reset: tuple[str, ...]


def wrap(pipeline: str, table: SourceTable) -> Wrapping | None:
    """The changes that wrap the table's format; None where its connector reads no messages one by one."""
    if table.connector not in _WRAPPED_CONNECTORS:
        return None
    key = "value.format" if "value.format" in table.options else "format"
    inner = table.option(key)
    if not inner or inner == FORMAT:
        return None
    side = "value." if key == "value.format" else ""
    old_prefix, new_prefix = f"{side}{inner}.", f"{side}{FORMAT}."
    moved = {name: option.value for name, option in table.options.items() if name.startswith(old_prefix)}
    changed = {
        key: FORMAT,
        f"{new_prefix}format": inner,
        f"{new_prefix}pipeline": pipeline,
        f"{new_prefix}stage": "source",
        f"{new_prefix}table": table.name,
        f"{new_prefix}topic": TOPIC,
        f"{new_prefix}bootstrap-servers": f"${{{BOOTSTRAP_SERVERS}}}",
    }
    changed |= {f"{new_prefix}{inner}.{name.removeprefix(old_prefix)}": value for name, value in moved.items()}
    return Wrapping(table.name, changed, tuple(moved))
