"""What stands behind every front."""

from dataclasses import dataclass

import grpc

from featuremill_serving.call_log import LOGGED
from featuremill_serving.guard import Guard
from featuremill_serving.metrics import Metrics
from featuremill_serving.service import FeatureService
from featuremill_serving.tls import TlsFiles
from featuremill_serving.tracing import Tracing


@dataclass(frozen=True, slots=True)
class Backing:
    """What a front needs beside its address, the same for all.

    Attributes:
        features: what answers.
        metrics: what is told of every call.
        guard: who may call; None: anybody.
        tls: None: without.
        shared: whether other processes of ours have the same port.
        connection_age_s: how long a connection may be kept, a tenth more or less; None: for ever.
        grace_s: how long calls under way have where it isn't.
        log_requests: whether every call is logged.
        tracing: makes spans of calls; None: there are none.
    """

    features: FeatureService
    metrics: Metrics
    guard: Guard | None
    tls: TlsFiles | None
    shared: bool
    connection_age_s: float | None
    grace_s: float
    log_requests: bool
    tracing: Tracing | None

    def ended(self, name: str, code: grpc.StatusCode, seconds: float) -> bool:
        """Counts a call that has ended, and tells whether it is to be logged."""
        self.metrics.ended(name, code.name, seconds)
        return self.log_requests or code in LOGGED
