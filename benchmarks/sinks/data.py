"""The input of a whole benchmark: a folder of Parquet files for each round, and folders of some of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featuremill_local.environments import process_environment, python
from featuremill_local.places import REPOSITORY
from featuremill_local.processes import PartError, Processes

from benchmarks.sinks.partitions import file_name
from benchmarks.sinks.rows import PIPELINE, Chunk
from benchmarks.sinks.variants import FILES, TINY_SHARE, Load

WRITE_SECONDS = 600.0
DAY = "2013-01-01"


@dataclass(frozen=True)
class Part:
    """A folder with the files of some chunks."""

    folder: Path
    chunks: tuple[Chunk, ...]

    @property
    def rows(self) -> int:
        """How many there are in it."""
        return sum(chunk.count for chunk in self.chunks)

    @property
    def partition(self) -> Path:
        """Where its files lie: `folder` is a feature source of one partition."""
        return self.folder / PIPELINE / f"dt={DAY}"


class Data:
    """`rows` rows in `rounds` parts of the same size, written by `write`."""

    def __init__(self, folder: Path, rows: int, rounds: int) -> None:
        self._folder = folder
        size = rows // rounds // FILES
        self.rounds: list[dict[Load, Part]] = []
        for number in range(rounds):
            first = number * FILES * size
            chunks = [Chunk(first + index * size, size) for index in range(FILES)]
            parts = {load: self._part(number, load, chunks[: load.value]) for load in Load}
            small = max(1, size // TINY_SHARE)
            # behind all others, so that no file of the one name has other rows
            begin = rounds * FILES * size + number * Load.TINY.value * small
            tiny = [Chunk(begin + index * small, small) for index in range(Load.TINY.value)]
            self.rounds.append(parts | {Load.TINY: self._part(number, Load.TINY, tiny)})
        everything = [chunk for parts in self.rounds for chunk in parts[Load.FULL].chunks]
        self.whole = Part(folder / "whole", tuple(everything))

    def _part(self, number: int, load: Load, chunks: Sequence[Chunk]) -> Part:
        return Part(self._folder / f"{number}-{load.name.lower()}", tuple(chunks))

    def write(self, processes: Processes) -> None:
        """Write each file once, in the job environment, and link it into every folder that has it."""
        store = self._folder / "all"
        store.mkdir(parents=True)
        parts = [*(part for parts in self.rounds for part in parts.values()), self.whole]
        numbers = {chunk: None for part in parts for chunk in part.chunks}
        writer = processes.start(
            "parquet-writer",
            [
                python("job"),
                *("-m", "benchmarks.sinks.partitions", store),
                *(str(number) for chunk in numbers for number in (chunk.first, chunk.count)),
            ],
            env=program_environment("job"),
        )
        if writer.popen.wait(WRITE_SECONDS) != 0:
            raise PartError(f"the Parquet files could not be written:\n{writer.log_tail()}")
        for part in parts:
            part.partition.mkdir(parents=True)
            for chunk in part.chunks:
                os.link(store / file_name(chunk), part.partition / file_name(chunk))


def program_environment(name: str) -> dict[str, str]:
    """The environment variables of a program of this package in one of the environments."""
    variables = process_environment(name)
    return variables | {"PYTHONPATH": os.pathsep.join([str(REPOSITORY), variables["PYTHONPATH"]])}
