"""The operator's commands."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from bot.cli import feeds, judging, running, scaling, upkeep
from bot.cli.commands import commands
from bot.cli.common import out

app = typer.Typer(
    name="claimwatch",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
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


def _tell_version(wanted: bool) -> None:
    if wanted:
        out.print(f"claimwatch {version('claimwatch')}", highlight=False)
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which this is.")]


@app.callback()
def claimwatch(_: Version = False) -> None:
    """Watches news feeds and says which entries confirm, contradict or update what was held to be true."""


app.command("eval")(judging.evaluate)
app.add_typer(feeds.feeds, name="feeds")
app.add_typer(judging.judge, name="judge")
app.add_typer(judging.baseline, name="baseline")
