"""What is said of a failed job."""

from __future__ import annotations

import pytest
from featuremill_local.flink import root_cause_of

TRACE = """org.apache.flink.runtime.JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy
\tat org.apache.flink.runtime.Handler.handle(Handler.java:1)
Caused by: java.lang.RuntimeException: outer
\tat Something.java
Caused by: java.lang.NumberFormatException: For input string: '12x'. Invalid character found.
\t... 4 more
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
