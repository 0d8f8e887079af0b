"""What a call is, beside its request."""

from dataclasses import dataclass

from featuremill_serving.access import Caller


@dataclass(slots=True)
class Call:
    """Who calls (None: anybody may), and how many seconds they still wait (None: for ever)."""

    caller: Caller | None = None
    time_left_s: float | None = None

    def check(self, entity: str, names: tuple[str, ...]) -> None:
        """Raises CallFailed where the caller may not read one of the features."""
        if self.caller is not None:
            self.caller.check(entity, names)
