"""Runs the rules over pipelines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from featuremill_codegen.collection import list_pipelines, load_all
from featuremill_codegen.errors import Finding, UsageError
from featuremill_codegen.lint.rules import CROSS_RULES, RULES
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.pipeline import Pipeline


def lint(pipelines_root: Path, names: Iterable[str] | None = None) -> list[Finding]:
    """The findings in the pipelines `names` (in all, without them), sorted by place.

    The others are read too, since some rules look at all pipelines together. Raises UsageError for a name that doesn't
    exist.
    """
    root = Path(pipelines_root)
    known = list_pipelines(root)
    wanted = known if names is None else list(names)
    for name in wanted:
        if name not in known:
            raise UsageError(
                f"There is no pipeline `{name}`.\nhelp: {did_you_mean(name, known)}".removesuffix("\nhelp: ")
            )
    pipelines, findings = load_all(root)
    findings += [finding for pipeline in pipelines for finding in check(pipeline)]
    findings += check_together(pipelines)
    prefixes = tuple(f"{root.resolve().name}/{name}" for name in wanted)
    return sorted(finding for finding in set(findings) if _folder(finding) in prefixes)


def check(pipeline: Pipeline, *, contract_only: bool = False) -> list[Finding]:
    """What the rules for one pipeline find; only those of the contract (FM1xx), if so asked."""
    rules = [rule for rule in RULES if not contract_only or rule.code.startswith("FM1")]
    return [finding for rule in rules for finding in rule.check(pipeline)]


def check_together(pipelines: Sequence[Pipeline]) -> list[Finding]:
    """What the rules for all pipelines together find."""
    return [finding for rule in CROSS_RULES for finding in rule.check(pipelines)]


def _folder(finding: Finding) -> str:
    return "/".join(finding.path.split("/")[:2])
