"""The lineage as JSON: one object for each column, its inputs as in manifest.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TextIO

from featuremill_codegen.lineage.entries import Entry
from featuremill_codegen.manifest import lineage_entry


def write_json(entries: Sequence[Entry], stream: TextIO) -> None:
    """Write a list of columns."""
    columns = [
        {
            "pipeline": entry.pipeline.name,
            "name": entry.name,
            "role": entry.role,
            "type": entry.type,
            **lineage_entry(entry.lineage),
        }
        for entry in entries
    ]
    stream.write(json.dumps(columns, indent=2, ensure_ascii=False) + "\n")
