"""Golden cases as a person runs them: on a real Flink, started as a process of its own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import psutil
import pytest
from featuremill_local.runs import RUNS
from local_runs import BEHIND_A_PROXY, ENVIRONMENT, ROOT, download_everything, processes_of, refused
from waiting import wait_until

FIXTURES = Path(__file__).parent / "fixtures" / "pipelines_with_cases"
BATCHES = Path(__file__).parent / "fixtures" / "batches_with_cases"
TWINS = Path(__file__).parent / "fixtures" / "pipelines_with_twins"


def start(*arguments: str, pipelines: Path, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "featuremill_local", "test", *arguments, "--pipelines", str(pipelines)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT | variables,
    )


def data_of(popen: subprocess.Popen[str]) -> Path:
    """The data folder of the run, when its JVM is there."""
    wait_until(lambda: list(RUNS.glob(f"*-{popen.pid}")), "the run's data folder", 30)
    (data,) = RUNS.glob(f"*-{popen.pid}")
    wait_until(lambda: any("PythonGatewayServer" in line for line in processes_of(data)), "the JVM", 30)
    return data


def run_cases(*arguments: str, pipelines: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end; nothing of the run is left then."""
    popen = start(*arguments, pipelines=pipelines, **variables)
    output, errors = popen.communicate(timeout=280)
    assert not list(RUNS.glob(f"*-{popen.pid}"))
    return subprocess.CompletedProcess(popen.args, popen.returncode, output, errors)


def refusal(*arguments: str, pipelines: Path) -> str:
    """What is said on stderr of a mistake, told before anything is started."""
    told = refused("test", *arguments, "--pipelines", str(pipelines))
    assert told.returncode == 2
    clear(told)
    return told.stderr


def clear(told: subprocess.CompletedProcess[str]) -> None:
    """No traceback of either language."""
    for text in (told.stdout, told.stderr):
        assert "Traceback" not in text
        assert "\tat " not in text


@pytest.fixture
def pipelines(tmp_path):
    shutil.copytree(FIXTURES, tmp_path / "pipelines")
    return tmp_path / "pipelines"


@pytest.fixture
def twins(tmp_path):
    shutil.copytree(TWINS, tmp_path / "twins")
    return tmp_path / "twins"


def tables_in(text: str) -> list[list[str]]:
    """The cells of the lines of the tables in what was printed."""
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if "│" in line]


def odd_case(pipelines: Path, name: str, *readings: int) -> Path:
    """A new case of readings of one sensor, a second apart, that expects no row."""
    folder = pipelines / "odd_readings" / "cases" / name
    folder.mkdir()
    row = '{{"sensor": "a", "reading": {}, "taken_at": null, "received_at": "2026-01-01T06:00:0{}Z"}}\n'
    rows = (row.format(reading, second) for second, reading in enumerate(readings))
    (folder / "readings.jsonl").write_text("".join(rows))
    (folder / "expected.jsonl").touch()
    return folder


@pytest.mark.jvm
def test_the_examples_cases_pass_in_one_jvm():
    download_everything()
    told = run_cases(pipelines=ROOT / "pipelines", **BEHIND_A_PROXY)
    assert told.returncode == 0, told.stdout + told.stderr
    clear(told)
    assert told.stdout.count(" as expected") == len(list((ROOT / "pipelines").glob("*/cases/*/expected.jsonl"))) >= 10
    assert told.stdout.count("  Flink and Spark: ready") == 1
    assert told.stdout.count(" through carrier_daily_quality_stream and carrier_daily_quality: ready after ") == 4
    assert "not compared, since no case.yaml says their day: carrier_daily_quality_stream/late_flight" in told.stdout
    assert re.search(r"^\d+ cases passed, 4 cases the same through twins in \d+\.\d s$", told.stdout, re.MULTILINE)


