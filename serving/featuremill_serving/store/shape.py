"""Which servers hold which keys, and how that is found out."""

import binascii
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from featuremill_serving.addresses import HostPort
from featuremill_serving.errors import StoreError, StoreUnavailable
from featuremill_serving.store.options import Address, Mode, ReadFrom, StoreOptions
from featuremill_serving.store.resp import encode

SLOTS = 16384
Ask = Callable[[Address, bytes], Awaitable[Any]]
"""Sends one command to one of the addresses that were given, and returns the reply; raises StoreError."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A master and its replicas, which hold the same keys."""

    master: Address
    replicas: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """All shards; `of_slot` has for each slot the place of its shard, None where nobody has the slot. It is empty where
    one shard holds everything.
    """

    shards: tuple[Shard, ...]
    of_slot: tuple[int | None, ...] = ()


def slot_of(key: bytes) -> int:
    """The slot of a key: of what stands between its first braces, where there is something, else of all of it.

    >>> slot_of(b"airport:{JFK}"), slot_of(b"JFK")
    (10214, 10214)
    """
    start = key.find(b"{")
    if start >= 0:
        end = key.find(b"}", start + 1)
        if end > start + 1:
            key = key[start + 1 : end]
    return binascii.crc_hqx(key, 0) % SLOTS


class Finder(Protocol):
    """Finds the shape. `moves` tells whether it can change."""

    moves: bool

    async def find(self, ask: Ask) -> Shape:
        """The shape as it is now.

        Raises:
            StoreError: nobody who was asked could tell.
        """


def finder(options: StoreOptions) -> Finder:
    """The one for how this Redis is run."""
    if options.mode is Mode.SENTINEL:
        return _Sentinels(options)
    return _Cluster(options) if options.mode is Mode.CLUSTER else _Standalone(options)


class _Standalone:
    """The first address is the master, the others are its replicas."""

    moves = False

    def __init__(self, options: StoreOptions) -> None:
        self._shape = Shape((Shard(options.addresses[0], options.addresses[1:]),))

    async def find(self, ask: Ask) -> Shape:
        return self._shape


class _Sentinels:
    """Asks the sentinels, the one that answered last first."""

    moves = True

    def __init__(self, options: StoreOptions) -> None:
        self._addresses = list(options.addresses)
        self._name = options.sentinel_master
        self._with_replicas = options.read_from is ReadFrom.REPLICAS

    async def find(self, ask: Ask) -> Shape:
        return await _first(self._addresses, lambda address: self._ask(ask, address))

    async def _ask(self, ask: Ask, address: Address) -> Shape:
        found = await ask(address, encode("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._name))
        if found is None:
            raise StoreUnavailable(f"the sentinel at {address} knows no master {self._name!r}")
        replicas: tuple[Address, ...] = ()
        if self._with_replicas:
            told = await ask(address, encode("SENTINEL", "REPLICAS", self._name))
            replicas = tuple(each for each in map(_healthy_replica, told) if each is not None)
        return Shape((Shard(HostPort(found[0].decode(), int(found[1])), replicas),))


def _healthy_replica(told: Sequence[bytes]) -> Address | None:
    """Its address out of a sentinel's list of names and values."""
    facts = dict(zip(told[::2], told[1::2], strict=True))
    flags = set(facts[b"flags"].split(b","))
    if flags & {b"s_down", b"o_down", b"disconnected"} or facts.get(b"master-link-status") != b"ok":
        return None
    return HostPort(facts[b"ip"].decode(), int(facts[b"port"]))


class _Cluster:
    """Asks the nodes that were given, and then those that they told of."""

    moves = True

    def __init__(self, options: StoreOptions) -> None:
        self._given = options.addresses
        self._addresses = list(options.addresses)

    async def find(self, ask: Ask) -> Shape:
        shape = await _first(self._addresses, lambda address: self._ask(ask, address))
        told = [address for shard in shape.shards for address in (shard.master, *shard.replicas)]
        first = self._addresses[0]
        self._addresses = list(dict.fromkeys([first, *told, *self._given]))
        return shape

    async def _ask(self, ask: Ask, address: Address) -> Shape:
        ranges = await ask(address, encode("CLUSTER", "SLOTS"))
        places: dict[Shard, int] = {}
        of_slot: list[int | None] = [None] * SLOTS
        for first, last, *nodes in ranges:
            if not 0 <= first <= last < SLOTS:
                raise ValueError(f"slots from {first} to {last}")
            master, *replicas = (_node(node, address) for node in nodes)
            place = places.setdefault(Shard(master, tuple(replicas)), len(places))
            of_slot[first : last + 1] = [place] * (last + 1 - first)
        if not places:
            raise StoreUnavailable(f"the node at {address} knows of no slots")
        return Shape(tuple(places), tuple(of_slot))


def _node(told: Sequence[Any], asked: Address) -> Address:
    """A node of CLUSTER SLOTS; one without a host is at that of whom we asked."""
    host = (told[0] or b"").decode()
    if host in ("", "?"):
        host = asked.host if isinstance(asked, HostPort) else "127.0.0.1"
    return HostPort(host, int(told[1]))


async def _first(addresses: list[Address], ask: Callable[[Address], Awaitable[Shape]]) -> Shape:
    """The first answer; who gave it is moved to the front."""
    complaints: list[str] = []
    for address in list(addresses):
        try:
            shape = await ask(address)
        except StoreError as error:
            complaints.append(f"{address}: {error}")
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            complaints.append(f"{address}: an answer that can't be read: {error!r}")
        else:
            addresses.remove(address)
            addresses.insert(0, address)
            return shape
    raise StoreUnavailable("; ".join(complaints))
