"""Values that stand in for a pipeline's variables while it is checked: nothing of the environment is read.

So no secret can reach a plan or a message. A text stands in that is as long as `${NAME}` itself, and so places in the
statement stay what they are in the file; an option that takes a number, a duration or the like gets one.
"""

from __future__ import annotations

from collections.abc import Iterable

from featuremill_codegen.catalogue.options import Kind, of_table
from featuremill_codegen.tables import SourceTable
from featuremill_codegen.variables import VARIABLE

_OF_A_TYPE = {
    "Boolean": "true",
    "Double": "1.0",
    "Duration": "1 min",
    "Float": "1.0",
    "Integer": "1",
    "Long": "1",
    "MemorySize": "1 mb",
}


def stand_ins(names: Iterable[str], tables: Iterable[SourceTable]) -> dict[str, str]:
    """A value for each of the variables."""
    values = {name: f"unset-{name}"[: len(name) + 3].ljust(len(name) + 3, "-") for name in names}
    for table in tables:
        known = of_table(table)
        for key, option in table.options.items():
            whole = VARIABLE.fullmatch(option.value)
            kind = known.get(key) if known is not None else None
            if whole is not None and kind is not None:
                values[whole[1]] = _value(kind, values[whole[1]])
    return values


def _value(kind: Kind, text: str) -> str:
    return kind.values[0] if kind.values else _OF_A_TYPE.get(kind.type, text)
