"""Secrets that must be used again, and so cannot be hashed, are stored encrypted: endpoint URLs and signing secrets."""

from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from wirewatch.errors import StartError, WirewatchError


class SealedSecretError(WirewatchError):
    """A stored secret that none of the present keys opens."""


class SecretBox:
    """Encrypts with the newest key and opens with any, so that keys can be changed without a pause (Fernet)."""

    def __init__(self, fernets: list[Fernet]) -> None:
        self._fernet = MultiFernet(fernets)

    @classmethod
    def from_keys(cls, keys: str) -> Self:
        """`keys`: one or more of `new_key()`, newest first, by comma. Raises StartError if one of them is none."""
        try:
            return cls([Fernet(key.strip()) for key in keys.split(",") if key.strip()])
        except ValueError as error:
            raise StartError(
                "WIREWATCH_SECRET_KEY must be 32 random bytes in URL-safe base64, several by comma"
            ) from error

    def seal(self, secret: str) -> bytes:
        return self._fernet.encrypt(secret.encode())

    def unseal(self, sealed: bytes) -> str:
        """Raises SealedSecretError if the key that sealed it is gone or the bytes are damaged."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SealedSecretError("a stored secret cannot be opened: the key that sealed it is missing") from error

    def reseal(self, sealed: bytes) -> bytes:
        """The same secret under the newest key, so that an old key can be dropped."""
        return self.seal(self.unseal(sealed))


def new_key() -> str:
    return Fernet.generate_key().decode("ascii")
