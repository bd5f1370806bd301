"""The operator's commands."""

from __future__ import annotations

import typer

from bot.cli import feeds, judging, running, scaling, upkeep
from bot.cli.commands import commands

app = typer.Typer(
    name="claimwatch",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Watches news feeds and says which entries confirm, contradict or update what was held to be true.",
)
for command in (
    running.demo,
    running.run,
    running.poll,
    running.health,
    scaling.worker,
    scaling.gateway,
    scaling.migrate,
    judging.compare,
    judging.match,
    upkeep.export,
    upkeep.backup,
    upkeep.restore,
    upkeep.migrate_store,
    upkeep.doctor,
    commands,
):
    app.command()(command)
app.command("eval")(judging.evaluate)
app.add_typer(feeds.feeds, name="feeds")
app.add_typer(judging.judge, name="judge")
app.add_typer(judging.baseline, name="baseline")
