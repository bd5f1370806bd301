"""Adding, retiring, importing and exporting claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from bot.alerts.words import counted
from bot.blocks import Button, Line, Reply, bold, clip, code, line
from bot.chat.commands import suggestions
from bot.chat.commands.baseline import LONGEST, checked_day, checked_statement
from bot.chat.commands.desk import Asker, Attached, Desk
from bot.chat.commands.pages import paged
from bot.chat.commands.table import Ask, verb
from bot.claims.baseline import slug
from bot.claims.tables import Format, dump, parse
from bot.claims.wording import kind_of, slug_of
from bot.errors import BadInput, Conflict, NotFound
from bot.model import Claim, ClaimKind, ClaimState, Level

IMPORT = "import claims"
PASTED = 6000


async def add(
    desk: Desk,
    asker: Asker,
    statement: Annotated[str, Ask("A sentence that can be read by itself", longest=LONGEST)],
    theme: Annotated[str, Ask("What it is about", suggest=suggestions.themes, longest=64)],
    kind: Annotated[ClaimKind | None, Ask("What it states; by default read from its wording")] = None,
    source: Annotated[str, Ask("Where it was drawn from")] = "",
    date: Annotated[str, Ask("Since when it holds: a month or day; by default today", longest=10)] = "",
    name: Annotated[str, Ask("A short name such as eu-package-800bn; by default its first words", longest=64)] = "",
) -> Reply:
    """Hold something to be true, so that the news is compared with it"""
    worded = checked_statement(statement)
    today = desk.clock.now().date().isoformat()
    claim = Claim(
        id=_id(name or slug_of(worded)),
        theme=slug_of(theme, 64),
        kind=kind or kind_of(worded),
        source=source,
        as_of=checked_day(date or today),
        statement=worded,
    )
    return await hold(desk, asker, claim)


async def hold(desk: Desk, asker: Asker, claim: Claim) -> Reply:
    """Put a new claim into the store. Raises `Conflict` where there is one of that id."""
    held = await _held(desk, asker, claim.id)
    if held and held.state is not ClaimState.RETIRED:
        raise Conflict(f"there is a claim {claim.id} already: /claim revise words it anew, or give another name")
    await desk.ask(desk.store.claims.put, asker.tenant, [claim], asker.name, desk.clock.now())
    return Reply.say(
        line("From now on ", bold(claim.id), f" is held to be true, as of {claim.as_of}: {claim.statement}"),
        line(f"{claim.kind} · {desk.labels.theme(claim.theme)} · /claim show tells what the news does to it."),
    )


def _id(text: str) -> str:
    try:
        return slug(text)
    except ValueError as error:
        raise BadInput(f"the name is {text!r}; {error}") from None


async def _held(desk: Desk, asker: Asker, claim: str) -> Claim | None:
    try:
        return await desk.ask(desk.store.claims.get, asker.tenant, claim)
    except NotFound:
        return None


async def retire(
    desk: Desk,
    asker: Asker,
    claim: Annotated[str, Ask("Which claim", suggest=suggestions.claim_ids)],
) -> Reply:
    """Hold a claim no longer; its history and evidence are kept"""
    held = await desk.ask(desk.store.claims.get, asker.tenant, claim)
    await desk.ask(desk.store.claims.retire, asker.tenant, held.id)
    return Reply.say(
        line(bold(held.id), f" is held no longer, and nothing is compared with it: {held.statement}"),
        line(code("/claim revise"), " brings it back, in the same wording or another."),
    )


# --- files -------------------------------------------------------------------------------------------------------


async def export(
    desk: Desk,
    asker: Asker,
    filetype: Annotated[Format, Ask("By default CSV, which spreadsheets open")] = Format.CSV,
) -> Reply:
    """Give all claims as a file, which /claim import takes back"""
    claims = await desk.ask(desk.store.claims.all, asker.tenant)
    name = f"claims-{desk.clock.now():%Y-%m-%d}.{filetype}"
    told = Reply.say(line(f"{counted(len(claims), 'claim')} in ", code(name), "."))
    return replace(told, file=(name, dump(claims, filetype)))


async def bring_in(
    desk: Desk,
    asker: Asker,
    file: Annotated[Attached | None, Ask("A CSV, JSON or TOML file, as /claim export gives it")] = None,
    text: Annotated[str, Ask("Or the same as text", longest=PASTED)] = "",
) -> Reply:
    """Show what a file of claims would change, and take it in at the press of a button"""
    if file is None and not text:
        raise BadInput("give a file or a text; /claim export shows how claims are written")
    name, content = (file.name, file.content) if file else ("", text.encode("utf-8", "replace"))
    claims = parse(name, content, desk.clock.now().date().isoformat())
    changes = _changes(claims, {claim.id: claim for claim in await _all(desk, asker, claims)})
    if not changes.lines:
        return Reply.say(f"Nothing would change: all {counted(len(claims), 'claim')} are held as they are.")
    proposal = await desk.ask(desk.store.proposals.put, asker.tenant, claims, desk.clock.now())
    button = Button(f"Import {counted(len(changes.lines), 'claim')}", IMPORT, proposal)
    shown = paged(f"To be imported: {changes}", changes.lines, empty="")
    return replace(shown, pages=tuple(replace(page, buttons=(button,)) for page in shown.pages))


async def _all(desk: Desk, asker: Asker, claims: Sequence[Claim]) -> list[Claim]:
    """Those that the tenant has of these, retired ones included."""
    living = await desk.ask(desk.store.claims.all, asker.tenant)
    known = {claim.id for claim in living}
    retired = [held for claim in claims if claim.id not in known and (held := await _held(desk, asker, claim.id))]
    return [*living, *retired]


@dataclass
class _Changes:
    """What would change, a line a claim, and how many are new, worded anew, filed anew and as they were."""

    lines: list[Line] = field(default_factory=list)
    new: int = 0
    reworded: int = 0
    refiled: int = 0
    same: int = 0

    def __str__(self) -> str:
        told = (f"{self.new} new", f"{self.reworded} reworded", f"{self.refiled} filed anew", f"{self.same} unchanged")
        return ", ".join(words for words in told if not words.startswith("0 "))


def _changes(claims: Sequence[Claim], held: dict[str, Claim]) -> _Changes:
    changes = _Changes()
    for claim in claims:
        old = held.get(claim.id)
        if old is None or old.state is ClaimState.RETIRED:
            changes.new += 1
            changes.lines.append(line("+ ", code(claim.id), f" · {claim.theme} · {clip(claim.statement, 200)}"))
        elif (old.statement, old.as_of) != (claim.statement, claim.as_of):
            changes.reworded += 1
            changes.lines.append(_reworded(old, claim))
        elif (old.theme, old.kind, old.source) != (claim.theme, claim.kind, claim.source):
            changes.refiled += 1
            changes.lines.append(line("→ ", code(claim.id), f" · {claim.theme} · {claim.kind} · {claim.source}"))
        else:
            changes.same += 1
    return changes


def _reworded(old: Claim, new: Claim) -> Line:
    if old.statement == new.statement:
        return line("✎ ", code(new.id), f" · as of {old.as_of} → {new.as_of}")
    return line("✎ ", code(new.id), f" · {clip(old.statement, 120)} → ", bold(clip(new.statement, 120)))


async def take_in(desk: Desk, asker: Asker, proposal: Annotated[str, Ask("What was shown", longest=16)]) -> Reply:
    """Take in the claims of a file that was shown"""
    claims = await desk.ask(desk.store.proposals.get, asker.tenant, proposal)
    written = await desk.ask(desk.store.claims.put, asker.tenant, claims, asker.name, desk.clock.now())
    return Reply.say(f"{counted(written, 'claim')} taken in; old wordings stay in the claims' history.")


VERBS = (
    verb("claim add", add, Level.CONFIGURE),
    verb("claim retire", retire, Level.CONFIGURE),
    verb("claim import", bring_in, Level.CONFIGURE),
    verb("claim export", export),
)
PRESSED = (verb(IMPORT, take_in, Level.CONFIGURE),)
