"""What Slack sends, taken: each request is acknowledged at once, and worked on after that.

Handlers take the arguments that bolt knows by name: `ack`, `body`, `context`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import Reply, Tone
from bot.chat import commands
from bot.chat.commands import VERBS, Desk, Verb
from bot.chat.slack import forms
from bot.chat.slack.answers import Answers, ByAddress, InView, Window
from bot.chat.slack.buttons import ASK, PRESS, TURN, pressed, turned
from bot.chat.slack.errands import Errands
from bot.chat.slack.failures import FAILURES, error_code
from bot.chat.slack.home import CHANNEL, home
from bot.chat.slack.payload import Body, channel_of, key_of, subject, user_of, value_of
from bot.chat.slack.render import COMMAND
from bot.chat.slack.typed import Mentioned, understand
from bot.chat.slack.workspace import Workspace
from bot.errors import ClaimwatchError
from bot.model import Level

COMPARE = "compare"  # callback_id of the message shortcut

SUGGESTING = 2.0
"""Seconds for suggestions; Slack waits for three."""

SUBMITTING = 2.0
"""Seconds after which a modal shows that its answer takes a while."""

HANDING_OVER = 0.5
"""Seconds until Slack has certainly put up what an acknowledgement told it to."""

BUSY = "Too much is being asked just now; please try again in a moment."

Ack = Callable[..., Awaitable[Any]]
Given = Mapping[str, str | Mentioned]

log = logging.getLogger(__name__)


class Admission(AsyncAuthorize):
    """Asked by bolt for every request: those of other workspaces are not for us."""

    def __init__(self, workspace: Workspace) -> None:
        self._ours = workspace.identity

    async def __call__(
        self, *, context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None, **_: Any
    ) -> AuthorizeResult | None:
        if team_id != self._ours.team:
            log.warning("a request from another workspace was turned away")
            return None
        ours = self._ours
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=ours.team, bot_user_id=ours.user, bot_id=ours.bot)


class Reception:
    """Answers one workspace's commands, buttons, modals, suggestions, shortcuts and home tabs."""

    def __init__(
        self,
        desk: Desk,
        client: AsyncWebClient,
        workspace: Workspace,
        session: aiohttp.ClientSession,
        logger: logging.Logger,
    ) -> None:
        self._desk, self._client, self._workspace = desk, client, workspace
        self._session, self._logger = session, logger
        self._answers = Answers(client)
        self._errands: Errands[None] = Errands()
        self._submissions: Errands[dict[str, Any]] = Errands()
        self.admission = Admission(workspace)

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
        app.event("app_home_opened")(self.home_opened)

    async def close(self, patience: float) -> None:
        """Let the answers that were begun end."""
        await asyncio.gather(self._errands.close(patience), self._submissions.close(patience))

    # --- what comes ----------------------------------------------------------------------------------------------

    async def asked(self, ack: Ack, body: Body) -> None:
        """The slash command."""
        started = self._errands.start(key_of(body), lambda: self._answer_typed(body))
        await (ack() if started else ack(BUSY))

    async def shortcut(self, ack: Ack, body: Body) -> None:
        """A message is to be compared with the baseline."""
        window = self._reply_window(body)
        given = {"text": subject(body.get("message", {}))}
        self._errands.start(key_of(body), lambda: self._answer(window, body, "check", given))
        await ack()

    async def pressed(self, ack: Ack, body: Body) -> None:
        """A card's button."""
        self._errands.start(key_of(body), lambda: self._answer_press(body))
        await ack()

    async def picked(self, ack: Ack, body: Body) -> None:
        """A button that leads to a verb: by its form, where there is something to fill in."""
        verb = VERBS.get(value_of(body))
        if verb:
            self._errands.start(key_of(body), lambda: self._open(verb, body))
        await ack()

    async def turned(self, ack: Ack, body: Body) -> None:
        """Another page of an answer."""
        key, number = turned(value_of(body))
        window = self._same_window(body)
        self._errands.start(key_of(body), lambda: self._answers.turn(window, key, number))
        await ack()

    async def looked_at(self, ack: Ack, body: Body) -> None:
        """Another channel's settings, on the home tab."""
        channel = str(body["actions"][0].get("selected_conversation") or "")
        self._errands.start(key_of(body), lambda: self._publish_home(user_of(body), channel))
        await ack()

    async def home_opened(self, ack: Ack, body: Body) -> None:
        """Somebody looks at the home tab."""
        event = body["event"]
        if event.get("tab") == "home":
            _, channel = forms.remembered(event.get("view") or {})
            self._errands.start(key_of(body), lambda: self._publish_home(str(event["user"]), channel))
        await ack()

    async def suggested(self, ack: Ack, body: Body) -> None:
        """What an input with suggestions offers."""
        verb, channel = forms.remembered(body.get("view") or {})
        typed = str(body.get("value", ""))
        options: list[commands.Option] = []
        try:
            async with asyncio.timeout(SUGGESTING):
                asker = await self._workspace.asker(user_of(body), channel)
                options = await commands.suggest(self._desk, asker, verb, str(body.get("block_id", "")), typed)
        except (ClaimwatchError, TimeoutError) as error:
            log.info("no suggestions: %s", error or "they took too long")
        await ack(options=forms.choices(options, typed))

    async def submitted(self, ack: Ack, body: Body) -> None:
        """A form was filled in: its answer takes its place, at once or when it is there."""
        name, channel = forms.remembered(body["view"])
        verb = VERBS.get(name)
        if verb is None:
            await ack()
            return
        given, wrong = forms.filled(verb, body["view"])
        if wrong:
            await ack(response_action="errors", errors=wrong)
            return
        task = self._submissions.start(key_of(body), lambda: self._answer_form(verb, channel, body, given))
        if task is None:
            busy = Reply.say(BUSY, tone=Tone.ERROR).pages[0]
            await ack(response_action="update", view=forms.answered(verb, busy, channel))
            return
        done, _ = await asyncio.wait([task], timeout=SUBMITTING)
        view = (task.result() if done else None) or forms.waiting(verb, channel)
        await ack(response_action="update", view=view)
        if not done:
            self._errands.start(f"late:{key_of(body)}", lambda: self._bring(task, str(body["view"]["id"])))

    # --- what follows --------------------------------------------------------------------------------------------

    async def _answer_typed(self, body: Body) -> None:
        window = self._reply_window(body)
        try:
            typed = understand(str(body.get("text") or ""))
        except ClaimwatchError as error:
            await self._answers.show(window, _trouble(error), user_of(body))
            return
        if not (typed.needs_form and await self._opened(typed.verb, body)):
            await self._answer(window, body, typed.verb.name, typed.given)

    async def _answer(self, window: Window, body: Body, verb: str, given: Given) -> None:
        reply = await self._replied(body, channel_of(body), verb, given)
        await self._answers.show(window, reply, user_of(body))

    async def _answer_press(self, body: Body) -> None:
        verb, argument = pressed(value_of(body))
        channel = channel_of(body)
        window = self._reply_window(body) if body.get("response_url") else None
        try:
            reply = await commands.press(
                self._desk, await self._workspace.asker(user_of(body), channel), verb, argument
            )
        except ClaimwatchError as error:
            reply = _trouble(error)
        if window is None and verb in VERBS:
            window = InView(self._client, str(body["view"]["id"]), VERBS[verb], channel)
        if window:
            await self._answers.show(window, reply, user_of(body))

    async def _answer_form(self, verb: Verb, channel: str, body: Body, given: Given) -> dict[str, Any]:
        """The modal with the answer."""
        reply = await self._replied(body, channel, verb.name, given)
        page, more = await self._answers.opened(reply, user_of(body))
        if verb.level is Level.CONFIGURE:
            self._errands.start(f"home:{key_of(body)}", lambda: self._publish_home(user_of(body), channel))
        return forms.answered(verb, page, channel, more)

    async def _replied(self, body: Body, channel: str, verb: str, given: Given) -> Reply:
        user = user_of(body)
        try:
            asker = await self._workspace.asker(user, channel)
            values = {name: await self._vouched(value, user) for name, value in given.items()}
        except ClaimwatchError as error:
            return _trouble(error)
        return await commands.answer(self._desk, asker, verb, values)

    async def _vouched(self, value: str | Mentioned, user: str) -> object:
        return await self._workspace.place(value.channel, user) if isinstance(value, Mentioned) else value

    async def _open(self, verb: Verb, body: Body) -> None:
        """The verb's form; where it asks for nothing, its answer."""
        channel = channel_of(body)
        asks = forms.asks(verb)
        view = forms.form(verb, channel) if asks else forms.waiting(verb, channel)
        opened = await self._client.views_open(trigger_id=str(body["trigger_id"]), view=view)
        if not asks:
            window = InView(self._client, str(opened["view"]["id"]), verb, channel)
            await self._answer(window, body, verb.name, {})

    async def _opened(self, verb: Verb, body: Body) -> bool:
        """Open the form; False where Slack did not take it, for instance because it came too late."""
        try:
            await self._open(verb, body)
        except FAILURES as error:
            log.warning("Slack did not open a form: %s %s", type(error).__name__, error_code(error))
            return False
        return True

    async def _bring(self, task: asyncio.Task[dict[str, Any] | None], view: str) -> None:
        """Put a late answer into the modal that waits for it."""
        answer = await task
        await asyncio.sleep(HANDING_OVER)
        if answer:
            await self._client.views_update(view_id=view, view=answer)

    async def _publish_home(self, user: str, channel: str) -> None:
        asker = await self._workspace.asker(user, channel)
        await self._client.views_publish(user_id=user, view=await home(self._desk, asker, channel))

    def _reply_window(self, body: Body) -> Window:
        return ByAddress(str(body["response_url"]), self._session, self._logger)

    def _same_window(self, body: Body) -> Window:
        """Where the button was that was pressed."""
        view = body.get("view")
        if not view:
            return ByAddress(str(body["response_url"]), self._session, self._logger, replace=True)
        verb, channel = forms.remembered(view)
        return InView(self._client, str(view["id"]), VERBS[verb], channel)


def _trouble(error: ClaimwatchError) -> Reply:
    return Reply.say(str(error), tone=Tone.ERROR)
