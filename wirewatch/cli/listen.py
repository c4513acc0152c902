"""`wirewatch listen`."""

import threading
from typing import Annotated

import msgspec
import typer

from wirewatch.cli.output import console, plain, say
from wirewatch.stack.receiver import ReceivedWebhook, Receiver


def listen(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8099,
    secret: Annotated[
        str | None, typer.Option(envvar="WIREWATCH_WEBHOOK_SECRET", help="The endpoint's signing secret (whsec_...).")
    ] = None,
) -> None:
    """Receive webhooks on this machine, verify them, and print them."""
    receiver = Receiver(port, show_webhook, secret)
    with receiver.running():
        say(f"Listening on {receiver.url} (Ctrl-C ends)", style="bold")
        if secret is None:
            say("Without --secret nothing can be verified, and every webhook is refused.", style="yellow")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            say("")


def show_webhook(received: ReceivedWebhook) -> None:
    state, style = ("verified", "green") if received.fault is None else (f"refused: {received.fault}", "red")
    say(f"{received.id or '(no webhook-id)'}  {state}", style=style)
    pretty = msgspec.json.format(msgspec.json.encode(received.payload), indent=2).decode()
    console.print(plain(pretty), markup=False, soft_wrap=True)
