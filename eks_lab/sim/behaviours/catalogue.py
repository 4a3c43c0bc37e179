"""Behaviour files: reading them, finding the one of an image, pulling and starting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, Protocol, cast, get_args, get_origin, get_type_hints

import yaml

from eks_lab.errors import ContentError
from eks_lab.kube.quantity import parse_quantity
from eks_lab.sim.behaviours.commands import COMMANDS, SHELLS
from eks_lab.sim.behaviours.model import Behaviour
from eks_lab.sim.behaviours.process import Process
from eks_lab.sim.behaviours.world import Machine
from eks_lab.sim.objects import Obj

if TYPE_CHECKING:
    from pydantic import TypeAdapter

BYTES_PER_SECOND = 100 * 1024 * 1024
"""At which a node pulls and unpacks: 100 MiB compressed a second."""
LEAST_SECONDS = 0.4
FAILS_AFTER = 0.6
WRAPPERS = frozenset({"exec", "command", "nohup", "eval", "time", "timeout", "tini", "dumb-init"})
MOST_FOUND = 4096
"""Images with commands whose behaviour is remembered."""

UNKNOWN = "unknown"
"""The behaviour of images that no file describes."""


@cache
def _adapter() -> TypeAdapter[Behaviour]:
    from pydantic import TypeAdapter

    return TypeAdapter(Behaviour)


class Named(Protocol):
    """An image reference, taken apart."""

    @property
    def repository(self) -> str:
        """Return `docker.io/library/nginx`."""
        ...

    @property
    def short(self) -> str:
        """Return `nginx`."""
        ...

    @property
    def tag(self) -> str:
        """Return `1.27`."""
        ...

    @property
    def full(self) -> str:
        """Return `docker.io/library/nginx:1.27`."""
        ...


@dataclass(frozen=True, slots=True)
class Pull:
    """What pulling an image gives."""

    seconds: float
    """How long it takes."""
    size: int
    """Bytes."""
    error: str = ""
    """containerd's text; empty when it worked."""


def load_behaviour(text: str, file: str) -> Behaviour:
    """Return the behaviour of a YAML text.

    Args:
        text: one mapping.
        file: its name, for messages.

    Raises:
        ContentError: it is no YAML, or a key or a value is wrong; the message names file and key.
    """
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise ContentError(f"{file}: not YAML: {error}", hint="Mend the file.") from error
    from pydantic import ValidationError

    try:
        return _adapter().validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise ContentError(
            f"{file}: {where}: {first['msg']} (given: {first.get('input')!r})",
            hint="Behaviour's fields are described in eks_lab/sim/behaviours/model.py.",
        ) from error


