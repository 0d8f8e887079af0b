"""How much of a folder of statements the Flink dialect reads, and prints back to an equal tree.

    python benchmarks/dialect.py <folder>

The folder holds *.sql files with one statement each, accepted by Flink's own parser. Where it has a subfolder
`broken`, of statements that Flink refuses, it tells how many of them the dialect refuses too.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import sqlglot
from featuremill_codegen.dialect import Flink
from sqlglot.errors import SqlglotError


def read(text: str) -> bool:
    """Whether the dialect takes the text."""
    try:
        return bool(sqlglot.parse(text, dialect=Flink))
    except SqlglotError:
        return False


def comes_back(text: str) -> bool:
    """Whether the text's trees, printed, are read as equal trees."""
    trees = [tree for tree in sqlglot.parse(text, dialect=Flink) if tree is not None]
    printed = ";\n".join(tree.sql(dialect=Flink) for tree in trees)
    return read(printed) and sqlglot.parse(printed, dialect=Flink) == trees


def main(folder: Path) -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))}
    if not texts:
        sys.exit(f"There is no *.sql in {folder}.")
    started = time.process_time()
    taken = {path: text for path, text in texts.items() if read(text)}
    seconds = time.process_time() - started
    equal = [path for path, text in taken.items() if comes_back(text)]
    print(f"read {len(taken)} of {len(texts)} ({len(taken) / len(texts):.2%}) in {seconds:.2f} s of CPU")
    print(f"printed back to an equal tree {len(equal)} ({len(equal) / len(texts):.2%})")
    for path in (each for each in texts if each not in taken or each not in equal):
        print(f"  {'changed' if path in taken else 'refused'} {path.name}")
    broken = [path.read_text(encoding="utf-8") for path in sorted((folder / "broken").glob("*.sql"))]
    if broken:
        caught = sum(not read(text) for text in broken)
        print(f"broken ones refused {caught} of {len(broken)} ({caught / len(broken):.2%})")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
