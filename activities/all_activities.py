"""Every activity of a worker, put together with its ledger, its store and its tools."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from activities.billing import Subscriptions
from activities.crm import CrmRecords
from activities.decide import DecideActivity
from activities.documents import SentDocuments
from activities.enrolments import Enrolments
from activities.handoffs import Handoffs
from activities.journal import Journal
from activities.late_results import confirm_by_signal
from activities.ledger import Ledger
from activities.once_only import Checkpoint
from activities.outreach import Notices, Outreach
from activities.reconcile import Reconcile
from activities.routing import Routing
from activities.tasks import Tasks, Touches
from activities.text_messages import Texting
from activities.watched_tools import watched_tools
from activities.webhooks import Webhooks
from activities.work_letters import WorkLetters
from activities.work_messages import MAIL, WorkMessages
from activities.work_texts import Links
from integrations.kit.connections import Connections
from integrations.mail.outgoing import mailer_of, message_builder_of
from integrations.mail.personal import PersonalMail
from integrations.registry import (
    billing_of,
    chat_of,
    connections_at,
    crm_of,
    documents_of,
    endpoints_of,
    engagements_of,
    personal_messages_of,
    text_messages_of,
    touches_of,
)
from runtime.settings import Settings
from store import unsubscribe
from store.database import Store

Activity: TypeAlias = Callable[..., object]


async def activities_of(
    store: Store, settings: Settings, checkpoint: Callable[[Checkpoint], None] = lambda _: None
) -> Sequence[Activity]:
    """Every activity, with its clients handed in.

    Raises:
        BadConnections: the connections file cannot be used.
        StoreAway: the database does not answer.
    """
    ledger = Ledger(store, confirm_by_signal, checkpoint=checkpoint)
    builder = message_builder_of(settings, await unsubscribe.secret(store))
    connections = connections_at(settings.connections)
    mailer, crm = mailer_of(settings), crm_of(connections, store)
    chat = chat_of(connections, store, settings.chat_webhook_url)
    look_at = Links(deal_link=settings.deal_link, api=settings.public_url, crm=connections.crm)
    outreach = Outreach(ledger, store, mailer, builder, connections.scheduling_link)
    handoffs = Handoffs(ledger, crm, WorkLetters(store, mailer, builder, settings.work_preferences, look_at))
    touches = touches_of(connections, store)
    reaching = Touches(*touches, store) if touches else None
    tasks, journal, deal_records = Tasks(ledger, crm, reaching), Journal(ledger), CrmRecords(ledger, crm)
    reconcile = Reconcile(store, chat, watched_tools(connections, store))
    channels = {MAIL: PersonalMail(store, mailer, builder), **personal_messages_of(connections, store)}
    telling = WorkMessages(store, channels, settings.work_preferences, look_at, checkpoint=checkpoint)
    return [
        DecideActivity(store).decide,
        outreach.send_email,
        Notices(ledger, chat).notify,
        tasks.create_task,
        tasks.close_task,
        handoffs.hand_over,
        handoffs.request_approval,
        deal_records.update_crm,
        deal_records.log_activity,
        Routing(ledger, store).choose_owner,
        *_of_further_tools(ledger, store, connections),
        journal.write_journal,
        journal.withdraw_effects,
        reconcile.poll_tool,
        reconcile.watch_tool,
        telling.plan_work_messages,
        telling.send_work_message,
    ]


def _of_further_tools(ledger: Ledger, store: Store, connections: Connections) -> Sequence[Activity]:
    """Those of tools that an installation need not have."""
    texting = Texting(ledger, store, text_messages_of(connections, store), connections.scheduling_link)
    billing = Subscriptions(ledger, billing_of(connections, store))
    documents = SentDocuments(ledger, store, documents_of(connections, store))
    enrolments = Enrolments(ledger, store, engagements_of(connections, store))
    return [
        texting.send_sms,
        Webhooks(ledger, endpoints_of(connections)).post_webhook,
        billing.start_subscription,
        billing.change_subscription,
        billing.cancel_subscription,
        *documents.both,
        enrolments.enrol_contact,
        enrolments.stop_enrolment,
    ]