class Catalogue:
    """All behaviours."""

    def __init__(self, behaviours: Iterable[Behaviour] | None = None) -> None:
        """Take behaviours.

        Args:
            behaviours: None takes those that come with the program.

        Raises:
            ContentError: two have the same name, or none is called `unknown`.
        """
        self.behaviours = tuple(behaviours) if behaviours is not None else packaged()
        self._found: dict[tuple[str, str], Behaviour] = {}
        names = [each.name for each in self.behaviours]
        doubles = {name for name in names if names.count(name) > 1}
        if doubles:
            raise ContentError(f"behaviours: {min(doubles)}: the name is there twice", hint="Rename one.")
        if UNKNOWN not in names:
            raise ContentError(f"behaviours: no file is called {UNKNOWN}.yaml", hint="Add it.")

    def find(self, short: str, command: str = "") -> Behaviour:
        """Return the behaviour of an image.

        Args:
            short: name without Docker Hub's host and tag.
            command: command and arguments, joined by blanks.
        """
        known = self._found.get((short, command))
        if known is None:
            if len(self._found) >= MOST_FOUND:
                self._found.clear()
            known = self._found[short, command] = self._search(short, command)
        return known

    def _search(self, short: str, command: str) -> Behaviour:
        best: tuple[int, bool, int, int] | None = None
        found: Behaviour | None = None
        for number, each in enumerate(self.behaviours):
            if each.command and not fnmatchcase(command, each.command):
                continue
            fitting = [pattern for pattern in each.images if fnmatchcase(short, pattern)]
            if fitting:
                rank = (each.rank, bool(each.command), max(map(len, fitting)), -number)
                if best is None or rank > best:
                    best, found = rank, each
        if found is None:
            return next(each for each in self.behaviours if each.name == UNKNOWN)
        return found

    def pull(self, reference: Named, architecture: str, *, has_secret: bool) -> Pull:
        """Return what pulling an image gives.

        Args:
            reference: of the image.
            architecture: of the node: `amd64`, `arm64`.
            has_secret: True when the pod has a pull secret.
        """
        pulling = self.find(reference.short).pull
        size = int(parse_quantity(pulling.size).value)
        size += sum(reference.full.encode()) % 100_000
        full = reference.full
        error = pulling.error
        if not error and pulling.tags and not any(fnmatchcase(reference.tag, tag) for tag in pulling.tags):
            error = "missing"
        if not error and pulling.needs_secret and not has_secret:
            error = "denied"
        if not error and architecture not in pulling.architectures:
            error = "architecture"
        if not error:
            return Pull(round(LEAST_SECONDS + size / BYTES_PER_SECOND, 3), size)
        host, _, path = reference.repository.partition("/")
        registry = "registry-1.docker.io" if host == "docker.io" else host
        unpacking = f'failed to pull and unpack image "{full}"'
        prefix = "rpc error: code = {code} desc = " + unpacking
        url = f"https://{registry}/v2/{path}/manifests/{reference.tag}"
        text = {
            "missing": f'{prefix}: failed to resolve reference "{full}": {full}: not found'.format(
                code="NotFound"
            ),
            "denied": (
                f'{prefix}: failed to resolve reference "{full}": pull access denied, repository does not exist or '
                "may require authorization: server message: insufficient_scope: authorization failed"
            ).format(code="Unknown"),
            "unreachable": (
                f'{prefix}: failed to resolve reference "{full}": failed to do request: Head "{url}": dial tcp: '
                f"lookup {registry} on 10.0.0.2:53: no such host"
            ).format(code="Unknown"),
            "architecture": f"{prefix}: no match for platform in manifest: not found".format(code="NotFound"),
        }[error]
        return Pull(FAILS_AFTER, 0, text)

    def start(
        self,
        reference: Named,
        container: Obj,
        machine: Machine,
        *,
        policy: str,
        started: datetime,
        memory_limit: int | None = None,
        cpu_limit: int | None = None,
    ) -> Process:
        """Return a run of a container.

        Args:
            reference: of its image.
            container: of the spec, references to variables resolved in command and arguments.
            machine: the container as its processes see it; `has_applets` and `tools` are set here.
            policy: restartPolicy of the pod.
            started: when.
            memory_limit: bytes at which the kernel kills it.
            cpu_limit: millicores it gets at most.
        """
        command, arguments = list(container.get("command") or ()), list(container.get("args") or ())
        argv = command + arguments
        behaviour = self.find(reference.short, " ".join(argv))
        if behaviour.entrypoint and not command:
            argv = [*behaviour.entrypoint, *arguments]
        elif behaviour.wrapper and arguments and not command and not _names_program(arguments[0], behaviour):
            argv = [behaviour.wrapper, *arguments]
        elif behaviour.script and not argv:
            command = argv = ["sh", "-c", behaviour.script]
        waits = bool(container.get("stdin")) and _reads_input(argv, behaviour)
        machine.has_applets = behaviour.applets
        machine.tools = frozenset(behaviour.tools)
        for path, content in behaviour.files.items():
            machine.files.setdefault(path, content)
        if not machine.user:
            machine.user = behaviour.user
        first = argv[0].rpartition("/")[2] if argv else ""
        is_command = bool(command) or (behaviour.runs == "shell" and bool(argv))
        is_script = (
            behaviour.shell
            and is_command
            and (first in SHELLS or first in COMMANDS or behaviour.runs == "shell")
        )
        if waits:
            is_script = True
        elif not argv and (behaviour.needs_command or (behaviour.runs == "shell" and policy != "Always")):
            # A shell without a terminal reads the end of its input and ends.
            is_script, argv = True, ["true"]
        return Process(
            behaviour,
            machine,
            started,
            argv,
            is_script=is_script,
            memory_limit=memory_limit,
            cpu_limit=cpu_limit,
            note=_note(behaviour, reference.full),
            waits=waits,
        )

    def lacks(self, reference: Named, program: str, container: Obj) -> bool:
        """Say whether an image that has nothing but a shell's applets is to run a program it does not have.

        Args:
            reference: of the image.
            program: first word of the command.
            container: of the spec.
        """
        behaviour = self.find(reference.short, program)
        if behaviour.name == UNKNOWN or behaviour.runs != "shell" or behaviour.entrypoint:
            return False
        if behaviour.wrapper and not container.get("command"):
            return False
        name = program.rpartition("/")[2]
        return (
            name not in COMMANDS
            and name not in SHELLS
            and name not in WRAPPERS
            and name not in behaviour.tools
        )

    def user_of(self, reference: Named) -> int:
        """Return the user an image runs as by itself."""
        return self.find(reference.short).user


