"""What codegen knows of Flink's functions, connectors and reserved words is what Flink says of them."""

from __future__ import annotations

import pytest
from featuremill_local.flink_catalogue import TARGET, ask

pytestmark = pytest.mark.jvm


def test_the_catalogue_is_current() -> None:
    told = ask()
    assert sorted(told) == sorted(path.name for path in TARGET.glob("*.json"))
    for name, text in told.items():
        kept = (TARGET / name).read_text(encoding="utf-8")
        assert kept.splitlines() == text.splitlines(), "python -m featuremill_local.flink_catalogue writes it anew"
