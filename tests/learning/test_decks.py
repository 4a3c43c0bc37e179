"""Decks: what Anki reads comes out, what Anki writes goes in, and what is wrong is named by its line."""

from __future__ import annotations

import contextlib
import csv
import io
from datetime import timedelta

import pytest
from fsrs import Rating
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.clock import SimClock
from eks_lab.content.items.variant import make_variant
from eks_lab.errors import InputError
from eks_lab.learning.daily_queue import daily_queue
from eks_lab.learning.deck_cards import card_of_variant
from eks_lab.learning.deck_file import DeckCard, guid_of, read_deck, to_html, to_text, write_deck
from eks_lab.learning.decks import NO_DECK, Imported, card_of_own
from eks_lab.learning.progress import Progress
from tests.learning.bank import bank, choice, match, number

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\xa0"), max_size=40)
fronts = texts.filter(lambda text: text.strip())
tags = st.lists(st.from_regex(r"[a-z0-9-]{1,8}", fullmatch=True), max_size=3).map(tuple)
names = st.from_regex(r"[A-Za-z][A-Za-z :]{0,10}[a-z]", fullmatch=True)


@given(st.lists(st.builds(DeckCard, fronts, texts, tags, names), min_size=1, max_size=6))
def test_a_deck_reads_back_as_it_was_written(cards: list[DeckCard]) -> None:
    assert read_deck(write_deck(cards, "x").encode(), "deck.txt") == cards


@given(texts)
def test_plain_text_survives_as_html(text: str) -> None:
    assert to_text(to_html(text)) == text


