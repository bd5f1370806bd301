"""Buttons, forms and files on Discord: through discord.py itself, against a simulated Discord."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from alerts_told import EVIDENCE, UPDATES, composed, tell
from chat_world import BALTIC, NOW, Hooks, publish
from discord_town import Town, labels, shown
from openapi import check_all
from simcord import Env

from bot.blocks import plain
from bot.chat.commands import LARGEST_FILE, Desk
from bot.chat.discord import DiscordBot, DiscordPlatform
from bot.chat.discord.render import LIMITS
from bot.model import Alert, Channel, ClaimKind, ClaimState, Mark, Relation, Sent, Verdict
from storage import Store

OTHER = Verdict(BALTIC.id, Relation.CONTRADICTS, 0.7, EVIDENCE)


@pytest.fixture
def simcord_bot(desk: Desk) -> DiscordBot:
    return DiscordBot(desk)


@pytest.fixture(autouse=True)
def checked(simcord_env: Env) -> Iterator[None]:
    """What was sent is what Discord's own document takes."""
    yield
    check_all((one.method, one.path, one.json) for one in simcord_env.http_requests)


@pytest.fixture
async def town(simcord_env: Env) -> Town:
    town = Town(simcord_env, "home")
    await simcord_env.settle()
    return town


def channel_of(town: Town) -> Channel:
    return Channel(f"discord:{town.channel.id}", town.tenant, "discord", str(town.channel.id), "#home-alerts")


async def posted(town: Town, env: Env, store: Store, *verdicts: Verdict, story: str = "story") -> Alert:
    """An alert that stands in the town's channel, and was posted by a bot that has been restarted since."""
    channel = channel_of(town)
    alert = tell(store, channel, *verdicts, story=story)
    sent = await DiscordPlatform(env.bot).send(channel, await composed(store, alert, LIMITS), "0123456789abcdef")
    assert isinstance(sent, Sent)
    await env.restart_bot(DiscordBot(env.bot.desk))
    return alert


async def test_an_alert_is_posted_with_its_buttons(town: Town, simcord_env: Env, store: Store) -> None:
    await posted(town, simcord_env, store, UPDATES)
    card = town.channel.history()[-1]
    told = [child.label for row in card.components for child in row.children]
    assert told[:4] == ["Right", "Wrong", "Accept as new baseline", "Timeline"]


async def test_what_is_marked_wrong_is_kept_as_wrong(town: Town, simcord_env: Env, store: Store) -> None:
    alert = await posted(town, simcord_env, store, UPDATES)
    pressed = await town.owner.click(town.channel.history()[-1], label="Wrong")
    assert pressed.ephemeral
    assert "Marked **wrong**: updates `baltic-brigade`" in shown(pressed)
    (mark,) = store.reviews.latest(town.tenant, NOW)
    assert (mark.alert, mark.mark, mark.confidence, mark.by) == (alert.id, Mark.WRONG, 0.82, str(town.owner.name))
    await town.owner.click(town.channel.history()[-1], label="Right")
    assert [one.mark for one in store.reviews.latest(town.tenant, NOW)] == [Mark.RIGHT]


@pytest.mark.parametrize("button", ["Right", "Wrong", "Accept as new baseline"])
async def test_who_may_not_configure_marks_and_accepts_nothing(
    town: Town, simcord_env: Env, store: Store, button: str
) -> None:
    await posted(town, simcord_env, store, UPDATES)
    denied = await town.member.click(town.channel.history()[-1], label=button)
    assert denied.modal is None
    assert "needs the permission Manage Server" in shown(denied)
    assert store.reviews.latest(town.tenant, NOW) == []


async def test_everybody_may_look_at_the_timeline(town: Town, simcord_env: Env, store: Store) -> None:
    await posted(town, simcord_env, store, UPDATES)
    pressed = await town.member.click(town.channel.history()[-1], label="Timeline")
    assert BALTIC.statement in shown(pressed)
    assert [file.filename for file in pressed.response.attachments] == ["timeline.png"]
    assert "updated by 1 report" in (pressed.response.attachments[0].description or "")


