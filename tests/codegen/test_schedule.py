"""What schedulers run, as files beside the pipelines that they are rendered from. (What they make of it: tests/e2e.)"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from featuremill_codegen.errors import PipelineError, UsageError
from featuremill_codegen.schedule.command_lines import NOT_THERE, VARIABLES, CommandLines
from featuremill_codegen.schedule.files import SCHEDULERS, write_schedule
from featuremill_codegen.schedule.scheduled import Scheduled, find_batches
from featuremill_sinks import partition
from hypothesis import given
from hypothesis import strategies as st

FOLDER = Path(__file__).parent / "fixtures" / "schedule"
PIPELINES = FOLDER / "pipelines"
VERSION = "0123456789ab"
NAMES = ["carrier_days", "carrier_history", "late_carriers"]


def scheduled(name: str, root: Path = PIPELINES) -> Scheduled:
    batches = find_batches(root, [name])
    return batches.scheduled(batches.chosen[0], VERSION)


@pytest.fixture
def pipelines(tmp_path: Path) -> Path:
    """A copy of the pipelines, to be changed."""
    return Path(shutil.copytree(PIPELINES, tmp_path / "pipelines"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_file(scheduler: str, name: str, expect: Callable[[Path, str], None]) -> None:
    expect(FOLDER / "expected" / scheduler / f"{name}.py", SCHEDULERS[scheduler](scheduled(name)))


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_imports_the_scheduler_and_the_standard_library_only(scheduler: str) -> None:
    tree = ast.parse(SCHEDULERS[scheduler](scheduled("late_carriers")))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    package = {"airflow": "airflow", "dolphinscheduler": "pydolphinscheduler"}[scheduler]
    assert {name.partition(".")[0] for name in modules} <= {package, *sys.stdlib_module_names}


@cache
def late_carriers() -> Scheduled:
    return scheduled("late_carriers")


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@given(st.text(min_size=1), st.text(alphabet=st.sampled_from("a\"'\\\n{}%#$ é\U0001f6eb"), min_size=1))
def test_any_text_of_a_person_survives(scheduler: str, owner: str, description: str) -> None:
    tree = ast.parse(SCHEDULERS[scheduler](replace(late_carriers(), owner=owner, description=description)))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert description in texts
    assert owner in texts or scheduler == "dolphinscheduler"


# --- Which pipelines ---


def test_a_batch_comes_after_those_that_it_depends_on(pipelines: Path) -> None:
    assert [each.name for each in find_batches(pipelines, []).chosen] == NAMES
    (pipelines / "carrier_days").rename(pipelines / "z_days")
    for name, key in (("late_carriers", "depends_on: ["), ("carrier_twin", "parity_with: ")):
        file = pipelines / name / "feature.yaml"
        file.write_text(file.read_text().replace(f"{key}carrier_days", f"{key}z_days"))
    assert [each.name for each in find_batches(pipelines, []).chosen] == ["carrier_history", "z_days", "late_carriers"]


def test_a_twin_is_left_out_and_a_history_is_written_as_its_stream() -> None:
    batches = find_batches(PIPELINES, [])
    assert batches.twins == ("carrier_twin",)
    found = {each.name: batches.scheduled(each, VERSION) for each in batches.chosen}
    assert {name: (each.written_as, each.ttl_ms) for name, each in found.items()} == {
        "carrier_days": (None, None),
        "carrier_history": ("carrier_now", 7 * 86_400_000),
        "late_carriers": (None, 30 * 86_400_000),
    }


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("carrier_now", "The pipeline `carrier_now` is a stream: it always runs, and nothing schedules it."),
        (
            "carrier_twin",
            "The batch `carrier_twin` is a twin (`parity_with`): it is only compared, and nothing runs it.",
        ),
        ("late_carrier", "There is no batch pipeline `late_carrier`.\nhelp: did you mean `late_carriers`?"),
    ],
)
def test_a_name_that_can_not_be_scheduled_is_refused(name: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        find_batches(PIPELINES, [name])
    assert str(refused.value).startswith(message)


DEPENDENCIES = {
    "carrier_dais": "names `carrier_dais`, which is no other pipeline.",
    "late_carriers": "names `late_carriers`, which is no other pipeline.",
    "carrier_now": "names `carrier_now`, which is a stream and writes no partitions.",
    "carrier_history": "names `carrier_history`, which doesn't run on every day on which this does: `0 4 1 * *`.",
}


@pytest.mark.parametrize("name", DEPENDENCIES)
def test_what_would_be_waited_for_in_vain_is_refused(name: str, pipelines: Path) -> None:
    file = pipelines / "late_carriers" / "feature.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("[carrier_days]", f"[{name}]"), encoding="utf-8")
    with pytest.raises(PipelineError) as refused:
        find_batches(pipelines, [])
    (finding,) = refused.value.findings
    assert (finding.code, finding.place) == ("FM105", "pipelines/late_carriers/feature.yaml:16:16")
    assert finding.message == f"`depends_on` {DEPENDENCIES[name]}"


def test_a_circle_is_refused(pipelines: Path) -> None:
    for name, other in (("carrier_days", "late_carriers"), ("late_carriers", "carrier_days")):
        file = pipelines / name / "feature.yaml"
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line[0].isalpha()]
        lines = [line for line in lines if not line.startswith(("schedule", "description"))]
        lines += ["description: A circle.", f'schedule: {{cron: "0 3 * * *", depends_on: [{other}]}}']
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(PipelineError) as refused:
        find_batches(pipelines, [])
    assert [finding.message for finding in refused.value.findings] == [
        "`depends_on` names `late_carriers`, which waits for this one:"
        " `carrier_days` -> `late_carriers` -> `carrier_days`.",
        "`depends_on` names `carrier_days`, which waits for this one:"
        " `late_carriers` -> `carrier_days` -> `late_carriers`.",
    ]


# --- Files ---


def test_files_of_batches_that_are_gone_are_removed_and_no_others(tmp_path: Path) -> None:
    batches = find_batches(PIPELINES, [])
    every = [batches.scheduled(each, VERSION) for each in batches.chosen]
    first = write_schedule("airflow", every, batches.names, tmp_path)
    assert [path.name for path in first.files] == [f"{name}.py" for name in NAMES]
    assert first.removed == ()
    (tmp_path / "airflow" / "by_hand.py").write_text("print('not ours')\n")
    texts = {path.name: path.read_bytes() for path in first.files}
    again = write_schedule("airflow", every[:1], {"carrier_days", "late_carriers"}, tmp_path)
    assert [path.name for path in again.files] == ["carrier_days.py"]
    assert [path.name for path in again.removed] == ["carrier_history.py"]
    left = {path.name: path.read_bytes() for path in (tmp_path / "airflow").iterdir()}
    assert left.pop("by_hand.py") == b"print('not ours')\n"
    assert left == {name: texts[name] for name in ("carrier_days.py", "late_carriers.py")}


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "airflow").write_text("a file")
    with pytest.raises(UsageError, match=r"^The schedule can't be written: .*/airflow: "):
        write_schedule("airflow", [scheduled("carrier_days")], {"carrier_days"}, tmp_path)


# --- The command lines, in a real shell ---


def run_script(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script], env={"PATH": os.environ["PATH"], **variables}, capture_output=True, text=True
    )


def all_variables(**instead: str) -> dict[str, str]:
    """Programs that print their arguments, a line each."""
    return {
        **dict.fromkeys(VARIABLES, "unset"),
        "FEATUREMILL_HOME": "/opt/feature mill",
        "FEATUREMILL_FEATURE_SOURCE": "hdfs:///feature source",
        "FEATUREMILL_SPARK_SUBMIT": r"printf %s\n",
        "FEATUREMILL_PYFLINK": r"printf %s\n",
        "FEATUREMILL_REDIS_OPTIONS": "--redis redis:6379",
        "FEATUREMILL_DEAD_LETTER_OPTIONS": "--on-bad-row fail",
        **instead,
    }


COMMANDS = CommandLines("late_carriers", VERSION, 86_400_000, "2013-06-01")
PARTITION = ["--feature-source", "hdfs:///feature source", "--pipeline", "late_carriers", "--date", "2013-06-01"]


def test_arguments_of_the_programs() -> None:
    computed = run_script(COMMANDS.compute(), **all_variables())
    assert computed.stdout.splitlines() == [
        "/opt/feature mill/dist/late_carriers-0123456789ab/run.py",
        *("--dt", "2013-06-01", "--feature-source", "hdfs:///feature source"),
    ]
    ingested = run_script(COMMANDS.ingest(), **all_variables())
    assert ingested.stdout.splitlines() == [
        *("-m", "featuremill_sinks.batch_ingestion", *PARTITION, "--wait", "--ttl", "86400000 ms"),
        *("--redis", "redis:6379", "--on-bad-row", "fail"),
        *("-m", "featuremill_sinks.verification", *PARTITION, "--redis", "redis:6379"),
    ]
    waited = run_script(COMMANDS.is_there("carrier_days"), **all_variables())
    wanted = ["carrier_days" if each == "late_carriers" else each for each in PARTITION]
    assert waited.stdout.splitlines() == ["-m", "featuremill_sinks.partition", *wanted]
    assert "--ttl" not in replace(COMMANDS, ttl_ms=None).ingest()


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_that_is_not_set_is_named(name: str) -> None:
    script = COMMANDS.compute() + COMMANDS.ingest()
    variables = all_variables()
    del variables[name]
    ended = run_script(script, **variables)
    assert ended.returncode != 0
    assert f"{name}: unbound variable" in ended.stderr


def test_a_program_that_fails_ends_the_script_with_its_exit_code() -> None:
    ended = run_script(COMMANDS.ingest(), **all_variables(FEATUREMILL_PYFLINK="find"))  # it knows no -m
    assert ended.returncode == 1
    assert ended.stderr.count("find:") == 1


def test_the_exit_code_of_what_is_waited_for_is_the_programs() -> None:
    assert NOT_THERE == partition.NOT_THERE
