import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from wirewatch.stack.receiver import ReceivedWebhook, Receiver, verify

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BODY = json.dumps({"type": "alert.updated", "data": {"alert": {"id": "1"}}}).encode()


def signed(body: bytes, at: datetime | None = None, secret: str = SECRET) -> dict[str, str]:
    at = at or datetime.now(UTC)
    signature = Webhook(secret).sign("msg_1", at, body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


def test_a_signed_webhook_verifies() -> None:
    received = verify(SECRET, signed(BODY), BODY)
    assert received == ReceivedWebhook("msg_1", json.loads(BODY), None)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, BODY),
        (signed(BODY), BODY + b" "),
        (signed(BODY, at=datetime.now(UTC) - timedelta(minutes=6)), BODY),
        (signed(BODY, secret="whsec_" + "A" * 32), BODY),
        (signed(BODY) | {"webhook-signature": "nonsense"}, BODY),
        (signed(BODY) | {"webhook-signature": "v1,***"}, BODY),
        (signed(BODY), b"\xff\xfe"),
    ],
)
def test_anything_else_is_refused_with_a_reason(headers: dict[str, str], body: bytes) -> None:
    assert verify(SECRET, headers, body).fault


def test_without_a_secret_nothing_verifies() -> None:
    assert verify(None, signed(BODY), BODY).fault


def test_a_receiver_answers_by_what_it_found() -> None:
    received: list[ReceivedWebhook] = []
    receiver = Receiver(0, received.append, SECRET)
    with receiver.running():
        good = httpx.post(receiver.url, content=BODY, headers=signed(BODY), trust_env=False)
        bad = httpx.post(receiver.url, content=BODY, headers={"webhook-id": "x"}, trust_env=False)
    assert (good.status_code, bad.status_code) == (204, 401)
    assert [webhook.fault is None for webhook in received] == [True, False]