async def test_accepting_opens_a_form_with_the_new_wording(town: Town, simcord_env: Env, store: Store) -> None:
    await posted(town, simcord_env, store, UPDATES)
    opened = await town.owner.click(town.channel.history()[-1], label="Accept as new baseline")
    assert opened.modal is not None
    assert opened.modal["title"] == "New baseline"
    inputs = [row["component"] for row in opened.modal["components"]]
    assert [each["value"] for each in inputs] == [
        "Germany plans a brigade of 4,800 soldiers in the Baltic states.",
        "2026-03-17",
    ]
    given = {inputs[0]["custom_id"]: "Germany plans 4,800 soldiers there.", inputs[1]["custom_id"]: "2026-03"}
    answered = await town.owner.submit_modal(opened, given)
    assert "holds from now on, as of March 2026: Germany plans 4,800 soldiers there." in shown(answered)
    claim = store.claims.get(town.tenant, BALTIC.id)
    assert (claim.statement, claim.as_of, claim.state) == (
        "Germany plans 4,800 soldiers there.",
        "2026-03",
        ClaimState.REVISED,
    )
    first, second = store.claims.versions(town.tenant, BALTIC.id)
    assert (first.statement, second.by) == (BALTIC.statement, str(town.owner.name))
    assert [one.mark for one in store.reviews.latest(town.tenant, NOW)] == [Mark.RIGHT]


async def test_a_card_says_what_was_held_when_it_was_posted(town: Town, store: Store) -> None:
    alert = tell(store, channel_of(town), UPDATES, at=NOW - timedelta(hours=1))
    new = replace(BALTIC, statement="Germany plans 4,800 soldiers there.", as_of="2026-03")
    store.claims.put(town.tenant, [new], "ana", NOW)
    card = (await composed(store, alert, LIMITS)).cards[0]
    assert plain(card.lines[0]) == f"We held (March 2025, herald): {BALTIC.statement}"


@pytest.mark.parametrize(
    ("statement", "as_of", "told"),
    [("x", "2026-03", "expected 3 to 2,000"), ("Germany plans less.", "March", "2025-03"), ("  ", "2026-03", "empty")],
)
async def test_what_cannot_be_a_baseline_is_told(
    town: Town, simcord_env: Env, store: Store, statement: str, as_of: str, told: str
) -> None:
    await posted(town, simcord_env, store, UPDATES)
    opened = await town.owner.click(town.channel.history()[-1], label="Accept as new baseline")
    assert opened.modal is not None
    names = [row["component"]["custom_id"] for row in opened.modal["components"]]
    answered = await town.owner.submit_modal(opened, dict(zip(names, (statement, as_of), strict=True)))
    assert told in shown(answered)
    assert store.claims.get(town.tenant, BALTIC.id) == BALTIC


async def test_another_guilds_alert_cannot_be_marked(simcord_env: Env, store: Store) -> None:
    home, away = Town(simcord_env, "home"), Town(simcord_env, "away")
    await simcord_env.settle()
    alert = tell(store, channel_of(home), UPDATES)
    card = await composed(store, alert, LIMITS)
    assert isinstance(await DiscordPlatform(simcord_env.bot).send(channel_of(away), card, "0" * 16), Sent)
    for button in ("Wrong", "Timeline", "Accept as new baseline"):
        pressed = await away.owner.click(away.channel.history()[-1], label=button)
        assert "not one of yours" in shown(pressed)
    assert store.reviews.latest(home.tenant, NOW) == store.reviews.latest(away.tenant, NOW) == []


async def test_further_verdicts_of_a_card_are_marked_from_the_answer(
    town: Town, simcord_env: Env, store: Store, desk: Desk
) -> None:
    store.claims.put(town.tenant, [replace(BALTIC, id="other", statement="More.")], "x", NOW)
    further = Verdict("other", Relation.CONTRADICTS, 0.7, EVIDENCE)
    await posted(town, simcord_env, store, UPDATES, further)
    pressed = await town.owner.click(town.channel.history()[-1], label="Right")
    assert labels(pressed) == ["Right: contradicts other", "Wrong: contradicts other"]
    await town.owner.click(pressed.response, label="Wrong: contradicts other")
    marks = {one.claim: one.mark for one in store.reviews.latest(town.tenant, NOW)}
    assert marks == {BALTIC.id: Mark.RIGHT, "other": Mark.WRONG}


