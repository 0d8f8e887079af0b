"""`format` on the command line: exit codes, what is written, what is said."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import featuremill_codegen
import pytest
from featuremill_codegen.cli import main

UGLY, PRETTY = "select a,b from t\n", "SELECT a, b\nFROM t\n"
REPOSITORY = Path(featuremill_codegen.__file__).parents[2]


@pytest.fixture
def root(demo: Path) -> list[str]:
    """The option that names the folder of the pipeline `demo`, whose query is in another style."""
    (demo / "transform.sql").write_text(UGLY, encoding="utf-8")
    return ["--root", str(demo.parent)]


def test_new_pipelines_and_the_examples_are_in_the_style(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["format", "--check", "--root", str(demo.parent)]) == 0
    assert main(["format", "--check", "--root", str(REPOSITORY / "pipelines")]) == 0
    assert capsys.readouterr().out == ""


def test_files_are_written(demo: Path, root: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (demo / "transform.sql").chmod(0o640)
    before = sorted(path.name for path in demo.iterdir())
    assert main(["format", *root]) == 0
    assert (demo / "transform.sql").read_text(encoding="utf-8") == PRETTY
    assert (demo / "transform.sql").stat().st_mode & 0o777 == 0o640
    output = capsys.readouterr()
    assert output.out == f"{demo / 'transform.sql'}\n"
    assert output.err == "1 file formatted, 1 file as it should be\n"
    assert main(["format", "demo", *root]) == 0
    assert capsys.readouterr().err == "2 files as they should be\n"
    assert sorted(path.name for path in demo.iterdir()) == before


def test_check(demo: Path, root: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["format", "--check", *root]) == 1
    output = capsys.readouterr()
    assert output.out.splitlines()[0] == str(demo / "transform.sql")
    assert "\n-select a,b from t\n+SELECT a, b\n+FROM t\n" in output.out
    assert "\033[" not in output.out
    assert output.err == "1 file would be formatted, 1 file as it should be\n"
    assert (demo / "transform.sql").read_text(encoding="utf-8") == UGLY


def test_diff(demo: Path, root: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["format", "--diff", str(demo / "transform.sql"), *root]) == 0
    assert capsys.readouterr().out.startswith(f"--- {demo / 'transform.sql'}\n+++ ")
    assert (demo / "transform.sql").read_text(encoding="utf-8") == UGLY


class Terminal(io.StringIO):
    """Takes what is printed as a terminal would. (A machine may have no pseudo terminals.)"""

    def isatty(self) -> bool:
        return True


def test_colours_on_a_terminal_only(demo: Path, root: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["format", "--check", *root]) == 1
    assert "\033[32m+SELECT a, b\033[0m" in terminal.getvalue()


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colours_where_they_are_not_wanted(
    name: str, value: str, demo: Path, root: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["format", "--check", *root]) == 1
    assert "\033" not in terminal.getvalue()


def test_what_does_not_parse_is_left_alone(demo: Path, root: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    broken = "select a,, b from t;\nselect   1"
    (demo / "transform.sql").write_text(broken, encoding="utf-8")
    (demo / "views.sql").write_text(UGLY, encoding="utf-8")
    assert main(["format", *root]) == 1
    output = capsys.readouterr()
    assert f"{demo / 'transform.sql'}:1:9: FM101 There is nothing behind this comma." in output.out
    assert output.err == "1 file formatted, 1 file as it should be, 1 file left alone\n"
    assert (demo / "transform.sql").read_text(encoding="utf-8") == broken
    assert (demo / "views.sql").read_text(encoding="utf-8") == PRETTY


@pytest.mark.parametrize(
    ("data", "message"), [(b"", "is empty"), (b"select '\xff'", "not UTF-8"), (b"select \0", "NUL character")]
)
def test_files_that_are_no_text(data: bytes, message: str, demo: Path, root: list[str], capsys) -> None:
    (demo / "transform.sql").write_bytes(data)
    assert main(["format", *root]) == 1
    assert message in capsys.readouterr().out
    assert (demo / "transform.sql").read_bytes() == data


def test_line_ends_and_byte_order_marks(demo: Path, root: list[str]) -> None:
    (demo / "transform.sql").write_bytes(b"\xef\xbb\xbfSELECT a, b\r\nFROM t\r\n")
    assert main(["format", "--check", *root]) == 1
    assert main(["format", *root]) == 0
    assert (demo / "transform.sql").read_bytes() == PRETTY.encode()


def test_a_link_stays_one(demo: Path, root: list[str], tmp_path: Path) -> None:
    (tmp_path / "elsewhere.sql").write_text(UGLY, encoding="utf-8")
    (demo / "transform.sql").unlink()
    (demo / "transform.sql").symlink_to(tmp_path / "elsewhere.sql")
    assert main(["format", *root]) == 0
    assert (demo / "transform.sql").is_symlink()
    assert (tmp_path / "elsewhere.sql").read_text(encoding="utf-8") == PRETTY


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (["demmo"], "There is no pipeline `demmo`.\nhelp: did you mean `demo`?"),
        (["nowhere.sql"], "There is no file nowhere.sql."),
        ([__file__], "is neither a .sql file (Flink SQL) nor a .hql file (HiveQL)."),
        (["-", "demo"], "`-` stands alone"),
        (["-", "--stdin-filename", "x.py"], "x.py is neither a .sql file (Flink SQL) nor a .hql file (HiveQL)."),
    ],
)
def test_usage(targets: list[str], message: str, root: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["format", *targets, *root]) == 2
    assert message in capsys.readouterr().err


def test_a_closed_stdin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert main(["format", "-"]) == 2
    assert capsys.readouterr().err == "error: `-` reads stdin, which is closed.\n"


def test_check_and_diff_together(root: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["format", "--check", "--diff", *root]) == 2
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "given", "code", "printed"),
    [
        ([], UGLY, 0, PRETTY),
        (["--stdin-filename", "x.hql"], "select a from t where dt=${dt}", 0, "SELECT a\nFROM t\nWHERE dt = ${dt}\n"),
        (["--check"], PRETTY, 0, ""),
        ([], "select a,, b", 1, ""),
    ],
)
def test_stdin(arguments, given, code, printed, monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode()), encoding="utf-8"))
    assert main(["format", "-", *arguments]) == code
    assert capsys.readouterr().out == printed


def test_stdin_is_checked(monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(UGLY.encode()), encoding="utf-8"))
    assert main(["format", "-", "--check"]) == 1
    assert capsys.readouterr().out.startswith("stdin.sql\n--- stdin.sql\n")
