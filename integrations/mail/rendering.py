"""Messages from templates: plain text, the first line ``Subject: …``, a blank line, the body.

Text messages have the body alone.

Templates come from a playbook's bundle and run in a sandbox: they see the deal's fields, and nothing that could
change or call anything. A name that is not known and a value that is not known (``None``) are errors, so that no
message ever greets "None".
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from jinja2 import Template, TemplateError, TemplateSyntaxError
from jinja2.exceptions import SecurityError

from dealwright.effects import Message, SendEmail, SendSms
from dealwright.playbook.source.bundle import sms_template
from dealwright.playbook.source.template_sandbox import SUBJECT, Sandbox, fields_shown
from integrations.kit.errors import Refused

FOLDER = PurePosixPath("templates")


class BadTemplate(Refused):
    """A template cannot become a message; the reason names file and line."""


@dataclass(frozen=True)
class Rendered:
    """What a template says for one deal."""

    subject: str
    body: str


class Templates:
    """The templates of one bundle, given as texts by relative path."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._jinja = Sandbox(files)
        self._parsed = lru_cache(maxsize=256)(self._parse)
        self._parsed_text = lru_cache(maxsize=256)(self._parse_text)

    def render(self, effect: SendEmail, *, unsubscribe_url: str | None, scheduling_link: str | None = None) -> Rendered:
        """The message for an effect. The links are what this installation gives, each None where it has none.

        Raises:
            BadTemplate: which file and line, and what is wrong there.
        """
        path = str(FOLDER / f"{effect.template}.md")
        subject, body = self._parsed(path)
        view = _view(effect, unsubscribe_url, scheduling_link)
        return Rendered(
            subject=" ".join(_rendered(subject, view, path).split()),
            body=_rendered(body, view, path).strip("\n") + "\n",
        )

    def text(self, effect: SendSms, *, scheduling_link: str | None = None) -> str:
        """The text message for an effect, without blank space around it.

        Raises:
            BadTemplate: which file and line, and what is wrong there.
        """
        path = str(FOLDER / f"{sms_template(effect.template)}.md")
        return _rendered(self._parsed_text(path), _view(effect, None, scheduling_link), path).strip()

    def _parse_text(self, path: str) -> Template:
        source = self._files.get(path)
        if source is None:
            raise BadTemplate(f"{path} is not in the playbook's bundle")
        try:
            return self._jinja.from_string(source)
        except TemplateSyntaxError as error:
            raise BadTemplate(f"{path}, line {error.lineno}: {error.message}") from error

    def _parse(self, path: str) -> tuple[Template, Template]:
        source = self._files.get(path)
        if source is None:
            raise BadTemplate(f"{path} is not in the playbook's bundle")
        first, _, rest = source.partition("\n")
        if not first.lower().startswith(SUBJECT):
            raise BadTemplate(f"{path}, line 1: a template begins with `Subject: …`")
        try:
            # The body keeps its first line's place, so that line numbers are those of the file.
            return self._jinja.from_string(first[len(SUBJECT) :]), self._jinja.from_string("\n" + rest)
        except TemplateSyntaxError as error:
            raise BadTemplate(f"{path}, line {error.lineno}: {error.message}") from error


def _view(effect: Message, unsubscribe_url: str | None, scheduling_link: str | None) -> dict[str, object]:
    deal = effect.deal
    return {
        "deal": deal,
        "contact": effect.to,
        "sender": effect.sender,
        "account": deal.account,
        "proposal": deal.proposal,
        "contract": deal.contract,
        "demo": deal.demo,
        "meeting": deal.meeting,
        "fields": fields_shown(deal.fields),
        "scheduling_link": scheduling_link,
        "unsubscribe_url": unsubscribe_url,
    }


def _rendered(template: Template, view: Mapping[str, object], path: str) -> str:
    try:
        return template.render(view)
    except SecurityError as error:
        raise BadTemplate(f"{path}, line {_line(error)}: not allowed in a template: {error}") from error
    except (TemplateError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise BadTemplate(f"{path}, line {_line(error)}: {error}") from error


def _line(error: BaseException) -> int:
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == "<template>"), 1)