async def test_review_measures_and_sets_the_threshold(town: Town, simcord_env: Env, store: Store) -> None:
    for number, (confidence, mark) in enumerate([(0.65, "Wrong"), (0.7, "Wrong"), (0.85, "Right"), (0.9, "Right")]):
        verdict = Verdict(BALTIC.id, Relation.UPDATES, confidence, EVIDENCE)
        await posted(town, simcord_env, store, verdict, story=f"story{number}")
        await town.owner.click(town.channel.history()[-1], label=mark)
    told = await town.owner.slash(town.channel, "review")
    assert "2 of 4 right" in shown(told)
    assert r"`from 0.60: 4 shown, 2 right` ← \#home-alerts now" in shown(told)
    assert "`from 0.80: 2 shown, 2 right`" in shown(told)
    denied = await town.member.slash(town.channel, "review")
    assert "Manage Server" in shown(await town.member.click(denied.response, label="Tell #home-alerts from 0.80"))
    await town.owner.click(told.response, label="Tell #home-alerts from 0.80")
    assert store.tenants.channel(channel_of(town).id).policy.min_confidence == 0.8


async def test_a_claim_is_revised_by_a_form(town: Town, store: Store) -> None:
    opened = await town.owner.slash(town.channel, "claim revise", claim=BALTIC.id)
    assert opened.modal is not None
    inputs = [row["component"] for row in opened.modal["components"]]
    assert inputs[0]["value"] == BALTIC.statement
    await town.owner.submit_modal(opened, {inputs[0]["custom_id"]: "Fewer soldiers.", inputs[1]["custom_id"]: "2026"})
    assert store.claims.get(town.tenant, BALTIC.id) == BALTIC
    again = await town.owner.slash(town.channel, "claim revise", claim=BALTIC.id)
    assert again.modal is not None
    names = [row["component"]["custom_id"] for row in again.modal["components"]]
    await town.owner.submit_modal(again, {names[0]: "Fewer soldiers.", names[1]: "2026-03"})
    assert store.claims.get(town.tenant, BALTIC.id).statement == "Fewer soldiers."


# --- claims by command and file ----------------------------------------------------------------------------------

SHEET = (
    "id,theme,kind,source,as_of,statement\r\n"
    "baltic-brigade,troops,figure,herald,2026-03,Germany plans a brigade of 4800 soldiers.\r\n"
    "new-one,money,plan,herald,2026-03,The Union plans 800 billion euros.\r\n"
)


async def test_a_claim_is_added_and_retired(town: Town, store: Store) -> None:
    added = await town.owner.slash(
        town.channel, "claim add", statement="The Union plans 800 billion euros.", theme="US money"
    )
    assert "From now on **union-plans-800-billion-euros** is held" in shown(added)
    claim = store.claims.get(town.tenant, "union-plans-800-billion-euros")
    assert (claim.theme, claim.kind, claim.as_of) == ("us-money", ClaimKind.FIGURE, "2026-03-17")
    again = await town.owner.slash(
        town.channel, "claim add", statement="The Union plans 800 billion euros.", theme="US money"
    )
    assert "/claim revise words it anew" in shown(again)
    await town.owner.slash(town.channel, "claim retire", claim=claim.id)
    assert [one.id for one in store.claims.all(town.tenant)] == [BALTIC.id]
    await town.owner.slash(town.channel, "claim revise", claim=claim.id, statement=claim.statement, date=claim.as_of)
    assert store.claims.get(town.tenant, claim.id).state is ClaimState.STANDING


async def test_a_file_of_claims_is_shown_before_it_is_taken_in(town: Town, store: Store, simcord_env: Env) -> None:
    asked = await town.owner.slash(town.channel, "claim import", file=("claims.csv", SHEET.encode()))
    assert "1 new, 1 reworded" in shown(asked)
    assert "brigade of 5,000 soldiers in the Baltic states. → **Germany plans" in shown(asked)
    assert [one.id for one in store.claims.all(town.tenant)] == [BALTIC.id]
    await simcord_env.restart_bot(DiscordBot(simcord_env.bot.desk))
    denied = await town.member.slash(town.channel, "claim import", file=("claims.csv", SHEET.encode()))
    assert "Manage Server" in shown(denied)
    again = await town.owner.slash(town.channel, "claim import", file=("claims.csv", SHEET.encode()))
    taken = await town.owner.click(again.response, label="Import 2 claims")
    assert "2 claims taken in" in shown(taken)
    assert [one.id for one in store.claims.all(town.tenant)] == ["new-one", BALTIC.id]
    assert store.claims.get(town.tenant, BALTIC.id).state is ClaimState.REVISED
    nothing = await town.owner.slash(town.channel, "claim import", file=("claims.csv", SHEET.encode()))
    assert "Nothing would change" in shown(nothing)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("claims.csv", b"x" * (LARGEST_FILE + 1), "at most 524,288 are read"),
        ("../../etc/passwd", b"root:x:0:0", "the first line lacks theme and statement"),
        ("claims.json", b"[{]", "no JSON at line 1"),
    ],
)
async def test_a_file_that_cannot_be_used_says_why(town: Town, name: str, content: bytes, told: str) -> None:
    assert told in shown(await town.owner.slash(town.channel, "claim import", file=(name, content)))


