"""A stream with a history: whom the stream has not seen yet is served from the batch, all others from the stream."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from featuremill_local.serving_process import Answer, Serving
from local_runs import FIXTURES, KeptRun, kept, replay, run, start

pytestmark = pytest.mark.jvm

PIPELINES = FIXTURES.parent / "pipelines_with_history"
STREAM, HISTORY = "customer_orders", "customer_orders_history"
CUSTOMERS = ["customer:ann", "customer:bob", "customer:cid"]
NAMES = ["orders_7d", "last_amount", "last_item"]
ANN_MS, BOB_MS, BOB_BEFORE_MS = 1_709_138_700_000, 1_709_892_900_000, 1_709_249_400_000
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def held() -> Iterator[KeptRun]:
    with kept(start(STREAM, "--keep", pipelines=PIPELINES)) as (held,):
        yield held


@pytest.fixture(scope="module")
def client(held: KeptRun) -> redis.Redis:
    return redis.Redis(port=int(held.redis.rpartition(":")[2]), decode_responses=True)


def ask(run: KeptRun) -> dict[str, Answer]:
    serving = Serving.__new__(Serving)
    serving.address = run.serving
    return {answer.entity: answer for answer in serving.ask(CUSTOMERS, NAMES)}


def customers(client: redis.Redis) -> dict[str, dict[str, str]]:
    return {key: client.hgetall(key) for key in client.keys("customer:*")}


def test_on_the_first_day_the_history_is_served_and_the_streams_own_where_there_is_some(held):
    answers = ask(held)
    ann = answers["customer:ann"]
    assert ann.values == ["2", "3.5", "nothing"], "the archive knows no items"
    assert ann.statuses == ["PRESENT", "PRESENT", "DEFAULTED"]
    assert ann.event_times_ms[:2] == [ANN_MS, ANN_MS]
    bob = answers["customer:bob"]
    assert (bob.values, set(bob.event_times_ms)) == (["3", "6.0", "jam"], {BOB_MS})
    assert answers["customer:cid"].values == ["1", "1.25", "salt"]
    assert "history customer_orders_history, verified: 2 rows read = 2 written + 0 rejected + 0 guarded" in held.output


def test_the_history_is_written_under_the_streams_name_with_its_time_to_live(client):
    assert client.hgetall("customer:ann") == {
        "orders_7d": "2",
        "last_amount": "3.5",
        f"@{STREAM}": f"{ANN_MS}-0",
    }
    assert 59 * DAY_MS < client.pttl("customer:ann") <= 60 * DAY_MS
    assert not any(client.hexists(key, f"@{HISTORY}") for key in CUSTOMERS)


def test_the_history_again_takes_nothing_from_the_stream(held, client, tmp_path):
    before = customers(client)
    ended = replay(held, HISTORY, "--report", str(tmp_path / "report.json"), pipelines=PIPELINES)
    assert ended.returncode == 0, ended.stdout
    assert customers(client) == before
    (loaded,) = json.loads((tmp_path / "report.json").read_text())["loaded"]
    assert (loaded["partitions_of"], loaded["written_as"]) == (HISTORY, STREAM)
    assert (loaded["written"], loaded["guarded"]) == (1, 1), "ann's, and bob's of before"

    control = replay(held, HISTORY, "--sink-option", "write.guard=none", pipelines=PIPELINES)
    assert control.returncode == 0, control.stdout
    assert client.hget("customer:bob", f"@{STREAM}") == f"{BOB_BEFORE_MS}-0", "without the guard it goes back"


def test_an_emptied_redis_has_the_history_and_the_topic_again(held, client, tmp_path):
    client.flushall()
    ended = replay(held, STREAM, "--report", str(tmp_path / "report.json"), pipelines=PIPELINES)
    assert ended.returncode == 0, ended.stdout
    assert customers(client).keys() == set(CUSTOMERS)
    assert client.hgetall("customer:ann")[f"@{STREAM}"] == f"{ANN_MS}-0"
    assert client.hgetall("customer:bob") == {
        "orders_7d": "3",
        "last_amount": "6.0",
        "last_item": "jam",
        f"@{STREAM}": client.hget("customer:bob", f"@{STREAM}"),
    }
    past, topic = json.loads((tmp_path / "report.json").read_text())["loaded"]
    assert (past["partitions_of"], past["partitions"], past["written"]) == (HISTORY, {"2024-02-29": 2}, 2)
    assert (topic["topic"], topic["rows"], topic["written"], topic["guarded"]) == (f"features.{STREAM}", 4, 2, 2)


def test_without_a_history_the_first_day_is_empty(tmp_path):
    pipelines = Path(shutil.copytree(PIPELINES, tmp_path / "pipelines"))
    config = pipelines / STREAM / "feature.yaml"
    config.write_text("".join(line for line in config.open() if not line.startswith("bootstrap_from")))
    with kept(start(STREAM, "--keep", pipelines=pipelines)) as (held,):
        answers = ask(held)
    assert answers["customer:ann"].statuses == ["MISSING", "MISSING", "DEFAULTED"]
    assert answers["customer:bob"].values == ["3", "6.0", "jam"]


def test_the_history_alone_is_a_run_of_its_own():
    ended = run(HISTORY, pipelines=PIPELINES)
    assert ended.returncode == 0, ended.stdout
    assert "customer:ann" in ended.stdout
    assert "verified: 2 rows read = 2 written + 0 rejected + 0 guarded" in ended.stdout
