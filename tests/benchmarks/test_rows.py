"""The seeded rows: as Redis' commands they are what the sink's layout says, whole against a real server."""

from __future__ import annotations

import json

import pytest
from featuremill_local.redis_server import RedisServer

from benchmarks.program import WrongRowsError
from benchmarks.sinks import limit, rows
from benchmarks.sinks.data import Part
from benchmarks.sinks.measure import check_rows
from benchmarks.sinks.rows import NAMES, Chunk

CHUNKS = (Chunk(0, 300), Chunk(5_000, 200))


def test_rows_are_as_wide_as_the_target_says() -> None:
    key, fields = Chunk(7, 3).row(2)
    assert key == "thing:0000000009"
    assert list(fields) == ["@sink_bench", *NAMES]
    assert {len(name) for name in NAMES} == {15}
    assert {len(fields[name]) for name in NAMES} == {10}


def test_the_same_chunk_is_the_same_on_every_machine() -> None:
    assert Chunk(0, 10).values[:20] == b"27571112265029775211"
    assert Chunk(0, 10).values != Chunk(10, 10).values


def test_a_template_holds_each_rows_key_and_values() -> None:
    made = bytes(Chunk(41, 2).commands(rows.hset()))
    expected = b""
    for index in range(2):
        key, fields = Chunk(41, 2).row(index)
        expected += rows.resp(b"HSET", key.encode(), *(part.encode() for pair in fields.items() for part in pair))
    assert made == expected


@pytest.mark.parametrize("kind", limit.LINES)
def test_every_kind_of_limit_writes_every_row(
    kind: str, redis_server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = [str(number) for chunk in CHUNKS for number in (chunk.first, chunk.count)]
    limit.main([str(redis_server.port), kind, *numbers])
    client = redis_server.client()
    assert json.loads(capsys.readouterr().out)["rows"] == 500
    check_rows(client, Part(None, CHUNKS))
    expires = client.pttl("thing:0000005199")
    assert expires == -1 if kind == "hset" else rows.TTL_MS - 60_000 < expires <= rows.TTL_MS


def test_what_redis_refuses_is_no_measurement(redis_server: RedisServer) -> None:
    redis_server.client().set("thing:0000000003", "no hash")
    with pytest.raises(limit.RefusedError, match="WRONGTYPE"):
        limit.main([str(redis_server.port), "hset", "0", "10"])


def test_a_row_that_is_missing_or_wrong_is_noticed(redis_server: RedisServer) -> None:
    limit.main([str(redis_server.port), "hset", "0", "10"])
    part, client = Part(None, (Chunk(0, 10),)), redis_server.client()
    client.hset("thing:0000000009", "feature_name_14", "another")
    with pytest.raises(WrongRowsError, match="another"):
        check_rows(client, part)
    client.delete("thing:0000000005")
    with pytest.raises(WrongRowsError, match="10 rows were to be in Redis, and 9 are"):
        check_rows(client, part)
