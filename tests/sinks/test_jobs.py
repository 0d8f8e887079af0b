"""The batch ingestion job and a DataStream program on a real cluster, with every value in Redis compared.

The cluster's machine is in another time zone than UTC: no value may depend on it.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from featuremill_codegen import connectors
from featuremill_local.connector import build_connector
from featuremill_local.embedded import Embedded
from featuremill_local.environments import process_environment, python
from featuremill_local.ingestion_check import check_ingestion
from featuremill_local.jars import connector_jar, download
from featuremill_local.places import REPOSITORY
from featuremill_local.processes import PartError
from featuremill_local.progress import Progress
from featuremill_local.runs import new_run
from featuremill_local.topics import dead_letters
from rich.console import Console
from waiting import wait_until

pytestmark = pytest.mark.jvm

FIXTURES = Path(__file__).parent / "fixtures"
BATCH_INGESTION = REPOSITORY / "sinks" / "featuremill_sinks" / "batch_ingestion.py"
PIPELINE = "carrier_daily_quality"
DAY_MS = 86_400_000
# _JAVA_OPTIONS wins over the -Duser.timezone=UTC of the command line
ELSEWHERE = {"TZ": "America/New_York", "_JAVA_OPTIONS": "-Duser.timezone=America/New_York"}
MIDNIGHT = 1_357_084_800_000  # 2013-01-02T00:00:00Z
ENTITIES = 300

Row = tuple[str | None, int | None, dict[str, str | None] | None]


def good_rows() -> list[Row]:
    """Two rows of each entity, the newer one first in half of them; nulls, empty texts and quotes among the values."""
    rows: list[Row] = []
    for number in range(ENTITIES):
        key = f"carrier:{number}:Zürich"
        older: Row = (key, MIDNIGHT - 1, {"flights": "0", "share": "0.5", "note": "old", "blank": "1"})
        newer: Row = (
            key,
            MIDNIGHT + number,
            {"flights": str(number), "share": None, "note": f"日本 '{number}", "blank": ""},
        )
        rows += [newer, older] if number % 2 else [older, newer]
    return rows


BAD_ROWS: list[Row] = [
    (None, MIDNIGHT, {"flights": "1"}),
    ("", MIDNIGHT, {"flights": "2"}),
    ("carrier:null-time", None, {"flights": "3"}),
    ("carrier:null-features", MIDNIGHT, None),
    ("carrier:no-features", MIDNIGHT, {}),
]


def expected() -> dict[str, dict[str, str]]:
    """What Redis holds of the good rows: of each name the newest value, unless that is null."""
    return {
        f"carrier:{number}:Zürich": {
            "flights": str(number),
            "note": f"日本 '{number}",
            "blank": "",
            f"@{PIPELINE}": f"{MIDNIGHT + number}-0",
        }
        for number in range(ENTITIES)
    }


@pytest.fixture(scope="module")
def platform() -> Iterator[Embedded]:
    with new_run("sinks") as run, Progress(Console(stderr=True)) as progress:
        platform = Embedded(run)
        configured = platform.flink.environment
        platform.flink.environment = lambda: configured() | ELSEWHERE  # type: ignore[method-assign]
        platform.start_kafka(progress.step)
        platform.start_redis(progress.step)
        platform.start_flink(progress.step)
        platform.create_topics({"features-dead-letter": 1})
        yield platform


@pytest.fixture
def redis(platform: Embedded) -> Any:
    platform.redis().flushdb()
    return platform.redis()


def write_partition(feature_source: Path, date: str, *files: list[Row]) -> None:
    """A partition of these files, as an engine leaves it; every other file has its timestamps as Spark writes them."""
    folder = feature_source / PIPELINE / f"dt={date}"
    folder.mkdir(parents=True)
    (folder / "_SUCCESS").touch()
    for number, rows in enumerate(files):
        subprocess.run(
            [
                python("job"),
                FIXTURES / "write_partition.py",
                folder / f"part-{number}.parquet",
                *(["int96"] if number % 2 else []),
            ],
            input=json.dumps(rows),
            env=process_environment("job"),
            text=True,
            check=True,
        )


@pytest.fixture(scope="module")
def feature_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days: the first with bad rows, the second clean and about one entity."""
    folder = tmp_path_factory.mktemp("a folder with spaces")
    rows = good_rows()
    write_partition(folder, "2013-01-01", [*rows[0::2], *BAD_ROWS], rows[1::2])
    write_partition(folder, "2013-01-02", [("carrier:7:Zürich", MIDNIGHT + DAY_MS, {"flights": "70", "note": None})])
    return folder


