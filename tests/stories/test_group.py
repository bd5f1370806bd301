from datetime import UTC, datetime, timedelta

import pytest

from bot.model import Sketch
from bot.stories.group import WINDOW, StoryIndex, shape

NOON = datetime(2025, 3, 18, 12, tzinfo=UTC)
WARSAW = (
    "Warsaw rules out nuclear weapons on Polish soil",
    "The Polish government will neither seek nor host nuclear weapons, Kosiniak-Kamysz said in Warsaw.",
)
NOISE = [
    (f"Match report {n}: town {n} beats village {n}", f"A goal in minute {n} by player{n} settled the game {n}.")
    for n in range(40)
]


def remembered(*entries: tuple[str, str, str, str, datetime]) -> StoryIndex:
    index = StoryIndex()
    for number, (title, text) in enumerate(NOISE):
        index.add(Sketch(f"noise{number}", f"noise{number}", "", shape(title, text), NOON))
    for entry, title, text, url_key, published in entries:
        index.add(Sketch(entry, f"story-{entry}", url_key, shape(title, text), published))
    return index


@pytest.mark.parametrize(
    ("title", "text", "hours", "story"),
    [
        pytest.param(*WARSAW, 1, "story-a", id="the same words"),
        pytest.param(
            "Poland will not host nuclear weapons, says Kosiniak-Kamysz",
            "Poland's government has no plan to seek or host nuclear weapons, the minister told reporters in Warsaw.",
            5,
            "story-a",
            id="another outlet's words",
        ),
        pytest.param("WARSAW RULES OUT NUCLEAR WEAPONS ON POLISH SOIL", "", 2, "story-a", id="headline alone"),
        pytest.param(
            "Warsaw opens a second metro line",
            "Trains will run every three minutes, the mayor said in Warsaw on Monday.",
            1,
            None,
            id="the same town",
        ),
        pytest.param(
            "Finland debates nuclear power plant",
            "Ministers will decide in May on a reactor.",
            1,
            None,
            id="one word shared",
        ),
        pytest.param(*WARSAW, WINDOW.total_seconds() / 3600 + 1, None, id="too late"),
        pytest.param("", "", 1, None, id="empty"),
        pytest.param("The of and", "it was so", 1, None, id="nothing but stop words"),
    ],
)
def test_alike_entries_share_a_story(title, text, hours, story):
    index = remembered(("a", *WARSAW, "", NOON))
    assert index.story_of("", shape(title, text), NOON + timedelta(hours=hours)) == story


def test_the_same_canonical_url_is_the_same_story_whatever_it_says():
    index = remembered(("a", *WARSAW, "https://example.org/a", NOON))
    assert index.story_of("https://example.org/a", shape("Updated headline", "Other text"), NOON) == "story-a"
    assert index.story_of("https://example.org/b", shape("Updated headline", "Other text"), NOON) is None


def test_a_report_joins_the_most_alike_story():
    ottawa = ("Ottawa opens embassy in Armenia", "Canada's foreign minister cut the ribbon in Yerevan.")
    index = remembered(("a", *WARSAW, "", NOON), ("b", *ottawa, "", NOON))
    form = shape("Canada opens its embassy in Yerevan", "Ottawa's foreign minister inaugurated the embassy in Armenia.")
    assert index.story_of("", form, NOON) == "story-b"


def test_what_is_old_is_forgotten():
    index = remembered(("a", *WARSAW, "https://example.org/a", NOON))
    index.add(Sketch("z", "z", "", shape("Something else entirely", ""), NOON + 2 * WINDOW))
    assert index.story_of("https://example.org/a", shape(*WARSAW), NOON + 2 * WINDOW) is None


def test_adding_twice_changes_nothing():
    index = remembered(("a", *WARSAW, "", NOON), ("a", *WARSAW, "", NOON))
    assert index.story_of("", shape(*WARSAW), NOON) == "story-a"


def test_a_shape_is_bounded_whatever_the_text():
    assert len(shape("title", "word" + " other" * 100_000)) < 1000


@pytest.mark.parametrize("reports", [2, 7, 50])
def test_one_event_may_be_all_that_is_reported(reports: int) -> None:
    index = StoryIndex()
    stories = set()
    for number in range(reports):
        form = shape("Warsaw rules out nuclear weapons on Polish soil", "")
        story = index.story_of(f"https://outlet{number}.example/a", form, NOON) or str(number)
        index.add(Sketch(str(number), story, f"https://outlet{number}.example/a", form, NOON))
        stories.add(story)
    assert len(stories) == 1