async def test_claims_go_out_as_a_file_and_come_back(town: Town, store: Store) -> None:
    for form in ("csv", "json", "toml"):
        given = await town.member.slash(town.channel, "claim export", filetype=form)
        (file,) = given.response.attachments
        assert file.filename == f"claims-2026-03-17.{form}"
        back = await town.owner.slash(town.channel, "claim import", file=(file.filename, await file.read()))
        assert "Nothing would change: all 1 claim" in shown(back)


ARTICLE = "Poland will host 5,000 American troops in Warsaw by 2027. Poland and Lithuania signed a treaty on Tuesday."


async def test_claims_are_drafted_out_of_an_article_and_accepted_one_by_one(
    town: Town, store: Store, hooks: Hooks, simcord_env: Env
) -> None:
    hooks.article = ARTICLE
    asked = await town.owner.slash(
        town.channel, "claim draft", text="https://www.wire.example/1", date="2026-03-18", theme="US posture"
    )
    assert "Claims proposed out of Poland arms" in shown(asked)
    assert "2. Poland and Lithuania signed a treaty on 17 March 2026." in shown(asked).replace("**", "")
    assert labels(asked) == ["Accept 1", "Accept 2", "Edit 1", "Edit 2"]
    accepted = await town.owner.click(asked.response, label="Accept 1")
    assert "is held to be true, as of 2026-03-18: Poland will host 5,000" in shown(accepted)
    claim = store.claims.get(town.tenant, "poland-host-5-000-american")
    assert (claim.source, claim.theme, claim.kind) == ("wire.example", "us-posture", ClaimKind.FIGURE)
    assert "/claim revise" in shown(await town.owner.click(asked.response, label="Accept 1"))
    opened = await town.owner.click(asked.response, label="Edit 2")
    assert opened.modal is not None
    names = [row["component"]["custom_id"] for row in opened.modal["components"]]
    given = dict(zip(names, ("Poland and Lithuania have a treaty.", "2026-03", "Alliance"), strict=True))
    assert "is held to be true" in shown(await town.owner.submit_modal(opened, given))
    worded = next(one for one in store.claims.all(town.tenant) if one.theme == "alliance")
    assert (worded.statement, worded.as_of) == ("Poland and Lithuania have a treaty.", "2026-03")


async def test_a_known_article_brings_its_date_and_outlet(town: Town, store: Store, hooks: Hooks) -> None:
    (entry,) = publish(store, town.tenant, "Courier", ["Poland arms"])
    hooks.article = ARTICLE
    asked = await town.owner.slash(town.channel, "claim draft", text=entry.url)
    assert "signed a treaty on 17 March 2026" in shown(asked)
    await town.owner.click(asked.response, label="Accept 2")
    assert [one.source for one in store.claims.all(town.tenant)] == ["herald", "Courier"][::-1]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"text": "Nothing here can be checked by anybody."}, "No statement was found"),
        ({"text": f"{BALTIC.statement}"}, "1 statement of it are held already"),
        ({"text": ARTICLE, "date": "2026-02-31"}, "there is no day 2026-02-31"),
        (
            {"text": "Die polnische Regierung will im kommenden Jahr 5 Milliarden Euro ausgeben."},
            "another language (de)",
        ),
        ({"text": ARTICLE, "date": "soon"}, "expected a month or a day"),
    ],
)
async def test_what_nothing_can_be_drafted_from_is_told(town: Town, given: dict[str, str], told: str) -> None:
    assert told in shown(await town.owner.slash(town.channel, "claim draft", **given))
