"""`wirewatch listen`."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
import typer

from wirewatch.cli.output import console, plain, say
from wirewatch.cli.target import client_for
from wirewatch.client import Client
from wirewatch.errors import InvalidInputError
from wirewatch.signing import PREFIX
from wirewatch.stack.receiver import ReceivedWebhook, Receiver, ReceiverAnswer


def listen(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8099,
    secret: Annotated[
        str | None,
        typer.Option(
            envvar="WIREWATCH_WEBHOOK_SECRET",
            help="Signing secret of an endpoint you have; without it one is made for as long as this runs.",
        ),
    ] = None,
    status: Annotated[
        int | None, typer.Option(min=200, max=599, help="Answer so, whatever comes, to see what then happens.")
    ] = None,
    delay: Annotated[float, typer.Option(min=0, max=3600, help="Seconds to wait before each answer.")] = 0.0,
    retry_after: Annotated[int | None, typer.Option(min=0, help="Seconds, sent as Retry-After.")] = None,
) -> None:
    """Receive webhooks on this machine, verify them, and print them, until Ctrl-C."""
    if secret is not None and not secret.startswith(PREFIX):
        raise InvalidInputError([("", f"a signing secret begins with {PREFIX}, as making its endpoint showed it once")])
    receiver = Receiver(port, show_webhook, secret, ReceiverAnswer(status, delay, retry_after))
    with receiver.running(), client_for(ctx) as client, stopped_like_ctrl_c():
        try:
            if secret is not None:
                wait(receiver)
            else:
                with temporary_endpoint(client, receiver):
                    wait(receiver)
        except KeyboardInterrupt:
            say("")


def wait(receiver: Receiver) -> None:
    say(f"Listening on {receiver.url} (Ctrl-C ends)", style="bold")
    threading.Event().wait()


@contextmanager
def temporary_endpoint(client: Client, receiver: Receiver) -> Iterator[None]:
    """An endpoint of the service that leads here, deleted at the end of the block."""
    endpoint = client.post("/v1/endpoints", {"name": "wirewatch listen", "url": receiver.url})
    receiver.secret = endpoint["secret"]
    try:
        yield
    finally:
        client.delete(f"/v1/endpoints/{endpoint['id']}")


@contextmanager
def stopped_like_ctrl_c() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does, so that nothing is left in the service."""
    previous = signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def show_webhook(received: ReceivedWebhook) -> None:
    state, style = ("verified", "green") if received.fault is None else (f"refused: {received.fault}", "red")
    say(f"{received.id or '(no webhook-id)'}  {state}", style=style)
    pretty = msgspec.json.format(msgspec.json.encode(received.payload), indent=2).decode()
    console.print(plain(pretty), markup=False, soft_wrap=True)
