"""Histories: a stream's `bootstrap_from` names the batch that fills its past, under the stream's own name."""

from __future__ import annotations

from featuremill_codegen.collection import list_pipelines
from featuremill_codegen.errors import PipelineError
from featuremill_codegen.lint.runner import check_together
from featuremill_codegen.pipeline import Pipeline, load_pipeline


def history_of(stream: Pipeline) -> Pipeline | None:
    """The batch that the stream names as its history. Raises `PipelineError` if it can't be that."""
    name = stream.config.bootstrap_from
    if name is None:
        return None
    root = stream.folder.parent
    history = [load_pipeline(root / name)] if name in list_pipelines(root) else []
    findings = check_together([stream, *history])
    if findings:
        raise PipelineError(findings)
    return history[0]


def stream_of(batch: Pipeline) -> Pipeline | None:
    """The stream whose history the batch is; None for most. Raises `PipelineError` if the two don't fit."""
    root = batch.folder.parent
    for name in list_pipelines(root):
        config = root / name / "feature.yaml"
        # most pipelines name none, and loading a pipeline takes a hundred times longer than this look
        if config.is_file() and "bootstrap_from" in config.read_text(encoding="utf-8", errors="replace"):
            stream = load_pipeline(root / name)
            if stream.config.bootstrap_from == batch.name:
                history_of(stream)
                return stream
    return None
