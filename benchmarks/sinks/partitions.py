"""The rows as Parquet files with the batch feature source's schema, several files for each round.

    python -m benchmarks.sinks.partitions FOLDER FIRST COUNT [FIRST COUNT ...]

A file for each FIRST and COUNT. Runs in the job environment, which has pyarrow.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.sinks.rows import EVENT_TIME_MS, KEY_PREFIX, KEY_WIDTH, NAMES, VALUE_WIDTH, Chunk

ROW_GROUP = 25_000
NAMES_COLUMN = "features.key_value.key"


def file_name(chunk: Chunk) -> str:
    """The name of the file that holds the chunk."""
    return f"part-{chunk.first:010d}.parquet"


def write(chunk: Chunk, path: Path) -> None:
    """Write the chunk's rows."""
    import pyarrow
    import pyarrow.parquet

    cells = chunk.count * len(NAMES)
    names = strings("".join(NAMES).encode() * chunk.count, cells, len(NAMES[0]))
    values = strings(chunk.values, cells, VALUE_WIDTH)
    columns = {
        "entity_key": strings(chunk.keys, chunk.count, len(KEY_PREFIX) + KEY_WIDTH),
        "event_time": pyarrow.array([EVENT_TIME_MS] * chunk.count, pyarrow.timestamp("ms", tz="UTC")),
        "features": pyarrow.MapArray.from_arrays(array("i", range(0, cells + 1, len(NAMES))), names, values),
    }
    pyarrow.parquet.write_table(
        pyarrow.table(columns), path, row_group_size=ROW_GROUP, use_dictionary=[NAMES_COLUMN], compression="snappy"
    )


def strings(data: bytes, count: int, width: int) -> Any:
    """An Arrow array of strings of one width."""
    import pyarrow

    offsets = array("i", range(0, count * width + 1, width))
    return pyarrow.StringArray.from_buffers(count, pyarrow.py_buffer(offsets), pyarrow.py_buffer(data))


def main(arguments: Iterable[str]) -> None:
    """Write the files."""
    folder, *numbers = arguments
    for first, count in zip(numbers[::2], numbers[1::2], strict=True):
        chunk = Chunk(int(first), int(count))
        write(chunk, Path(folder) / file_name(chunk))


if __name__ == "__main__":
    main(sys.argv[1:])
