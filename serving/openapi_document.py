"""The OpenAPI document of the JSON service: its descriptors with their comments, at the places in routes.py.

For generate_protos.py; no part of the service.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from featuremill_serving.http.routes import ROUTES, Route
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    ServiceDescriptorProto,
)

_DESCRIPTION = """\
The values of features, as they are now. The same as the gRPC service `{service}`, in the JSON that proto3
defines: 64-bit whole numbers are strings, enumerations are names, and a member may be sent as `entityName` or as
`entity_name`.

An error has a body like
`{{"error": {{"code": 404, "status": "NOT_FOUND", "message": "there is no feature set 'x'"}}}}`.
Worth another try, after a pause: 429 and 503."""
_EXAMPLES: Mapping[str, Any] = {
    "GetFeaturesRequest": {"entityName": "airport:JFK", "featureNames": ["departures_1h", "mean_departure_delay_1h"]},
    "BatchGetFeaturesRequest": {"entityNames": ["airport:JFK", "airport:LGA"], "featureSet": "delay_model_v3"},
    "ListFeaturesRequest": {"entity": "airport"},
    "GetFeatureSetRequest": {"feature_set": "delay_model_v3"},
}
_PARAMETERS = {
    "grpc-timeout": "How long the caller waits: a number of at most eight digits and one of H, M, S, m, u, n. "
    "`500m` is half a second. Without it: for ever.",
    "x-request-id": "What the call is known by in the log. The answer has it, too; without it one is made up.",
}
_ERRORS = {
    "400": "The request can't be right (INVALID_ARGUMENT), or not with what is stored (FAILED_PRECONDITION).",
    "401": "It isn't known who calls.",
    "403": "The caller may not read that.",
    "404": "There is no such feature set, entity or path.",
    "413": "The body is larger than is read.",
    "415": "The body isn't said to be application/json.",
    "429": "Too much at once; worth another try after a pause.",
    "503": "The store can't be read now; worth another try.",
    "504": "The request or its answer took longer than `grpc-timeout` says.",
    "default": "Any other failure.",
}
_Kinds = FieldDescriptorProto
_TYPES: Mapping[int, Mapping[str, Any]] = {
    _Kinds.TYPE_STRING: {"type": "string"},
    _Kinds.TYPE_BOOL: {"type": "boolean"},
    _Kinds.TYPE_INT32: {"type": "integer", "format": "int32"},
    _Kinds.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    _Kinds.TYPE_INT64: {"type": "string", "format": "int64"},
    _Kinds.TYPE_SFIXED64: {"type": "string", "format": "int64"},
    _Kinds.TYPE_DOUBLE: {"oneOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]},
}


def openapi_document(file: FileDescriptorProto) -> dict[str, Any]:
    """The document for the one service of the file, which has its source info with it.

    Raises:
        KeyError: the file has what this can't describe yet, or a call has no route.
    """
    comments = {tuple(each.path): _flow(each.leading_comments) for each in file.source_code_info.location}
    service = file.service[0]
    answers = _reached(file, [method.output_type for method in service.method])
    schemas = {
        message.name: _message(message, (4, place), comments, in_answers=message.name in answers)
        for place, message in enumerate(file.message_type)
    }
    schemas |= {enum.name: _enum(enum, (5, place), comments) for place, enum in enumerate(file.enum_type)}
    schemas["Error"] = _error_schema()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Featuremill serving",
            "version": file.package.rpartition(".")[2],
            "description": _flow(_DESCRIPTION).format(service=f"{file.package}.{service.name}"),
        },
        "security": [{}, {"bearer": []}],
        "paths": _paths(service, file, comments),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "parameters": {
                name: {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
                for name, text in _PARAMETERS.items()
            },
            "responses": {
                _error(status): {"description": text, "content": _json({"$ref": "#/components/schemas/Error"})}
                for status, text in _ERRORS.items()
            },
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "A token, or a JWT."}},
        },
    }


def _paths(
    service: ServiceDescriptorProto, file: FileDescriptorProto, comments: Mapping[tuple[int, ...], str]
) -> dict[str, Any]:
    """Every call at its place."""
    routes = {route.call: route for route in ROUTES}
    messages = {message.name: (place, message) for place, message in enumerate(file.message_type)}
    paths: dict[str, Any] = {}
    for place, method in enumerate(service.method):
        route = routes[method.name]
        asked = _name(method.input_type)
        text = comments[6, 0, 2, place]
        operation: dict[str, Any] = {
            "operationId": method.name,
            "summary": text.partition(". ")[0].rstrip("."),
            "description": text,
            "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in _PARAMETERS],
            "responses": {
                "200": {
                    "description": comments.get((4, messages[_name(method.output_type)][0])) or "What was asked for.",
                    "content": _json({"$ref": f"#/components/schemas/{_name(method.output_type)}"}),
                },
                **{status: {"$ref": f"#/components/responses/{_error(status)}"} for status in _ERRORS},
            },
        }
        if route.verb == "POST":
            content = _json({"$ref": f"#/components/schemas/{asked}"})
            content["application/json"]["example"] = _EXAMPLES[asked]
            operation["requestBody"] = {"required": True, "content": content}
        else:
            operation["parameters"] = [
                *_parameters(route, messages[asked][1], messages[asked][0], comments),
                *operation["parameters"],
            ]
        paths.setdefault(route.template, {})[route.verb.lower()] = operation
    return paths


def _parameters(
    route: Route, message: DescriptorProto, place: int, comments: Mapping[tuple[int, ...], str]
) -> Iterator[dict[str, Any]]:
    """A GET's fields, in its path and its query."""
    for number, field in enumerate(message.field):
        in_path = field.name == route.parameter
        yield {
            "name": field.name,
            "in": "path" if in_path else "query",
            "required": in_path,
            "description": comments.get((4, place, 2, number)) or "Its name.",
            "schema": dict(_TYPES[field.type]),
            "example": _EXAMPLES[message.name][field.name],
        }


