"""The control plane: etcd's majority, the mode or tier a load needs, SLA minutes, price.

The rules are in `eks_lab.calc.control_plane_capacity`, the figures in
`eks_lab.catalog.control_plane_tiers`, the prices in `eks_lab.catalog.service_prices`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from eks_lab.calc import control_plane_working as working
from eks_lab.calc.bill import usd_text
from eks_lab.calc.control_plane_capacity import (
    Need,
    Offer,
    allowed_downtime_minutes,
    blocks_return_to_standard,
    cheapest,
    failure_tolerance,
    offers,
    quorum,
    survives_zone_loss,
)
from eks_lab.calc.control_plane_working import Price, Question
from eks_lab.calc.model import Answer, Calculator, Input, Reference, Value
from eks_lab.calc.price_overrides import PRICES, PriceBook
from eks_lab.catalog import kubernetes_versions
from eks_lab.catalog.control_plane_tiers import terms
from eks_lab.catalog.source import Source
from eks_lab.errors import InputError

_CHEAPEST = "cheapest"


def _question(inputs: Mapping[str, Value]) -> Question:
    def whole(name: str) -> int | None:
        value = inputs[name]
        return value if isinstance(value, int) else None

    def number(name: str) -> float | None:
        value = inputs[name]
        return float(value) if isinstance(value, int | float) else None

    version = kubernetes_versions.get(str(inputs["version"]))
    today = date.fromisoformat(inputs["today"]) if isinstance(inputs["today"], str) else None
    if version.minor < terms().oldest_minor:
        raise InputError(
            f"version: the tiers are on record from 1.{terms().oldest_minor} on, not for {version.name}",
            hint="Give a version that EKS still supports.",
        )
    phase = version.phase(today) if today is not None else None
    if today is not None and phase in ("ended", "not released"):
        at, word = (version.end_of_extended, "left") if phase == "ended" else (version.released, "came to")
        raise InputError(
            f"version: {version.name} {word} EKS on {at.isoformat()}, so it cannot run on {today.isoformat()}",
            hint="Give a version that EKS supports on that day.",
        )
    question = Question(
        need=Need(
            minor=version.minor,
            seats=whole("seats"),
            pods_per_second=number("pods_per_second"),
            database_gb=number("database_gb"),
            hpa_sync_seconds=whole("hpa_sync_seconds") or 0,
        ),
        version=version,
        today=today,
        phase=phase,
        members=whole("etcd_members") or 1,
        zones=whole("zones") or 1,
        days=whole("days") or 1,
        downtime_minutes=number("downtime_minutes"),
        running_pods=whole("running_pods"),
        burst_pods=whole("burst_pods"),
        clusters=whole("clusters") or 1,
    )
    minutes = allowed_downtime_minutes(0, question.days)
    if question.downtime_minutes is not None and question.downtime_minutes > minutes:
        raise InputError(
            f"downtime_minutes: {question.downtime_minutes:g} are more than the {minutes:,.0f} minutes of"
            f" {question.days} days",
            hint="Give the minutes the endpoint was not available in that month.",
        )
    return question


def _chosen(inputs: Mapping[str, Value], found: tuple[Offer, ...]) -> Offer | None:
    wanted = inputs["tier"]
    if wanted == _CHEAPEST:
        return cheapest(found)
    return next(offer for offer in found if offer.name == wanted)


def _headline(question: Question, offer: Offer | None, price: Price | None) -> str:
    etcd = (
        f"etcd with {question.members} members needs {quorum(question.members)} and survives the loss of"
        f" {failure_tolerance(question.members)}"
    )
    if offer is None or price is None:
        return f"No tier on record carries this load; {etcd}."
    name = "Standard mode" if offer.name == "standard" else f"Tier {offer.name.upper()}"
    asked = (question.need.seats, question.need.pods_per_second, question.need.database_gb)
    nothing = all(each is None for each in asked) and offer.fit == "yes"
    verdict = (
        "is there"
        if nothing
        else {
            "yes": "carries it",
            "not promised": f"may carry it, without a promise for {' and '.join(offer.lacks)}",
            "no": f"does not carry it ({', '.join(offer.lacks)})",
        }[offer.fit]
    )
    down = allowed_downtime_minutes(offer.sla_percent, question.days)
    return (
        f"{name} {verdict} for {usd_text(price.usd_per_month)} USD a month; its SLA leaves {down:.1f} minutes"
        f" in {question.days} days; {etcd}."
    )


def _figures(question: Question, offer: Offer | None, price: Price | None) -> dict[str, Any]:
    members, need = question.members, question.need
    availability = question.availability_percent
    standard = offer is not None and offer.name == "standard"
    blocks = blocks_return_to_standard(need.database_gb, need.hpa_sync_seconds, terms())
    return {
        "etcd_quorum": quorum(members),
        "etcd_failure_tolerance": failure_tolerance(members),
        "etcd_survives_zone_loss": survives_zone_loss(members, question.zones),
        "tier": offer.name if offer else None,
        "fit": offer.fit if offer else "no",
        "seats": offer.seats if offer else None,
        "pods_per_second": offer.pods_per_second if offer else None,
        "database_gb": offer.database_gb if offer else None,
        "hpa_workers": offer.hpa_workers if offer else None,
        "burst_seconds": working.burst_seconds(question, offer),
        "growth_steps": working.growth(question),
        "sla_percent": offer.sla_percent if offer else None,
        "allowed_downtime_minutes": round(allowed_downtime_minutes(offer.sla_percent, question.days), 4)
        if offer
        else None,
        "availability_percent": None if availability is None else round(availability, 5),
        "sla_kept": None if availability is None or offer is None else availability >= offer.sla_percent,
        "credit_percent": terms().credit_percent(availability)
        if availability is not None and standard
        else None,
        "can_return_to_standard": not blocks,
        "support_phase": question.phase,
        "usd_per_hour": round(price.usd_per_hour, 4) if price else None,
        "usd_per_month": round(price.usd_per_month, 2) if price else None,
        "usd_per_year": round(price.usd_per_year, 2) if price else None,
    }


def _reference(source: Source) -> Reference:
    return Reference(title=source.title, date=source.as_of.isoformat(), url=source.url)


def control_plane(inputs: Mapping[str, Value]) -> Answer:
    """Answer what a control plane carries and costs.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        `tier` is the cheapest mode or tier that promises what is asked (or the one asked for), None when
        none does, `fit` says `yes`, `not promised` or `no`. `allowed_downtime_minutes` follow from its
        SLA. Prices hold for all clusters with the fee of the support phase; without `today` that of
        standard support. `credit_percent` is known for the standard mode only.

    Raises:
        InputError: a version that EKS does not offer that day, more downtime than the month has, or an
            unusable price.
    """
    known = terms()
    question = _question(inputs)
    book = PriceBook.of(inputs)
    found = offers(question.need, known)
    prices = {offer.name: working.price_of(question, offer, book) for offer in found}
    offer = _chosen(inputs, found)
    price = prices[offer.name] if offer else None
    keys = price.keys if price else working.base_keys(question)
    shown_keys = [*keys, *(other.price_key for other in found if other.price_key)]
    return Answer(
        calculator="control-plane",
        headline=_headline(question, offer, price),
        inputs=dict(inputs),
        result=_figures(question, offer, price),
        steps=working.steps(question, offer, price, book),
        sources=(
            _reference(known.sources["control-plane"]),
            _reference(known.source),
            _reference(known.sources["sla"]),
            *(
                [_reference(known.sources["parameters"])]
                if question.need.hpa_sync_seconds != known.standard.hpa_sync_seconds
                else []
            ),
            *book.references(shown_keys),
        ),
        warnings=(
            *working.warnings(question, offer, found, chosen=inputs["tier"]),
            *book.warnings(shown_keys),
        ),
        grids=(working.offers_grid(question, found, prices), working.etcd_grid(question)),
    )


def _optional(
    name: str, label: str, kind: str, about: str, unit: str, *, minimum: float = 0, maximum: float
) -> Input:
    return Input(
        name=name,
        label=label,
        kind="integer" if kind == "integer" else "number",
        default=None,
        help=about,
        unit=unit,
        minimum=minimum,
        maximum=maximum,
        optional=True,
    )


def _count(name: str, label: str, default: int, span: tuple[int, int], about: str, unit: str) -> Input:
    return Input(
        name=name,
        label=label,
        kind="integer",
        default=default,
        help=about,
        unit=unit,
        minimum=span[0],
        maximum=span[1],
    )


CALCULATOR = Calculator(
    name="control-plane",
    title="Control plane",
    summary="etcd's majority, the mode or tier that a load needs, the minutes an SLA leaves, and the price.",
    inputs=(
        Input(
            name="version",
            label="Kubernetes version",
            kind="text",
            default="1.36",
            help="Version of the cluster: tiers have fewer seats before 1.34, and extended support costs more.",
        ),
        Input(
            name="tier",
            label="Tier",
            kind="choice",
            default=_CHEAPEST,
            help="A mode or tier to judge, or the cheapest that promises what is asked.",
            choices=(_CHEAPEST, "standard", "xl", "2xl", "4xl", "8xl"),
        ),
        _optional(
            "seats",
            "Seats",
            "integer",
            "Requests in work at once at the peak: apiserver_flowcontrol_current_executing_seats.",
            "seats",
            maximum=1_000_000,
        ),
        _optional(
            "pods_per_second",
            "Scheduling rate",
            "number",
            "Pods that have to be scheduled a second at the peak.",
            "pods/s",
            maximum=100_000,
        ),
        _optional(
            "database_gb",
            "etcd database",
            "number",
            "Size of the etcd database: apiserver_storage_size_bytes.",
            "GB",
            maximum=1000,
        ),
        _count(
            "hpa_sync_seconds",
            "HPA period",
            15,
            (terms().hpa_sync_seconds_least, terms().standard.hpa_sync_seconds),
            "Period of the HPA controller; other than 15 only on a tier.",
            "s",
        ),
        _optional(
            "running_pods",
            "Running pods",
            "integer",
            "Pods that run already, for the pace of growth.",
            "pods",
            minimum=1,
            maximum=10_000_000,
        ),
        _optional(
            "burst_pods",
            "Burst",
            "integer",
            "Pods that are started at once on top of them.",
            "pods",
            maximum=10_000_000,
        ),
        _count(
            "etcd_members",
            "etcd members",
            3,
            (1, 99),
            "Members of the database; EKS runs 3, other numbers show the rule.",
            "members",
        ),
        _count("zones", "Zones", 3, (1, 6), "Zones that the members are spread over.", "zones"),
        _count("days", "Days", 30, (1, 366), "Length of the month the SLA is reckoned for.", "days"),
        _optional(
            "downtime_minutes",
            "Downtime",
            "number",
            "Minutes the endpoint was not available in that month, for the SLA credit.",
            "minutes",
            maximum=1_000_000,
        ),
        _count("clusters", "Clusters", 1, (1, 10_000), "Clusters that are alike, for the price.", "clusters"),
        Input(
            name="today",
            label="Today",
            kind="date",
            default=None,
            help="The present day: it decides the support phase of the version and whether figures are old.",
            optional=True,
        ),
        PRICES,
    ),
    compute=control_plane,
    lesson="architecture.scaling-and-sla",
    result_units={
        "etcd_quorum": "members",
        "etcd_failure_tolerance": "members",
        "seats": "seats",
        "pods_per_second": "pods/s",
        "database_gb": "GB",
        "hpa_workers": "HPAs",
        "burst_seconds": "s",
        "growth_steps": "steps",
        "sla_percent": "%",
        "allowed_downtime_minutes": "minutes",
        "availability_percent": "%",
        "credit_percent": "%",
        "usd_per_hour": "USD/h",
        "usd_per_month": "USD/month",
        "usd_per_year": "USD/year",
    },
)
