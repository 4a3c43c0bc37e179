"""Chance as an argument: whoever needs a fresh identifier takes an Ids."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta

SAFE_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""Letters of generated names: no vowels and no look-alikes (k8s.io/apimachinery/pkg/util/rand)."""


class Ids:
    """Identifiers from one seed: the same seed gives the same sequence on every machine."""

    def __init__(self, seed: int) -> None:
        """Start a sequence.

        Args:
            seed: any whole number.
        """
        self._seed = seed
        self._random = random.Random(seed)
        self._latest = 0

    def uid(self) -> str:
        """Return a UUID of version 4, as `metadata.uid` holds it."""
        bits = self._random.getrandbits(128)
        bits = (bits & ~(0xF << 76) & ~(0x3 << 62)) | (4 << 76) | (2 << 62)
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def suffix(self, length: int = 5) -> str:
        """Return a random name ending, as `generateName` appends it."""
        return "".join(self._random.choices(SAFE_LETTERS, k=length))

    def hex(self, length: int) -> str:
        """Return lower-case hexadecimal digits: container ids, EC2 ids, digests."""
        return f"{self._random.getrandbits(4 * length):0{length}x}"

    def number(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return self._random.randint(low, high)

    def fraction(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        return self._random.random()

    def sequence_of(self, moment: datetime) -> int:
        """Return the moment in nanoseconds since 1970, moved on so that no two answers are equal or fall."""
        microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        self._latest = max(microseconds * 1000, self._latest + 1)
        return self._latest

    def branch(self, name: str) -> Ids:
        """Return a sequence of its own that follows from the seed; this one stays as it is.

        What is drawn from it does not depend on how many names and uids others draw.

        Args:
            name: what it is for; every name gets another sequence.
        """
        text = f"{self._seed} {name}"
        return Ids(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))

    def state(self) -> object:
        """Return what `restore` needs to go on from here."""
        return self._random.getstate()

    def restore(self, state: object) -> None:
        """Go on from a kept state."""
        self._random.setstate(state)  # type: ignore[arg-type]
