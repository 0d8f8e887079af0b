"""`lineage`: its formats as files in fixtures/lineage/expected (UPDATE_EXPECTED=1 writes them anew), its refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from featuremill_codegen.cli import main

EXPECTED = Path(__file__).parent / "fixtures" / "lineage" / "expected"


@pytest.mark.parametrize(
    ("file", "arguments"),
    [
        ("aircraft_rotation.txt", ["aircraft_rotation"]),
        ("km_today.json", ["aircraft_rotation", "--feature", "km_today", "--format", "json"]),
        ("km_today.dot", ["--feature", "km_today", "--format", "dot"]),
        ("km_today.openlineage.json", ["--feature", "km_today", "--format", "openlineage"]),
        ("all.txt", []),
        ("departure_delay.txt", ["--source", "departures.departure_delay"]),
    ],
)
def test_formats(
    file: str,
    arguments: list[str],
    fixtures: Path,
    capsys: pytest.CaptureFixture[str],
    expect: Callable[[Path, str], None],
) -> None:
    assert main(["lineage", "--root", str(fixtures / "pipelines"), *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "\033" not in out
    expect(EXPECTED / file, out)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["aircraft_rotaton"], "There is no pipeline `aircraft_rotaton`.\nhelp: did you mean `aircraft_rotation`?\n"),
        (["--feature", "km_todya"], "There is no feature `km_todya`.\nhelp: did you mean `km_today`?\n"),
        (
            ["--source", "departures.departure_dely"],
            "There is no source column `departures.departure_dely`.\n"
            "help: did you mean `departures.departure_delay` or `departures.departure_time`?\n",
        ),
    ],
)
def test_names_that_do_not_exist(
    arguments: list[str], message: str, fixtures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lineage", "--root", str(fixtures / "pipelines"), *arguments]) == 2
    assert capsys.readouterr() == ("", f"error: {message}")


def test_a_folder_without_pipelines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lineage", "--root", str(tmp_path)]) == 2
    message = f"error: There are no pipelines in {tmp_path}.\nhelp: nox -s new -- <pipeline> makes one\n"
    assert capsys.readouterr() == ("", message)


def test_a_broken_pipeline_hides_no_other(
    demo: Path, write: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    other = demo.parent / "other"
    other.mkdir()
    for name in ("feature.yaml", "source.sql", "transform.sql"):
        (other / name).write_text((demo / name).read_text(encoding="utf-8"), encoding="utf-8")
    write("transform.sql", "SELECT FROM")
    assert main(["lineage", "--root", str(demo.parent), "--format", "json"]) == 1
    out, err = capsys.readouterr()
    assert {column["pipeline"] for column in json.loads(out)} == {"other"}
    assert "pipelines/demo/transform.sql:1" in err


def test_a_name_may_be_in_the_broken_pipeline(
    demo: Path, write: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    write("transform.sql", "SELECT FROM")
    assert main(["lineage", "--root", str(demo.parent), "--feature", "views_10min"]) == 1
    assert "pipelines/demo/transform.sql:1" in capsys.readouterr().err


def test_colours_on_a_terminal(
    fixtures: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["lineage", "--root", str(fixtures / "pipelines"), "aircraft_rotation"]) == 0
    assert "\033[" in capsys.readouterr().out


def test_a_pipeline_by_the_path_of_its_folder(
    demo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo.parents[1])
    assert main(["lineage", "demo"]) == 0
    by_name = capsys.readouterr().out
    assert main(["lineage", "pipelines/demo/"]) == 0
    assert capsys.readouterr().out == by_name
    assert main(["lineage", "elsewhere/demo"]) == 2


def test_a_source_that_names_no_servers_has_its_tables_name(
    demo: Path, write: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (demo / "source.sql").read_text(encoding="utf-8").splitlines(keepends=True)
    write("source.sql", "".join(line for line in lines if "bootstrap.servers" not in line))
    assert main(["lineage", "demo", "--root", str(demo.parent), "--format", "openlineage"]) == 0
    (dataset,) = json.loads(capsys.readouterr().out)
    fields = dataset["facets"]["columnLineage"]["fields"].values()
    assert {(each["namespace"], each["name"]) for field in fields for each in field["inputFields"]} == {
        ("featuremill", "page_views")
    }
