"""Names of pipelines, entities and features, and the nearest name to a mistyped one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from featuremill_codegen.errors import UsageError

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
NAME_RULE = "a name is a lower-case letter, then at most 62 of a-z, 0-9 and _"

RESERVED_PIPELINES = frozenset(
    [
        "new",
        "lint",
        "format",
        "check",
        "lineage",
        "coverage",
        "plan",
        "deploy",
        "status",
        "down",
        "serve",
        "registry",
        "dead_letters",
        "schedule",
        "submit",
        "tests",
        "build",
        "local",
        "test",
        "rollback",
        "replay",
        "purge",
        "faults",
        "bench",
        "codegen",
        "sinks",
        "serving",
        "client",
        "ci",
        "docker",
        "proto",
        "e2e",
    ]
)
"""Names that would make a session of nox ambiguous: the sessions themselves, and the parts of `tests-<part>`."""

RESERVED_TABLES = frozenset({"feature_source", "features_dead_letter", "feature_query", "feature_rows"})
"""Tables and views that run.py makes itself."""


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """At most three of `names` that look like `name`, the nearest first.

    >>> nearest("airport_departure_dely", ["aircraft_rotation", "airport_departure_delay"])
    ['airport_departure_delay']
    """
    return get_close_matches(name, sorted(names), n=3, cutoff=0.6)


def no_such(what: str, name: str, names: Iterable[str], otherwise: str = "") -> UsageError:
    """The error for a name that nothing has; `otherwise` helps where there is neither a like name nor a short list."""
    help = did_you_mean(name, names) or otherwise
    return UsageError(f"There is no {what} `{name}`." + (f"\nhelp: {help}" if help else ""))


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """`did you mean `a` or `b`?`, or what there is, or nothing."""
    names = sorted(names)
    found = nearest(name, names)
    if found:
        return "did you mean " + " or ".join(f"`{each}`" for each in found) + "?"
    if 0 < len(names) <= 12:
        return "there " + ("is " if len(names) == 1 else "are ") + ", ".join(f"`{each}`" for each in names)
    return ""
