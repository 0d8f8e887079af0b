"""Rules of what a pipeline must be to be loaded at all. The loading modules find their breaches."""

from __future__ import annotations

from featuremill_codegen.lint.loading.event_time_missing import EventTimeMissing
from featuremill_codegen.lint.loading.feature_names import FeatureNames
from featuremill_codegen.lint.loading.feature_sets import FeatureSets
from featuremill_codegen.lint.loading.feature_without_column import FeatureWithoutColumn
from featuremill_codegen.lint.loading.feature_yaml import FeatureYamlKeys
from featuremill_codegen.lint.loading.folder import PipelineFolder
from featuremill_codegen.lint.loading.key_missing import KeyMissing
from featuremill_codegen.lint.loading.key_type import KeyType
from featuremill_codegen.lint.loading.misplaced_statement import MisplacedStatement
from featuremill_codegen.lint.loading.misplaced_variable import MisplacedVariable
from featuremill_codegen.lint.loading.no_text_form import NoTextForm
from featuremill_codegen.lint.loading.setting import Setting
from featuremill_codegen.lint.loading.syntax import Syntax
from featuremill_codegen.lint.loading.table_name import TableName
from featuremill_codegen.lint.loading.ttl_below_max_age import TtlBelowMaxAge
from featuremill_codegen.lint.loading.type_not_visible import TypeNotVisible
from featuremill_codegen.lint.loading.udf_definition import UdfDefinition
from featuremill_codegen.lint.loading.unknown_name import UnknownName
from featuremill_codegen.lint.loading.unreadable_file import UnreadableFile
from featuremill_codegen.lint.rule import LoadingRule

RULES: tuple[type[LoadingRule], ...] = (
    UnreadableFile,
    Syntax,
    MisplacedStatement,
    FeatureYamlKeys,
    MisplacedVariable,
    KeyMissing,
    EventTimeMissing,
    FeatureNames,
    TypeNotVisible,
    KeyType,
    FeatureWithoutColumn,
    TableName,
    PipelineFolder,
    TtlBelowMaxAge,
    Setting,
    UdfDefinition,
    NoTextForm,
    UnknownName,
    FeatureSets,
)
