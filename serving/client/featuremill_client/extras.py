"""NumPy, pandas, polars and Arrow are imported when they are first asked for, and nobody needs them all."""

from __future__ import annotations

import importlib
from typing import Any

# what a way out imports, which is also the extra that installs it
_NEEDS = {"numpy": ("numpy",), "pandas": ("pandas",), "polars": ("polars", "pyarrow"), "arrow": ("pyarrow",)}


def load(way: str) -> Any:
    """The module that writes frames for `way`; raises ImportError, which says what to install."""
    for package in _NEEDS[way]:
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise ImportError(
                f"to_{way} needs {package}, which can't be imported ({error}): install featuremill-client with its"
                f" extra [{way}], or run: pip install {package}",
                name=package,
            ) from error
    return importlib.import_module(f"featuremill_client.to_{way}")
