"""`nox -s bench-serving`: its page, what it asks for, and its load generator."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from featuremill_local.places import REPOSITORY
from featuremill_serving.answers import answer_row
from featuremill_serving.plan import Plan
from featuremill_serving.registry import parse_registry
from featuremill_serving.v1 import serving_pb2 as wire

from benchmarks.serving.__main__ import arguments
from benchmarks.serving.client import Job, drive
from benchmarks.serving.measure import Measurement
from benchmarks.serving.questions import Protocol, Question, of_feast_grpc, of_feast_http, of_redis, of_the_service
from benchmarks.serving.report import report
from benchmarks.serving.results import Results
from benchmarks.serving.shapes import ASKED_NAMES, ENTITIES, LOADS, NOW_MS, Load, fields, registry
from benchmarks.serving.soak import Sample
from benchmarks.serving.targets import BATCH, SINGLE, verdicts
from benchmarks.serving.ways import FEAST_HTTP, GO, NOTHING, OURS, PATH


def measurement(server_us: float) -> Measurement:
    return Measurement(1000, server_us, 10, 100, 500, 900, 1000)


def results(beyond_us: float = 40, batch_us: float = 1300, feast_us: tuple[float, float] = (970, 15_600)) -> Results:
    """Three rounds: ours so much above the handler that does nothing, and Feast."""
    made = Results()
    for off in (-5, 0, 9):
        for load in LOADS:
            ours_us = 200 + beyond_us if load.entities == 1 else batch_us
            for way, us in ((NOTHING, 200), (OURS, ours_us), (FEAST_HTTP, feast_us[load.entities > 1])):
                made.add(load, way, measurement(us + (off if way is NOTHING else 0)))
    return made


@pytest.mark.parametrize(
    ("made", "missed"),
    [
        (results(), []),
        (results(beyond_us=41), ["at most 40 µs beyond"]),
        (results(batch_us=1301), ["at most 1,300 µs", "at least 12 times"]),
        (results(feast_us=(959, 15_600)), ["at least 4 times"]),
        (results(feast_us=(960, 15_599)), ["at least 12 times"]),
    ],
)
def test_targets(made: Results, missed: list[str]) -> None:
    found = [verdict.target for verdict in verdicts(made) if not verdict.met]
    assert len(verdicts(made)) == 4
    assert len(found) == len(missed)
    assert all(part in target for part, target in zip(missed, found, strict=True))


def test_what_was_not_measured_has_no_verdict() -> None:
    made = Results()
    made.add(SINGLE, OURS, measurement(1))
    made.add(BATCH, FEAST_HTTP, measurement(1))
    assert verdicts(made) == []


def test_the_page() -> None:
    made = results()
    made.missing[GO] = "there is no `go` here"
    page = report(made, {"run": "today"})
    assert f"| 1 caller, 1 × 20 | {OURS.name} | 40 (31–45) | 240 |" in page
    assert f"| 64 callers, 1 × 20 | {NOTHING.name} |  | 200 (195–209) |" in page
    assert f"- {GO.name}: not measured: there is no `go` here" in page
    assert "grpc.aio + redis-py" not in page
    assert "Soak" not in page
    assert "partial" not in page
    assert "**This report is partial: it was told to end.**" in report(made, {}, "it was told to end")


@pytest.mark.parametrize(
    ("resident", "p99", "words"),
    [(1.0, 1.0, ["met", "met", "met"]), (1.2, 1.0, ["missed", "met", "met"]), (1.0, 1.6, ["met", "met", "missed"])],
)
def test_a_soak_is_flat_or_it_isnt(resident: float, p99: float, words: list[str]) -> None:
    made = results()
    for number in range(60):
        last = number >= 40
        made.soak.append(Sample(number, 100, 500, 900 * (p99 if last else 1), 100, 70 * (resident if last else 1)))
    made.soak_rate = 102
    assert [verdict.word for verdict in verdicts(made)[4:]] == ["met", *words]
    made.soak_rate = 103
    assert verdicts(made)[4].word == "missed"
    rows = report(made, {}).partition("## Soak")[2].splitlines()
    assert 20 <= sum(row.startswith("| ") for row in rows) - 2 <= 22


@pytest.mark.parametrize(("given", "rounds"), [([], 8), (["--quick"], 1), (["--quick", "--rounds", "3"], 3)])
def test_quick_is_one_round_unless_it_is_told(given, rounds):
    assert arguments(given).rounds == rounds


def test_ways_are_chosen_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert arguments(["--ways", "ours,nothing"]).ways == [NOTHING, OURS]
    with pytest.raises(SystemExit):
        arguments(["--ways", "ours,apache"])
    assert "there is no way 'apache'" in capsys.readouterr().err


def test_what_is_asked_for_is_there_and_fresh() -> None:
    known = parse_registry(registry().encode(), "made").features_of("user")
    for load, kind in ((Load(1, 1), wire.GetFeaturesRequest), (Load(64, 100), wire.BatchGetFeaturesRequest)):
        names = list(kind.FromString(of_the_service(load).bodies[3]).feature_names)
        assert names == ASKED_NAMES
        assert len(names) == 20
        plan = Plan(names, known)
        answers = answer_row(plan, [fields(ENTITIES - 1)[field].encode() for field in plan.read.fields], NOW_MS)
        assert set(answers.statuses) == {wire.FEATURE_STATUS_PRESENT}


@pytest.mark.parametrize("make", [of_the_service, of_redis, of_feast_http, of_feast_grpc])
def test_every_protocol_asks_for_the_same_entities(make: Callable[[Load], Question], tmp_path: Path) -> None:
    for load, requests in ((Load(1, 1), ENTITIES), (Load(1, 100), ENTITIES // 100)):
        question = make(load)
        assert len(question.bodies) == requests
        for number in range(load.entities):
            assert f"user:{number}".encode() in question.bodies[0]
        assert b"feature_38" in question.bodies[-1]
        question.write(tmp_path / "question.json")
        assert Question.read(tmp_path / "question.json") == question


@pytest.fixture
def address() -> Iterator[str]:
    """The handler that does nothing."""
    command = [sys.executable, "-m", "benchmarks.serving.rivals", "nothing", "0"]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": PATH}
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[1]
        process.kill()


def test_the_load_generator_counts_and_keeps_a_rate(address: str, tmp_path: Path) -> None:
    question = tmp_path / "question.json"
    of_the_service(Load(4, 1)).write(question)
    seen = asyncio.run(drive(Job(address, str(question), 4, 0.3)))
    assert seen.requests > 20
    assert 0.3 <= seen.seconds < 5
    assert 0 < seen.p50 <= seen.p99 <= seen.p999
    slow = asyncio.run(drive(Job(address, str(question), 4, 0.5, rate=40.0)))
    assert 19 <= slow.requests <= 21


def test_the_load_generator_looks_at_the_first_answer(address: str, tmp_path: Path) -> None:
    question = tmp_path / "question.json"
    right = of_the_service(Load(1, 1))
    Question(Protocol.GRPC, right.path, right.bodies, b"something else").write(question)
    with pytest.raises(RuntimeError, match="has no b'something else'"):
        asyncio.run(drive(Job(address, str(question), 1, 0.1)))


@pytest.mark.slow
def test_a_signal_ends_it_with_a_report(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    command = [sys.executable, "-m", "benchmarks.serving", "--ways", "nothing,redis", "--output", str(page)]
    environment = os.environ | {"PYTHONPATH": PATH}
    environment.pop("FEATUREMILL_PARENT", None)
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, env=environment) as program:
        assert program.stdout is not None
        for line in program.stdout:
            if "round 1 of 8: 16 callers, 1 × 20: Redis" in line:
                break
        children = psutil.Process(program.pid).children(recursive=True)
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=30)
    assert program.returncode == 143
    written = page.read_text(encoding="utf-8")
    assert "**This report is partial: it was told to end.**" in written
    assert f"| 16 callers, 1 × 20 | {NOTHING.name} |" in written
    assert psutil.wait_procs(children, timeout=10)[1] == []