@pytest.mark.jvm
def test_cases_of_a_batch(tmp_path):
    shutil.copytree(BATCHES, tmp_path / "batches")
    told = run_cases("airport_carriers", "--shuffle", "1", "--seed", "1", pipelines=tmp_path / "batches")
    assert told.returncode == 1, told.stdout + told.stderr
    clear(told)
    assert "Exception" not in told.stdout + told.stderr
    assert told.stdout.count("  Spark: ready") == 1
    assert "Flink" not in told.stdout
    assert re.search(r"in_order: failed after .*  1 key as expected; another order gives other features", told.stdout)
    assert re.search(r"said: ready after .*  1 key as expected; another order gives other features", told.stdout)
    assert "twice_a_key: more than one row of airport:JFK: a day has one row for each key" in told.stdout
    assert "nothing_left: the query gives no row: nothing was written" in told.stdout
    assert "no_partition: the table air.departures has no partition dt=2013-06-02" in told.stdout
    assert "wrong: stand raised 1 times, and those values are NULL: stand(" in told.stdout
    assert ["airport:JFK", "revenue_1d", "10.00", "9.99"] in tables_in(told.stdout)
    assert ["airport:JFK", "carriers_1d", "UA,AA", "AA,UA"] in tables_in(told.stdout)
    assert 'departures.jsonl:1  {"airport": "JFK", "carrier": "ZZ"' in told.stdout
    assert "5 of 6 cases failed in" in told.stdout

    expected = tmp_path / "batches" / "airport_carriers" / "cases" / "wrong" / "expected.jsonl"
    before = json.loads(expected.read_text())
    arguments = ("airport_carriers", "--case", "wrong", "--update")
    updated = run_cases(*arguments, pipelines=tmp_path / "batches")
    assert updated.returncode == 0, updated.stdout + updated.stderr
    assert json.loads(expected.read_text()) == before | {"features": before["features"] | {"revenue_1d": "9.99"}}


@pytest.mark.jvm
def test_rows_that_are_taken_back_and_functions_that_raise(pipelines):
    told = run_cases("odd_readings", pipelines=pipelines)
    assert told.returncode == 0, told.stdout + told.stderr
    clear(told)
    assert "twice(13,) raised ValueError: thirteen is refused at udf_def.py:10; its value is NULL" in told.stdout


@pytest.mark.jvm
def test_a_changed_line_of_the_query_fails_with_a_table_of_what_changed(pipelines):
    query = pipelines / "odd_readings" / "transform.sql"
    query.write_text(query.read_text().replace("twice(MAX(reading))", "twice(MIN(reading))"))
    (pipelines / "odd_readings" / "cases" / "removed" / "expected.changelog.jsonl").unlink()
    odd_case(pipelines, "two", 4, 3)
    expected = pipelines / "odd_readings" / "cases" / "two" / "expected.jsonl"
    right = {
        "entity_key": "sensor:a",
        "event_time": "2026-01-01T06:00:01Z",
        "features": {"readings": "2", "doubled": "8"},
    }
    expected.write_text(json.dumps(right) + "\n")

    told = run_cases("odd_readings", "--case", "two", pipelines=pipelines)
    assert told.returncode == 1, told.stdout + told.stderr
    clear(told)
    assert tables_in(told.stdout) == [
        ["entity key", "feature", "expected", "actual"],
        ["sensor:a", "doubled", "8", "6"],
    ]
    assert 'readings.jsonl:2  {"sensor": "a", "reading": 3' in told.stdout
    assert "1 of 1 case failed in" in told.stdout
    assert "nox -s test-odd_readings -- --case two --update" in told.stdout

    updated = run_cases("odd_readings", "--case", "two", "--update", pipelines=pipelines)
    assert updated.returncode == 0, updated.stdout + updated.stderr
    assert "two: ready" in updated.stdout
    right["features"]["doubled"] = "6"
    assert [json.loads(line) for line in expected.read_text().splitlines()] == [right]
    before = expected.stat().st_mtime_ns
    again = run_cases("odd_readings", "--case", "two", "--update", pipelines=pipelines)
    assert "1 case, 0 written anew" in again.stdout
    assert expected.stat().st_mtime_ns == before


