"""A rule's page: its docstring, why it matters, a bad and a good example, and what lint says of the bad one.

An example is the file `examples/<code>.txt`: parts that begin with `=== bad <file>` or `=== good <file>` and hold that
file's text. What a part doesn't give is as in `examples/base/`; a file's name with a folder (`other/transform.sql`)
belongs to another pipeline than the one under test, `page_views`. One with a `.hql` file is a batch, and its base is
`examples/base_batch/`. A rule for both kinds has a second example for batches, `examples/<code>_batch.txt`.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BATCH, BOTH, STREAM
from featuremill_codegen.lint.rules import BY_CODE
from featuremill_codegen.lint.runner import lint

EXAMPLES = Path(__file__).parent / "examples"
PIPELINE = "page_views"
_PART = re.compile(r"^=== (?P<kind>bad|good) (?P<name>\S+)\n", re.MULTILINE)
_LANGUAGES = {".sql": "sql", ".hql": "sql", ".yaml": "yaml", ".py": "python"}


def examples(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """The files of the bad and of the good example: of a rule (`FM201`), of a rule in a batch (`FM207_batch`)."""
    text = (EXAMPLES / f"{name}.txt").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = {"bad": {}, "good": {}}
    parts = list(_PART.finditer(text))
    for match, following in zip(parts, [*parts[1:], None], strict=True):
        end = following.start() if following is not None else len(text)
        found[match["kind"]][match["name"]] = text[match.end() : end].rstrip("\n") + "\n"
    return found["bad"], found["good"]


def write_example(files: dict[str, str], root: Path) -> None:
    """Write an example's pipelines below `root`."""
    own = {name: text for name, text in files.items() if "/" not in name}
    folder = EXAMPLES / ("base_batch" if any(name.endswith(".hql") for name in own) else "base")
    base = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}
    others = {name: text for name, text in files.items() if "/" in name}
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
    parts += ["## Found", *_shown(code, code)]
    if (EXAMPLES / f"{code}_batch.txt").exists():
        parts += ["## Found in a batch", *_shown(code, f"{code}_batch")]
    return "\n\n".join([*filter(None, parts), _footer(rule.fixable, rule.can_be_silenced, code)]) + "\n"


_KINDS = {BOTH: "It looks at streams and batches.", STREAM: "It looks at streams.", BATCH: "It looks at batches."}


def _shown(code: str, name: str) -> list[str]:
    """A bad example with what lint says of it, and a good one."""
    bad, good = examples(name)
    said = "\n\n".join(each.render() for each in findings_in(bad) if each.code == code)
    return [*_blocks(bad), "Lint says:", f"```\n{said}\n```", "## Fine", *_blocks(good)]


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
