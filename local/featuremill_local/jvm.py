"""Options of the JVMs that a local run starts."""

from __future__ import annotations

from featuremill_local.java import find_java


def quick_start_options() -> list[str]:
    """Options for a JVM that lives for a minute: the first compiler only, the smallest collector, time in UTC."""
    return [
        *find_java().options,
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",
        "-Duser.timezone=UTC",
    ]
