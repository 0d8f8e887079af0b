"""Lint: what can be said of pipelines from their text alone. One rule a file; `rules.py` lists them.

rule.py        what a rule is: a code, a title, why it matters, and a check
contract/ streaming/ cost/ style/ security/ together/ loading/    the rules
subject.py     what a rule sees of a pipeline; facts.py what a rule for all of them together sees
silences.py    comments that silence a finding; fix.py mends by edits of the source
runner.py      runs the rules; cache.py remembers what has not changed
pages.py       a rule's page; formats/ findings for tools
"""

from featuremill_codegen.lint.runner import lint

__all__ = ["lint"]
