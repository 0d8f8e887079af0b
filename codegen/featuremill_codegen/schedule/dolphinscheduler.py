"""A batch as a workflow of DolphinScheduler, in the form of its Python SDK."""

from __future__ import annotations

from math import ceil

from featuremill_codegen.render import fill
from featuremill_codegen.schedule.command_lines import VARIABLES
from featuremill_codegen.schedule.scheduled import Scheduled

DAY = "${dt}"
MINUTE_MS = 60_000


def render_dolphinscheduler(batch: Scheduled) -> str:
    """The text of the program that submits the workflow, whose name is the pipeline's. It imports the SDK alone."""
    commands = batch.commands(DAY)
    sla = batch.schedule.sla
    return fill(
        "dolphinscheduler.py.j2",
        batch=batch,
        schedule=batch.schedule,
        variables=VARIABLES,
        cron=batch.schedule.times.quartz(),
        retry_minutes=ceil(batch.schedule.retry_delay / MINUTE_MS),
        sla_minutes=ceil(sla / MINUTE_MS) if sla is not None else 0,
        compute=commands.compute(),
        ingest=commands.ingest(),
    )
