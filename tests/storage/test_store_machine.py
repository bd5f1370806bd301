"""Deliveries in any order of owing, claiming, ending, crashing, pausing and waiting: none is lost, none ends twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from store_world import HOME, NOW, channel_id, owe, settle

from bot.errors import StoreError
from bot.model import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Denied,
    Later,
    Refused,
    SendOutcome,
    Sent,
    Unknown,
)
from storage import open_store
from storage.engine import Database, open_engine
from storage.schema import metadata

CHANNELS = ("one", "two")
ENDS = frozenset({DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNCERTAIN})
OUTCOMES: list[SendOutcome] = [
    Sent("ref"),
    Refused("no"),
    Unknown("?"),
    Denied("token"),
    Later(30, "busy"),
    Later(90, "limit", everywhere=True),
]


class Line(RuleBasedStateMachine):
    """What was owed, what is in flight, and how things ended, beside the store that must agree."""

    def __init__(self, fresh: Callable[[], str]) -> None:
        super().__init__()
        self.url = fresh()

    @initialize()
    def start(self) -> None:
        self.store = open_store(self.url)
        settle(self.store, HOME, *CHANNELS)
        self.now = NOW
        self.owed: set[str] = set()
        self.flying: dict[str, Delivery] = {}
        self.ended: dict[str, Delivery] = {}
        self.attempts: dict[str, int] = {}
        self.quiet_until: dict[str, datetime] = {}
        self.paused: set[str] = set()
        for channel in CHANNELS:
            self.owe(channel, {"a", "b", "c"}, 0, 0)

    def teardown(self) -> None:
        self.store.close()

    @rule(
        channel=st.sampled_from(CHANNELS),
        subjects=st.sets(st.sampled_from("abcdef"), min_size=1),
        edit=st.sampled_from([0, 0, 1, 2]),
        delay=st.sampled_from([0, 0, 60]),
    )
    def owe(self, channel: str, subjects: set[str], edit: int, delay: int) -> None:
        kind = DeliveryKind.EDIT if edit else DeliveryKind.ALERT
        due = self.now + timedelta(seconds=delay)
        owed = [owe(subject, channel, kind, due, edit) for subject in sorted(subjects)]
        names = {one.id for one in owed}
        assert self.store.deliveries.owe(owed) == len(names - self.owed)
        self.owed |= names

    @rule(limit=st.sampled_from([1, 3]))
    def claim(self, limit: int) -> None:
        busy = {one.channel for one in self.flying.values()} | self.paused
        expected_by = self.store.deliveries.next_due()
        claimed = self.store.deliveries.claim_due(self.now, ["console"], limit)
        assert bool(claimed) == (expected_by is not None and expected_by <= self.now)
        assert len(claimed) <= limit
        for one in claimed:
            assert one.channel not in busy
            assert self.quiet_until.get(one.channel, NOW) <= self.now
            assert self.quiet_until.get("everywhere", NOW) <= self.now
            assert one.due <= self.now
            assert one.id not in self.ended
            assert one.attempts == self.attempts.get(one.id, 0) + 1
            if one.kind is DeliveryKind.EDIT:
                assert self.store.deliveries.posted(one.channel, one.subject) is not None
            busy.add(one.channel)
            self.attempts[one.id] = one.attempts
            self.flying[one.id] = one

    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES))
    def end(self, data: st.DataObject, outcome: SendOutcome) -> None:
        if not self.flying:
            self.claim(2)
        if not self.flying:
            return
        one = self.flying.pop(data.draw(st.sampled_from(sorted(self.flying))))
        marked = self.store.deliveries.mark(one.id, outcome, self.now)
        assert marked.first_sent == one.first_sent
        if isinstance(outcome, Later):
            where = "everywhere" if outcome.everywhere else one.channel
            until = self.now + timedelta(seconds=outcome.seconds)
            self.quiet_until[where] = max(until, self.quiet_until.get(where, NOW))

    @precondition(lambda self: self.owed - set(self.flying))
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES))
    def end_out_of_turn(self, data: st.DataObject, outcome: SendOutcome) -> None:
        idle = sorted(self.owed - set(self.flying))
        with pytest.raises(StoreError):
            self.store.deliveries.mark(data.draw(st.sampled_from(idle)), outcome, self.now)

    @rule()
    def crash(self) -> None:
        self.store.close()
        self.store = open_store(self.url)

    @rule(seconds=st.sampled_from([1, 30, 90]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(channel=st.sampled_from(CHANNELS))
    def pause_for_a_while(self, channel: str) -> None:
        there = self.store.tenants.channel(channel_id(channel))
        assert self.store.tenants.pause_channel(there.id, "closed") is True
        self.paused = {there.id}
        self.claim(3)
        self.paused = set()
        self.store.tenants.put_channel(there)

    @rule()
    def prune_nothing_open(self) -> None:
        self.store.prune(NOW)

    @invariant()
    def nothing_is_lost_and_nothing_ends_twice(self) -> None:
        there = {name: self.store.deliveries.get(name) for name in self.owed}
        for name, before in self.ended.items():
            assert there[name] == before
        self.ended = {name: one for name, one in there.items() if one.state in ENDS}
        in_flight = {one.id: one for one in self.store.deliveries.interrupted(["console"])}
        assert in_flight == self.flying
        assert len({one.channel for one in in_flight.values()}) == len(in_flight)
        stats = self.store.deliveries.stats()
        assert stats.owed + stats.sending + stats.sent + stats.failed + stats.uncertain == len(self.owed)


PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # a failure's forty steps are read as they are, not shrunk


def check(fresh: Callable[[], str], examples: int) -> None:
    limits = settings(max_examples=examples, stateful_step_count=40, deadline=None, phases=PHASES)
    run_state_machine_as_test(lambda: Line(fresh), settings=limits)


def test_deliveries_over_sqlite(sqlite_template: Path, tmp_path: Path) -> None:
    numbers = count()
    check(lambda: str(shutil.copy(sqlite_template, tmp_path / f"{next(numbers)}.sqlite")), examples=25)


def test_deliveries_over_postgres(postgres_url: str) -> None:
    database = Database(open_engine(postgres_url))

    def fresh() -> str:
        database.write(lambda conn: [conn.execute(table.delete()) for table in reversed(metadata.sorted_tables)])
        return postgres_url

    check(fresh, examples=10)
    database.close()
