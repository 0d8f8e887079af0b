"""Runs the rules over pipelines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from featuremill_codegen.collection import list_pipelines
from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.feature_sets import load_feature_sets
from featuremill_codegen.lint import silences
from featuremill_codegen.lint.cache import Cache
from featuremill_codegen.lint.checked import Checked
from featuremill_codegen.lint.facts import Facts, Together, facts_of
from featuremill_codegen.lint.rules import BY_CODE, CROSS_RULES, ELSEWHERE, RULES, SILENCEABLE
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.names import no_such
from featuremill_codegen.pipeline import Pipeline, load_pipeline, too_deep
from featuremill_codegen.source import SourceFile


@dataclass(frozen=True)
class Result:
    """What lint found, sorted by place, and how many pipelines it was asked for."""

    findings: tuple[Finding, ...]
    pipelines: int


def lint(pipelines_root: Path, names: Iterable[str] | None = None) -> list[Finding]:
    """The findings that the pipelines `names` have a part in (all findings, without them), sorted by place.

    The others are read too, since some rules look at all pipelines together. Raises UsageError for a name that doesn't
    exist.
    """
    return list(run(pipelines_root, names, Cache(None)).findings)


def run(pipelines_root: Path, names: Iterable[str] | None, cache: Cache) -> Result:
    """As `lint`; pipelines that are as they were come from the cache, which is brought up to date."""
    root = Path(pipelines_root)
    known = list_pipelines(root)
    wanted = known if names is None else list(dict.fromkeys(names))
    for name in wanted:
        if name not in known:
            raise no_such("pipeline", name, known)
    checked = {name: cache.get(root / name, check_folder) for name in known}
    cache.save()
    findings = [finding for each in checked.values() for finding in each.findings]
    together = Together(tuple(each.facts for each in checked.values() if each.facts is not None), frozenset(known))
    findings += _together(together)
    findings += _feature_sets(root, together)
    quiet = [silence for each in checked.values() for silence in each.silences]
    findings = silences.apply(findings, quiet, BY_CODE, SILENCEABLE, ELSEWHERE)
    asked = set(wanted)
    chosen = {_explained(each) for each in findings if names is None or asked & {_pipeline_of(each), *each.others}}
    return Result(tuple(sorted(chosen)), len(wanted))


def check_folder(folder: Path) -> Checked:
    """All that the rules can say of one pipeline's folder by itself."""
    try:
        pipeline = load_pipeline(folder)
        return Checked(tuple(_rules(pipeline)), facts_of(pipeline), tuple(silences_in(pipeline)))
    except PipelineError as error:
        return Checked(error.findings, None, ())
    except RecursionError:
        return Checked((too_deep(folder),), None, ())


def check(pipeline: Pipeline, *, contract_only: bool = False) -> list[Finding]:
    """What the rules for one pipeline find that isn't silenced; only those of the contract (FM1xx), if so asked."""
    found = silences.apply(_rules(pipeline), silences_in(pipeline), BY_CODE, SILENCEABLE, ELSEWHERE)
    return sorted({_explained(each) for each in found if not contract_only or each.code.startswith("FM1")})


def check_together(pipelines: Sequence[Pipeline]) -> list[Finding]:
    """What the rules for all pipelines together find that isn't silenced."""
    facts: tuple[Facts, ...] = tuple(facts_of(pipeline) for pipeline in pipelines)
    found = _together(Together(facts, frozenset(each.name for each in facts)))
    quiet = [silence for pipeline in pipelines for silence in silences_in(pipeline)]
    codes = {rule.code for rule in CROSS_RULES}
    return [
        _explained(each) for each in silences.apply(found, quiet, BY_CODE, SILENCEABLE, ELSEWHERE) if each.code in codes
    ]


def _rules(pipeline: Pipeline) -> list[Finding]:
    subject = Subject(pipeline)
    return [finding for rule in RULES if pipeline.mode in rule.modes for finding in rule.check(subject)]


def _together(together: Together) -> list[Finding]:
    return [finding for rule in CROSS_RULES for finding in rule.check(together)]


def _feature_sets(root: Path, together: Together) -> list[Finding]:
    """What is wrong with feature_sets.yaml."""
    features: dict[str, list[str]] = defaultdict(list)
    givers: dict[str, list[str]] = defaultdict(list)
    for each in together.served():
        features[each.entity] += (feature.name for feature in each.features)
        givers[each.entity].append(each.name)
    all_are_known = len(together.facts) == len(together.names)
    try:
        load_feature_sets(root, features if all_are_known else None, givers)
    except PipelineError as error:
        return list(error.findings)
    return []


def silences_in(pipeline: Pipeline) -> list[silences.Silence]:
    """The silences in the pipeline's files."""
    files: dict[str, SourceFile] = {}
    statements = (*(table.statement for table in pipeline.tables), *pipeline.statements)
    for source in (pipeline.config_file.source, *(each.source for each in statements), pipeline.udf_source):
        if source is not None:
            files[source.path] = source
    return [silence for source in files.values() for silence in silences.silences_of(source)]


def _explained(finding: Finding) -> Finding:
    rule = BY_CODE.get(finding.code)
    return replace(finding, why=rule.why) if rule is not None else finding


def _pipeline_of(finding: Finding) -> str:
    return finding.path.split("/", 2)[1]
