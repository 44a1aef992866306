"""``/v1/deals/{id}/facts/…`` and ``/commands/…``: one route for each fact and command, from their registries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import cleandoc
from typing import Annotated, TypeVar
from uuid import uuid4

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, Field, create_model

from dealwright.commands import COMMANDS, Command, DecideApproval
from dealwright.decision import Verdict
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.diagnostics.text import quoted, sentences
from dealwright.facts import FACTS, Fact
from dealwright.values.recorded import Name
from gateway import deal_service
from gateway.audit_trail.change import TheChange, change_of
from gateway.declared_words import check_fact
from gateway.dependencies import DealId, Deals, TheCaller, TheStore, caller_of, deals_of, store_of
from gateway.identities import own_approvers
from gateway.identities.authentication import limit_rate, require
from gateway.json_body import ReadsJson
from gateway.problems import ApiError, problems
from store.api_keys import Scope

Route = TypeVar("Route", bound=Callable[..., Awaitable[BaseModel]])

router = APIRouter(
    prefix="/v1/deals", redirect_slashes=False, route_class=ReadsJson, dependencies=[Depends(limit_rate)]
)
_PROBLEMS = problems(400, 401, 403, 404, 409, 413, 422, 429, 503)

CommandId = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern="^[!-~]+$",
        description="The command's id. Sent again with the same one, it is carried out once and answered again. "
        "Each command of a deal has its own: a key that was used for another one is refused.",
    ),
]


class Told(BaseModel):
    """A fact on its way to its deal."""

    deal_id: str
    fact: str = Field(examples=["demo_held"])
    id: str = Field(description="The fact's id: told again under it, the fact counts once.")


class Answered(Verdict):
    """A command's verdict."""

    command_id: str


def _fact_route(kind: type[Fact]) -> Callable[..., Awaitable[Told]]:
    async def tell(
        deal_id: DealId, fact: Fact, deals: Deals, store: TheStore, change: TheChange, caller: TheCaller
    ) -> Told:
        own_approvers.check_fact(caller, fact)
        change.idempotency_key = fact.id
        await check_fact(deals, store, deal_id, fact)
        change.idempotency_key = id_ = await deal_service.tell(
            deals, store, deal_id, fact, may_read=caller.may(Scope.READ)
        )
        return Told(deal_id=deal_id, fact=fact.name, id=id_)

    return _for(tell, "fact", kind)


def _command_route(kind: type[Command]) -> Callable[..., Awaitable[Answered]]:
    async def give(
        deal_id: DealId, command: Command, request: Request, response: Response, command_id: CommandId = None
    ) -> Answered:
        change, update_id = change_of(request), command_id or str(uuid4())
        change.by, change.idempotency_key = command.by, update_id
        said = command.model_copy(update={"by": caller_of(request).speaker(command.by)})
        change.by = said.by
        verdict = await deal_service.command(deals_of(request), store_of(request), deal_id, said, update_id)
        change.result = "undecided" if not verdict.decided else "done" if verdict.accepted else "refused"
        response.status_code = 200 if verdict.decided else 202
        return Answered(**verdict.model_dump(), command_id=update_id)

    return _for(give, "command", _body_of(kind))


def _body_of(kind: type[Command]) -> type[Command]:
    """The command as a caller sends it: whose key it is says who speaks."""
    by = Field(
        default=None,
        examples=["ben@us.example"],
        description="Who gives the command. Left out, it is the person whose key it is, or the service. A service "
        "whose key has `may_speak_for` names the person by e-mail address. Anybody else is refused.",
    )
    return create_model(kind.__name__, __base__=kind, __doc__=kind.__doc__, by=(Name | None, by))


def _for(route: Route, body: str, kind: type[BaseModel]) -> Route:
    """The route for one kind of body: what the API's description and its validation are made of."""
    route.__annotations__[body] = kind
    route.__doc__ = kind.__doc__ = cleandoc(kind.__doc__ or "")  # as Python 3.13 does by itself
    return route


for _name, _fact in FACTS.items():
    router.post(
        f"/{{deal_id}}/facts/{_name}",
        status_code=202,
        tags=["Facts"],
        summary=_name.replace("_", " ").capitalize(),
        operation_id=f"tell_{_name}",
        responses=_PROBLEMS,
        dependencies=[require(Scope.TELL)],
    )(_fact_route(_fact))

for _name, _command in COMMANDS.items():
    router.post(
        f"/{{deal_id}}/commands/{_name}",
        tags=["Commands"],
        summary=_name.replace("_", " ").capitalize(),
        operation_id=f"give_{_name}",
        responses={
            202: {"model": Answered, "description": "Recorded, not yet decided: ask again with its id."},
            **_PROBLEMS,
        },
        dependencies=[require(Scope.APPROVE if _command is DecideApproval else Scope.COMMAND)],
    )(_command_route(_command))


@router.post("/{deal_id}/facts/{name}", include_in_schema=False)
async def no_such_fact(deal_id: DealId, name: str) -> None:  # noqa: ARG001 - the path's own parameter
    """Say which facts there are."""
    raise _unknown("fact", name, list(FACTS))


@router.post("/{deal_id}/commands/{name}", include_in_schema=False)
async def no_such_command(deal_id: DealId, name: str) -> None:  # noqa: ARG001 - the path's own parameter
    """Say which commands there are."""
    raise _unknown("command", name, list(COMMANDS))


def _unknown(what: str, name: str, known: list[str]) -> ApiError:
    detail = sentences(f"there is no {what} {quoted(name)}", did_you_mean(name, known))
    return ApiError(404, f"no-such-{what}", f"No such {what}", detail)
