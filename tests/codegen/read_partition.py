"""Prints the rows of partitions as JSON, [[entity_key, event_time in ms, features], …]: a line for each folder.

For the job environment.
"""

import json
import sys

import pyarrow
import pyarrow.dataset

for folder in sys.argv[1:]:
    table = pyarrow.dataset.dataset(folder, format="parquet").to_table()
    assert table.schema.field("event_time").type == pyarrow.timestamp("ms", tz="UTC"), table.schema
    assert table.schema.names == ["entity_key", "event_time", "features"], table.schema
    times = table.column("event_time").cast(pyarrow.int64()).to_pylist()
    features = [dict(row) for row in table.column("features").to_pylist()]
    print(json.dumps(list(zip(table.column("entity_key").to_pylist(), times, features, strict=True))))
