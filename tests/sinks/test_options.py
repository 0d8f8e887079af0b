"""The model of the sink's options: against the connector's sources, its rules, its secrets."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from featuremill_sinks.option_values import Boolean, Duration, Integer, Memory, OneOf, Text
from featuremill_sinks.options import (
    MODEL,
    README,
    Model,
    Option,
    OptionError,
    SinkOptions,
    documented,
    masked,
    quoted,
    with_options,
)

JAVA = Path(__file__).resolve().parents[2] / "sinks" / "connector" / "src" / "main" / "java"
TABLE = JAVA / "io" / "featuremill" / "redis" / "table"
GIVEN = {"host": "redis", "on-bad-row": "fail"}
# org.apache.flink.configuration.GlobalConfiguration.SENSITIVE_KEYS
FLINK_MASKS = ("password", "secret", "apikey", "api-key", "token")


def java_options() -> dict[str, tuple[str, str, Any]]:
    """Constant -> name, type's method and default of each option in `RedisOptions.java`."""
    source = re.sub(r"\s+", "", (TABLE / "RedisOptions.java").read_text())
    found = re.findall(
        r'>([A-Z_]+)=ConfigOptions\.key\("([^"]+)"\)\.(\w+\([\w.]*\))\.(?:defaultValue\((.+?)\)|(noDefaultValue)\(\))\.with',
        source,
    )
    assert len(found) == source.count("ConfigOptions.key("), "an option is declared in a way that this test can't read"
    return {
        constant: (name, method.removesuffix("()"), None if absent else java_value(text))
        for constant, name, method, text, absent in found
    }


def java_value(text: str) -> Any:
    """The value of a Java literal as the model has it."""
    if match := re.fullmatch(r"Duration\.of(Millis|Seconds|Minutes)\((\d+)\)", text):
        unit = {"Millis": "milliseconds", "Seconds": "seconds", "Minutes": "minutes"}[match[1]]
        return timedelta(**{unit: int(match[2])})
    if match := re.fullmatch(r"MemorySize\.of(Kibi|Mebi)Bytes\((\d+)\)", text):
        return int(match[2]) * {"Kibi": 1024, "Mebi": 1024**2}[match[1]]
    if match := re.fullmatch(r"\w+\.([A-Z_]+)", text):
        return match[1].lower().replace("_", "-")
    return json.loads(text)


def java_words(enum: str) -> tuple[str, ...]:
    """The constants of an enum as SQL has them."""
    (path,) = JAVA.rglob(f"{enum}.java")
    source = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    body = source.partition("enum ")[2].partition("{")[2].partition(";")[0]
    return tuple(name.lower().replace("_", "-") for name in re.findall(r"\b([A-Z][A-Z_]+)\b", body))


def factory_set(method: str) -> set[str]:
    """The constants in `requiredOptions` or `optionalOptions` of the factory."""
    source = (TABLE / "RedisTableFactory.java").read_text()
    body = source.partition(f"{method}()")[2].partition("}")[0]
    return set(re.findall(r"RedisOptions\.([A-Z_]+)", body))


CONNECTORS_OWN = {name: option for name, option in MODEL.options.items() if not option.flinks_own}


def test_the_connector_and_the_model_have_the_same_options():
    java = java_options()
    assert {name for name, _, _ in java.values()} == set(CONNECTORS_OWN)
    assert factory_set("requiredOptions") | factory_set("optionalOptions") == set(java)


@pytest.mark.parametrize(("name", "method", "default"), java_options().values())
def test_type_and_default_are_the_connectors(name, method, default):
    option = MODEL.option(name)
    assert option.kind.java == method
    assert (None if option.default is None else option.parse(option.default)) == default


def test_required_options_are_the_connectors():
    java = java_options()
    required = {java[constant][0] for constant in factory_set("requiredOptions")}
    assert required == {name for name, option in CONNECTORS_OWN.items() if option.required and not option.excludes}


@pytest.mark.parametrize(
    "option", [option for option in MODEL.options.values() if isinstance(option.kind, OneOf)], ids=lambda o: o.name
)
def test_words_are_the_connectors(option):
    assert option.kind.words == java_words(option.kind.java_enum.removesuffix(".class"))


