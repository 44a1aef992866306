"""Functions that mapping files have beside those of JMESPath itself."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from jmespath.functions import Functions, signature
from jmespath.visitor import Options

from dealwright.values.iso_codes import CURRENCIES, minor_digits

_MOST_PARTS = 1000


class _OfMappings(Functions):
    @signature({"types": ["string"]})
    def _func_lower(self, text: str) -> str:
        """``lower('ABC')`` is ``abc``."""
        return text.lower()

    @signature({"types": ["string"]})
    def _func_trim(self, text: str) -> str:
        """A text without the spaces around it."""
        return text.strip()

    @signature({"types": ["string"]}, {"types": ["string"]})
    def _func_split(self, text: str, by: str) -> list[str] | None:
        """``split('a/b', '/')`` is ``['a', 'b']``; ``split(event.uri, '/')[-1]`` is the last part of a path."""
        return text.split(by, _MOST_PARTS) if by else None

    @signature({"types": ["number", "string"]}, {"types": ["string"]})
    def _func_major_units(self, amount: float | str, currency: str) -> str | None:
        """An amount in a currency's smallest unit as a decimal number: ``major_units(`4800`, 'eur')`` is ``48.00``."""
        code = currency.upper()
        return str(Decimal(str(amount)).scaleb(-minor_digits(code))) if code in CURRENCIES else None

    @signature({"types": ["number", "string"]})
    def _func_from_epoch(self, seconds: float | str) -> str:
        """Seconds since 1970 as an ISO time in UTC."""
        return datetime.fromtimestamp(float(seconds), UTC).isoformat()


OPTIONS = Options(custom_functions=_OfMappings())
