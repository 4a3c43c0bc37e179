"""Every generator by name; a module is imported when its generator is asked for."""

from __future__ import annotations

import importlib

from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError
from eks_lab.generate.model import Generator

TERRAFORM = "terraform"
"""Name of the generator of a whole configuration."""

_MANIFESTS: tuple[str, ...] = ()
"""In the order of the course; each is a module of `eks_lab.generate.manifests`, with underscores."""

_MODULES = {name: f"eks_lab.generate.manifests.{name.replace('-', '_')}" for name in _MANIFESTS}
"""Name -> module with a `GENERATOR` of that name."""


def names() -> tuple[str, ...]:
    """Return the names of all generators, in the order of the course."""
    return tuple(_MODULES)


def manifest_names() -> tuple[str, ...]:
    """Return the names of those that answer one small text rather than a configuration."""
    return tuple(name for name in _MODULES if name != TERRAFORM)


def get(name: str) -> Generator:
    """Return one generator.

    Args:
        name: `storage-class-gp3`; underscores and case do not matter.

    Raises:
        InputError: there is no such generator; the hint names the nearest ones.
    """
    wanted = name.strip().lower().replace("_", "-")
    module = _MODULES.get(wanted)
    if module is None:
        raise InputError(
            f"no generator named {name!r}",
            hint=did_you_mean(wanted, _MODULES) or "All of them: eks-lab generate list",
        )
    generator: Generator = importlib.import_module(module).GENERATOR
    return generator
