"""The command line, as far as it needs no process."""

from pathlib import Path

import pytest
from featuremill_serving.addresses import HostPort
from featuremill_serving.cli import main, parse_settings
from featuremill_serving.clock import machine_clock
from featuremill_serving.errors import UsageError
from featuremill_serving.server import Settings
from serving_harness import NOW, NOW_MS


def test_without_options() -> None:
    assert parse_settings([], "") == Settings(
        listen=HostPort("127.0.0.1", 0),
        redis=HostPort("127.0.0.1", 6379),
        redis_password=None,
        wait_for_redis_s=0.0,
        registry_file=None,
        clock=machine_clock,
    )


def test_with_options() -> None:
    arguments = ["--listen", "[::1]:5", "--redis", "a:1", "--wait-for-redis", "2.5", "--registry", "x", "--now", NOW]
    settings = parse_settings(arguments, "secret")
    assert (settings.listen, settings.redis) == (HostPort("::1", 5), HostPort("a", 1))
    assert (settings.redis_password, settings.wait_for_redis_s) == ("secret", 2.5)
    assert settings.registry_file == Path("x")
    assert settings.clock() == NOW_MS


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "no.such.host.invalid:0"])
@pytest.mark.parametrize("now", [NOW, "+1h", "-1h"])
def test_a_clock_of_its_own_off_loopback(listen: str, now: str) -> None:
    with pytest.raises(UsageError, match="would show to other machines"):
        parse_settings(["--listen", listen, f"--now={now}"], None)


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "[::1]:0", "localhost:0"])
def test_a_clock_of_its_own_on_loopback(listen: str) -> None:
    assert parse_settings(["--listen", listen, "--now", NOW], None).clock() == NOW_MS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--now", "soon"], "error: 'soon' is not a time"),
        (["--redis", "localhost"], "error: 'localhost' is not an address"),
        (["--listen", "50051"], "error: '50051' is not an address"),
        (["--wait-for-redis", "long"], "'long' is not a number of seconds"),
        (["--wait-for-redis", "inf"], "'inf' is not a number of seconds"),
        (["--wait-for-redis", "-1"], "'-1' is not a number of seconds"),
        (["--wait", "1"], "unrecognized arguments"),
    ],
)
def test_mistakes(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    try:
        code: object = main(arguments)
    except SystemExit as error:
        code = error.code
    assert code == 2
    assert message in capsys.readouterr().err
