"""Owners, pipelines and properties: what an account is set up with."""

from __future__ import annotations

from pydantic import JsonValue
from starlette.requests import Request
from starlette.routing import Route

from integrations.hubspot.simulator.changes import Changes
from integrations.hubspot.simulator.errors import HubSpotError, not_found
from integrations.hubspot.simulator.portal import Owner, Pipeline, Property, iso
from integrations.hubspot.simulator.requests import JsonObject, answering, body_of

_NEW_PROPERTY = (
    "name", "label", "type", "fieldType", "groupName", "hasUniqueValue", "description", "options", "hidden",
    "formField", "displayOrder", "dataSensitivity",
)  # fmt: skip
_REQUIRED = ("name", "label", "type", "fieldType", "groupName")


class SettingsApi:
    """Owners, pipelines and properties."""

    def __init__(self, changes: Changes) -> None:
        self._changes, self._portal = changes, changes.portal

    def routes(self) -> list[Route]:
        """Its paths."""
        properties = "/crm/properties/2026-09/{kind}"
        return [
            Route("/crm/owners/2026-09", answering(self._owners), methods=["GET"]),
            Route("/crm/owners/2026-09/{id}", answering(self._owner), methods=["GET"]),
            Route("/crm/pipelines/2026-09/{kind}", answering(self._pipelines), methods=["GET"]),
            Route(properties, answering(self._properties), methods=["GET"]),
            Route(properties, answering(self._create_property, 201), methods=["POST"]),
            Route(f"{properties}/{{name}}", answering(self._property), methods=["GET"]),
        ]

    async def _owners(self, request: Request) -> JsonValue:
        email, archived = request.query_params.get("email"), request.query_params.get("archived") == "true"
        found = [one for one in self._portal.owners if one.archived is archived]
        return {"results": [self._shown_owner(one) for one in found if email in {None, one.email}]}

    async def _owner(self, request: Request) -> JsonValue:
        by, wanted = request.query_params.get("idProperty", "id"), request.path_params["id"]
        if by not in {"id", "userId"}:
            raise HubSpotError(400, "VALIDATION_ERROR", f"Invalid value for idProperty: {by}")
        ids = {str(one.user_id if by == "userId" else one.id): one for one in self._portal.owners if not one.archived}
        found = ids.get(wanted)
        if found is None:
            raise not_found("owners", request.path_params["id"])
        return self._shown_owner(found)

    def _shown_owner(self, owner: Owner) -> JsonObject:
        at = iso(self._changes.now())
        return {
            "id": owner.id, "email": owner.email, "type": "PERSON", "firstName": owner.first_name,
            "lastName": owner.last_name, "userId": owner.user_id, "userIdIncludingInactive": owner.user_id,
            "createdAt": at, "updatedAt": at, "archived": owner.archived,
        }  # fmt: skip

    async def _pipelines(self, request: Request) -> JsonValue:
        self._require_deals(request)
        return {"results": [self._shown_pipeline(one) for one in self._portal.pipelines]}

    def _require_deals(self, request: Request) -> None:
        if self._portal.kind(request.path_params["kind"]) != "deals":
            raise HubSpotError(400, "VALIDATION_ERROR", "Pipelines of deals only are simulated")

    def _shown_pipeline(self, pipeline: Pipeline) -> JsonObject:
        at = iso(self._changes.now())
        stages: list[JsonValue] = [
            {
                "id": stage.id, "label": stage.label, "displayOrder": place, "archived": False, "createdAt": at,
                "updatedAt": at, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
                "metadata": {"isClosed": str(stage.probability in {"0.0", "1.0"}).lower(),
                             "probability": stage.probability},
            }
            for place, stage in enumerate(pipeline.stages)
        ]  # fmt: skip
        return {
            "id": pipeline.id, "label": pipeline.label, "displayOrder": 0, "archived": False, "createdAt": at,
            "updatedAt": at, "stages": stages,
        }  # fmt: skip

    async def _properties(self, request: Request) -> JsonValue:
        kind = self._portal.kind(request.path_params["kind"])
        return {"results": [_shown_property(one) for one in self._portal.properties[kind].values()]}

    async def _property(self, request: Request) -> JsonValue:
        kind, name = self._portal.kind(request.path_params["kind"]), request.path_params["name"]
        if name not in self._portal.properties[kind]:
            raise HubSpotError(404, "OBJECT_NOT_FOUND", f'Property "{name}" does not exist')
        return _shown_property(self._portal.properties[kind][name])

    async def _create_property(self, request: Request) -> JsonValue:
        kind = self._portal.kind(request.path_params["kind"])
        body = await body_of(request, _NEW_PROPERTY, _REQUIRED)
        name = str(body["name"])
        if name in self._portal.properties[kind]:
            raise HubSpotError(409, "OBJECT_ALREADY_EXISTS", f'A property named "{name}" already exists.')
        if name != name.lower() or not name.replace("_", "").isalnum():
            raise HubSpotError(400, "VALIDATION_ERROR", f"{name} is no internal name of a property")
        made = Property(
            name=name, type=str(body["type"]), label=str(body["label"]), group=str(body["groupName"]),
            unique=body.get("hasUniqueValue") is True,
        )  # fmt: skip
        self._portal.properties[kind][name] = made
        return _shown_property(made)


def _shown_property(one: Property) -> JsonObject:
    return {
        "name": one.name, "label": one.label or one.name, "type": one.type, "fieldType": "text",
        "groupName": one.group or "information", "hasUniqueValue": one.unique, "archived": False,
        "options": [{"label": option, "value": option} for option in one.options],
        "modificationMetadata": {"readOnlyValue": one.read_only},
    }  # fmt: skip
