"""The working of the calculator control-plane: its question, steps, tables and warnings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from eks_lab.calc.bill import HOURS_PER_MONTH, MONTHS_PER_YEAR, count_text, price_text
from eks_lab.calc.control_plane_capacity import (
    MINUTES_PER_DAY,
    Need,
    Offer,
    allowed_downtime_minutes,
    blocks_return_to_standard,
    failure_tolerance,
    growth_steps,
    quorum,
    survives_zone_loss,
)
from eks_lab.calc.model import Grid, Step, Value
from eks_lab.calc.price_overrides import PriceBook
from eks_lab.catalog.control_plane_tiers import terms
from eks_lab.catalog.kubernetes_versions import KubernetesVersion, Phase

FEE = "eks_cluster_hour"
SURCHARGE = "eks_extended_support_hour"
FULL_PERCENT = 80
"""A database fuller than that is near its limit."""


@dataclass(frozen=True, slots=True)
class Question:
    """A load, and the circumstances of the cluster."""

    need: Need
    """What is asked of the control plane."""
    version: KubernetesVersion
    """Of the cluster."""
    today: date | None
    """The present day; None leaves phase and age of figures unjudged."""
    phase: Phase | None
    """Support phase of the version today; None without today."""
    members: int
    """Members of etcd."""
    zones: int
    """Zones they are spread over."""
    days: int
    """Length of the month."""
    downtime_minutes: float | None
    """Downtime of the endpoint in it."""
    running_pods: int | None
    """Pods that run already."""
    burst_pods: int | None
    """Pods started at once."""
    clusters: int
    """Clusters that are alike."""

    @property
    def availability_percent(self) -> float | None:
        """Return the availability of the endpoint in %; None when no downtime is given."""
        if self.downtime_minutes is None:
            return None
        return 100 - 100 * self.downtime_minutes / (self.days * MINUTES_PER_DAY)


@dataclass(frozen=True, slots=True)
class Price:
    """What an offer costs, for all clusters, with the cluster fee."""

    usd_per_hour: float
    """An hour."""
    keys: tuple[str, ...]
    """Keys of the prices in it."""

    @property
    def usd_per_month(self) -> float:
        """Return a month of 730 hours."""
        return self.usd_per_hour * HOURS_PER_MONTH

    @property
    def usd_per_year(self) -> float:
        """Return twelve months."""
        return self.usd_per_month * MONTHS_PER_YEAR


def base_keys(question: Question) -> tuple[str, ...]:
    """Return the prices of the cluster without a tier."""
    return (FEE, SURCHARGE) if question.phase == "extended" else (FEE,)


def price_of(question: Question, offer: Offer, book: PriceBook) -> Price:
    """Return what a mode or tier costs with the fee of the cluster."""
    keys = (*base_keys(question), *([offer.price_key] if offer.price_key else []))
    return Price(usd_per_hour=question.clusters * sum(book.value(key) for key in keys), keys=keys)


def burst_seconds(question: Question, offer: Offer | None) -> float | None:
    """Return how long the scheduler of a tier needs for the burst; None when it promises no rate."""
    if question.burst_pods is None or offer is None or offer.pods_per_second is None:
        return None
    return round(question.burst_pods / offer.pods_per_second, 2)


def growth(question: Question) -> int | None:
    """Return the steps of ten per cent that the burst should be spread over; None when not asked."""
    if question.burst_pods is None or question.running_pods is None:
        return None
    total = question.running_pods + question.burst_pods
    return growth_steps(question.running_pods, total, terms().growth_step_percent)


def steps(question: Question, offer: Offer | None, price: Price | None, book: PriceBook) -> tuple[Step, ...]:
    """Return the working, in order."""
    members = question.members
    found = [
        Step(
            formula="quorum = ⌊members ÷ 2⌋ + 1",
            substitution=f"⌊{members} ÷ 2⌋ + 1",
            value=quorum(members),
            unit="members",
            why="etcd writes only when a majority agrees.",
        ),
        Step(
            formula="failure tolerance = members − quorum",
            substitution=f"{members} − {quorum(members)}",
            value=failure_tolerance(members),
            unit="members",
            why=_zone_sentence(question),
        ),
        *_growth_steps(question, offer),
    ]
    if offer is not None and price is not None:
        found += [*_sla_steps(question, offer), *_price_steps(question, price, book)]
    return tuple(found)


def _zone_sentence(question: Question) -> str:
    most = -(-question.members // question.zones)
    verb = "keeps" if survives_zone_loss(question.members, question.zones) else "loses"
    fullest = "1 member" if most == 1 else f"{most} members"
    zones = "1 zone" if question.zones == 1 else f"{question.zones} zones"
    return f"Over {zones} the fullest holds {fullest}: when it fails, etcd {verb} its majority."


def _growth_steps(question: Question, offer: Offer | None) -> list[Step]:
    found = []
    count = growth(question)
    if count is not None and question.running_pods and question.burst_pods is not None:
        total, step = question.running_pods + question.burst_pods, terms().growth_step_percent
        found.append(
            Step(
                formula=f"steps of growth = ⌈ln(pods after ÷ pods now) ÷ ln(1 + {step:g} %)⌉",
                substitution=f"⌈ln({total} ÷ {question.running_pods}) ÷ ln({1 + step / 100:g})⌉",
                value=count,
                unit="steps",
                why="Standard mode follows growth of at most a tenth at a time; let each step settle.",
            )
        )
    seconds = burst_seconds(question, offer)
    if seconds is not None and offer is not None:
        found.append(
            Step(
                formula="scheduling the burst = pods ÷ rate of the tier",
                substitution=f"{question.burst_pods} ÷ {offer.pods_per_second}",
                value=seconds,
                unit="s",
                why="After that image pulls and nodes are the limit.",
            )
        )
    return found


def _sla_steps(question: Question, offer: Offer) -> list[Step]:
    down = allowed_downtime_minutes(offer.sla_percent, question.days)
    found = [
        Step(
            formula="downtime the SLA leaves = days × 1440 × (100 − SLA) ÷ 100",
            substitution=f"{question.days} × {MINUTES_PER_DAY} × (100 − {offer.sla_percent:g}) ÷ 100",
            value=round(down, 4),
            unit="minutes",
            why=f"Counted in periods of {_minutes(offer.sla_period_minutes)}, for the endpoint only: not for"
            " nodes, pods or DNS.",
        )
    ]
    availability = question.availability_percent
    if availability is None:
        return found
    found.append(
        Step(
            formula="availability = 100 − 100 × downtime ÷ (days × 1440)",
            substitution=f"100 − 100 × {question.downtime_minutes:g} ÷ ({question.days} × {MINUTES_PER_DAY})",
            value=round(availability, 5),
            unit="%",
            why=f"The SLA is {'kept' if availability >= offer.sla_percent else 'missed'}.",
        )
    )
    if offer.name == "standard":
        bands = ", ".join(f"below {below:g} % {credit:g} %" for below, credit in terms().credits)
        found.append(
            Step(
                formula=f"credit = {bands}",
                substitution=f"{availability:.5f} %",
                value=terms().credit_percent(availability),
                unit="%",
                why="Of the EKS fee for this cluster, on request, against later bills.",
            )
        )
    return found


def _price_steps(question: Question, price: Price, book: PriceBook) -> list[Step]:
    parts = " + ".join(price_text(book.value(key)) for key in price.keys)
    names = {FEE: "control plane", SURCHARGE: "extended support"}
    formula = " + ".join(names.get(key, "tier") for key in price.keys)
    return [
        Step(
            formula=f"hour = clusters × ({formula})",
            substitution=f"{question.clusters} × ({parts})",
            value=round(price.usd_per_hour, 4),
            unit="USD/h",
            why="A tier is paid on top of the fee of the cluster."
            if len(price.keys) > len(base_keys(question))
            else "Standard mode costs nothing on top.",
        ),
        Step(
            formula="month = hour × 730",
            substitution=f"{price_text(round(price.usd_per_hour, 6))} × {HOURS_PER_MONTH}",
            value=round(price.usd_per_month, 2),
            unit="USD/month",
        ),
    ]


def offers_grid(question: Question, found: tuple[Offer, ...], prices: Mapping[str, Price]) -> Grid:
    """Return all modes and tiers side by side."""
    rows: list[tuple[Value, ...]] = []
    for offer in found:
        fit = offer.fit if not offer.lacks else f"{offer.fit}: {', '.join(offer.lacks)}"
        rows.append(
            (
                offer.name,
                offer.seats,
                offer.pods_per_second,
                offer.database_gb,
                offer.sla_percent,
                round(prices[offer.name].usd_per_month, 2),
                fit,
            )
        )
    return Grid(
        title=f"Modes and tiers on {question.version.name}, with the cluster fee",
        columns=("Tier", "Seats", "Pods/s", "Database GB", "SLA %", "USD/month", "Fits"),
        rows=tuple(rows),
    )


def etcd_grid(question: Question) -> Grid:
    """Return quorum and tolerance of small clusters, and of the one asked for."""
    sizes = sorted({1, 2, 3, 4, 5, 7, question.members})
    return Grid(
        title="etcd members",
        columns=("Members", "Quorum", "May fail", f"Survives a zone of {question.zones}"),
        rows=tuple(
            (
                size,
                quorum(size),
                failure_tolerance(size),
                "yes" if survives_zone_loss(size, question.zones) else "no",
            )
            for size in sizes
        ),
    )


def warnings(
    question: Question, offer: Offer | None, found: tuple[Offer, ...], *, chosen: Value
) -> tuple[str, ...]:
    """Return what to know before relying on the answer."""
    known, need = terms(), question.need
    said = []
    if offer is None:
        largest = found[-1]
        said.append(
            f"The largest tier on record has {count_text(largest.seats or 0)} seats,"
            f" {largest.pods_per_second} pods/s and {largest.database_gb} GB: split the cluster, ask for less,"
            " or talk to AWS."
        )
    standard = found[0]
    if standard.fit == "not promised" and (offer is None or offer.name != "standard" or chosen == "standard"):
        said.append(
            f"Standard mode promises nothing here ({', '.join(standard.lacks)}): an API server starts with about"
            f" {standard.seats} seats and grows towards {known.standard.seats_towards:,} with the load. It may"
            " do, if load rises slowly: measure before you pay for a tier."
        )
    if offer is not None and offer.name != "standard":
        blocks = blocks_return_to_standard(need.database_gb, need.hpa_sync_seconds, known)
        if blocks:
            said.append(f"There is no way back to standard mode while {' and '.join(blocks)}.")
        said.append("A tier does not cure a slow webhook, slow nodes, or one client that asks too often.")
    if offer is not None and need.database_gb is not None:
        percent = 100 * need.database_gb / offer.database_gb
        if FULL_PERCENT <= percent <= 100:
            said.append(
                f"The database is {percent:.0f} % full: when it is full, nothing can be written any more."
                " Delete finished Jobs and old reports."
            )
    if question.members != known.etcd_members:
        said.append(
            f"EKS runs {known.etcd_members} members, one in each of three zones, and nobody can change that."
        )
    if question.members % 2 == 0:
        said.append(
            f"An even number gains nothing: {question.members} members survive no more than"
            f" {question.members - 1}."
        )
    if question.downtime_minutes is not None:
        said.append(_credit_sentence(offer))
    if need.seats is not None or need.pods_per_second is not None or (offer and offer.name != "standard"):
        said.append(
            f"Seats and rates are {known.certainty}, of {known.source.as_of.isoformat()}: read them with aws eks"
            " describe-cluster-versions, under controlPlaneScalingTiers."
        )
    if question.today is not None:
        stale = known.staleness_warning(question.today)
        said += [stale] if stale else []
    return tuple(said)


def _credit_sentence(offer: Offer | None) -> str:
    source = terms().sources["sla"]
    if offer is not None and offer.name != "standard":
        return "The credits of the 99.99 % SLA are not on record: read the SLA page."
    return (
        f"The credits are those of the SLA of {source.as_of.isoformat()} and may have changed with the tiers of"
        " 2026."
    )


def _minutes(count: int) -> str:
    return "1 minute" if count == 1 else f"{count} minutes"
