"""Writes `featuremill-serving.json` anew: the Grafana dashboard of the service.

    python dashboards/make_dashboard.py [FILE]

needs grafana-foundation-sdk, which is no dependency of the service: what is made is committed. A test compares every
query with what a service exports.
"""

import sys
from pathlib import Path

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    LegendDisplayMode,
    StackingMode,
    TooltipDisplayMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    VariableRefresh,
    VariableSort,
)

FILE = Path(__file__).resolve().parent / "featuremill-serving.json"
_SOURCE = DataSourceRef("prometheus", "$datasource")
_OURS = 'job=~"$job"'
_SET = f'{_OURS},feature_set=~"$feature_set"'
# what the service couldn't do, by whomever's fault but the caller's
_FAILED = 'code=~"UNAVAILABLE|INTERNAL|RESOURCE_EXHAUSTED|DEADLINE_EXCEEDED|UNKNOWN"'
_WINDOW = "[$__rate_interval]"
_GREEN, _ORANGE, _RED = "green", "orange", "red"


def _limits(*steps: tuple[float, str], first: str = _GREEN) -> dashboard.ThresholdsConfig:
    """A colour, and others from some values on."""
    made = [Threshold(None, first), *(Threshold(value, colour) for value, colour in steps)]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(made)


def _query(expression: str, legend: str = "", ref: str = "A") -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(ref).range()


def _number(title: str, text: str, expression: str, unit: str, limits: dashboard.ThresholdsConfig) -> stat.Panel:
    """One number with its course."""
    return (
        stat.Panel()
        .title(title)
        .description(text)
        .datasource(_SOURCE)
        .with_target(_query(expression))
        .unit(unit)
        .thresholds(limits)
        .color_mode(BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.AREA)
        .orientation(VizOrientation.AUTO)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
        .height(4)
        .span(4)
    )


