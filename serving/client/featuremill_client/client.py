"""The client for programs without an event loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from types import TracebackType
from typing import Any, TypeVar

import grpc

from featuremill_client.base import ClientBase, new_request_id
from featuremill_client.deadline import Deadline
from featuremill_client.errors import FeaturemillError, from_rpc
from featuremill_client.features import Features
from featuremill_client.frame import Frame
from featuremill_client.steps import Request, Steps

_Result = TypeVar("_Result")


class Client(ClientBase):
    """Reads features. Threads may share one; a process makes its own.

    The connection is opened by the first call. A client that was made before a fork and not yet used works in every
    child; one that was used says so, because gRPC's threads don't survive a fork. Every method raises a
    FeaturemillError: see `featuremill_client.errors`.
    """

    def get(
        self,
        entity: str,
        features: Iterable[str] | None = None,
        *,
        feature_set: str | None = None,
        event_times: bool = False,
        timeout: float | None = None,
        request_id: str | None = None,
    ) -> Features:
        """The features of one entity, as they are now.

        Args:
            entity: the entity key, `airport:JFK`; `entity_key` makes one of any values.
            features: their names.
            feature_set: in the place of names, that of a feature set.
            event_times: whether to ask when the values were written.
            timeout: in the place of the client's own.
            request_id: under which the service logs the call; absent: one is made up.
        """
        wanted = self._get_steps(entity, features, feature_set, event_times)
        return self._run(wanted, self._timeout if timeout is None else timeout, request_id)

    def frame(
        self,
        entities: Iterable[str],
        features: Iterable[str] | None = None,
        *,
        feature_set: str | None = None,
        event_times: bool = False,
        timeout: float | None = None,
        request_id: str | None = None,
    ) -> Frame:
        """The same features of many entities of one kind, as columns; arguments as in `get`.

        Thousands are asked for in several calls. They all succeed, or the frame fails.
        """
        wanted = self._frame_steps(entities, features, feature_set, event_times)
        return self._run(wanted, self._frame_timeout if timeout is None else timeout, request_id)

    def close(self) -> None:
        """Ends the connection, and the calls that are under way."""
        channel = self._take_channel()
        if channel is not None:
            channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _run(self, wanted: Steps[_Result], timeout: float | None, request_id: str | None) -> _Result:
        request_id = new_request_id() if request_id is None else request_id
        deadline = Deadline(timeout, request_id)
        try:
            requests = next(wanted)
            while True:
                try:
                    responses = self._call_all(requests, deadline, request_id)
                except FeaturemillError as error:
                    requests = wanted.throw(error)
                else:
                    requests = wanted.send(responses)
        except StopIteration as done:
            result: _Result = done.value
            return result

    def _call_all(self, requests: Iterable[Request], deadline: Deadline, request_id: str) -> list[Any]:
        """The responses in the order of the requests, some of which are under way at the same time."""
        calls = self._calls(grpc)
        metadata = self._connection.metadata(request_id)
        under_way: deque[Any] = deque()
        responses: list[Any] = []
        try:
            if isinstance(requests, list) and len(requests) == 1:
                [request] = requests
                return [calls[request.method](request.message, timeout=deadline.left(), metadata=metadata)]
            for request in requests:
                if len(under_way) >= self._parallel_calls:
                    responses.append(under_way[0].result())
                    under_way.popleft()
                call = calls[request.method]
                under_way.append(call.future(request.message, timeout=deadline.left(), metadata=metadata))
            while under_way:
                responses.append(under_way[0].result())
                under_way.popleft()
            return responses
        except grpc.RpcError as error:
            raise from_rpc(error, request_id) from None
        finally:
            for each in under_way:
                each.cancel()
