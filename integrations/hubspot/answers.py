"""What HubSpot's answers mean: https://developers.hubspot.com/docs/guides/api/error-handling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ValidationError

from integrations.kit.answers import Answer, Operation, Quota, Rejected, Retry, Verdict, by_status

_TEN_SECONDS = timedelta(seconds=10)
_PARTIAL = 207


class _Problem(BaseModel):
    message: str = ""
    code: str | None = None


class ErrorBody(BaseModel):
    """HubSpot's error, and a batch's answer of which some failed. Older 429s name a policy in place of a category."""

    message: str = ""
    category: str | None = None
    policyName: str | None = None  # noqa: N815 - as HubSpot writes it
    errors: list[_Problem] = []

    @classmethod
    def of(cls, answer: Answer) -> ErrorBody:
        """The body, as far as it is one."""
        try:
            return cls.model_validate_json(answer.body)
        except ValidationError:
            return cls(message=answer.text)

    @property
    def reason(self) -> str:
        """What is wrong, for people. The useful part stands in the single errors."""
        single = "; ".join(dict.fromkeys(one.message for one in self.errors if one.message))
        return single or self.message


def classify(operation: Operation, answer: Answer) -> Verdict:
    """The verdict on an answer."""
    if answer.status == _PARTIAL and operation.changes:
        return Rejected(ErrorBody.of(answer).reason)
    match answer.status:
        case 429:
            body = ErrorBody.of(answer)
            daily = "DAILY" in (body.policyName or "") or "daily" in body.message.lower()
            now = datetime.now(UTC)
            after = answer.retry_after(now)
            return Quota(now + (after or timedelta(minutes=15))) if daily else Retry(after or _TEN_SECONDS)
        case 423 | 477:  # locked, or the account is being moved
            return Retry(answer.retry_after(datetime.now(UTC)) or timedelta(seconds=30))
        case 400 | 403 | 404 | 409 | 415 if answer.status not in operation.empty:
            body = ErrorBody.of(answer)
            return Rejected(f"{answer.status}, {body.category or 'no category'}: {body.reason}"[:500])
        case _:
            return by_status(operation, answer)
