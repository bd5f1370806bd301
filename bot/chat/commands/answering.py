"""The only way in: permissions, errors and suggestions of all verbs, in one place."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping

from bot.blocks import Reply, Tone, clip, code, line
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.table import Option, Verb
from bot.chat.commands.verbs import VERBS
from bot.errors import BadInput, ClaimwatchError, NotAllowed, QueryError, StoreBusy
from bot.model import Level

MOST_OPTIONS = 25
LONGEST_OPTION = 100

log = logging.getLogger(__name__)
audit = logging.getLogger("claimwatch.audit")


async def answer(desk: Desk, asker: Asker, name: str, given: Mapping[str, object]) -> Reply:
    """Run the verb of that name for the asker. Never raises: what goes wrong becomes a reply that says what to do."""
    try:
        verb = _verb(name)
        _admit(verb, asker)
        reply = await verb.run(desk, asker, given)
        if verb.level > Level.READ:
            audit.info("%s: %s used /%s", asker.tenant, asker.name, name)
    except ClaimwatchError as error:
        return _explain(error)
    except Exception:
        reference = uuid.uuid4().hex[:8]
        log.exception("/%s failed for %s, reference %s", name, asker.tenant, reference)
        return Reply.say(f"That went wrong on our side. The operator's log has it as {reference}.", tone=Tone.ERROR)
    return reply


async def press(desk: Desk, asker: Asker, name: str, argument: str) -> Reply:
    """Run the verb behind a card's button; the button's argument is the verb's first parameter."""
    parameters = VERBS[name].parameters if name in VERBS else ()
    return await answer(desk, asker, name, {parameters[0].name: argument} if parameters and argument else {})


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
    if name not in VERBS:
        raise BadInput(f"there is no /{name}; /help lists what there is")
    return VERBS[name]


def _admit(verb: Verb, asker: Asker) -> None:
    if asker.level < verb.level:
        audit.warning("%s: %s was denied /%s", asker.tenant, asker.name, verb.name)
        raise NotAllowed(f"/{verb.name} changes what everybody here sees, so it needs the permission Manage Server.")


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
