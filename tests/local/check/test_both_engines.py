"""Which engine is started and asked: Spark only where there is a batch, Flink only where there is a stream."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from featuremill_codegen.lint.pages import PIPELINE, write_example
from featuremill_codegen.pipeline import Pipeline, load_pipeline
from featuremill_local.check.both_engines import BothEngines
from featuremill_local.processes import PartError


class Noted:
    """An engine that notes what it is told."""

    def __init__(self, mode: str, notes: list[str]) -> None:
        self._mode = mode
        self._notes = notes

    def start(self, pipelines: Iterable[Pipeline]) -> None:
        self._notes.append(f"{self._mode}: start {len(list(pipelines))}")

    def wait_until_ready(self) -> None:
        self._notes.append(f"{self._mode}: wait")

    def ask(self, pipeline: Pipeline) -> dict[str, Any]:
        self._notes.append(f"{self._mode}: ask")
        return {}


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def engines(notes: list[str]) -> BothEngines:
    return BothEngines({mode: lambda mode=mode: Noted(mode, notes) for mode in ("stream", "batch")})


@pytest.fixture
def stream(tmp_path: Path) -> Pipeline:
    write_example({}, tmp_path / "stream")
    return load_pipeline(tmp_path / "stream" / PIPELINE)


@pytest.fixture
def batch(tmp_path: Path) -> Pipeline:
    query = "SELECT page, COUNT(*) AS n FROM web.page_views WHERE dt = '${dt}' GROUP BY page"
    write_example({"transform.hql": query}, tmp_path / "batch")
    return load_pipeline(tmp_path / "batch" / PIPELINE)


def test_only_what_is_asked_about_is_started(engines: BothEngines, stream: Pipeline, notes: list[str]) -> None:
    engines.start([stream, stream])
    engines.wait_until_ready()
    engines.ask(stream)
    assert notes == ["stream: start 2", "stream: wait", "stream: ask"]


def test_the_other_one_is_started_when_one_of_its_pipelines_comes(
    engines: BothEngines, stream: Pipeline, batch: Pipeline, notes: list[str]
) -> None:
    engines.start([stream])
    for each in (batch, stream, batch):
        engines.ask(each)
    assert notes == ["stream: start 1", "batch: start 1", "batch: ask", "stream: ask", "batch: ask"]


def test_all_are_waited_for_though_one_cannot_start(stream: Pipeline, batch: Pipeline, notes: list[str]) -> None:
    class Broken(Noted):
        def wait_until_ready(self) -> None:
            super().wait_until_ready()
            raise PartError(f"{self._mode} ended")

    engines = BothEngines({"batch": lambda: Broken("batch", notes), "stream": lambda: Noted("stream", notes)})
    engines.start([stream, batch])
    with pytest.raises(PartError, match="batch ended"):
        engines.wait_until_ready()
    assert notes[-2:] == ["batch: wait", "stream: wait"]


def test_nothing_is_started_for_nothing(engines: BothEngines, notes: list[str]) -> None:
    engines.start([])
    engines.wait_until_ready()
    assert notes == []
