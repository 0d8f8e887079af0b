"""Where this clone's parts lie. Standard library alone: nox imports this module before any environment exists."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PIPELINES = REPOSITORY / "pipelines"
