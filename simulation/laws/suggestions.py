"""What a tool suggests is a question: a task once somebody says so, asked once, and only while the deal goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dealwright import entries as e
from simulation.laws.taken_back import TakenBack
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_TASK = "suggested_next_step"
_MOST_OPEN = 50


class ASuggestionIsATaskOnceAccepted(Check):
    """What a tool suggested becomes a task when a person accepts it, and only then."""

    listens_to = ("command_taken", "suggestion_answered", "task_opened")

    def __init__(self) -> None:
        self._said: set[object] = set()
        """The suggestions that somebody accepted in this decision."""
        self._accepted: dict[str | None, str] = {}
        """By the task that each is to be."""
        self._tasks: set[str] = set()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.CommandTaken(command="answer_suggestion", accepted=True):
                if replay.payload["answer"] == "accept":
                    self._said.add(replay.payload["suggestion"])
            case e.SuggestionAnswered(answer="accepted"):
                self._accepted[entry.task] = entry.suggestion
            case e.TaskOpened() if entry.name == _TASK and ".given" not in entry.task:  # whoever has the role now
                self._tasks.add(entry.task)
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for task in self._tasks:
            if self._accepted.get(task) not in self._said:
                yield f"{task} was suggested, and is a task though nobody accepted it"
        done = {suggestion for task, suggestion in self._accepted.items() if task in self._tasks}
        for suggestion in self._said - done:
            yield f"somebody accepted {suggestion}, and it is no task"
        self._said, self._accepted, self._tasks = set(), {}, set()


class TheSameSuggestionIsAskedOnce(Check):
    """A next step is asked about once: not while it is open, nor again for a conversation before the answer."""

    listens_to = ("fact_taken", "suggestion_made", "suggestion_answered")

    def __init__(self) -> None:
        self._open: dict[str, str] = {}
        self._answered: dict[str, datetime] = {}
        self._new: str | None = None
        """The words of a suggestion of which somebody is to be asked."""
        self._taken_back = TakenBack()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.FactTaken() if self._taken_back.lets_count(entry) and entry.fact == "next_step_suggested":
                yield from self._passed_over()
                words = _words(str(replay.payload["text"]))
                if not self._known(words, entry.happened_at) and len(self._open) < _MOST_OPEN:
                    self._new = words
            case e.SuggestionMade():
                words, self._new = _words(entry.text), None
                if self._known(words, entry.happened_at):
                    yield f"{entry.text!r} is asked about, and was asked or answered before"
                self._open[entry.suggestion] = words
            case e.SuggestionAnswered():
                self._answered[self._open.pop(entry.suggestion, _words(entry.text))] = entry.at

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        yield from self._passed_over()

    def _known(self, words: str, happened_at: datetime) -> bool:
        answered = self._answered.get(words)
        return words in self._open.values() or (answered is not None and happened_at <= answered)

    def _passed_over(self) -> Iterator[str]:
        if self._new is not None:
            yield f"{self._new!r} was suggested, and nobody is asked"
        self._new = None


class NoSuggestionOutlivesItsDeal(Check):
    """Of a deal that is over, no suggestion waits for an answer."""

    listens_to = ("suggestion_made", "suggestion_answered")

    def __init__(self) -> None:
        self._open: dict[str, str] = {}

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.SuggestionMade):
            self._open[entry.suggestion] = entry.text
        elif isinstance(entry, e.SuggestionAnswered):
            self._open.pop(entry.suggestion, None)
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        if replay.state.finished and self._open:
            yield f"the deal is over, and an answer is awaited to {list(self._open.values())}"


def _words(text: str) -> str:
    """A text without what is written otherwise and means the same: case, spaces and punctuation."""
    return " ".join("".join(one if one.isalnum() else " " for one in text.casefold()).split())
