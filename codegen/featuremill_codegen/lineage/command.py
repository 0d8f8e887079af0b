"""The command: what was asked for, out of the pipelines, in one of the formats.

Exit codes: 0 shown; 1 a pipeline can't be loaded (the others are shown); 2 a name that doesn't exist.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from featuremill_codegen.collection import find_pipeline, load_all
from featuremill_codegen.errors import FeaturemillError, PipelineError, UsageError
from featuremill_codegen.lineage.dot import write_dot
from featuremill_codegen.lineage.entries import Entry, entries_of
from featuremill_codegen.lineage.json import write_json
from featuremill_codegen.lineage.openlineage import write_openlineage
from featuremill_codegen.lineage.text import write_by_source, write_tree
from featuremill_codegen.names import no_such
from featuremill_codegen.pipeline import Pipeline, load_pipeline

_FORMATS: Mapping[str, Callable[[Sequence[Entry], TextIO], None]] = {
    "text": write_tree,
    "json": write_json,
    "dot": write_dot,
    "openlineage": write_openlineage,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("pipeline", nargs="?", metavar="PIPELINE", help="which one (all, by source column)")
    parser.add_argument("--feature", metavar="NAME", help="only this feature")
    parser.add_argument("--source", metavar="TABLE.COLUMN", help="only what this source column reaches")
    parser.add_argument("--format", choices=_FORMATS, default="text", help="how it is written (text)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the lineage that was asked for to stdout."""
    pipelines, problem = _pipelines(arguments.root, arguments.pipeline)
    entries = [entry for pipeline in pipelines for entry in entries_of(pipeline)]
    by_source = arguments.pipeline is None and arguments.feature is None
    if arguments.feature is not None:
        names = {entry.name for entry in entries}
        entries = [entry for entry in entries if entry.name == arguments.feature]
        _refuse_unknown(bool(entries), "feature", arguments.feature, names, problem)
    if arguments.source is not None:
        sources = {source for entry in entries for source in entry.sources}
        entries = [entry for entry in entries if arguments.source in entry.sources]
        _refuse_unknown(bool(entries), "source column", arguments.source, sources, problem)
    if by_source and arguments.format == "text":
        write_by_source(entries, sys.stdout, arguments.source)
    else:
        _FORMATS[arguments.format](entries, sys.stdout)
    if problem is not None:
        raise problem
    return 0


def _pipelines(root: Path, name: str | None) -> tuple[list[Pipeline], PipelineError | None]:
    """The pipelines asked for, and what is wrong with those of all that can't be loaded."""
    if name is not None:
        return [load_pipeline(find_pipeline(root, name))], None
    pipelines, findings = load_all(root)
    if not pipelines and not findings:
        raise UsageError(f"There are no pipelines in {root}.\nhelp: nox -s new -- <pipeline> makes one")
    return pipelines, PipelineError(findings) if findings else None


def _refuse_unknown(there: bool, what: str, name: str, known: set[str], problem: FeaturemillError | None) -> None:
    """Raise UsageError for a name that nothing has; a broken pipeline's message first, as it may be there."""
    if there:
        return
    if problem is not None:
        raise problem
    raise no_such(what, name, known)
