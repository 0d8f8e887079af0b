"""Every rule fires on its bad example and stays silent on its good one, and its page is the one that is kept."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from featuremill_codegen.errors import UsageError
from featuremill_codegen.lint.command import explain
from featuremill_codegen.lint.pages import EXAMPLES, examples, findings_in, page
from featuremill_codegen.lint.rule import BATCH, BOTH, Rule
from featuremill_codegen.lint.rules import BY_CODE, CROSS_RULES, ELSEWHERE, RULES

PAGES = Path(__file__).parents[2] / "codegen" / "rules"


@pytest.mark.parametrize("code", [code for code in BY_CODE if code not in ELSEWHERE])
def test_fires_on_the_bad_example_alone(code: str) -> None:
    _fires(code, code)


def _fires(code: str, example: str) -> None:
    bad, good = examples(example)
    assert {each.code for each in findings_in(bad)} == {code}
    assert findings_in(good) == []


@pytest.mark.parametrize("code", [rule.code for rule in RULES if rule.modes == BOTH])
def test_fires_on_the_bad_batch_alone(code: str) -> None:
    _fires(code, f"{code}_batch")


@pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])
def test_the_example_is_of_the_rules_kind(rule: Rule) -> None:
    bad, _ = examples(rule.code)
    assert any(name.endswith(".hql") for name in bad) == (rule.modes == BATCH)


@pytest.mark.parametrize("code", BY_CODE)
def test_page_is_up_to_date(code: str) -> None:
    path = PAGES / f"{code}.md"
    if os.environ.get("UPDATE_EXPECTED") == "1":
        path.write_text(page(code), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == page(code)


def test_there_are_no_pages_and_examples_of_rules_that_are_gone() -> None:
    assert sorted(path.stem for path in PAGES.glob("FM*.md")) == list(BY_CODE)
    batches = {f"{rule.code}_batch" for rule in RULES if rule.modes == BOTH}
    assert {path.stem for path in EXAMPLES.glob("*.txt")} == {*BY_CODE, *batches}


def test_the_list_of_pages_is_up_to_date() -> None:
    lines = [f"| [{code}]({code}.md) | {rule.title()} |" for code, rule in BY_CODE.items()]
    path = PAGES / "README.md"
    text = path.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_EXPECTED") == "1":
        head = text[: text.index("|---|---|\n") + len("|---|---|\n")]
        path.write_text(text := head + "\n".join(lines) + "\n", encoding="utf-8")
    assert text.endswith("|---|---|\n" + "\n".join(lines) + "\n")


@pytest.mark.parametrize("rule", BY_CODE.values(), ids=BY_CODE)
def test_every_rule_says_what_it_is_for(rule: type) -> None:
    assert re.fullmatch(r"FM[1-6]\d\d", rule.code)
    assert 10 < len(rule.title()) < 100
    assert rule.explanation()
    assert 20 < len(rule.why) < 130
    assert rule.why[-1] != "."


def _good_queries() -> dict[str, str]:
    text = (Path(__file__).parent / "fixtures" / "lint" / "good_queries.sql").read_text(encoding="utf-8")
    return dict(re.findall(r"^-- (\w+)\n(.*?);\n", text, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("query", _good_queries().values(), ids=_good_queries())
def test_good_queries_raise_no_false_alarm(query: str, fixtures: Path) -> None:
    source = (fixtures / "lint" / "good_sources.sql").read_text(encoding="utf-8")
    assert findings_in({"source.sql": source, "transform.sql": query}) == []


def _cases(file: str) -> dict[str, tuple[str, str]]:
    """By name: the text of a case, and what is found in it."""
    text = (Path(__file__).parent / "fixtures" / "lint" / file).read_text(encoding="utf-8")
    found = re.findall(r"^-- (\w+): ([^\n]+)\n(.*?);\n", text, re.MULTILINE | re.DOTALL)
    return {name: (sql, expected) for name, expected, sql in found}


def _found(files: dict[str, str]) -> str:
    """The findings' codes and the texts that they underline."""
    found = [f"{each.code} {each.source_line[each.column - 1 :][: each.length]}" for each in findings_in(files)]
    return " | ".join(found) or "nothing"


@pytest.mark.parametrize(("query", "expected"), _cases("queries.sql").values(), ids=_cases("queries.sql"))
def test_what_is_found_in_queries(query: str, expected: str, fixtures: Path) -> None:
    source = (fixtures / "lint" / "good_sources.sql").read_text(encoding="utf-8")
    assert _found({"source.sql": source, "transform.sql": query}) == expected


@pytest.mark.parametrize(("source", "expected"), _cases("sources.sql").values(), ids=_cases("sources.sql"))
def test_what_is_found_in_sources(source: str, expected: str) -> None:
    assert _found({"source.sql": source}) == expected


def _config(setting: str) -> str:
    base = (EXAMPLES / "base" / "feature.yaml").read_text(encoding="utf-8")
    return base + f"flink: {{{setting}}}\n"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("table.exec.state.ttl: 1 d", "nothing"),
        ("table.exec.state.ttl: 0 ms", "FM205 page"),
        ("table.exec.mini-batch.enabled: true", "FM205 page"),
    ],
)
def test_a_time_to_live_of_zero_is_none(setting: str, expected: str) -> None:
    query = "SELECT page, MAX(viewed_at) AS event_time, COUNT(*) AS n FROM page_views GROUP BY page"
    assert _found({"feature.yaml": _config(setting), "transform.sql": query}) == expected


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("table.exec.source.idle-timeout: 1 min", []), ("table.exec.source.idle-timeout: 0 ms", ["FM208"])],
)
def test_an_idle_timeout_of_zero_is_none(setting: str, expected: list[str]) -> None:
    source, _ = _cases("sources.sql")["no_idle_timeout"]
    assert [each.code for each in findings_in({"feature.yaml": _config(setting), "source.sql": source})] == expected


def test_a_source_without_a_window_may_be_idle() -> None:
    source, _ = _cases("sources.sql")["no_idle_timeout"]
    query = "SELECT page, viewed_at AS event_time, seconds AS s FROM page_views"
    assert _found({"source.sql": source, "transform.sql": query}) == "nothing"


@pytest.mark.parametrize(("features", "expected"), [(127, []), (128, ["FM301"])])
def test_a_hash_of_128_fields_is_compact(features: int, expected: list[str]) -> None:
    columns = "".join(f", COUNT(*) AS f{number}" for number in range(features))
    query = (EXAMPLES / "base" / "transform.sql").read_text(encoding="utf-8")
    query = query.replace(",\n  COUNT(*) AS views_10min", columns)
    assert [each.code for each in findings_in({"transform.sql": query})] == expected


def test_a_code_belongs_to_one_rule() -> None:
    codes = [rule.code for rule in (*RULES, *CROSS_RULES)]
    assert len(codes) == len(set(codes))


def test_explain() -> None:
    assert explain("fm201") == page("FM201")
    with pytest.raises(UsageError, match="did you mean `FM201`"):
        explain("FM2001")
