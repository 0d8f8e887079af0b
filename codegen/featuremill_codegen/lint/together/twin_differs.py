from __future__ import annotations

import re
from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.facts import Facts, Together
from featuremill_codegen.lint.rule import CrossRule

_PRECISION = re.compile(r"\b(TIMESTAMP(?:_LTZ)?)\(\d\)")


class TwinDiffers(CrossRule):
    """A twin or a history that doesn't give what the pipeline that it serves gives.

    A twin (`parity_with`) is compared feature by feature; a history (named by `bootstrap_from`) is written under the
    other pipeline's name. Both need its entity, and its features with the same types; timestamps may be of another
    precision, which Flink and Spark don't share, since readers get milliseconds. A history may leave features out.
    """

    code = "FM107"
    why = (
        "a comparison of other features proves nothing, and a history of another type is text that readers can't parse"
    )

    def check(self, together: Together) -> Iterator[Finding]:
        for each in together.facts:
            twin_of = together.by_name.get(each.parity_with or "")
            if twin_of is not None and twin_of is not each:
                yield from self._compare(each, twin_of, "parity_with", each, whole=True)
            history = together.by_name.get(each.bootstrap_from or "")
            if history is not None and history is not each:
                yield from self._compare(history, each, "bootstrap_from", each, whole=False)

    def _compare(self, copy: Facts, model: Facts, key: str, told_by: Facts, *, whole: bool) -> Iterator[Finding]:
        others = (copy.name, model.name)
        if copy.entity != model.entity:
            message = f"Pipeline `{copy.name}` is about entity `{copy.entity}`, `{model.name}` about `{model.entity}`."
            yield told_by.places[key].finding(self.code, message, help="both need the same entity", others=others)
            return
        wanted = {feature.name: feature.type for feature in model.features}
        for feature in copy.features:
            if feature.name not in wanted:
                message = f"Pipeline `{model.name}` has no feature `{feature.name}`."
            elif _on_the_wire(wanted[feature.name]) != _on_the_wire(feature.type):
                message = (
                    f"`{feature.name}` is {wanted[feature.name]} in pipeline `{model.name}`; here it is {feature.type}."
                )
            else:
                continue
            help = "the same names and types on both sides"
            yield feature.place.finding(self.code, message, help=help, others=others)
        missing = sorted(wanted.keys() - {feature.name for feature in copy.features})
        if whole and missing:
            names = ", ".join(f"`{name}`" for name in missing)
            message = f"This twin of `{model.name}` doesn't give {names}."
            yield told_by.places[key].finding(self.code, message, help="give all that the other gives", others=others)


def _on_the_wire(kind: str) -> str:
    return _PRECISION.sub(r"\1", kind)
