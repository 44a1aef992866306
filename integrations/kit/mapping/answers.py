"""What a source is answered, where it wants something else than our receipt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, Self
from xml.sax.saxutils import escape

from pydantic import JsonValue, model_validator

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.values.recorded import Given
from integrations.kit.mapping.expressions import Sight, look
from integrations.kit.mapping.rules import When
from integrations.kit.mapping.templates import Template, as_text, filled, filled_with, paths_in

_XML = "text/xml"


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    content_type: str
    body: bytes


class Answer(Given):
    """What a source is answered once its events are kept. Only a success: errors are answered by the gateway."""

    status: Literal[200, 201, 202, 204] = 200
    content_type: Literal["text/plain", "application/json", "text/xml"] = "text/plain"
    body: Template = ""
    """A text; for ``application/json`` any value."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.content_type != "application/json" and not isinstance(self.body, str):
            raise BadValue("the body is no text", "write one, or content_type: application/json")
        if self.status == 204 and self.body not in ("", None):  # noqa: PLR2004 - No Content
            raise BadValue("an answer 204 has no body", "leave it out, or write status: 200")
        return self

    def reply(self, sight: Sight) -> Reply:
        """The answer to one request. What came in cannot become markup in it."""
        return Reply(self.status, self.content_type, self._rendered(sight).encode("utf-8", "replace"))

    def _rendered(self, sight: Sight) -> str:
        if not isinstance(self.body, str) or self.content_type == "application/json":
            return json.dumps(filled(self.body, sight)) if self.body != "" else ""
        values = [as_text(look(path, sight)) for path in paths_in(self.body)]
        return filled_with(self.body, [escape(value) for value in values] if self.content_type == _XML else values)


class Challenge(Given):
    """A request by which a source asks, before it sends events, whether we are there: answered, and not kept."""

    when: When
    answer: Answer

    @model_validator(mode="after")
    def _is_told_apart(self) -> Self:
        if not self.when:
            raise BadValue("every request would be a challenge", "write under when: what tells one from an event")
        return self


def json_receipt(value: JsonValue) -> Reply:
    """Our own receipt: 202 and JSON."""
    return Reply(202, "application/json", json.dumps(value).encode())
