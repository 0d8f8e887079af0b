"""What Flink itself says of its functions, its reserved words, and the options of its connectors and formats.

`python -m featuremill_local.flink_catalogue` writes codegen's data files anew: `catalogue/functions.json`,
`catalogue/connectors.json`, `catalogue/reserved_words.json`. It runs in the tool environment and asks a JVM with
Flink's jars and the known connectors by reflection; a maintainer runs it when a release of one of them changes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from featuremill_codegen import catalogue
from featuremill_codegen.connectors import CONNECTORS, FORMATS

from featuremill_local.environments import environment, process_environment, python
from featuremill_local.jars import _resolve, download, lock
from featuremill_local.java import find_java

TARGET = Path(catalogue.__file__).parent
PASSED_ON = {"kafka": ["properties."], "upsert-kafka": ["properties."], "datagen": ["fields."]}
"""Options that a connector hands on by their prefix. No factory lists these."""


def main() -> None:
    """Ask, and write the files."""
    for name, text in ask().items():
        path = TARGET / name
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}", file=sys.stderr)


def ask() -> dict[str, str]:
    """The texts of the files by name, as Flink would have them now. Starts a JVM."""
    with tempfile.TemporaryDirectory(prefix="flink-catalogue-") as folder:
        class_path = _class_path(Path(folder))
        request = {"class_path": class_path, "java": str(find_java().executable), "passed_on": PASSED_ON}
        done = subprocess.run(
            [str(python("job")), "-m", "featuremill_local.flink_catalogue_job"],
            input=json.dumps(request),
            env=process_environment("job"),
            text=True,
            stdout=subprocess.PIPE,
            check=True,
        )
    return {f"{name}.json": _compact(value) for name, value in json.loads(done.stdout).items()}


def _class_path(folder: Path) -> str:
    """Flink's jars (the planner taken out of its loader), and those of all known connectors and formats."""
    flink = next((environment("job") / "lib").glob("python*/site-packages/pyflink/lib"))
    loader = next(flink.glob("flink-table-planner-loader-*.jar"))
    with zipfile.ZipFile(loader) as archive:
        archive.extract("flink-table-planner.jar", folder)
    jars = [*sorted(set(flink.glob("*.jar")) - {loader}), folder / "flink-table-planner.jar"]
    pinned = {key: group for group, keys in lock().items() for key in keys}
    for coordinates in sorted({each for known in (CONNECTORS, FORMATS) for found in known.values() for each in found}):
        group, artifact, version = coordinates.split(":")
        key = f"{group}:{artifact}:jar:{version}"
        if key in pinned:
            jars += [path for path in download(pinned[key]) if f"{artifact}-{version}" in path.name]
        else:
            jars.append(_resolve(key, folder / "repository"))
    return os.pathsep.join(map(str, jars))


def _compact(value: dict[str, object]) -> str:
    """JSON with a line for each entry of the second level: a review shows which functions or options came or went."""
    parts = []
    for key, entry in value.items():
        if isinstance(entry, dict) and entry:
            lines = ",\n".join(f"  {json.dumps(k)}: {json.dumps(entry[k], sort_keys=True)}" for k in sorted(entry))
            parts.append(f" {json.dumps(key)}: {{\n{lines}\n }}")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(entry)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
