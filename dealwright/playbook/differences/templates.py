"""In what the message templates of two bundles differ: line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import unified_diff

from dealwright.playbook.differences.difference import Difference, Place, difference
from dealwright.playbook.source.bundle import TEMPLATES
from dealwright.playbook.source.template_sandbox import SUBJECT


def compare_templates(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    """The templates that are gone or new, and the lines in which the others differ."""
    for path in sorted({*old, *new}):
        if not path.startswith(TEMPLATES):
            continue
        before, after = old.get(path), new.get(path)
        place = Place("template", path.removeprefix(TEMPLATES).removesuffix(".md"))
        if after is None:
            yield difference(place, "removed", "is gone", before=before)
        elif before is None:
            yield difference(place, "added", "is new", after=after)
        elif before != after:
            yield from _changed(place, before, after)


def _changed(place: Place, before: str, after: str) -> Iterator[Difference]:
    (subject_before, body_before), (subject, body) = _parts(before), _parts(after)
    if subject_before != subject:
        text = f'its subject is "{subject}" instead of "{subject_before}"'
        yield difference(place, "changed", text, field="subject", before=subject_before, after=subject)
    if body_before == body:
        return
    lines = list(unified_diff(body_before.splitlines(), body.splitlines(), lineterm="", n=0))[2:]
    gone = [line[1:] for line in lines if line.startswith("-")]
    came = [line[1:] for line in lines if line.startswith("+")]
    text = f"its text is another one ({_lines(len(gone))} gone, {_lines(len(came))} new)"
    yield difference(place, "changed", text, field="text", before=list(gone), after=list(came))


def _parts(template: str) -> tuple[str, str]:
    first, _, rest = template.partition("\n")
    if not first.lower().startswith(SUBJECT):
        return "", template
    return first[len(SUBJECT) :].strip(), rest


def _lines(count: int) -> str:
    return f"{count} line{'' if count == 1 else 's'}"
