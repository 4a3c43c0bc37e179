"""Questions without a bank: one of every kind, a review, readiness, and every call remembered."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eks_lab.content.diagram.load import load_diagram
from eks_lab.content.diagram.model import Diagram
from eks_lab.content.items.given import Given
from eks_lab.content.items.judging import judge, needs_bench
from eks_lab.content.items.model import (
    ChoiceItem,
    CommandItem,
    DiagramItem,
    Item,
    KeyPoint,
    ManifestItem,
    MatchedPair,
    MatchItem,
    MultiItem,
    NumberItem,
    OrderedStep,
    OrderItem,
    PointedPart,
    RecallItem,
    WrongCommand,
)
from eks_lab.content.items.result import Result, result_of
from eks_lab.content.items.variant import Variant, make_variant
from eks_lab.content.model import Option
from eks_lab.content.variables import Variable
from eks_lab.errors import EksLabError
from eks_lab.grading.practical.practice import Typed
from eks_lab.grading.practical.remote import CancelledError
from eks_lab.tui.question_rows import (
    AskedQuestion,
    ClockDoubtRow,
    DomainRow,
    Due,
    Hub,
    JudgedAnswer,
    Pickable,
    RangeRow,
    RatingChoice,
    ReviewCard,
    StepRow,
    TrackRow,
    TrackStanding,
)
from tests.builders import COURSE
from tests.grading.practical.questions import command_question, manifest_question

CHOICE = ChoiceItem(
    id="basics.nodes.limit",
    kind="choice",
    prompt="What limits the **number of pods** on a node with the VPC CNI?",
    source="Amazon EKS user guide",
    options=[
        Option("Addresses of its interfaces", "Each pod takes one.", correct=True),
        Option("The size of its disk, which the kubelet divides among all pods that are there", "No."),
        Option("`--max-pods` alone", "It only follows from the addresses."),
    ],
)
MULTI = MultiItem(
    id="basics.nodes.several",
    kind="multi",
    prompt="Which of these run on every node?",
    source="Kubernetes documentation",
    options=[
        Option("kubelet", "It starts the pods.", correct=True),
        Option("kube-proxy", "It is a DaemonSet.", correct=True),
        Option("etcd", "That belongs to the control plane."),
    ],
)
ORDER = OrderItem(
    id="basics.pods.order",
    kind="order",
    prompt="In which order does a pod come to life?",
    source="Kubernetes documentation",
    steps=[
        OrderedStep(text="The scheduler names a node.", explain="Nothing can begin without one."),
        OrderedStep(text="The CNI plugin gives it an address.", explain="Containers start in its network."),
        OrderedStep(text="The kubelet starts its containers.", explain="Last of all."),
    ],
)
MATCH = MatchItem(
    id="basics.pods.match",
    kind="match",
    prompt="Which sign belongs to which cause?",
    source="Kubernetes documentation",
    pairs=[
        MatchedPair(left="Pending", right="No node has room.", explain="The scheduler waits."),
        MatchedPair(
            left="ImagePullBackOff", right="The image cannot be had.", explain="The kubelet tries again."
        ),
        MatchedPair(
            left="CrashLoopBackOff", right="The program ends again and again.", explain="It is started again."
        ),
    ],
    extra=[Option("The service has no endpoints.", "Nothing of a pod shows that.")],
)
NUMBER = NumberItem(
    id="basics.nodes.how-many",
    kind="number",
    prompt="A node has {{ enis }} interfaces of 10 addresses. How many pods fit, without prefixes?",
    source="Amazon EKS user guide",
    vars={"enis": Variable(choose=[3, 4])},
    answer="enis * 9 + 2",
    unit="pods",
    explain="{{ enis }} × 9 + 2 = {{ answer }}",
)
RECALL = RecallItem(
    id="basics.pods.why",
    kind="recall",
    prompt="Why does a pod wait as Pending?",
    source="Kubernetes documentation",
    points=[
        KeyPoint(
            id="room", text="No node has enough room.", says=[["no room", "not enough"]], essential=True
        ),
        KeyPoint(id="taint", text="A taint keeps it away.", says=[["taint"]]),
    ],
    model="No node has enough room for its requests, or a taint keeps it away.",
)
COMMAND: CommandItem = command_question(
    wrong=[WrongCommand(lines="kubectl scale deployment web --replicas=2", why="That is one too few.")]
)
MANIFEST: ManifestItem = manifest_question()


DIAGRAM = DiagramItem(
    id="basics.nodes.hop",
    kind="diagram",
    prompt="Where does the pod get its node?",
    source="Kubernetes documentation",
    diagram="node",
    points=[
        PointedPart(part="scheduler", explain="It looks for room."),
        PointedPart(part="binds", explain="That writes the name into the pod.", correct=True),
        PointedPart(part="node", explain="It waits for the pod."),
    ],
)
ITEMS: tuple[Item, ...] = (CHOICE, MULTI, ORDER, MATCH, DIAGRAM, NUMBER, RECALL, COMMAND, MANIFEST)
RATINGS = (
    RatingChoice(1, "Again", "1 min"),
    RatingChoice(2, "Hard", "6 min"),
    RatingChoice(3, "Good", "10 min"),
    RatingChoice(4, "Easy", "8 days"),
)
CARDS = (
    ReviewCard("item:a", "question", RATINGS, title="How many pods fit", is_new=True),
    ReviewCard(
        "own:b", "own", RATINGS, front="What is an *ENI*?", back="A network interface.", title="My deck"
    ),
    ReviewCard("lab:second", "lab", (), title="The second lab", lab_id="second", is_leech=True),
)
TRACKS = (
    TrackRow("cka", "Certified Kubernetes Administrator", RangeRow(0.23, 0.5, 0.77), 210, 34, 0.66),
    TrackRow("kcna", "Kubernetes and Cloud Native Associate", RangeRow(0.1, 0.5, 0.9), 80, 0, 0.75),
    TrackRow("dop-c02", "AWS Certified DevOps Engineer – Professional", RangeRow(0.4, 0.6, 0.74), 150, 60),
)
STANDING = TrackStanding(
    TRACKS[0],
    "Of our questions for it, you would answer 23% to 77% now (80 % sure).",
    (
        DomainRow("Troubleshooting", 30, RangeRow(0.3, 0.5, 0.7), 60, 20, 8, 2),
        DomainRow("Storage", 10, RangeRow(0.1, 0.5, 0.9), 20, 0, 0, 0, ("Volumes without a cloud",)),
        DomainRow("Installing with kubeadm", 25, None, 0, 0, 0, 0, ("kubeadm", "etcd backups")),
    ),
    (
        StepRow("review", "Review 12 cards.", "They are about to be forgotten.", 9, ""),
        StepRow("lab", "Do the lab The second lab.", "Troubleshooting costs you most.", 20, "second"),
        StepRow("drill", "Drill storage.", "Nothing is known of you in Storage yet.", 15, "storage"),
    ),
    "Retention of what you reviewed: 93% now. In 30 days 71% without reviews, 92% with them.",
    ((0, 0.93, 0.93), (7, 0.86, 0.93), (30, 0.71, 0.92)),
)
HUB = Hub(
    Due(12, 3, waiting=4, next_words="The next card comes in 3 hours."),
    650,
    43,
    (
        Pickable("basics", "1 Basics", 40, 12, 0.75),
        Pickable("network", "2 Network", 30, 0, None),
    ),
    (Pickable("vpc-cni", "vpc cni", 25, 10, 0.4), Pickable("storage", "storage", 12, 0, None)),
    0,
    77,
    10,
)


class FakeRun:
    """Asks the given questions."""

    def __init__(self, questions: Sequence[AskedQuestion], title: str = "Basics") -> None:
        """Begin.

        Args:
            questions: in their order.
            title: what is asked about.
        """
        self.title = title
        self.total = len(questions)
        self._left = list(questions)
        self.kept: list[tuple[str, JudgedAnswer]] = []
        self.failure: EksLabError | None = None

    def next(self) -> AskedQuestion | None:
        """Return the next one."""
        if self.failure is not None:
            raise self.failure
        return self._left.pop(0) if self._left else None

    def keep(self, question: AskedQuestion, answer: JudgedAnswer) -> None:
        """Remember an answer."""
        self.kept.append((question.id, answer))


class FakeReview:
    """Has the given cards."""

    def __init__(self, cards: Sequence[ReviewCard]) -> None:
        """Begin.

        Args:
            cards: in their order.
        """
        self.settled_labs = 0
        self.cards = list(cards)
        self.rated: list[tuple[str, int, JudgedAnswer | None]] = []
        self.skipped: list[str] = []
        self.failure: EksLabError | None = None

    def due(self) -> Due:
        """Return what is left."""
        left = [card for card in self.cards if card.id not in self.skipped]
        return Due(len(left) + len(self.skipped), 0, next_words="The next card comes in 10 minutes.")

    def next(self) -> ReviewCard | None:
        """Return the next card."""
        return next((card for card in self.cards if card.id not in self.skipped), None)

    def rate(self, card: ReviewCard, rating: int, answer: JudgedAnswer | None) -> str:
        """Remember a review."""
        if self.failure is not None:
            raise self.failure
        self.rated.append((card.id, rating, answer))
        self.cards.remove(card)
        return next(each.interval for each in card.ratings if each.value == rating)

    def skip(self, card: ReviewCard) -> None:
        """Leave a card for later."""
        self.skipped.append(card.id)


class FakeQuestions:
    """Does at once what it is asked, or fails as told."""

    def __init__(self, *items: Item, seed: int = 1) -> None:
        """Have questions.

        Args:
            items: what quizzes and reviews ask; a choice when left out.
            seed: of their variants.
        """
        self.asked = [self._asked(item, seed) for item in items or (CHOICE,)]
        self.run = FakeRun(self.asked)
        cards = [
            ReviewCard(
                f"item:{each.id}", "question", RATINGS, each, title="How many pods fit", is_new=not number
            )
            for number, each in enumerate(self.asked)
        ]
        self.daily = FakeReview([*cards, *CARDS[1:]])
        self.calls: list[str] = []
        self.hub_found: Hub = HUB
        self.blindness: EksLabError | None = None
        self.doubt: ClockDoubtRow | None = None
        self.result: Result = result_of(1.0)
        self.transcript = (
            Typed("kubectl scale deployment web --replicas=3", "deployment.apps/web scaled\n", "", 0),
        )
        self.bench_failure: EksLabError | None = None
        self.waits_for_cancel = False
        self._cancelled = threading.Event()

    def _asked(self, item: Item, seed: int) -> AskedQuestion:
        variant = make_variant(item, seed)
        return AskedQuestion(item.id, item.rev, variant, self.diagram(item), "How many pods fit on a node")

    def course(self) -> Any:
        """Have none."""
        raise NotImplementedError

    def bank(self) -> Any:
        """Have none."""
        raise NotImplementedError

    def record(self) -> Any:
        """Have none."""
        raise NotImplementedError

    def diagram(self, item: Item) -> Diagram | None:
        """Return the diagram of the small course."""
        return load_diagram(COURSE, item.diagram) if item.kind == "diagram" else None

    def prepare(self, variant: Variant) -> None:
        """Note it."""
        self.calls.append(f"prepare {variant.item.id}")

    def judge(self, variant: Variant, given: Given) -> JudgedAnswer:
        """Judge as the bank does; what needs a bench as told."""
        if not needs_bench(variant.item.kind):
            return JudgedAnswer(given, judge(variant, given))
        self.calls.append(f"judge {given}")
        if self.waits_for_cancel:
            self._cancelled.wait(60)
            raise CancelledError("the judgement was cancelled", hint="Answer again to have it judged.")
        if self.bench_failure is not None:
            raise self.bench_failure
        return JudgedAnswer(given, self.result, self.transcript)

    def cancel(self) -> None:
        """End what waits."""
        self.calls.append("cancel")
        self._cancelled.set()

    def due_count(self) -> int:
        """Return what the hub says."""
        return self.hub_found.due.total

    def hub(self) -> Hub:
        """Return what can be done."""
        if self.blindness is not None:
            raise self.blindness
        return self.hub_found

    def quiz(self, chapter: str) -> FakeRun:
        """Begin a quiz."""
        self.calls.append(f"quiz {chapter}")
        return self._begun()

    def drill(self, skill: str) -> FakeRun:
        """Begin a drill."""
        self.calls.append(f"drill {skill}".strip())
        return self._begun()

    def again(self, title: str, question_ids: tuple[str, ...]) -> FakeRun:
        """Ask once more."""
        self.calls.append(f"again {', '.join(question_ids)}")
        self.run = FakeRun([each for each in self.asked if each.id in question_ids], title)
        return self.run

    def _begun(self) -> FakeRun:
        if self.blindness is not None:
            raise self.blindness
        return self.run

    def clock_doubt(self) -> ClockDoubtRow | None:
        """Return the doubt."""
        return self.doubt

    def review(self, *, trusts_clock: bool = False) -> FakeReview:
        """Begin the review."""
        self.calls.append("review, clock trusted" if trusts_clock else "review")
        if self.blindness is not None:
            raise self.blindness
        return self.daily

    def tracks(self) -> tuple[TrackRow, ...]:
        """Return the exams."""
        if self.blindness is not None:
            raise self.blindness
        return TRACKS

    def standing(self, track_id: str) -> TrackStanding:
        """Return the standing."""
        self.calls.append(f"standing {track_id}")
        if self.blindness is not None:
            raise self.blindness
        return STANDING

    def take_deck(self, path: Path) -> str:
        """Note it."""
        if self.bench_failure is not None:
            raise self.bench_failure
        self.calls.append(f"take {path}")
        return "2 new cards, 0 changed, 0 known already."

    def write_deck(self, path: Path, *, own: bool, force: bool = False) -> str:
        """Note it."""
        self.calls.append(f"write {path} {own}")
        return f"3 cards are in {path}."

    def close(self) -> None:
        """Note it."""
        self.calls.append("close")
