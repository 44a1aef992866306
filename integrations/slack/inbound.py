"""What Slack posts when somebody presses a button (https://docs.slack.dev/reference/interaction-payloads)."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel, JsonValue, ValidationError

from integrations.kit.forms import NoForm, form_of
from integrations.kit.inbound import InboundResult
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.meaning import GIVES_COMMAND, LONGEST_DEAL_REF
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.tool import Connected
from integrations.slack.work_blocks import REASON, reason_block
from store.database import Store
from store.intake import Event, IntakeState


class Press(BaseModel):
    """One press of a button, as the intake keeps it. Nothing in it lets anybody write in Slack."""

    question: str
    answer: str
    user: str
    channel: str
    note: str | None = None


class _Kind(BaseModel):
    type: str


class _Id(BaseModel):
    id: str


class _Action(BaseModel):
    action_id: str
    action_ts: str
    value: str | None = None


class _Field(BaseModel):
    value: str | None = None


class _State(BaseModel):
    values: dict[str, dict[str, _Field]] = {}


class _Container(BaseModel):
    channel_id: str


class _BlockActions(BaseModel):
    user: _Id
    container: _Container
    actions: tuple[_Action, ...]
    state: _State = _State()


class SlackInteractions:
    """Reads presses. Whose they are and what they mean is looked up later: Slack wants an answer in three seconds."""

    def __init__(self, connected: Connected | None) -> None:
        """Nothing of the connection is needed."""

    async def __call__(
        self,
        request: WebhookRequest,
        source: Source,  # noqa: ARG002 - others need it
        store: Store,  # noqa: ARG002 - likewise
    ) -> InboundResult:
        """What a request brings.

        Raises:
            Unreadable: it is no interaction.
        """
        payload, now = _payload(request), datetime.now(UTC)
        try:
            if (kind := _Kind.model_validate_json(payload).type) != "block_actions":
                return InboundResult((_other(request, kind, now),))
            pressed = _BlockActions.model_validate_json(payload)
        except ValidationError as error:
            raise Unreadable(f"the payload is no interaction: {error.errors()[0]['msg']}") from None
        return InboundResult(tuple(_event(pressed, action, now) for action in pressed.actions))


def _payload(request: WebhookRequest) -> str:
    try:
        fields = form_of(request.body, request.headers.get("content-type", "")).fields
    except NoForm as error:
        raise Unreadable(str(error)) from None
    if "payload" not in fields:
        raise Unreadable("the form has no field payload")
    return fields["payload"]


def _event(pressed: _BlockActions, action: _Action, now: datetime) -> Event:
    event = Event(
        source="slack", event_id=f"{action.action_ts}.{pressed.user.id}.{action.action_id}",
        deal_ref=(action.value or "")[:LONGEST_DEAL_REF] or None, fact=GIVES_COMMAND, payload={}, received_at=now,
    )  # fmt: skip
    if not action.value:
        known: JsonValue = action.action_id[:100]
        return event.model_copy(
            update={
                "fact": "", "payload": {"action": known}, "state": IntakeState.SKIPPED,
                "last_error": "this button asks for no answer",
            }
        )  # fmt: skip
    field = pressed.state.values.get(reason_block(action.value), {}).get(REASON)
    note = (field.value or "").strip() if field else ""
    press = Press(
        question=action.value, answer=action.action_id, user=pressed.user.id,
        channel=pressed.container.channel_id, note=note or None,
    )  # fmt: skip
    return event.model_copy(update={"payload": {"what": press.model_dump()}})


def _other(request: WebhookRequest, kind: str, now: datetime) -> Event:
    signature = request.headers.get("x-slack-signature", "")
    return Event(
        source="slack", event_id=f"{kind[:40]}.{signature[-32:]}", deal_ref=None, fact="", payload={"type": kind[:100]},
        received_at=now, state=IntakeState.SKIPPED, last_error="of interactions only pressed buttons are read",
    )  # fmt: skip
