from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.facts import Facts, Together
from featuremill_codegen.lint.rule import CrossRule


class EntityKeys(CrossRule):
    """Two pipelines that name the keys of one entity differently.

    The entity's key is made of the key values in order: with other columns, or another order, one pipeline's rows lie
    under keys that readers of the other never ask for.
    """

    code = "FM106"
    why = "readers of one pipeline would never find the rows of the other: the same entity has two kinds of keys"

    def check(self, together: Together) -> Iterator[Finding]:
        first: dict[str, Facts] = {}
        for each in together.facts:
            other = first.setdefault(each.entity, each)
            if other.keys != each.keys:
                keys = ", ".join(f"`{key}`" for key in other.keys)
                message = f"In pipeline `{other.name}` the keys of entity `{each.entity}` are {keys}."
                help = "use the same columns in the same order, or another entity"
                yield each.places["entity"].finding(self.code, message, help=help, others=(other.name,))
