"""Looks at the rows of cases with the probes of a pipeline, on the Flink that cases run on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.dialect import Flink
from featuremill_codegen.pipeline import Pipeline
from sqlglot import exp

from featuremill_local.cases.engine import CaseError, Engine
from featuremill_local.cases.reading import Case
from featuremill_local.coverage import probe_program
from featuremill_local.coverage.items import NULL
from featuremill_local.coverage.looks import Look, Probe

PROGRAM = Path(probe_program.__file__)


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A SELECT that Flink runs, and the looks that its columns are."""

    query: str
    looks: tuple[Look, ...]


class Looking:
    """The probes of one pipeline. `folder` is for the files that go to and fro."""

    def __init__(self, engine: Engine, pipeline: Pipeline, probes: Sequence[Probe], folder: Path) -> None:
        self._engine, self._pipeline, self._probes, self._folder = engine, pipeline, probes, folder
        self._accepted: list[_Accepted] = []
        self._runs = 0
        folder.mkdir(parents=True)

    def prepare(self, seconds: float) -> None:
        """Find out which probes Flink runs; looks that it refuses are unknown, and say why. Raises CaseError."""
        if not self._probes:
            return
        answer = self._folder / "answer.json"
        orders = [{"queries": _queries(probe), "looks": [_sql(look) for look in probe.looks]} for probe in self._probes]
        order = self._write("order.json", orders)
        self._engine.ask(self._pipeline, PROGRAM, ["--order", str(order), "--check", str(answer)], seconds)
        for probe, answers in zip(self._probes, json.loads(answer.read_text(encoding="utf-8")), strict=True):
            queries = _queries(probe)
            by_query: dict[str, list[Look]] = {}
            for look, found in zip(probe.looks, answers, strict=True):
                if "refused" in found:
                    for item in look.items:
                        item.unknown = f"Flink can't run this alone: {found['refused'].splitlines()[0].rstrip('.')}"
                    continue
                if look.predicate is not None and not found["nullable"]:
                    item = look.items[0]
                    item.outcomes = tuple(each for each in item.outcomes if each != NULL)
                by_query.setdefault(queries[found["query"]], []).append(look)
            self._accepted += [
                _Accepted(_with_columns(query, looks), tuple(looks)) for query, looks in by_query.items()
            ]

    def look(self, case: Case, seconds: float) -> str:
        """See what the rows of a case exercise; why that could not be seen, empty where it could."""
        if not self._accepted:
            return ""
        self._runs += 1
        folder = self._folder / str(self._runs)
        folder.mkdir()
        order = self._write(f"order-{self._runs}.json", [each.query for each in self._accepted])
        arguments = ["--order", str(order), "--rows", str(folder)]
        try:
            self._engine.execute_beside(self._pipeline, case, PROGRAM, arguments, seconds)
        except CaseError as error:
            return f"{case.name} could not be looked at: {error}"
        for number, accepted in enumerate(self._accepted):
            for line in (folder / f"{number}.jsonl").read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                for column, look in enumerate(accepted.looks):
                    outcome = row.get(f"c{column}")
                    if outcome is not None:
                        look.see(outcome)
        return ""

    def _write(self, name: str, order: object) -> Path:
        path = self._folder / name
        path.write_text(json.dumps(order), encoding="utf-8")
        return path


def _queries(probe: Probe) -> list[str]:
    return [_marked(each) for each in (probe.query, probe.instead) if each is not None]


def _marked(query: exp.Select) -> str:
    marked = query.copy()
    marked.set("expressions", [exp.column(probe_program.LOOKS)])
    return marked.sql(dialect=Flink, comments=False)


def _sql(look: Look) -> dict[str, str | None]:
    predicate = None if look.predicate is None else look.predicate.sql(dialect=Flink, comments=False)
    return {"value": look.value.sql(dialect=Flink, comments=False), "predicate": predicate}


def _with_columns(query: str, looks: Sequence[Look]) -> str:
    columns = (f"{look.value.sql(dialect=Flink, comments=False)} AS c{number}" for number, look in enumerate(looks))
    return query.replace(probe_program.LOOKS, ", ".join(columns))
