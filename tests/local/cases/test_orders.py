"""Other orders of a case's rows: which there may be, and the way to one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from featuremill_codegen.pipeline import load_pipeline
from featuremill_codegen.source import SourceFile
from featuremill_codegen.statements import cut, parse
from featuremill_codegen.tables import read_table
from featuremill_local.cases.case_yaml import CaseYaml
from featuremill_local.cases.event_times import Bound, bound_of, milliseconds
from featuremill_local.cases.json_lines import read_lines
from featuremill_local.cases.orders import other_order, why_kept
from featuremill_local.cases.outcome import Outcome
from featuremill_local.cases.reading import Case, Input
from featuremill_local.cases.shuffling import Shuffler
from featuremill_local.cases.wire import FeatureRow

COLUMNS = "k STRING, n INT, at_ms AS n * 1000, at_time TIMESTAMP_LTZ(3)"


def table(watermark: str = "", key: str = "", connector: str = "kafka", format: str = "json"):
    parts = [COLUMNS, *([f"WATERMARK FOR {watermark}"] if watermark else []), *([key] if key else [])]
    text = f"CREATE TABLE t ({', '.join(parts)}) WITH ('connector' = '{connector}', 'format' = '{format}')"
    source = SourceFile("source.sql", text)
    findings = []
    read = read_table(parse(source, cut(source)[0]), findings)
    assert read is not None, findings
    return read


UPSERT = table(key="PRIMARY KEY (k) NOT ENFORCED", connector="upsert-kafka")


def given(tmp_path, read, *rows) -> Input:
    """Rows are (key, second of the hour), or objects as they stand in the file."""
    path = tmp_path / "t.jsonl"
    objects = [
        row
        if isinstance(row, dict)
        else {"k": row[0], "n": number, "at_time": None if row[1] is None else f"2026-01-01T06:{row[1]:02}:00Z"}
        for number, row in enumerate(rows)
    ]
    path.write_text("".join(json.dumps(each) + "\n" for each in objects))
    findings = []
    lines = read_lines(path, path.name, findings)
    assert not findings
    return Input(read, path.name, path, tuple(lines))


@pytest.mark.parametrize(
    ("watermark", "bound"),
    [
        ("at_time AS at_time", Bound("at_time", 0)),
        ("at_time AS at_time - INTERVAL '5' MINUTE", Bound("at_time", 300_000)),
        ("at_time AS at_time - INTERVAL '0.001' SECOND", Bound("at_time", 1)),
        ("at_time AS at_time - INTERVAL '2' DAY", Bound("at_time", 172_800_000)),
        ("at_time AS at_time - INTERVAL '1:30' MINUTE TO SECOND", None),
        ("at_time AS at_time - INTERVAL '1' MONTH", None),
        ("at_time AS at_time + INTERVAL '1' MINUTE", None),
        ("at_ms AS at_ms", None),
    ],
)
def test_a_tables_watermark(watermark, bound):
    assert bound_of(table(watermark)) == bound


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01T00:00:01", 1000),
        ("1970-01-01 00:00:01.5", 1500),
        ("1970-01-01T00:00:01.123456789Z", 1123),
        ("1970-01-01T01:00:00+01:00", 0),
    ],
)
def test_times_are_cut_to_milliseconds(text, expected):
    assert milliseconds(text) == expected


def late(lines, delay_minutes: int) -> Counter:
    """The rows that are late with the watermark at their arrival, as the source's reader would have it."""
    found: Counter = Counter()
    watermark = -1
    for line in lines:
        values = line.values()
        if "@watermark" in values:
            watermark = max(watermark, milliseconds(values["@watermark"]))
        elif values.get("at_time") is not None:
            time = milliseconds(values["at_time"])
            if time <= watermark:
                found[line.number, watermark] += 1
            watermark = max(watermark, time - delay_minutes * 60_000)
    return found


