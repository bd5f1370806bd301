"""What docs/discord_look.py shows: messages as the real bot makes them for Discord, out of the demo's news."""

from __future__ import annotations

import asyncio
import base64
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from rich.console import Console

from bot.alerts.buttons import DETAILS, alert_buttons
from bot.alerts.render import AlertView, alert_message
from bot.app import House, opened
from bot.blocks import Message, Reply
from bot.chat import commands
from bot.chat.commands import Asker, Desk, Place
from bot.chat.discord.buttons import button_row
from bot.chat.discord.pager import Pages
from bot.chat.discord.render import LIMITS, render
from bot.demo.run import CHANNEL, demo_settings, played
from bot.jobs.compose import Composer
from bot.jobs.digests import Digester
from bot.model import (
    Alert,
    AlertKind,
    Channel,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Level,
    Relation,
)
from bot.settings import PolicyForm, Settings, load_settings

CONFIG = Path(__file__).parent.parent / "config"


@dataclass(frozen=True)
class Scene:
    """One message as it goes to Discord; `asked`: an answer that its asker alone sees."""

    name: str
    at: datetime
    embeds: Sequence[Mapping[str, Any]]
    components: Sequence[Mapping[str, Any]] = ()
    content: str = ""
    pictures: Mapping[str, str] = field(default_factory=dict)  # by name, as data: addresses
    asked: bool = False


def scenes() -> list[Scene]:
    """All scenes, after the demo has been played. Each part has an event loop of its own, since a house closes its."""
    with tempfile.TemporaryDirectory() as folder:
        settings = demo_settings(load_settings(CONFIG, {}), Path(folder))
        policy = CHANNEL.policy.model_copy(update={"alert_on": frozenset(Relation)})
        everything = settings.file.model_copy(update={"channels": (CHANNEL.model_copy(update={"policy": policy}),)})
        settings = settings.model_copy(update={"file": everything})
        asyncio.run(played(settings, Console(quiet=True)))
        return asyncio.run(_staged(settings))


async def _staged(settings: Settings) -> list[Scene]:
    async with opened(settings) as house:
        return [scene async for scene in _Stage(house).all()]


