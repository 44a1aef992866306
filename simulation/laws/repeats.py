"""Law 8: a repeated cause acts once until it clears."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright import entries as e
from dealwright.facts import FACTS, AboutThing
from simulation.replay import Check, Replay

_LOW = 50


class LowHealthActsOnce(Check):
    """A value that stays beyond its bound starts its play once, and again only after it came back."""

    listens_to = ("play_started", "fact_taken", "command_taken", "stage_left", "playbook_adopted", "deal_reopened")

    def __init__(self) -> None:
        self._acted = False

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        health = replay.memory.deal.health
        if health is None or health >= _LOW or isinstance(entry, e.StageLeft | e.PlaybookAdopted | e.DealReopened):
            self._acted = False
        if isinstance(entry, e.PlayStarted) and entry.play == "low-health" and entry.trigger == "usage_reported":
            if self._acted:
                yield f"{entry.run} starts anew, and health has been below {_LOW} since it did"
            self._acted = True


class TheSameEndActsOnce(Check):
    """An end that is told again under another id starts and renews nothing: it was known."""

    listens_to = ("fact_taken", "play_started", "term_began")

    def __init__(self) -> None:
        self._ended: set[tuple[str, str, object]] = set()
        """What was told of which thing, since it began anew or was taken back; with its time where it has no date."""
        self._again: e.FactTaken | None = None

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.FactTaken():
                self._take(replay, entry)
            case e.PlayStarted() if self._again and entry.trigger == self._again.fact:
                if entry.about == self._again.about:
                    yield f"{entry.run} starts by {entry.trigger} of {entry.about}, which was told before"
            case e.TermBegan() if self._again:
                yield f"term {entry.term} begins by {self._again.fact}, which was told before"

    def _take(self, replay: Replay, entry: e.FactTaken) -> None:
        fact, about = FACTS[entry.fact], entry.about or ""
        self._again = None
        if entry.retracts is not None:
            self._ended = {one for one in self._ended if one[0] != entry.retracts}
        if not issubclass(fact, AboutThing):
            return
        if fact.turn == "begins" and entry.no_news is None:
            self._ended = {one for one in self._ended if one[1] != about or one[0] == entry.fact}
        if fact.turn not in {"goes_well", "goes_badly"}:
            return
        kind, _, key = about.partition("/")
        known = getattr(replay.memory, "terms" if kind == "contract" else f"{kind}s").get(key)
        named = key.startswith("@") or (key != "" and bool(replay.payload.get(kind)))
        is_known_which = named or kind not in {"meeting", "demo"} or getattr(known, "starts_at", None) is not None
        end = (entry.fact, about, None if is_known_which else entry.happened_at)
        still_so = known is not None and known.status == fact.status
        self._again = entry if end in self._ended and still_so else None
        if entry.no_news is None or entry.beside:  # and what was told before of the same thing is so no longer
            self._ended = {one for one in self._ended if one[1] != about or one[2] is not None} | {end}
