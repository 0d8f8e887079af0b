from __future__ import annotations

from collections.abc import Iterator, Sequence

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import CrossRule
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.pipeline import Pipeline


class OtherPipeline(CrossRule):
    """A pipeline that names another one which doesn't exist, or itself."""

    code = "FM105"

    def check(self, pipelines: Sequence[Pipeline]) -> Iterator[Finding]:
        names = {pipeline.name for pipeline in pipelines}
        for pipeline in pipelines:
            for key in ("parity_with", "bootstrap_from"):
                other = getattr(pipeline.config, key)
                if other is not None and (other not in names or other == pipeline.name):
                    message = f"`{key}` names `{other}`, which is no other pipeline."
                    help = did_you_mean(other, names - {pipeline.name})
                    yield pipeline.config_file.finding(self.code, message, (key,), help=help)
