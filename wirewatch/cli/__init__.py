"""The `wirewatch` command. One file per group of commands; START HERE for the list of them."""

import typer

from wirewatch.cli import (
    alerts,
    articles,
    deliveries,
    demo,
    doctor,
    endpoints,
    entities,
    feeds,
    keys,
    listen,
    migrate,
    pipeline,
    seed,
    stories,
    templates,
    up,
    watches,
)
from wirewatch.cli.errors import OneLineErrors
from wirewatch.cli.target import remember_target

app = typer.Typer(
    name="wirewatch",
    help="Watches news and tells people what matters to them, once, with proof.",
    cls=OneLineErrors,
    callback=remember_target,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)

app.command("up")(up.up)
app.command("demo")(demo.demo)
app.command("seed")(seed.seed)
app.add_typer(watches.app, name="watch")
app.command("alerts")(alerts.alerts)
app.add_typer(alerts.app, name="alert")
app.command("tail")(alerts.tail)
app.command("listen")(listen.listen)
app.command("stories")(stories.stories)
app.command("story")(stories.story)
app.command("articles")(articles.articles)
app.add_typer(articles.app, name="article")
app.add_typer(feeds.app, name="feeds")
app.add_typer(endpoints.app, name="endpoints")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(templates.app, name="templates")
app.add_typer(entities.app, name="entities")
app.add_typer(keys.app, name="keys")
app.command("pipeline")(pipeline.pipeline)
app.command("doctor")(doctor.doctor)
app.command("migrate")(migrate.migrate)

__all__ = ["app"]
