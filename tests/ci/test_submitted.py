"""A batch's package by a real spark-submit: executors in processes of their own, and a metastore reached by thrift."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import spark_programs
from featuremill_ci.spark_submit import REDACTION, Submission, redaction
from featuremill_ci.submitting import process_variables, run, spark_home
from featuremill_local.environments import packages_of, python, source_path
from featuremill_local.runs import new_run
from kubernetes_api import kubernetes_api
from metastore import start_metastore

pytestmark = pytest.mark.jvm

PIPELINES = Path(__file__).parents[1] / "codegen" / "fixtures" / "spark" / "pipelines"
LOCAL_CLUSTER = "local-cluster[1,1,1024]"
SHOW_SETTINGS = Path(__file__).parent / "fixtures" / "show_settings.py"
SECRET = "p4ss=w:ord#ü\\😀 }"


@dataclass(frozen=True)
class Cluster:
    """A folder with an environment of the name `cluster`, whose metastore runs, and with the table's partitions."""

    folder: Path

    @property
    def spark(self) -> Path:
        """A Spark where its worker may leave what it writes: into Spark's own folder."""
        return self.folder / "spark"

    @property
    def table(self) -> Path:
        return self.folder / "warehouse" / "lines"

    def submit(
        self, *arguments: str, environment: str = "cluster", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "featuremill_ci", "submit", "odd_days", "--environment", environment]
        folders = ["--pipelines", PIPELINES, "--environments", self.folder, "--dist", self.folder / "dist"]
        return subprocess.run(
            [*command, *map(str, folders), *arguments],
            env=os.environ | {"PYTHONPATH": source_path("tool"), "SPARK_HOME": str(self.spark)} | variables,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=240,
        )

    def rows(self, day: str) -> list[str]:
        partition = self.folder / "feature_source" / "odd_days" / f"dt={day}"
        return [key for key, _, _ in spark_programs.rows_of(partition)]

    def write(self, day: str, *things: str) -> None:
        (self.table / f"dt={day}").mkdir(parents=True)
        lines = ({"thing": thing, "n": 2, "at": f"{day}T12:00:00Z"} for thing in things)
        (self.table / f"dt={day}" / "lines.json").write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    cluster.spark.mkdir()
    for part in (packages_of(python("spark")) / "pyspark").iterdir():
        (cluster.spark / part.name).symlink_to(part)
    with new_run("submit") as run:
        settings = {
            "spark.driver.memory": "512m",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": 2,
        }
        spark = {
            "master": LOCAL_CLUSTER,
            "metastore": start_metastore(run),
            "warehouse": f"file://{cluster.folder / 'hive'}",
            "feature_source": f"file://{cluster.folder / 'feature_source'}",
            "settings": settings,
        }
        # JSON is YAML
        environment = {"target": "local", "secrets": ["WAREHOUSE"], "spark": spark}
        (cluster.folder / "cluster.yaml").write_text(json.dumps(environment))
        yield cluster


def test_a_day_is_computed_by_executors_and_its_table_stays_in_the_metastore(cluster):
    cluster.write("2013-06-01", "plain", "raise")
    done = cluster.submit("--dt", "2013-06-01", WAREHOUSE=str(cluster.folder / "warehouse"))
    assert done.returncode == 0, done.stderr[-4000:]
    assert cluster.rows("2013-06-01") == ["thing:plain", "thing:raise"]
    assert "partition 2013-06-01 written: rows 2, dead letters 0" in done.stdout
    # what a function did in an executor comes back to the driver
    assert "upper_or_raise raised 1 times" in done.stdout, "spark-submit has no other place for Python's errors"
    assert list((cluster.spark / "work").glob("app-*/0/stderr")), "an executor of its own"

    # the metastore knows of the table now, and of this one partition: it would be found again in one in memory
    cluster.write("2013-06-02", "later")
    refused = cluster.submit("--dt", "2013-06-02", WAREHOUSE="/elsewhere")
    assert refused.returncode == 1
    assert "dt=2013-06-02: the table web.lines has no partition dt=2013-06-02" in refused.stdout


def test_the_command_is_shown_and_needs_no_secret(cluster):
    shown = cluster.submit("--dt", "2013-06-01", "--print")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith(f"{cluster.spark}/bin/spark-submit \\\n  --master '{LOCAL_CLUSTER}' \\\n")
    assert "# WAREHOUSE: from this machine's environment\n" in shown.stdout
    refused = cluster.submit("--dt", "2013-06-01")
    assert (refused.returncode, refused.stderr) == (
        2,
        "error: Secrets that are not set in this machine's environment: WAREHOUSE.\n",
    )


def test_a_secret_in_a_properties_file_arrives_and_is_blotted_out(tmp_path):
    """As on YARN, where the driver's environment is a setting; the program shows what Spark makes of it."""
    key = "spark.yarn.appMasterEnv.WEATHER"
    arguments = [
        "--master",
        "local[1]",
        "--conf",
        "spark.ui.enabled=false",
        "--conf",
        f"{REDACTION}={redaction('x^', {key: ''})}",
    ]
    output = tmp_path / "shown.json"
    call = Submission([*arguments, str(SHOW_SETTINGS), key, str(output)], properties={key: SECRET})
    assert run(call, spark_home() / "bin" / "spark-submit", process_variables()) == 0
    shown = json.loads(output.read_text(encoding="utf-8"))
    assert shown["value"] == SECRET
    assert key in shown["listed"]
    assert SECRET not in shown["listed"]
    assert SECRET not in shown["command"]
    assert not Path(shown["file"]).exists()
    assert shown["mode"] == 0o600


def test_the_driver_pod_that_kubernetes_is_asked_for(cluster):
    upload = cluster.folder / "upload"
    with kubernetes_api() as server:
        spark = {
            "master": f"k8s://{server.address}",
            "image": "registry.example/spark",
            "namespace": "features",
            "secret": "of-batches",
            "upload": f"file://{upload}",
            "feature_source": "hdfs:///feature_source",
            "metastore": "thrift://metastore.example:9083",
            "settings": {"spark.kubernetes.submission.waitAppCompletion": False},
        }
        environment = {"target": "kubernetes", "secrets": ["WAREHOUSE"], "spark": spark}
        (cluster.folder / "kubernetes.yaml").write_text(json.dumps(environment))
        done = cluster.submit("--dt", "2013-06-01", environment="kubernetes", WAREHOUSE=SECRET)
    assert done.returncode == 0, done.stderr[-4000:]
    pod = server.made["Pod"]
    assert "/namespaces/features/pods" in server.paths["Pod"]
    (container,) = pod["spec"]["containers"]
    assert container["image"] == "registry.example/spark"
    variables = {each["name"]: each for each in container["env"]}
    assert variables["TZ"]["value"] == "UTC"
    assert variables["WAREHOUSE"]["valueFrom"]["secretKeyRef"] == {"name": "of-batches", "key": "WAREHOUSE"}
    assert container["args"][-4:] == ["--feature-source", "hdfs:///feature_source", "--dt", "2013-06-01"]
    uploaded = {path.name for path in upload.glob("*/*") if not path.name.endswith(".crc")}
    assert uploaded == {"run.py", "manifest.json", "udf_def.py"}
    assert SECRET not in json.dumps(server.made, ensure_ascii=False)