def test_flink_masks_every_secret_by_its_name():
    secrets = [name for name, option in MODEL.options.items() if option.secret]
    assert secrets
    for name in secrets:
        assert any(word in name for word in FLINK_MASKS), name
    for name in set(MODEL.options) - set(secrets):
        assert not any(word in name for word in FLINK_MASKS), f"{name} looks like a secret"


def test_rules_are_about_options_that_there_are():
    for option in MODEL.options.values():
        others = [*option.needs, *option.excludes, option.not_below, (option.needed_when or (None,))[0]]
        for other in others:
            assert other is None or other in MODEL.options


def test_the_readme_has_the_table_of_today():
    page = README.read_text(encoding="utf-8")
    assert page == documented(page), "PYTHONPATH=sinks python -m featuremill_sinks.options writes it again"


def test_every_option_is_in_the_table():
    lines = MODEL.table().splitlines()
    assert len(lines) == 2 + len(MODEL.options)
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {5}
    assert "a secret, from `FEATUREMILL_REDIS_PASSWORD`" in MODEL.table()


def test_a_page_without_the_marker_lines_is_refused():
    with pytest.raises(ValueError, match="options: begin"):
        documented("# Sinks\n")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"writer": "btach"}, "Option 'writer' must be one of auto, stream, batch, not 'btach'."),
        ({"unix-socket": "/run/redis.sock"}, "Option 'host' can't stand beside 'unix-socket'."),
        ({"unix-socket": "redis.sock"}, "Option 'unix-socket' must be an absolute path, not 'redis.sock'."),
        ({"tls.ca-file": "/ca.pem"}, "Option 'tls.ca-file' needs 'tls.enabled' beside it."),
        (
            {"tls.enabled": True, "tls.certificate-file": "/client.pem"},
            "Option 'tls.certificate-file' needs 'tls.key-file' beside it.",
        ),
        ({"connections": "0"}, "Option 'connections' must be a whole number of at least 1, not '0'."),
        ({"retry.max-attempts": "0"}, "Option 'retry.max-attempts' must be a whole number of at least 1, not '0'."),
        ({"username": "app"}, "Option 'username' needs 'password' beside it."),
        (
            {"retry.max-backoff": "50 ms"},
            "Option 'retry.max-backoff' must not be smaller than 'retry.initial-backoff'.",
        ),
        (
            {"retry.initial-backoff": "6 s"},
            "Option 'retry.max-backoff' must not be smaller than 'retry.initial-backoff'.",
        ),
        (
            {"on-bad-row": "dead-letter"},
            "Option 'dead-letter.topic' is needed while 'on-bad-row' is 'dead-letter': set it, or 'on-bad-row'.",
        ),
        ({"host": " "}, "Option 'host' must not be empty."),
        ({"flush.intervall": "1 s"}, "The sink has no option 'flush.intervall'; did you mean 'flush.interval'"),
        ({"port": True}, "Option 'port' takes a value of type integer, or its text."),
        ({"connect.timeout": timedelta(microseconds=1500)}, "Option 'connect.timeout' must be whole milliseconds."),
    ],
)
def test_what_can_not_work_is_refused_with_its_name(changes, message):
    with pytest.raises(OptionError) as refused:
        SinkOptions(GIVEN | changes)
    assert str(refused.value).startswith(message)


def test_what_must_not_be_smaller_may_be_equal():
    options = SinkOptions(GIVEN | {"retry.initial-backoff": "2 s", "retry.max-backoff": "2 s"})
    assert options["retry.initial-backoff"] == options["retry.max-backoff"] == timedelta(seconds=2)


def test_the_host_is_required():
    with pytest.raises(OptionError, match="Option 'host' is required"):
        SinkOptions({"on-bad-row": "fail"})


def test_dead_letters_need_both_options():
    with pytest.raises(OptionError, match=r"'dead-letter\.bootstrap-servers' is needed"):
        SinkOptions({"host": "redis", "dead-letter.topic": "letters"})
    SinkOptions({"host": "redis", "dead-letter.topic": "letters", "dead-letter.bootstrap-servers": "kafka:9092"})


