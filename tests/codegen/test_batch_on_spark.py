"""run.py of a batch on a real Spark: the key, every type as text, and the days on which something is wrong.

The machine's time zone is not UTC: no value may depend on it.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from featuremill_codegen import build_package
from featuremill_local.environments import process_environment, python
from featuremill_local.spark import FunctionErrors, function_errors
from spark_programs import PIN, program, rows_of, said

pytestmark = pytest.mark.jvm

FIXTURES = Path(__file__).parent / "fixtures"
KEYS = Path(__file__).parents[2] / "proto" / "entity-key.jsonl"
WRITE_PARTITION = Path(__file__).parents[1] / "sinks" / "fixtures" / "write_partition.py"
NOON_MS = 1_370_088_000_123  # 2013-06-01T12:00:00.123Z


def spark(
    pipeline: str, folder: Path, tables: Mapping[str, Path], *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs a pipeline of fixtures/spark over these tables; partitions go to `folder`/feature_source."""
    return program(FIXTURES / "spark" / "pipelines" / pipeline, folder, tables, *arguments, **variables).run(folder)


def write_lines(table: Path, day: str, rows: Sequence[Mapping[str, Any]]) -> None:
    (table / f"dt={day}").mkdir(parents=True)
    (table / f"dt={day}" / "lines.json").write_text("".join(json.dumps(row) + "\n" for row in rows))


def thing(key: str | None, n: int | None = 1, at: str | None = "2013-06-01T12:00:00.123456Z") -> dict[str, Any]:
    return {"thing": key, "n": n, "at": at}


SINGLE_KEYS = [
    case
    for case in map(json.loads, KEYS.read_text(encoding="utf-8").splitlines())
    if len(case["values"]) == 1 and not isinstance(case["values"][0], int)
]


@dataclass(frozen=True)
class Days:
    """A run over the days from 2013-06-01 on, what it said, and where its partitions are."""

    run: subprocess.CompletedProcess[str]
    said: dict[str, str]
    feature_source: Path

    def rows(self, day: str) -> list[tuple[str, int, dict[str, str | None]]]:
        return rows_of(self.feature_source / f"dt={day}")


@pytest.fixture(scope="module")
def odd_days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    folder = tmp_path_factory.mktemp("a folder with spaces")
    table = folder / "lines"
    distinct = {case["values"][0]: None for case in SINGLE_KEYS}
    write_lines(table, "2013-06-01", [thing("plain", 2), thing("nothing", None), thing("raise", 3)])
    write_lines(table, "2013-06-02", [thing(key) for key in distinct])
    write_lines(table, "2013-06-03", [thing("twice", 1), thing("twice", 2), thing("once")])
    write_lines(table, "2013-06-04", [thing(None), thing("")])
    write_lines(table, "2013-06-05", [thing("good"), thing("untimely", 1, None), thing("untimely", 2, "no time")])
    (table / "dt=2013-06-06").mkdir()
    # 2013-06-07 is missing
    write_lines(table, "2013-06-08", [thing("good"), {"thing": "bad", "n": "x", "at": None}])
    arguments = ("--from", "2013-06-01", "--to", "2013-06-08", "--at-once", "2")
    run = spark("odd_days", folder, {"web.lines": table}, *arguments)
    return Days(run, said(run.stderr, "odd_days"), folder / "feature_source" / "odd_days")


def test_days_that_fail_are_named_and_the_others_are_written(odd_days: Days) -> None:
    assert odd_days.run.returncode == 1
    written = {path.name for path in odd_days.feature_source.glob("dt=*")}
    assert written == {"dt=2013-06-01", "dt=2013-06-02", "dt=2013-06-05"}, odd_days.run.stderr
    location = odd_days.feature_source.parents[1] / "lines"
    uri = f"file:{location}"
    assert odd_days.said == {
        "2013-06-01": "upper_or_raise raised 1 times, and those values are NULL:"
        " upper_or_raise('raise'): ValueError: not this one",
        "2013-06-03": "more than one row of thing:twice: a day has one row for each key"
        " (is a GROUP BY or a join wrong?)",
        "2013-06-04": "every row lacks its key: nothing was written; `write: {allow_empty: true}` in feature.yaml"
        " would allow it",
        "2013-06-06": f"the partition dt=2013-06-06 of web.lines has no files: {uri}/dt=2013-06-06",
        "2013-06-07": "the table web.lines has no partition dt=2013-06-07",
        "2013-06-08": odd_days.said["2013-06-08"],
    }
    assert "'x'" in odd_days.said["2013-06-08"]
    assert "INT" in odd_days.said["2013-06-08"]