def test_the_same_rows_are_late_in_every_order_and_on_every_way_there(tmp_path):
    read = table("at_time AS at_time - INTERVAL '5' MINUTE")
    random = Random(4)
    several = 0
    for _ in range(60):
        rows = [("a", random.choice([None, *range(12)])) for _ in range(9)]
        rows.insert(random.randrange(9), {"@watermark": f"2026-01-01T06:{random.randrange(20):02}:00Z"})
        rows.insert(random.randrange(9), {"@idle": True})
        case = given(tmp_path, read, *rows)
        way = other_order(case, random)
        several += way.length > 1
        for step in range(way.length + 1):
            assert late(way.at(step), 5) == late(case.lines, 5)
            assert Counter(line.number for line in way.at(step)) == Counter(line.number for line in case.lines)
    assert several > 20


def test_a_way_ends_in_its_order_by_exchanging_neighbours(tmp_path):
    case = given(tmp_path, table(), *[("a", second) for second in range(6)])
    way = other_order(case, Random(1))
    assert way.at(0) == case.lines
    assert way.at(way.length) == tuple(case.lines[index] for index in way.order) != case.lines
    for step in range(way.length):
        changed = [left is not right for left, right in zip(way.at(step), way.at(step + 1), strict=True)]
        assert sum(changed) == 2


def test_rows_beyond_the_bound_keep_their_order(tmp_path):
    case = given(tmp_path, table("at_time AS at_time - INTERVAL '5' MINUTE"), ("a", 1), ("a", 7), ("a", 13))
    assert all(other_order(case, Random(seed)).length == 0 for seed in range(20))
    near = given(tmp_path, table("at_time AS at_time - INTERVAL '5' MINUTE"), ("a", 1), ("a", 5), ("a", 9))
    orders = {tuple(other_order(near, Random(seed)).order) for seed in range(50)}
    assert orders == {(0, 1, 2), (1, 0, 2), (0, 2, 1)}


def test_nothing_passes_a_line_that_moves_time(tmp_path):
    for marker in ({"@idle": True}, {"@watermark": "2026-01-01T06:00:00Z"}):
        case = given(tmp_path, table("at_time AS at_time - INTERVAL '5' MINUTE"), ("a", 1), marker, ("b", 1))
        assert all(other_order(case, Random(seed)).length == 0 for seed in range(20))


def test_changes_of_a_key_keep_their_order_and_may_come_twice(tmp_path):
    case = given(tmp_path, UPSERT, ("a", 1), ("a", 2), ("b", 3), ("a", 4))
    arrangements = set()
    for seed in range(100):
        way = other_order(case, Random(seed))
        keys = [(line.values()["k"], line.number) for line in way.at(way.length)]
        arrangements.add(tuple(keys))
        for key in "ab":
            numbers = [number for name, number in keys if name == key]
            assert numbers == sorted(numbers)
    assert any(len(each) > 4 for each in arrangements)
    assert any(each[0][0] == "b" for each in arrangements)


def test_appended_rows_come_twice_only_where_the_case_says_so(tmp_path):
    case = given(tmp_path, table(), ("a", 1), ("a", 2), ("b", 3))
    lengths = {len(other_order(case, Random(seed)).order) for seed in range(50)}
    assert lengths == {3}
    twice = [other_order(case, Random(seed), twice=True) for seed in range(50)]
    assert {len(way.order) for way in twice} > {3, 4}
    way = next(way for way in twice if len(way.order) == 5)
    assert [len(way.at(step)) for step in range(3)] == [3, 4, 5]


def test_a_row_that_would_be_late_the_second_time_comes_once(tmp_path):
    case = given(tmp_path, table("at_time AS at_time"), ("a", 1), ("a", 2), ("b", 3))
    assert all(other_order(case, Random(seed), twice=True).length == 0 for seed in range(20))


