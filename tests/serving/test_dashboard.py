"""The Grafana dashboard: what its source makes, and every query of it is of something that a service exports."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
from featuremill_serving.v1 import serving_pb2 as wire
from grafana_foundation_sdk.models.dashboard import Dashboard
from prometheus_client.parser import text_string_to_metric_families
from serving_harness import FIXTURES, NOW, NOW_MS, SERVING, RedisServer, StartService, free_port, http_get

FOLDER = SERVING / "dashboards"
TEXT = (FOLDER / "featuremill-serving.json").read_text(encoding="utf-8")
DASHBOARD = json.loads(TEXT)
FUNCTIONS = {"sum", "min", "max", "rate", "increase", "histogram_quantile", "time", "vector", "label_values"}
KEYWORDS = {"by", "or"}
FROM_THE_SCRAPE = {"job", "instance"}
CODES = {code.name for code in grpc.StatusCode}
STATUSES = {name.removeprefix("FEATURE_STATUS_") for name, _ in wire.FeatureStatus.items()}
VALUES = {"code": CODES, "status": STATUSES}
SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'([a-z_]+)(=~|!=|!~|=)"([^"]*)"')


def queries() -> list[str]:
    """Every expression of a panel, and what the choices at the top are filled with."""
    of_panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
    of_choices = [each["query"] for each in DASHBOARD["templating"]["list"] if each["type"] == "query"]
    return of_panels + of_choices


def used(query: str) -> list[tuple[str, set[str], list[tuple[str, str]]]]:
    """The metrics of a query with all labels that it names, and with the values that it compares labels with."""
    grouped = {name.strip() for names in re.findall(r"\bby \(([^)]*)\)", query) for name in names.split(",")}
    grouped |= set(re.findall(r"label_values\(.*, *([a-z_]+)\)", query))
    rest = re.sub(r"\bby \([^)]*\)|\[[^]]*\]|(?<=, )[a-z_]+(?=\)$)", "", query)
    found = []
    for name, labels in SELECTOR.findall(rest):
        if name in FUNCTIONS | KEYWORDS:
            continue
        matchers = MATCHER.findall(labels)
        assert ",".join(f'{label}{sign}"{value}"' for label, sign, value in matchers) == labels, labels
        asked = [(label, value) for label, _, values in matchers for value in values.split("|") if "$" not in value]
        found.append((name, grouped | {label for label, _, _ in matchers}, asked))
    return found


@pytest.fixture
def exported(own_redis: RedisServer, start_service: StartService) -> dict[str, set[str]]:
    """The labels of each series of a service that has had some calls."""
    address = f"127.0.0.1:{free_port()}"
    arguments = ("--redis", own_redis.address, "--registry", str(FIXTURES / "registry.json"), "--now", NOW)
    service = start_service(*arguments, "--metrics", address)
    own_redis.write("airport:JFK", {"departures_1h": "17"}, {"airport_departure_delay": NOW_MS})
    service.batch(["airport:JFK"], feature_set="delay_model_v3")
    series: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(http_get(address, "/metrics")[1]):
        for sample in family.samples:
            series.setdefault(sample.name, set()).update(sample.labels)
    return series


def problems(query: str, exported: dict[str, set[str]]) -> list[str]:
    """What a query asks for that there is not."""
    wrong = []
    for metric, labels, values in used(query):
        if metric not in exported:
            wrong.append(f"no metric {metric}")
            continue
        wrong += [f"{metric} has no label {label}" for label in labels - exported[metric] - FROM_THE_SCRAPE]
        wrong += [f"{label} is never {value}" for label, value in values if value not in VALUES.get(label, {value})]
    return wrong


def test_it_is_what_its_source_makes(tmp_path: Path) -> None:
    made = tmp_path / "made.json"
    subprocess.run([sys.executable, str(FOLDER / "make_dashboard.py"), str(made)], check=True)
    assert made.read_text(encoding="utf-8") == TEXT, "run python serving/dashboards/make_dashboard.py"


def test_grafanas_types_take_it() -> None:
    def plain(value: Any) -> Any:
        return json.loads(json.dumps(value, default=lambda each: each.to_json()))

    assert plain(Dashboard.from_json(DASHBOARD)) == DASHBOARD


def test_every_query_is_of_what_is_exported(exported: dict[str, set[str]]) -> None:
    assert len(queries()) > 15
    for query in queries():
        assert used(query), query
        assert problems(query, exported) == [], query


def test_every_metric_of_ours_is_on_it(exported: dict[str, set[str]]) -> None:
    shown = {re.sub("_(bucket|total)$", "", metric) for query in queries() for metric, _, _ in used(query)}
    ours = {re.sub("_(bucket|total|sum|count|created)$", "", name) for name in exported}
    assert {name for name in ours if name.startswith("featuremill_")} == shown


@pytest.mark.parametrize(
    "query",
    [
        'sum by (methods) (rate(featuremill_requests_total{job=~"$job"}[5m]))',
        'sum (rate(featuremill_request_total{job=~"$job"}[5m]))',
        'sum (rate(featuremill_values_total{method="x"}[5m]))',
        'sum (rate(featuremill_values_total{status="STALES"}[5m]))',
        "label_values(featuremill_values_total, set)",
    ],
)
def test_what_there_is_not_is_seen(exported: dict[str, set[str]], query: str) -> None:
    assert len(problems(query, exported)) == 1


def test_panels_have_a_title_and_a_text_and_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        assert panel["title"]
        assert panel["type"] == "row" or panel["description"].endswith(".")
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells
