"""A YAML file as a model of pydantic's; what pydantic finds wrong in it, as findings at their places."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.yaml_file import Location, YamlFile

M = TypeVar("M", bound=BaseModel)


def as_model(file: YamlFile, model: type[M], code: str) -> M:
    """The whole file as one model. A validator of ours raises ValueError with the message, and behind ` | ` the mend.

    Raises PipelineError with every mistake at its place.
    """
    if not isinstance(file.value, dict):
        name = PurePath(file.source.path).name
        raise PipelineError([file.finding(code, f"{name} is a list of `key: value`.", ())])
    try:
        return model.model_validate(file.value)
    except ValidationError as error:
        raise PipelineError([_as_finding(file, model, each, code) for each in error.errors()]) from None


def _as_finding(file: YamlFile, model: type[BaseModel], error: Any, code: str) -> Finding:
    location: Location = tuple(error["loc"])
    shown = ".".join(str(part) for part in location)
    match error["type"]:
        case "missing":
            message = f"`{shown}` is missing."
            return file.finding(code, message, location[:-1], help=f"add `{location[-1]}:`")
        case "extra_forbidden":
            help = did_you_mean(str(location[-1]), _keys_at(model, location[:-1]))
            return file.finding(code, f"There is no key `{location[-1]}` here.", location, help=help, at_key=True)
        case "value_error":
            message, _, help = str(error["ctx"]["error"]).partition(" | ")
            return file.finding(code, f"`{shown}`: {message}.", location, help=help)
        case "literal_error":
            message = f"`{shown}` is one of {error['ctx']['expected']}."
            return file.finding(code, message, location, help=did_you_mean(str(error["input"]), _literals(error)))
        case _:
            return file.finding(code, f"`{shown}`: {error['msg'][0].lower()}{error['msg'][1:]}.", location)


def _keys_at(kind: Any, location: Location) -> Sequence[str]:
    """The keys that may stand at a location in a value of this type; none where it is no model."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if not location:
            return list(kind.model_fields)
        field = kind.model_fields.get(str(location[0]))
        return _keys_at(field.annotation, location[1:]) if field is not None else []
    if get_origin(kind) in (dict, list):
        return _keys_at(get_args(kind)[-1], location[1:])
    return [key for each in get_args(kind) for key in _keys_at(each, location)]


def _literals(error: Any) -> list[str]:
    return [word.strip("' ") for word in error["ctx"]["expected"].replace(" or ", ",").split(",")]
