"""What `check` says, as JSON for tools."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from featuremill_codegen.lint.formats.json import as_json

from featuremill_local.check.checking import Checked
from featuremill_local.check.report import states_of, until


def as_document(checked: Sequence[Checked]) -> str:
    """A list with an object for each pipeline; `plan` is null where its engine did not take it."""
    return json.dumps([_pipeline(each) for each in checked], indent=2, ensure_ascii=False)


def _pipeline(checked: Checked) -> dict[str, Any]:
    return {
        "pipeline": checked.name,
        "milliseconds": round(checked.seconds * 1000),
        "findings": json.loads(as_json(checked.findings)),
        "plan": _plan(checked),
    }


def _plan(checked: Checked) -> dict[str, Any] | None:
    if checked.batch is not None:
        return asdict(checked.batch) | {"physical": checked.plan}
    planned = checked.planned
    if planned is None:
        return None
    return {
        "changes": list(planned.changes),
        "states": [
            {
                "operator": operator.kind,
                "keys": list(operator.keys),
                "state": state.name,
                "ttl_ms": state.ttl_ms,
                "entries": state.entry,
                "entry_bytes": state.entry_bytes,
                "dropped": until(operator, state),
                "unbounded": not operator.drops and state.ttl_ms is None,
            }
            for operator, state in states_of(planned.operators)
        ],
        "advice": list(planned.advice),
        "compiled": json.loads(checked.plan),
    }
