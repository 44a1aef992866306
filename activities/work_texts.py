"""What a message about work says: what is asked, of which deal, by when, why, where to look and how to answer.

Titles, names and details may come from strangers: each stays on one line, so that none looks like a line of ours.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from dealwright.deal import Person
from dealwright.facts import ReplyReceived
from dealwright.identity import workflow_id
from dealwright.open_work import ReplyToRead
from dealwright.preferences import Preferences
from dealwright.values.times import in_full
from integrations.kit.personal_message import PersonalMessage, WorkItem
from integrations.mail.headers import plain
from store.deal_summaries import DealSummary
from store.open_work import Answer, OpenWork
from store.work_messages import WorkMessage

_NOTHING_KNOWN = DealSummary()
_YES = {"decide_approval": {"answer": "approve"}, "answer_suggestion": {"answer": "accept"}}
"""By commands, what they repeat to say yes."""
_CHANGED = "To change it, add text=…, to=<role> or due_at=…; if it is not wanted, write answer=dismiss."


@dataclass(frozen=True, kw_only=True)
class Links:
    """Where people look at a deal, and where they answer over HTTP.

    ``deal_link`` is a URL in which ``{deal_id}``, ``{workflow_id}`` and ``{crm_id}`` stand for the deal's; without
    one, or where the deal is not in the CRM, there is no link. ``api`` is the gateway's public URL.
    """

    deal_link: str | None = None
    api: str | None = None
    crm: str | None = None
    """The source by which the CRM's records of deals are linked."""
    crm_ids: Mapping[str, str] = field(default_factory=dict)
    """What the CRM calls each deal."""

    def to(self, deal_id: str) -> str | None:
        """The link to a deal."""
        crm_id = self.crm_ids.get(deal_id)
        if self.deal_link is None or ("{crm_id}" in self.deal_link and crm_id is None):
            return None
        ids = {"deal_id": deal_id, "workflow_id": workflow_id(deal_id), "crm_id": crm_id or ""}
        link = self.deal_link
        for name, value in ids.items():
            link = link.replace(f"{{{name}}}", quote(value, safe=""))
        return link


@dataclass(frozen=True, kw_only=True)
class WorkTexts:
    """Writes one message to one person."""

    person: Person
    wanted: Preferences
    links: Links
    deals: Mapping[str, DealSummary]
    now: datetime

    def message(self, planned: WorkMessage, work: Sequence[OpenWork], others: int) -> PersonalMessage:
        """The message; ``others`` is how many things the person was asked before and has not answered."""
        digest = planned.digest_on is not None
        first = work[0]
        title = self._deal(first).title or first.deal_id
        subject = (
            f"{first.kind.capitalize()}: {first.title} ({title})"
            if len(work) == 1
            else f"New for you: {len(work)} things"
        )
        return PersonalMessage(
            id=planned.id, at=self.now, subject=plain(f"Today: {len(work)} new" if digest else subject)[:200],
            opening=self._opening(len(work), digest=digest), items=tuple(self._item(one) for one in work),
            closing=self._closing(others),
        )  # fmt: skip

    def _opening(self, count: int, *, digest: bool) -> str:
        name = plain(self.person.name)
        greeting = f"Good morning{f' {name}' if '@' not in name else ''}," if digest else ""
        what = f"{count} thing{'' if count == 1 else 's'} came up that you are asked."
        return "\n\n".join(filter(None, (greeting, what if digest or count > 1 else "")))

    def _closing(self, others: int) -> str:
        address = self.person.email or ""
        still = f"{others} more wait{'s' if others == 1 else ''} for you: " if others else "All that waits for you: "
        return (
            f"{still}{_command('work', f'--person={address}')}\n"
            f"To be told otherwise: {_command('people', 'set', address, 'channel=none')}"
        )

    def _item(self, one: OpenWork) -> WorkItem:
        return WorkItem(
            work=one, text="\n".join(filter(None, self._lines(one))), answer="\n".join(self._answers(one)),
            link=self.links.to(one.deal_id),
        )  # fmt: skip

    def _lines(self, one: OpenWork) -> list[str]:
        deal = self._deal(one)
        about = ", ".join(plain(part) for part in (deal.account, deal.amount) if part)
        title = plain(deal.title or one.deal_title or one.deal_id)
        detail = f"More: {plain(one.detail)}" if one.detail else ""
        return [
            f"{one.kind.capitalize()}: {plain(one.title)}", f"Deal: {title}{f' ({about})' if about else ''}",
            f"Due: {self._due(one)}", f"Why: {_why(one)}", detail,
        ]  # fmt: skip

    def _due(self, one: OpenWork) -> str:
        zone = self.wanted.timezone
        due = f"{in_full(one.due_at.astimezone(ZoneInfo(zone)))} ({zone})"
        return f"{due}, which is past" if one.due_at < self.now else due

    def _answers(self, one: OpenWork) -> list[str]:
        lines = how_to_answer(one.deal_id, one.answer, self.person.email or "", self.links.api)
        if one.outcomes:
            lines.append(f"Say how it ended: outcome={' or outcome='.join(one.outcomes)}")
        if one.fills:
            to_fill_in = _written(dict.fromkeys(one.fills, "..."))
            lines.append(f"What you may fill in: fills={to_fill_in}")
        if one.reply is not None and plain(one.reply.message_id) == one.reply.message_id:
            lines.append(f"To say what the reply means: {_reading(one.deal_id, one.reply, self.person.email or '')}")
        return lines

    def _deal(self, one: OpenWork) -> DealSummary:
        return self.deals.get(one.deal_id, _NOTHING_KNOWN)


