from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.facts import Together
from featuremill_codegen.lint.rule import CrossRule
from featuremill_codegen.names import did_you_mean


class OtherPipeline(CrossRule):
    """A pipeline that names another one which doesn't exist, or itself.

    `parity_with` names the pipeline that this one is compared with, `bootstrap_from` the one that fills its past.
    """

    code = "FM105"
    why = "the comparison or the history that this key asks for would never happen"
    can_be_silenced = False

    def check(self, together: Together) -> Iterator[Finding]:
        for each in together.facts:
            for key in ("parity_with", "bootstrap_from"):
                other = getattr(each, key)
                if other is not None and (other not in together.names or other == each.name):
                    message = f"`{key}` names `{other}`, which is no other pipeline."
                    help = did_you_mean(other, together.names - {each.name})
                    yield each.places[key].finding(self.code, message, help=help)
