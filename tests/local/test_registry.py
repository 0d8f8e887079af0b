"""`registry`: where it is written to, and what can't be."""

from __future__ import annotations

import io
import json

import pytest
from featuremill_local import registry
from featuremill_local.__main__ import main
from featuremill_local.cache import SetupError
from featuremill_local.places import PIPELINES
from featuremill_local.redis_server import RedisServer
from featuremill_local.runs import new_run
from rich.console import Console


class Pinned:
    """A connector's jar that need not be built."""

    pin = None


@pytest.fixture(autouse=True)
def no_jar(monkeypatch):
    monkeypatch.setattr(registry, "build_connector", Pinned)


def written(address, output):
    """What is printed."""
    printed = io.StringIO()
    assert registry.write_registry(address, output, Console(file=printed, width=40, soft_wrap=True)) == 0
    return printed.getvalue()


def test_to_a_file_and_to_standard_output_it_is_the_same(tmp_path):
    file = tmp_path / "registry.json"
    assert written(None, file).startswith("wrote ")
    assert written(None, None) == file.read_text(encoding="utf-8")
    known = {path.parent.name for path in PIPELINES.glob("*/feature.yaml")}
    told = json.loads(file.read_text(encoding="utf-8"))["pipelines"]
    assert list(told) == sorted(known - {"carrier_daily_quality_stream"}), "a twin is not served"


@pytest.mark.parametrize(("output", "reason"), [("none/registry.json", "No such file"), (".", "Is a directory")])
def test_a_file_that_can_not_be_written_is_named(output, reason, tmp_path):
    with pytest.raises(SetupError, match=rf"{tmp_path}.* can't be written: {reason}"):
        registry.write_registry(None, tmp_path / output, Console())


@pytest.mark.parametrize("address", ["nope", ":6379", "localhost:port", "redis://:secret@localhost:6379"])
def test_an_address_needs_its_port(address, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["registry", "--redis", address])
    told = capsys.readouterr().err
    assert "is not HOST:PORT" in told
    assert "secret" not in told


def test_a_redis_that_wants_a_password_gets_it_from_the_environment(monkeypatch):
    with new_run("registry") as run:
        server = RedisServer(run.processes, run.ports)
        server.start()
        client = server.client()
        client.config_set("requirepass", "open sesame")
        with pytest.raises(SetupError, match=r"refuses the login: .*\nhelp: FEATUREMILL_REDIS_PASSWORD is"):
            written(server.address, None)
        monkeypatch.setenv("FEATUREMILL_REDIS_PASSWORD", "open sesame")
        assert written(server.address, None) == f"wrote the key @registry of Redis at {server.address}\n"
        client.auth("open sesame")
        assert json.loads(client.get("@registry"))["pipelines"]


def test_a_redis_that_is_not_there_is_named():
    with pytest.raises(SetupError, match=r"could not be written to Redis at 127\.0\.0\.1:1: "):
        registry.write_registry("127.0.0.1:1", None, Console())
