"""Looks into the learner's configuration before it runs: nothing in it may lead to a real account."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eks_lab.checker.terraform.cursor import HclError
from eks_lab.checker.terraform.reader import read_body
from eks_lab.checker.terraform.syntax import Body, Literal
from eks_lab.errors import InputError

_OWN = {
    "profile": "names an AWS profile",
    "shared_config_files": "names AWS configuration files",
    "shared_credentials_files": "names files with credentials",
    "shared_credentials_file": "names a file with credentials",
    "access_key": "has an access key",
    "secret_key": "has a secret key",
    "token": "has a session token",
    "endpoints": "names endpoints",
    "http_proxy": "names a proxy",
    "https_proxy": "names a proxy",
    "assume_role_with_web_identity": "signs in with a token",
}
"""Of a provider block: what would win over the environment (Terraform AWS provider, Authentication and Configuration)."""


_UPWARDS = re.compile(r"(?:\.\./)+|\.\.(?=[\"/])")
"""What leads out of a folder, in a module's source as in the name of a file."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a folder of .tf files says about where it runs."""

    files: tuple[Path, ...]
    """All that were looked at, those of local modules, too."""
    state: str = ""
    """Where it keeps its state: `s3`, `cloud`, `remote`, …; empty when it does not say."""
    levels_above: int = 0
    """How far above its folder the modules and files are that it names."""


def read(folder: Path) -> Configuration:
    """Look through a configuration and its local modules.

    Args:
        folder: of the root module.

    Raises:
        InputError: there is none, or a provider block of it leads to an account of its own.
    """
    waiting, seen, files, state, levels = [folder], {folder}, list[Path](), "", 0
    while waiting:
        module = waiting.pop()
        for path in _files(module):
            files.append(path)
            text = _text(path)
            levels = max(levels, _levels_above(folder, module, text))
            body = _body(path, text)
            for name, block in _blocks(body, "provider"):
                if name == "aws":
                    _refuse_own(path, block)
            if module == folder:
                state = _state(body) or state
            for source in _sources(body):
                found = (module / source).resolve()
                if found not in seen and found.is_dir():
                    seen.add(found)
                    waiting.append(found)
    if not files:
        raise InputError(
            f"{folder}: there is no Terraform configuration here",
            hint="Go to a folder with .tf files, or make one: eks-lab generate terraform --out DIR",
        )
    return Configuration(tuple(files), state, levels)


def _files(folder: Path) -> list[Path]:
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror or error}") from error
    return [each for each in found if each.name.endswith((".tf", ".tofu", ".tf.json")) and each.is_file()]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _levels_above(folder: Path, module: Path, text: str) -> int:
    """Return how many folders above the root module a file of a module may reach."""
    deepest = max((match.group().count("..") for match in _UPWARDS.finditer(text)), default=0)
    reached = os.path.normpath(os.path.join(os.path.relpath(module, folder), *[os.pardir] * deepest))
    return Path(reached).parts.count(os.pardir)


def _body(path: Path, text: str) -> Body | dict[str, Any]:
    """Return what a file declares; nothing for one that terraform itself will refuse to read."""
    try:
        if path.suffix == ".json":
            document = json.loads(text)
            return document if isinstance(document, dict) else {}
        return read_body(text)
    except (ValueError, HclError):
        return Body()


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of either syntax."""

    names: dict[str, int]
    """Arguments and blocks in it, with their lines; 0 where the syntax has none."""
    values: dict[str, Any]
    """Arguments that are constants."""


def _blocks(body: Body | dict[str, Any], kind: str) -> Iterator[tuple[str, _Block]]:
    """Yield the first label and the content of each block of a type; the label is empty when there is none."""
    if isinstance(body, Body):
        for block in body.of_type(kind):
            names = {each.type: each.line for each in block.body.blocks}
            names |= {each.name: each.line for each in block.body.attributes.values()}
            values = {
                name: each.value.value
                for name, each in block.body.attributes.items()
                if isinstance(each.value, Literal)
            }
            yield block.labels[0] if block.labels else "", _Block(names, values)
        return
    found = body.get(kind) or {}
    for group in found if isinstance(found, list) else [found]:
        if not isinstance(group, dict):
            continue
        if kind == "terraform":
            yield "", _Block(dict.fromkeys(group, 0), group)
            continue
        for label, contents in group.items():
            for content in contents if isinstance(contents, list) else [contents]:
                if isinstance(content, dict):
                    yield label, _Block(dict.fromkeys(content, 0), content)


def _refuse_own(path: Path, block: _Block) -> None:
    for name, what in _OWN.items():
        if name in block.names:
            line = block.names[name]
            raise InputError(
                f"{path}{f':{line}' if line else ''}: the provider {what} of its own ({name}), which leads to a real account",
                hint=f"Take {name} out: on the sandbox, as elsewhere, the environment says who you are.",
            )


def _state(body: Body | dict[str, Any]) -> str:
    """Return the type of the backend of a file's `terraform` blocks, or nothing."""
    if isinstance(body, dict):
        for _, block in _blocks(body, "terraform"):
            backend = block.values.get("backend")
            if isinstance(backend, dict) and backend:
                return str(next(iter(backend)))
            if "cloud" in block.values:
                return "cloud"
        return ""
    for settings in body.of_type("terraform"):
        for each in settings.body.of_type("backend"):
            return each.labels[0] if each.labels else ""
        if settings.body.of_type("cloud"):
            return "cloud"
    return ""


def _sources(body: Body | dict[str, Any]) -> list[str]:
    """Return the modules of a file that are folders of this machine."""
    found = [block.values.get("source") for _, block in _blocks(body, "module")]
    return [each for each in found if isinstance(each, str) and each.startswith(("./", "../"))]
