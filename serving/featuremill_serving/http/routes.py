"""What each call is called over HTTP. The OpenAPI document is made from this and the descriptors."""

from dataclasses import dataclass
from urllib.parse import unquote


@dataclass(frozen=True, slots=True)
class Route:
    """A call's place. What isn't in the path comes as JSON in the body of a POST, as the query of a GET.

    Attributes:
        call: its name in the service.
        verb: POST or GET.
        path: the whole path, or with `parameter` what comes before its value.
        parameter: the field that is the rest of the path.
    """

    call: str
    verb: str
    path: str
    parameter: str = ""

    @property
    def template(self) -> str:
        """The path as OpenAPI writes it."""
        return f"{self.path}{{{self.parameter}}}" if self.parameter else self.path


ROUTES = (
    Route("GetFeatures", "POST", "/v1/features:get"),
    Route("BatchGetFeatures", "POST", "/v1/features:batchGet"),
    Route("ListFeatures", "GET", "/v1/features"),
    Route("GetFeatureSet", "GET", "/v1/feature-sets/", "feature_set"),
)
_WHOLE = {route.path: route for route in ROUTES if not route.parameter}
_PREFIXES = {route.path: route for route in ROUTES if route.parameter}


def find_route(raw_path: str) -> tuple[Route, str] | None:
    """The route of a path as it was sent, and its parameter's value; None where there is none.

    >>> find_route("/v1/feature-sets/delay%5Fmodel")[1]
    'delay_model'
    """
    route = _WHOLE.get(raw_path)
    if route is not None:
        return route, ""
    head, slash, last = raw_path.rpartition("/")
    route = _PREFIXES.get(head + slash)
    return None if route is None or not last else (route, unquote(last))
