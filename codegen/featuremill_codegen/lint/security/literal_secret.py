from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BOTH, Rule
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.variables import VARIABLE

_NAME = re.compile(
    r"password|passwd|secret|token|credential|api[._-]?key|access[._-]?key|private[._-]?key|sasl\.jaas\.config"
    r"|basic-auth",
    re.I,
)
_VALUE = re.compile(
    r"://[^/\s:@]+:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}"
    r"|\bglpat-[A-Za-z0-9_-]{20}|\bpassword\s*=\s*[\"']?[^\"'\s;]",
    re.I,
)


class LiteralSecret(Rule):
    """A password or key written into a pipeline.

    Whoever reads the repository, the package, the plan or Flink's UI reads it too, and it stays in git for ever.
    Secrets come from the machine's environment, by a variable. Options of tables are looked at, and texts of
    `udf_def.py`.
    """

    code = "FM501"
    why = "everybody who reads the repository, a plan or Flink's UI has it, and git never forgets"
    modes = BOTH

    def check(self, subject: Subject) -> Iterator[Finding]:
        for table in subject.tables:
            for key, option in table.options.items():
                if not option.value or VARIABLE.fullmatch(option.value.strip()):
                    continue
                named = _NAME.search(key) and not VARIABLE.search(option.value)
                if named or _VALUE.search(VARIABLE.sub("", option.value)):
                    name = re.sub(r"\W+", "_", key.removeprefix("properties.")).upper()
                    message = f"'{key}' looks like a secret, and stands here in plain text."
                    help = f"write '${{{name}}}', and change the secret: it has been seen"
                    finding = table.statement.finding(self.code, message, option.key_node, help=help)
                    yield replace(finding, source_line=_without_value(finding))
        yield from self._in_python(subject)

    def _in_python(self, subject: Subject) -> Iterator[Finding]:
        source = subject.pipeline.udf_source
        if source is None:
            return
        for node in ast.walk(ast.parse(source.text)):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name, value = node.targets[0].id, node.value
            elif isinstance(node, ast.keyword) and node.arg:
                name, value = node.arg, node.value
            else:
                continue
            text = value.value if isinstance(value, ast.Constant) else None
            if isinstance(text, str) and text and (_NAME.search(name) or _VALUE.search(text)):
                start = source.offset(node.lineno - 1, node.col_offset)
                message = f"`{name}` looks like a secret, and stands here in plain text."
                help = "read it from the environment of the job, and change the secret: it has been seen"
                finding = source.finding(self.code, message, start, start + len(name), help=help)
                yield replace(finding, source_line=_without_value(finding))


def _without_value(finding: Finding) -> str:
    """The line up to the name: findings are printed into logs, where the secret has no place."""
    return f"{finding.source_line[: finding.column - 1 + finding.length]} = '…'"
