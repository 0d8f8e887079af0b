"""`ci/environments/<name>.yaml`: what it says, and every mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from featuremill_ci.environment import load_environment
from featuremill_codegen.errors import PipelineError, UsageError

FIXTURES = Path(__file__).parent / "fixtures"
ENVIRONMENTS = FIXTURES / "environments"


def test_an_environment_of_a_yarn_cluster():
    environment = load_environment("yarn", ENVIRONMENTS)
    assert environment.target == "yarn"
    assert environment.values == {"WAREHOUSE": "hdfs:///warehouse", "UNUSED": "1"}
    assert environment.secrets == ["WEATHER_TOKEN", "OTHER_SECRET"]
    assert environment.spark.feature_source == "hdfs:///feature_source"
    assert environment.spark.settings["spark.executor.instances"] == "4"


def findings(name: str) -> list[str]:
    with pytest.raises(PipelineError) as refused:
        load_environment(name, ENVIRONMENTS)
    assert "hunter2" not in str(refused.value), "no message repeats a secret"
    assert all(finding.path == str(ENVIRONMENTS / f"{name}.yaml") for finding in refused.value.findings)
    return [f"{finding.line}:{finding.column}: {finding.message}" for finding in refused.value.findings]


def test_mistakes_are_told_at_their_places():
    assert findings("wrong_keys") == [
        "1:9: `target` is one of 'local', 'yarn' or 'kubernetes'.",
        "3:15: `values.WARE-HOUSE.[key]`: this is not a variable's name.",
        "4:1: There is no key `secret` here.",
        "5:11: `secrets.0`: this is not a variable's name.",
        "7:19: `spark.feature_source`: `feature_source` is neither an absolute path nor a URI.",
        "8:14: `spark.metastore`: `metastore.example:9083` is no metastore.",
    ]


def test_what_does_not_go_together_is_told_and_no_secret_is_repeated():
    assert findings("wrong_together") == [
        "3:3: `STORE_PASSWORD` looks like a secret, and stands here in plain text.",
        "4:3: `WEATHER` looks like a secret, and stands here in plain text.",
        "5:3: `KNOWN` is one of the secrets, and has a value here.",
        "7:1: `spark.image` is missing; the target kubernetes needs it.",
        "7:1: `spark.metastore` is missing; the target kubernetes needs it.",
        "7:1: `spark.secret` is missing; the target kubernetes needs it.",
        "7:1: `spark.upload` is missing; the target kubernetes needs it.",
        "8:11: `yarn` is no master of the target kubernetes.",
        "9:19: An object store can't rename a folder at once: a partition of the feature source could be seen by half.",
        "11:5: `spark.master` is not set here.",
        "12:5: `fs.s3a.endpoint` is not a setting of Spark's.",
        "13:5: `spark.hadoop.fs.s3a.secret.key` looks like a secret, and stands here in plain text.",
    ]


def test_keys_of_another_target():
    assert findings("of_another_target") == [
        "2:1: `spark.metastore` is missing; the target yarn needs it.",
        "3:3: `spark.master` is not for the target yarn.",
        "4:3: `spark.image` is not for the target yarn.",
    ]


def test_an_environment_that_is_not_there():
    with pytest.raises(UsageError, match=r"no environment `yarm`: .*yarm.yaml is missing.\nhelp: .*yarn"):
        load_environment("yarm", ENVIRONMENTS)
