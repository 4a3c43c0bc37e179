"""What a behaviour file says: frozen dataclasses that YAML is validated into; unknown keys are refused.

pydantic reads these annotations, but is not imported here: a sandbox that starts has no time for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Gt, Le, Predicate

from eks_lab.kube.quantity import QuantityError, parse_quantity

_STRICT: dict[str, Any] = {"extra": "forbid", "use_attribute_docstrings": True}


def _is_size(text: str) -> bool:
    try:
        parse_quantity(text)
    except QuantityError:
        return False
    return True


Size = Annotated[str, Predicate(_is_size)]
"""A quantity of bytes: `12Mi`."""
Seconds = Annotated[float, Ge(0)]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log, or one that comes again and again."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    text: str
    """`{time}` is the moment, `{iso}` the same as RFC 3339, `{host}` the pod, `{ip}` its address, `{n}` a count."""
    at: Seconds = 0
    """Seconds after the start."""
    every: Annotated[float, Gt(0)] | None = None
    """Seconds from one to the next; without it the line comes once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path of a port answers."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    path: str
    """Shell pattern: `/`, `/health*`, `*`."""
    status: Annotated[int, Ge(100), Le(599)] = 200
    """HTTP status."""
    body: str = ""
    """What is sent; `{host}`, `{ip}` and the times of Line are filled in."""
    after: Seconds = 0
    """Seconds after the start from which on this holds."""
    until: Seconds | None = None
    """Seconds after the start until which it holds."""
    page: Literal["", "kube-state-metrics", "node-exporter"] = ""
    """What is computed for every request instead of `body`: the measurements of an exporter."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port that the process listens on."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    number: Annotated[int, Ge(1), Le(65535)]
    """TCP port."""
    answers: list[Answer] = field(default_factory=list)
    """The first that fits; a port without any speaks no HTTP."""
    admits: bool = False
    """True for the TLS server of an admission webhook that allows whatever it is asked."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value from a moment on; between points it goes straight."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    at: Seconds
    """Seconds after the start."""
    value: Size
    """Millicores as a CPU quantity (`250m`), or bytes (`64Mi`)."""


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU over time."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    idle: Size = "1m"
    """Without requests."""
    points: list[Point] = field(default_factory=list)
    """Instead of `idle`."""
    per_request: Annotated[float, Ge(0)] = 0
    """Seconds of CPU a request costs."""
    from_flag: list[str] = field(default_factory=list)
    """Flags whose value is a number of busy cores: `--cpu`, `-cpus`."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory over time."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    idle: Size = "4Mi"
    """Without requests."""
    points: list[Point] = field(default_factory=list)
    """Instead of `idle`."""
    growth_per_minute: Size = "0"
    """A leak."""
    per_request: Size = "0"
    """For each request a second."""
    from_flag: list[str] = field(default_factory=list)
    """Flags whose value is what it takes after a few seconds: `--vm-bytes`, `-mem-total`."""


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes it writes over time."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    path: str = "/tmp/data"
    """Where: the container's own layer, unless a volume is mounted there."""
    points: list[Point] = field(default_factory=list)
    """How much there is."""
    growth_per_minute: Size = "0"
    """And how much more every minute."""


@dataclass(frozen=True, slots=True)
class Threads:
    """Processes and threads over time."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    idle: Annotated[int, Ge(1)] = 1
    """At its start."""
    growth_per_minute: Annotated[int, Ge(0)] = 0
    """And how many more every minute."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the process ends by itself."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    after: Seconds
    """Seconds after the start."""
    code: Annotated[int, Ge(0), Le(255)] = 0
    """Exit code."""
    unless_env: str = ""
    """Not when this variable is set."""


@dataclass(frozen=True, slots=True)
class Termination:
    """What SIGTERM does."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    after: Seconds | None = 0.1
    """Seconds until it ends; null when it ignores the signal."""
    code: Annotated[int, Ge(0), Le(255)] = 0
    """Exit code."""


@dataclass(frozen=True, slots=True)
class Exec:
    """What a command run inside answers."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    command: str
    """Shell pattern over the words, joined by blanks: `redis-cli ping*`."""
    stdout: str = ""
    """What it prints."""
    code: Annotated[int, Ge(0), Le(255)] = 0
    """Exit code."""
    after: Seconds = 0
    """Before this many seconds of life it fails."""


@dataclass(frozen=True, slots=True)
class Pulling:
    """What pulling the image gives."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    size: Size = "40Mi"
    """Compressed size."""
    error: Literal["", "missing", "denied", "unreachable", "architecture"] = ""
    """Why it cannot be pulled."""
    needs_secret: bool = False
    """True when it is denied without an image pull secret."""
    architectures: list[Literal["amd64", "arm64"]] = field(default_factory=lambda: ["amd64", "arm64"])
    """What the image is built for."""
    tags: list[str] = field(default_factory=list)
    """Shell patterns of the tags there are; empty means all."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What an image does."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    name: str
    """Of the file."""
    about: str
    """One sentence."""
    images: list[str]
    """Shell patterns over the name without Docker Hub's host and without the tag: `nginx`, `*/nginx*`."""
    command: str = ""
    """Shell pattern over command and arguments; empty fits everything."""
    rank: int = 0
    """The highest of those that fit wins; then the longer image pattern."""
    pull: Pulling = field(default_factory=Pulling)
    """Of the image."""
    runs: Literal["program", "shell"] = "program"
    """`shell`: arguments of the container are the command."""
    entrypoint: list[str] = field(default_factory=list)
    """What stands before the arguments when the container has no command of its own."""
    wrapper: str = ""
    """Program that the image's entrypoint script puts before arguments which name no program: `curl`."""
    script: str = ""
    """What the image does without command and arguments, as a shell script."""
    needs_command: bool = False
    """True for a shell or an interpreter: without a command, and without stdin, it ends at once with code 0."""
    applets: bool = True
    """True when the image has a shell with busybox's commands and nothing else."""
    shell: bool = True
    """False when there is no shell inside: exec finds nothing."""
    user: Annotated[int, Ge(0)] = 0
    """The image's user."""
    start: Seconds = 0.1
    """Seconds until it listens."""
    log: list[Line] = field(default_factory=list)
    """What it prints."""
    request_log: str = ""
    """A line for each request, `{path}` and `{client}` besides what Line has."""
    ports: list[Port] = field(default_factory=list)
    """What it listens on."""
    cpu: Cpu = field(default_factory=Cpu)
    """CPU."""
    memory: Memory = field(default_factory=Memory)
    """Memory."""
    disk: Disk = field(default_factory=Disk)
    """Files."""
    threads: Threads = field(default_factory=Threads)
    """Process IDs."""
    ending: Ending | None = None
    """Null for a process that runs on."""
    termination: Termination = field(default_factory=Termination)
    """SIGTERM."""
    exec: list[Exec] = field(default_factory=list)
    """Answers of commands run inside, before the shell's own."""
    files: dict[str, str] = field(default_factory=dict)
    """Path -> content."""
    tools: list[str] = field(default_factory=list)
    """Programs inside besides the shell's."""
    load: str = ""
    """URL that it calls again and again, `{env:NAME}` and `{arg:N}` are filled in."""
    requests_per_second: float = 0
    """How often."""
    note: str = ""
    """Said in the log and in an event: what is not simulated."""
