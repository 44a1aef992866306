"""A DocuSign account with its API, the people who sign, and Connect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.docusign.simulator.account import Account, Envelope, JsonObject, Template, time
from integrations.docusign.simulator.answers import problem
from integrations.docusign.simulator.api import Api
from integrations.docusign.simulator.connect_api import ConnectApi
from integrations.docusign.simulator.connect_queue import ConnectQueue
from integrations.docusign.simulator.signing import Signing, configuration_to
from integrations.docusign.simulator.tokens import Tokens, new_private_key
from integrations.docusign.simulator.webhook_rules import ConnectPosts
from integrations.kit.simulator.simulator import BadChange, ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches


class DocuSignOptions(SimulatorOptions):
    """The app, its user and account, the account's two HMAC keys, and its template."""

    integration_key: str = "5f3a1c52-0c8e-4f43-9d0b-0f1b1b6c9f10"
    user_id: str = "b0c1d2e3-aaaa-4bbb-8ccc-111122223333"
    account_id: str = "9d0e7f34-1111-4222-8333-444455556666"
    private_key: str = ""
    hmac_key: str = "docusign-local-hmac-key"
    old_hmac_key: str = "docusign-local-hmac-key-of-somebody-else"
    template: str = "f1e2d3c4-0000-4111-8222-333344445555"
    labels: str = "amount,discount,payment_days,starts_on,ends_on"
    """The text fields of the buyer in the template."""


class DocuSignSimulator(Simulator[Account, DocuSignOptions]):
    """An account, as one in the developer environment is."""

    name: ClassVar[str] = "docusign"
    title: ClassVar[str] = "DocuSign"

    def __init__(self, options: DocuSignOptions, state: Account) -> None:
        switches, posts = Switches(), ConnectPosts([options.old_hmac_key, options.hmac_key])
        super().__init__(options, state, switches, posts)
        self.webhooks = queue = ConnectQueue(posts, switches, self.now)
        state.private_key = options.private_key or state.private_key or new_private_key()
        self._api = Api(state, self.now, self._tell)
        self._connect = ConnectApi(state, queue)
        self._tokens = Tokens(state, options.integration_key, options.user_id, options.account_id, self.now)
        self._signing = Signing(self._api, self.now, self._tell)
        if options.target and options.target not in {one.urlToPublishTo for one in state.configurations.values()}:
            made = configuration_to(options.target)
            state.configurations[made.connectId] = made

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        read = DocuSignOptions.model_validate(options)
        template = Template(id=read.template, roles={"Client": read.labels.split(",")})
        state = Account.model_validate_json(kept) if kept else Account(templates={template.id: template})
        return cls(read, state)

    def routes(self) -> Sequence[BaseRoute]:
        """The authentication service, and the API of the account."""
        root = f"/restapi/v2.1/accounts/{self.options.account_id}"
        return [*self._tokens.routes(), *self._connect.routes(root), *self._api.routes(root)]

    def refusal(self, request: Request) -> Response | None:
        """401 without a token that holds."""
        if request.url.path.startswith("/oauth/") or self._tokens.is_good(request):
            return None
        return self.answer_to("expire_token")

    def answer_to(self, fault: str) -> Response:
        """In DocuSign's words."""
        match fault:
            case "quota_spent":
                said = "The maximum number of hourly API invocations has been exceeded."
                return problem("HOURLY_APIINVOCATION_LIMIT_EXCEEDED", said, 429)
            case "expire_token":
                said = "The access token provided is expired, revoked or malformed."
                return problem("AUTHORIZATION_INVALID_TOKEN", said, 401)
            case _:
                return problem("INTERNAL_SERVER_ERROR", "An internal error occurred.", 500)

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What people do with an envelope: see ``Signing``; and what an administrator does with the account.

        ``{"do": "view", "envelope": …}``, ``sign``, ``decline``, ``reassign`` (``to``), ``expire``, ``void``, ``send``
        (a draft), ``correct`` (``tabs``: what its fields say then); ``withdraw_consent``, ``consent``, ``disable`` (the
        Connect configuration) and ``remove`` (it); ``forget`` (transaction ids, as after seven days).

        Raises:
            BadChange: nobody can do that.
        """
        match change.get("do"):
            case "withdraw_consent" | "consent":
                self.state.consented = change["do"] == "consent"
                self.state.tokens = []
            case "disable":
                for one in self.state.configurations.values():
                    one.allowEnvelopePublish = "false"
            case "remove":
                self.state.configurations.clear()
            case "forget":
                for each in self.state.envelopes.values():
                    each.transaction_id = None
            case done:
                envelope = self.state.envelopes.get(str(change.get("envelope")))
                if envelope is None:
                    raise BadChange("there is no such envelope")
                if done == "correct":
                    tabs = change.get("tabs")
                    said = tabs if isinstance(tabs, dict) else {}
                    self._signing.correct(envelope, {name: str(value) for name, value in said.items()})
                else:
                    self._signing.do(str(done), envelope, str(change.get("to", "")))
                return envelope.shown()
        return None

    def connection(self, address: str) -> ConnectionExample:
        """The block ``docusign``."""
        return ConnectionExample(
            source=self.name,
            block={
                "integration_key": self.options.integration_key, "user_id": self.options.user_id,
                "private_key": "secret:private-key", "account_id": self.options.account_id,
                "webhook_secrets": ["secret:hmac-key"], "login_url": address,
                "templates": {"offer 3": self.options.template, "paper 1": self.options.template},
                **({"webhook_url": self.options.target} if self.options.target else {}),
            },
            secrets={"private-key": self.state.private_key, "hmac-key": self.options.hmac_key},
        )  # fmt: skip

    def _tell(self, envelope: Envelope, event: str, **about: JsonValue) -> None:
        """Tell every configuration that wants to hear of an event."""
        for one in self.state.configurations.values():
            if one.allowEnvelopePublish != "true" or event not in one.events:
                continue
            root = f"/restapi/v2.1/accounts/{self.options.account_id}"
            data: JsonObject = {
                "accountId": self.options.account_id, "userId": self.options.user_id, "envelopeId": envelope.id,
                **about, "envelopeSummary": envelope.shown(frozenset(one.eventData.includeData)),
            }  # fmt: skip
            told: JsonObject = {
                "event": event, "apiVersion": "v2.1", "uri": f"{root}/envelopes/{envelope.id}", "retryCount": 0,
                "configurationId": one.connectId, "generatedDateTime": time(self.now()), "data": data,
            }  # fmt: skip
            self.webhooks.add(one.urlToPublishTo, told)