@pytest.mark.jvm
def test_another_order_and_a_twin_that_give_something_else(twins):
    told = run_cases("last_reading", "--shuffle", "3", "--seed", "5", pipelines=twins)
    assert told.returncode == 1, told.stdout + told.stderr
    clear(told)
    assert re.search(r"unsaid: failed after .*  2 keys as expected; another order gives other features", told.stdout)
    assert re.search(r"said: ready after .*  1 key as expected; another order gives other features", told.stdout)
    assert re.search(r"needless: ready after .*  2 keys as expected; the same in 1 other order", told.stdout)
    assert "last_reading/said: order matters, as case.yaml says: the reading that came last is asked for" in told.stdout
    assert "needless: case.yaml says that order matters; 1 other order changed nothing" in told.stdout
    assert re.search(r"last_reading/unsaid, order \d of seed 5, at the end", told.stdout)
    assert tables_in(told.stdout) == [
        ["entity key", "feature", "in the order of the file", "in another one"],
        ["sensor:a", "last_reading", "2", "1"],
        ["entity key", "feature", "last_reading_twin", "last_reading"],
        ["sensor:b", "readings", "0", "1"],
    ]
    assert "what decides is line 3 of readings.jsonl, which comes before line 1" in told.stdout
    assert "last_reading_twin: compared with last_reading: readings; one of them alone has highest_reading, last_" in (
        told.stdout
    )
    assert re.search(r"said through last_reading_twin and last_reading: ready after .*  the same", told.stdout)
    assert "1 of 3 cases failed, 1 of 3 cases not the same through twins in" in told.stdout


@pytest.mark.jvm
def test_a_batch_and_its_twin_on_the_stream_that_give_something_else(tmp_path):
    for name in ("carrier_daily_quality", "carrier_daily_quality_stream"):
        shutil.copytree(ROOT / "pipelines" / name, tmp_path / name, ignore=shutil.ignore_patterns("sample"))
    query = tmp_path / "carrier_daily_quality_stream" / "transform.sql"
    query.write_text(query.read_text().replace("arrival_delay < 15", "arrival_delay <= 15"))
    told = run_cases("carrier_daily_quality", pipelines=tmp_path)
    assert told.returncode == 1, told.stdout + told.stderr
    clear(told)
    columns = ["entity key", "feature", "carrier_daily_quality_stream", "carrier_daily_quality"]
    assert tables_in(told.stdout) == [
        columns,
        ["carrier:DL", "on_time_share_7d", "0.6666666666666666", "0.3333333333333333"],
        ["", "on_time_share_28d", "0.5", "0.25"],
        columns,
        ["carrier:UA", "on_time_share_7d", "0.6", "0.4"],
        ["", "on_time_share_28d", "0.6", "0.4"],
    ]
    assert "2 of 4 cases not the same through twins in" in told.stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("source.sql", "reading INT", "reading BIGINT", "through both: `readings.reading` is not the same in `last_re"),
        (
            "source.sql",
            "sensor STRING,",
            "sensor STRING, room STRING,",
            "through both: `readings.room` is not the same",
        ),
        (
            "transform.sql",
            "AS readings,",
            "AS rows_seen,",
            "`last_reading` has no feature of a name that this pipeline",
        ),
        (
            "feature.yaml",
            "entity: sensor",
            "entity: {name: room, keys: [sensor]}",
            "another entity: `sensor`, not `room`",
        ),
    ],
)
def test_twins_that_can_not_be_compared(twins, file, old, new, message):
    path = twins / "last_reading_twin" / file
    path.write_text(path.read_text().replace(old, new))
    if file == "transform.sql":
        yaml = twins / "last_reading_twin" / "feature.yaml"
        yaml.write_text(yaml.read_text().replace("  readings:", "  rows_seen:"))
    for name in ("last_reading", "last_reading_twin"):
        said = refusal(name, pipelines=twins)
        assert message in said
        assert "last_reading_twin/feature.yaml:5:14: FM641" in said


def test_a_twin_that_is_not_there(twins):
    yaml = twins / "last_reading_twin" / "feature.yaml"
    yaml.write_text(yaml.read_text().replace("parity_with: last_reading", "parity_with: last_readings"))
    said = refusal("last_reading_twin", pipelines=twins)
    assert "feature.yaml:5:14: FM641 There is no pipeline `last_readings`." in said
    assert "did you mean `last_reading`?" in said


