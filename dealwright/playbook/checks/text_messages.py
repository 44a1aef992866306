"""Checking the templates of text messages: they have no subject, say who writes, and are short."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dealwright.diagnostics.diagnostic import Diagnostic, Location
from dealwright.playbook.source.template_sandbox import SUBJECT
from dealwright.values.text_segments import MOST_SEGMENTS, segments

_WRITTEN_IN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_SAYS_WHO = re.compile(r"\{[{%][^}]*\bsender\b")


def wrong_in_text(path: str, text: str) -> Iterator[Diagnostic]:
    """What is wrong with a template as one of text messages, beside its words."""
    if text.lower().startswith(SUBJECT):
        yield _at(path, "a text message has no subject", "write the text alone")
    elif not text.strip():
        yield _at(path, "the message is empty", "write its text")
    elif not _SAYS_WHO.search(text):
        remedy = 'name the sender: {{ sender.name if sender else "…" }}, and for which company'
        yield _at(path, "it does not say who writes: a number alone tells nobody", remedy)
    if (many := segments(_WRITTEN_IN.sub("", text).strip())) > MOST_SEGMENTS:
        problem = f"its text has {many} segments even without what is filled in"
        yield _at(path, problem, f"keep it below {MOST_SEGMENTS}: 459 characters, or 201 with emoji and the like")


def _at(path: str, problem: str, remedy: str) -> Diagnostic:
    return Diagnostic((), problem, remedy, location=Location(path, 1))
