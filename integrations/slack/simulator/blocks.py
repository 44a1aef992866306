"""What Slack checks in the blocks of a message (https://docs.slack.dev/reference/block-kit/blocks)."""

from __future__ import annotations

from pydantic import JsonValue

from integrations.slack.simulator.errors import SlackError

_MOST_BLOCKS, _MOST_BUTTONS = 50, 25
_LONGEST_SECTION, _LONGEST_LABEL, _LONGEST_VALUE, _LONGEST_ID = 3000, 75, 2000, 255


def checked_blocks(blocks: JsonValue) -> list[JsonValue]:
    """The blocks, if Slack would take them.

    Raises:
        SlackError: it would not.
    """
    if blocks is None:
        return []
    if not isinstance(blocks, list) or len(blocks) > _MOST_BLOCKS:
        raise SlackError("invalid_blocks")
    for block in blocks:
        match block:
            case {"type": "section", "text": dict(text)}:
                _check_text(text, _LONGEST_SECTION)
            case {"type": "context", "elements": list(elements)}:
                for element in elements:
                    _check_text(element, _LONGEST_SECTION)
            case {"type": "input", "label": {"type": "plain_text"} as label, "element": dict(element)}:
                _check_text(label, _LONGEST_SECTION)
                if element.get("type") != "plain_text_input" or not element.get("action_id"):
                    raise SlackError("invalid_blocks")
            case {"type": "actions", "elements": list(elements)} if 0 < len(elements) <= _MOST_BUTTONS:
                _check_buttons(elements)
            case _:
                raise SlackError("invalid_blocks")
    return blocks


def _check_text(text: JsonValue, longest: int) -> None:
    match text:
        case {"type": "mrkdwn", "verbatim": unwanted} if not isinstance(unwanted, bool):
            pass
        case {"type": "plain_text", "verbatim": _}:  # it is of mrkdwn alone
            pass
        case {"type": "plain_text" | "mrkdwn", "text": str(content)} if 0 < len(content) <= longest:
            return
    raise SlackError("invalid_blocks")


def _check_buttons(elements: list[JsonValue]) -> None:
    seen = set()
    for element in elements:
        match element:
            case {"type": "button", "action_id": str(id_), "text": {"type": "plain_text"} as text, **more} if (
                0 < len(id_) <= _LONGEST_ID and id_ not in seen
            ):
                _check_text(text, _LONGEST_LABEL)
                if len(str(more.get("value") or "")) > _LONGEST_VALUE:
                    raise SlackError("invalid_blocks")
                seen.add(id_)
            case _:
                raise SlackError("invalid_blocks")
