"""Encrypts the secrets that the store keeps, with keys that are not in the store."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from store.errors import StoreError

_MARK = "fernet:"
"""How an encrypted value begins, so that one from before there was a key can be told from it."""


class CannotUnseal(StoreError):
    """A value was encrypted with a key that this process does not have."""

    def __init__(self) -> None:
        super().__init__(
            "What the store keeps was encrypted with a key that is not in DEALWRIGHT_TOKEN_KEY: add that key behind "
            "the present one. Where it is lost, docs/security.md says what to make anew"
        )


class BadSealingKey(ValueError):
    """A key cannot be used. It is not shown."""

    def __init__(self) -> None:
        super().__init__("this is no key of 32 bytes in base64")


class Seal:
    """Encrypts with the first of its keys (Fernet: AES-128-CBC and HMAC-SHA256), and decrypts with any of them.

    Without a key, values are kept as they are.

    Raises:
        BadSealingKey: at construction, when a key is none.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        try:
            self._keys = [Fernet(key) for key in keys]
        except ValueError:
            raise BadSealingKey from None
        self._all = MultiFernet(self._keys) if self._keys else None

    def __bool__(self) -> bool:
        """Whether it has a key."""
        return self._all is not None

    def seal(self, text: str | None) -> str | None:
        """The text as the store keeps it."""
        if text is None or self._all is None:
            return text
        return _MARK + self._all.encrypt(text.encode()).decode()

    def unseal(self, kept: str | None) -> str | None:
        """The text that the store keeps.

        Raises:
            CannotUnseal: none of the keys fits.
        """
        if kept is None or not kept.startswith(_MARK):
            return kept
        try:
            return self._fernet().decrypt(kept.removeprefix(_MARK).encode()).decode()
        except InvalidToken:
            raise CannotUnseal from None

    def can_unseal(self, kept: str | None) -> bool:
        """Whether one of the keys fits, or none is needed."""
        try:
            self.unseal(kept)
        except CannotUnseal:
            return False
        return True

    def is_newest(self, kept: str | None) -> bool:
        """Whether a value is kept with the first key; nothing to keep is."""
        if kept is None:
            return True
        try:
            self._keys[0].decrypt(kept.removeprefix(_MARK).encode())
        except (IndexError, InvalidToken):
            return False
        return kept.startswith(_MARK)

    def _fernet(self) -> MultiFernet:
        if self._all is None:
            raise CannotUnseal
        return self._all
