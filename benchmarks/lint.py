"""How long lint takes: CPU seconds of a new process, over generated pipelines of three shapes.

    nox -s bench-lint -- --pipelines 100 1000

Each figure is the least of several runs: what the machine does besides only ever adds. `cold` reads every pipeline,
`one changed` has the others in its cache. `parsed` stops behind the parser, before columns and types are resolved.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from featuremill_codegen.scaffold import new_pipeline

REPOSITORY = Path(__file__).resolve().parents[1]
EXAMPLES = ("airport_departure_delay", "aircraft_rotation")
PARSE = """
import sys
from pathlib import Path
from featuremill_codegen.config import load_config
from featuremill_codegen.source import read_source
from featuremill_codegen.statements import cut, parse
for folder in Path(sys.argv[1]).iterdir():
    load_config(read_source(folder / "feature.yaml", "feature.yaml"), "stream")
    for name in ("source.sql", "transform.sql"):
        source = read_source(folder / name, name)
        for chunk in cut(source):
            parse(source, chunk)
"""
LIMITS = {"imports": 0.3, "100 parsed": 2.0, "100 cold": 3.0, "100, one changed": 0.5}
"""CPU seconds that a figure must stay below. On a busy machine they come close; far above them something is wrong."""


def main(arguments: list[str]) -> int:
    """Measure and print; exit code 1 where a figure is above its limit."""
    parser = argparse.ArgumentParser(prog="bench-lint", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "--pipelines", type=int, nargs="+", default=[100, 1000], metavar="N", help="(default: 100 1000)"
    )
    parser.add_argument("--runs", type=int, default=3, help="of each figure; the least counts (default: 3)")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="append the figures to a file, a JSON object a line"
    )
    given = parser.parse_args(arguments)
    figures: dict[str, float] = {}

    def measure(name: str, *command: str, cache: Path) -> None:
        figures[name] = min(cpu_seconds(command, cache) for _ in range(given.runs))
        limit = f"   (at most {LIMITS[name]} s)" if name in LIMITS else ""
        print(f"{name:>22}  {figures[name]:6.2f} s CPU{limit}", flush=True)

    with tempfile.TemporaryDirectory(prefix="bench-lint-") as folder:
        place = Path(folder)
        measure("python", "-c", "pass", cache=place)
        measure("imports", "-c", "import featuremill_codegen.lint.command", cache=place)
        for count in sorted(given.pipelines):
            root = place / str(count) / "pipelines"
            generate(root, count)
            lint = ("-m", "featuremill_codegen", "lint", "--root", str(root))
            measure(f"{count} parsed", "-c", PARSE, str(root), cache=place)
            measure(f"{count} cold", *lint, "--no-cache", cache=place)
            figures[f"{count}, one changed"] = min(one_changed(root, lint, place) for _ in range(given.runs))
            print(f"{count:>9}, one changed  {figures[f'{count}, one changed']:6.2f} s CPU")
        sizes = sorted(given.pipelines)
        if len(sizes) > 1:
            first, last = (figures[f"{count} cold"] - figures["imports"] for count in (sizes[0], sizes[-1]))
            print(f"{sizes[-1]} cost {last / first:.1f} times what {sizes[0]} do (imports left out)")
    if given.output is not None:
        machine = f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        result = {"benchmark": "lint", "machine": machine, "at": time.strftime("%Y-%m-%d"), "cpu_s": figures}
        with given.output.open("a") as output:
            output.write(json.dumps(result) + "\n")
    above = [name for name, limit in LIMITS.items() if figures.get(name, 0) > limit]
    for name in above:
        print(f"above its limit: {name}", file=sys.stderr)
    return 1 if above else 0


def generate(root: Path, count: int) -> None:
    """`count` pipelines: a third as `new` makes them, the others as the two examples, each with its own entity."""
    for number in range(count):
        name = f"pipeline_{number}"
        if number % 3 == 0:
            new_pipeline(root, name)
            continue
        example = REPOSITORY / "pipelines" / EXAMPLES[number % 3 - 1]
        target = root / name
        target.mkdir(parents=True)
        for path in (each for each in example.iterdir() if each.is_file()):
            text = path.read_text(encoding="utf-8")
            for entity in ("airport", "aircraft"):
                text = re.sub(rf"(entity: |AS ){entity}\b(?!s)", rf"\g<1>{entity}_{number}", text)
            (target / path.name).write_text(text, encoding="utf-8")


def one_changed(root: Path, lint: Sequence[str], cache: Path) -> float:
    """The CPU seconds of a run after one file of one pipeline has changed."""
    cpu_seconds(lint, cache)
    with (root / "pipeline_1" / "transform.sql").open("a", encoding="utf-8") as file:
        file.write("\n-- changed\n")
    return cpu_seconds((*lint, f"{root}/pipeline_1/transform.sql"), cache)


def cpu_seconds(command: Sequence[str], cache: Path) -> float:
    """What a new interpreter with these arguments needs. Raises CalledProcessError where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "FEATUREMILL_CACHE": str(cache / "cache")}
    subprocess.run([sys.executable, *command], env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
