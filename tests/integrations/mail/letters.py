"""Messages as they come in: recorded ones from ``samples/``, and ones written for a test."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from integrations.mail.inbound.incoming import IncomingMail, read_mail

RECEIVED = datetime(2027, 5, 4, 10, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "samples"


def raw(name: str) -> bytes:
    return (SAMPLES / f"{name}.eml").read_bytes()


def sample(name: str, **envelope: object) -> IncomingMail:
    return read_mail(raw(name), RECEIVED, **envelope)  # type: ignore[arg-type] # of the envelope


def letter(body: str = "Let us talk.\r\n", /, **headers: str) -> bytes:
    """A message of Ada's; underscores in names of headers stand for hyphens, and ``None`` is left out."""
    written = {
        "From": "Ada Byron <ada@acme.test>",
        "To": "Jane Doe <jane@seller.test>",
        "Subject": "Re: Acme platform",
        "Date": "Tue, 04 May 2027 11:58:00 +0200",
        "Message-ID": "<answer-1@acme.test>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in written.items() if value is not None)
    return f"{head}\r\n{body}".encode()
