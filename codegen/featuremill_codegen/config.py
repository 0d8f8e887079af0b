"""`feature.yaml`: what SQL can't say of a pipeline."""

from __future__ import annotations

import re
import zoneinfo
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from featuremill_codegen.as_model import as_model
from featuremill_codegen.cron import Cron, parse_cron
from featuremill_codegen.durations import DURATION_HELP, parse_duration
from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.names import NAME, NAME_RULE, did_you_mean
from featuremill_codegen.settings import allowed_settings
from featuremill_codegen.source import SourceFile
from featuremill_codegen.yaml_file import YamlFile, read_yaml

CODE = "FM103"
_COLUMN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")


def _name(value: Any) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise ValueError(f"`{value}` is not a name | {NAME_RULE}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("some text is wanted here")
    return value.strip()


def _milliseconds(value: Any) -> int:
    try:
        return parse_duration(str(value))
    except ValueError as error:
        raise ValueError(f"{error} | {DURATION_HELP}") from None


def _cron(value: Any) -> str:
    text = _text(value)
    parse_cron(text)
    return text


def _time_zone(value: Any) -> str:
    text = _text(value)
    if text != "UTC" and text not in (known := zoneinfo.available_timezones()):
        help = did_you_mean(text, known) or "UTC, or a name such as Europe/Berlin"
        raise ValueError(f"`{text}` is no time zone | {help}")
    return text


def _day(value: Any) -> date:
    if type(value) is date:  # YAML reads a day by itself; an instant is one of its subclasses
        return value
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
            return date.fromisoformat(str(value))
    except ValueError:
        pass  # a 30th of February
    raise ValueError(f"`{value}` is not a day | write it as 2013-06-01")


def _wire_text(value: Any) -> str | None:
    """A default as the wire has it: `0`, `1.5`, `true`, `text`."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | str):
        return str(value)
    raise ValueError("a default is a number, a text, true or false")


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | str) and str(value).strip():
        return str(value)
    raise ValueError("a setting is a number, a text, true or false")


def _key_column(value: Any) -> str:
    if not isinstance(value, str) or not _COLUMN.fullmatch(value):
        raise ValueError(f"`{value}` can't be a key column | a letter, then at most 62 letters, digits and _")
    if value == "event_time":
        raise ValueError("`event_time` is no key: it is when the values were true")
    return value


Name = Annotated[str, BeforeValidator(_name)]
KeyColumn = Annotated[str, BeforeValidator(_key_column)]
Text = Annotated[str, BeforeValidator(_text)]
Milliseconds = Annotated[int, BeforeValidator(_milliseconds)]
WireText = Annotated[str | None, BeforeValidator(_wire_text)]
Setting = Annotated[str, BeforeValidator(_setting)]
CronText = Annotated[str, BeforeValidator(_cron)]
TimeZone = Annotated[str, BeforeValidator(_time_zone)]
Day = Annotated[date, BeforeValidator(_day)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Entity(_Model):
    """What a feature describes. `keys` are the query's columns that name one: `airport`, or several."""

    name: Name
    keys: Annotated[list[KeyColumn], Field(min_length=1, max_length=8)]

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"name": value, "keys": [value]}
        if isinstance(value, dict) and "name" in value and "keys" not in value:
            return {**value, "keys": [value["name"]]}
        return value

    @model_validator(mode="after")
    def _no_key_twice(self) -> Entity:
        if len(set(self.keys)) != len(self.keys):
            raise ValueError("a key column stands here twice")
        return self


class FeatureConfig(_Model):
    """What readers are told of one feature, and its type where SQL doesn't show it."""

    description: Text | None = None
    unit: Text | None = None
    default: WireText = None
    type: Text | None = None


class Schedule(_Model):
    """When a batch runs, in its time zone. A run computes the day before it.

    `start` is the first day that is computed; with `catch_up` those that were missed since then are. `retries` and
    `retry_delay` are of each step of a run, `sla` is how long after its time a run's values are in Redis, and
    `depends_on` names batches whose partition of the same day is waited for. Durations are in milliseconds.
    """

    cron: CronText
    time_zone: TimeZone = "UTC"
    start: Day | None = None
    catch_up: bool = False
    retries: Annotated[int, Field(ge=0, le=20)] = 0
    retry_delay: Milliseconds = 5 * 60_000
    sla: Milliseconds | None = None
    depends_on: list[Name] = []

    @property
    def times(self) -> Cron:
        """When it runs."""
        return parse_cron(self.cron)


