"""Findings for tools."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from featuremill_codegen.cli import main
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.formats import FORMATS, MACHINE_FORMATS
from featuremill_codegen.lint.pages import examples, findings_in, write_example


@pytest.mark.parametrize("name", MACHINE_FORMATS)
def test_format(name: str, fixtures: Path, expect) -> None:
    findings = [*findings_in(examples("FM202")[0]), *findings_in(examples("FM100")[0])]
    expect(fixtures / "expected" / "lint" / f"{name}.json", MACHINE_FORMATS[name](findings) + "\n")


@pytest.mark.parametrize("name", MACHINE_FORMATS)
def test_every_finding_has_its_form(name: str, in_bad_examples: dict[str, list[Finding]]) -> None:
    for code, findings in in_bad_examples.items():
        assert f'"{code}"' in json.dumps(json.loads(MACHINE_FORMATS[name](findings)))


def test_sarif_has_what_its_schema_requires() -> None:
    findings = findings_in(examples("FM202")[0]) * 2
    run = json.loads(MACHINE_FORMATS["sarif"](findings))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in run["results"]] == ["FM202", "FM202"]
    assert len(rules) == 1
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (4, 3, 15)


def test_fingerprints_differ_and_outlive_a_move_of_the_line(tmp_path: Path) -> None:
    from dataclasses import replace

    (finding,) = findings_in(examples("FM202")[0])
    moved = replace(finding, line=finding.line + 7)
    first, second = (issue["fingerprint"] for issue in json.loads(MACHINE_FORMATS["gitlab"]([finding, moved])))
    assert first != second
    assert json.loads(MACHINE_FORMATS["gitlab"]([moved]))[0]["fingerprint"] == first


@pytest.mark.parametrize("name", FORMATS)
def test_on_the_command_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "pipelines"
    write_example(examples("FM202")[0], root)
    assert main(["lint", "--format", name, "--no-cache", "--root", str(root)]) == 1
    output = capsys.readouterr()
    assert "FM202" in output.out
    assert output.err == "1 finding in 1 pipeline; --fix mends 1 of them\n"
    if name != "text":
        assert json.loads(output.out)


@pytest.mark.parametrize("name", FORMATS)
def test_names_of_folders_that_are_no_text(
    name: str, demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A Linux file name may be any bytes."""
    root = Path(os.fsdecode(os.fsencode(tmp_path / "caf") + b"\xe9"))
    demo.parent.rename(root)
    (root / "demo").rename(root / os.fsdecode(b"d\xe9mo"))
    assert main(["lint", "--root", str(root), "--format", name]) == 1
    assert "FM118" in capsys.readouterr().out
