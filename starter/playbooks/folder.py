"""A playbook's folder, read: its rules, its tests, and deals that live by them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import typer

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import BadPlaybook, load_bundle
from dealwright.yaml.document import YamlDocument, read_yaml
from simulation.playbook_tests.judging import Failure, judge
from simulation.playbook_tests.language import Occasion
from simulation.playbook_tests.points import read_point
from simulation.playbook_tests.reading import TESTS, BadTests, WrittenTest, read_occasion, read_tests
from simulation.playbook_tests.running import Lived, live
from simulation.policies.reading import POLICIES, PolicyAt, read_policies
from simulation.timeline.rules import Rules
from starter.playbooks.files import PLAYBOOK, beside, files_in, folder_of, placed, text_of


@dataclass(frozen=True)
class Result:
    """What became of a test."""

    written: WrittenTest
    lived: Lived
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class PlaybookFolder:
    """A playbook that can be used, and what stands beside it."""

    path: Path
    playbook: Playbook
    rules: Rules

    @classmethod
    def read(cls, given: Path) -> Self:
        """Read it.

        Raises:
            BadPlaybook: the playbook cannot be used.
            typer.BadParameter: the folder holds none, or a file cannot be read.
        """
        files, path = files_in(given), folder_of(given)
        try:
            playbook = load_bundle(files)
        except BadPlaybook as error:
            raise BadPlaybook(placed(error.diagnostics, given)) from None
        document = read_yaml(files[PLAYBOOK], str(path / PLAYBOOK))
        return cls(path, playbook, Rules(playbook, document))

    def tests(self, named: str | None = None) -> tuple[WrittenTest, ...]:
        """Its tests; with ``named`` those whose name has these words in it.

        Raises:
            BadTests: the file of tests has mistakes.
            typer.BadParameter: there is no such file, or no such test.
        """
        text = beside(self.path, TESTS)
        if text is None:
            raise typer.BadParameter(f"{self.path} holds no {TESTS}")
        tests = read_tests(text, self.playbook, file=str(self.path / TESTS))
        found = tuple(one for one in tests if named is None or named.casefold() in one.test.name.casefold())
        if not found:
            raise typer.BadParameter(f"no test's name has {named!r} in it")
        return found

    def test(self, name: str) -> WrittenTest:
        """The test of that name.

        Raises:
            BadTests: the file of tests has mistakes.
            typer.BadParameter: there is no such file, or no such test.
        """
        tests = {one.test.name: one for one in self.tests()}
        if name not in tests:
            raise typer.BadParameter(f"there is no test {name!r}: {did_you_mean(name, tests)}")
        return tests[name]

    def policies(self) -> tuple[str, tuple[PolicyAt, ...]]:
        """The file of its policies, and what stands in it.

        Raises:
            BadPolicies: the file has mistakes.
            typer.BadParameter: there is no such file.
        """
        text, file = beside(self.path, POLICIES), str(self.path / POLICIES)
        if text is None:
            raise typer.BadParameter(f"{self.path} holds no {POLICIES}")
        return file, read_policies(text, self.playbook, file=file)

    def occasion(self, facts: Path | None) -> WrittenTest:
        """What a file tells of a deal; without one, a deal that is told nothing.

        Raises:
            BadTests: the file has mistakes.
            typer.BadParameter: it cannot be read.
        """
        if facts is None:
            return WrittenTest(Occasion(), YamlDocument(""))
        return read_occasion(text_of(facts), self.playbook, file=str(facts))

    def run(self, written: WrittenTest) -> Result:
        """Let a test's deal live, and judge what became of it."""
        lived = live(written.test, self.playbook)
        return Result(written, lived, judge(written.test, lived, self.playbook))


def followed_until(written: WrittenTest, until: str | None) -> WrittenTest:
    """The same, with its deal followed until then.

    Raises:
        typer.BadParameter: it is no point in time.
    """
    if until is None:
        return written
    try:
        point = read_point(until)
    except BadValue as error:
        raise typer.BadParameter(f"{error.problem}: {error.remedy}") from None
    return replace(written, test=written.test.model_copy(update={"until": point}))


__all__ = ["BadPlaybook", "BadTests", "PlaybookFolder", "Result", "followed_until"]
