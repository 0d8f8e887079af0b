"""What `lint` does when it is called: which pipelines, mending, and how the findings are shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen import feature_sets
from featuremill_codegen.collection import list_pipelines
from featuremill_codegen.errors import UsageError
from featuremill_codegen.lint.cache import Cache, cache_file
from featuremill_codegen.lint.fix import fix
from featuremill_codegen.lint.formats import MACHINE_FORMATS
from featuremill_codegen.lint.pages import page
from featuremill_codegen.lint.rules import BY_CODE
from featuremill_codegen.lint.runner import Result, run
from featuremill_codegen.names import no_such

_MOST_ROUNDS = 10
"""Mending may uncover what can be mended next; no rule's mend is another one's finding, so this is never reached."""


@dataclass(frozen=True)
class Request:
    """What was asked for. `wanted` are names of pipelines or paths of files in them; none means all."""

    root: Path
    wanted: Sequence[str]
    format: str = "text"
    fix: bool = False
    remember: bool = True
    color: bool = False


def lint_command(request: Request) -> bool:
    """Lint, print to stdout (a summary to stderr), and say whether nothing was found. Raises UsageError."""
    names = pipelines_asked_for(request.root, request.wanted)
    result, mended = (Result((), 0), 0) if names == [] else _run(request, names)
    if request.format == "text":
        for finding in result.findings:
            print(finding.render(color=request.color), end="\n\n")
    else:
        print(MACHINE_FORMATS[request.format](result.findings))
    print(_summary(result, mended), file=sys.stderr)
    return not result.findings


def explain(code: str) -> str:
    """The page of a rule. Raises UsageError for a code that there isn't."""
    code = code.upper()
    if code not in BY_CODE:
        raise no_such("rule", code, BY_CODE, "codegen/rules/README.md lists them")
    return page(code)


def pipelines_asked_for(root: Path, wanted: Sequence[str]) -> list[str] | None:
    """The pipelines that names and paths mean; None for all.

    A path below `root` means its pipeline, `root` and the folders that hold it mean all; a file of a pipeline that is
    gone means all, too, since others may have named it, and feature_sets.yaml is about all; a file elsewhere means
    nothing. Raises UsageError for a path that doesn't exist.
    """
    if not wanted:
        return None
    known = list_pipelines(root)
    top = root.resolve()
    names: list[str] = []
    for each in wanted:
        if each in known or not each or ("/" not in each and not Path(each).exists()):
            names.append(each)
            continue
        path = Path(os.path.abspath(each))
        if not path.is_relative_to(top):
            path = path.parent.resolve() / path.name
        if top.is_relative_to(path):
            return None
        if not path.is_relative_to(top):
            if not path.exists():
                raise UsageError(f"There is no file {each}.")
            continue
        name, *below = path.relative_to(top).parts
        if name == feature_sets.FILE:
            return None
        if name in known or not (below or path.exists()):
            names.append(name)
        elif not (top / name).exists():
            return None
    return list(dict.fromkeys(names))


def _run(request: Request, names: list[str] | None) -> tuple[Result, int]:
    """The result, after mending where that was asked for, and how many findings were mended."""
    mended = 0
    for _ in range(_MOST_ROUNDS):
        result = run(request.root, names, Cache(cache_file(request.root) if request.remember else None))
        if not request.fix or not any(finding.edits for finding in result.findings):
            break
        mended += fix(request.root, result.findings)
    return result, mended


def _summary(result: Result, mended: int) -> str:
    where = f"{result.pipelines} pipeline" + ("" if result.pipelines == 1 else "s")
    count = len(result.findings)
    text = f"{count} finding{'' if count == 1 else 's'} in {where}"
    if mended:
        return f"{text}; {mended} mended"
    mendable = sum(bool(finding.edits) for finding in result.findings)
    return text + (f"; --fix mends {mendable} of them" if mendable else "")