def test_tables_that_keep_their_order(tmp_path):
    assert why_kept(table()) == why_kept(table("at_time AS at_time")) == why_kept(UPSERT) == ""
    assert "watermark of t is no column" in why_kept(table("at_ms AS at_ms"))
    log = table(format="debezium-json")
    assert "t is a log of changes without a PRIMARY KEY" in why_kept(log)
    case = given(tmp_path, log, ("a", 1), ("b", 2))
    assert all(other_order(case, Random(seed)).length == 0 for seed in range(20))


PIPELINE = load_pipeline(Path(__file__).parent / "fixtures" / "pipelines" / "readings")


def last_row_wins(case: Case) -> Outcome:
    """A query whose answer is the row that came last, of those before the fifth."""
    lines = [line for each in case.inputs for line in each.lines]
    (read,) = [each.path.read_text().splitlines() for each in case.inputs]
    assert read == [line.text for line in lines]
    last = [line.number for line in lines if line.number < 5][-1]
    return Outcome((FeatureRow("place:a:1", "2026-01-01T06:00:00Z", {"price": str(last), "highest": None}),))


def case_of(rows: Input, told: CaseYaml | None = None) -> Case:
    return Case("a_case", rows.path.parent, (rows,), (), None, (), told or CaseYaml())


def test_an_order_that_gives_something_else_is_led_back_to_what_decides(tmp_path):
    case = case_of(given(tmp_path, table(), *[("a", second) for second in range(8)]))
    executed = []

    def execute(each: Case) -> Outcome:
        executed.append(each)
        return last_row_wins(each)

    found = Shuffler(PIPELINE, execute, tmp_path / "orders", 3).run(case, last_row_wins(case), 10)
    deviation = found.deviation
    assert deviation is not None
    assert found.tried == deviation.number
    assert len(executed) < 10
    (difference,) = deviation.differences
    assert (difference.feature, difference.expected) == ("price", "4")
    assert difference.actual == str(last_row_wins(deviation.case).rows[0].features["price"])
    assert deviation.step == f"line {difference.actual} of t.jsonl, which comes before line 4" or (
        deviation.step.startswith("line 4 of t.jsonl, which comes before line")
    )


def test_the_seed_decides_over_the_orders(tmp_path):
    case = case_of(given(tmp_path, table(), *[("a", second) for second in range(6)]))

    def orders(seed: int, folder: str) -> list[list[int]]:
        found = []

        def execute(each: Case) -> Outcome:
            found.append([line.number for line in each.inputs[0].lines])
            return Outcome(())

        Shuffler(PIPELINE, execute, tmp_path / folder, seed).run(case, Outcome(()), 5)
        return found

    assert orders(1, "a") == orders(1, "b") != orders(2, "c")
    assert len({tuple(each) for each in orders(1, "d")} | {(1, 2, 3, 4, 5, 6)}) == 6


def test_where_order_matters_nothing_is_led_back(tmp_path):
    case = case_of(given(tmp_path, table(), ("a", 1), ("a", 2)), CaseYaml(order_matters="the last one wins"))
    found = Shuffler(PIPELINE, last_row_wins, tmp_path / "orders", 1).run(case, last_row_wins(case), 5)
    assert found.tried == 1
    assert found.deviation is not None


def test_no_more_orders_than_there_are(tmp_path):
    case = case_of(given(tmp_path, table(), ("a", 1), ("a", 2)))
    same = Outcome(())
    assert Shuffler(PIPELINE, lambda _: same, tmp_path / "orders", 1).run(case, same, 5).tried == 1


def test_a_key_that_was_removed_is_as_good_as_none(tmp_path):
    case = case_of(given(tmp_path, table(), ("a", 1), ("a", 2)))
    removed = Outcome((FeatureRow("place:a:1", "2026-01-01T06:00:00Z", {"price": None, "highest": None}),))
    found = Shuffler(PIPELINE, lambda _: Outcome(()), tmp_path / "orders", 1).run(case, removed, 1)
    assert found.deviation is None
