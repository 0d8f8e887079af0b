"""Tells whether a partition of the batch feature source is there, for a scheduler that waits for it.

`python -m featuremill_sinks.partition --feature-source hdfs:///feature_source --pipeline carrier_daily_quality
--date 2013-01-01`. Exit codes: 0 it is there, 3 it is not, or not yet, 1 nobody can tell, 2 a mistake in the arguments.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date

from featuremill_sinks.batch_ingestion import date_argument, folder_argument, partition_path, pipeline_argument
from featuremill_sinks.program import refuse

NOT_THERE = 3
ABOUT = "_featuremill.json"
"""The file of a partition in which run.py says what it has written; it comes with the partition, as one."""


def is_there(feature_source: str, pipeline: str, day: date) -> bool:
    """Whether run.py has written the partition. Ends the program, exit code 1, where the file system doesn't answer."""
    import pyarrow
    from pyarrow.fs import FileSystem, FileType

    path = f"{partition_path(feature_source, pipeline, day)}/{ABOUT}"
    try:
        files, place = FileSystem.from_uri(path)
        return bool(files.get_file_info(place).type == FileType.File)
    except (OSError, pyarrow.ArrowException) as error:
        refuse(f"nobody can tell whether {path} is there: {error}")


def main(arguments: list[str]) -> int:
    """Print whether it is there; the exit code."""
    parser = argparse.ArgumentParser(description="Tells whether a partition of the batch feature source is there.")
    parser.add_argument("--feature-source", required=True, type=folder_argument, metavar="URI")
    parser.add_argument(
        "--pipeline", required=True, type=pipeline_argument, metavar="NAME", help="whose partition it is"
    )
    parser.add_argument("--date", required=True, type=date_argument, metavar="YYYY-MM-DD", help="the partition's dt")
    given = parser.parse_args(arguments)
    there = is_there(given.feature_source, given.pipeline, given.date)
    print(f"{given.pipeline}/dt={given.date} is {'there' if there else 'not there'}")
    return 0 if there else NOT_THERE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
