"""The only way in: permissions, errors and suggestions of all verbs, in one place."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping

from bot.blocks import Reply, Tone, clip, code, line
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.table import Option, Verb
from bot.chat.commands.verbs import PRESSED, VERBS
from bot.errors import BadInput, ClaimwatchError, NotAllowed, NotFound, QueryError, StoreBusy
from bot.model import Change, Level

MOST_OPTIONS = 25
LONGEST_OPTION = 100

_KNOWN = {**VERBS, **PRESSED}

log = logging.getLogger(__name__)
audit = logging.getLogger("claimwatch.audit")


async def answer(desk: Desk, asker: Asker, name: str, given: Mapping[str, object]) -> Reply:
    """Run the verb of that name for the asker. Never raises: what goes wrong becomes a reply that says what to do."""
    try:
        verb = _verb(name)
        _admit(verb, asker)
        reply = await verb.run(desk.acting(asker, f"/{name}"), asker, given)
        if verb.level > Level.READ:
            audit.info("%s: %s used /%s", asker.tenant, asker.name, name)
    except ClaimwatchError as error:
        if _forbidden(name, error):
            await _note_refusal(desk, asker, name, error)
        return _explain(error)
    except Exception:
        reference = uuid.uuid4().hex[:8]
        log.exception("/%s failed for %s, reference %s", name, asker.tenant, reference)
        return Reply.say(f"That went wrong on our side. The operator's log has it as {reference}.", tone=Tone.ERROR)
    return reply


async def press(desk: Desk, asker: Asker, name: str, argument: str) -> Reply:
    """Run the verb behind a card's button; the button's argument is the verb's first parameter."""
    return await submit(desk, asker, name, argument, {})


async def submit(desk: Desk, asker: Asker, name: str, argument: str, filled: Mapping[str, str]) -> Reply:
    """Run the verb behind a form with what was filled in; the form's argument is the verb's first parameter."""
    parameters = _KNOWN[name].parameters if name in _KNOWN else ()
    first = {parameters[0].name: argument} if parameters and argument else {}
    return await answer(desk, asker, name, first | dict(filled))


async def choose(desk: Desk, asker: Asker, name: str, argument: str, chosen: object) -> Reply:
    """Run the verb behind a choice; its first parameter gets the argument, its second what was chosen."""
    parameters = _KNOWN[name].parameters if name in _KNOWN else ()
    names = [parameter.name for parameter in parameters]
    return await answer(desk, asker, name, dict(zip(names, (argument, chosen), strict=False)))


def replaces(name: str) -> bool:
    """Whether the verb's answer takes the place of the message whose button was pressed."""
    return name in _KNOWN and _KNOWN[name].replaces


def may_ask(name: str) -> bool:
    """Whether the verb may answer with a form: then its answer is to be waited for, since forms open at once only."""
    return name in _KNOWN and _KNOWN[name].asks


async def suggest(desk: Desk, asker: Asker, name: str, parameter: str, typed: str) -> list[Option]:
    """At most 25 values for a parameter, those that begin with what was typed first; never another tenant's."""
    try:
        verb = _verb(name)
        offer = verb.parameter(parameter).ask.suggest if asker.level >= verb.level else None
        options = await offer(desk, asker) if offer else []
    except ClaimwatchError as error:
        log.info("no suggestions for /%s %s: %s", name, parameter, error)
        return []
    needle = typed.strip().casefold()
    fitting = [
        option for option in options if _usable(option) and needle in f"{option.label} {option.value}".casefold()
    ]
    fitting.sort(key=lambda option: not option.label.casefold().startswith(needle))
    return [Option(clip(option.label, LONGEST_OPTION), option.value) for option in fitting[:MOST_OPTIONS]]


def _verb(name: str) -> Verb:
    if name not in _KNOWN:
        raise BadInput(f"there is no /{name}; /help lists what there is")
    return _KNOWN[name]


def _admit(verb: Verb, asker: Asker) -> None:
    if asker.level < verb.level:
        audit.warning("%s: %s was denied /%s", asker.tenant, asker.name, verb.name)
        what = f"/{verb.name}" if verb.name in VERBS else "That"
        raise NotAllowed(f"{what} changes what everybody here sees, so it needs {asker.permission}.")


def _forbidden(name: str, error: ClaimwatchError) -> bool:
    """Whether that was an attempt at what is not the asker's: denied, or by an id that nobody gave them."""
    changes = name in PRESSED or (name in VERBS and VERBS[name].level > Level.READ)
    return isinstance(error, NotAllowed) or (isinstance(error, NotFound) and changes)


async def _note_refusal(desk: Desk, asker: Asker, name: str, error: ClaimwatchError) -> None:
    change = Change(desk.actor(asker, f"/{name}"), clip(str(error), 200), refused=True)
    try:
        await desk.ask(desk.store.audit.put, change)
    except ClaimwatchError as trouble:
        log.warning("a refusal of /%s in %s could not be noted: %s", name, asker.tenant, trouble)


def _usable(option: Option) -> bool:
    return bool(option.label.strip()) and 0 < len(option.value) <= LONGEST_OPTION


def _explain(error: ClaimwatchError) -> Reply:
    if isinstance(error, QueryError):
        before, after = error.query[: error.position], error.query[error.position :]
        return Reply.say(
            f"The query cannot be read at ▸: {error.problem}", line(code(f"{before}▸{after}")), tone=Tone.ERROR
        )
    if isinstance(error, StoreBusy):
        return Reply.say("The database is busy; please try again in a moment.", tone=Tone.ERROR)
    return Reply.say(str(error), tone=Tone.ERROR)
