"""A batch as a DAG of Airflow 3."""

from __future__ import annotations

from featuremill_codegen.render import fill
from featuremill_codegen.schedule.command_lines import NOT_THERE, VARIABLES
from featuremill_codegen.schedule.scheduled import Scheduled

DAY = "{{ day(dag_run, params) }}"


def render_airflow(batch: Scheduled) -> str:
    """The text of the file with the DAG, whose id is the pipeline's name. It imports Airflow alone."""
    commands = batch.commands(DAY)
    return fill(
        "airflow.py.j2",
        batch=batch,
        schedule=batch.schedule,
        variables=VARIABLES,
        waits={f"wait_for_{name}": commands.is_there(name) for name in batch.schedule.depends_on},
        not_there=NOT_THERE,
        compute=commands.compute(),
        ingest=commands.ingest(),
    )
