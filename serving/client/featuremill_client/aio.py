"""The client for programs with an event loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from types import TracebackType
from typing import Any, TypeVar

import grpc
import grpc.aio

from featuremill_client.base import ClientBase, new_request_id
from featuremill_client.deadline import Deadline
from featuremill_client.errors import FeaturemillError, from_rpc
from featuremill_client.features import Features
from featuremill_client.frame import Frame
from featuremill_client.steps import Request, Steps

_Result = TypeVar("_Result")


class AsyncClient(ClientBase):
    """`Client` for asyncio: the same settings, methods and errors, to be awaited.

    It belongs to the event loop of its first call. A token's function or file is asked in that loop: let it be quick.
    """

    async def get(
        self,
        entity: str,
        features: Iterable[str] | None = None,
        *,
        feature_set: str | None = None,
        event_times: bool = False,
        timeout: float | None = None,
        request_id: str | None = None,
    ) -> Features:
        """As `Client.get`."""
        wanted = self._get_steps(entity, features, feature_set, event_times)
        return await self._run(wanted, self._timeout if timeout is None else timeout, request_id)

    async def frame(
        self,
        entities: Iterable[str],
        features: Iterable[str] | None = None,
        *,
        feature_set: str | None = None,
        event_times: bool = False,
        timeout: float | None = None,
        request_id: str | None = None,
    ) -> Frame:
        """As `Client.frame`."""
        wanted = self._frame_steps(entities, features, feature_set, event_times)
        return await self._run(wanted, self._frame_timeout if timeout is None else timeout, request_id)

    async def close(self) -> None:
        """Ends the connection, and the calls that are under way."""
        channel = self._take_channel()
        if channel is not None:
            await channel.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, wanted: Steps[_Result], timeout: float | None, request_id: str | None) -> _Result:
        request_id = new_request_id() if request_id is None else request_id
        deadline = Deadline(timeout, request_id)
        try:
            requests = next(wanted)
            while True:
                try:
                    responses = await self._call_all(requests, deadline, request_id)
                except FeaturemillError as error:
                    requests = wanted.throw(error)
                else:
                    requests = wanted.send(responses)
        except StopIteration as done:
            result: _Result = done.value
            return result

    async def _call_all(self, requests: Iterable[Request], deadline: Deadline, request_id: str) -> list[Any]:
        """The responses in the order of the requests, some of which are under way at the same time."""
        calls = self._calls(grpc.aio)
        metadata = self._connection.metadata(request_id)
        under_way: deque[Any] = deque()
        responses: list[Any] = []
        try:
            for request in requests:
                if len(under_way) >= self._parallel_calls:
                    responses.append(await under_way[0])
                    under_way.popleft()
                call = calls[request.method]
                under_way.append(call(request.message, timeout=deadline.left(), metadata=metadata))
            while under_way:
                responses.append(await under_way[0])
                under_way.popleft()
            return responses
        except grpc.RpcError as error:
            raise from_rpc(error, request_id) from None
        finally:
            for each in under_way:
                each.cancel()
