"""The connector's own tests (JUnit, a Flink mini cluster, a real Redis), and that its jar can be built again."""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest
from featuremill_local.connector import build_connector, copy_module, module_files, run_maven
from featuremill_local.redis_server import executable

pytestmark = pytest.mark.jvm


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module, built and tested by Maven in a folder of its own. A failing test makes Maven fail."""
    module = tmp_path_factory.mktemp("connector") / "a folder with a space"
    copy_module(module_files(tests=True), module)
    run_maven(["verify"], module, FEATUREMILL_REDIS_SERVER=str(executable()))
    return module


def test_junit(verified):
    suites = [xml.parse(path).getroot() for path in (verified / "target" / "surefire-reports").glob("TEST-*.xml")]
    counts = {
        name: sum(int(suite.get(name, 0)) for suite in suites) for name in ("tests", "failures", "errors", "skipped")
    }
    print(f"JUnit: {counts}")
    assert counts["tests"] > 200
    assert counts["failures"] == counts["errors"] == counts["skipped"] == 0


def test_the_jar_is_the_same_in_another_folder(verified):
    built = build_connector()
    other = verified / "target" / built.path.name
    assert hashlib.sha256(other.read_bytes()).hexdigest() == built.pin.sha256
