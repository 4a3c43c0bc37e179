"""How ready a learner is for an exam: a belief for each domain, and what to do about it today.

Evidence, each piece a score from 0 to 1 with a weight:

* a question with a reviewed card: its retrievability now, weight 1 (FSRS knows how old it is);
* another question: its last three answers, weight 1 each, halved every 45 days; double when given in an exam, where
  there are no hints and no notes;
* a lab: the points of its best try in each of its last three, weight 3 (it is several tasks), halved every 45 days;
  with a reviewed card, times its retrievability instead.

Each domain starts from Beta(1, 1), that is, from knowing nothing, and its interval is the 80 % around the middle of
the Beta distribution that results. The whole is the mean of the domains by the exam's own weights (equal ones where none
are published), with an interval as wide as if the domains erred together. It says how well our questions would go, not
what an exam board would decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from eks_lab.content.items.entry import Entry
from eks_lab.content.tracks import Domain, Track
from eks_lab.learning.beta import Beta, weighted_mean
from eks_lab.learning.cards import CardRecord
from eks_lab.learning.labs import LabAttempt
from eks_lab.learning.mastery import freshness, latest_by_question
from eks_lab.learning.records import AnswerRecord

EXAM_WEIGHT = 2.0
LAB_WEIGHT = 3.0
TRIES_THAT_COUNT = 3


@dataclass(frozen=True, slots=True)
class KnownLab:
    """A lab as far as readiness needs it."""

    id: str
    """Its id."""
    title: str
    """Its title."""
    skills: tuple[str, ...]
    """What it practises."""
    chapter: str = ""
    """Id of its chapter."""
    minutes: int = 30
    """How long it takes."""


@dataclass(frozen=True, slots=True)
class DomainReadiness:
    """How ready a learner is in one domain."""

    id: str
    """Of the domain."""
    title: str
    """As the issuer calls it."""
    weight: float | None
    """Percent of the exam; None when that is not published."""
    belief: Beta
    """What is believed of the share that would be right."""
    questions: int
    """How many questions the course has for it."""
    answered: int
    """How many of them were answered."""
    labs: int
    """How many labs the course has for it."""
    solved: int
    """How many of them were solved."""
    not_covered: tuple[str, ...]
    """What practice here cannot cover."""

    @property
    def is_covered(self) -> bool:
        """Whether the course asks anything of it."""
        return bool(self.questions or self.labs)


@dataclass(frozen=True, slots=True)
class TrackReadiness:
    """How ready a learner is for one exam."""

    id: str
    """Of the track."""
    title: str
    """As the issuer calls it."""
    domains: tuple[DomainReadiness, ...]
    """In the issuer's order."""
    whole: Beta
    """What is believed of the share that would be right in all."""
    has_weights: bool
    """Whether the issuer publishes how much each domain counts."""
    pass_share: float | None
    """Share of the points that passes, 0 to 1; None where none is published, or only a scaled score is."""
    questions: int
    """How many questions the course has for it; one of several domains counts once."""
    answered: int
    """How many of them were answered, in their present wording."""

    @property
    def chance(self) -> float | None:
        """How likely the share of our questions that would be right reaches the pass line; None without one."""
        return None if self.pass_share is None else 1 - self.whole.below(self.pass_share)

    @property
    def weakest(self) -> tuple[DomainReadiness, ...]:
        """The domains the course covers, the one that costs most points first."""
        covered = [domain for domain in self.domains if domain.is_covered]
        return tuple(
            sorted(
                covered,
                key=lambda domain: (
                    -(domain.weight or 1.0) * (1 - domain.belief.quantile(0.2)),
                    domain.id,
                ),
            )
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a learner did, as far as readiness needs it."""

    answers: Sequence[AnswerRecord]
    """Every answer, oldest first."""
    cards: Mapping[str, CardRecord]
    """By id."""
    attempts: Sequence[LabAttempt]
    """Tries at labs, oldest first."""


def belongs_to(skills: Iterable[str], chapter: str, domain: Domain) -> bool:
    """Return whether a question or lab with these skills belongs to a domain."""
    return chapter in domain.chapters or not set(skills).isdisjoint(domain.skills)


def track_readiness(
    track: Track, entries: Iterable[Entry], labs: Iterable[KnownLab], evidence: Evidence, now: datetime
) -> TrackReadiness:
    """Return how ready a learner is for an exam; the module says what counts how much.

    Args:
        track: the exam.
        entries: the questions of the course.
        labs: its labs.
        evidence: what the learner did.
        now: older evidence counts less.
    """
    asked = [entry for entry in entries if not entry.about_own_sandbox]
    practised = list(labs)
    latest = latest_by_question(evidence.answers)
    tries: dict[str, list[LabAttempt]] = {}
    for attempt in evidence.attempts:
        if attempt.outcome is not None:
            tries.setdefault(attempt.lab_id, []).append(attempt)
    domains = []
    is_answered: dict[str, bool] = {}
    for domain in track.domains:
        belief = Beta()
        answered = solved = 0
        questions = [entry for entry in asked if belongs_to(entry.skills, entry.chapter, domain)]
        for entry in questions:
            answers = latest.get(entry.id, [])
            is_answered[entry.id] = bool(answers) and answers[-1].rev == entry.rev
            if is_answered[entry.id]:
                answered += 1
                belief = _after_question(belief, answers, evidence.cards.get(f"item:{entry.id}"), now)
        of_domain = [lab for lab in practised if belongs_to(lab.skills, lab.chapter, domain)]
        for lab in of_domain:
            if lab.id in tries:
                solved += any(attempt.outcome == "solved" for attempt in tries[lab.id])
                belief = _after_lab(belief, tries[lab.id], evidence.cards.get(f"lab:{lab.id}"), now)
        domains.append(
            DomainReadiness(
                id=domain.id,
                title=domain.title,
                weight=domain.weight,
                belief=belief,
                questions=len(questions),
                answered=answered,
                labs=len(of_domain),
                solved=solved,
                not_covered=tuple(domain.not_covered),
            )
        )
    line = track.pass_line
    return TrackReadiness(
        id=track.id,
        title=track.title,
        domains=tuple(domains),
        whole=weighted_mean((domain.weight or 1.0, domain.belief) for domain in domains),
        has_weights=track.has_weights,
        pass_share=line.value / 100 if line is not None and line.scale == "percent" else None,
        questions=len(is_answered),
        answered=sum(is_answered.values()),
    )


def _after_question(
    belief: Beta, answers: Sequence[AnswerRecord], card: CardRecord | None, now: datetime
) -> Beta:
    if card is not None and card.stability is not None and card.rev == answers[-1].rev:
        return belief.after(card.retrievability(now))
    for answer in answers:
        weight = EXAM_WEIGHT if answer.mode == "exam" else 1.0
        belief = belief.after(answer.score, weight * freshness(now - answer.answered_at))
    return belief


def _after_lab(belief: Beta, tries: Sequence[LabAttempt], card: CardRecord | None, now: datetime) -> Beta:
    best = max(tries[-TRIES_THAT_COUNT:], key=lambda attempt: (attempt.points or 0, attempt.started_at))
    score = (best.points or 0) / 100 if best.outcome == "solved" else 0.0
    if card is not None and card.stability is not None:
        return belief.after(score * card.retrievability(now), LAB_WEIGHT)
    age = now - (best.ended_at or best.started_at)
    return belief.after(score, LAB_WEIGHT * freshness(max(age, timedelta(0))))
