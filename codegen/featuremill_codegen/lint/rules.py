"""All rules. Mistakes that keep a pipeline from being loaded at all are found while loading (FM100-FM124)."""

from __future__ import annotations

from featuremill_codegen.lint.cast_of_text import CastOfText
from featuremill_codegen.lint.entity_keys import EntityKeys
from featuremill_codegen.lint.feature_reused import FeatureReused
from featuremill_codegen.lint.ignored_parse_errors import IgnoredParseErrors
from featuremill_codegen.lint.integer_average import IntegerAverage
from featuremill_codegen.lint.literal_host import LiteralHost
from featuremill_codegen.lint.literal_secret import LiteralSecret
from featuremill_codegen.lint.other_pipeline import OtherPipeline
from featuremill_codegen.lint.rule import CrossRule, Rule
from featuremill_codegen.lint.select_star import SelectStar
from featuremill_codegen.lint.unknown_connector import UnknownConnector
from featuremill_codegen.lint.window_without_watermark import WindowWithoutWatermark

RULES: tuple[Rule, ...] = (
    UnknownConnector(),
    WindowWithoutWatermark(),
    IntegerAverage(),
    IgnoredParseErrors(),
    CastOfText(),
    SelectStar(),
    LiteralSecret(),
    LiteralHost(),
)
CROSS_RULES: tuple[CrossRule, ...] = (FeatureReused(), EntityKeys(), OtherPipeline())
