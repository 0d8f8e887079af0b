from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.catalogue.functions import functions
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.names import nearest


class UnknownFunction(Rule):
    """A function that Flink doesn't have and udf_def.py doesn't define.

    Flink's functions are those that it lists itself, whatever their case. The names of Python functions are looked up
    as they are written.
    """

    code = "FM130"
    why = 'the job would end at its start with "No match found for function signature"'

    def check(self, subject: Subject) -> Iterator[Finding]:
        known = functions()
        own = {udf.name.upper(): udf.name for udf in subject.pipeline.udfs}
        for statement, node, name in subject.calls:
            if name in known or name in own or name in SYNTAX:
                continue
            start = node.meta.get("start")
            place = (start, start + len(node.name)) if start is not None else None
            message = f"There is no function `{node.name}`."
            close = [own.get(each, each) for each in nearest(name, [*known, *own])]
            help = (
                "did you mean " + " or ".join(f"`{each}`" for each in close) + "?"
                if close
                else ("write it in udf_def.py, with @udf")
            )
            yield finding_at(statement, self.code, message, place, help=help)


SYNTAX = frozenset(
    {
        "TABLE",
        "DESCRIPTOR",
        "ROW",
        "ARRAY",
        "MAP",
        "MULTISET",
        "STATE_TTL",
        "OPTIONS",
        "LOOKUP",
        "BROADCAST",
        "SHUFFLE_HASH",
        "SHUFFLE_MERGE",
        "NEST_LOOP",
        "JSON",
        "GROUPING",
        "GROUPING_ID",
        "GROUP_ID",
        "CLASSIFIER",
        "MATCH_ROWTIME",
        "MATCH_PROCTIME",
        "FIRST",
        "LAST",
        "PREV",
        "NEXT",
        "GROUPING SETS",
        "ROLLUP",
        "CUBE",
        "IF",
        "PERIOD",
        "SET",
        "MULTI_JOIN",
    }
)
"""What is written like a call and is none, or is one that only the parser knows: hints, constructors, patterns."""
