"""What EXPLAIN says, read: Flink's advice, its warnings of nondeterministic updates, and the keys of an update."""

from __future__ import annotations

import re

from featuremill_local.check.java_errors import plain

_ADVICE = re.compile(
    r"^advice\[\d+\]: \[(ADVICE|WARNING)\] (.*?)(?=^advice\[\d+\]: |^== |\Z)", re.MULTILINE | re.DOTALL
)
_RELATED = re.compile(r"\n\s*related rel plan:.*", re.DOTALL)
_UPSERT = re.compile(r"upsert key: (.*?)\. This can lead", re.DOTALL)
_NONDETERMINISTIC = "can not satisfy the determinism requirement"


def advice_in(explained: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(Flink's advice, its warnings of nondeterministic updates), each in its words on one line."""
    told = [plain(" ".join(_RELATED.sub("", match[2]).split())) for match in _ADVICE.finditer(explained)]
    warnings = [each for each in told if _NONDETERMINISTIC in each]
    return tuple(each for each in told if each not in warnings), tuple(warnings)


def upsert_keys(conflict: str) -> tuple[tuple[str, ...], ...] | None:
    """The query's upsert keys where Flink says that they aren't the entity's; None where it says nothing like it."""
    found = _UPSERT.search(conflict)
    if found is None:
        return None
    return tuple(tuple(part.strip() for part in each.split(",")) for each in re.findall(r"\[([^\]]+)\]", found[1]))
