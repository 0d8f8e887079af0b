"""What a batch pipeline reads in a local run: a folder for each source table, in the table's own format and layout."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from pathlib import Path

from featuremill_codegen.hive.render import DAY
from featuremill_codegen.pipeline import Pipeline

from featuremill_local.cache import SetupError

_PARTITION = re.compile(rf"{DAY}=(\d{{4}}-\d{{2}}-\d{{2}})")


def table_folders(pipeline: Pipeline, data: Path | None) -> dict[str, Path]:
    """The folder of each source table, `<data>/<table>`; without `data` the pipeline's sample.

    Raises `SetupError` for one that isn't there.
    """
    root = data if data is not None else pipeline.folder / "sample"
    folders = {table.name: root / table.name.rpartition(".")[2] for table in pipeline.tables}
    for table, folder in folders.items():
        if not folder.is_dir():
            raise SetupError(
                f"{folder} is missing: the local run needs a few real rows of the table {table}\n"
                f"help: put files of its format there, of a partitioned table in {DAY}=2013-06-01/ and so on"
            )
    return folders


def days_of_partitions(folder: Path) -> list[date]:
    """The days of which the folder has a partition `dt=2013-06-01`, in order; 2013-06-31 is none."""
    found = []
    for match in (_PARTITION.fullmatch(path.name) for path in folder.iterdir()):
        if match:
            with suppress(ValueError):
                found.append(date.fromisoformat(match[1]))
    return sorted(found)


def days_in(pipeline: Pipeline, folders: dict[str, Path]) -> list[date]:
    """The days of which every table that is partitioned by the day has a partition, in order."""
    found: list[set[date]] = []
    for table in pipeline.tables:
        if any(column.name == DAY and column.kind == "partition" for column in table.columns):
            found.append(set(days_of_partitions(folders[table.name])))
    return sorted(set.intersection(*found)) if found else []