def test_the_file_has_the_headers_that_anki_reads() -> None:
    text = write_deck([DeckCard("a\tb", 'say "x" <y>\nz', ("t", "u"))], "My deck")
    head, body = text.split("\n")[:6], text.split("\n", 6)[6]
    assert head == [
        "#separator:tab",
        "#html:true",
        "#notetype:Basic",
        "#guid column:1",
        "#tags column:4",
        "#deck column:5",
    ]
    (row,) = csv.reader(io.StringIO(body), delimiter="\t")
    assert row == [guid_of("a\tb"), "a\tb", 'say "x" &lt;y&gt;<br>z', "t u", "My deck"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("front\tback\n", [DeckCard("front", "back")]),
        ("front;back;one two\n", [DeckCard("front", "back", ("one", "two"))]),
        ("front,back", [DeckCard("front", "back")]),
        ("\ufefffront,back\r\n\r\nb,c\r\n", [DeckCard("front", "back"), DeckCard("b", "c")]),
        ("#separator:Semicolon\n#html:false\na <b>;c, d\n", [DeckCard("a <b>", "c, d")]),
        ("#separator:|\n#deck:Mine\na|b\n", [DeckCard("a", "b", (), "Mine")]),
        ("#separator:tab\n#html:true\n<div>a</div><div>b&nbsp;c</div>\t1 &lt; 2<br>x\n", [DeckCard("a\nb c\n", "1 < 2\nx")]),
        ("#separator:tab\n#tags column:1\n#deck column:2\nx y\tD\tf\tb\n", [DeckCard("f", "b", ("x", "y"), "D")]),
        ("#a comment of mine\n#columns:Front\tBack\na\tb\n", [DeckCard("a", "b")]),
        ('"two\nlines","with ""quotes"""\nnext,one\n', [DeckCard("two\nlines", 'with "quotes"'), DeckCard("next", "one")]),
    ],
)  # fmt: skip
def test_files_of_several_makes_are_read(content: str, expected: list[DeckCard]) -> None:
    assert read_deck(content.encode(), "deck.txt") == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\tb\nonly one\n", "deck.txt:2: it has 1 of the two fields"),
        (b"a,b\n\n\n ,c\n", "deck.txt:4: the front is empty"),
        (b"#separator:nothing\na,b\n", "deck.txt:1: the separator is 'nothing'"),
        (b"#html:maybe\na,b\n", "deck.txt:1: html is 'maybe'"),
        (b"#html:true\n#tags column:x\na,b\n", "deck.txt:2: tags column is 'x'"),
        (b'#separator:tab\na\tb\n"open\tc\nd\te\n', "deck.txt:3: this row cannot be read"),
        (b"a,b\nc\xff,d\n", "deck.txt:2: it is not UTF-8"),
        (b"a,b\nc\0,d\n", "deck.txt:2: it has a NUL"),
        (b'"x\ny",b\nz\n', "deck.txt:3: it has 1 of the two fields"),
        (b"a," + b"x" * 70_000, "deck.txt:1: the back has 70,000 characters"),
        (b"", "deck.txt: there is no card in it"),
        (b"#deck:x\n\n", "deck.txt: there is no card in it"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(content: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_deck(content, "deck.txt")
    assert caught.value.message.startswith(message)
    assert caught.value.hint


def test_a_deck_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eks_lab.learning.deck_file.MOST_CARDS", 3)
    assert len(read_deck(b"a,b\n" * 3, "deck.txt")) == 3
    with pytest.raises(InputError, match="Split the deck"):
        read_deck(b"a,b\n" * 4, "deck.txt")


@given(st.binary(max_size=200))
def test_any_bytes_give_cards_or_one_message(content: bytes) -> None:
    with contextlib.suppress(InputError):
        assert read_deck(content, "deck.txt")


# Own cards


def test_own_cards_are_kept_and_reviewed(progress: Progress, clock: SimClock) -> None:
    cards = [DeckCard("What is it?", "A pod.", ("k8s",), "D"), DeckCard("Größe ×?", "8")]
    assert progress.decks.take_in(cards, "") == Imported(2, 0, 0)
    assert progress.decks.take_in(cards, "") == Imported(0, 0, 2)
    own = progress.decks.cards()
    assert {card.deck for card in own.values()} == {"D", NO_DECK}
    found = daily_queue(progress.database, clock.now(), {})
    assert {due.card.target for due in found.cards} == set(own)
    assert {due.card.origin for due in found.cards} == {"deck"}
    card_id = found.cards[0].card.card_id
    progress.reviews.grade(card_id, Rating.Good)
    clock.advance(timedelta(hours=1))
    corrected = [DeckCard(card.front, "another back", card.tags, card.deck) for card in cards]
    assert progress.decks.take_in(corrected) == Imported(0, 2, 0)
    after = progress.reviews.card(card_id)
    assert after is not None
    assert after.reviews == 1
    assert {card.back for card in progress.decks.cards().values()} == {"another back"}


def test_own_cards_taken_away_come_back_with_an_import(progress: Progress) -> None:
    cards = [DeckCard("a", "b")]
    progress.decks.take_in(cards)
    (own_id,) = progress.decks.cards()
    progress.reviews.remove(f"own:{own_id}")
    assert progress.decks.take_in(cards) == Imported(0, 0, 1)
    assert [card.target for card in progress.reviews.cards()] == [own_id]


def test_own_cards_go_to_another_machine_through_a_deck(progress: Progress) -> None:
    cards = [DeckCard("a <b>\nc", "d & e", ("t",), "D"), DeckCard("f", "", (), "E")]
    progress.decks.take_in(cards)
    out = write_deck(map(card_of_own, progress.decks.cards().values()), "x")
    assert sorted(read_deck(out.encode(), "x"), key=lambda card: card.front) == sorted(
        cards, key=lambda card: card.front
    )
    assert progress.decks.take_in(read_deck(out.encode(), "x")) == Imported(0, 0, 2)


# Questions of the course


def test_a_choice_has_options_in_front_and_every_explanation_behind() -> None:
    card = card_of_variant(make_variant(choice("a.b.c"), 0), ["vpc-cni"])
    assert card.tags == ("eks-lab", "choice", "vpc-cni")
    assert card.front.startswith("What is <code>a.b.c</code> &amp; &lt;why&gt;?<br>a) ")
    for text in ("right", "wrong", "bad"):
        assert f") {text}" in card.front
    assert "<b>right</b>: It is." in card.back
    assert "wrong: It is <b>not</b>." in card.back
    assert card.back.count("✗") == 2


def test_a_number_is_drawn_and_its_answer_is_behind() -> None:
    variant = make_variant(number("a.b.c"), 5)
    card = card_of_variant(variant, [])
    count = variant.values["count"]
    assert card.front == f"How many are {count} × 2? (pods)"
    assert card.back == f"<b>{count * 2:,} pods</b><br>Twice."


def test_a_match_has_both_sides_in_front() -> None:
    card = card_of_variant(make_variant(match("a.b.c"), 0), [])
    for text in ("1. a", "2. b", "3. c", "a!", "b!", "c!", "none"):
        assert text in card.front
    assert "a — a!" in card.back


def test_every_question_of_a_bank_becomes_a_card_that_reads_back() -> None:
    held = bank()
    cards = [
        card_of_variant(make_variant(held.item(entry.id), 1), entry.skills, "EKS")
        for entry in held.entries.values()
    ]
    read = read_deck(write_deck(cards, "x", is_html=True).encode(), "x")
    assert [card.tags for card in read] == [card.tags for card in cards]
    assert {card.deck for card in read} == {"EKS"}
    assert "kubectl get pods" in read[-1].back


@pytest.mark.parametrize("number", ["9" * 5000, "²"])
def test_a_column_that_is_no_number(number: str) -> None:
    with pytest.raises(InputError, match=r"deck.txt:1: tags column"):
        read_deck(f"#tags column:{number}\na\tb\n".encode(), "deck.txt")


def test_a_character_beyond_the_last_one() -> None:
    assert to_text(f"a &#{'9' * 5000}; b &amp; c") == "a \ufffd b & c"
