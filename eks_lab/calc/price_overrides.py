"""The prices an answer reckons with: those on record, or the learner's own.

A learner overrides a price with `nat_gateway_hour=0.05`, and that of an instance type with
`m5.large=0.09`. Calculators that price something share the inputs `PRICES` and `TODAY`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from eks_lab.calc.model import Input, Reference, Value
from eks_lab.catalog import service_prices
from eks_lab.catalog.instance_types import InstanceType, catalogue
from eks_lab.catalog.prices import STALE_AFTER_DAYS, price_list
from eks_lab.catalog.service_prices import PERCENT, Certainty, ServicePrice
from eks_lab.catalog.source import Source
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError

HIGHEST_USD = 1_000_000.0
"""No single price is higher; a larger number is a slip."""
_LONGEST_SHOWN = 40
_DOUBTS: dict[Certainty, str] = {
    "third-party": "Read with third parties, not at AWS",
    "widely-known": "Widely known, not read again at AWS",
    "inferred": "Inferred, found in no document",
}

PRICES = Input(
    name="prices",
    label="Own prices",
    kind="text",
    default=None,
    help="Prices instead of those on record: nat_gateway_hour=0.05,m5.large=0.09 (USD, or % for a share).",
    optional=True,
)
TODAY = Input(
    name="today",
    label="Today",
    kind="date",
    default=None,
    help="The present day: prices that are older than 180 days by then earn a warning.",
    optional=True,
)


def read_pairs(field_name: str, text: str) -> dict[str, str]:
    """Read `name=value,name=value`.

    Args:
        field_name: the input it was typed into, for messages.
        text: pairs between commas, semicolons or line ends.

    Returns:
        Name -> value, both without outer blanks, in the order given.

    Raises:
        InputError: a piece has no `=` or no name or value, or a name comes twice.
    """
    pairs: dict[str, str] = {}
    for piece in text.replace(";", ",").replace("\n", ",").split(","):
        if not piece.strip():
            continue
        name, equals, value = (part.strip() for part in piece.partition("="))
        if not (name and equals and value):
            raise InputError(
                f"{field_name}: {_shown(piece.strip())} is not name=value",
                hint="Write pairs between commas, for example nodes=5,nat=single.",
            )
        if name in pairs:
            raise InputError(f"{field_name}: {_shown(name)} is given twice", hint="Give it once.")
        pairs[name] = value
    return pairs


def read_overrides(text: str) -> dict[str, float]:
    """Read the learner's own prices.

    Args:
        text: `nat_gateway_hour=0.05,m5.large=0.09`.

    Returns:
        Price key or instance type -> value, in the unit of the price on record (USD/h for a type).

    Raises:
        InputError: an unknown price, or a value that is no price; the message names both.
    """
    overrides: dict[str, float] = {}
    for name, value in read_pairs("prices", text).items():
        key = _key(name)
        if key in overrides:
            raise InputError(f"prices: {key} is given twice", hint="Give it once.")
        overrides[key] = _amount(key, value)
    return overrides


def _key(name: str) -> str:
    wanted = name.lower()
    if "." in wanted and wanted in catalogue():
        return wanted
    known = service_prices.service_prices().prices
    key = wanted.replace("-", "_")
    if key in known:
        return key
    near = did_you_mean(wanted, catalogue().names) if "." in wanted else did_you_mean(key, known)
    raise InputError(
        f"prices: no price named {_shown(name)}",
        hint=near
        or "Give the key of a price, such as nat_gateway_hour, or an instance type, such as m5.large.",
    )


def _amount(key: str, text: str) -> float:
    known = service_prices.service_prices().prices.get(key)
    most = 100.0 if known and known.unit == PERCENT else HIGHEST_USD
    if len(text) <= _LONGEST_SHOWN and text.isascii() and "_" not in text:
        try:
            amount = float(text)
        except ValueError:
            pass
        else:
            # No comparison with NaN holds, so it is refused together with infinity.
            if 0 <= amount <= most:
                return amount
    raise InputError(
        f"prices: {key}={_shown(text)} is no price",
        hint=f"Give a number from 0 to {most:,.0f}, without a currency.",
    )


def _shown(text: str) -> str:
    shown = repr(text[: 2 * _LONGEST_SHOWN])
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 1]}…"


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Prices on record with the learner's own in front, and what is to be said about them."""

    overrides: Mapping[str, float] = field(default_factory=dict)
    """Price key or instance type -> the learner's own value."""
    today: date | None = None
    """The present day; None leaves the age of the prices unjudged."""

    @classmethod
    def of(cls, inputs: Mapping[str, Value]) -> PriceBook:
        """Return the prices for checked inputs that hold `PRICES` and `TODAY`.

        Raises:
            InputError: an override cannot be used.
        """
        text, today = inputs.get("prices"), inputs.get("today")
        return cls(
            overrides=read_overrides(text) if isinstance(text, str) else {},
            today=date.fromisoformat(today) if isinstance(today, str) else None,
        )

    def value(self, key: str) -> float:
        """Return a price in its unit.

        Args:
            key: a key of `eks_lab.catalog.service_prices`.

        Raises:
            InputError: there is no such price.
        """
        own = self.overrides.get(key)
        return service_prices.get(key).value if own is None else own

    def on_record_usd_per_hour(self, instance: InstanceType) -> float | None:
        """Return the on-demand price of an instance in USD an hour, None when there is none."""
        own = self.overrides.get(instance.name)
        return price_list().on_demand_usd_per_hour(instance) if own is None else own

    def node_usd_per_hour(self, instance: InstanceType) -> float:
        """Return the on-demand price of an instance in USD an hour.

        Raises:
            InputError: none is on record, and the learner gave none.
        """
        usd = self.on_record_usd_per_hour(instance)
        if usd is None:
            raise InputError(
                f"instance: no price of {instance.name} is on record",
                hint=f"Give it with prices, for example {instance.name}=0.25 (USD an hour).",
            )
        return usd

    def warnings(self, keys: Iterable[str], *, instances: Iterable[str] = ()) -> tuple[str, ...]:
        """Return what to know about the prices an answer used.

        Args:
            keys: keys of the service prices that count in the answer.
            instances: instance types whose prices count in it.

        Returns:
            One sentence each: own prices, own prices without effect, one for each kind of doubt,
            prices that are older than 180 days.
        """
        used = [service_prices.get(key) for key in dict.fromkeys(keys)]
        types = list(dict.fromkeys(instances))
        on_record = [price for price in used if price.key not in self.overrides]
        found = [*self._own(used, types)]
        for certainty, words in _DOUBTS.items():
            doubtful = [price for price in on_record if price.certainty == certainty]
            if doubtful:
                found.append(f"{words}: {'; '.join(_quoted(price) for price in doubtful)}.")
        return (*found, *self._stale(on_record, [name for name in types if name not in self.overrides]))

    def _own(self, used: list[ServicePrice], types: list[str]) -> list[str]:
        found = []
        own = [
            f"{price.what} {_figure(self.overrides[price.key])} instead of {_figure(price.value)} {price.unit}"
            for price in used
            if price.key in self.overrides
        ]
        own += [f"{name} {_figure(self.overrides[name])} USD/h" for name in types if name in self.overrides]
        if own:
            found.append(f"Your own prices count: {'; '.join(own)}.")
        idle = [
            key for key in self.overrides if key not in types and key not in {price.key for price in used}
        ]
        if idle:
            found.append(f"Your price of {', '.join(idle)} changes nothing: nothing here is paid by it.")
        return found

    def _stale(self, used: list[ServicePrice], types: list[str]) -> list[str]:
        if self.today is None:
            return []
        found = []
        old = [price for price in used if price.is_stale(self.today)]
        if old:
            named = "; ".join(f"{price.what} ({price.source.as_of.isoformat()})" for price in old)
            found.append(f"Prices older than 180 days: {named}. Check them on the pricing pages.")
        ec2 = price_list().staleness_warning(self.today) if types else ""
        return [*found, ec2] if ec2 else found

    def limit_warnings(self, *sources: Source) -> tuple[str, ...]:
        """Return a sentence when limits and terms that an answer rests on are older than 180 days.

        Args:
            sources: where they were read.
        """
        if self.today is None:
            return ()
        old = [source for source in sources if (self.today - source.as_of).days > STALE_AFTER_DAYS]
        if not old:
            return ()
        named = "; ".join(f"{source.title} ({source.as_of.isoformat()})" for source in old)
        return (f"Limits on record older than 180 days: {named}. Check them in the documentation.",)

    def references(self, keys: Iterable[str], *, instances: Iterable[str] = ()) -> tuple[Reference, ...]:
        """Return the sources of the prices an answer used, each once.

        Args:
            keys: keys of the service prices that count in the answer.
            instances: instance types whose prices count in it.
        """
        region = service_prices.service_prices().region
        sources = [service_prices.get(key).source for key in dict.fromkeys(keys) if key not in self.overrides]
        found = [
            Reference(title=f"{source.title}, {region}", date=source.as_of.isoformat(), url=source.url)
            for source in sources
        ]
        if any(name not in self.overrides for name in instances):
            ec2 = price_list().source
            found.append(
                Reference(
                    title=f"{ec2.title}, {price_list().region}", date=ec2.as_of.isoformat(), url=ec2.url
                )
            )
        return tuple(dict.fromkeys(found))


def _quoted(price: ServicePrice) -> str:
    note = f": {price.note[:1].lower()}{price.note[1:].rstrip('.')}" if price.note else ""
    return f"{price.what} {_figure(price.value)} {price.unit} ({price.source.as_of.isoformat()}{note})"


def _figure(value: float) -> str:
    return f"{value:.10g}"
