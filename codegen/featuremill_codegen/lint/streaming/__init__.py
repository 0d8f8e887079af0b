"""Rules about time, state and values in a job that never ends."""

from __future__ import annotations

from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.streaming.cast_of_text import CastOfText
from featuremill_codegen.lint.streaming.expiring_dimension import ExpiringDimension
from featuremill_codegen.lint.streaming.falling_event_time import FallingEventTime
from featuremill_codegen.lint.streaming.idle_source import IdleSource
from featuremill_codegen.lint.streaming.ignored_parse_errors import IgnoredParseErrors
from featuremill_codegen.lint.streaming.integer_average import IntegerAverage
from featuremill_codegen.lint.streaming.integer_division import IntegerDivision
from featuremill_codegen.lint.streaming.lossy_cast import LossyCast
from featuremill_codegen.lint.streaming.nondeterministic_function import NondeterministicFunction
from featuremill_codegen.lint.streaming.nondeterministic_udf import NondeterministicUdf
from featuremill_codegen.lint.streaming.processing_time import ProcessingTime
from featuremill_codegen.lint.streaming.time_zone import TimeZone
from featuremill_codegen.lint.streaming.unbounded_state import UnboundedState
from featuremill_codegen.lint.streaming.window_without_watermark import WindowWithoutWatermark

RULES: tuple[Rule, ...] = (
    WindowWithoutWatermark(),
    IntegerAverage(),
    IgnoredParseErrors(),
    CastOfText(),
    UnboundedState(),
    ProcessingTime(),
    NondeterministicFunction(),
    IdleSource(),
    FallingEventTime(),
    LossyCast(),
    TimeZone(),
    NondeterministicUdf(),
    IntegerDivision(),
    ExpiringDimension(),
)
