"""The committed protobuf modules and the lock that they run with."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from serving_harness import SERVING

GENERATED = SERVING / "featuremill_serving" / "v1"
LOCK = (SERVING / "requirements.txt").read_text(encoding="utf-8")
TRACING = (SERVING / "requirements-tracing.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    subprocess.run([sys.executable, str(SERVING / "generate_protos.py"), str(folder)], check=True)
    return folder


def version(pattern: str, text: str) -> tuple[int, ...]:
    match = re.search(pattern, text)
    assert match is not None, pattern
    return tuple(map(int, match[1].split(".")))


@pytest.mark.parametrize(
    ("package", "files"),
    [
        (
            "featuremill_serving",
            ["docs.html", "openapi.json", "serving_pb2.py", "serving_pb2.pyi", "serving_pb2_grpc.py"],
        ),
        ("client/featuremill_client", ["serving_pb2.py", "serving_pb2.pyi"]),
    ],
)
def test_it_is_what_the_proto_says(made: Path, package: str, files: list[str]) -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in (made / package / "v1").iterdir()}
    assert sorted(found) == files
    there = [path for path in (SERVING / package / "v1").iterdir() if path.is_file() and path.name != "__init__.py"]
    committed = {path.name: path.read_text(encoding="utf-8") for path in there}
    assert found == committed, "run python serving/generate_protos.py"


def test_the_locked_runtimes_are_no_older_than_it() -> None:
    messages = (GENERATED / "serving_pb2.py").read_text(encoding="utf-8")
    services = (GENERATED / "serving_pb2_grpc.py").read_text(encoding="utf-8")
    made_for = version(r"Protobuf Python Version: ([0-9.]+)", messages)
    locked = version(r"(?m)^protobuf==([0-9.]+)", LOCK)
    assert made_for <= locked
    assert made_for[0] == locked[0]
    assert version(r"GRPC_GENERATED_VERSION = '([0-9.]+)'", services) <= version(r"(?m)^grpcio==([0-9.]+)", LOCK)


@pytest.mark.parametrize("lock", [LOCK, TRACING], ids=["the service's", "with tracing"])
def test_the_locks_are_pinned_hashed_and_name_no_place(lock: str) -> None:
    requirements = [line for line in re.split(r"\n(?![ #])", lock) if line.strip()]
    assert len(requirements) >= 5
    for requirement in requirements:
        assert re.match(r"[a-z0-9-]+==[0-9][0-9b.]*( ; .*)? \\\n", requirement), requirement
        assert "--hash=sha256:" in requirement
    assert "://" not in lock
    assert "--index" not in lock
    assert "--find-links" not in lock


def test_with_tracing_the_service_runs_on_the_same() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"(?m)^[a-z0-9-]+==[^ ]+", lock))

    assert len(pins(LOCK)) > 10
    assert pins(LOCK) < pins(TRACING)
