"""Looks at the rows of cases with the probes of a pipeline, on the engine that cases run on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.pipeline import Pipeline
from sqlglot import exp

from featuremill_local.cases.engine import CaseError
from featuremill_local.cases.engines import CaseEngine
from featuremill_local.cases.reading import Case
from featuremill_local.coverage.asked import asked_of
from featuremill_local.coverage.items import NULL
from featuremill_local.coverage.looks import Look, Probe
from featuremill_local.coverage.probe_program import LOOKS


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A SELECT that is run, and the looks that its columns are."""

    query: str
    looks: tuple[Look, ...]


class Looking:
    """The probes of one pipeline. `folder` is for the files that go to and fro."""

    def __init__(self, engine: CaseEngine, pipeline: Pipeline, probes: Sequence[Probe], folder: Path) -> None:
        self._engine, self._pipeline, self._probes, self._folder = engine, pipeline, probes, folder
        self._asked = asked_of(pipeline)
        self._accepted: list[_Accepted] = []
        self._runs = 0
        folder.mkdir(parents=True)

    def prepare(self, seconds: float) -> None:
        """Find out which probes the engine runs; looks that it refuses are unknown, and say why. Raises CaseError."""
        if not self._probes:
            return
        answer = self._folder / "answer.json"
        order = self._write("order.json", [self._order(probe) for probe in self._probes])
        self._engine.ask(self._pipeline, self._asked.program, ["--order", str(order), "--check", str(answer)], seconds)
        for probe, answers in zip(self._probes, json.loads(answer.read_text(encoding="utf-8")), strict=True):
            queries = self._queries(probe)
            by_query: dict[str, list[Look]] = {}
            for look, found in zip(probe.looks, answers, strict=True):
                if "refused" in found:
                    for item in look.items:
                        why = found["refused"].splitlines()[0].rstrip(".")
                        item.unknown = f"{self._asked.engine} can't run this alone: {why}"
                    continue
                if look.predicate is not None and not found["nullable"]:
                    item = look.items[0]
                    item.outcomes = tuple(each for each in item.outcomes if each != NULL)
                by_query.setdefault(queries[found["query"]], []).append(look)
            self._accepted += [
                _Accepted(self._with_columns(query, looks), tuple(looks)) for query, looks in by_query.items()
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
            self._engine.execute_beside(self._pipeline, case, self._asked.program, arguments, seconds)
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

    def _order(self, probe: Probe) -> dict[str, object]:
        """What the program is asked of a probe; `printed` is the query that it is made of, `view` its name."""
        tree = probe.statement.tree
        view = tree.this.find(exp.Table) if isinstance(tree, exp.Create) else None
        return {
            "queries": self._queries(probe),
            "looks": [self._look(look) for look in probe.looks],
            "view": view.name if view is not None else None,
            "printed": self._asked.sql(tree.expression if isinstance(tree, exp.Create) else tree),
        }

    def _look(self, look: Look) -> dict[str, str | None]:
        predicate = None if look.predicate is None else self._asked.sql(look.predicate)
        return {"value": self._asked.sql(look.value), "predicate": predicate}

    def _queries(self, probe: Probe) -> list[str]:
        return [self._marked(each) for each in (probe.query, probe.instead) if each is not None]

    def _marked(self, query: exp.Select) -> str:
        marked = query.copy()
        marked.set("expressions", [exp.column(LOOKS)])
        return self._asked.sql(marked)

    def _with_columns(self, query: str, looks: Sequence[Look]) -> str:
        columns = (f"{self._asked.sql(look.value)} AS c{number}" for number, look in enumerate(looks))
        return query.replace(LOOKS, ", ".join(columns))