def test_values_are_typed_and_defaults_filled_in():
    options = SinkOptions(GIVEN | {"connect.timeout": "2 s", "flush.max-bytes": "1 kb", "writer": "BATCH"})
    assert options["connect.timeout"] == timedelta(seconds=2)
    assert options["flush.max-bytes"] == 1024
    assert options["writer"] == "batch"
    assert options["port"] == 6379
    assert options["flush.interval"] == timedelta(milliseconds=100)
    assert options["password"] is None
    with pytest.raises(OptionError, match="no option"):
        options["timeout"]


def test_values_of_python_become_sqls_texts():
    options = SinkOptions(
        GIVEN | {"port": 7000, "connect.timeout": timedelta(seconds=1.5), "flush.max-bytes": 4096, "database": "3"}
    )
    assert options.texts == GIVEN | {
        "port": "7000",
        "connect.timeout": "1500 ms",
        "flush.max-bytes": "4096 bytes",
        "database": "3",
    }


def test_the_with_clause_holds_what_was_given_and_nothing_else():
    assert with_options({"a": "1", "b": "x'y"}) == "'a' = '1',\n  'b' = 'x''y'"
    assert quoted("it's") == "'it''s'"
    clause = SinkOptions(GIVEN | {"password": "a'b"}).with_clause()
    assert clause == with_options({"connector": "featuremill-redis", **GIVEN, "password": "a'b"})


SECRET = "hunter2"


def test_a_secret_is_in_no_repr():
    options = SinkOptions(GIVEN | {"username": "app", "password": SECRET})
    for shown in (repr(options), str(options), f"{options}", repr([options]), str(masked(options.texts))):
        assert SECRET not in shown
        assert "'password': '******'" in shown
    assert options["password"] == SECRET


@pytest.mark.parametrize("kind", [Integer(1, 5), Duration(), Memory(), Boolean(), OneOf("E.class", ("a", "b"))])
def test_a_secret_is_in_no_message(kind):
    model = Model([Option("key-password", kind, "", secret=True), Option("other", kind, "")])
    with pytest.raises(OptionError, match="'key-password' must be") as refused:
        SinkOptions({"key-password": SECRET}, model)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
    with pytest.raises(OptionError, match=f"not '{SECRET}'"):
        SinkOptions({"other": SECRET}, model)


def test_secrets_come_from_the_environment():
    assert MODEL.from_environment({}) == {}
    assert MODEL.from_environment({"FEATUREMILL_REDIS_PASSWORD": ""}) == {}
    assert MODEL.from_environment({"FEATUREMILL_REDIS_PASSWORD": "a,b=c"}) == {"password": "a,b=c"}
    assert Option("tls.key-password", Text(), "", secret=True).variable == "FEATUREMILL_REDIS_TLS_KEY_PASSWORD"


ALTERNATIVES = Model(
    [
        Option("host", Text(), "", required=True, excludes=("socket",)),
        Option("socket", Text(), "", excludes=("host",)),
        Option("tls", Boolean(), "", "false"),
        Option("tls.ca", Text(), "", needs=("tls",)),
    ]
)


def test_options_that_exclude_each_other():
    assert SinkOptions({"socket": "/run/redis"}, ALTERNATIVES)["host"] is None
    with pytest.raises(OptionError, match="Option 'host' is required"):
        SinkOptions({}, ALTERNATIVES)
    with pytest.raises(OptionError, match="Option 'host' can't stand beside 'socket'"):
        SinkOptions({"host": "redis", "socket": "/run/redis"}, ALTERNATIVES)


def test_an_option_that_needs_a_switch():
    SinkOptions({"host": "redis", "tls": True, "tls.ca": "/ca.pem"}, ALTERNATIVES)
    for off in ({}, {"tls": "FALSE"}):
        with pytest.raises(OptionError, match=r"Option 'tls\.ca' needs 'tls' beside it"):
            SinkOptions({"host": "redis", "tls.ca": "/ca.pem"} | off, ALTERNATIVES)
