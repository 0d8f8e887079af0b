from __future__ import annotations

from featuremill_codegen.lint.rule import Documented


class SilenceWithoutReason(Documented):
    """A silence without a rule or a reason.

    `-- featuremill: ignore FM201 because the topic is replayed from its start` silences one rule (or several, with
    commas between) on its own line, or on the next line where it has a line to itself. In `feature.yaml` and
    `udf_def.py` the comment begins with `#`.
    """

    code = "FM402"
    why = "nobody can tell later whether the silence still holds, so it stays for ever"
    can_be_silenced = False
