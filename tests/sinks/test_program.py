"""What the ingestion jobs' programs say when Flink refuses."""

from __future__ import annotations

import pytest
from featuremill_sinks.program import execute, root_cause, run

STACK = """An error occurred while calling o12.executeSql.
: org.apache.flink.table.api.ValidationException: SQL validation failed.
\tat org.apache.flink.Outer.call(Outer.java:1)
Caused by: org.apache.flink.table.api.ValidationException: Unable to create a sink.

Table options are:

'password'='hunter2'
\tat org.apache.flink.Inner.call(Inner.java:2)
\t... 3 more
"""


def test_the_innermost_cause_is_said_whole_and_without_secrets():
    assert root_cause(STACK, ["hunter2"]) == (
        "ValidationException: Unable to create a sink.\n\nTable options are:\n\n'password'='******'"
    )
    assert root_cause("something else", []) == "something else"


def test_our_own_errors_keep_their_traceback():
    def broken(arguments: list[str]) -> None:
        raise KeyError(*arguments)

    with pytest.raises(KeyError):
        run(broken, ["key"])


def test_flinks_errors_end_the_program():
    def refused(arguments: list[str]) -> None:
        raise type("Refused", (Exception,), {"__module__": "pyflink.util.exceptions"})(STACK)

    with pytest.raises(SystemExit, match=r"^error: ValidationException: Unable to create a sink"):
        run(refused, [])


class Job:
    """A Flink environment, its statement set, its result, its job and the job's future, as `execute` uses them."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.inserts: list[str] = []
        self.waited_for = False
        self.create_statement_set = self.execute = self.get_job_client = self.get_job_execution_result = lambda: self
        self.add_insert_sql = self.inserts.append

    def get_job_id(self) -> str:
        return "0123"

    def result(self) -> None:
        self.waited_for = True
        if self.failure is not None:
            raise self.failure


def test_a_job_is_waited_for_if_asked(capsys):
    job = Job()
    execute(job, ["INSERT 1", "INSERT 2"])
    assert (job.inserts, job.waited_for) == (["INSERT 1", "INSERT 2"], False)
    assert capsys.readouterr().out == "job 0123\n"
    execute(job, [], wait=True)
    assert job.waited_for
    assert capsys.readouterr().out == "job 0123\nfinished\n"
    with pytest.raises(RuntimeError, match="gone"):
        execute(Job(RuntimeError("gone")), [], wait=True)
    assert capsys.readouterr().out == "job 0123\n"
