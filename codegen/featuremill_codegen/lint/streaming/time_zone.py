from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.subject import Subject

_ABBREVIATION = re.compile(r"(?!UTC$|GMT$)[A-Z]{3,4}")
_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)")
_TAKES_ZONE = frozenset({"CONVERT_TZ", "TO_TIMESTAMP_LTZ", "FROM_UTC_TIMESTAMP", "TO_UTC_TIMESTAMP"})
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Sub)


class TimeZone(Rule):
    """A time read in another zone than it was written in.

    Every clock of a job is UTC, and a TIMESTAMP (without a zone) is read as UTC. Where one meets a TIMESTAMP_LTZ (a
    moment) in a comparison, it must really be UTC; a CAST says that somebody thought of it. A zone such as `EST` is
    an offset without summer time, and a TIMESTAMP literal has no place for an offset.
    """

    code = "FM211"
    why = "hours are off by the zone's offset for part of the year, and the features are wrong without an error"

    def check(self, subject: Subject) -> Iterator[Finding]:
        for statement, node in subject.find(*_COMPARISONS):
            roots = [getattr(subject.type_of(each), "root", None) for each in (node.this, node.expression)]
            if sorted(filter(None, roots)) == ["TIMESTAMP", "TIMESTAMP_LTZ"]:
                message = "A TIMESTAMP and a TIMESTAMP_LTZ meet here: the first is read as UTC."
                help = "CAST(… AS TIMESTAMP_LTZ(3)) if it is UTC; else CONVERT_TZ it first"
                yield finding_at(statement, self.code, message, node, help=help)
        for statement, call, name in subject.calls:
            if name not in _TAKES_ZONE:
                continue
            for argument in call.expressions:
                if isinstance(argument, exp.Literal) and argument.is_string and _ABBREVIATION.fullmatch(argument.name):
                    message = f"'{argument.name}' has no summer time, and some such names mean several zones."
                    yield finding_at(statement, self.code, message, argument, help="name a place: 'America/New_York'")
        for statement, cast in subject.find(exp.Cast):
            text = cast.this
            if isinstance(text, exp.Literal) and text.is_string and _OFFSET.fullmatch(text.name):
                kind = subject.type_of(cast)
                if kind is not None and kind.is_timestamp:
                    message = "A TIMESTAMP has no zone: Flink can't read an offset here."
                    yield finding_at(
                        statement, self.code, message, text, help="write the time in UTC, without an offset"
                    )
