"""The dialect's reserved words are those that Flink's own parser names."""

from __future__ import annotations

import json
from pathlib import Path

import featuremill_codegen
from featuremill_codegen.dialect.reserved import RESERVED


def test_reserved_words_are_flinks():
    catalogue = Path(featuremill_codegen.__file__).parent / "catalogue" / "reserved_words.json"
    assert set(json.loads(catalogue.read_text(encoding="utf-8"))["words"]) == RESERVED