def _names_program(word: str, behaviour: Behaviour) -> bool:
    """Say whether the first argument names a program of the image, as entrypoint scripts ask `command -v`."""
    name = word.rpartition("/")[2]
    return (
        not word.startswith("-")
        and "://" not in word
        and (name in COMMANDS or name in SHELLS or name in behaviour.tools)
    )


def _reads_input(argv: list[str], behaviour: Behaviour) -> bool:
    """Say whether a container's command is a shell that reads commands from stdin."""
    if not argv:
        return behaviour.runs == "shell" or behaviour.needs_command
    return argv[0].rpartition("/")[2] in SHELLS and all(word in ("-i", "-l", "--login") for word in argv[1:])


def _note(behaviour: Behaviour, image: str) -> str:
    return behaviour.note.replace("{image}", image)


@cache
def _parts(kind: Any) -> dict[str, tuple[type[Any], bool]]:
    """Return the fields of a dataclass that need more than the value: field -> what it is made of, whether it is a list."""
    found: dict[str, tuple[type[Any], bool]] = {}
    for name, hint in get_type_hints(kind).items():
        is_list = get_origin(hint) is list
        inner = [each for each in (*get_args(hint), hint) if each is float or is_dataclass(each)]
        if inner:
            found[name] = (cast(type[Any], inner[0]), is_list)
    return found


def _built(kind: Any, data: dict[str, Any]) -> Any:
    """Return a dataclass made of what YAML says, as validation makes it of a file without mistakes."""
    parts, found = _parts(kind), {}
    for name, value in data.items():
        part, is_list = parts.get(name, (None, False))
        if part is None or value is None:
            found[name] = value
        elif part is float:
            found[name] = float(value)
        elif is_list:
            found[name] = [_built(part, each) for each in value]
        else:
            found[name] = _built(part, value)
    return kind(**found)


@lru_cache(maxsize=1)
def packaged() -> tuple[Behaviour, ...]:
    """Return the behaviours that come with the program, by file name.

    They are read without validation, which costs a starting sandbox a fifth of a second; tests validate them.

    Raises:
        ContentError: a file is wrong.
    """
    found: list[Behaviour] = []
    for entry in sorted(_files(), key=lambda each: each.name):
        text = entry.read_text("utf-8")
        try:
            behaviour = _built(
                Behaviour, yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            )
        except (yaml.YAMLError, TypeError, ValueError, AttributeError):
            # Validation says what is wrong and where.
            behaviour = load_behaviour(text, f"sim/behaviours/{entry.name}")
        if f"{behaviour.name}.yaml" != entry.name:
            raise ContentError(
                f"sim/behaviours/{entry.name}: name: {behaviour.name!r} is not the file's",
                hint="Make them equal.",
            )
        found.append(behaviour)
    return tuple(found)


def _files() -> Iterable[Traversable]:
    folder = files("eks_lab.sim.behaviours")
    return [each for each in folder.iterdir() if each.name.endswith(".yaml")]
