"""One pipeline checked: loaded, asked about, its plan read, the rules on plans run over it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from featuremill_codegen.durations import parse_duration
from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.lint import silences
from featuremill_codegen.lint.plan import RULES
from featuremill_codegen.lint.plan.planned import Planned
from featuremill_codegen.lint.rules import BY_CODE, SILENCEABLE
from featuremill_codegen.lint.runner import silences_in
from featuremill_codegen.pipeline import Pipeline, load_pipeline

from featuremill_local.check.batch_plan import BatchPlan, read_batch_plan
from featuremill_local.check.compiled_plan import Plan
from featuremill_local.check.engines import NAMES, REFUSED, Engine
from featuremill_local.check.explained import advice_in, upsert_keys
from featuremill_local.check.refusals import refusal
from featuremill_local.check.spark_refusals import spark_refusal
from featuremill_local.check.type_check import differing_spark_types, differing_types
from featuremill_local.processes import PartError

STATE_TTL = "table.exec.state.ttl"


@dataclass(frozen=True, slots=True)
class Checked:
    """A pipeline's name, what was found, and where its engine took it, its plan. `seconds` is what the planner took.

    `planned` is a stream's, `batch` a batch's; `plan` is Flink's compiled plan (JSON), or Spark's physical one (text).
    """

    name: str
    findings: tuple[Finding, ...]
    planned: Planned | None = None
    batch: BatchPlan | None = None
    plan: str = ""
    seconds: float = 0.0


def check_pipeline(folder: Path, engine: Engine) -> Checked:
    """Load the pipeline and ask about it."""
    try:
        pipeline = load_pipeline(folder)
        began = time.monotonic()
        answer = engine.ask(pipeline)
    except PipelineError as error:
        return Checked(folder.name, tuple(map(explained, error.findings)))
    except PartError as error:  # the next question gets a new JVM
        shown = f"{folder.parent.name}/{folder.name}"
        message = f"{NAMES[pipeline.mode]}'s planner gave no answer: {error}"
        return Checked(folder.name, (explained(Finding(shown, 0, 0, REFUSED, message)),))
    seconds = time.monotonic() - began
    read = _batch if pipeline.mode == "batch" else _stream
    return replace(read(pipeline, answer), seconds=seconds)


def _stream(pipeline: Pipeline, answer: dict[str, Any]) -> Checked:
    if "error" in answer:
        return Checked(pipeline.name, (explained(refusal(pipeline, answer["stage"], answer["error"])),))
    planned = read_answer(pipeline, answer)
    found = [*differing_types(pipeline, answer["columns"]), *_by_rules(planned)]
    return Checked(pipeline.name, tuple(sorted({explained(each) for each in found})), planned, plan=answer["plan"])


def _batch(pipeline: Pipeline, answer: dict[str, Any]) -> Checked:
    if "error" in answer:
        return Checked(pipeline.name, (explained(spark_refusal(pipeline, answer)),))
    found = differing_spark_types(pipeline, answer["columns"])
    plan = read_batch_plan(answer)
    return Checked(pipeline.name, tuple(sorted(map(explained, found))), batch=plan, plan=answer["plan"])


def read_answer(pipeline: Pipeline, answer: dict[str, Any]) -> Planned:
    """The plan as the rules see it."""
    ttl = pipeline.config.flink.get(STATE_TTL, "0")
    plan = Plan(answer["plan"], None if ttl.strip().startswith("0") else parse_duration(ttl))
    advice, nondeterministic = advice_in(answer["explained"])
    keys = upsert_keys(answer["conflict"])
    return Planned(pipeline, plan.changes(), plan.operators(), keys, nondeterministic, advice)


def explained(finding: Finding) -> Finding:
    """The finding with the reason that its rule gives."""
    rule = BY_CODE.get(finding.code)
    return replace(finding, why=rule.why) if rule is not None and not finding.why else finding


def _by_rules(planned: Planned) -> list[Finding]:
    """What the rules on plans find that isn't silenced, and silences of theirs that silence nothing."""
    codes = {rule.code for rule in RULES}
    found = [finding for rule in RULES for finding in rule.check(planned)]
    quiet = [
        replace(each, codes=own)
        for each in silences_in(planned.pipeline)
        if (own := tuple(code for code in each.codes if code in codes))
    ]
    kept = silences.apply(found, quiet, BY_CODE, SILENCEABLE)
    return [each for each in kept if each.code in codes or each.code == silences.NO_USE]