@pytest.mark.jvm
def test_jobs_that_fail_or_never_end_say_why_and_the_others_still_run(pipelines):
    odd_case(pipelines, "never_ends", 99)
    for name in ("null_key", "null_key_unsaid"):
        rows = odd_case(pipelines, name) / "readings.jsonl"
        rows.write_text('{"sensor": null, "reading": 1, "taken_at": null, "received_at": "2026-01-01T06:00:00Z"}\n')
    letters = pipelines / "odd_readings" / "cases" / "null_key" / "expected.dead_letters.jsonl"
    letters.write_text('{"reason": "null-key", "value": {"doubled": "2"}}\n')
    source = pipelines / "odd_readings" / "source.sql"
    source.write_text(source.read_text().replace("reading INT,", "reading INT NOT NULL,"))
    (pipelines / "odd_readings" / "cases" / "raises").rename(pipelines / "odd_readings" / "cases" / "a_null")

    told = run_cases("odd_readings", "--time-limit", "20", pipelines=pipelines)
    assert told.returncode == 1, told.stdout + told.stderr
    clear(told)
    assert re.search(r"a_null/readings.jsonl:2: `reading` is INT NOT NULL, and is null here", told.stdout)
    assert re.search(
        r"never_ends: it did not end within 20 s; it was waiting for a Python function, in the task .*PythonCalc",
        told.stdout,
    )
    assert "help: -- --time-limit SECONDS gives it more time" in told.stdout
    assert re.search(r"null_key: ready after .*  0 keys as expected, 1 dead letter", told.stdout)
    assert re.search(r"null_key_unsaid: failed after .*  other dead letters came than expected, 1 dead", told.stdout)
    assert re.search(r"null or empty key: sensor: .*\"doubled\": \"2\".*│ no       │ came", told.stdout)
    assert re.search(r"removed: ready after .*  2 keys as expected", told.stdout)
    assert "3 of 5 cases failed in" in told.stdout


@pytest.mark.jvm
def test_what_the_planner_refuses_is_told_without_a_stack(pipelines):
    query = pipelines / "odd_readings" / "transform.sql"
    query.write_text(query.read_text().replace("MAX(reading)", "MAX(SIN(taken_at))").replace("twice(", "CAST("))
    text = query.read_text()
    query.write_text(text.replace("CAST(MAX(SIN(taken_at)))", "CAST(MAX(SIN(taken_at)) AS BIGINT)"))
    told = run_cases("odd_readings", "--case", "removed", pipelines=pipelines)
    assert told.returncode == 1, told.stdout + told.stderr
    clear(told)
    assert "Cannot apply 'SIN' to arguments of type" in told.stdout


