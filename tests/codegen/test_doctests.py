"""The examples in docstrings are right."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import featuremill_codegen
import pytest

MODULES = [
    module.name
    for module in pkgutil.walk_packages(featuremill_codegen.__path__, "featuremill_codegen.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0