def test_every_type_as_text(odd_days: Days) -> None:
    rows = odd_days.rows("2013-06-01")
    assert [(key, time) for key, time, _ in rows] == [
        ("thing:nothing", NOON_MS),
        ("thing:plain", NOON_MS),
        ("thing:raise", NOON_MS),
    ]
    by_key = {key: features for key, _, features in rows}
    common = {"day": "2013-06-01", "seen": "2013-06-01T12:00:00.123Z", "bytes": base64.b64encode("ü".encode()).decode()}
    assert by_key["thing:plain"] == common | {
        "n": "2",
        "flag": "true",
        "third": "0.6666666666666666",
        "price": "2.00",
        "numbers": "[2,null]",
        "counts": '{"a":2,"b":null}',
        "both_of_them": '{"n":2,"missing":null}',
        "loud": "PLAIN",
    }
    assert by_key["thing:nothing"] == common | {
        **dict.fromkeys(("n", "flag", "third", "price"), None),
        "numbers": "[null,null]",
        "counts": '{"a":null,"b":null}',
        "both_of_them": '{"n":null,"missing":null}',
        "loud": "NOTHING",
    }


def test_an_exception_in_a_function_gives_null_and_is_logged_with_its_arguments(odd_days: Days) -> None:
    by_key = {key: features for key, _, features in odd_days.rows("2013-06-01")}
    assert by_key["thing:raise"]["loud"] is None
    assert by_key["thing:raise"]["n"] == "3"
    assert "upper_or_raise('raise',) failed" in odd_days.run.stderr
    partition = odd_days.feature_source / "dt=2013-06-01"
    raised = FunctionErrors(1, ("upper_or_raise('raise'): ValueError: not this one",))
    assert function_errors(partition) == {"upper_or_raise": raised}, "for those who look at the partition"
    assert function_errors(odd_days.feature_source / "dt=2013-06-02") == {}


def test_spark_gives_the_fixtures_keys(odd_days: Days) -> None:
    wanted = {case["entity_key"] for case in SINGLE_KEYS} - {None}
    keys = {f"thing:{key.partition(':')[2]}" for key in wanted}
    assert {key for key, _, _ in odd_days.rows("2013-06-02")} == keys


def test_rows_without_key_or_event_time_are_dead_letters_beside_the_partition(odd_days: Days) -> None:
    assert [key for key, _, _ in odd_days.rows("2013-06-05")] == ["thing:good"]
    letters = letters_of(odd_days.feature_source, "2013-06-05")
    assert [(letter["pipeline"], letter["stage"], letter["reason"], letter["message"]) for letter in letters] == [
        ("odd_days", "query", "null-event-time", "event_time is null")
    ] * 2
    assert letters[0]["origin"] == dict.fromkeys(("table", "topic", "partition", "offset"))
    values = [json.loads(base64.b64decode(letter["value_base64"])) for letter in letters]
    assert [(value["thing"], value["event_time"]) for value in values] == [("untimely", None)] * 2
    keyless = letters_of(odd_days.feature_source, "2013-06-02")
    assert {(letter["reason"], letter["message"]) for letter in keyless} == {
        ("null-key", "null or empty key: thing"),
    }


def letters_of(feature_source: Path, day: str) -> list[dict[str, Any]]:
    (file,) = (feature_source / "_dead_letters" / f"dt={day}").glob("*.json")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_nothing_is_left_of_what_was_not_finished(odd_days: Days) -> None:
    for folder in ("_writing", "_replaced"):
        assert not list((odd_days.feature_source / folder).glob("*"))
    assert not (odd_days.feature_source.parents[1] / "metastore_db").exists()
    assert not Path("/not").exists()


def test_a_table_whose_files_have_other_columns_and_a_partition_that_is_computed_again(tmp_path: Path) -> None:
    table = tmp_path / "rows"
    for day, written in {
        "2013-06-01": [["b", NOON_MS, {"n": "2"}], ["a", NOON_MS, {"n": "1"}]],
        "2013-06-02": [["a", NOON_MS, {"n": "nothing"}]],
        "2013-06-03": [["a", NOON_MS, {"n": "1"}]],
    }.items():
        (table / f"dt={day}").mkdir(parents=True)
        command = [str(python("job")), str(WRITE_PARTITION), str(table / f"dt={day}" / "rows.parquet")]
        subprocess.run(command, input=json.dumps(written), env=process_environment("job"), text=True, check=True)
    rewrite = (
        "import pyarrow.parquet as p, sys; t = p.read_table(sys.argv[1]); "
        "p.write_table(t.rename_columns(['entity_key', 'event_time', 'values']), sys.argv[1])"
    )
    changed = str(table / "dt=2013-06-03" / "rows.parquet")
    subprocess.run([str(python("job")), "-c", rewrite, changed], env=process_environment("job"), check=True)

    # what a run left that was killed between its two renames, and one that was killed while it wrote
    feature_source = tmp_path / "feature_source" / "changed_files"
    (feature_source / "_replaced" / "dt=2013-06-03").mkdir(parents=True)
    (feature_source / "_replaced" / "dt=2013-06-03" / "before").touch()
    (feature_source / "_writing" / "dt=2013-06-01" / "rows").mkdir(parents=True)
    days = ("--from", "2013-06-01", "--to", "2013-06-03")
    first = spark("changed_files", tmp_path, {"rows": table}, *days)
    assert first.returncode == 1, first.stderr
    assert said(first.stderr, "changed_files") == {
        "2013-06-03": "the data of rows, dt=2013-06-03, has no column features, which source.hql declares;"
        " it has entity_key, event_time, values"
    }
    day_end = 1_370_131_200_000  # 2013-06-02T00:00:00Z
    rows = rows_of(feature_source / "dt=2013-06-01")
    assert rows == [
        ("thing:a", day_end, {"n": "1"}),
        ("thing:b", day_end, {"n": "2"}),
    ]
    assert rows_of(feature_source / "dt=2013-06-02") == [], "an empty partition, which is allowed here"
    assert list((feature_source / "dt=2013-06-03").glob("*")) == [feature_source / "dt=2013-06-03" / "before"]
    assert not list((feature_source / "_writing").glob("*"))

    before = {day: files_of(feature_source / f"dt=2013-06-0{day}") for day in (1, 2)}
    again = spark("changed_files", tmp_path, {"rows": table}, *days[:3], "2013-06-02", "--skip-done")
    assert again.returncode == 0, again.stderr
    assert {day: files_of(feature_source / f"dt=2013-06-0{day}") for day in (1, 2)} == before
    third = spark("changed_files", tmp_path, {"rows": table}, "--dt", "2013-06-01")
    assert third.returncode == 0, third.stderr
    assert files_of(feature_source / "dt=2013-06-01").keys() != before[1].keys(), "it was computed again"
    assert rows_of(feature_source / "dt=2013-06-01") == rows


