from __future__ import annotations

from featuremill_codegen.lint.rule import Documented


class UselessSilence(Documented):
    """A silence that silences nothing.

    What it was about has been mended or has moved. Codes that don't exist, and rules without which a pipeline can't
    run, can't be silenced either.
    """

    code = "FM403"
    why = "the next mistake of that kind on this line would be silenced unseen"
    fixable = True
    can_be_silenced = False
