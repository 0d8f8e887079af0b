"""The .proto keeps to the rules, and what callers have of the last release still works: nothing of it may go, move or
change its kind.

fixtures/released_serving.json is that release, as `buf build` writes it. A release writes it anew.
"""

import shutil
import subprocess
from pathlib import Path

import pytest
from featuremill_local.environments import environment
from serving_harness import FIXTURES, PROTO

pytestmark = pytest.mark.slow

RELEASED = str(FIXTURES / "released_serving.json")


def buf(*arguments: str) -> tuple[int, str]:
    """The exit code and what it says."""
    command = [environment("buf") / "bin" / "buf", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def proto(tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(PROTO, tmp_path / "proto")


def change(proto: Path, old: str, new: str) -> None:
    path = proto / "featuremill" / "serving" / "v1" / "serving.proto"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_it_keeps_to_the_rules() -> None:
    assert buf("lint", str(PROTO)) == (0, "")
    assert buf("format", "--diff", "--exit-code", str(PROTO)) == (0, "")


def test_the_last_release_is_still_spoken() -> None:
    assert buf("breaking", str(PROTO), "--against", RELEASED) == (0, "")


def test_a_broken_rule_is_seen(proto: Path) -> None:
    change(proto, "string entity_name = 1;", "string entityName = 1;")
    assert "should be lower_snake_case" in buf("lint", str(proto))[1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("package featuremill.serving.v1;", "package featuremill.serving.v2;"),
        ("string entity_name = 1;", "string entity_name = 9;"),
        ("string entity_name = 1;", "string entity = 1;"),
        ("repeated sfixed64 event_times_ms", "repeated int64 event_times_ms"),
        ("repeated string values = 1;", "string values = 1;"),
        ("FEATURE_STATUS_STALE = 3;", "FEATURE_STATUS_STALE = 8;"),
        ("rpc GetFeatures(GetFeaturesRequest)", "rpc GetFeatures(ListFeaturesRequest)"),
        ("returns (GetFeaturesResponse)", "returns (stream GetFeaturesResponse)"),
        ("rpc GetFeatures(", "rpc GetThem("),
    ],
)
def test_a_break_is_seen(proto: Path, old: str, new: str) -> None:
    change(proto, old, new)
    assert buf("breaking", str(proto), "--against", RELEASED)[0] == 100
