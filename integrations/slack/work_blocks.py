"""How a message about somebody's work looks: its text, and for each question its buttons or what became of it.

https://docs.slack.dev/reference/block-kit/blocks. What strangers wrote is shown as text.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from dealwright.diagnostics.text import short
from integrations.chat.incoming_webhook import as_plain_text
from integrations.slack.client import Content
from store.asked_work import AskedWork

MOST_ASKED = 15
"""Questions in one message: each takes up to three blocks, and Slack takes fifty."""
REASON = "reason"
"""The name of the field in which a person writes why; Slack hands it back with the press."""
OUTCOME = "outcome."
"""How the answers begin that are an outcome of a task."""
_LONGEST_LABEL = 75
"""Characters on a button."""
_LONGEST_TEXT, _LONGEST_SECTION = 3500, 2900
"""Characters: Slack asks for messages of no more than 4000, and takes 3000 in a section."""

_BUTTONS: dict[str, tuple[tuple[str, str, str | None], ...]] = {
    "task": (("done", "Done", "primary"),),
    "approval": (("approve", "Approve", "primary"), ("refuse", "Refuse", "danger")),
    "handoff": (("accept", "Accept", "primary"), ("decline", "Decline", None)),
    "suggestion": (("accept", "Accept", "primary"), ("dismiss", "Dismiss", None)),
    "suggestions": (("dismiss", "Dismiss all", None),),
}
"""For each kind of work its buttons: the answer, the label, the style."""
_REASONS = {"approval": "A note", "handoff": "Why, if you decline", "suggestion": "Other words, if you change it"}


READS = "reads."
"""How the answers begin that say what a reply means."""
READINGS = {
    "interested": "Positive",
    "not_now": "Not now",
    "not_interested": "No",
    "wrong_person": "Wrong person",
    "referral": "Referral",
    "unsubscribe": "Unsubscribe",
    "out_of_office": "Out of office",
}
"""For each sentiment of a reply its button."""
_OF_A_REPLY = "For a reply: the day (2026-06-15), or whom they name (Bo Lin <bo@buyer.example>)"
_MOST_BUTTONS = 25
"""Buttons that Slack takes in one row."""


def work_content(key: str, questions: Sequence[AskedWork]) -> Content:
    """A message with its questions."""
    blocks, first = list[JsonValue](), questions[0]
    for question in questions:
        blocks += _one(question)
    around = [_section(first.opening)] if first.opening else [], [_section(first.closing)] if first.closing else []
    notified = first.outcome if len(questions) == 1 and first.outcome else first.opening or first.text
    return Content(text=_escaped(notified, _LONGEST_TEXT), key=key, blocks=(*around[0], *blocks, *around[1]))


def _one(question: AskedWork) -> list[JsonValue]:
    about = _section(question.text, _linked(question.link))
    read = [_outcome(question.reading)] if question.reading is not None else []
    return [about, *read, *(_asked(question) if question.outcome is None else [_outcome(question.outcome)])]


def _linked(link: str | None) -> str:
    if link is None or not link.startswith(("https://", "http://")) or set(link) & set("<>|\n "):
        return ""
    return f"\n<{link.replace('&', '&amp;')}|Look at it>"


def _asked(question: AskedWork) -> list[JsonValue]:
    elements: list[JsonValue] = []
    for answer, label, style in _buttons(question):
        button: dict[str, JsonValue] = {
            "type": "button", "action_id": answer, "value": question.id, "text": _plain(label)
        }  # fmt: skip
        elements.append({**button, "style": style} if style else button)
    actions: JsonValue = {"type": "actions", "block_id": f"{question.id}.answer", "elements": elements}
    asked = _OF_A_REPLY if _is_to_be_read(question) else _REASONS.get(question.kind)
    if asked is None:
        return [actions]
    field: JsonValue = {"type": "plain_text_input", "action_id": REASON, "max_length": 1000}
    reason: JsonValue = {
        "type": "input", "block_id": reason_block(question.id), "optional": True,
        "label": _plain(asked),
        "element": field,
    }  # fmt: skip
    return [reason, actions]


def _buttons(question: AskedWork) -> tuple[tuple[str, str, str | None], ...]:
    """A task that may end in several ways has a button for each; one about a reply also what the reply may mean."""
    reads = [(f"{READS}{one}", label, None) for one, label in READINGS.items()] if _is_to_be_read(question) else []
    if not question.outcomes:
        return (*reads, *_BUTTONS[question.kind])
    ends = [
        (f"{OUTCOME}{word}", short(word.replace("_", " ").capitalize(), _LONGEST_LABEL), None)
        for word in question.outcomes
    ]
    return (*reads[: max(_MOST_BUTTONS - len(ends), 0)], *ends)


def _is_to_be_read(question: AskedWork) -> bool:
    """Whether it is about a reply of which nobody has said in this message what it means."""
    return question.reply is not None and question.reading is None


def reason_block(question: str) -> str:
    """The block of a question's field."""
    return f"{question}.{REASON}"


def _outcome(text: str) -> JsonValue:
    return {"type": "context", "elements": [_verbatim(_escaped(text, _LONGEST_SECTION))]}


def _section(text: str, more: str = "") -> JsonValue:
    shown = _escaped(text, _LONGEST_SECTION - len(more)) + more
    return {"type": "section", "text": _verbatim(shown)}


def _verbatim(text: str) -> JsonValue:
    """Slack makes links of URLs and of names that it finds in a text, unless it is told to leave it as it is.

    https://docs.slack.dev/reference/block-kit/composition-objects/text-object
    """
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain(text: str) -> JsonValue:
    return {"type": "plain_text", "text": text}


def _escaped(text: str, longest: int) -> str:
    """A text of several lines, as text. It is cut before it is escaped, so that no escape is cut in two."""
    escaped = "\n".join(as_plain_text(line) for line in text.splitlines())
    while len(escaped) > longest:
        text = short(text, max(len(text) * 9 // 10, 1))
        escaped = "\n".join(as_plain_text(line) for line in text.splitlines())
    return escaped.strip() or "…"
