"""A small course with a bank of its own, for reviews and readiness."""

from __future__ import annotations

from datetime import date

from eks_lab.content.items.bank import Bank, bank_of
from eks_lab.content.items.model import ChoiceItem, CommandItem, Item, MatchedPair, MatchItem, NumberItem
from eks_lab.content.model import Chapter, Course, CourseFile, Lesson, LessonHead, Option, Skill, Source
from eks_lab.content.tracks import Domain, PassLine, Practice, Track, TrackSource
from eks_lab.content.variables import Variable

CHECKED = date(2026, 11, 1)


def choice(name: str, *skills: str, rev: int = 1) -> ChoiceItem:
    return ChoiceItem(
        id=name,
        kind="choice",
        prompt=f"What is `{name}` & <why>?",
        source="Docs",
        skills=list(skills),
        rev=rev,
        options=[
            Option("right", "It is.", correct=True),
            Option("wrong", "It is **not**."),
            Option("bad", "Nor this."),
        ],
    )


def number(name: str) -> NumberItem:
    return NumberItem(
        id=name,
        kind="number",
        prompt="How many are {{ count }} × 2?",
        source="Docs",
        vars={"count": Variable(range=[1, 1000])},
        answer="count * 2",
        unit="pods",
        explain="Twice.",
    )


def match(name: str) -> MatchItem:
    return MatchItem(
        id=name,
        kind="match",
        prompt="Match.",
        source="Docs",
        pairs=[MatchedPair(left=left, right=f"{left}!", explain="So.") for left in ("a", "b", "c")],
        extra=[Option("none", "It fits nothing.")],
    )


def command(name: str) -> CommandItem:
    return CommandItem(
        id=name, kind="command", prompt="Do it.", source="Docs", answers=["kubectl get pods"], wrong=[]
    )


ITEMS: list[Item] = [
    choice("net.one.q", "vpc-cni"),
    number("net.one.n"),
    match("net.one.m"),
    choice("id.one.q", "irsa"),
    command("id.two.c"),
]


def lesson(lesson_id: str, skill: str, order: int) -> Lesson:
    head = LessonHead(
        id=lesson_id,
        title=f"About {lesson_id}",
        minutes=7,
        order=order,
        summary="",
        objectives=[],
        skills=[skill],
        terms=[],
        sources=[Source("Docs", "https://example.com", CHECKED)],
    )
    return Lesson(head, lesson_id.partition(".")[0], lesson_id)


COURSE = Course(
    CourseFile(
        1,
        "eks",
        "Amazon EKS",
        [Chapter("net", "3", "Networking", "", "net"), Chapter("id", "4", "Identity", "", "id")],
        [Skill("vpc-cni", "Explain it"), Skill("irsa", "Set it up")],
    ),
    [lesson("net.one", "vpc-cni", 10), lesson("id.one", "irsa", 10), lesson("id.two", "irsa", 20)],
    [],
)


def bank(*more: Item) -> Bank:
    items = {item.id: item for item in (*ITEMS, *more)}
    return bank_of(items.values(), COURSE)


def track(pass_percent: float | None = 70, weights: tuple[float | None, float | None] = (60, 30)) -> Track:
    return Track(
        id="t",
        title="An exam",
        issuer="eks-lab",
        version="1",
        form="mixed",
        minutes=60,
        pass_line=None if pass_percent is None else PassLine(value=pass_percent, scale="percent"),
        about="",
        practice=Practice(questions=4, kinds=["choice"]),
        domains=[
            Domain(id="net", title="Networking", weight=weights[0], chapters=["net"], not_covered=["BGP"]),
            Domain(id="id", title="Identity", weight=weights[1], skills=["irsa"]),
            Domain(id="gone", title="What is not here", weight=None if weights[0] is None else 10),
        ],
        sources=[TrackSource(title="x", url="", checked=CHECKED, says=["weights"])],
    )
