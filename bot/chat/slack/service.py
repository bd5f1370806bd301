"""What follows a request from Slack, once it was acknowledged: who asks, what they ask for, where the answer goes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import Reply, Tone
from bot.chat import commands
from bot.chat.commands import VERBS, Asker, Desk, Option, Verb
from bot.chat.slack import forms
from bot.chat.slack.answers import Answers, ByAddress, InView, Window
from bot.chat.slack.buttons import pressed, turned
from bot.chat.slack.failures import FAILURES, error_code
from bot.chat.slack.files import fetched
from bot.chat.slack.forms import Given, Remembered, Uploaded, View
from bot.chat.slack.home import home
from bot.chat.slack.local_time import takes_zone, with_zone
from bot.chat.slack.payload import Body, channel_of, subject, user_of, value_of
from bot.chat.slack.typed import Mentioned, understand
from bot.chat.slack.workspace import Workspace
from bot.errors import ClaimwatchError

HANDING_OVER = 0.5
"""Seconds until Slack has certainly put up what an acknowledgement told it to."""

log = logging.getLogger(__name__)


class Service:
    """Answers one workspace's people. What Slack does not take is raised as one of `failures.FAILURES`."""

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

    async def typed(self, body: Body) -> None:
        """Answer a slash command; where it lacks what it needs, open the verb's form."""
        try:
            typed = understand(str(body.get("text") or ""))
            form = await self._form(typed.verb, body) if typed.needs_form else None
        except ClaimwatchError as error:
            await self._answers.show(self._own_window(body), _trouble(error), user_of(body))
            return
        if not (form and await self._opened(body, form)):
            await self._answer(body, typed.verb.name, typed.given)

    async def compared(self, body: Body) -> None:
        """Compare a message with the baseline."""
        await self._answer(body, "check", {"text": subject(body.get("message", {}))})

    async def pressed(self, body: Body) -> None:
        """Answer a card's button."""
        verb, argument = pressed(value_of(body))
        try:
            reply = await commands.press(self._desk, await self._asker(body), verb, argument)
        except ClaimwatchError as error:
            reply = _trouble(error)
        await self._show(body, verb, reply)

    async def picked(self, verb: Verb, body: Body) -> None:
        """Open the verb's form; where it asks for nothing, its answer."""
        if forms.asks(verb):
            await self._opened(body, await self._form(verb, body))
            return
        channel = channel_of(body)
        view = forms.waiting(verb.name, channel)
        opened = await self._client.views_open(trigger_id=str(body["trigger_id"]), view=view)
        window = InView(self._client, str(opened["view"]["id"]), verb.name, channel)
        await self._answers.show(window, await self._replied(body, channel, verb.name, {}), user_of(body))

    async def turned(self, body: Body) -> None:
        """Show another page where the button was that was pressed."""
        key, number = turned(value_of(body))
        await self._answers.turn(self._same_window(body), key, number)

    async def filled(self, memory: Remembered, body: Body, given: Mapping[str, Given]) -> View:
        """The modal that answers a verb's form."""
        return await self._answer_view(memory, body, await self._replied(body, memory.channel, memory.verb, given))

    async def told(self, memory: Remembered, body: Body) -> View:
        """The modal that answers what an answer asked for."""
        filled = forms.answers_to_fields(body["view"])
        try:
            asker = await self._workspace.asker(user_of(body), memory.channel)
            reply = await commands.submit(self._desk, asker, memory.verb, memory.argument, filled)
        except ClaimwatchError as error:
            reply = _trouble(error)
        return await self._answer_view(memory, body, reply)

    async def bring(self, answer: asyncio.Task[View | None], view: str, memory: Remembered) -> None:
        """Put a late answer into the modal that waits for it."""
        shown = await answer
        await asyncio.sleep(HANDING_OVER)
        await self._client.views_update(view_id=view, view=shown or forms.sorry(memory.verb, memory.channel))

    async def suggestions(self, body: Body) -> list[Option]:
        """What an input offers. Raises `ClaimwatchError`."""
        memory = forms.remembered(body.get("view") or {})
        asker = await self._workspace.asker(user_of(body), memory.channel)
        wanted, typed = str(body.get("block_id", "")), str(body.get("value", ""))
        return await commands.suggest(self._desk, asker, memory.verb, wanted, typed)

    async def publish_home(self, user: str, channel: str) -> None:
        """Show a home tab, and on it what that channel is told."""
        asker = await self._workspace.asker(user, channel)
        await self._client.views_publish(user_id=user, view=await home(self._desk, asker, channel))

    async def _answer(self, body: Body, verb: str, given: Mapping[str, Given]) -> None:
        await self._show(body, verb, await self._replied(body, channel_of(body), verb, given))

    async def _show(self, body: Body, verb: str, reply: Reply) -> None:
        """The form that the reply asks for, where Slack still opens it; else the reply."""
        if reply.pages[0].picks and verb in VERBS and await self._opened(body, await self._form(VERBS[verb], body)):
            return  # Slack's forms have the choices that other platforms show under an answer
        if not (reply.form and await self._opened(body, forms.fields(reply.form, channel_of(body)))):
            window = self._own_window(body) if body.get("response_url") else self._view_window(body, verb)
            await self._answers.show(window, reply, user_of(body))

    async def _answer_view(self, memory: Remembered, body: Body, reply: Reply) -> View:
        if reply.form:
            return forms.fields(reply.form, memory.channel)
        page, more = await self._answers.opened(reply, user_of(body))
        return forms.answered(memory.verb, page, memory.channel, more)

    async def _asker(self, body: Body) -> Asker:
        return await self._workspace.asker(user_of(body), channel_of(body))

    async def _replied(self, body: Body, channel: str, verb: str, given: Mapping[str, Given]) -> Reply:
        user = user_of(body)
        try:
            asker = await self._workspace.asker(user, channel)
            vouched = {name: await self._vouched(value, user) for name, value in given.items()}
            values = await with_zone(self._desk, self._workspace, asker, user, verb, vouched)
        except ClaimwatchError as error:
            return _trouble(error)
        return await commands.answer(self._desk, asker, verb, values)

    async def _vouched(self, value: Given, user: str) -> object:
        """The value itself, the channel that it names or the file that it stands for."""
        if isinstance(value, Mentioned):
            return await self._workspace.place(value.channel, user)
        if isinstance(value, Uploaded):
            return await fetched(self._session, self._client.token or "", self._client.base_url, value)
        return value

    async def _form(self, verb: Verb, body: Body) -> View:
        zone = await self._workspace.timezone(user_of(body)) if takes_zone(verb) else ""
        return forms.form(verb, channel_of(body), zone)

    async def _opened(self, body: Body, view: View) -> bool:
        """Open the modal; False where Slack did not take it, for instance because it came too late."""
        try:
            if (body.get("view") or {}).get("type") == "modal":
                await self._client.views_push(trigger_id=str(body["trigger_id"]), view=view)
            else:
                await self._client.views_open(trigger_id=str(body["trigger_id"]), view=view)
        except FAILURES as error:
            log.warning("Slack did not open a form: %s %s", type(error).__name__, error_code(error))
            return False
        return True

    def _own_window(self, body: Body, replace: bool = False) -> Window:
        return ByAddress(str(body["response_url"]), self._session, self._logger, replace)

    def _view_window(self, body: Body, verb: str) -> Window:
        return InView(self._client, str(body["view"]["id"]), verb, channel_of(body))

    def _same_window(self, body: Body) -> Window:
        """Where the button was that was pressed."""
        view = body.get("view")
        return self._view_window(body, forms.remembered(view).verb) if view else self._own_window(body, replace=True)


def _trouble(error: ClaimwatchError) -> Reply:
    return Reply.say(str(error), tone=Tone.ERROR)
