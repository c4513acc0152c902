"""`wirewatch up`."""

import threading
from contextlib import suppress

from rich.console import Group
from rich.text import Text

from wirewatch.cli.alert_text import AlertText
from wirewatch.cli.alerts import follow_alerts
from wirewatch.cli.output import complain, console, plain, say
from wirewatch.cli.seed import load_starters
from wirewatch.client import ApiUnreachableError, Client
from wirewatch.errors import WirewatchError
from wirewatch.settings import Settings
from wirewatch.stack.local import LocalStack, local_stack
from wirewatch.stack.supervisor import StoppedError


def up() -> None:
    """Run everything on this machine until Ctrl-C; the data stays in WIREWATCH_DATA_DIR."""
    settings = Settings()
    say(f"Starting, with data and logs in {settings.data_dir} ...")
    try:
        with local_stack(settings, report) as stack:
            stack.supervisor.run(lambda: attend(stack, seed=settings.seed))
    except StoppedError:
        say("Stopped; the data is kept.")


def report(message: str) -> None:
    """What the supervisor has to say while the stack runs."""
    console.print(Text(plain(message), style="yellow"), soft_wrap=True)


def attend(stack: LocalStack, *, seed: bool) -> None:
    """Shows alerts for as long as the stack runs, and meanwhile loads the seeds where this is the first run."""
    loader = threading.Thread(target=load_first, args=(stack,), daemon=True)

    def load_once() -> None:
        if seed and stack.first_run and loader.ident is None:
            loader.start()

    greet(stack)
    with Client(stack.api_url, stack.ingest_url, stack.key) as client:
        text = AlertText(client)
        # The seeds wait until the stream is open, so that it shows their alerts too. That the stream breaks where the
        # API crashes or stops needs no line of its own: the supervisor tells.
        for alert in follow_alerts(client, on_open=load_once, on_break=lambda _: None):
            with suppress(ApiUnreachableError):
                console.print(text.of(alert))


def load_first(stack: LocalStack) -> None:
    """A first run without its seeds is still of use, so a failure is told and the stack goes on."""
    try:
        with Client(stack.api_url, stack.ingest_url, stack.key) as client:
            load_starters(client)
        stack.mark_seeded()
    except WirewatchError as error:
        complain(f"Seeds not loaded: {error}")


def greet(stack: LocalStack) -> None:
    console.print(
        Group(
            Text.assemble("API     ", (stack.api_url, "bold"), f"  ({stack.api_url}/docs)"),
            Text.assemble("Ingest  ", (stack.ingest_url, "bold")),
            Text.assemble("Key     ", (stack.key, "bold")),
            Text(
                "Webhooks and feeds may reach this machine itself (WIREWATCH_EGRESS_ALLOW has loopback added).", "dim"
            ),
            Text("Alerts follow; Ctrl-C stops everything.", "dim"),
        ),
        soft_wrap=True,
    )