def ingest(platform: Embedded, feature_source: Path, date: str, *arguments: str, kafka: bool = True) -> None:
    """Run the job to its end."""
    jars = [build_connector().path, *download("parquet"), *([connector_jar(connectors.KAFKA)] if kafka else [])]
    job = platform.submit(
        BATCH_INGESTION,
        [
            *("--feature-source", feature_source, "--pipeline", PIPELINE, "--date", date),
            *("--redis", platform.redis_address, *arguments),
            *(("--bootstrap-servers", platform.kafka_address) if kafka else ()),
        ],
        {"FEATUREMILL_JARS": os.pathsep.join(map(str, jars))},
    )
    wait_for_end(platform, job)
    assert len(platform.flink.get(f"/jobs/{job}")["vertices"]) == 1, "the partition must be read once"
    assert platform.flink.get(f"/jobs/{job}/checkpoints/config")["interval"] == 1000, "the cluster's own interval"


def wait_for_end(platform: Embedded, job: str) -> None:
    def ended() -> bool:
        state = platform.job_state(job)
        assert state in ("CREATED", "INITIALIZING", "RUNNING", "FINISHED"), f"{state}: {platform.root_cause(job)}"
        return state == "FINISHED"

    wait_until(ended, "the job's end", 60)


def hashes(redis: Any) -> dict[str, dict[str, str]]:
    return {key: redis.hgetall(key) for key in redis.keys("*")}


def test_every_value_of_a_partition_arrives_and_bad_rows_are_dead_letters(platform, redis, feature_source):
    ingest(platform, feature_source, "2013-01-01", "--ttl", "7 d")
    first = hashes(redis)
    assert first == expected()
    assert all(6 * DAY_MS < redis.pttl(key) <= 7 * DAY_MS for key in first)

    letters = dead_letters(platform.kafka_address)
    assert Counter(letter["reason"] for letter in letters) == {"null-key": 2, "null-event-time": 1, "bad-features": 2}
    assert {(letter["pipeline"], letter["stage"]) for letter in letters} == {(PIPELINE, "feature-source")}
    for letter in letters:
        assert letter["origin"]["table"].endswith(f"{PIPELINE}/dt=2013-01-01/part-0.parquet"), letter
    values = [json.loads(base64.b64decode(letter["value_base64"])) for letter in letters]
    assert [value["features"] for value in values if value["entity_key"] is None] == ['{"flights":"1"}']

    # again, and behind a newer day: nothing changes
    ingest(platform, feature_source, "2013-01-01", "--ttl", "7 d")
    assert hashes(redis) == first
    ingest(platform, feature_source, "2013-01-02")
    newer = first | {
        "carrier:7:Zürich": {"flights": "70", "blank": "", f"@{PIPELINE}": f"{MIDNIGHT + DAY_MS}-0"},
    }
    assert hashes(redis) == newer
    ingest(platform, feature_source, "2013-01-01", "--ttl", "7 d")
    assert hashes(redis) == newer
    assert redis.pttl("carrier:7:Zürich") == -1, "a row without a time to live lets the key stay"


