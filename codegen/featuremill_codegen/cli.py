"""`python -m featuremill_codegen {lint,format,build,registry,lineage,new}`.

Exit codes: 0 fine, 1 findings, 2 what was asked for can't be done, 130 Ctrl-C, 141 nobody reads the output any more.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from featuremill_codegen import lineage
from featuremill_codegen.errors import FeaturemillError, PipelineError, UsageError

if TYPE_CHECKING:
    from featuremill_codegen.manifest import ConnectorJar

OK, FINDINGS, USAGE = 0, 1, 2
INTERRUPTED, NO_READER = 130, 141
"""What a shell says of a program that SIGINT or SIGPIPE has ended."""


def main(argv: Sequence[str]) -> int:
    """Run one command; the exit code. Messages go to stderr, results to stdout."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter shows the rest all the same
    try:
        try:
            code = _run(argv)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # Python's own at the end would end in a warning and exit code 120
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return NO_READER
    except OSError as error:
        _forget_output()
        print(
            f"error: {error.filename or 'The output'} can't be read or written: {error.strerror or error}.",
            file=sys.stderr,
        )
        return USAGE
    return code


def _run(argv: Sequence[str]) -> int:
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else USAGE
    try:
        code: int = arguments.run(arguments)
        return code
    except PipelineError as error:
        print(error.render(color=_colors(sys.stderr)), file=sys.stderr)
        return FINDINGS
    except FeaturemillError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE


def _forget_output() -> None:
    """What stdout still holds goes nowhere, so that Python doesn't try again at its end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="featuremill_codegen", description="Checks, builds and describes pipelines.")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
        added.add_argument("--root", type=Path, default=Path("pipelines"), help="the folder of pipelines (pipelines)")
        return added

    lint = command("lint", "check pipelines by their text alone")
    lint.add_argument("pipelines", nargs="*", metavar="PIPELINE", help="which ones, or files in them (all)")
    lint.add_argument("--format", choices=("text", "json", "sarif", "gitlab"), default="text", help="for tools (text)")
    lint.add_argument("--fix", action="store_true", help="mend what can be mended without a person")
    lint.add_argument("--explain", metavar="CODE", help="print a rule's page, for example that of FM201")
    lint.add_argument("--no-cache", action="store_true", help="read every pipeline again")
    lint.set_defaults(run=_lint)

    format = command("format", "lay SQL out in the one style: whitespace and the case of keywords, nothing else")
    help = "pipelines, or .sql (Flink SQL) and .hql files (HiveQL) (all pipelines); - reads stdin and prints"
    format.add_argument("targets", nargs="*", metavar="PIPELINE|FILE", help=help)
    how = format.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="write nothing, show what would change, end with 1 if so")
    how.add_argument("--diff", action="store_true", help="write nothing, show what would change")
    help = "the name of what - reads; one with .hql makes it HiveQL (stdin.sql)"
    format.add_argument("--stdin-filename", default="stdin.sql", metavar="FILE", help=help)
    format.set_defaults(run=_format)

    build = command("build", "build a pipeline's package")
    build.add_argument("pipeline", metavar="PIPELINE")
    build.add_argument("--dist", type=Path, default=Path("dist"), help="the folder of packages (dist)")
    _add_connector(build, required=True)
    build.set_defaults(run=_build)

    registry = command("registry", "print registry.json of all pipelines")
    _add_connector(registry, required=False)
    registry.set_defaults(run=_registry)

    lineage.add_arguments(command("lineage", "show where features come from, and what hangs on a source column"))

    new = command("new", "make a new pipeline from a template")
    new.add_argument("pipeline", metavar="PIPELINE")
    new.set_defaults(run=_new)
    return parser


def _add_connector(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--connector",
        required=required,
        metavar="GROUP:ARTIFACT:VERSION@SHA256",
        help="the connector jar that the package is pinned to",
    )


def _lint(arguments: argparse.Namespace) -> int:
    from featuremill_codegen.lint.command import Request, explain, lint_command

    if arguments.explain is not None:
        print(explain(arguments.explain), end="")
        return OK
    request = Request(
        arguments.root,
        arguments.pipelines,
        arguments.format,
        fix=arguments.fix,
        remember=not arguments.no_cache,
        color=_colors(sys.stdout),
    )
    return OK if lint_command(request) else FINDINGS


def _format(arguments: argparse.Namespace) -> int:
    from featuremill_codegen.formatter.command import run

    return OK if run(arguments, _colors) else FINDINGS


def _build(arguments: argparse.Namespace) -> int:
    from featuremill_codegen.collection import find_pipeline
    from featuremill_codegen.package import build_package

    folder = find_pipeline(arguments.root, arguments.pipeline)
    package = build_package(folder, arguments.dist, _connector(arguments.connector))
    print(package.path)
    return OK


def _registry(arguments: argparse.Namespace) -> int:
    from featuremill_codegen.registry import make_registry

    connector = _connector(arguments.connector) if arguments.connector else None
    print(json.dumps(make_registry(arguments.root, connector), indent=2, ensure_ascii=False))
    return OK


def _new(arguments: argparse.Namespace) -> int:
    from featuremill_codegen.scaffold import new_pipeline

    print(new_pipeline(arguments.root, arguments.pipeline))
    next_steps = (
        f"nox -s lint -- {arguments.pipeline} and nox -s check -- {arguments.pipeline} check it; "
        f"nox -s local-{arguments.pipeline} runs it on this machine"
    )
    print(f"next: {next_steps}", file=sys.stderr)
    return OK


def _connector(text: str) -> ConnectorJar:
    from featuremill_codegen.manifest import ConnectorJar

    coordinates, _, sha256 = text.partition("@")
    if coordinates.count(":") != 2 or len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise UsageError(f"`{text}` is not GROUP:ARTIFACT:VERSION@SHA256.")
    return ConnectorJar(coordinates, sha256)


def _colors(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
