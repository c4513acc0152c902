"""Signing by Standard Webhooks, so that any of its verifiers accepts what Wirewatch sends."""

import binascii
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from wirewatch.http import Headers


def sign_headers(webhook_id: str, body: bytes, secrets: Sequence[str], now: datetime) -> Headers:
    """The three headers of a signed webhook; one signature per secret, so that receivers may change theirs in peace.

    Raises ValueError if there is no secret or one is malformed.
    """
    if not secrets:
        raise ValueError("a webhook cannot be sent without a signing secret")
    try:
        # To whole seconds, because the header carries no more, and the library takes any time for UTC.
        at = now.astimezone(UTC).replace(microsecond=0)
        signatures = [Webhook(secret).sign(webhook_id, at, body.decode()) for secret in secrets]
    except (binascii.Error, EmptyWebhookSecretError) as error:
        raise ValueError("a signing secret is malformed") from error
    return (
        ("webhook-id", webhook_id),
        ("webhook-timestamp", str(int(at.timestamp()))),
        ("webhook-signature", " ".join(signatures)),
    )
