"""The hooks that other repositories use, run by a real pre-commit in such a repository.

Nothing is downloaded: the hooks' environment gets this clone alone, and finds the packages of the one that runs the
tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from featuremill_codegen.scaffold import new_pipeline

REPOSITORY = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A repository with a pipeline that has one finding, which can be mended, and is laid out in a style of its own."""
    folder = tmp_path / "other"
    query = new_pipeline(folder / "pipelines", "demo") / "transform.sql"
    text = query.read_text(encoding="utf-8").replace("AVG(CAST(seconds AS DOUBLE))", "avg( seconds )")
    query.write_text(text, encoding="utf-8")
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=folder, check=True, env=_environment(tmp_path))
    return folder


def test_hooks_in_another_repository(other: Path, tmp_path: Path) -> None:
    path = "pipelines/demo/transform.sql"
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(REPOSITORY), "--color=never", "--files", path]
    done = subprocess.run(command, cwd=other, env=_environment(tmp_path), text=True, capture_output=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    lint, fix, form = (said.split(f"\nfeaturemill {name}.")[1] for name in ("lint", "lint --fix", "format"))
    assert f"{path}:6:3: FM202 AVG of INT is INT in Flink" in lint.split("featuremill lint --fix")[0]
    assert "files were modified by this hook" in fix.split("featuremill format")[0]
    assert "files were modified by this hook" in form
    assert "  AVG(CAST(seconds AS DOUBLE)) AS mean_seconds_10min\n" in (other / path).read_text(encoding="utf-8")


def _environment(folder: Path) -> dict[str, str]:
    """Without what git sets where the tests run in a hook themselves, and with nothing to download."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PIP_", "PRE_COMMIT"))}
    return {
        **kept,
        "PRE_COMMIT_HOME": str(folder / "hooks"),
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads "no" as "not isolated", whatever the name says
        "VIRTUALENV_NO_PERIODIC_UPDATE": "1",
    }
