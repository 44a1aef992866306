"""Reading ``tests.yaml``: the tests, or everything that is wrong with them, each with its line and what to write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from dealwright.diagnostics.diagnostic import BadInput, Diagnostic, Location, Place
from dealwright.diagnostics.notation import Yaml
from dealwright.diagnostics.pydantic_errors import diagnostics_of
from dealwright.playbook.language.model import Playbook
from dealwright.yaml.document import BadYaml, YamlDocument, read_yaml
from dealwright.yaml.models import validate
from simulation.playbook_tests.language import Occasion, PlaybookTest
from simulation.playbook_tests.names import wrong_in

TESTS = "tests.yaml"
"""The file's name, beside the playbook."""
_BEGIN = "begin with - name: and what is promised, then given:, when: and then:"
_NOTATION = Yaml(
    {
        "name": "write name: and what is promised, in words",
        "then": "write what must follow, as then: {email: welcome}",
    }
)


class BadTests(BadInput):
    """Tests that cannot be run, with everything that is wrong with them, one line each."""


@dataclass(frozen=True, slots=True)
class WrittenTest:
    """A test (or an occasion), and where it stands."""

    test: Occasion
    document: YamlDocument
    place: Place = ()

    def location(self, *place: str | int) -> Location:
        """Where a part of it stands; of no part, its name."""
        at = self.document.position((*self.place, *(place or ("name",))), of_key=True)
        return Location(self.document.file, at.line, at.column)


def read_tests(text: str, playbook: Playbook, *, file: str = TESTS) -> tuple[WrittenTest, ...]:
    """Read the tests of a playbook. ``file`` is what the diagnostics call it.

    Raises:
        BadTests: they cannot be run; its ``diagnostics`` say everything that is wrong and where.
    """
    tests, found = _read(text, playbook, file)
    if found:
        raise BadTests(found)
    return tests


def check_tests(text: str, playbook: Playbook | None, *, file: str = TESTS) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a file of tests; names only where the playbook could be read."""
    return _read(text, playbook, file)[1]


def read_occasion(text: str, playbook: Playbook, *, file: str) -> WrittenTest:
    """Read what happens to one deal whose timeline somebody wants to see.

    Raises:
        BadTests: it cannot be told; its ``diagnostics`` say everything that is wrong and where.
    """
    try:
        document = read_yaml(text, file)
    except BadYaml as unreadable:
        raise BadTests(unreadable.diagnostics) from None
    occasion, found = validate(document, Occasion, kind="file", begin="begin with given: or when:", notation=_NOTATION)
    found += [document.located(one) for one in (wrong_in(occasion, playbook) if occasion is not None else ())]
    if occasion is None or found:
        raise BadTests(found)
    return WrittenTest(occasion, document)


def _read(text: str, playbook: Playbook | None, file: str) -> tuple[tuple[WrittenTest, ...], tuple[Diagnostic, ...]]:
    try:
        document = read_yaml(text, file)
    except BadYaml as unreadable:
        return (), unreadable.diagnostics
    found = list(document.diagnostics)
    if not isinstance(document.data, list) or not document.data:
        problem = f"the file of tests is {'no list' if document.data else 'empty'}"
        return (), (*found, document.located(Diagnostic((), problem, _BEGIN, code="wrong_type")))
    tests: list[WrittenTest] = []
    for index, written in enumerate(document.data):
        try:
            test = PlaybookTest.model_validate(written)
        except ValidationError as error:
            found += (document.located(one.under(index)) for one in diagnostics_of(error, PlaybookTest, _NOTATION))
            continue
        tests.append(WrittenTest(test, document, (index,)))
        wrong = wrong_in(test, playbook) if playbook is not None else ()
        found += (document.located(one.under(index)) for one in wrong)
    found += map(document.located, _twice(tests))
    return tuple(tests), tuple(found)


def _twice(tests: list[WrittenTest]) -> Iterator[Diagnostic]:
    first: dict[str, WrittenTest] = {}
    for one in tests:
        if first.setdefault(one.test.name, one) is not one:
            problem = f"there is already a test {one.test.name!r}"
            yield Diagnostic((*one.place, "name"), problem, "give it another name", code="duplicate")
