"""Codes of two public standards, embedded so that a client needs no other package to check them."""

from __future__ import annotations

import re

from dealwright.diagnostics.diagnostic import Diagnostic
from dealwright.diagnostics.text import quoted

CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
    CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD
    HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD
    TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 - a page of codes, not a column of them
)
"""ISO 4217, the codes active in November 2026, without metals, baskets and test codes."""

_MINOR_DIGITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),  # noqa: SIM905
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),  # noqa: SIM905 - a line of codes
    **dict.fromkeys("CLF UYW".split(), 4),  # noqa: SIM905
}
"""ISO 4217: the digits after the point, where they are not two."""

COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
    GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
    MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
    TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
    """.split()  # noqa: SIM905 - a page of codes, not a column of them
)
"""ISO 3166-1 alpha-2, with the user-assigned XK (Kosovo)."""

OFTEN_MEANT = {"UK": "GB", "EL": "GR", "BGN": "EUR", "HRK": "EUR", "ANG": "XCG", "ZWL": "ZWG", "SLL": "SLE"}
"""Codes that people write and the standards do not (or no longer) know, with the right ones."""

_REGION = re.compile(r"([A-Z]{2})(-[A-Z0-9]{1,3})?")


def minor_digits(currency: str) -> int:
    """How many digits after the point a currency has (ISO 4217); two for a code that is not known."""
    return _MINOR_DIGITS.get(currency, 2)


def wrong_country(text: str) -> Diagnostic | None:
    """What is wrong with a text that is no ISO 3166 country code with an optional subdivision."""
    if (match := _REGION.fullmatch(text)) and match[1] in COUNTRIES:
        return None
    remedy = f"write {_meant(text, COUNTRIES) or 'one such as DE or DE-BE'}"
    return Diagnostic((), f"{quoted(text)} is no ISO 3166 code", remedy)


def wrong_currency(text: str) -> Diagnostic | None:
    """What is wrong with a text that is no active ISO 4217 code."""
    if text in CURRENCIES:
        return None
    remedy = f"write {_meant(text, CURRENCIES) or 'one such as EUR or USD'}"
    return Diagnostic((), f"{quoted(text)} is no ISO 4217 code", remedy)


def _meant(text: str, known: frozenset[str]) -> str | None:
    upper = text.strip().upper()
    right = OFTEN_MEANT.get(upper, upper)
    return right if right in known else None
