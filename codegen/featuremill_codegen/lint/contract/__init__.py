"""Rules of the contract that a loaded pipeline can still break: what the planner would refuse at a job's start."""

from __future__ import annotations

from featuremill_codegen.lint.contract.argument_count import ArgumentCount
from featuremill_codegen.lint.contract.missing_option import MissingOption
from featuremill_codegen.lint.contract.unknown_connector import UnknownConnector
from featuremill_codegen.lint.contract.unknown_function import UnknownFunction
from featuremill_codegen.lint.contract.unknown_option import UnknownOption
from featuremill_codegen.lint.contract.wrong_option_value import WrongOptionValue
from featuremill_codegen.lint.rule import Rule

RULES: tuple[Rule, ...] = (
    UnknownConnector(),
    UnknownOption(),
    WrongOptionValue(),
    MissingOption(),
    UnknownFunction(),
    ArgumentCount(),
)