def test_a_value_that_is_too_long_is_a_dead_letter_and_never_cut(platform, redis, tmp_path):
    longest, huge = 1 << 20, 6 << 20  # the limit, and more than a letter may hold
    rows: list[Row] = [
        ("carrier:full", MIDNIGHT, {"note": "x" * longest}),
        ("carrier:long", MIDNIGHT, {"flights": "1", "note": "x" * (longest + 1)}),
        ("carrier:huge", MIDNIGHT, {"note": "x" * huge}),
    ]
    write_partition(tmp_path, "2013-01-03", rows)
    before = len(dead_letters(platform.kafka_address))
    ingest(platform, tmp_path, "2013-01-03")
    assert {key: len(values["note"]) for key, values in hashes(redis).items()} == {"carrier:full": longest}
    letters = {letter["message"]: letter for letter in dead_letters(platform.kafka_address)[before:]}
    said = {
        key: f"The value of note of carrier:{key} has {size} bytes, and value.max-bytes is {longest}."
        for key, size in {"long": longest + 1, "huge": huge}.items()
    }
    without = next(message for message in letters if message.startswith("The value of 6"))
    assert letters.keys() == {said["long"], without}
    assert without.endswith(f"is left out, since the topic takes no letter so large. {said['huge']}")
    assert {(letter["stage"], letter["reason"]) for letter in letters.values()} == {("redis", "too-large")}
    row = json.loads(base64.b64decode(letters[said["long"]]["value_base64"]))
    assert row["features"] == {"flights": "1", "note": "x" * (longest + 1)}
    arguments = ["--feature-source", str(tmp_path), "--pipeline", PIPELINE, "--date", "2013-01-03"]
    check = check_ingestion([*arguments, "--redis", platform.redis_address], len(rows), set(), tmp_path)
    assert check.line() == ("verified: 3 rows read = 1 written + 2 rejected + 0 guarded; 1 row read back and compared")


def test_without_kafka_a_partition_with_a_bad_row_is_refused_whole(platform, redis, feature_source):
    with pytest.raises(PartError) as refused:
        ingest(platform, feature_source, "2013-01-01", "--on-bad-row", "fail", kafka=False)
    assert str(refused.value) == (
        f"error: 5 rows of {feature_source}/{PIPELINE}/dt=2013-01-01 can't be written"
        " (bad-features 2, null-event-time 1, null-key 2), so nothing was; --on-bad-row dead-letter splits them off"
    )
    assert hashes(redis) == {}


def test_without_kafka_a_clean_partition_arrives(platform, redis, feature_source):
    ingest(platform, feature_source, "2013-01-02", "--on-bad-row", "fail", kafka=False)
    assert hashes(redis) == {"carrier:7:Zürich": {"flights": "70", f"@{PIPELINE}": f"{MIDNIGHT + DAY_MS}-0"}}


def test_a_partition_that_is_not_there_or_empty_is_refused(platform, feature_source, tmp_path):
    with pytest.raises(PartError, match=r"^error: there is no partition .*/dt=2013-01-03$"):
        ingest(platform, feature_source, "2013-01-03")
    write_partition(tmp_path, "2013-01-01")
    with pytest.raises(PartError, match=r"^error: the partition .*/dt=2013-01-01 holds no file$"):
        ingest(platform, tmp_path, "2013-01-01")


def test_what_flink_refuses_is_said_without_a_stack(platform, feature_source):
    with pytest.raises(PartError) as refused:
        ingest(platform, feature_source, "2013-01-02", "--sink-option", "connector=featuremill-nothing")
    message = str(refused.value)
    assert message.startswith("error: ValidationException: Could not find any factory for identifier")
    assert "'featuremill-nothing'" in message
    assert "\tat " not in message
    assert "Traceback" not in message


def test_a_datastream_program(platform, redis):
    host, _, port = platform.redis_address.rpartition(":")
    environment = {"FEATUREMILL_JARS": str(build_connector().path)}
    wait_for_end(platform, platform.submit(FIXTURES / "datastream_program.py", [host, port], environment))
    assert hashes(redis) == {
        "cart:1": {"items": "3", "@carts": "1357020001000-5"},
        "cart:2": {"items": "7", "coupon": "it's", "@carts": "1357020000000-5"},
    }
    assert 6 * DAY_MS < redis.pttl("cart:1") <= 7 * DAY_MS
