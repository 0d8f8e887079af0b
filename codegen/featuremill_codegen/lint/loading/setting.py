from __future__ import annotations

from featuremill_codegen.lint.rule import STREAM, LoadingRule


class Setting(LoadingRule):
    """A Flink setting that a pipeline may not make.

    `flink:` takes parallelism, state's time to live, checkpoint intervals and what tunes the planner. Time
    zones, state backends and the rest are the platform's.
    """

    code = "FM120"
    modes = STREAM
    why = "settings of the platform keep all jobs alike: a pipeline that changes one breaks promises made to others"