class Write(_Model):
    """How a batch writes."""

    mode: Literal["merge", "replace"] = "merge"
    allow_empty: bool = False

    @model_validator(mode="after")
    def _not_yet(self) -> Write:
        if self.mode == "replace":
            raise ValueError("`mode: replace` is not there yet | use `mode: merge`")
        return self


class FeatureYaml(_Model):
    """The whole file. `max_age` and `ttl` are in milliseconds here; `ttl` None never expires."""

    owner: Text
    description: Text
    entity: Entity
    max_age: Milliseconds
    ttl: Milliseconds | None = None
    upgrade: Literal["savepoint", "stateless", "blue-green"] = "savepoint"
    flink: dict[str, Setting] = {}
    features: dict[str, FeatureConfig | None] = {}
    schedule: Schedule | None = None
    write: Write | None = None
    parity_with: Name | None = None
    bootstrap_from: Name | None = None

    def feature(self, name: str) -> FeatureConfig:
        """What the file says of a feature; nothing of most."""
        return self.features.get(name) or FeatureConfig()


def load_config(source: SourceFile, mode: str) -> tuple[FeatureYaml, YamlFile]:
    """The file as a model, and with its places. `mode` is `stream` or `batch`.

    Raises PipelineError with every mistake of the file at its place.
    """
    file = read_yaml(source, CODE)
    config = as_model(file, FeatureYaml, CODE)
    findings = [
        *_of_mode(file, config, mode),
        *_settings(file, config),
        *_times(file, config),
        *_schedule(file, config),
    ]
    if findings:
        raise PipelineError(findings)
    return config, file


def _of_mode(file: YamlFile, config: FeatureYaml, mode: str) -> list[Finding]:
    batch_only, stream_only = ("schedule", "write"), ("upgrade", "flink", "bootstrap_from")
    wrong, other = (batch_only, "batch") if mode == "stream" else (stream_only, "stream")
    findings = [
        file.finding(CODE, f"`{key}` is for a {other} pipeline only; this is a {mode}.", (key,), at_key=True)
        for key in wrong
        if key in file.value
    ]
    if mode == "batch" and config.schedule is None:
        help = 'for example schedule: {cron: "0 3 * * *"}'
        findings.append(file.finding(CODE, "`schedule` is missing; a batch needs one.", (), help=help))
    return findings


def _settings(file: YamlFile, config: FeatureYaml) -> list[Finding]:
    allowed = allowed_settings()
    return [
        file.finding(
            "FM120",
            f"`{key}` is not a setting that a pipeline may make.",
            ("flink", key),
            help=did_you_mean(key, allowed) or "the platform sets the rest, the same for every pipeline",
            at_key=True,
        )
        for key in config.flink
        if key not in allowed
    ]


def _times(file: YamlFile, config: FeatureYaml) -> list[Finding]:
    if config.ttl is None or config.ttl >= config.max_age:
        return []
    message = "`ttl` is shorter than `max_age`: a value would be gone before a reader is told that it is stale."
    return [file.finding("FM119", message, ("ttl",), help="make `ttl` at least `max_age`, or leave it out")]


def _schedule(file: YamlFile, config: FeatureYaml) -> list[Finding]:
    schedule = config.schedule
    if schedule is None:
        return []
    findings = [
        file.finding(CODE, f"`{name}` stands here a second time.", ("schedule", "depends_on", place))
        for place, name in enumerate(schedule.depends_on)
        if name in schedule.depends_on[:place]
    ]
    if schedule.catch_up and schedule.start is None:
        message = "`catch_up` without `start`: nobody knows what the first day was."
        help = "add the first day that is to be computed, for example `start: 2013-01-01`"
        findings.append(file.finding(CODE, message, ("schedule", "catch_up"), help=help))
    return findings
