"""The registry while the service runs."""

import asyncio
import json
import logging
from pathlib import Path

import pytest
from featuremill_serving.errors import StoreUnavailable
from featuremill_serving.registry import Registry
from featuremill_serving.registry_watch import RegistryWatch
from serving_harness import FIXTURES, NOW, RedisServer, StartService, wait_until

REGISTRY = (FIXTURES / "registry.json").read_text(encoding="utf-8")
SMALLER = json.loads(REGISTRY)
del SMALLER["entities"]["airport"]["features"]["remark"]


class Source:
    """Holds what the test puts there."""

    origin = "the source"

    def __init__(self) -> None:
        self.holds: bytes | Exception | None = None

    async def read(self) -> bytes | None:
        if isinstance(self.holds, Exception):
            raise self.holds
        return self.holds


def test_what_is_wrong_is_logged_once_and_the_last_one_stays(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    source, used = Source(), list[Registry]()
    watch = RegistryWatch(source, used.append)

    def refresh(holds: bytes | Exception | None) -> list[str]:
        """What two looks at the same log."""
        source.holds = holds
        caplog.clear()
        asyncio.run(watch.refresh())
        asyncio.run(watch.refresh())
        return [record.getMessage() for record in caplog.records]

    good = REGISTRY.encode()
    refused = "registry refused, the last one stays: the source: {}; write it anew with `nox -s registry`"
    assert refresh(None) == ["the source is not there yet: PRESENT and MISSING only"]
    assert refresh(good) == ["registry of 2 entities, 5 features: the source"]
    assert refresh(b"[]") == [refused.format("the document is not an object")]
    assert refresh(b"{}") == [refused.format("format is missing")]
    assert refresh(good) == []
    assert refresh(b"{}") == [refused.format("format is missing")]
    assert refresh(None) == ["the source is gone; the last registry stays"]
    assert refresh(StoreUnavailable("down")) == []
    assert len(used) == 1
    assert refresh(json.dumps(SMALLER).encode()) == ["registry of 2 entities, 4 features: the source"]
    assert refresh(good) == ["registry of 2 entities, 5 features: the source"]
    assert [len(registry.features_of("airport")) for registry in used] == [4, 3, 4]


def test_from_redis_it_may_come_late_break_and_change(own_redis: RedisServer, start_service: StartService) -> None:
    service = start_service("--redis", own_redis.address, "--now", NOW)
    ask = ("airport:JFK", "nonsense", "remark")
    assert service.statuses(*ask) == ["MISSING", "MISSING"]
    assert "Redis key @registry is not there yet" in service.log

    own_redis.client.set("@registry", REGISTRY)
    wait_until(lambda: service.statuses(*ask) == ["UNKNOWN_FEATURE", "DEFAULTED"], "the registry is in use")

    own_redis.client.delete("@registry")
    own_redis.client.hset("@registry", "a", "1")
    wait_until(lambda: "Redis key @registry: not a string" in service.log, "the broken registry is refused")
    assert service.statuses(*ask) == ["UNKNOWN_FEATURE", "DEFAULTED"]

    own_redis.client.set("@registry", json.dumps(SMALLER))
    wait_until(lambda: service.statuses(*ask) == ["UNKNOWN_FEATURE", "UNKNOWN_FEATURE"], "the next one is in use")
    assert "Traceback" not in service.log


def test_from_redis_it_is_in_use_before_the_first_call(own_redis: RedisServer, start_service: StartService) -> None:
    own_redis.client.set("@registry", REGISTRY)
    service = start_service("--redis", own_redis.address)
    assert service.statuses("airport:JFK", "remark", "nonsense") == ["DEFAULTED", "UNKNOWN_FEATURE"]


def test_from_a_file(shared_redis: RedisServer, start_service: StartService, tmp_path: Path) -> None:
    path = tmp_path / "registry.json"
    path.write_text(REGISTRY, encoding="utf-8")
    service = start_service("--redis", shared_redis.address, "--registry", str(path))
    assert service.statuses("airport:FILE", "remark") == ["DEFAULTED"]
    path.write_text("{", encoding="utf-8")
    wait_until(lambda: f"{path}:1:2: not JSON" in service.log, "the broken file is refused")
    assert service.statuses("airport:FILE", "remark") == ["DEFAULTED"]
