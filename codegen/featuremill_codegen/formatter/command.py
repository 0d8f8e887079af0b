"""`format` on the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from featuremill_codegen.errors import UsageError
from featuremill_codegen.formatter.format_files import Outcome, format_bytes, format_file, summary, write
from featuremill_codegen.formatter.selection import refuse_other_suffixes, select
from featuremill_codegen.source import LARGEST_FILE

STDIN = "-"


def run(arguments: argparse.Namespace, colors: Callable[[TextIO], bool]) -> bool:
    """Format what was asked for; whether all is well. Results go to stdout, the summary to stderr.

    `colors` tells whether a stream takes colours. Raises UsageError for what is neither a pipeline nor a file.
    """
    if STDIN in arguments.targets:
        return _run_stdin(arguments, colors)
    outcomes = [format_file(path) for path in select(arguments.root, arguments.targets)]
    for outcome in outcomes:
        _tell(outcome, sys.stdout, colors)
        if arguments.check or arguments.diff:
            _show(outcome, colors, named=arguments.check)
        elif outcome.changed:
            write(outcome)
            print(outcome.path)
    print(summary(outcomes, written=not (arguments.check or arguments.diff)), file=sys.stderr)
    return all(_is_well(outcome, arguments) for outcome in outcomes)


def _run_stdin(arguments: argparse.Namespace, colors: Callable[[TextIO], bool]) -> bool:
    if len(arguments.targets) > 1:
        raise UsageError("`-` stands alone: stdin is one file.")
    if sys.stdin is None:
        raise UsageError("`-` reads stdin, which is closed.")
    path = Path(arguments.stdin_filename)
    refuse_other_suffixes(path)
    outcome = format_bytes(sys.stdin.buffer.read(LARGEST_FILE + 1), path)
    _tell(outcome, sys.stderr, colors)
    if arguments.check or arguments.diff:
        _show(outcome, colors, named=arguments.check)
    else:
        sys.stdout.buffer.write((outcome.after or "").encode())  # a file's bytes, whatever the terminal's encoding
    return _is_well(outcome, arguments)


def _tell(outcome: Outcome, stream: TextIO, colors: Callable[[TextIO], bool]) -> None:
    for finding in outcome.findings:
        print(finding.render(color=colors(stream)), end="\n\n", file=stream)


def _show(outcome: Outcome, colors: Callable[[TextIO], bool], *, named: bool) -> None:
    if outcome.changed:
        print(f"{outcome.path}\n" if named else "", outcome.diff(color=colors(sys.stdout)), sep="", end="")


def _is_well(outcome: Outcome, arguments: argparse.Namespace) -> bool:
    return not outcome.findings and not (arguments.check and outcome.changed)