def test_days_that_are_looked_back_at_and_are_not_there(tmp_path: Path) -> None:
    for day in ("01", "02", "04", "09", "12"):
        (tmp_path / "lines" / f"dt=2013-06-{day}").mkdir(parents=True)
        (tmp_path / "lines" / f"dt=2013-06-{day}" / "lines.txt").write_text("a\n")
    for day in ("01", "02", "12"):
        (tmp_path / "rows" / f"dt=2013-06-{day}").mkdir(parents=True)
        command = [str(python("job")), str(WRITE_PARTITION), str(tmp_path / "rows" / f"dt=2013-06-{day}" / "1.parquet")]
        written = json.dumps([["a", NOON_MS, {}]])
        subprocess.run(command, input=written, env=process_environment("job"), text=True, check=True)
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "1.csv").write_text("thing\na\n")
    tables = {name: tmp_path / name for name in ("lines", "rows", "others")}
    run = spark("looking_back", tmp_path, tables, "--dt", "2013-06-12")
    assert run.returncode == 0, run.stderr
    what = "looking_back: dt=2013-06-12: the query looks back at days of which the table"
    assert sorted(line for line in run.stderr.splitlines() if "looks back" in line) == [
        f"{what} lines has no partition: 2013-06-06, 2013-06-07, 2013-06-08 and 2 more days",
        f"{what} rows has no partition: 2013-06-10, 2013-06-11",
    ]
    day_end = 1_371_081_600_000  # 2013-06-13T00:00:00Z
    assert rows_of(tmp_path / "feature_source" / "looking_back" / "dt=2013-06-12") == [
        ("thing:a", day_end, {"seen_7d": "4"})
    ]
    early = spark("looking_back", tmp_path, tables, "--dt", "2013-06-02")
    assert early.returncode == 0, early.stderr
    assert "looks back" not in early.stderr, "the tables begin on the day before"


def files_of(partition: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in partition.glob("*.parquet")}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dt", "2013-06-31"], "day is out of range"),
        (["--dt", "yesterday"], "'yesterday' is not a day such as 2013-06-01"),
        (["--from", "2013-06-02", "--to", "2013-06-01"], "the first day first"),
        (["--dt", "2013-06-01", "--to", "2013-06-01"], "give --dt, or --from and --to"),
        ([], "give --dt, or --from and --to"),
    ],
)
def test_wrong_arguments_end_with_2(arguments: list[str], message: str, tmp_path: Path) -> None:
    run = spark("odd_days", tmp_path, {}, *arguments)
    assert run.returncode == 2
    assert message in run.stderr


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = build_package(FIXTURES / "spark" / "pipelines" / "odd_days", tmp_path / "dist", PIN)
    variables = {name: value for name, value in os.environ.items() if name != "WAREHOUSE"}
    command = [str(python("spark")), str(package.path / "run.py"), "--dt", "2013-06-01", "--feature-source"]
    missing = subprocess.run([*command, "/x"], env=variables, capture_output=True, text=True)
    assert (missing.returncode, missing.stderr) == (2, "odd_days: not set in the environment: WAREHOUSE\n")
    # as on a cluster: the other files lie in the working folder
    elsewhere = shutil.copy(package.path / "run.py", tmp_path)
    command_there = [command[0], str(elsewhere), *command[2:], "/x"]
    there = subprocess.run(command_there, env=variables, cwd=package.path, capture_output=True, text=True)
    assert (there.returncode, there.stderr) == (2, missing.stderr)
    stored = subprocess.run([*command, "s3a://x"], env=variables | {"WAREHOUSE": "/"}, capture_output=True, text=True)
    assert stored.returncode == 2
    assert "can't rename a folder at once" in stored.stderr
