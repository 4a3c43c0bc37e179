"""Commands of the simulated shell: busybox's common applets. Nothing runs on the host."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from typing import TYPE_CHECKING

from eks_lab.sim.behaviours.network_commands import aws, curl, dig, getent, host, nc, nslookup, ping, wget
from eks_lab.sim.behaviours.shell_values import escaped, forever, number
from eks_lab.sim.behaviours.system_commands import dd, df, fallocate, install
from eks_lab.sim.behaviours.timeline import date_mark

if TYPE_CHECKING:
    from eks_lab.sim.behaviours.shell import Shell

Run = Callable[["Shell", list[str], str], int]

SHELLS = frozenset({"sh", "bash", "ash", "dash"})
ASKING = frozenset({"wget", "curl", "nslookup", "nc", "ping", "getent", "host", "dig", "aws"})
"""Commands whose answer depends on the cluster."""
CHANGING = frozenset({"aws"})
"""Those of them that are asked again in every round of a loop, even when nothing depends on the answer."""
SECONDS = dict.fromkeys(ASKING, 0.005) | {"ping": 1.0, "aws": 0.6}
"""How long a command takes that is not over at once."""


class Break(Exception):  # noqa: N818  a way out, not an error
    """`break`."""


class Continue(Exception):  # noqa: N818  a way out, not an error
    """`continue`."""


def _echo(shell: Shell, argv: list[str], stdin: str) -> int:
    words = argv[1:]
    newline, escapes = True, False
    while words and words[0] in ("-n", "-e", "-ne", "-en", "-E"):
        newline = newline and "n" not in words[0]
        escapes = escapes or "e" in words[0]
        words = words[1:]
    text = " ".join(words)
    shell.out((escaped(text) if escapes else text) + ("\n" if newline else ""))
    return 0


def _printf(shell: Shell, argv: list[str], stdin: str) -> int:
    if len(argv) < 2:
        return 1
    text, values = escaped(argv[1]), list(argv[2:])
    out = ""
    at = 0
    while at < len(text):
        if text[at] == "%" and at + 1 < len(text):
            kind = text[at + 1]
            out += "%" if kind == "%" else (values.pop(0) if values else "")
            at += 2
        else:
            out += text[at]
            at += 1
    shell.out(out)
    return 0


def _seconds(text: str) -> float | None:
    """Return the seconds that `sleep` takes; None for a word it does not understand."""
    if text in ("infinity", "inf"):
        return float("inf")
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    number, unit = (text[:-1], units[text[-1]]) if text[-1:] in units else (text, 1)
    try:
        value = float(number)
    except ValueError:
        return None
    return value * unit if 0 <= value < 1e12 else None


def _sleep(shell: Shell, argv: list[str], stdin: str) -> int:
    total = 0.0
    for word in argv[1:]:
        seconds = _seconds(word)
        if seconds is None:
            shell.error(f"sleep: invalid number '{word}'")
            return 1
        total += seconds
    if len(argv) == 1:
        shell.error("BusyBox v1.36.1 () multi-call binary.")
        return 1
    if total == float("inf"):
        return forever(shell)
    shell.at += total
    return 0


def _exit(shell: Shell, argv: list[str], stdin: str) -> int:
    from eks_lab.sim.behaviours.shell import Exited

    raise Exited(number(argv[1]) % 256 if len(argv) > 1 else shell.status)


def _cat(shell: Shell, argv: list[str], stdin: str) -> int:
    status = 0
    names = [each for each in argv[1:] if not each.startswith("-") or each == "-"]
    if not names:
        shell.out(stdin)
    for name in names:
        content = stdin if name == "-" else shell.file(name)
        if content is None:
            shell.error(f"cat: can't open '{name}': No such file or directory")
            status = 1
        else:
            shell.out(content)
    return status


def _ls(shell: Shell, argv: list[str], stdin: str) -> int:
    targets = [each for each in argv[1:] if not each.startswith("-")] or [shell.folder]
    status = 0
    for target in targets:
        path = shell.path(target)
        if shell.file(path) is not None:
            shell.out(f"{target}\n")
            continue
        prefix = path.rstrip("/") + "/"
        below = {name[len(prefix) :].partition("/")[0] for name in shell.names() if name.startswith(prefix)}
        if path == "/":
            below |= {"bin", "dev", "etc", "home", "proc", "root", "sys", "tmp", "usr", "var"}
        if not below and path not in ("/tmp", "/data", "/var", "/home", "/root", "/mnt"):
            shell.error(f"ls: {target}: No such file or directory")
            status = 1
        shell.out("".join(f"{name}\n" for name in sorted(below)))
    return status


def _env(shell: Shell, argv: list[str], stdin: str) -> int:
    if len(argv) > 1 and argv[0].endswith("printenv"):
        value = shell.variable(argv[1])
        if value:
            shell.out(value + "\n")
        return 0 if value else 1
    found = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOSTNAME": shell.machine.hostname,
        **shell.machine.environment,
        **shell.variables,
        "HOME": "/root" if shell.machine.user == 0 else "/",
    }
    shell.out("".join(f"{name}={value}\n" for name, value in found.items()))
    return 0


def _date(shell: Shell, argv: list[str], stdin: str) -> int:
    format = next((each[1:] for each in argv[1:] if each.startswith("+")), "")
    shell.out(date_mark(format) + "\n")
    return 0


def _cd(shell: Shell, argv: list[str], stdin: str) -> int:
    shell.folder = shell.path(argv[1] if len(argv) > 1 else "/root")
    return 0


def _touch(shell: Shell, argv: list[str], stdin: str) -> int:
    for name in argv[1:]:
        if not name.startswith("-"):
            shell.write(name, shell.file(name) or "")
    return 0


def _rm(shell: Shell, argv: list[str], stdin: str) -> int:
    forced = any(each.startswith("-") and "f" in each for each in argv[1:])
    status = 0
    for name in (each for each in argv[1:] if not each.startswith("-")):
        path = shell.path(name)
        found = [each for each in shell.names() if each == path or each.startswith(path.rstrip("/") + "/")]
        for each in found:
            shell.remove(each)
        if not found and not forced:
            shell.error(f"rm: can't remove '{name}': No such file or directory")
            status = 1
    return status


def _tee(shell: Shell, argv: list[str], stdin: str) -> int:
    for name in (each for each in argv[1:] if not each.startswith("-")):
        if "-a" in argv:
            shell.append(name, stdin)
        else:
            shell.write(name, stdin)
    shell.out(stdin)
    return 0


def _test(shell: Shell, argv: list[str], stdin: str) -> int:
    words = argv[1:]
    if argv[0] in ("[", "[["):
        if not words or words[-1] not in ("]", "]]"):
            shell.error("sh: missing ]")
            return 2
        words = words[:-1]
    return 0 if _holds(shell, words) else 1


def _holds(shell: Shell, words: list[str]) -> bool:
    for joiner, judge in (("-o", any), ("-a", all)):
        if joiner in words[1:-1]:
            at = words.index(joiner, 1)
            return judge((_holds(shell, words[:at]), _holds(shell, words[at + 1 :])))
    if words[:1] == ["!"]:
        return not _holds(shell, words[1:])
    if len(words) == 1:
        return bool(words[0])
    if len(words) == 2:
        kind, value = words
        match kind:
            case "-z":
                return not value
            case "-n":
                return bool(value)
            case "-f" | "-e" | "-r" | "-s" | "-x":
                content = shell.file(value)
                return content is not None and (kind != "-s" or bool(content))
            case "-d":
                prefix = shell.path(value).rstrip("/") + "/"
                return value in ("/", "/tmp") or any(name.startswith(prefix) for name in shell.names())
        return False
    if len(words) != 3:
        return False
    left, operator, right = words
    match operator:
        case "=" | "==":
            return left == right or fnmatch.fnmatchcase(left, right)
        case "!=":
            return left != right
        case "-eq":
            return number(left) == number(right)
        case "-ne":
            return number(left) != number(right)
        case "-lt":
            return number(left) < number(right)
        case "-le":
            return number(left) <= number(right)
        case "-gt":
            return number(left) > number(right)
        case "-ge":
            return number(left) >= number(right)
    return False


def _lines(shell: Shell, argv: list[str], stdin: str) -> str:
    names = [each for each in argv[1:] if not each.startswith("-") and not each.isdecimal()]
    return "".join(shell.file(name) or "" for name in names) if names else stdin


def _head(shell: Shell, argv: list[str], stdin: str) -> int:
    count = next(
        (number(each.removeprefix("-n").removeprefix("-")) for each in argv[1:] if each[-1:].isdigit()), 10
    )
    shell.out("".join(_lines(shell, argv, stdin).splitlines(keepends=True)[: max(0, count)]))
    return 0


def _tail(shell: Shell, argv: list[str], stdin: str) -> int:
    count = next(
        (number(each.removeprefix("-n").removeprefix("-")) for each in argv[1:] if each[-1:].isdigit()), 10
    )
    lines = _lines(shell, argv, stdin).splitlines(keepends=True)
    shell.out("".join(lines[-count:] if count else []))
    if any(each in ("-f", "-F") for each in argv[1:]):
        return forever(shell)
    return 0


def _grep(shell: Shell, argv: list[str], stdin: str) -> int:
    options = "".join(each for each in argv[1:] if each.startswith("-"))
    words = [each for each in argv[1:] if not each.startswith("-")]
    if not words:
        return 2
    pattern, names = words[0], words[1:]
    text = "".join(shell.file(name) or "" for name in names) if names else stdin
    fold = str.lower if "i" in options else str
    found = [line for line in text.splitlines() if (fold(pattern) in fold(line)) is not ("v" in options)]
    if "c" in options:
        shell.out(f"{len(found)}\n")
    elif "q" not in options:
        shell.out("".join(f"{line}\n" for line in found))
    return 0 if found else 1


def _wc(shell: Shell, argv: list[str], stdin: str) -> int:
    text = _lines(shell, argv, stdin)
    counts = {"-l": text.count("\n"), "-w": len(text.split()), "-c": len(text.encode())}
    shell.out(" ".join(str(value) for name, value in counts.items() if name in argv or len(argv) == 1) + "\n")
    return 0


def _seq(shell: Shell, argv: list[str], stdin: str) -> int:
    numbers = [number(each) for each in argv[1:]]
    first = numbers[0] if len(numbers) > 1 else 1
    step = numbers[1] if len(numbers) == 3 else 1
    last = numbers[-1] if numbers else 0
    values = range(first, last + (1 if step > 0 else -1), step or 1)
    shell.out("".join(f"{value}\n" for value in values[:100_000]))
    return 0


def _set(shell: Shell, argv: list[str], stdin: str) -> int:
    for word in argv[1:]:
        if word.startswith(("-", "+")) and "e" in word:
            shell.stops_on_error = word.startswith("-")
    return 0


def _trap(shell: Shell, argv: list[str], stdin: str) -> int:
    if any(name in ("TERM", "SIGTERM", "15") for name in argv[2:]):
        words = argv[1].replace(";", " ").split()
        shell.trap = number(words[words.index("exit") + 1]) if "exit" in words[:-1] else 0
    return 0


def _export(shell: Shell, argv: list[str], stdin: str) -> int:
    for word in argv[1:]:
        name, has_value, value = word.partition("=")
        if has_value:
            shell.variables[name] = value
    return 0


def _unset(shell: Shell, argv: list[str], stdin: str) -> int:
    for name in argv[1:]:
        shell.variables.pop(name, None)
    return 0


def _shift(shell: Shell, argv: list[str], stdin: str) -> int:
    shell.arguments[1:2] = []
    return 0


def _break(shell: Shell, argv: list[str], stdin: str) -> int:
    raise Break


def _continue(shell: Shell, argv: list[str], stdin: str) -> int:
    raise Continue


def _yes(shell: Shell, argv: list[str], stdin: str) -> int:
    from eks_lab.sim.behaviours.shell import Endless
    from eks_lab.sim.behaviours.timeline import Happening

    timeline = shell.timeline
    timeline.loop_at, timeline.period, timeline.busy = shell.at, 0.001, 0.001
    timeline.rounds = [] if shell._captures else [Happening(0.0, "line", " ".join(argv[1:]) or "y")]
    raise Endless


def _says(text: Callable[[Shell], str]) -> Run:
    def run(shell: Shell, argv: list[str], stdin: str) -> int:
        shell.out(text(shell) + "\n")
        return 0

    return run


def _gives(code: int) -> Run:
    return lambda shell, argv, stdin: code


COMMANDS: dict[str, Run] = {
    "echo": _echo,
    "printf": _printf,
    "sleep": _sleep,
    "usleep": lambda shell, argv, stdin: _sleep(shell, ["sleep", str(number(argv[-1]) / 1_000_000)], stdin),
    "true": _gives(0),
    ":": _gives(0),
    "false": _gives(1),
    "exit": _exit,
    "return": _exit,
    "cat": _cat,
    "ls": _ls,
    "env": _env,
    "printenv": _env,
    "date": _date,
    "hostname": _says(lambda shell: shell.machine.hostname),
    "whoami": _says(lambda shell: "root" if shell.machine.user == 0 else "nobody"),
    "id": _says(
        lambda shell: (
            "uid=0(root) gid=0(root) groups=0(root)"
            if shell.machine.user == 0
            else f"uid={shell.machine.user} gid=0(root)"
        )
    ),
    "pwd": _says(lambda shell: shell.folder),
    "uname": _says(lambda shell: f"Linux {shell.machine.hostname} 6.12.40-64.114.amzn2023 x86_64 GNU/Linux"),
    "nproc": _says(lambda shell: str(shell.machine.processors)),
    "ps": _says(
        lambda shell: (
            "PID   USER     TIME  COMMAND\n"
            + "\n".join(
                f"{number:>5} root      0:00 {name}" for number, name in enumerate(shell.machine.processes, 1)
            )
        )
    ),
    "cd": _cd,
    "touch": _touch,
    "rm": _rm,
    "mkdir": _gives(0),
    "chmod": _gives(0),
    "chown": _gives(0),
    "sync": _gives(0),
    "wait": _gives(0),
    "kill": _gives(0),
    "ulimit": _gives(0),
    "umask": _gives(0),
    "read": _gives(1),
    "test": _test,
    "[": _test,
    "[[": _test,
    "head": _head,
    "tail": _tail,
    "grep": _grep,
    "wc": _wc,
    "seq": _seq,
    "sort": lambda shell, argv, stdin: _cat(shell, ["cat"], "".join(sorted(stdin.splitlines(keepends=True)))),
    "tee": _tee,
    "set": _set,
    "trap": _trap,
    "export": _export,
    "unset": _unset,
    "shift": _shift,
    "break": _break,
    "continue": _continue,
    "yes": _yes,
    "dd": dd,
    "fallocate": fallocate,
    "truncate": fallocate,
    "df": df,
    "wget": wget,
    "curl": curl,
    "nslookup": nslookup,
    "host": host,
    "dig": dig,
    "getent": getent,
    "nc": nc,
    "ping": ping,
    "aws": aws,
    "apk": install,
    "apt": install,
    "apt-get": install,
    "yum": install,
    "dnf": install,
    "microdnf": install,
}
"""Name -> what it does with the shell, its words and stdin."""
