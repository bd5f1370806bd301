"""Lists of keywords that queries share: `@ships` in a query stands for any of the list's words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated

from bot.alerts.words import counted
from bot.blocks import Line, Reply, bold, clip, code, line
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.pages import paged
from bot.chat.commands.table import Ask, Option, verb
from bot.errors import BadInput, NotFound, QueryError
from bot.model import KeywordList, Level, Watch
from bot.watch.expression import Expression, touched
from bot.watch.named import unknown
from bot.watch.query import Lists, parse

MOST_WORDS = 200
LONGEST_WORD = 80

_NAME = re.compile(r"[a-z0-9_-]{1,32}")


async def names(desk: Desk, asker: Asker) -> list[Option]:
    """What autocomplete offers."""
    return [Option(f"@{one.name}", one.name) for one in await desk.ask(desk.store.lists.all, asker.tenant)]


async def lists_of(desk: Desk, asker: Asker) -> Lists:
    """The tenant's lists, as queries are read with."""
    return {one.name: one.words for one in await desk.ask(desk.store.lists.all, asker.tenant)}


async def read_query(desk: Desk, asker: Asker, query: str) -> Expression:
    """What the query means here. Raises `QueryError`, and `NotFound` for a claim or theme that is not there."""
    expression = parse(query, await lists_of(desk, asker))
    if any(touched(expression)):
        claims = await desk.ask(desk.store.claims.all, asker.tenant)
        if problem := unknown(expression, (claim.id for claim in claims), {claim.theme for claim in claims}):
            raise NotFound(f"There is {problem}.")
    return expression


Name = Annotated[str, Ask("The list's name, such as ships", suggest=names, longest=33)]


async def add(
    desk: Desk,
    asker: Asker,
    name: Name,
    words: Annotated[str, Ask("Words and phrases, commas between them: frigate*, aircraft carrier", longest=4000)],
) -> Reply:
    """Add keywords to a list that queries use as @name"""
    called, new = _called(name), _words(words)
    held = await _held(desk, asker, called)
    every = tuple(dict.fromkeys((*held.words, *new)))
    if len(every) > MOST_WORDS:
        raise BadInput(f"@{called} would hold {len(every)} keywords; at most {MOST_WORDS} go into one list")
    await desk.ask(desk.store.lists.put, replace(held, words=every))
    return Reply.say(
        line(bold(f"@{called}"), f" holds {counted(len(every), 'keyword')} now: {clip(', '.join(every), 300)}"),
        line("Use it in a query: ", code(f"@{called} AND exercise")),
    )


async def remove(
    desk: Desk,
    asker: Asker,
    name: Name,
    words: Annotated[str, Ask("Which keywords, commas between them; by default the whole list", longest=4000)] = "",
) -> Reply:
    """Take keywords out of a list, or remove the list"""
    held = await desk.ask(desk.store.lists.get, asker.tenant, name)
    gone = {one.casefold() for one in _words(words)} if words else {one.casefold() for one in held.words}
    left = tuple(one for one in held.words if one.casefold() not in gone)
    if len(left) == len(held.words):
        raise BadInput(f"@{held.name} holds none of them; /list show tells what it holds")
    if left:
        await desk.ask(desk.store.lists.put, replace(held, words=left))
        return Reply.say(line(bold(f"@{held.name}"), f" holds {counted(len(left), 'keyword')} now."))
    if users := await _users(desk, asker, held.name):
        used = ", ".join(watch.name for watch in users)
        raise BadInput(f"@{held.name} is used by {used}; change or remove those first")
    await desk.ask(desk.store.lists.remove, asker.tenant, held.name)
    return Reply.say(line("The list ", bold(f"@{held.name}"), " is gone."))


async def show(
    desk: Desk,
    asker: Asker,
    name: Annotated[str, Ask("Which list; by default all", suggest=names, longest=33)] = "",
) -> Reply:
    """Show the lists of keywords, or what one holds"""
    if not name:
        lists = await desk.ask(desk.store.lists.all, asker.tenant)
        return paged("Lists", [_listed(one) for one in lists], empty="None yet: /list add name:ships words:frigate*")
    held = await desk.ask(desk.store.lists.get, asker.tenant, name)
    used = [watch.name for watch in await _users(desk, asker, held.name)]
    return Reply.say(
        line(bold(f"@{held.name}"), f" holds {counted(len(held.words), 'keyword')}: {', '.join(held.words)}"),
        line(f"Used by {', '.join(used)}." if used else "No watch uses it."),
    )


def _called(name: str) -> str:
    called = name.strip().removeprefix("@").casefold()
    if not _NAME.fullmatch(called):
        raise BadInput(f"the name is {name!r}; expected up to 32 letters a-z, digits, - and _")
    return called


def _words(text: str) -> tuple[str, ...]:
    """What commas part. Raises `BadInput` where one of them could not stand in a query."""
    words = tuple(
        dict.fromkeys(word for part in re.split(r"[,;\n]", text) if (word := part.strip().strip('"').strip()))
    )
    if not words:
        raise BadInput("words is empty; give words and phrases with commas between them")
    for word in words:
        if len(word) > LONGEST_WORD:
            raise BadInput(f"“{clip(word, 60)}” has {len(word)} characters; a keyword has at most {LONGEST_WORD}")
        try:
            parse("@all", {"all": (word,)})
        except QueryError as error:
            raise BadInput(f"“{clip(word, 60)}”: {error.problem}") from None
    return words


async def _held(desk: Desk, asker: Asker, name: str) -> KeywordList:
    try:
        return await desk.ask(desk.store.lists.get, asker.tenant, name)
    except NotFound:
        return KeywordList(asker.tenant, name, ())


async def _users(desk: Desk, asker: Asker, name: str) -> list[Watch]:
    """The watches whose queries name the list."""
    named = re.compile(rf"(?<![\w@])@{re.escape(name)}(?![\w-])", re.IGNORECASE)
    return [watch for watch in await desk.ask(desk.store.watches.all, asker.tenant) if named.search(watch.query)]


def _listed(one: KeywordList) -> Line:
    return line(bold(f"@{one.name}"), f" · {counted(len(one.words), 'keyword')} · {clip(', '.join(one.words), 120)}")


VERBS = (
    verb("list add", add, Level.CONFIGURE),
    verb("list remove", remove, Level.CONFIGURE),
    verb("list show", show),
)