def _graph(title: str, text: str, unit: str, *queries: prometheus.Dataquery, span: int = 8) -> timeseries.Panel:
    """Lines over time."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(text)
        .datasource(_SOURCE)
        .unit(unit)
        .min(0)
        .legend(common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).show_legend(True))
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
        .height(8)
        .span(span)
    )
    for query in queries:
        panel = panel.with_target(query)
    return panel


def _quantile(quantile: float, metric: str, by: str, labels: str) -> str:
    return f"histogram_quantile({quantile}, sum by (le, {by}) (rate({metric}_bucket{{{labels}}}{_WINDOW})))"


def _rate(metric: str, labels: str, by: str = "") -> str:
    summed = f"sum by ({by})" if by else "sum"
    return f"{summed} (rate({metric}{{{labels}}}{_WINDOW}))"


def _refused(what: str) -> str:
    return f"sum by (instance) (increase(featuremill_{what}_refused_total{{{_OURS}}}{_WINDOW}))"


def _choice(name: str, label: str, query: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(_SOURCE)
        .query(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
    )


def _numbers() -> list[stat.Panel]:
    requests = "featuremill_requests_total"
    failed = f"{_rate(requests, f'{_OURS},{_FAILED}')} / {_rate(requests, _OURS)} or vector(0)"
    age = f"max(time() - (featuremill_registry_loaded_timestamp_seconds{{{_OURS}}} > 0))"
    refused = " + ".join(
        f"sum(increase(featuremill_{what}_refused_total{{{_OURS}}}[1h]))" for what in ("registry", "callers")
    )
    return [
        _number("Calls", "Calls that ended.", _rate(requests, _OURS), "reqps", _limits()),
        _number(
            "Failed",
            "Share of the calls that failed for a reason that isn't the caller's.",
            failed,
            "percentunit",
            _limits((0.001, _ORANGE), (0.01, _RED)),
        ),
        _number(
            "p99",
            "99 of 100 calls took no longer in the process.",
            f"histogram_quantile(0.99, sum by (le) (rate(featuremill_request_seconds_bucket{{{_OURS}}}{_WINDOW})))",
            "s",
            _limits((0.05, _ORANGE), (0.25, _RED)),
        ),
        _number(
            "Redis",
            "1 where every instance can read it, 0 where one can't.",
            f"min(featuremill_redis_up{{{_OURS}}})",
            "none",
            _limits((1, _GREEN), first=_RED),
        ),
        _number("Registry's age", "Since the one in use was loaded, of the oldest.", age, "s", _limits()),
        _number("Refused", "Broken registries, callers and keys, in an hour.", refused, "none", _limits((1, _RED))),
    ]


def _calls() -> list[timeseries.Panel]:
    seconds = "featuremill_request_seconds"
    return [
        _graph(
            "Calls by method",
            "Calls that ended, by gRPC and over HTTP together.",
            "reqps",
            _query(_rate("featuremill_requests_total", _OURS, "method"), "{{method}}"),
        ),
        _graph(
            "Calls that didn't succeed, by code",
            "Also those that are the caller's mistake.",
            "reqps",
            _query(_rate("featuremill_requests_total", f'{_OURS},code!="OK"', "code"), "{{code}}"),
        ),
        _graph(
            "Duration",
            "From a request's arrival in the process to its answer.",
            "s",
            _query(_quantile(0.5, seconds, "method", _OURS), "{{method}} p50", "A"),
            _query(_quantile(0.99, seconds, "method", _OURS), "{{method}} p99", "B"),
        ),
    ]


def _feature_sets() -> list[timeseries.Panel]:
    values, ages = "featuremill_values_total", "featuremill_value_age_seconds"
    not_fresh, everything = f'{_SET},status!="PRESENT"', _rate(values, _SET, "feature_set")
    share = f"({_rate(values, not_fresh, 'feature_set')} or {everything} * 0) / {everything}"
    return [
        _graph(
            "Values by status",
            "Of the feature sets chosen above; `-` are calls that name features and no set.",
            "short",
            _query(_rate(values, _SET, "status"), "{{status}}"),
            span=12,
        ).stacking(common.StackingConfig().mode(StackingMode.PERCENT)),
        _graph(
            "Share without a fresh value, by feature set",
            "MISSING, STALE, DEFAULTED, UNKNOWN_FEATURE and INVALID.",
            "percentunit",
            _query(share, "{{feature_set}}"),
            span=12,
        ),
        _graph(
            "Stale values, by feature set",
            "Values that were given out beyond their max_age.",
            "short",
            _query(_rate(values, f'{_SET},status="STALE"', "feature_set"), "{{feature_set}}"),
            span=12,
        ),
        _graph(
            "Age of the oldest value of an answer",
            "By event time: half of the answers, and 95 of 100, have nothing older.",
            "s",
            _query(_quantile(0.5, ages, "feature_set", _SET), "{{feature_set}} p50", "A"),
            _query(_quantile(0.95, ages, "feature_set", _SET), "{{feature_set}} p95", "B"),
            span=12,
        ),
    ]


def _below() -> list[timeseries.Panel]:
    loaded = f"time() - (featuremill_registry_loaded_timestamp_seconds{{{_OURS}}} > 0)"
    return [
        _graph(
            "Redis, by instance",
            "1 where it can be read.",
            "none",
            _query(f"min by (instance) (featuremill_redis_up{{{_OURS}}})", "{{instance}}"),
        ).max(1),
        _graph("Registry's age, by instance", "Without a registry there is none.", "s", _query(loaded, "{{instance}}")),
        _graph(
            "Refused, by instance",
            "Broken registries, callers and keys; the last good ones stayed.",
            "none",
            _query(_refused("registry"), "{{instance}} registry", "A"),
            _query(_refused("callers"), "{{instance}} callers", "B"),
        ),
    ]


def make() -> str:
    """The dashboard as Grafana imports it."""
    builder = (
        dashboard.Dashboard("Featuremill serving")
        .uid("featuremill-serving")
        .description("What callers get, how fast, how fresh: by method and by feature set.")
        .tags(["featuremill"])
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .time("now-1h", "now")
        .refresh("30s")
        .timezone("utc")
        .with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
        .with_variable(_choice("job", "Job", "label_values(featuremill_requests_total, job)"))
        .with_variable(
            _choice("feature_set", "Feature set", f"label_values(featuremill_values_total{{{_OURS}}}, feature_set)")
        )
    )
    rows = {"Calls": (*_numbers(), *_calls()), "Feature sets": _feature_sets(), "Redis and registry": _below()}
    for title, panels in rows.items():
        builder = builder.with_row(dashboard.Row(title))
        for panel in panels:
            builder = builder.with_panel(panel)
    return JSONEncoder(sort_keys=True, indent=2).encode(builder.build()) + "\n"


if __name__ == "__main__":
    (Path(sys.argv[1]) if len(sys.argv) > 1 else FILE).write_text(make(), encoding="utf-8")
