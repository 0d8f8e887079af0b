from __future__ import annotations

from collections.abc import Iterator, Sequence

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import CrossRule
from featuremill_codegen.pipeline import Pipeline


class EntityKeys(CrossRule):
    """Two pipelines that name the keys of one entity differently.

    The entity's key is made of the key values in order: with other columns, or another order, one pipeline's rows would
    lie under keys that readers of the other never ask for.
    """

    code = "FM106"

    def check(self, pipelines: Sequence[Pipeline]) -> Iterator[Finding]:
        first: dict[str, Pipeline] = {}
        for pipeline in pipelines:
            entity = pipeline.config.entity
            other = first.setdefault(entity.name, pipeline)
            if other.config.entity.keys != entity.keys:
                keys = ", ".join(f"`{key}`" for key in other.config.entity.keys)
                message = f"In pipeline `{other.name}` the keys of entity `{entity.name}` are {keys}."
                help = "use the same columns in the same order, or another entity"
                yield pipeline.config_file.finding(self.code, message, ("entity",), help=help)
