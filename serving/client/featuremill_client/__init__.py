"""Reads the features that Featuremill serves: one entity's as Python values, thousands as columns.

with Client("127.0.0.1:50051") as client:
    client.get("airport:JFK", ["departures_1h"])["departures_1h"]
    client.frame(["airport:JFK", "airport:LGA"], feature_set="delay_model_v3").to_pandas()
"""

from featuremill_client.aio import AsyncClient
from featuremill_client.client import Client
from featuremill_client.connection import Retries, Tls
from featuremill_client.errors import (
    AccessDenied,
    DeadlineExceeded,
    FeaturemillError,
    InvalidRequest,
    NotFound,
    Overloaded,
    PermissionDenied,
    PreconditionFailed,
    ServiceFailed,
    TryAgain,
    Unauthenticated,
    Unavailable,
)
from featuremill_client.features import Features
from featuremill_client.frame import Frame, Table
from featuremill_client.frame_steps import Limits
from featuremill_client.keys import entity_key
from featuremill_client.status import Status

__all__ = [
    "AccessDenied",
    "AsyncClient",
    "Client",
    "DeadlineExceeded",
    "FeaturemillError",
    "Features",
    "Frame",
    "InvalidRequest",
    "Limits",
    "NotFound",
    "Overloaded",
    "PermissionDenied",
    "PreconditionFailed",
    "Retries",
    "ServiceFailed",
    "Status",
    "Table",
    "Tls",
    "TryAgain",
    "Unauthenticated",
    "Unavailable",
    "entity_key",
]
