"""Which claims an item may touch, and what is read of it."""

import numpy as np
import pytest

from bot.claims.encoder import MODEL_FOLDER, Network
from bot.claims.retrieve import MOST_SENTENCES, WINDOW, Retriever, joined, rank, read, window
from bot.model import Item

CLAIMS = [
    "The ferry between Holm and Varde runs twice a day.",
    "The city of Varde plans to build a new concert hall.",
    "Wheat prices have doubled since last summer.",
]


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(MODEL_FOLDER / "retriever.onnx", MODEL_FOLDER / "tokenizer.json", 128)


def test_the_title_comes_first_and_all_is_word_for_word() -> None:
    item = Item("1", " Ferry  stays ", "Nothing new. The ferry\u00a0 sails on.")
    assert read(item).sentences == ("Ferry  stays", "Nothing new.", "The ferry\u00a0 sails on.")


@pytest.mark.parametrize(("title", "text"), [("", ""), ("  ", "\n"), ("\u00a0", "")])
def test_an_item_without_words_has_no_sentences(title: str, text: str) -> None:
    assert read(Item("1", title, text)).sentences == ()


def test_a_long_text_is_read_from_its_start() -> None:
    reading = read(Item("1", "Long", "A short sentence stands here. " * 5000))
    assert len(reading.sentences) <= MOST_SENTENCES + 1
    assert len(reading.whole) <= WINDOW + len(reading.sentences)


def test_a_window_holds_the_title_and_what_stands_around() -> None:
    reading = read(Item("1", "Head", " ".join(f"Sentence {at} {'x' * 150}." for at in range(20))))
    text = window(reading, 10)
    assert text.startswith("Head. ")
    assert "Sentence 9 " in text
    assert "Sentence 0 " not in text
    assert len(text) <= WINDOW + 20


@pytest.mark.parametrize(
    ("sentences", "text"),
    [(("Head",), "Head"), (("Head", "Tail."), "Head. Tail."), (("Head?", "Tail."), "Head? Tail.")],
)
def test_a_headline_gets_its_full_stop(sentences: tuple[str, ...], text: str) -> None:
    assert joined(sentences) == text


def test_ranks_by_the_best_part_and_keeps_the_floor() -> None:
    claims = np.eye(3, dtype=np.float32)
    parts = np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 0, 1]], dtype=np.float32)  # two sentences, then the whole
    found = rank(parts, claims, most=2, floor=0.5)
    assert [one.claim for one in found] == [0, 2]
    assert rank(parts, claims, most=3, floor=0.99)[0].sentence == 0


def test_finds_the_claim_that_an_item_is_about(network: Network) -> None:
    items = [
        Item("1", "Two sailings daily remain", "The Holm to Varde ferry keeps its timetable."),
        Item("2", "Varde picks architect for music venue", "The concert hall is to open in five years."),
        Item("3", "", ""),
    ]
    found = Retriever(network).nearest([read(item) for item in items], CLAIMS, most=2, floor=0.2)
    assert [one[0].claim for one in found[:2]] == [0, 1]
    assert found[2] == []


def test_without_claims_nothing_is_found(network: Network) -> None:
    assert Retriever(network).nearest([read(Item("1", "Head", ""))], [], most=2, floor=0.2) == [[]]


def test_claims_are_computed_once_by_wording(network: Network) -> None:
    class Counting:
        asked = 0

        def run(self, texts: list[str]) -> np.ndarray:
            self.asked += len(texts)
            return network.run(texts)

    counting = Counting()
    retriever = Retriever(counting, kept=3)  # type: ignore[arg-type]
    first = retriever.matrix((CLAIMS[0], CLAIMS[1], CLAIMS[0]))
    retriever.matrix((CLAIMS[1], CLAIMS[2]))
    assert counting.asked == 3
    assert np.array_equal(first[0], first[2])


def test_more_claims_than_are_kept_still_work(network: Network) -> None:
    retriever = Retriever(network, kept=2)
    assert retriever.matrix(tuple(CLAIMS)).shape == (3, 384)
    assert retriever.matrix((CLAIMS[0],)).shape == (1, 384)


def test_an_item_is_read_once_for_one_set_of_claims_after_the_other(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    run = network.run
    monkeypatch.setattr(network, "run", lambda texts: (asked.extend(texts), run(texts))[1])
    retriever = Retriever(network, items=2)
    items = [read(Item("1", "The ferry stays", "It runs.")), read(Item("2", "", "")), read(Item("3", "Wheat", "Dear."))]
    first = retriever.nearest(items, CLAIMS[:2], 2, -1.0)
    asked.clear()
    second = retriever.nearest(items, CLAIMS, 3, -1.0)
    assert asked == CLAIMS[2:]
    assert [len(found) for found in second] == [3, 0, 3]
    assert {one.claim: one.likeness for one in first[0]}.items() <= {
        one.claim: one.likeness for one in second[0]
    }.items()
    retriever.nearest([read(Item("4", "Another", ""))], CLAIMS, 3, -1.0)
    asked.clear()
    retriever.nearest(items, CLAIMS, 3, -1.0)
    assert asked[:2] == ["The ferry stays", "It runs."], "the least used went"
