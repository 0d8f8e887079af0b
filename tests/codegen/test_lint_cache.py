"""What lint remembers: never what is no longer true."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from featuremill_codegen.lint import cache as cache_module
from featuremill_codegen.lint import runner
from featuremill_codegen.lint.cache import Cache
from featuremill_codegen.lint.pages import examples, write_example
from featuremill_codegen.lint.rules import BY_CODE
from featuremill_codegen.scaffold import new_pipeline

Write = Callable[[str, str], Path]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the pipelines that were read and not remembered."""
    names: list[str] = []
    real = runner.check_folder
    monkeypatch.setattr(runner, "check_folder", lambda folder: (names.append(folder.name), real(folder))[1])
    return names


def _run(root: Path, file: Path, names: list[str] | None = None) -> list[tuple[str, str]]:
    return [(each.place, each.code) for each in runner.run(root, names, Cache(file)).findings]


@pytest.mark.parametrize("code", BY_CODE)
def test_what_is_remembered_is_what_was_found(code: str, tmp_path: Path, read: list[str]) -> None:
    root = tmp_path / "pipelines"
    write_example(examples(code)[0], root)
    first = runner.run(root, None, Cache(tmp_path / "cache.json"))
    count = len(read)
    assert runner.run(root, None, Cache(tmp_path / "cache.json")) == first
    assert len(read) == count
    assert first == runner.run(root, None, Cache(None))


def test_a_change_is_read_alone_and_the_others_still_count(demo: Path, tmp_path: Path, read: list[str]) -> None:
    second = new_pipeline(demo.parent, "second")
    file = tmp_path / "cache.json"
    assert _run(demo.parent, file) == []
    assert read == ["demo", "second"]
    text = (second / "feature.yaml").read_text(encoding="utf-8").replace("entity: second_page", "entity: demo_page")
    (second / "feature.yaml").write_text(text, encoding="utf-8")
    query = (second / "transform.sql").read_text(encoding="utf-8").replace("second_page", "demo_page")
    (second / "transform.sql").write_text(query, encoding="utf-8")
    found = _run(demo.parent, file, ["second"])
    assert read == ["demo", "second", "second"]
    assert [code for _, code in found] == ["FM116", "FM116"]
    assert _run(demo.parent, file, ["demo"]) == found


@pytest.mark.parametrize("name", ["feature.yaml", "source.sql", "transform.sql", "udf_def.py", "requirements.txt"])
def test_every_file_counts(name: str, demo: Path, tmp_path: Path, read: list[str]) -> None:
    _run(demo.parent, tmp_path / "cache.json")
    with (demo / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    _run(demo.parent, tmp_path / "cache.json")
    assert read == ["demo", "demo"]


def test_the_code_counts(demo: Path, tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    _run(demo.parent, tmp_path / "cache.json")
    monkeypatch.setattr(cache_module, "code_version", lambda: "another")
    _run(demo.parent, tmp_path / "cache.json")
    assert read == ["demo", "demo"]


def test_a_named_pipe_is_not_waited_for(demo: Path, tmp_path: Path) -> None:
    (demo / "transform.sql").unlink()
    os.mkfifo(demo / "transform.sql")
    assert [code for _, code in _run(demo.parent, tmp_path / "cache.json")] == ["FM100"]


def test_a_pipeline_that_is_gone_is_forgotten(demo: Path, tmp_path: Path) -> None:
    new_pipeline(demo.parent, "second")
    _run(demo.parent, tmp_path / "cache.json")
    demo.rename(tmp_path / "elsewhere")
    _run(demo.parent, tmp_path / "cache.json")
    assert list(json.loads((tmp_path / "cache.json").read_text(encoding="utf-8"))["pipelines"]) == ["second"]


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "nonsense", '{"code": "x", "pipelines": []}', "[" * 100_000, "\udcff"]
)
def test_a_broken_cache_is_no_cache(content: str, demo: Path, tmp_path: Path) -> None:
    file = tmp_path / "cache.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert _run(demo.parent, file) == []
    assert json.loads(file.read_text(encoding="utf-8"))["pipelines"].keys() == {"demo"}


def test_a_broken_entry_is_read_again(demo: Path, tmp_path: Path, read: list[str]) -> None:
    file = tmp_path / "cache.json"
    _run(demo.parent, file)
    value = json.loads(file.read_text(encoding="utf-8"))
    value["pipelines"]["demo"]["checked"] = {"findings": [[1]], "facts": 3, "silences": None}
    file.write_text(json.dumps(value), encoding="utf-8")
    assert _run(demo.parent, file) == []
    assert read == ["demo", "demo"]


@pytest.mark.parametrize("name", ["lint/rule.py", "catalogue/functions.json"])
def test_an_edit_of_lints_own_code_is_another_version(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lint").mkdir()
    (tmp_path / "catalogue").mkdir()
    monkeypatch.setattr(cache_module, "__file__", str(tmp_path / "lint" / "cache.py"))
    (tmp_path / name).write_text("1", encoding="utf-8")
    before = cache_module.code_version()
    assert cache_module.code_version() == before
    (tmp_path / name).write_text("2", encoding="utf-8")
    assert cache_module.code_version() != before


def test_a_cache_that_cant_be_written_is_no_reason_to_fail(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert _run(demo.parent, tmp_path / "file" / "cache.json") == []
