"""What Slack sends, taken: each request is acknowledged at once, and worked on after that.

Handlers take the arguments that bolt knows by name: `ack` and `body`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext

from bot.chat.commands import VERBS, Option
from bot.chat.slack import forms
from bot.chat.slack.buttons import ASK, PRESS, TURN
from bot.chat.slack.errands import Errands
from bot.chat.slack.forms import Remembered, View
from bot.chat.slack.home import CHANNEL
from bot.chat.slack.payload import Body, key_of, user_of, value_of
from bot.chat.slack.render import COMMAND
from bot.chat.slack.service import Service
from bot.chat.slack.workspace import Identity
from bot.errors import ClaimwatchError
from bot.model import Level

COMPARE = "compare"  # callback_id of the message shortcut

SUGGESTING = 2.0
"""Seconds for suggestions; Slack waits for three."""

SUBMITTING = 2.0
"""Seconds after which a modal shows that its answer takes a while."""

BUSY = "Too much is being asked just now; please try again in a moment."

_ANYTHING = re.compile("")

Ack = Callable[..., Awaitable[Any]]

log = logging.getLogger(__name__)
audit = logging.getLogger("claimwatch.audit")


class Admission(AsyncAuthorize):
    """Asked by bolt for every request: those of other workspaces are not for us."""

    def __init__(self, identity: Identity) -> None:
        self._ours = identity

    async def __call__(
        self, *, context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None, **_: Any
    ) -> AuthorizeResult | None:
        ours = self._ours
        if team_id != ours.team:
            audit.warning("slack:%s: a request of another workspace was turned away", ours.team)
            return None
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=ours.team, bot_user_id=ours.user, bot_id=ours.bot)


class Reception:
    """Takes one workspace's commands, buttons, modals, suggestions, shortcuts and home tabs."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._errands: Errands[None] = Errands()
        self._submissions: Errands[View] = Errands()

    def listen(self, app: AsyncApp) -> None:
        """Take what comes to the app."""
        app.command(COMMAND)(self.asked)
        app.message_shortcut(COMPARE)(self.shortcut)
        app.action(re.compile(f"^{PRESS}:"))(self.pressed)
        app.action(re.compile(f"^{ASK}:"))(self.picked)
        app.action(re.compile(f"^{TURN}:"))(self.turned)
        app.action(CHANNEL)(self.looked_at)
        app.options(forms.SUGGEST)(self.suggested)
        app.view(forms.FORM)(self.submitted)
        app.view(forms.FIELDS)(self.filled_in)
        app.event("app_home_opened")(self.home_opened)
        for take in (app.action, app.view, app.event):
            take(_ANYTHING)(self.unknown)

    async def close(self, patience: float) -> None:
        """Let the answers that were begun end."""
        await asyncio.gather(self._errands.close(patience), self._submissions.close(patience))

    async def asked(self, ack: Ack, body: Body) -> None:
        """The slash command."""
        started = self._errands.start(key_of(body), lambda: self._service.typed(body))
        await (ack() if started else ack(BUSY))

    async def shortcut(self, ack: Ack, body: Body) -> None:
        """A message is to be compared with the baseline."""
        self._errands.start(key_of(body), lambda: self._service.compared(body))
        await ack()

    async def pressed(self, ack: Ack, body: Body) -> None:
        """A card's button."""
        self._errands.start(key_of(body), lambda: self._service.pressed(body))
        await ack()

    async def picked(self, ack: Ack, body: Body) -> None:
        """A button that leads to a verb."""
        verb = VERBS.get(value_of(body))
        if verb:
            self._errands.start(key_of(body), lambda: self._service.picked(verb, body))
        await ack()

    async def turned(self, ack: Ack, body: Body) -> None:
        """Another page of an answer."""
        self._errands.start(key_of(body), lambda: self._service.turned(body))
        await ack()

    async def looked_at(self, ack: Ack, body: Body) -> None:
        """Another channel's settings, on the home tab."""
        channel = str(body["actions"][0].get("selected_conversation") or "")
        self._errands.start(key_of(body), lambda: self._service.publish_home(user_of(body), channel))
        await ack()

    async def home_opened(self, ack: Ack, body: Body) -> None:
        """Somebody looks at the home tab."""
        event = body["event"]
        if event.get("tab") == "home":
            channel = forms.remembered(event.get("view") or {}).channel
            self._errands.start(key_of(body), lambda: self._service.publish_home(str(event["user"]), channel))
        await ack()

    async def suggested(self, ack: Ack, body: Body) -> None:
        """What an input with suggestions offers."""
        options: list[Option] = []
        try:
            async with asyncio.timeout(SUGGESTING):
                options = await self._service.suggestions(body)
        except (ClaimwatchError, TimeoutError) as error:
            log.info("no suggestions: %s", error or "they took too long")
        await ack(options=forms.choices(options, str(body.get("value", ""))))

    async def submitted(self, ack: Ack, body: Body) -> None:
        """A verb's form was filled in."""
        memory = forms.remembered(body["view"])
        verb = VERBS.get(memory.verb)
        if verb is None:
            await ack(response_action="update", view=forms.sorry(memory.verb, text="That form is no longer known."))
            return
        given, wrong = forms.filled(verb, body["view"])
        if wrong:
            await ack(response_action="errors", errors=wrong)
            return
        await self._in_its_place(ack, body, memory, lambda: self._service.filled(memory, body, given))
        if verb.level is Level.CONFIGURE:
            refresh = f"home:{key_of(body)}"
            self._errands.start(refresh, lambda: self._service.publish_home(user_of(body), memory.channel))

    async def filled_in(self, ack: Ack, body: Body) -> None:
        """What an answer asked for was filled in."""
        memory = forms.remembered(body["view"])
        await self._in_its_place(ack, body, memory, lambda: self._service.told(memory, body))

    async def unknown(self, ack: Ack) -> None:
        """What an older version of us left in a channel, or a workspace sends unasked: not to be sent again."""
        await ack()

    async def _in_its_place(
        self, ack: Ack, body: Body, memory: Remembered, answer: Callable[[], Awaitable[View]]
    ) -> None:
        """The answer takes the form's place: at once, or when it is there."""
        task = self._submissions.start(key_of(body), answer)
        if task is None:
            await ack(response_action="update", view=forms.sorry(memory.verb, memory.channel, BUSY))
            return
        done, _ = await asyncio.wait([task], timeout=SUBMITTING)
        if done:
            await ack(response_action="update", view=task.result() or forms.sorry(memory.verb, memory.channel))
            return
        await ack(response_action="update", view=forms.waiting(memory.verb, memory.channel))
        view = str(body["view"]["id"])
        self._errands.start(f"late:{key_of(body)}", lambda: self._service.bring(task, view, memory))
