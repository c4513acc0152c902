"""The secrets that sign webhooks: made and rotated by the API, used by the deliver stage."""

import base64
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

SECRET_BYTES = 32  # Standard Webhooks asks for 24 to 64
OVERLAP = timedelta(hours=24)
PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """`valid_until` None: the current one. An older one goes on signing beside it until then."""

    secret: str
    valid_until: datetime | None = None


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def rotate_secrets(current: Iterable[SigningSecret], now: datetime, secret: str) -> tuple[SigningSecret, ...]:
    """`secret` becomes the current one, the one before it stays valid for OVERLAP, what has expired is dropped."""
    kept = (replace(old, valid_until=old.valid_until or now + OVERLAP) for old in current)
    return (SigningSecret(secret), *(old for old in kept if _is_valid(old, now)))


def valid_secrets(known: Sequence[SigningSecret], now: datetime) -> tuple[str, ...]:
    """Those that sign now, the current one first."""
    valid = [each for each in known if _is_valid(each, now)]
    return tuple(each.secret for each in sorted(valid, key=lambda each: each.valid_until is not None))


def _is_valid(secret: SigningSecret, now: datetime) -> bool:
    return secret.valid_until is None or now < secret.valid_until
