"""What a local run reads of a pipeline's sample, and what it changes of the source tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.cache import SetupError
from featuremill_local.sample import overrides, read_sample

BAD_ROWS = Path(__file__).resolve().parents[1] / "e2e" / "fixtures" / "pipelines" / "bad_rows"


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(BAD_ROWS, tmp_path / "bad_rows"))


def test_every_row_is_taken_as_it_lies_there(folder):
    (folder / "sample" / "readings.jsonl").write_bytes(b'{"sensor": "a"}\r\n\n  \nnot JSON\n\xff\xfe\n')
    (sample,) = read_sample(load_pipeline(folder))
    assert sample.topic == "readings"
    assert sample.rows == (b'{"sensor": "a"}', b"not JSON", b"\xff\xfe")


def test_the_runs_own_broker_takes_the_place_of_productions(folder):
    source = folder / "source.sql"
    source.write_text(
        source.read_text().replace(
            "'topic' = 'readings',",
            "'topic' = 'readings', 'properties.security.protocol' = 'SASL_SSL',"
            " 'properties.sasl.jaas.config' = '${KAFKA_LOGIN}', 'scan.startup.timestamp-millis' = '1',",
        )
    )
    changed = overrides(read_sample(load_pipeline(folder)), "127.0.0.1:29092")
    assert changed == {
        "readings": {
            "properties.bootstrap.servers": "127.0.0.1:29092",
            "properties.security.protocol": None,
            "properties.sasl.jaas.config": None,
            "scan.startup.timestamp-millis": None,
            "scan.startup.mode": "earliest-offset",
            "scan.bounded.mode": "latest-offset",
        }
    }


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ("'connector' = 'kafka'", "'connector' = 'datagen'", r"has the connector 'datagen'.*help: "),
        ("'topic' = 'readings'", "'topic' = 'a;b'", r"reads several topics.*help: "),
        ("'topic' = 'readings'", "'topic-pattern' = 'a.*'", r"reads several topics.*help: "),
    ],
)
def test_what_can_not_be_fed_is_refused_with_the_mend(folder, written, instead, message):
    source = folder / "source.sql"
    text = source.read_text().replace(written, instead)
    if "datagen" in instead:
        text = text[: text.index("WITH (")] + "WITH ('connector' = 'datagen');"
    source.write_text(text)
    with pytest.raises(SetupError, match=f"(?s){message}"):
        read_sample(load_pipeline(folder))


def test_a_missing_and_an_empty_sample_are_refused(folder):
    path = folder / "sample" / "readings.jsonl"
    path.write_text("\n \n")
    with pytest.raises(SetupError, match="holds no row"):
        read_sample(load_pipeline(folder))
    path.unlink()
    with pytest.raises(SetupError, match="is missing"):
        read_sample(load_pipeline(folder))