def _message(
    message: DescriptorProto, path: tuple[int, ...], comments: Mapping[tuple[int, ...], str], *, in_answers: bool
) -> dict[str, Any]:
    """A message's schema. In an answer every field is there that has no presence; in a request none has to be."""
    schema: dict[str, Any] = {"type": "object"}
    if comments.get(path):
        schema["description"] = comments[path]
    schema["properties"] = {
        field.json_name: _field(field, comments.get((*path, 2, place), "")) for place, field in enumerate(message.field)
    }
    if not in_answers:
        schema["additionalProperties"] = False
        return schema
    required = [field.json_name for field in message.field if not _has_presence(field)]
    if required:
        schema["required"] = required
    elif message.oneof_decl:
        schema |= {"minProperties": 1, "maxProperties": 1}
    return schema


def _field(field: FieldDescriptorProto, description: str) -> dict[str, Any]:
    if field.type in (_Kinds.TYPE_MESSAGE, _Kinds.TYPE_ENUM):
        one: dict[str, Any] = {"$ref": f"#/components/schemas/{_name(field.type_name)}"}
    else:
        one = dict(_TYPES[field.type])
    schema = {"type": "array", "items": one} if field.label == _Kinds.LABEL_REPEATED else one
    return {"description": description, **schema} if description else schema


def _has_presence(field: FieldDescriptorProto) -> bool:
    single = field.label != _Kinds.LABEL_REPEATED
    return single and (field.HasField("oneof_index") or field.type == _Kinds.TYPE_MESSAGE)


def _enum(enum: EnumDescriptorProto, path: tuple[int, ...], comments: Mapping[tuple[int, ...], str]) -> dict[str, Any]:
    lines = [
        f"- `{value.name}`: {text}"
        for place, value in enumerate(enum.value)
        if (text := comments.get((*path, 2, place), ""))
    ]
    return {"type": "string", "enum": [value.name for value in enum.value], "description": "\n".join(lines)}


def _error_schema() -> dict[str, Any]:
    properties = {
        "code": {"type": "integer", "description": "The HTTP status."},
        "status": {"type": "string", "description": "The gRPC code by its name, for example `NOT_FOUND`."},
        "message": {"type": "string", "description": "What is wrong, for a person."},
    }
    error = {"type": "object", "required": list(properties), "properties": properties}
    return {"type": "object", "required": ["error"], "properties": {"error": error}}


def _reached(file: FileDescriptorProto, type_names: Sequence[str]) -> set[str]:
    """The messages that those of these names hold, and they themselves."""
    messages = {message.name: message for message in file.message_type}
    found: set[str] = set()
    left = [_name(each) for each in type_names]
    while left:
        name = left.pop()
        if name in messages and name not in found:
            found.add(name)
            left += [_name(field.type_name) for field in messages[name].field]
    return found


def _error(status: str) -> str:
    """What an error's answer is called."""
    return "OtherError" if status == "default" else f"Error{status}"


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _name(type_name: str) -> str:
    return type_name.rpartition(".")[2]


def _flow(comment: str) -> str:
    """A comment without its line breaks; paragraphs stay."""
    paragraphs = comment.strip().split("\n\n")
    return "\n\n".join(" ".join(line.strip() for line in paragraph.splitlines()) for paragraph in paragraphs)
