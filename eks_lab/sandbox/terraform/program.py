"""Which terraform there is, and what of it makes sense on the sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eks_lab.errors import InputError, UnavailableError
from eks_lab.sandbox.backends.programs import find

PROGRAMS = ("terraform", "tofu")
"""In the order in which they are looked for; OpenTofu takes the same commands and providers."""
_WITHOUT_ACCOUNT = frozenset({"", "fmt", "version", "-version", "--version", "-v", "-help", "--help", "-h"})
"""They look at files alone, so they run where the learner stands."""
_FETCHING = frozenset({"init", "get", "providers"})
"""They may fetch providers and modules, and ask AWS nothing."""
_ELSEWHERE = frozenset({"login", "logout", "cloud"})
_CHDIR = "-chdir="
_BACKEND = "-backend-config"


@dataclass(frozen=True, slots=True)
class Command:
    """A terraform command, taken apart."""

    name: str
    """`plan`; empty when only an option was given."""
    arguments: tuple[str, ...]
    """All of it, the name first, without `-chdir` and what names a backend."""
    folder: Path
    """Of the configuration."""
    dropped: tuple[str, ...] = ()
    """Arguments that name a backend: the state is the sandbox's affair."""

    @property
    def needs_account(self) -> bool:
        """Return whether it has to do with the sandbox at all."""
        return self.name not in _WITHOUT_ACCOUNT

    @property
    def may_fetch(self) -> bool:
        """Return whether it may ask registries for providers and modules."""
        return self.name in _FETCHING

    @property
    def prepares(self) -> bool:
        """Return whether it is what makes a folder ready."""
        return self.name == "init"


def program() -> str:
    """Return where terraform, or else tofu, is.

    Raises:
        UnavailableError: neither is.
    """
    for name in PROGRAMS:
        path = find(name)
        if path:
            return path
    raise UnavailableError(
        "neither terraform nor tofu is on PATH",
        hint="Install one: https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install",
    )


def command(words: Sequence[str], folder: Path) -> Command:
    """Take a command apart.

    Args:
        words: as typed after `terraform`.
        folder: where the learner stands.

    Raises:
        InputError: it has to do with a service of HashiCorp's, or its folder does not exist.
    """
    kept: list[str] = []
    dropped: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith(_CHDIR) and not kept:
            folder = folder / word.removeprefix(_CHDIR)
        elif word.lstrip("-").startswith(_BACKEND.lstrip("-")):
            dropped.append(word)
            if "=" not in word and rest:
                dropped.append(rest.pop(0))
        else:
            kept.append(word)
    name = kept[0] if kept else ""
    if name in _ELSEWHERE:
        raise InputError(
            f"terraform {name} talks to HCP Terraform, which is not on this machine",
            hint="On the sandbox the state stays here, so nothing of it is needed.",
        )
    if not folder.is_dir():
        raise InputError(
            f"-chdir: {folder}: there is no such folder", hint="Name the folder of the .tf files."
        )
    return Command(name, tuple(kept), folder.resolve(), tuple(dropped))
