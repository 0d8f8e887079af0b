"""The command surface: what nox lists and what it says to a wrong name. Real noxfiles in folders of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path):
    """A folder with the noxfile, what it imports, and two hundred pipelines."""
    shutil.copy(ROOT / "noxfile.py", tmp_path)
    shutil.copytree(ROOT / "local", tmp_path / "local", ignore=shutil.ignore_patterns("__pycache__"))
    for number in range(200):
        (tmp_path / "pipelines" / f"pipeline_{number}").mkdir(parents=True)
        (tmp_path / "pipelines" / f"pipeline_{number}" / "feature.yaml").touch()
    (tmp_path / "pipelines" / "pipeline_7" / "source.hql").touch()
    return tmp_path


def nox(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nox", *arguments], cwd=folder, capture_output=True, text=True, timeout=60
    )


def test_every_pipeline_is_listed(clone):
    listed = nox(clone, "-l")
    assert listed.returncode == 0, listed.stderr
    for number in range(200):
        assert f"- local-pipeline_{number} ->" in listed.stdout
        assert f"- build-pipeline_{number} ->" in listed.stdout
        assert f"- test-pipeline_{number} ->" in listed.stdout
        assert f"- replay-pipeline_{number} ->" in listed.stdout
    assert listed.stdout.count("- submit-pipeline_") == 1, "batches alone are submitted to Spark"
    assert "- submit-pipeline_7 ->" in listed.stdout


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("local-pipeline_19x", "nox -s local-pipeline_19"),
        ("build-pipelin_42", "nox -s build-pipeline_42"),
        ("test-pipelin_42", "nox -s test-pipeline_42"),
        ("replay-pipelin_42", "nox -s replay-pipeline_42"),
        ("submit-pipeline_8", "there is no batch 'pipeline_8' in pipelines/ (a folder with a source.hql)"),
        ("submit-pipeline_8", "nox -s submit-pipeline_7"),
        ("lnt", "nox -s lint"),
        ("test", "nox -s tests"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(clone, asked, answer):
    refused = nox(clone, "-s", asked)
    assert refused.returncode == 2
    assert answer in refused.stderr
    assert "Traceback" not in refused.stderr


def test_what_follows_the_dashes_is_not_a_session(clone):
    source = clone / "noxfile.py"
    names = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.argv = ['nox', '-l']; sys.path.insert(0, {str(source.parent)!r}); import noxfile\n"
            "print(noxfile.asked_for(['-s', 'a', 'b', '--', 'c']), noxfile.asked_for(['--session=a', '-v', 'd']))",
        ],
        capture_output=True,
        text=True,
    )
    assert names.stdout.strip() == "['a', 'b'] ['a']", names.stderr


@pytest.mark.parametrize("version", [(3, 10, 4), (3, 13, 0)])
def test_another_python_is_refused_with_the_mend(clone, version):
    refused = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.version_info = {version}; import noxfile"],
        cwd=clone,
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 2
    assert "needs Python 3.11 or 3.12" in refused.stderr
    assert "help: python3.11 -m venv" in refused.stderr
    assert "Traceback" not in refused.stderr
