"""Trying a template before it is used: whatever may be missing must not leave a hole in the message."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError

from dealwright.diagnostics.diagnostic import Diagnostic, Location
from dealwright.playbook.checks.sample_deals import may_be_missing, view
from dealwright.playbook.language.paths import Path
from dealwright.playbook.source.bundle import is_sms
from dealwright.playbook.source.template_sandbox import SUBJECT, Sandbox

_NONE = re.compile(r"\bnone\b", re.IGNORECASE)
_TAKES_IN = ("include", "import", "extends")
_WENT_WRONG = (
    TemplateError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Failure:
    line: int
    text: str
    forbidden: bool = False


def holes_in(
    path: str, files: Mapping[str, str], sure: frozenset[str], own: Mapping[str, Path]
) -> Iterator[Diagnostic]:
    """The lines of a template that fail when something is not known.

    ``sure`` are the paths that every step that sends it makes sure of, ``own`` those of the playbook's fields.
    """
    trial = _Trial(path, files, sure, own)
    if (failure := trial.failure(frozenset())) is not None:
        remedy = "mend it: it fails though everything is known"
        yield _hole(
            path, failure.line, failure.text, "take it out: a message only shows" if failure.forbidden else remedy
        )
        return
    told: set[tuple[int, str]] = set()
    optional = may_be_missing(sure, own)
    used = [one for one in optional if _may_be_used(one, files[path])]
    for missing in used:
        failure = trial.failure(frozenset({missing}))
        if failure is not None and told.isdisjoint((failure.line, part) for part in _around(missing)):
            told.add((failure.line, missing))
            yield _hole(
                path, failure.line, f"{missing!r} may be missing, which leaves a hole here", _guard(missing, sure)
            )
    lines = {line for line, _ in told}
    for known in (None, *used):
        failure = trial.failure(frozenset(optional) - _around(known))
        if failure is not None and failure.line not in lines:
            lines.add(failure.line)
            only = f"when only {known} is known" if known else "when hardly anything is known"
            yield _hole(path, failure.line, f"{only}, this cannot be written: {failure.text}", "ask first: {% if … %}")


def _hole(path: str, line: int, problem: str, remedy: str) -> Diagnostic:
    return Diagnostic((), problem, remedy, location=Location(path, line))


def _may_be_used(path: str, text: str) -> bool:
    """Whether a template, or a piece that it takes in, may look at a path."""
    return path.removesuffix(".*").rpartition(".")[2] in text or any(word in text for word in _TAKES_IN)


class _Trial:
    """One template, rendered on deals that are made up."""

    def __init__(self, path: str, files: Mapping[str, str], sure: frozenset[str], own: Mapping[str, Path]) -> None:
        self._text, self._sure, self._own = files[path], sure, own
        sandbox = Sandbox(files)
        first, _, rest = ("", "", self._text) if is_sms(path) else self._text.partition("\n")
        # The body keeps its first line's place, so that line numbers are those of the file.
        body = rest if is_sms(path) else "\n" + rest
        self._parts = sandbox.from_string(first[len(SUBJECT) :]), sandbox.from_string(body)
        self._says_none = bool(_NONE.search(self._text))

    def failure(self, missing: frozenset[str]) -> _Failure | None:
        """Why it cannot be written while these are not known; None if it can."""
        seen = view(missing, self._sure, self._own)
        try:
            written = "".join(part.render(seen) for part in self._parts)
        except SecurityError as error:
            return _Failure(_line(error), f"not allowed in a template: {error}", forbidden=True)
        except TemplateSyntaxError as error:
            return _Failure(_line(error), f"a piece that it includes is no Jinja: {error.message}")
        except TemplateNotFound as error:
            return _Failure(_line(error), f"there is no {error.name} in the playbook's folder", forbidden=True)
        except _WENT_WRONG as error:
            return _Failure(_line(error), str(error))
        if self._says_none or (hole := _NONE.search(written)) is None:
            return None
        return _Failure(_line_like(self._text, written[: hole.start()].count("\n")), "it would say None")


def _line(error: BaseException) -> int:
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == "<template>"), 1)


def _line_like(text: str, number: int) -> int:
    """The line of a template that most likely wrote a line of the message: the next one that writes a value."""
    lines = text.splitlines()
    return next((at + 1 for at, line in enumerate(lines) if at >= number and "{{" in line), 1)


def _around(path: str | None) -> frozenset[str]:
    """A path and the part that it belongs to."""
    return frozenset() if path is None else frozenset({path, path.rpartition(".")[0]})


def _guard(missing: str, sure: frozenset[str]) -> str:
    """How to ask first whether something is known."""
    part = missing.rpartition(".")[0]
    if missing.endswith("*"):
        return f"ask first for each by its name: {{% if {part} and {part}.name %}} … {{% endif %}}"
    certain = part in {"", "deal", "contact", "fields"} or any(path.startswith(f"{part}.") for path in sure)
    return f"ask first: {{% if {missing if certain else f'{part} and {missing}'} %}} … {{% endif %}}"
