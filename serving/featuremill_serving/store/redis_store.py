"""Reads from one Redis, however it is run."""

import asyncio
import functools
import itertools
import logging
import random
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from hiredis import ReplyError

from featuremill_serving.errors import StoreError, StoreUnavailable
from featuremill_serving.layout import Read
from featuremill_serving.store.connection import Connection, connect
from featuremill_serving.store.link import Link
from featuremill_serving.store.options import Address, Mode, ReadFrom, StoreOptions
from featuremill_serving.store.resp import Moved, encode, error_of
from featuremill_serving.store.shape import Finder, Shape, Shard, finder, slot_of

Row = Sequence[bytes | None]
_LOOK_S = 1.0
_PAUSE_S = 0.02
_log = logging.getLogger(__name__)


class _Command(Protocol):
    def command(self, key: bytes) -> bytes: ...

    def commands(self, keys: Iterable[bytes]) -> bytes: ...


class RedisStore:
    """Reads over few connections that all calls share. `start` comes before anything else.

    Reads fail with
        StoreUnavailable: Redis can't be reached, doesn't answer, or isn't ready to.
        StoreRefused: the user or password is wrong or missing.
        StoreOverloaded: too many reads wait already.
        NotAnEntity: the key holds another type than the command is for.
        StoreError: any other refusal.
    """

    def __init__(self, options: StoreOptions) -> None:
        self.options = options
        self._finder: Finder = finder(options)
        self._shape = Shape(())
        self._links: dict[Address, list[Link]] = {}
        self._seeds: dict[Address, Link] = {}
        self._turn = 0
        self._closing: set[asyncio.Task[None]] = set()
        self._look = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Finds the servers and connects to all that are read, so that the first read is as fast as the others.

        Raises:
            StoreError: it can't be done now; may be called again.
        """
        self._use(await self._find())
        for failure in await self._ping_all():
            if failure is not None:
                raise failure
        if self._watch is None and self._finder.moves:
            self._watch = asyncio.create_task(self._keep_looking())

    async def ping(self) -> None:
        """Returns when at least one shard has answered: with none there is nothing that could be read.

        Raises:
            StoreError: none did.
        """
        failures = await self._ping_all()
        for failure in failures:
            if failure is None:
                return
        raise failures[0] or StoreUnavailable("unknown")

    async def read(self, read: Read, keys: Sequence[bytes], time_left_s: float | None = None) -> Sequence[Row]:
        """The rows of some entities, aligned with their keys; `time_left_s` is how long the caller waits at most."""
        replies = await self._fetch(read, keys, time_left_s)
        try:
            return read.rows(replies)
        except ValueError as error:
            raise self._distrust(f"Redis gave an answer that isn't one to a read: {error}") from None

    async def get(self, key: str) -> bytes | None:
        """A string's bytes, None if there is no such key."""
        [reply] = await self._fetch(_GET, [key.encode()], None)
        if reply is not None and not isinstance(reply, bytes):
            raise self._distrust("Redis gave an answer that isn't one to GET")
        return reply

    def _distrust(self, why: str) -> StoreUnavailable:
        """Cuts all connections: on one of them an answer was not to its question, and so may the next ones be."""
        _log.error("all connections to Redis are made anew: %s", why)
        for link in itertools.chain.from_iterable(self._links.values()):
            if link.connection is not None:
                link.connection.abort(why)
        return StoreUnavailable(why)

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        self._use(Shape(()))
        await asyncio.gather(*self._closing, *(link.close() for link in self._seeds.values()))
        self._seeds.clear()

    # reading

    async def _fetch(self, command: _Command, keys: Sequence[bytes], time_left_s: float | None) -> list[Any]:
        """The replies to a command for each key. What may be tried again is, while the caller waits.

        Where one server has all keys it is asked for all of them at once; what doesn't go well is left to the loop.
        """
        tried = 0
        shape = self._shape
        if not shape.of_slot and shape.shards:
            connection = self._pick(shape.shards[0])
            if connection is not None:
                tried = 1
                try:
                    replies = await connection.call(command.commands(keys), len(keys))
                except StoreUnavailable:
                    pass  # the connection broke
                else:
                    if ReplyError not in set(map(type, replies)):
                        return replies
        return await self._fetch_many(command, keys, time_left_s, tried)

    async def _fetch_many(
        self, command: _Command, keys: Sequence[bytes], time_left_s: float | None, attempt: int
    ) -> list[Any]:
        """The replies, also from a cluster and after some attempts that failed."""
        loop = asyncio.get_running_loop()
        give_up = None if time_left_s is None else loop.time() + time_left_s
        replies: list[Any] = [None] * len(keys)
        asked: Sequence[int] = range(len(keys))
        directions: dict[int, Moved] = {}
        while True:
            attempt += 1
            asked, directions, error = await self._try(command, keys, asked, directions, replies)
            if error is None:
                return replies
            if isinstance(error, Moved):
                pause_s = 0.0
            else:
                pause_s = _PAUSE_S * 2**attempt * random.uniform(0.5, 1.0) if attempt > 1 else 0.0
            self._look.set()
            if attempt >= self.options.attempts or (give_up is not None and loop.time() + pause_s >= give_up):
                raise error
            await asyncio.sleep(pause_s)

    async def _try(
        self,
        command: _Command,
        keys: Sequence[bytes],
        asked: Sequence[int],
        directions: dict[int, Moved],
        replies: list[Any],
    ) -> tuple[list[int], dict[int, Moved], StoreUnavailable | None]:
        """Asks for the keys at some places, and puts the replies there. For some a server has told where to ask.

        Returns the places that may be tried again, what was told for them, and one of the errors. Raises any error that
        another try wouldn't mend.
        """
        groups: dict[Shard | None, list[int]] = {}
        for place in asked:
            if place not in directions:
                groups.setdefault(self._shard_of(keys[place]), []).append(place)
        places = [*groups.values(), *([place] for place in directions)]
        calls = [
            self._ask_shard(shard, command.commands([keys[place] for place in group]), len(group))
            for shard, group in groups.items()
        ]
        calls += [self._follow(moved, command.command(keys[place])) for place, moved in directions.items()]
        answered = [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)
        failed: list[int] = []
        told: dict[int, Moved] = {}
        error: StoreUnavailable | None = None
        for group, found in zip(places, answered, strict=True):
            for place, reply in zip(group, found, strict=True):
                problem = error_of(reply) if isinstance(reply, ReplyError) else reply
                if not isinstance(problem, StoreError):
                    replies[place] = reply
                    continue
                if not isinstance(problem, StoreUnavailable):
                    problem.key = keys[place]
                    raise problem
                failed.append(place)
                error = problem
                if isinstance(problem, Moved):
                    told[place] = problem
        return failed, told, error

    def _shard_of(self, key: bytes) -> Shard | None:
        shape = self._shape
        if not shape.of_slot:
            return shape.shards[0] if shape.shards else None
        place = shape.of_slot[slot_of(key)]
        return None if place is None else shape.shards[place]

    async def _ask_shard(self, shard: Shard | None, commands: bytes, count: int) -> Sequence[Any]:
        """The replies; where it can't be asked, the error for each command."""
        try:
            if shard is None:
                raise StoreUnavailable("no server has the key's slot")
            return await (self._pick(shard) or await self._connection(shard)).call(commands, count)
        except StoreError as error:
            return [error] * count

    async def _follow(self, moved: Moved, command: bytes) -> Sequence[Any]:
        """The reply of the server that another one named."""
        try:
            connection = await self._links_to(moved.address)[0].get()
            if moved.ask:
                return (await connection.call(encode("ASKING") + command, 2))[1:]
            return await connection.call(command)
        except StoreError as error:
            return [error]

    # connections

    def _links_to(self, address: Address) -> list[Link]:
        links = self._links.get(address)
        if links is None:
            options = self.options
            make = functools.partial(
                connect,
                address,
                credentials=options.credentials,
                tls=options.tls,
                database=options.database,
                readonly=options.mode is Mode.CLUSTER and options.read_from is ReadFrom.REPLICAS,
                timeout_s=options.timeout_s,
                max_waiting=options.max_waiting,
            )
            links = self._links[address] = [Link(make) for _ in range(options.connections)]
        return links

    def _preferred(self, shard: Shard) -> Iterable[Address]:
        """The servers of a shard that are read, as long as one of them can be."""
        return shard.replicas if self.options.read_from is ReadFrom.REPLICAS and shard.replicas else (shard.master,)

    def _pick(self, shard: Shard) -> Connection | None:
        """An open connection to the shard, the one on which the fewest wait; None where there is none."""
        links = self._links.get(shard.master, ())
        if len(links) == 1 and not shard.replicas:
            connection = links[0].connection
            return connection if connection is not None and connection.open else None
        found = [
            link.connection
            for address in self._preferred(shard)
            for link in self._links.get(address, ())
            if link.connection is not None and link.connection.open
        ]
        if len(found) < 2:
            return found[0] if found else None
        self._turn = (self._turn + 1) % len(found)
        return min(found[self._turn :] + found[: self._turn], key=lambda connection: connection.waiting)

    async def _connection(self, shard: Shard) -> Connection:
        """A connection after a try of each server at most."""
        problem = StoreUnavailable("no server")
        for address in dict.fromkeys((*self._preferred(shard), shard.master)):
            try:
                return await self._links_to(address)[0].get()
            except StoreUnavailable as error:
                problem = error
        raise problem

    async def _ping_all(self) -> list[StoreError | None]:
        """For each shard the error with which it can't be read, None where it can."""
        if not self._shape.shards:
            return [StoreUnavailable("its servers aren't known yet")]
        return await asyncio.gather(*map(self._ping, self._shape.shards))

    async def _ping(self, shard: Shard) -> StoreError | None:
        links = [link for address in self._preferred(shard) for link in self._links_to(address)]
        problems: list[StoreError] = []
        for link in links:
            try:
                [reply] = await (await link.get()).call(encode("PING"))
                if isinstance(reply, ReplyError):
                    raise error_of(reply)
            except StoreError as error:
                problems.append(error)
        return problems[0] if len(problems) == len(links) else None

    # where the servers are

    async def _ask_seed(self, address: Address, command: bytes) -> Any:
        """One question to one of the servers that know where the others are."""
        options = self.options
        if address not in self._seeds:
            sentinel = options.mode is Mode.SENTINEL
            credentials = options.sentinel_credentials if sentinel else options.credentials
            self._seeds[address] = Link(
                functools.partial(
                    connect, address, credentials=credentials, tls=options.tls, timeout_s=options.timeout_s
                )
            )
        [reply] = await (await self._seeds[address].get()).call(command)
        if isinstance(reply, ReplyError):
            raise error_of(reply)
        return reply

    async def _find(self) -> Shape:
        """Where the servers are now. Who was asked and can't be reached is forgotten: a cluster's nodes come and go."""
        try:
            shape = await self._finder.find(self._ask_seed)
        except StoreError:
            # on one of these connections an answer may have been to another question
            while self._seeds:
                self._close(self._seeds.popitem()[1])
            raise
        for address in [address for address, link in self._seeds.items() if link.connection is None]:
            self._close(self._seeds.pop(address))
        return shape

    async def _keep_looking(self) -> None:
        """Every second, and soon after a read that failed."""
        while True:
            try:
                async with asyncio.timeout(_LOOK_S):
                    await self._look.wait()
                    await asyncio.sleep(_PAUSE_S)
            except TimeoutError:
                pass
            self._look.clear()
            try:
                self._use(await self._find())
            except StoreError as error:
                _log.debug("where Redis is can't be found out now: %s", error)
            except Exception:
                _log.exception("a look at where Redis is failed")

    def _use(self, shape: Shape) -> None:
        """Reads from these servers from now on; connections to all others are closed."""
        if self._shape.shards and shape.shards and shape != self._shape:
            _log.info("Redis' servers changed: %s", ", ".join(str(shard.master) for shard in shape.shards))
        self._shape = shape
        wanted = {address for shard in shape.shards for address in (shard.master, *shard.replicas)}
        for address in [address for address in self._links if address not in wanted]:
            for link in self._links.pop(address):
                self._close(link)
        for shard in shape.shards:
            for address in self._preferred(shard):
                self._links_to(address)

    def _close(self, link: Link) -> None:
        task = asyncio.create_task(link.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


class _Get:
    def command(self, key: bytes) -> bytes:
        return encode("GET", key)

    def commands(self, keys: Iterable[bytes]) -> bytes:
        return b"".join(map(self.command, keys))


_GET = _Get()
