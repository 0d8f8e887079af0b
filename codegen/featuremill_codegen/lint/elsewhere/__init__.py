"""Codes of findings that other commands bring: the formatter, golden cases, and `check` where no plan came about."""

from __future__ import annotations

from featuremill_codegen.lint.elsewhere.case_column import CaseColumn
from featuremill_codegen.lint.elsewhere.case_expectation import CaseExpectation
from featuremill_codegen.lint.elsewhere.case_folder import CaseFolder
from featuremill_codegen.lint.elsewhere.case_syntax import CaseSyntax
from featuremill_codegen.lint.elsewhere.case_terms import CaseTerms
from featuremill_codegen.lint.elsewhere.case_value import CaseValue
from featuremill_codegen.lint.elsewhere.formatter_stopped import FormatterStopped
from featuremill_codegen.lint.elsewhere.functions_not_imported import FunctionsNotImported
from featuremill_codegen.lint.elsewhere.other_type import OtherType
from featuremill_codegen.lint.elsewhere.parity import Parity
from featuremill_codegen.lint.elsewhere.refused_by_planner import RefusedByPlanner
from featuremill_codegen.lint.rule import LoadingRule

RULES: tuple[type[LoadingRule], ...] = (
    FormatterStopped,
    CaseSyntax,
    CaseColumn,
    CaseValue,
    CaseExpectation,
    CaseFolder,
    RefusedByPlanner,
    OtherType,
    FunctionsNotImported,
    CaseTerms,
    Parity,
)
