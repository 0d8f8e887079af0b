from __future__ import annotations

import re
from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.plan.places import finding_of
from featuremill_codegen.lint.plan.planned import Planned
from featuremill_codegen.lint.plan.rule import PlanRule

LOST = re.compile(r"time attribute|time-attribute|rowtime attribute", re.IGNORECASE)
"""What Flink says where it refuses an operator that needs event time."""
HELP = "take the column from its table as it is: no CAST, no aggregate, no regular join between the table and here"


class WatermarkLost(PlanRule):
    """A watermark lost on the way.

    A column is event time only as long as it comes unchanged from the table whose WATERMARK it carries: a CAST, an
    aggregate, a regular join or an updating input makes an ordinary timestamp of it. Flink refuses a window over such a
    column. Of a join within bounds of time it makes a regular one, and of a GROUP BY that names half of a window
    (`window_end` without `window_start`) an ordinary one, both in silence: they update, and keep their state for ever.
    """

    code = "FM614"
    why = "what was meant to end with its window or its bounds keeps every row, and answers with updates"

    def check(self, planned: Planned) -> Iterator[Finding]:
        event_time = any(table.watermark is not None for table in planned.pipeline.tables)
        for operator in planned.operators:
            if operator.kind == "GroupAggregate" and operator.windowed:
                message = "The planner makes no window of this GROUP BY, but an aggregate that updates."
                help = "GROUP BY window_start and window_end, both, as the window function gives them"
                yield finding_of(planned, operator, self.code, message, help)
            elif event_time and operator.kind == "Join" and ":INTERVAL" in operator.description:
                message = (
                    "The planner takes the bounds of this join for any other condition: no event time is left here."
                )
                yield finding_of(planned, operator, self.code, message, HELP)
