"""A rule's page: its docstring, why it matters, a bad and a good example, and what lint says of the bad one.

An example is the file `examples/<code>.txt`: parts that begin with `=== bad <file>` or `=== good <file>` and hold that
file's text; `=== says <command>` holds what another command than lint says of the bad one. What a part doesn't give is
as in `examples/base/`; a file's name with a folder (`other/transform.sql`) belongs to another pipeline than the one
under test, `page_views`, unless the folder is `cases/`; feature_sets.yaml belongs to none. One with a `.hql` file is a
batch, and its base is `examples/base_batch/`. A rule for both kinds has a second example for batches,
`examples/<code>_batch.txt`.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from featuremill_codegen import feature_sets
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BATCH, BOTH, STREAM
from featuremill_codegen.lint.rules import BY_CODE, ELSEWHERE
from featuremill_codegen.lint.runner import lint

EXAMPLES = Path(__file__).parent / "examples"
PIPELINE = "page_views"
_PART = re.compile(r"^=== (?P<kind>bad|good|says) (?P<name>\S+)\n", re.MULTILINE)
_LANGUAGES = {".sql": "sql", ".hql": "sql", ".yaml": "yaml", ".py": "python", ".jsonl": "json"}


def examples(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """The files of the bad and of the good example: of a rule (`FM201`), of a rule in a batch (`FM207_batch`)."""
    found = _parts(name)
    return found["bad"], found["good"]


def said(code: str) -> tuple[str, str]:
    """(command, what it says of the bad example) of a rule that lint doesn't run; empty texts where nothing is kept."""
    return next(iter(_parts(code)["says"].items()), ("", ""))


def keep_said(code: str, command: str, text: str) -> None:
    """Write down what a command says of a rule's bad example."""
    path = EXAMPLES / f"{code}.txt"
    kept, _, _ = path.read_text(encoding="utf-8").partition("=== says ")
    path.write_text(f"{kept}=== says {command}\n{text.rstrip()}\n", encoding="utf-8")


def _parts(code: str) -> dict[str, dict[str, str]]:
    text = (EXAMPLES / f"{code}.txt").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = {"bad": {}, "good": {}, "says": {}}
    parts = list(_PART.finditer(text))
    ends = [*(match.start() for match in parts[1:]), len(text)]
    for match, end in zip(parts, ends, strict=False):
        found[match["kind"]][match["name"]] = text[match.end() : end].rstrip("\n") + "\n"
    return found


def write_example(files: dict[str, str], root: Path) -> None:
    """Write an example's pipelines below `root`."""
    own = {
        name: text
        for name, text in files.items()
        if name.startswith("cases/") or ("/" not in name and name != feature_sets.FILE)
    }
    folder = EXAMPLES / ("base_batch" if any(name.endswith(".hql") for name in own) else "base")
    base = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}
    others = {name: text for name, text in files.items() if name not in own}
    for name, text in {**{f"{PIPELINE}/{name}": text for name, text in {**base, **own}.items()}, **others}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("" if text == "\n" else text, encoding="utf-8")


def findings_in(files: dict[str, str]) -> list[Finding]:
    """What lint says of an example."""
    with tempfile.TemporaryDirectory(prefix="featuremill-example-") as folder:
        root = Path(folder) / "pipelines"
        write_example(files, root)
        return lint(root)


def page(code: str) -> str:
    """The page of a rule, as Markdown. Raises KeyError for a code that there isn't."""
    rule = BY_CODE[code]
    parts = [f"# {code}: {rule.title()}", f"**Why it matters:** {rule.why}.", rule.explanation(), _KINDS[rule.modes]]
    bad, good = examples(code)
    if bad:
        parts += ["## Found", *_blocks(bad), *_what_is_said(code, bad), "## Fine", *_blocks(good)]
    if (EXAMPLES / f"{code}_batch.txt").exists():
        bad, good = examples(f"{code}_batch")
        parts += ["## Found in a batch", *_blocks(bad), *_what_is_said(code, bad), "## Fine", *_blocks(good)]
    return "\n\n".join([*filter(None, parts), _footer(rule.fixable, rule.can_be_silenced, code)]) + "\n"


_KINDS = {BOTH: "It looks at streams and batches.", STREAM: "It looks at streams.", BATCH: "It looks at batches."}


def _what_is_said(code: str, bad: dict[str, str]) -> list[str]:
    if code in ELSEWHERE:
        command, shown = said(code)
        return [f"`nox -s {command}` says:", f"```\n{shown.rstrip()}\n```"]
    shown = "\n\n".join(each.render() for each in findings_in(bad) if each.code == code)
    return ["Lint says:", f"```\n{shown}\n```"]


def _footer(fixable: bool, can_be_silenced: bool, code: str) -> str:
    mends = "`nox -s lint -- --fix` mends it." if fixable else "Mending it needs a person."
    if not can_be_silenced:
        return f"{mends} It can't be silenced."
    form = f"`featuremill: ignore {code} because …`"
    return f"{mends} A comment silences it: {form}, on the line or alone on the line before."


def _blocks(files: dict[str, str]) -> list[str]:
    return [
        f"`{name}`\n\n```{_LANGUAGES.get(Path(name).suffix, '')}\n{text.rstrip()}\n```" for name, text in files.items()
    ]
