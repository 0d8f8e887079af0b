"""The calls of the service on a channel, by name. The same for grpc and grpc.aio."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from featuremill_client.connection import SERVICE
from featuremill_client.v1 import serving_pb2 as wire

_RESPONSES: Mapping[str, Any] = {
    "GetFeatures": wire.GetFeaturesResponse.FromString,
    "BatchGetFeatures": None,  # bytes: featuremill_client.packed reads them
    "ListFeatures": wire.ListFeaturesResponse.FromString,
    "GetFeatureSet": wire.GetFeatureSetResponse.FromString,
}


def of(channel: Any) -> Mapping[str, Any]:
    """What to call, with a message."""
    return {
        name: channel.unary_unary(
            f"/{SERVICE}/{name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=response,
        )
        for name, response in _RESPONSES.items()
    }
