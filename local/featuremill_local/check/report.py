"""What `check` says of a pipeline that its engine takes: of a stream its changes, what it keeps, and Flink's advice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from featuremill_codegen.lint.plan.planned import Operator, Planned, State
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from featuremill_local.check.batch_report import show_batch_plan
from featuremill_local.check.checking import Checked
from featuremill_local.check.row_sizes import MADE_OF
from featuremill_local.display import counted

_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms"))
_UNBOUNDED = "never: unbounded"


def show_plan(checked: Checked, console: Console) -> None:
    """Print the pipeline's plan in short. Nothing where its engine did not take it."""
    if checked.batch is not None:
        show_batch_plan(checked.name, checked.batch, checked.seconds, console)
    planned = checked.planned
    if planned is None:
        return
    milliseconds = f"{checked.seconds * 1000:.0f} ms"
    console.print(Text.assemble((checked.name, "bold"), f": {changes_text(planned)}, planned in {milliseconds}"))
    states = list(states_of(planned.operators))
    if states:
        console.print(_table(states))
        console.print(Text(f"sizes are estimates: {MADE_OF}", "dim"))
    else:
        console.print("no operator keeps state")
    for advice in planned.advice:
        console.print(Text.assemble(("Flink advises: ", "cyan"), advice))


def changes_text(planned: Planned) -> str:
    """The query's changelog mode in words."""
    if not planned.is_updating:
        return "rows are only added (INSERT)"
    return f"answers are updated ({', '.join(planned.changes)})"


def states_of(operators: Sequence[Operator]) -> Iterator[tuple[Operator, State]]:
    """Every state with its operator."""
    for operator in operators:
        for state in operator.states:
            yield operator, state


def until(operator: Operator, state: State) -> str:
    """When an entry of the state is dropped."""
    parts = [f"{duration(state.ttl_ms)} after its last change"] if state.ttl_ms is not None else []
    parts += [operator.drops] if operator.drops else []
    return " or ".join(parts) or _UNBOUNDED


def duration(milliseconds: int) -> str:
    """`2 d`, `90 min`.

    >>> duration(172_800_000), duration(5_400_000)
    ('2 d', '90 min')
    """
    return next(f"{milliseconds // size} {unit}" for size, unit in _UNITS if milliseconds % size == 0)


def _table(states: Sequence[tuple[Operator, State]]) -> Table:
    table = Table(box=box.ROUNDED)
    for column in ("operator", "key", "state", "entries", "bytes each", "dropped"):
        table.add_column(column, justify="right" if column == "bytes each" else "left", overflow="fold")
    previous = None
    for operator, state in states:
        first = operator is not previous
        previous = operator
        dropped = until(operator, state)
        table.add_row(
            Text(operator.kind if first else ""),
            Text((", ".join(operator.keys) or "none: one task") if first else ""),
            Text(state.name),
            Text(state.entry),
            Text(f"~{state.entry_bytes}"),
            Text(dropped, "yellow" if dropped == _UNBOUNDED else ""),
        )
    return table


def summary(checked: Sequence[Checked]) -> str:
    """`1 finding in 2 pipelines`."""
    findings = sum(len(each.findings) for each in checked)
    return f"{counted(findings, 'finding')} in {counted(len(checked), 'pipeline')}"
