"""A Discord on loopback: the REST endpoints and the gateway that discord.py uses, with faults on demand.

In a test:

    with DiscordServer() as discord:
        guild = discord.add_guild("Analysts")
        channel = discord.add_channel(guild, "alerts")
        discord.fail("POST", "/channels/*/messages", Fault.drop(after_accept=True))
        run_the_bot(environment=discord.environment())
        discord.wait_for(lambda: discord.messages(channel))

As its own process (`python tests/platforms/discord_server.py`) it prints one line of JSON with its addresses and
takes the same orders as JSON at POST /_control: {"do": "fail", "with": {…}}.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from copy import deepcopy
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from aiohttp import web
from discord_gateway import Gateway
from discord_rest import API, Fault, Recorded, Rest
from discord_world import FORUM, MANAGE_GUILD, Json, World

__all__ = ["DiscordServer", "Fault", "Recorded"]

T = TypeVar("T")
CHAT_INPUT, COMPONENT, AUTOCOMPLETE = 2, 3, 4


class DiscordServer:
    """Runs in a thread of its own; all methods may be called from any thread."""

    def __init__(self, token: str = "loopback-token", port: int = 0) -> None:
        self.token, self._port = token, port
        self._world = World()
        self._rest, self._gateway = Rest(self._world, token), Gateway(self._world, token)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="discord-server", daemon=True)

    def __enter__(self) -> DiscordServer:
        self._thread.start()
        self._run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # --- what a test asks and orders ---

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self._port}{API}"

    @property
    def gateway(self) -> str:
        return f"ws://127.0.0.1:{self._port}/gateway"

    def environment(self) -> dict[str, str]:
        """What makes the bot talk to this Discord."""
        return {
            "CLAIMWATCH_DISCORD_API": self.api,
            "CLAIMWATCH_DISCORD_GATEWAY": self.gateway,
            "DISCORD_TOKEN": self.token,
        }

    def add_guild(self, name: str) -> str:
        """A guild, which hears of it at once where the bot is connected. Its id."""
        return self._run(self._join(name))

    def add_channel(self, guild: str, name: str) -> str:
        return self._run(self._open(guild, name))

    def add_forum(self, guild: str, name: str, *tags: str, may_tag: bool = False, needs_tag: bool = False) -> str:
        """A forum with these tags; `may_tag`: the bot may make more."""
        return self._run(self._open(guild, name, kind=FORUM, tags=tags, may_tag=may_tag, needs_tag=needs_tag))

    def add_thread(self, channel: str, name: str) -> str:
        """A thread that somebody opened from a message of theirs."""
        return self._run(self._open_thread(channel, name))

    def place(self, channel: str) -> Json:
        """The channel, thread or forum as it is now."""
        return self._in_loop(lambda: deepcopy(self._world.channels[channel]))

    def threads(self, parent: str) -> list[Json]:
        """The threads and posts in a channel, oldest first."""
        return self._in_loop(
            lambda: [deepcopy(one) for one in self._world.channels.values() if one.get("parent_id") == parent]
        )

    def fail(self, method: str, path: str, fault: Fault, times: int = 1) -> None:
        """The next `times` requests whose path under /api/v10 fits the pattern meet that fault, in order of arming."""
        self._in_loop(lambda: self._rest.arm(method, path, fault, times))

    def calm(self) -> None:
        """From now on no request meets a fault."""
        self._in_loop(self._rest.calm)

    def requests(self, method: str = "*", path: str = "*") -> list[Recorded]:
        """What came so far, oldest first."""
        return self._in_loop(
            lambda: [
                one for one in self._rest.requests if fnmatchcase(one.method, method) and fnmatchcase(one.path, path)
            ]
        )

    def messages(self, channel: str) -> list[Json]:
        """What stands in the channel, oldest first."""
        return self._in_loop(lambda: deepcopy([posted.public for posted in self._world.messages[channel]]))

    def delete(self, channel: str, message: str) -> None:
        kept = self._world.messages[channel]
        self._in_loop(lambda: kept.remove(next(one for one in kept if one.public["id"] == message)))

    def forget_nonces(self) -> None:
        """As Discord does after some minutes."""
        for posts in self._in_loop(lambda: list(self._world.messages.values())):
            for posted in posts:
                posted.nonce = ""

    def commands(self) -> list[Json]:
        """The slash commands that were registered."""
        return self._in_loop(lambda: deepcopy(self._world.commands))

    def connected(self) -> bool:
        return self._in_loop(lambda: bool(self._gateway.sockets))

    def drop_gateway(self) -> None:
        """Cut every gateway connection; clients come back and resume or identify anew."""
        self._run(self._gateway.hang_up())

    def slash(
        self, channel: str, name: str, options: dict[str, str] | None = None, *, permissions: str = MANAGE_GUILD
    ) -> str:
        """Use a slash command such as "watch list". Its token, for `answer`."""
        return self._run(self._send_slash(channel, name, options or {}, permissions))

    def complete(self, channel: str, name: str, option: str, typed: str, *, permissions: str = MANAGE_GUILD) -> str:
        """Type into an option that suggests something. Its token, for `waited`."""
        return self._run(self._send_slash(channel, name, {option: typed}, permissions, typing=option))

    def waited(self, token: str, timeout: float = 15.0) -> float:
        """Seconds from an interaction to the bot's first word on it: an answer, or that one is to come."""
        return self.wait_for(lambda: self._world.interactions[token].get("waited"), timeout)

    def press(self, channel: str, message: str, custom_id: str, *, permissions: str = MANAGE_GUILD) -> str:
        """Press a button. Its token, for `answer`."""
        return self._run(self._send_press(channel, message, custom_id, permissions))

    def answer(self, token: str, timeout: float = 15.0) -> Json:
        """The message that answers an interaction, once it is there."""
        return self.wait_for(lambda: deepcopy(self._world.interactions[token]["answers"][-1:]), timeout)[0]

    def wait_for(self, ask: Callable[[], T], timeout: float = 15.0) -> T:
        """What `ask` gives as soon as it gives something true. Raises `AssertionError` after `timeout` seconds."""
        end = time.monotonic() + timeout
        while not (found := ask()):
            if time.monotonic() > end:
                raise AssertionError(f"not within {timeout} s; the last requests: {self.requests()[-5:]}")
            time.sleep(0.02)
        return found

    # --- the server ---

    async def _start(self) -> None:
        app = web.Application(client_max_size=30 * 2**20)
        app.router.add_get("/gateway{slash:/?}", self._gateway.connect)
        app.router.add_post("/_control", self._control)
        app.router.add_route("*", API + "/{path:.*}", self._rest.answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = int(self._runner.addresses[0][1])
        self._rest.gateway = self._gateway.address = self.gateway

    async def _stop(self) -> None:
        await self._gateway.hang_up()
        await self._runner.cleanup()

    async def _send_slash(
        self, channel: str, name: str, options: dict[str, str], permissions: str, typing: str = ""
    ) -> str:
        group, _, word = name.rpartition(" ")
        given: list[Json] = [{"name": key, "type": 3, "value": value} for key, value in options.items()]
        leaf: Json = {"options": [one | ({"focused": True} if one["name"] == typing else {}) for one in given]}
        root = group or word
        command = next(one for one in self._world.commands if one["name"] == root)
        data = {"id": command["id"], "name": root, "type": 1}
        data |= {"options": [{"name": word, "type": 1} | leaf]} if group else leaf
        return await self._interact(channel, AUTOCOMPLETE if typing else CHAT_INPUT, data, permissions)

    async def _send_press(self, channel: str, message: str, custom_id: str, permissions: str) -> str:
        data = {"custom_id": custom_id, "component_type": 2}
        pressed = self._world.find(channel, message)
        return await self._interact(channel, COMPONENT, data, permissions, message=pressed)

    async def _interact(self, channel: str, kind: int, data: Json, permissions: str, **more: Any) -> str:
        event = self._world.interaction(channel, kind, data, permissions, "analyst") | more
        await self._gateway.dispatch("INTERACTION_CREATE", event)
        return str(event["token"])

    async def _join(self, name: str) -> str:
        guild = self._world.add_guild(name)
        await self._gateway.dispatch("GUILD_CREATE", guild)
        return str(guild["id"])

    async def _open(self, guild: str, name: str, **more: Any) -> str:
        channel = self._world.add_channel(guild, name, **more)
        await self._gateway.dispatch("CHANNEL_CREATE", channel)
        return str(channel["id"])

    async def _open_thread(self, channel: str, name: str) -> str:
        message = self._world.post(channel, {"content": name}, [])
        thread = self._world.open_thread(channel, message["id"], {"name": name})
        await self._gateway.dispatch("THREAD_CREATE", thread)
        return str(thread["id"])

    async def _control(self, request: web.Request) -> web.Response:
        """Orders from another process: {"do": "messages", "with": {"channel": "…"}} and the like."""
        order = await request.json()
        given = order.get("with", {})
        if "fault" in given:
            given["fault"] = Fault(**given["fault"])
        result = await asyncio.to_thread(_ORDERS[order["do"]], self, **given)
        return web.json_response({"result": result}, dumps=lambda value: json.dumps(value, default=vars))

    def _in_loop(self, ask: Callable[[], T]) -> T:
        async def asked() -> T:
            return ask()

        return self._run(asked())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


_ORDERS: dict[str, Callable[..., Any]] = {
    "add_guild": DiscordServer.add_guild,
    "add_channel": DiscordServer.add_channel,
    "fail": DiscordServer.fail,
    "requests": DiscordServer.requests,
    "messages": DiscordServer.messages,
    "delete": DiscordServer.delete,
    "forget_nonces": DiscordServer.forget_nonces,
    "slash": DiscordServer.slash,
    "press": DiscordServer.press,
}


def main() -> None:
    """Serve until standard input ends."""
    with DiscordServer(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as server:
        print(json.dumps(server.environment()), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
