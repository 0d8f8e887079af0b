"""The words that Flink's parser refuses as a bare name."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


@cache
def reserved_words() -> frozenset[str]:
    """They in upper case.

    >>> "VALUE" in reserved_words()
    True
    """
    return frozenset(json.loads((Path(__file__).parent / "reserved_words.json").read_text(encoding="utf-8"))["words"])
