"""What a reader sees: cards, digests and notices as the layout has them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alerts_world import CONFIRMS, CONTRADICTS, NOW, STORY, TENANT, UPDATES, claim, entry, report, text

from bot.alerts.digest import activity_days
from bot.alerts.digest_view import digest_pages
from bot.alerts.followup import followup_message, tag, topic
from bot.alerts.render import AlertView, Labels, alert_message, notice_message
from bot.blocks import Button, Card, Limits, Span, Style, Tone, plain
from bot.model import Alert, AlertKind, Digest, Match, MovedClaim, NewStory, Relation, Verdict

LIMITS = Limits(title=200, text=2000, footer=500, total=3000, cards=10)
LABELS = Labels({"nuclear": "Nuclear"}, {"gazette": "The Gazette"})
CLAIMS = {one.id: one for one in (claim("arms-in-poland"), claim("package-800bn", theme="debt-and-money"))}


def view(*verdicts: Verdict, **changes: Any) -> AlertView:
    kind = AlertKind.VERDICT if verdicts else AlertKind.NEW
    match = None if verdicts else Match("w-nato", ("SACEUR", "NATO"))
    alert = Alert("alert", TENANT, "discord:a", STORY, "e1", kind, NOW, verdicts, match)
    shown = AlertView(alert, entry(), CLAIMS, [report("The Courier")], LABELS, "Command", "Europe/Brussels")
    return replace(shown, **changes)


def card(*verdicts: Verdict, **changes: Any) -> Card:
    (made,) = alert_message(view(*verdicts, **changes), LIMITS).cards
    return made


def rows(made: Card) -> list[str]:
    return [plain(parts) for parts in made.lines]


def test_a_contradiction_reads_from_what_happened_to_how_sure() -> None:
    made = card(CONTRADICTS)
    assert text(alert_message(view(CONTRADICTS), LIMITS)).split("\n") == [
        "⇄ CONTRADICTS · Nuclear",
        "Headline e1",
        "Warsaw wants none of them.",
        "We held (March 2025, The Gazette): What arms-in-poland says.",
        "The Courier · 14:05",
        "likely · arms-in-poland · story 4f2a",
    ]
    assert made.tone is Tone.CONTRADICTS
    assert made.title == Span("Headline e1", Style.BOLD, url="https://news.example/e1")


def test_an_update_puts_the_change_first() -> None:
    made = card(UPDATES)
    assert plain(made.badge) == "⟳ UPDATES · Debt and money · 800 → 650 billion EUR"
    assert made.badge[-1].style is Style.BOLD
    assert made.tone is Tone.UPDATES
    assert plain(made.footer).startswith("probable · ")


def test_a_confirmation_is_green() -> None:
    made = card(CONFIRMS)
    assert (made.tone, plain(made.badge)) == (Tone.CONFIRMS, "✓ CONFIRMS")


def test_a_new_development_says_which_words_matched() -> None:
    made = card(entry=entry(text="The first sentence. And then more."))
    assert (made.tone, plain(made.badge), made.quote) == (Tone.NEW, "+ NEW · Command", "")
    assert rows(made) == ["The first sentence.", "Matched “SACEUR”, “NATO”", "The Courier · 14:05"]
    assert plain(made.footer) == "new development · story 4f2a"


def test_a_new_development_without_text_has_no_empty_line() -> None:
    assert rows(card(entry=entry(text="", title=""))) == ["Matched “SACEUR”, “NATO”", "The Courier · 14:05"]
    assert card(entry=entry(title="")).title == Span("(no headline)", Style.BOLD, url="https://news.example/e1")


def test_further_verdicts_follow_in_a_line_each() -> None:
    many = [replace(CONFIRMS, claim=f"claim-{n}") for n in range(5)]
    said = rows(card(CONTRADICTS, UPDATES, *many))
    assert said[1:-1] == [
        "Also updates package-800bn (probable): 800 → 650 billion EUR",
        "Also confirms claim-0 (likely): “A hundred thousand stay.”",
        "Also confirms claim-1 (likely): “A hundred thousand stay.”",
        "and 3 claims more",
    ]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], "The Courier · 14:05"),
        (["DW"], "The Courier · 14:05 · also: DW"),
        (["DW", "Euractiv"], "The Courier · 14:05 · also: DW, Euractiv"),
        (["DW", "The Courier", "Euractiv", "DW", "A", "B", "C"], "The Courier · 14:05 · also: DW, Euractiv +3"),
        (["  DW\u202e  "], "The Courier · 14:05 · also: DW"),
    ],
)
def test_the_line_of_outlets_grows(others: list[str], expected: str) -> None:
    reports = [report("The Courier"), *(replace(report("x"), outlet=name) for name in others)]
    assert rows(card(CONTRADICTS, reports=reports))[-1] == expected


def test_other_outlets_link_to_their_own_first_report() -> None:
    early, late = report("DW"), replace(report("DW"), url="https://dw.example/late")
    outlets = card(CONTRADICTS, reports=[report("The Courier"), early, late]).lines[-1]
    assert outlets[-1] == Span("DW", Style.ITALIC, url="https://dw.example/x")


def test_a_moment_is_shown_with_its_day_where_it_is_not_recent() -> None:
    recent = card(CONTRADICTS).lines[-1][2]
    assert (recent.at, recent.clock_only, recent.text) == (NOW, True, "14:05")
    old = card(CONTRADICTS, entry=entry(published=NOW - timedelta(days=2))).lines[-1][2]
    assert (old.clock_only, old.text) == (False, "Mon 16 Mar, 14:05")


def test_a_claim_that_is_held_no_more_is_named_only() -> None:
    made = card(replace(CONTRADICTS, claim="gone"))
    assert plain(made.badge) == "⇄ CONTRADICTS"
    assert rows(made) == ["The Courier · 14:05"]


@pytest.mark.parametrize(
    ("as_of", "source", "expected"),
    [
        ("2025-03", "gazette", "We held (March 2025, The Gazette): "),
        ("2025-03-20", "other", "We held (20 March 2025, other): "),
        ("2025-03", "", "We held (March 2025): "),
        ("spring", "", "We held (spring): "),
    ],
)
def test_what_we_held_says_since_when_and_from_whom(as_of: str, source: str, expected: str) -> None:
    held = {"arms-in-poland": claim("arms-in-poland", as_of=as_of, source=source)}
    assert rows(card(CONTRADICTS, claims=held))[0].startswith(expected)


def test_buttons_are_those_that_are_handed_in() -> None:
    buttons = (Button("Right", "right", "alert"), Button("Wrong", "wrong", "alert"))
    assert alert_message(view(CONTRADICTS), LIMITS, buttons).buttons == buttons
    assert alert_message(view(CONTRADICTS), LIMITS).buttons == ()


def test_hostile_text_is_inert_and_its_domain_is_shown() -> None:
    bad = entry(title="paypal.com: \u202egnp.exe\u200b", url="https://evil.example/x", outlet="\x1b[31mred")
    made = card(CONTRADICTS, entry=bad)
    assert made.title is not None
    assert made.title.text == "paypal.com: gnp.exe (evil.example)"
    assert rows(made)[-1].startswith("[31mred · ")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://user:pw@evil.example/", "ftp://x.example/", "", "https://["]
)
def test_a_headline_links_to_nothing_but_the_web(url: str) -> None:
    made = card(CONTRADICTS, entry=entry(url=url))
    assert made.title == Span("Headline e1", Style.BOLD)


def test_very_long_text_keeps_every_limit() -> None:
    long = Verdict("arms-in-poland", Relation.UPDATES, 0.9, "word " * 2000, "9" * 500)
    made = card(long, long, long, entry=entry(title="t" * 999, text="x" * 9999, outlet="o" * 999))
    said = sum(len(plain(parts)) + 1 for parts in (made.badge, *made.lines)) + len(made.quote)
    assert said <= LIMITS.text
    assert len(made.title.text if made.title else "") <= LIMITS.title
    assert " · 14:05 · also: The Courier" in rows(made)[-1]


# --- digests -----------------------------------------------------------------------------------------------------

QUIET = "No claim moved and nothing new came in."
ANSA = "https://ansa.example/x"
MADE = datetime(2026, 3, 18, 5, 30, tzinfo=UTC)


def digest(**changes: Any) -> Digest:
    return replace(
        Digest(
            id="d", channel="c", day=MADE.date(), made=MADE, since=MADE - timedelta(days=1), topic="European defence",
            timezone="Europe/Brussels", moved=(), confirmed=(), fresh=(), entries=41, feeds=38, failing=3,
            activity_days=activity_days(MADE.date()), watched=("NATO", "SACEUR"),
        ),
        **changes,
    )  # fmt: skip


def test_a_digest_says_first_what_moved() -> None:
    moved = (
        MovedClaim("italy", "Italy opposes it.", Relation.CONTRADICTS, 4, "ANSA", "It will vote for it.", None, ANSA),
        MovedClaim("eu", "The package is 800bn.", Relation.UPDATES, 1, "DW", "Now 650.", "800 → 650 billion EUR", ""),
    )  # fmt: skip
    fresh = (NewStory("s", "A plant opens", "https://x.example/", ("A", "B", "C", "D", "E")),)
    (page,) = digest_pages(digest(moved=moved, confirmed=(("troops", 3), ("deterrent", 2)), fresh=fresh), LIMITS)
    assert text(page).split("\n") == [
        "European defence · Wednesday 18 March · 06:30 (Europe/Brussels)",
        "",
        "Moved (2)",
        "⇄ Italy opposes it.",
        "contradicted by 4 outlets · ANSA: “It will vote for it.”",
        "⟳ 800 → 650 billion EUR · The package is 800bn.",
        "updated by 1 outlet · DW: “Now 650.”",
        "",
        "Confirmed (2)",
        "troops ×3 · deterrent ×2",
        "",
        "New developments (1)",
        "• A plant opens · A, B, C +2",
        "41 entries matched in 38 feeds, 3 feeds failing (/feed list)",
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["A quiet day", f"{QUIET} Watched: “NATO”, “SACEUR” in 38 feeds."]),
        ({"watched": ()}, ["A quiet day", f"{QUIET} Watched: nothing yet (/watch add) in 38 feeds."]),
        ({"since": MADE - timedelta(days=7)}, ["Quiet since Wednesday 11 March"]),
    ],
)
def test_a_quiet_day_says_so_and_what_was_watched(changes: dict[str, Any], expected: list[str]) -> None:
    (page,) = digest_pages(digest(**changes), LIMITS)
    assert rows(page.cards[0])[: len(expected)] == expected
    assert len(page.cards[0].lines) == 2


def test_what_few_told_of_is_told_in_a_line() -> None:
    moved = tuple(
        MovedClaim(f"c{n}", f"Claim {n}.", Relation.UPDATES, 9 - n, "DW", "The words.", "1 → 2", "https://dw.example/x")
        for n in range(8)
    )
    (page,) = digest_pages(digest(moved=moved, confirmed=(), fresh=()), LIMITS)
    shown = [plain(parts) for parts in page.cards[0].lines]
    assert shown[11:] == [
        "⟳ 1 → 2 · Claim 5.",
        "updated by 4 outlets · DW: “The words.”",
        "⟳ 1 → 2 · Claim 6. · updated by DW +2",
        "⟳ 1 → 2 · Claim 7. · updated by DW +1",
    ]


def test_a_long_digest_numbers_its_pages_and_counts_on_the_last() -> None:
    fresh = tuple(NewStory(f"s{n}", f"Story {n} " + "x" * 150, "", ("A",)) for n in range(40))
    pages = digest_pages(digest(fresh=fresh), LIMITS)
    footers = [plain(page.cards[0].footer) for page in pages]
    assert len(pages) > 3
    assert footers[0] == f"page 1 of {len(pages)}"
    assert footers[-1].startswith(f"page {len(pages)} of {len(pages)} · 41 entries matched")
    assert all(plain(page.cards[0].badge).startswith("European defence · ") for page in pages)


def test_a_notice_is_its_text() -> None:
    assert (
        text(notice_message("The feed fails.\n\nSee /feed list\u202e.")).strip() == "The feed fails.\n\nSee /feed list."
    )
    assert len(text(notice_message("x" * 9999))) < 1100


# --- languages, articles, threads --------------------------------------------------------------------------------


def test_what_was_not_compared_says_so_on_the_card_and_in_the_digest() -> None:
    made = card(entry=entry(language="pl", unread="pl"))
    assert plain(made.footer) == "new development · not compared (pl) · story 4f2a"
    fresh = (NewStory("s", "Zakład otwarty", "", ("Gazeta",), "pl"),)
    (page,) = digest_pages(digest(moved=(), confirmed=(), fresh=fresh), LIMITS)
    assert "• Zakład otwarty · Gazeta · not compared (pl)" in text(page)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"article": f"So it is. {CONTRADICTS.evidence}"}, True),
        ({"article": CONTRADICTS.evidence, "text": CONTRADICTS.evidence}, False),
        ({"article": CONTRADICTS.evidence, "title": CONTRADICTS.evidence}, False),
        ({}, False),
    ],
)
def test_evidence_that_stands_only_in_the_article_says_so(changes: dict[str, str], told: bool) -> None:
    assert ("in the article" in rows(card(CONTRADICTS, entry=entry(**changes)))) is told


def test_a_follow_up_quotes_every_verdict_and_what_was_held() -> None:
    verdicts = (CONTRADICTS, UPDATES)
    message = followup_message(entry(article=UPDATES.evidence), verdicts, CLAIMS, LABELS, "UTC", LIMITS)
    shown = text(message)
    assert message.cards[0].tone is Tone.CONTRADICTS
    assert "⇄ contradicts arms-in-poland (likely)" in shown
    assert "⟳ 800 → 650 billion EUR · updates package-800bn (probable)" in shown
    assert f"“{UPDATES.evidence}” in the article" in shown
    assert "What package-800bn says." in shown
    assert "The Courier · 13:05" in shown


def test_a_follow_up_without_verdicts_and_one_with_too_many() -> None:
    alone = followup_message(entry(unread="pl"), (), {}, LABELS, "UTC", LIMITS).cards[0]
    assert (plain(alone.badge), alone.tone) == ("also reported", Tone.NEUTRAL)
    assert plain(alone.footer).endswith("not compared (pl)")
    crowd = [replace(CONTRADICTS, claim=f"claim-{number}") for number in range(9)]
    assert "and 3 more" in rows(followup_message(entry(), crowd, {}, LABELS, "UTC", LIMITS).cards[0])


@pytest.mark.parametrize(("title", "called"), [("A\u202e b", "A b"), ("", "A story without a headline")])
def test_threads_are_called_by_the_headline(title: str, called: str) -> None:
    assert topic(title) == called


@pytest.mark.parametrize(
    ("verdicts", "word"), [((CONTRADICTS, UPDATES), "contradicts"), ((CONFIRMS,), "confirms"), ((), "new")]
)
def test_posts_are_filed_by_relation(verdicts: tuple[Verdict, ...], word: str) -> None:
    assert tag(view(*verdicts).alert) == word
