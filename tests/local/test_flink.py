"""What is said of a failed job."""

from __future__ import annotations

import pytest
from featuremill_local.flink import root_cause_of, stack_trace_of_cause

TRACE = """org.apache.flink.runtime.JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy
\tat org.apache.flink.runtime.Handler.handle(Handler.java:1)
Caused by: java.lang.RuntimeException: outer
\tat Something.java
Caused by: java.lang.NumberFormatException: For input string: '12x'. Invalid character found.
\t... 4 more
"""

# What the JobManager hears first when a task fails while one of its sources is given a split.
LOST_EVENT = """org.apache.flink.util.FlinkException: An OperatorEvent from an OperatorCoordinator to a task was lost.
\tat org.apache.flink.runtime.operators.coordination.SubtaskGatewayImpl.lambda$0(SubtaskGatewayImpl.java:1)
Caused by: org.apache.flink.runtime.operators.coordination.TaskNotRunningException: Task is not running, but FAILED
"""


@pytest.mark.parametrize(
    ("trace", "cause"),
    [
        (TRACE, "For input string: '12x'. Invalid character found."),
        ("java.lang.OutOfMemoryError: Java heap space\n\tat A.b(A.java:1)", "Java heap space"),
        ("java.lang.NullPointerException\n\tat A.b(A.java:1)", "java.lang.NullPointerException"),
        ("Task did not exit gracefully: it hung", "Task did not exit gracefully: it hung"),
    ],
)
def test_the_innermost_cause_in_its_own_words(trace, cause):
    assert root_cause_of(trace) == cause


@pytest.mark.parametrize(
    ("failures", "cause"),
    [
        ([], None),
        ([{"stacktrace": LOST_EVENT}], None),
        ([{"stacktrace": LOST_EVENT, "concurrentExceptions": [{"stacktrace": TRACE}]}], TRACE),
        ([{"stacktrace": LOST_EVENT}, {"stacktrace": TRACE}], TRACE),
        ([{"stacktrace": TRACE}, {"stacktrace": "an older one"}], TRACE),
    ],
)
def test_a_failure_that_followed_from_another_is_not_the_cause(failures, cause):
    assert stack_trace_of_cause(failures) == cause
