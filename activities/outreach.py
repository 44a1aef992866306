"""The activities ``send_email`` and ``notify``: messages to contacts, notices to the team."""

from __future__ import annotations

from collections.abc import Callable

from temporalio import activity

from activities.attempt import Attempt
from activities.bundle_templates import BundleTemplates
from activities.ledger import Ledger
from activities.requests import effect_of
from dealwright.contract import EffectRequest
from dealwright.effects import Notify, Outcome, SendEmail
from integrations.kit.delivery import Delivery
from integrations.kit.ports import Chat, Mailer
from integrations.mail.conversations import conversation_of
from integrations.mail.messages import MessageBuilder
from integrations.mail.sent_messages import keep_findable
from store.database import Store


class Outreach:
    """Sends messages from the playbooks' templates.

    ``scheduling_link`` says where the buyer of a deal books a meeting.
    """

    def __init__(
        self,
        ledger: Ledger,
        store: Store,
        mailer: Mailer,
        builder: MessageBuilder,
        scheduling_link: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._ledger, self._store, self._mailer, self._builder = ledger, store, mailer, builder
        self._scheduling_link = scheduling_link
        self._templates = BundleTemplates(store)

    @activity.defn(name="send_email")
    async def send_email(self, request: EffectRequest) -> Outcome:
        """Send one message to one contact, once."""
        effect, attempt = effect_of(request, SendEmail), Attempt.current()

        async def prepare() -> Delivery:
            templates = await self._templates.of(effect.bundle)
            links = self._builder.unsubscribe_text(effect.id), self._scheduling_link(request.deal_id)
            rendered = templates.render(effect, unsubscribe_url=links[0], scheduling_link=links[1])
            earlier = await conversation_of(self._store, request.deal_id, effect)
            touch = effect if earlier else effect.model_copy(update={"reply_to_effect": None})
            letter = self._builder.to_contact(touch, rendered, attempt.at, earlier)
            await keep_findable(self._store, request.deal_id, effect.id, letter, attempt.at)

            async def send() -> str:
                bounces = self._builder.return_path(effect.id)
                await self._mailer.send(letter, sender=bounces, recipient=letter.recipient)
                return self._builder.message_id(effect.id)

            return Delivery(send=send, conversation=letter.conversation)

        return await self._ledger.hand_over(request, attempt, prepare)


class Notices:
    """Tells roles something, in the team's chat."""

    def __init__(self, ledger: Ledger, chat: Chat) -> None:
        self._ledger, self._chat = ledger, chat

    @activity.defn(name="notify")
    async def notify(self, request: EffectRequest) -> Outcome:
        """Post one notice, once."""
        effect = effect_of(request, Notify)

        async def prepare() -> Delivery:
            return await self._chat.tell(request.deal_id, effect)

        return await self._ledger.hand_over(request, Attempt.current(), prepare)
