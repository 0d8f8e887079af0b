"""Parts of serving, each given input that nobody means.

Each target draws an input, gives it to its part and returns in a word how that went; whatever isn't meant to happen
raises. `test_fuzz` runs each for a moment, `nox -s fuzz-serving` as long as it is told.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
from fuzz_files import CallersFiles, KeySets, Registries, Tokens
from fuzz_redis import LyingRedis, Places, Replies
from fuzz_service import Answers, Requests
from serving_harness import FIXTURES, NOW, NOW_MS, RedisServer, Service

MOST_MB = 400

# CPU seconds for one input; a machine may be busy, a hang is not
LONGEST_S = 3.0

Target = Callable[[random.Random], str]


def tried(target: Target, seed: int) -> str:
    """What came of one input; raises where that isn't meant, or took long."""
    started_s = time.process_time()
    word = target(random.Random(seed))
    taken_s = time.process_time() - started_s
    assert taken_s < LONGEST_S, f"it took {taken_s:.1f} s"
    return word


@contextmanager
def targets(folder: Path) -> Iterator[dict[str, Target]]:
    """All targets by name, with the processes that two of them need; in the end those are alive, and not large."""
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer(_made(folder / "redis")))
        redis.write("airport:JFK", {"departures_1h": "17"}, {"airport_departure_delay": NOW_MS})
        liar = LyingRedis()
        stack.callback(liar.close)
        tokens = Tokens(folder)
        callers = folder / "callers.toml"
        callers.write_text('[callers.model]\nsubject = "model"\n', encoding="utf-8")
        guarded = stack.enter_context(
            Service(
                _made(folder / "guarded"),
                *("--redis", redis.address, "--registry", str(FIXTURES / "registry.json"), "--now", NOW),
                *("--callers", str(callers), "--jwks", str(tokens.jwks), "--jwt-audience", "features"),
            )
        )
        deceived = stack.enter_context(
            Service(
                _made(folder / "deceived"),
                *("--redis", liar.address, "--redis-timeout", "0.1", "--redis-attempts", "2"),
            )
        )
        yield {
            "requests and tokens, to a service": Requests(guarded, tokens),
            "Redis' answers, to a service": Answers(deceived, liar),
            "Redis' answers, to a connection": Replies(),
            "places of servers, told by Redis": Places(),
            "registries": Registries(),
            "files of callers": CallersFiles(),
            "tokens": tokens,
            "key sets": KeySets(tokens, folder),
        }
        for service in (guarded, deceived):
            assert service.process.poll() is None, service.log[-2000:]
            assert psutil.Process(service.process.pid).memory_info().rss < MOST_MB * 2**20
            assert "Traceback" not in service.log


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