def _why(one: OpenWork) -> str:
    role = f"you are {one.role.replace('_', ' ')} in this deal"
    given = f"{one.from_role.replace('_', ' ')} hands it over, and " if one.from_role else ""
    play = f"; the play {one.play} asks" if one.play else ""
    return f"{given}{role}{play}{', and it was missed before' if one.missed else ''}"


def how_to_answer(deal_id: str, answer: Answer, by: str, api: str | None) -> list[str]:
    """How a person answers what they are asked, in lines: at the command line, and over HTTP."""
    told = [f"{name}={_written(value)}" for name, value in answer.fields.items()]
    yes = {} if "answer" in answer.fields else _YES.get(answer.command, {})
    given = [*told, *(f"{name}={value}" for name, value in yes.items()), f"by={by}"]
    lines = [f"To answer: {_command('command', deal_id, answer.command, *given)}"]
    if answer.command == "decide_approval":
        lines.append("To refuse, write answer=refuse.")
    elif answer.command == "answer_suggestion":
        lines.append(_CHANGED if yes else "This dismisses all of them. To accept one, write its id and answer=accept.")
    elif answer.command == "accept_handoff":
        lines.append(f"Or: {_command('command', deal_id, 'decline_handoff', *told, f'by={by}')} why=…")
    if api:
        url = f"{api.rstrip('/')}/v1/deals/{deal_id}/commands/{answer.command}"
        lines.append(f"Over HTTP, with your key: POST {url} {_written(answer.fields | yes)}")
    return lines


def _reading(deal_id: str, reply: ReplyToRead, by: str) -> str:
    """The fact that says what a reply means, as not now: whoever has read it writes another word."""
    which = {"message_id": reply.message_id, "contact": reply.contact, "at": reply.at.isoformat()}
    given = [f"{name}={value}" for name, value in {**which, "sentiment": "not_now", "by": by}.items()]
    return _command("record", deal_id, ReplyReceived.name, *given)


def _written(value: object) -> str:
    """A text as it is, else as JSON: that has no line breaks, and no characters that some take for one."""
    return value if isinstance(value, str) else json.dumps(value)


def _command(*words: str) -> str:
    return shlex.join(("dealwright", *words))
