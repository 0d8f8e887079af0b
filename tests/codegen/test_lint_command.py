"""Which pipelines `lint` is about: names, and paths as pre-commit hands them over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from featuremill_codegen.cli import main
from featuremill_codegen.lint.command import pipelines_asked_for
from featuremill_codegen.scaffold import new_pipeline

REPOSITORY = Path(__file__).parents[2]


def test_names_and_paths(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = demo.parent
    new_pipeline(root, "other")
    (root / "README.md").touch()
    monkeypatch.chdir(root.parent)
    short = Path("pipelines")
    assert pipelines_asked_for(short, []) is None
    assert pipelines_asked_for(short, ["demo"]) == ["demo"]
    paths = ["pipelines/demo/transform.sql", "pipelines/demo/sample/page_views.jsonl", "pipelines/other/feature.yaml"]
    assert pipelines_asked_for(short, paths) == ["demo", "other"]
    assert pipelines_asked_for(short, [str(demo / "source.sql")]) == ["demo"]
    assert pipelines_asked_for(short, ["./pipelines/demo"]) == ["demo"]
    (root.parent / "README.md").touch()
    assert pipelines_asked_for(short, ["README.md", "pipelines/README.md"]) == []
    assert pipelines_asked_for(short, ["pipelines/gone/transform.sql"]) is None, "others may have named it"
    assert pipelines_asked_for(short, ["pipelines/../README.md"]) == []
    assert pipelines_asked_for(short, ["pipelines/feature_sets.yaml"]) is None, "it is about all of them"
    assert [pipelines_asked_for(short, [all_of_them]) for all_of_them in ("pipelines", ".", str(root))] == [None] * 3


@pytest.mark.parametrize("name", ["pipelines/demmo", "demmo"])
def test_a_path_of_no_pipeline(name: str, demo: Path, monkeypatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(demo.parents[1])
    assert main(["lint", name]) == 2
    assert capsys.readouterr().err == "error: There is no pipeline `demmo`.\nhelp: did you mean `demo`?\n"


def test_a_path_of_nothing(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "nowhere" / "x.sql"
    assert main(["lint", str(path), "--root", str(demo.parent)]) == 2
    assert capsys.readouterr().err == f"error: There is no file {path}.\n"


def test_paths_that_are_about_nothing_find_nothing(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (demo / "transform.sql").write_text("SELEC", encoding="utf-8")
    (tmp_path / "README.md").touch()
    assert main(["lint", str(tmp_path / "README.md"), "--root", str(demo.parent), "--format", "json"]) == 0
    output = capsys.readouterr()
    assert (json.loads(output.out), output.err) == ([], "0 findings in 0 pipelines\n")
    assert main(["lint", str(demo / "transform.sql"), "--root", str(demo.parent)]) == 1


def test_hooks_of_other_repositories(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(demo.parents[1])
    path = demo / "transform.sql"
    path.write_text(path.read_text(encoding="utf-8").replace("CAST(seconds AS DOUBLE)", "seconds"), encoding="utf-8")
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    commands = {each["id"]: each["entry"].removeprefix("python -m featuremill_codegen ").split() for each in hooks}
    assert main([*commands["featuremill-lint"], "pipelines/demo/transform.sql"]) == 1
    assert main([*commands["featuremill-lint-fix"], "pipelines/demo/transform.sql"]) == 0
    (demo.parents[1] / "README.md").touch()
    assert main([*commands["featuremill-lint"], "pipelines/demo/transform.sql", "README.md"]) == 0


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--explain", "FM201"]) == 0
    assert capsys.readouterr().out.startswith("# FM201: An event-time window over a source without a watermark\n")
    assert main(["lint", "--explain", "FM000"]) == 2
    assert "There is no rule `FM000`." in capsys.readouterr().err
    assert main(["lint", "--explain", ""]) == 2
    assert capsys.readouterr().err == "error: There is no rule ``.\nhelp: codegen/rules/README.md lists them\n"


def test_what_was_found_is_remembered_in_the_users_cache(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEATUREMILL_CACHE", str(tmp_path / "cache"))
    assert main(["lint", "--no-cache", "--root", str(demo.parent)]) == 0
    assert not (tmp_path / "cache").exists()
    assert main(["lint", "--root", str(demo.parent)]) == 0
    assert len(list((tmp_path / "cache" / "lint").iterdir())) == 1
