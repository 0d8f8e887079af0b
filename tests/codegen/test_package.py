"""Packages: the same bytes wherever and whenever they are built; a version for each content."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import featuremill_codegen
import jsonschema
import pytest
from featuremill_codegen import ConnectorJar, PipelineError, build_package

REPOSITORY = Path(__file__).parents[2]
CODEGEN = Path(featuremill_codegen.__file__).parents[1]
BUILD = """
import sys
from pathlib import Path
from featuremill_codegen import ConnectorJar, build_package
print(build_package(Path(sys.argv[1]), Path(sys.argv[2]), ConnectorJar("g:a:1", "0" * 64)).path.name)
"""


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", ["aircraft_rotation", "airport_departure_delay"])
def test_bytes_depend_on_nothing_but_the_pipeline(name: str, fixtures: Path, tmp_path: Path) -> None:
    built = []
    for number, (seed, zone) in enumerate([("0", "UTC"), ("4711", "Asia/Tokyo")]):
        place = tmp_path / str(number)
        shutil.copytree(fixtures / "pipelines" / name, place / "pipelines" / name)
        environment = {
            **os.environ,
            "PYTHONPATH": str(CODEGEN),
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "USER": f"user{number}",
        }
        command = [sys.executable, "-c", BUILD, str(place / "pipelines" / name), str(place / "dist")]
        done = subprocess.run(command, env=environment, cwd=place, capture_output=True, text=True, check=True)
        built.append((done.stdout, _files(place / "dist")))
    assert built[0] == built[1]
    assert len(built[0][1]) == (3 if name == "aircraft_rotation" else 2)


def test_manifest_keeps_its_schema(fixtures: Path, tmp_path: Path, connector: ConnectorJar) -> None:
    schema = json.loads((REPOSITORY / "proto" / "manifest.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for folder in sorted((fixtures / "pipelines").iterdir()):
        jsonschema.validate(build_package(folder, tmp_path, connector).manifest, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"format": 1}, schema)


def _version(folder: Path, dist: Path, connector: ConnectorJar) -> str:
    return build_package(folder, dist, connector).version


def test_version_is_of_the_package_alone(demo: Path, tmp_path: Path, connector: ConnectorJar) -> None:
    before = _version(demo, tmp_path / "dist", connector)
    (demo / "sample" / "page_views.jsonl").write_text("{}\n")
    (demo / "cases" / "ten_minutes" / "expected.jsonl").write_text("")
    assert _version(demo, tmp_path / "dist", connector) == before
    assert _version(demo, tmp_path / "dist", ConnectorJar(connector.coordinates, "f" * 64)) != before


def _longer_age(text: str) -> str:
    return text.replace("max_age: 30min", "max_age: 31min")


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("feature.yaml", _longer_age),
        ("transform.sql", lambda text: text.replace("'10' MINUTE", "'20' MINUTE")),
        ("source.sql", lambda text: text.replace("'5' SECOND", "'6' SECOND")),
    ],
)
def test_version_changes_with_the_pipeline(
    file: str, change: Callable[[str], str], demo: Path, tmp_path: Path, connector: ConnectorJar
) -> None:
    before = _version(demo, tmp_path / "dist", connector)
    (demo / file).write_text(change((demo / file).read_text(encoding="utf-8")), encoding="utf-8")
    assert _version(demo, tmp_path / "dist", connector) != before


def test_line_ends_and_a_byte_order_mark_change_nothing(demo: Path, tmp_path: Path, connector: ConnectorJar) -> None:
    before = _version(demo, tmp_path / "dist", connector)
    for file in ("feature.yaml", "source.sql", "transform.sql"):
        text = (demo / file).read_text(encoding="utf-8")
        (demo / file).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert _version(demo, tmp_path / "dist", connector) == before


def test_a_damaged_package_is_built_again(demo: Path, tmp_path: Path, connector: ConnectorJar) -> None:
    package = build_package(demo, tmp_path / "dist", connector)
    (package.path / "run.py").write_text("broken")
    (tmp_path / "dist" / "stranger").mkdir()
    again = build_package(demo, tmp_path / "dist", connector)
    assert again == package
    assert (package.path / "run.py").read_text(encoding="utf-8") != "broken"
    assert sorted(path.name for path in (tmp_path / "dist").iterdir()) == sorted([package.path.name, "stranger"])


def test_requirements_go_along(demo: Path, tmp_path: Path, connector: ConnectorJar) -> None:
    (demo / "requirements.txt").write_text("# what the function needs\nhaversine==2.9.0  # km\n\n")
    package = build_package(demo, tmp_path / "dist", connector)
    assert package.manifest["requirements"] == ["haversine==2.9.0"]
    assert (package.path / "requirements.txt").read_text() == "haversine==2.9.0\n"


def test_jars_follow_from_connectors_and_formats(demo: Path, tmp_path: Path, connector: ConnectorJar) -> None:
    text = (demo / "source.sql").read_text(encoding="utf-8")
    text = text.replace("'format' = 'json',\n  'json.timestamp-format.standard' = 'ISO-8601'", "'format' = 'avro'")
    (demo / "source.sql").write_text(text, encoding="utf-8")
    manifest: dict[str, Any] = build_package(demo, tmp_path / "dist", connector).manifest
    assert manifest["jars"] == [
        "org.apache.flink:flink-sql-avro:2.3.0",
        "org.apache.flink:flink-sql-connector-kafka:5.0.0-2.2",
    ]


def test_a_broken_contract_is_not_packaged(demo: Path, tmp_path: Path, connector: ConnectorJar) -> None:
    text = (demo / "source.sql").read_text(encoding="utf-8")
    (demo / "source.sql").write_text(text.replace("'connector' = 'kafka'", "'connector' = 'kafak'"), encoding="utf-8")
    with pytest.raises(PipelineError, match="FM121"):
        build_package(demo, tmp_path / "dist", connector)
    assert not (tmp_path / "dist").exists()
