"""Says which commands a practical question runs: those that end, and stay with the question's own files and cluster.

Flags of kubectl that name files or places: `kubectl options` and the help of each command, kubectl 1.37 (2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eks_lab.errors import ContentError, InputError
from eks_lab.grading.pack import safe_name
from eks_lab.grading.practical.typed_lines import TypedCommand

COURSE_COMMANDS = ("calc", "check", "generate")
"""Commands of eks-lab that need nothing but their arguments and the folder."""
_ENDLESS = {
    "edit": "opens an editor: use patch, set or apply instead",
    "port-forward": "goes on until it is stopped, which nobody does here",
    "proxy": "goes on until it is stopped, which nobody does here",
    "attach": "goes on until it is stopped: use logs instead",
    "cp": "copies to and from your machine, which is not part of the question",
    "plugin": "looks for programs, and there are none",
}
_CONFIG = frozenset(
    {"view", "current-context", "get-contexts", "get-clusters", "get-users", "use-context", "set-context"}
)
_ELSEWHERE = frozenset({"--kubeconfig", "--server", "--cache-dir", "--kuberc", "--profile-output"})
_FILES = frozenset(
    {
        *("--filename", "--kustomize", "--from-file", "--from-env-file", "--patch-file", "--cert", "--key"),
        *(
            "--certificate-authority",
            "--client-certificate",
            "--client-key",
            "--output-directory",
            "--custom",
        ),
    }
)
_FLAGS_WITH_VALUE = frozenset(
    {
        *("--namespace", "--context", "--cluster", "--user", "--as", "--as-group", "--as-uid", "--token"),
        *("--request-timeout", "--tls-server-name", "--username", "--password", "--v", "--vmodule"),
    }
)
_SHORT = {"f": "--filename", "k": "--kustomize", "s": "--server", "o": "--output", "n": "--namespace"}
_SHORT_SWITCHES = frozenset("ARwitqhI")


def check_permitted(command: TypedCommand) -> None:
    """Refuse a command that would never end, or reach out of the question.

    Args:
        command: as read.

    Raises:
        InputError: one sentence for the learner.
    """
    {"kubectl": _check_kubectl, "aws": _check_aws, "eks-lab": _check_course}[command.program](command.words)


def _check_kubectl(words: tuple[str, ...]) -> None:
    verb, rest = _verb(words)
    if verb in _ENDLESS:
        raise InputError(f"`kubectl {verb}` {_ENDLESS[verb]}.")
    if verb == "config":
        second, _ = _verb(rest)
        if second and second not in _CONFIG:
            raise InputError(
                f"`kubectl config {second}` leads away from this question's cluster: leave it out."
            )
    for flag, value in _flags(words, follows=verb in ("logs", "log")):
        if flag in _ELSEWHERE:
            raise InputError(f"`{flag}` leads away from this question's cluster: leave it out.")
        if flag == "--output" and value.partition("=")[0].endswith("-file"):
            raise InputError(f"`{value}` reads a template from a file: write the template itself.")
        if flag in _FILES:
            _check_file(value.rpartition("=")[2] if flag == "--from-file" else value)


def _verb(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the first word that is neither a flag nor a flag's value, and what follows it."""
    at = 0
    while at < len(words):
        word = words[at]
        if not word.startswith("-"):
            return word, words[at + 1 :]
        takes_next = word in _FLAGS_WITH_VALUE or word in ("-n", "-s", "-v")
        at += 2 if takes_next else 1
    return "", ()


def _flags(words: Sequence[str], *, follows: bool) -> Iterator[tuple[str, str]]:
    """Yield kubectl's long flags and those short ones that matter here, with their values.

    Args:
        words: behind `kubectl`.
        follows: whether -f is `--follow`, as for logs.
    """
    for at, word in enumerate(words):
        if word == "--":
            return
        following = words[at + 1] if at + 1 < len(words) else ""
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            yield name, value if equals else following
        elif word.startswith("-"):
            for number, letter in enumerate(word[1:], 2):
                if letter in _SHORT_SWITCHES or (letter == "f" and follows):
                    continue
                if letter in _SHORT:
                    attached = word[number:]
                    yield _SHORT[letter], attached.removeprefix("=") if attached else following
                break


def _check_file(name: str) -> None:
    if name == "-":
        raise InputError("`-` reads what a pipe brings, and there are no pipes here: name a file.")
    if "://" in name:
        raise InputError(f"`{name}` is somewhere on the internet: only files of this question can be named.")
    try:
        safe_name(name)
    except ContentError:
        raise InputError(
            f"`{name}` is not in this question's folder: only files of the question can be named."
        ) from None


def _check_aws(words: tuple[str, ...]) -> None:
    for word in words:
        for scheme in ("file://", "fileb://"):
            head, found, name = word.partition(scheme)
            if found and (not head or head.endswith("=")):
                _check_file(name)
    if "--endpoint-url" in {word.partition("=")[0] for word in words}:
        raise InputError("`--endpoint-url` leads away from this question's account: leave it out.")
    if words[:1] == ("configure",):
        raise InputError("`aws configure` is not needed here: aws has its credentials and its region.")
    if words[1:2] == ("wait",):
        raise InputError("`aws … wait` does not run here: time passes by itself after your commands.")
    if words[:2] == ("eks", "update-kubeconfig"):
        raise InputError("`aws eks update-kubeconfig` is not needed here: kubectl is connected already.")


def _check_course(words: tuple[str, ...]) -> None:
    if not words or words[0] not in COURSE_COMMANDS:
        raise InputError(f"Of eks-lab's own commands a question runs {', '.join(COURSE_COMMANDS)} only.")
    for word in words[1:]:
        value = word.partition("=")[2] if word.startswith("-") else word
        if value.startswith(("/", "~")) or ".." in value.split("/") or "://" in value:
            _check_file(value)
