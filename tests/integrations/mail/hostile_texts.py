"""Texts that strangers write into names and titles to make a mail say something else than was meant."""

from __future__ import annotations

from hypothesis import strategies as st

ENCODED = "=?utf-8?q?A=0d=0aBcc=3a_evil=40x=2eexample?="

TEXTS = {
    "an encoded header in Q": ENCODED,
    "an encoded header in B": "=?utf-8?B?QQ0KQmNjOiBldmlsQHguZXhhbXBsZQ==?=",
    "an encoded body": "=?utf-8?q?A=0d=0a=0d=0aPay_to_evil=40x=2eexample?=",
    "another charset": "=?iso-8859-1?Q?A=0AReply-To=3A_evil=40x.example?=",
    "a wide charset": "=?utf-16?b?AA0ACgBCAGMAYwA6?=",
    "an unknown charset": "=?x-nobody?q?A=0d=0aBcc=3a_evil=40x=2eexample?=",
    "a language": "=?utf-8*en?q?A=0d=0aBcc=3a_evil=40x=2eexample?=",
    "a broken word": "=?utf-8?q?A=0d=0aBcc=3a_evil=4",
    "a broken base64": "=?utf-8?b?QQ0KQmNj!!!?=",
    "an empty word": "=?utf-8?q??=",
    "words side by side": f"{ENCODED}{ENCODED}",
    "words one after another": f"{ENCODED} {ENCODED}",
    "a word in a word": "=?utf-8?q?=3D=3Futf-8=3Fq=3F=0d=0aBcc=3a_evil=40x=2eexample=3F=3D?=",
    "a word over a line's end": "=?utf-8?q?A=0d=0aBcc=3a\r\n _evil=40x=2eexample?=",
    "a word in a long text": f"{'Acme ' * 40}{ENCODED}",
    "a word with letters around": f"Grüße {ENCODED} Ö",
    "a word in quotes": f'"{ENCODED}"',
    "a header": "Acme\r\nBcc: evil@x.example",
    "a header after a line feed": "Acme\nBcc: evil@x.example",
    "a header after a carriage return": "Acme\rBcc: evil@x.example",
    "a header after U+2028": "Acme\u2028Bcc: evil@x.example",
    "a header after NEL, FS, VT and FF": "Acme\x85Bcc: a@x.example\x1cBcc: b@x.example\x0bBcc:\x0cBcc:",
    "a folded header": "Acme\r\n Bcc: evil@x.example",
    "a body": "Acme\r\n\r\nPay to evil@x.example",
    "an end of the message": "Acme\r\n.\r\nMAIL FROM:<evil@x.example>\r\n",
    "NUL": "Acme\x00Bcc: evil@x.example",
    "lone surrogates": "Acme \ud800 \udfff \udc0a\udc0d",
    "another direction": "Acme \u202egro.live\u202c \u2066x\u2069 \u200b\ufeff",
    "a very long word": "A" * 3000,
    "a very long word beyond ASCII": "Ж" * 3000,
    "many words": "Acme platform " * 300,
    "only spaces": " \t\r\n ",
    "an address": "Ana <evil@x.example>",
    "two addresses": "Ana <evil@x.example>, Ben <b@x.example>",
    "an address and a comma": "evil@x.example, Ana",
    "a group": "Team: evil@x.example, b@x.example;",
    "a quote": 'Ana" <evil@x.example>, "',
    "a backslash and a quote": 'Ana\\" <evil@x.example>, \\"',
    "a lone quote": '"',
    "a comment": "Ana (evil@x.example)",
    "an open comment": "Ana (((",
    "a closed comment": "Ana ))) <evil@x.example>",
    "brackets": "<<>>[]:;@,.",
    "an at sign": "ana@x.example",
    "a route": "<@x.example:evil@y.example>",
    "backslashes": "\\" * 80,
}
"""Each by what it is."""

_PIECES = (
    *("=?utf-8?q?", "=?utf-8?b?", "=?", "?=", "=0d=0a", "=3a", "_", "Bcc: evil@x.example", ENCODED),
    *("\r", "\n", "\r\n", "\r\n ", "\r\n\r\n", "\0", "\u2028", "\x85", "\t", " ", "\ud800", "\udc80", "\u202e"),
    *("\u00a0", "e\u0301", "A" * 70),
    *('"', "\\", "<", ">", "@", ",", ";", ":", "(", ")", "[", "]", ".", "Ana", "é", "Ж", "漢", "😀"),
)  # fmt: skip


def texts() -> st.SearchStrategy[str]:
    """Any text, and rather one that is made of what means something in a mail."""
    pieces = st.one_of(
        st.sampled_from(_PIECES), st.characters(codec=None), st.text(st.characters(codec=None), max_size=8)
    )
    return st.lists(pieces, max_size=24).map("".join)
