"""Programs run one after the other in one process without seeing each other. (That they reach Flink: end to end.)"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from featuremill_local.submitter import run_program

PROGRAMS = Path(__file__).parent / "fixtures" / "programs"


def run(program: str, *arguments: str, folder: Path = PROGRAMS, **environment: str) -> tuple[int, str]:
    answer = run_program(
        {"program": str(folder / program), "arguments": list(arguments), "environment": {"GIVEN": "x", **environment}}
    )
    return answer["exit_code"], answer["output"]


def test_output_arguments_and_environment():
    assert run("speaks.py", "--a", "b", GIVEN="yes") == (0, "job of this program yes --a b\n")


def test_nothing_of_a_program_stays():
    before = dict(os.environ), list(sys.path), list(sys.argv)
    run("speaks.py", NEW="1")
    assert (dict(os.environ), list(sys.path), list(sys.argv)) == before
    assert "helper" not in sys.modules


def test_a_module_of_the_same_name_is_each_programs_own():
    assert run("speaks.py")[1].startswith("job of this program")
    assert run("speaks.py", folder=PROGRAMS.parent / "other_programs")[1].startswith("job of the other program")


def test_exit_codes():
    assert run("speaks.py", CODE="2")[0] == 2
    assert run("says_why.py") == (1, "a message\n")


def test_an_exception_is_told():
    code, output = run("raises.py")
    assert code == 1
    assert "ValueError: inside" in output
