"""A receiver of webhooks with FastAPI.

pip install fastapi uvicorn standardwebhooks
WIREWATCH_WEBHOOK_SECRET=whsec_... uvicorn examples.receiver:app --port 8099
"""

import os

from fastapi import FastAPI, Request, Response
from standardwebhooks import Webhook, WebhookVerificationError

app = FastAPI()
webhook = Webhook(os.environ["WIREWATCH_WEBHOOK_SECRET"])
# In a database in real life: a delivery can arrive twice, and is one.
seen: set[str] = set()


@app.post("/")
async def receive(request: Request) -> Response:
    body = await request.body()  # as received: what was parsed and written again does not verify
    try:
        payload = webhook.verify(body, dict(request.headers))
    except WebhookVerificationError:
        return Response(status_code=401)
    if request.headers["webhook-id"] not in seen:
        seen.add(request.headers["webhook-id"])
        handle(payload)  # quickly: slow work belongs after the answer
    return Response(status_code=204)


def handle(payload: dict[str, object]) -> None:
    print(payload["type"], flush=True)  # noqa: T201 (an example)