class _Stage:
    def __init__(self, house: House) -> None:
        self.house = house
        self.channel = house.store.tenants.channel(CHANNEL.channel(PolicyForm()).id)
        self.composer = Composer(house.store, house.labels)

    async def all(self) -> AsyncIterator[Scene]:
        """Cards first, then answers."""
        alerts = self._alerts()
        for relation in Relation:
            yield await self._card(relation.value, self._fullest(alerts, relation))
        yield await self._card("merged", max(alerts, key=lambda one: (len(self._outlets(one)), len(one.verdicts))))
        yield self._new_card()
        async for scene in self._digest():
            yield scene
        moved = self._fullest(alerts, Relation.UPDATES)
        for name, verb, given in self._asked(moved):
            reply = await commands.answer(self._desk(), self._asker(), verb, given)
            for number, page in enumerate(reply.pages[:2], start=1):
                yield self._scene(f"{name}-{number}" if number > 1 else name, page, reply)

    def _asked(self, alert: Alert) -> Sequence[tuple[str, str, dict[str, object]]]:
        store, claim = self.house.store, alert.verdicts[0].claim
        return (
            ("details", DETAILS, {"story": alert.story}),
            ("claim-show", "claim show", {"claim": claim}),
            ("status", "status", {}),
            ("setup-where", "setup", {}),
            ("setup-when", "setup when", {"channel": self.channel.address}),
            ("setup-start", "setup start", {"channel": self.channel.address}),
            ("why", "why", {"url": store.entries.get(alert.entry).url}),
            ("marked", "right", {"alert": alert.id}),
            ("review", "review", {}),
            ("settings", "settings", {}),
            ("claim-list", "claim list", {}),
            ("watch-list", "watch list", {}),
            ("watch-test", "watch test", {"query": "nato AND command"}),
            ("feed-list", "feed list", {}),
            ("search", "search", {"words": "defence"}),
            ("latest", "latest", {}),
            ("mutes", "mutes", {}),
            ("help", "help", {}),
            ("help-one", "help", {"command": "watch add"}),
            ("trouble", "claim show", {"claim": "us-troups"}),
        )

    def _alerts(self) -> list[Alert]:
        store = self.house.store
        stories = {one.story for one in store.stories.recent(self.channel.tenant, 500)}
        return store.alerts.told([self.channel.id], stories)

    def _fullest(self, alerts: Sequence[Alert], relation: Relation) -> Alert:
        """The one with a change if any, the surest."""
        these = [one for one in alerts if one.verdicts and one.verdicts[0].relation is relation]
        return max(these, key=lambda one: (bool(one.verdicts[0].change), one.verdicts[0].confidence, one.id))

    def _outlets(self, alert: Alert) -> set[str]:
        return {one.outlet for one in self.house.store.entries.reports(alert.tenant, alert.story)}

    async def _card(self, name: str, alert: Alert) -> Scene:
        delivery = _delivery(DeliveryKind.ALERT, alert.id, self.channel, alert.created)
        return self._scene(name, await self.composer.compose(delivery, LIMITS))

    def _new_card(self) -> Scene:
        """Nothing in the demo's channel asks for these, so one is made of an entry that touched no claim."""
        store, tenant = self.house.store, self.channel.tenant
        trails = (store.entries.trail(tenant, one.id) for one in store.entries.latest(tenant, 200))
        trail = next(one for one in trails if one.matches and not one.verdicts)
        watch, match = trail.matches[0]
        alert = Alert(
            "new", tenant, self.channel.id, trail.story, trail.entry.id, AlertKind.NEW, trail.entry.seen, match=match
        )
        view = AlertView(alert, trail.entry, {}, trail.reports, self.house.labels, watch.name)
        return self._scene("new", alert_message(view, LIMITS, alert_buttons(alert)))

    async def _digest(self) -> AsyncIterator[Scene]:
        house = self.house
        digester = Digester(house.store, {CHANNEL.platform: LIMITS}, house.clock, house.pack.baseline.title)
        made = await digester.make_now(self.channel)
        for part, _ in enumerate(house.store.deliveries.of(made.id)):
            delivery = _delivery(DeliveryKind.DIGEST, made.id, self.channel, made.made, part)
            yield self._scene(f"digest-{part + 1}", await self.composer.compose(delivery, LIMITS))

    def _scene(self, name: str, message: Message, reply: Reply | None = None) -> Scene:
        """The message as `DiscordPlatform` posts it, or as one page of an answer."""
        rendered = render(message)
        view = Pages(cast(Any, None), _from(reply, message)) if reply else button_row(rendered.buttons, "0" * 16)
        cards = [card.picture for card in message.cards if card.picture]
        return Scene(
            name=name,
            at=self.house.clock.now(),
            embeds=[embed.to_dict() for embed in rendered.embeds],
            components=view.to_components() if view else (),
            content=rendered.content,
            pictures={one.name: "data:image/png;base64," + base64.b64encode(one.png).decode() for one in cards},
            asked=reply is not None,
        )

    def _desk(self) -> Desk:
        return self.house.desk({CHANNEL.platform: SimpleNamespace(limits=LIMITS)}, lambda: None)

    def _asker(self) -> Asker:
        place = Place(self.channel.address, f"#{self.channel.name}")
        return Asker(self.channel.tenant, self.channel.platform, place, "ana", Level.CONFIGURE)


def _from(reply: Reply, page: Message) -> tuple[Message, ...]:
    """The reply's pages from that one on."""
    return reply.pages[reply.pages.index(page) :]


def _delivery(kind: DeliveryKind, subject: str, channel: Channel, at: datetime, part: int = 0) -> Delivery:
    return Delivery(subject, channel.id, kind, subject, part, "", DeliveryState.SENDING, at, 1, at)
