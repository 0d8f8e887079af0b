"""A stub like gRPC's that calls as JSON over HTTP: what is tested by the one is tested by the other."""

from collections.abc import Sequence
from typing import Any

import grpc
import httpx
from featuremill_serving.http.routes import ROUTES, Route
from featuremill_serving.v1 import serving_pb2 as wire
from google.protobuf import json_format
from google.protobuf.message import Message

RESPONSES: dict[str, type[Message]] = {
    method.name: getattr(wire, method.output_type.name)
    for method in wire.DESCRIPTOR.services_by_name["FeatureService"].methods
}


class HttpRefusal(grpc.RpcError):
    """An error's answer, with the face of gRPC's."""

    def __init__(self, response: httpx.Response) -> None:
        error = response.json()["error"]
        assert error["code"] == response.status_code
        self._code = grpc.StatusCode[error["status"]]
        self._message: str = error["message"]

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._message


class HttpStub:
    """Has a method for each call of the service."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        for route in ROUTES:
            setattr(self, route.call, self._method(route))

    def _method(self, route: Route) -> Any:
        def call(request: Message, timeout: float, metadata: Sequence[tuple[str, str]] = ()) -> Message:
            headers = [*metadata, ("grpc-timeout", f"{int(timeout * 1000)}m")]
            document = json_format.MessageToDict(request, preserving_proto_field_name=bool(route.parameter))
            path = route.template.format(**document)
            if route.verb == "POST":
                response = self.client.post(path, json=document, headers=headers)
            else:
                document.pop(route.parameter, None)
                response = self.client.get(path, params=document, headers=headers)
            if response.status_code != 200:
                raise HttpRefusal(response)
            return json_format.Parse(response.content, RESPONSES[route.call]())

        return call