def make_words(tmp_path: Path) -> dict[str, str]:
    """A package `featuremill_fixture_words` with TWO, and the variables by which pip finds it and no other one."""
    info = "featuremill_fixture_words-1.0.dist-info"
    with zipfile.ZipFile(tmp_path / "featuremill_fixture_words-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("featuremill_fixture_words.py", "TWO = 2")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: featuremill-fixture-words\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}


@pytest.mark.jvm
def test_functions_import_what_requirements_txt_names(pipelines, tmp_path):
    folder = pipelines / "odd_readings"
    (folder / "requirements.txt").write_text("featuremill-fixture-words==1.0\n")
    functions = (folder / "udf_def.py").read_text().replace("reading * 2", "reading * featuremill_fixture_words.TWO")
    (folder / "udf_def.py").write_text(f"import featuremill_fixture_words\n{functions}")
    told = run_cases("odd_readings", "--case", "removed", pipelines=pipelines, **make_words(tmp_path))
    assert told.returncode == 0, told.stdout + told.stderr
    assert "removed: ready after" in told.stdout


@pytest.mark.jvm
def test_functions_of_a_batch_import_what_requirements_txt_names(tmp_path):
    shutil.copytree(BATCHES, tmp_path / "batches")
    folder = tmp_path / "batches" / "airport_carriers"
    (folder / "requirements.txt").write_text("featuremill-fixture-words==1.0\n")
    functions = (folder / "udf_def.py").read_text().replace('"A1"', 'f"A{featuremill_fixture_words.TWO - 1}"')
    (folder / "udf_def.py").write_text(f"import featuremill_fixture_words\n{functions}")
    arguments = ("airport_carriers", "--case", "in_order")
    told = run_cases(*arguments, pipelines=tmp_path / "batches", **make_words(tmp_path))
    assert told.returncode == 0, told.stdout + told.stderr
    assert "in_order: ready after" in told.stdout


@pytest.mark.jvm
def test_a_new_pipelines_cases_pass(tmp_path):
    made = subprocess.run(
        [sys.executable, "-m", "featuremill_codegen", "new", "fresh", "--root", str(tmp_path)],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
    )
    assert made.returncode == 0, made.stderr
    told = run_cases("fresh", pipelines=tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "2 cases passed in" in told.stdout


@pytest.mark.jvm
def test_a_jvm_that_dies_is_told_and_the_next_case_gets_another(pipelines):
    odd_case(pipelines, "a_never_ends", 99)
    popen = start("odd_readings", pipelines=pipelines)
    data = data_of(popen)
    wait_until((data / "cases" / "1" / "feature_source.jsonl").exists, "the first case's job", 60)
    (jvm,) = [each for each in psutil.process_iter() if is_jvm_of(each, data)]
    jvm.kill()
    output, errors = popen.communicate(timeout=120)
    assert popen.returncode == 1
    clear(subprocess.CompletedProcess(popen.args, 1, output, errors))
    assert "odd_readings/a_never_ends: Flink does not answer" in output
    assert output.count("keys as expected") == 2


def is_jvm_of(process: psutil.Process, data: Path) -> bool:
    try:
        line = process.cmdline()
    except psutil.Error:
        return False
    return line[-1:] == ["org.apache.flink.client.python.PythonGatewayServer"] and str(data) in " ".join(line)


@pytest.mark.jvm
def test_a_run_that_is_killed_leaves_nothing(pipelines):
    odd_case(pipelines, "a_never_ends", 99)
    with start("odd_readings", pipelines=pipelines) as popen:
        data = data_of(popen)
        popen.kill()
    wait_until(lambda: processes_of(data) == [], "the end of every process", 20)
    wait_until(lambda: not data.exists(), "the end of the data folder", 20)


def test_mistakes_in_files_are_told_before_anything_is_started(pipelines):
    folder = odd_case(pipelines, "bad", 1)
    (folder / "readings.jsonl").write_text('{"sensor": "a",\n')
    told = run_cases("odd_readings", pipelines=pipelines)
    assert told.returncode == 2
    clear(told)
    assert "cases/bad/readings.jsonl:1:16: FM601" in told.stderr
    assert "Flink" not in told.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["odd_reading"], "did you mean `odd_readings`?"),
        (["odd_readings", "--case", "remove"], "has no case 'remove'\nhelp: did you mean `removed`?"),
        (["odd_readings", "--shuffle", "-1"], "--shuffle is -1: a number of orders is needed"),
        (["odd_readings", "--shuffle", "2", "--update"], "help: leave out --shuffle"),
        (["odd_readings", "--seed", "2"], "--seed is of use with --shuffle only"),
        (["odd_readings", "--time-limit", "0"], "--time-limit is 0: more than 0 seconds are needed"),
    ],
)
def test_what_is_asked_for_in_vain(pipelines, arguments, message):
    assert message in refusal(*arguments, pipelines=pipelines)


def test_a_pipeline_without_cases_is_told_how_to_begin(pipelines):
    shutil.rmtree(pipelines / "odd_readings" / "cases")
    said = refusal("odd_readings", pipelines=pipelines)
    assert "odd_readings has no golden cases" in said
    assert "cases/<case>/readings.jsonl" in said
    assert "no pipeline has golden cases" in refusal(pipelines=pipelines)
