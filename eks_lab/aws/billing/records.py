"""The ledger as records of the account's store: one for each meter, one for what is gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from eks_lab.aws.billing.charges import Charge
from eks_lab.aws.billing.ledger import Ledger, Meter
from eks_lab.sim.objects import Key, Obj, micro_timestamp, parse_time
from eks_lab.sim.store import Store

METERS = "meters.billing"
LEDGER = "ledger.billing"
BOOK = Key("", "ledger")


def load(store: Store, opened: datetime) -> Ledger:
    """Return the ledger that a store keeps; an empty one, opened now, when it keeps none."""
    record = store.get(LEDGER, BOOK)
    if record is None:
        return Ledger(opened)
    meters = {}
    for each in store.items(METERS):
        meter = _meter(each)
        meters[meter.id] = meter
    return Ledger(parse_time(record["spec"]["opened"]), meters, _totals(record["spec"]["gone"]))


def save(store: Store, before: Ledger, after: Ledger) -> None:
    """Write what changed between two ledgers, and nothing else.

    Args:
        store: that keeps `before`, or nothing.
        before: as loaded.
        after: as settled.
    """
    for id, meter in after.meters.items():
        if before.meters.get(id) is not meter:
            store.put(METERS, _record(meter))
    for id in before.meters:
        if id not in after.meters:
            store.remove(METERS, Key("", id))
    if store.get(LEDGER, BOOK) is None or dict(before.gone) != dict(after.gone):
        spec = {"opened": micro_timestamp(after.opened), "gone": _rows(after.gone)}
        store.put(LEDGER, {"metadata": {"namespace": "", "name": BOOK.name, "uid": LEDGER}, "spec": spec})


def _record(meter: Meter) -> Obj:
    return {
        "metadata": {"namespace": "", "name": meter.id, "uid": f"meter:{meter.id}"},
        "spec": {
            "since": micro_timestamp(meter.since),
            "charges": [[each.group, each.what, each.usd_per_hour] for each in meter.charges],
            "before": _rows(meter.before),
            "idle": meter.idle,
            "ingestedGb": meter.ingested_gb,
        },
    }


def _meter(record: Obj) -> Meter:
    spec = record["spec"]
    return Meter(
        id=record["metadata"]["name"],
        since=parse_time(spec["since"]),
        charges=tuple(Charge(group, what, usd) for group, what, usd in spec["charges"]),
        before=_totals(spec["before"]),
        idle=spec["idle"],
        ingested_gb=spec["ingestedGb"],
    )


def _rows(totals: Mapping[tuple[str, str], float]) -> list[list[object]]:
    return [[group, what, usd] for (group, what), usd in totals.items()]


def _totals(rows: list[list[object]]) -> dict[tuple[str, str], float]:
    return {(str(group), str(what)): float(str(usd)) for group, what, usd in rows}
