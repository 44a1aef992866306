"""HubSpot's error bodies (``{status, message, correlationId, category, errors, context}``)."""

from __future__ import annotations

from uuid import uuid4

from pydantic import JsonValue
from starlette.responses import JSONResponse


class HubSpotError(Exception):
    """A call that HubSpot refuses, with the body of its answer."""

    def __init__(self, status: int, category: str, message: str, errors: list[JsonValue] | None = None) -> None:
        super().__init__(message)
        self.status, self.category, self.message, self.errors = status, category, message, errors or []

    def body(self) -> dict[str, JsonValue]:
        """As HubSpot writes it."""
        body: dict[str, JsonValue] = {
            "status": "error",
            "message": self.message,
            "correlationId": str(uuid4()),
            "category": self.category,
        }
        return {**body, "errors": self.errors} if self.errors else body

    def response(self) -> JSONResponse:
        """The answer."""
        return JSONResponse(self.body(), self.status)


def not_found(kind: str, id_: str) -> HubSpotError:
    """No object has this id."""
    return HubSpotError(404, "OBJECT_NOT_FOUND", f"Object not found. objectId {id_} of {kind} is unknown or archived.")


def bad_request(message: str) -> HubSpotError:
    """The body or the query cannot be read."""
    return HubSpotError(400, "VALIDATION_ERROR", f"Invalid input: {message}")


def invalid_properties(problems: list[tuple[str, str, str]]) -> HubSpotError:
    """Properties that cannot be written: each with its name, HubSpot's code and a message."""
    errors: list[JsonValue] = [
        {"message": message, "code": code, "context": {"propertyName": [name]}} for name, code, message in problems
    ]
    listed = ", ".join(
        f'{{"isValid":false,"message":"{message}","error":"{code}","name":"{name}"}}'
        for name, code, message in problems
    )
    return HubSpotError(400, "VALIDATION_ERROR", f"Property values were not valid: [{listed}]", errors)
