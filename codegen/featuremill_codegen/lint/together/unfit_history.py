from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.facts import Facts, Together
from featuremill_codegen.lint.rule import CrossRule


class UnfitHistory(CrossRule):
    """A history that is a stream, or another stream's already.

    What `bootstrap_from` names is a batch: it is run for the days before the stream began, and its rows are written
    under the stream's name. The rows of one batch can't be written under two names, since both streams would give the
    same features. FM107 says what a history's features must be.
    """

    code = "FM108"
    why = "the stream's past would stay empty, and a reader would be told on its first day that values are missing"
    can_be_silenced = False

    def check(self, together: Together) -> Iterator[Finding]:
        first: dict[str, Facts] = {}
        for each in together.facts:
            history = together.by_name.get(each.bootstrap_from or "")
            if history is None or history is each:
                continue
            owner = first.setdefault(history.name, each)
            if history.mode != "batch":
                message = f"`{history.name}` is a stream; a history is a batch."
                help = "write it as a batch, with source.hql and transform.hql"
            elif owner is not each:
                message = f"`{history.name}` is the history of pipeline `{owner.name}` already."
                help = "a history of its own for each stream"
            else:
                continue
            others = (history.name, owner.name)
            yield each.places["bootstrap_from"].finding(self.code, message, help=help, others=others)
