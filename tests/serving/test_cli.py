"""The configuration, as far as it needs no process: flags, environment, file."""

from pathlib import Path
from typing import Any

import pytest
from featuremill_serving.addresses import HostPort, UnixSocket
from featuremill_serving.cli import main, parse_arguments
from featuremill_serving.clock import machine_clock
from featuremill_serving.errors import UsageError
from featuremill_serving.requests import Limits
from featuremill_serving.settings import Settings, flag_of
from featuremill_serving.store import Credentials, Mode, ReadFrom, StoreOptions, TlsOptions
from serving_harness import NOW, NOW_MS, cases


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"FEATUREMILL_{name.upper()}", raising=False)


def parse_settings(arguments: list[str]) -> Settings:
    return parse_arguments(arguments)[0]


def test_without_options() -> None:
    settings = parse_settings([])
    assert (settings.listen, settings.registry, settings.processes) == (HostPort("127.0.0.1", 0), None, 1)
    assert settings.clock is machine_clock
    assert settings.limits == Limits()
    assert settings.store_options() == StoreOptions((HostPort("127.0.0.1", 6379),))


def test_flags_go_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "serving.toml"
    file.write_text('listen = "[::1]:1"\nredis = "a:1"\ngrace = 1\nredis_password = "from the file"', encoding="utf-8")
    monkeypatch.setenv("FEATUREMILL_REDIS", "b:1")
    monkeypatch.setenv("FEATUREMILL_GRACE", "2")
    monkeypatch.setenv("FEATUREMILL_REDIS_PASSWORD", "")
    settings = parse_settings(["--config", str(file), "--grace", "3"])
    assert (settings.listen, settings.redis, settings.grace) == (HostPort("::1", 1), (HostPort("b", 1),), 3.0)
    assert settings.store_options().credentials == Credentials(None, "from the file")


def test_redis_as_it_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password").write_text("hun,ter 2\n", encoding="utf-8")
    monkeypatch.setenv("FEATUREMILL_REDIS_SENTINEL_PASSWORD", "sesame")
    arguments = "--redis a:1,[::1]:2 --redis-mode sentinel --redis-sentinel-master m --redis-username reader"
    arguments += f" --redis-password-file {tmp_path}/password --redis-tls --redis-ca ca.pem --redis-read-from replicas"
    arguments += " --redis-timeout 0.5 --redis-connections 2 --redis-attempts 1 --max-reads 9 --redis-database 3"
    assert parse_settings(arguments.split()).store_options() == StoreOptions(
        addresses=(HostPort("a", 1), HostPort("::1", 2)),
        mode=Mode.SENTINEL,
        credentials=Credentials("reader", "hun,ter 2"),
        tls=TlsOptions(ca=Path("ca.pem")),
        sentinel_master="m",
        sentinel_credentials=Credentials(None, "sesame"),
        read_from=ReadFrom.REPLICAS,
        database=3,
        connections=2,
        timeout_s=0.5,
        attempts=1,
        max_waiting=9,
    )
    assert parse_settings(["--redis", "unix:/run/r.sock"]).redis == (UnixSocket("/run/r.sock"),)


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEATUREMILL_REDIS_PASSWORD", "hunter2")
    settings = parse_settings([])
    assert "hunter2" not in repr(settings) + repr(settings.store_options()) + settings.model_dump_json()


def test_help_has_every_setting_but_the_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_settings(["--help"])
    text = capsys.readouterr().out
    shown = {name for name in Settings.model_fields if f"{flag_of(name)} " in text or f"{flag_of(name)}]" in text}
    assert set(Settings.model_fields) - shown == {"redis_password", "redis_sentinel_password"}


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "no.such.host.invalid:0"])
@pytest.mark.parametrize("now", [NOW, "+1h", "-1h"])
def test_a_clock_of_its_own_off_loopback(listen: str, now: str) -> None:
    with pytest.raises(UsageError, match="would show to other machines"):
        parse_settings(["--listen", listen, f"--now={now}"])
    with pytest.raises(UsageError, match="would show to other machines"):
        parse_settings(["--http", listen, f"--now={now}"])


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "[::1]:0", "localhost:0"])
def test_a_clock_of_its_own_on_loopback(listen: str) -> None:
    assert parse_settings(["--listen", listen, "--now", NOW]).clock() == NOW_MS


@pytest.mark.parametrize("case", cases("wrong_settings.jsonl"))
def test_mistakes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, case: dict[str, Any]
) -> None:
    arguments = list(case.get("flags", ()))
    if "file" in case:
        (tmp_path / "serving.toml").write_text(case["file"], encoding="utf-8")
        arguments += ["--config", str(tmp_path / "serving.toml")]
    for name, value in case.get("environment", {}).items():
        monkeypatch.setenv(name, value)
    try:
        code: object = main(arguments)
    except SystemExit as error:
        code = error.code
    said = capsys.readouterr().err
    assert code == 2
    assert case["says"] in said
    assert "hunter2" not in said
    assert "Traceback" not in said
