"""The repository's Markdown: every relative link leads to a file or folder, and every anchor to a heading."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
_NO_FILE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def pages() -> list[Path]:
    """Those of a commit, and those that are new: what else lies in a clone is nobody's documentation."""
    listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md")
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(ROOT / name for name in names.split("\0") if name and (ROOT / name).exists())


@cache
def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[str]:
    """The targets of its links and images; a text in a code block or between backticks is none."""
    for block in tokens(page):
        for inline in block.children or ():
            target = inline.attrGet("href") or inline.attrGet("src")
            if target is not None:
                yield str(target)


@cache
def anchors(page: Path) -> set[str]:
    """What its headings are called in an address, in the way of GitHub and GitLab.

    Signs are left out, a space is a hyphen, and what comes again gets a number.
    """
    seen: Counter[str] = Counter()
    found = set()
    for before, block in zip(tokens(page), tokens(page)[1:], strict=False):
        if before.type == "heading_open":
            text = "".join(part.content for part in block.children or ())
            name = re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-")
            found.add(f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
    return found


def broken(page: Path) -> list[str]:
    return [target for target in links(page) if not _NO_FILE.match(target) and not _leads_somewhere(page, target)]


def _leads_somewhere(page: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    path = page.parent / name if name else page
    return path.exists() and (not anchor or (path.suffix == ".md" and anchor in anchors(path)))


def test_every_link_and_anchor_leads_somewhere() -> None:
    looked_at = pages()
    assert ROOT / "README.md" in looked_at
    assert {str(page.relative_to(ROOT)): found for page in looked_at if (found := broken(page))} == {}


@pytest.mark.parametrize(
    ("link", "is_broken"),
    [
        ("other.md", False),
        ("other.md#two-words-nosign", False),
        ("other.md#again-1", False),
        ("#here", False),
        ("folder", False),
        ("https://example.org/nothing.md", False),
        ("missing.md", True),
        ("other.md#missing", True),
        ("other.md#again-2", True),
        ("#missing", True),
        ("folder#here", True),
    ],
)
def test_what_a_broken_link_is(tmp_path: Path, link: str, is_broken: bool) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "other.md").write_text("# Two words: `no.sign`\n\n## Again\n\n## Again\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(f"## Here\n\n| table |\n|---|\n| [link]({link}) |\n\n`[code](gone.md)`\n", encoding="utf-8")
    assert broken(page) == ([link] if is_broken else [])
