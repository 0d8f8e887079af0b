"""How values of options are read: as Flink's own readers read them, and refused by name where they can't be."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta

import pytest
from featuremill_local.environments import process_environment, python
from featuremill_local.java import with_java
from featuremill_sinks.option_values import DURATION_UNITS, MEMORY_UNITS, Duration, Integer, Memory
from featuremill_sinks.options import OptionError, SinkOptions

GIVEN = {"host": "redis", "on-bad-row": "fail"}

DURATIONS = ["100 ms", "5s", " 1 min ", "2 D", "250", "3 hours", "1500 µs", "2000000 ns", "0001 sec"]
NOT_DURATIONS = ["", "ms", "-5 s", "1.5 s", "5 weeks", "5 s 3 ms", "١ s"]
SIZES = ["16 mb", "64K", "1024", "1 gibibytes", "2tb", " 5 bytes "]
NOT_SIZES = ["", "mb", "-1 mb", "1.5 mb", "1 pb"]
INTEGERS = ["5", "+5", "0007"]
NOT_INTEGERS = ["", " 5", "5.0", "1_000", "2147483648"]

PROGRAM = """
import json, sys
from py4j.protocol import Py4JJavaError
from pyflink.java_gateway import get_gateway
jvm = get_gateway().jvm
readers = {
    "duration": lambda text: jvm.org.apache.flink.util.TimeUtils.parseDuration(text).toNanos(),
    "memory": lambda text: jvm.org.apache.flink.configuration.MemorySize.parseBytes(text),
    "integer": lambda text: jvm.java.lang.Integer.parseInt(text),
}
def read(kind, text):
    try:
        return readers[kind](text)
    except Py4JJavaError:
        return None
print(json.dumps([read(kind, text) for kind, text in json.loads(sys.argv[1])]))
"""


@pytest.mark.jvm
def test_texts_are_read_as_flink_reads_them():
    durations = [*DURATIONS, *(f"7{unit}" for unit in DURATION_UNITS), *NOT_DURATIONS]
    sizes = [*SIZES, *(f"3 {unit}" for unit in MEMORY_UNITS), *NOT_SIZES]
    asked = [
        *(("duration", text) for text in durations),
        *(("memory", text) for text in sizes),
        *(("integer", text) for text in [*INTEGERS, *NOT_INTEGERS]),
    ]
    done = subprocess.run(
        [python("job"), "-c", PROGRAM, json.dumps(asked)],
        env=with_java(process_environment("job")),
        capture_output=True,
        text=True,
        check=True,
    )
    flink = dict(zip(asked, json.loads(done.stdout.splitlines()[-1]), strict=True))
    assert flink == {(kind, text): ours(kind, text) for kind, text in asked}


def ours(kind: str, text: str) -> int | None:
    """What the model reads, in Flink's units. A duration below a millisecond, which it refuses, in Flink's words."""
    try:
        if kind == "integer":
            return Integer().parse(text)
        if kind == "memory":
            return Memory().parse(text)
        return Duration().parse(text) // timedelta(microseconds=1) * 1000
    except ValueError as error:
        if "between 1 ms" in str(error):
            return int(text[0]) * DURATION_UNITS[text[1:]]
        return None


@pytest.mark.parametrize("text", [*NOT_DURATIONS, "0 s", "999 µs", "25 d"])
def test_a_bad_duration_is_refused_by_name(text):
    with pytest.raises(OptionError, match=r"Option 'connect\.timeout' must be "):
        SinkOptions(GIVEN | {"connect.timeout": text})


@pytest.mark.parametrize("text", [*NOT_SIZES, "0", "99999999999 tb"])
def test_a_bad_memory_size_is_refused_by_name(text):
    with pytest.raises(OptionError, match=r"Option 'flush\.max-bytes' must be "):
        SinkOptions(GIVEN | {"flush.max-bytes": text})


@pytest.mark.parametrize("text", [*NOT_INTEGERS, "0", "65536"])
def test_a_bad_port_is_refused_by_name(text):
    with pytest.raises(OptionError, match="Option 'port' must be a whole number between 1 and 65535"):
        SinkOptions(GIVEN | {"port": text})
