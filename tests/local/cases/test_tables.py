"""What of the tables a case changes."""

from __future__ import annotations

from pathlib import Path

from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.cases.tables import overrides

FOLDER = Path(__file__).parent / "fixtures" / "pipelines" / "readings"


def test_every_option_of_production_goes():
    changed = overrides(
        load_pipeline(FOLDER), {"readings": Path("/in/readings"), "limits": Path("/in/limits")}, Path("/out")
    )
    kept = {
        table: {key: value for key, value in options.items() if value is not None} for table, options in changed.items()
    }
    output = {"format": "json", "json.timestamp-format.standard": "ISO-8601", "connector": "featuremill-cases"}
    assert kept == {
        "readings": {"connector": "featuremill-cases", "path": "/in/readings", "changes": "append"},
        "limits": {"connector": "featuremill-cases", "path": "/in/limits", "changes": "upsert"},
        "feature_source": output | {"path": "/out/feature_source.jsonl"},
        "features_dead_letter": output | {"path": "/out/features_dead_letter.jsonl"},
    }
    gone = {table: {key for key, value in options.items() if value is None} for table, options in changed.items()}
    assert {"topic", "format", "featuremill-dead-letter.format", "json.timestamp-format.standard"} <= gone["readings"]
    assert gone["limits"] == {"topic", "properties.bootstrap.servers", "key.format", "value.format"}
    assert "value.format" in gone["feature_source"]
    assert gone["features_dead_letter"] == {"topic", "properties.bootstrap.servers", "sink.delivery-guarantee"}
