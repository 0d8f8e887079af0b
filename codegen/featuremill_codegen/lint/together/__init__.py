"""Rules that look at all pipelines together."""

from __future__ import annotations

from featuremill_codegen.lint.rule import CrossRule
from featuremill_codegen.lint.together.entity_keys import EntityKeys
from featuremill_codegen.lint.together.feature_reused import FeatureReused
from featuremill_codegen.lint.together.listpack_limit import ListpackLimit
from featuremill_codegen.lint.together.other_pipeline import OtherPipeline
from featuremill_codegen.lint.together.twin_differs import TwinDiffers
from featuremill_codegen.lint.together.unfit_history import UnfitHistory

RULES: tuple[CrossRule, ...] = (
    OtherPipeline(),
    EntityKeys(),
    TwinDiffers(),
    UnfitHistory(),
    FeatureReused(),
    ListpackLimit(),
)
