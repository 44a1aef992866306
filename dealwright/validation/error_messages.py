"""What people are told instead of pydantic's words."""

_NO_TIME = "is no time: write one such as 2026-11-24T09:30:00+01:00"
_NO_DAY = "is no day: write one such as 2026-11-24"
REMEDIES = {
    "timezone_aware": "a time needs its offset: 2026-11-24T09:30:00+01:00",
    "missing": "is required",
    "finite_number": "is not a finite number",
    "extra_forbidden": "is not known here",
    "model_type": "write a JSON object with its fields",
    "model_attributes_type": "write a JSON object with its fields",
    "dict_type": "write a JSON object",
    "tuple_type": "write a list",
    "string_type": "write a text",
    "decimal_parsing": "is no number",
    "float_parsing": "is no number",
    "int_parsing": "is no whole number",
    "datetime_parsing": _NO_TIME,
    "datetime_from_date_parsing": _NO_TIME,
    "date_parsing": _NO_DAY,
    "date_from_datetime_parsing": _NO_DAY,
}
"""What is said instead of pydantic's words, by the type of its error."""
