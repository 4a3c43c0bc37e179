"""Commands of the simulated shell that ask the cluster: wget, curl, nslookup, nc and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from eks_lab.sim.behaviours.shell_values import escaped, forever, number

if TYPE_CHECKING:
    from eks_lab.sim.behaviours.shell import Shell


def _url(text: str) -> tuple[str, int, str]:
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
    except ValueError:
        # A bracket that belongs to no IPv6 address: a host that nobody finds.
        return text.rpartition("://")[2].partition("/")[0], 80, "/"
    try:
        port = parts.port
    except ValueError:
        port = None
    return parts.hostname or "", port or (443 if parts.scheme == "https" else 80), parts.path or "/"


def wget(shell: Shell, argv: list[str], stdin: str) -> int:
    url = next(
        (
            each
            for each in argv[1:]
            if not each.startswith("-") and ("." in each or "/" in each or ":" in each or each == argv[-1])
        ),
        "",
    )
    host, port, path = _url(url)
    shell.request(url)
    reply = shell.machine.world.fetch(host, port, path)
    is_quiet = any(each.startswith("-") and "q" in each for each in argv[1:])
    if reply.error == "unresolved":
        shell.error(f"wget: bad address '{host}'" + (f":{port}" if port not in (80, 443) else ""))
        return 1
    if not is_quiet:
        shell.error(f"Connecting to {host}{f':{port}' if port != 80 else ':80'}")
    if reply.error:
        what = "Connection refused" if reply.error == "refused" else "download timed out"
        shell.error(
            f"wget: can't connect to remote host: {what}" if reply.error == "refused" else f"wget: {what}"
        )
        return 1
    if reply.status >= 400:
        shell.error(f"wget: server returned error: HTTP/1.1 {reply.status} {_reason(reply.status)}")
        return 1
    if "--spider" in argv:
        return 0
    compact = "".join(argv)
    if "-O-" in compact or "-qO-" in compact:
        shell.out(reply.body)
    elif "-O" in argv and argv.index("-O") + 1 < len(argv):
        target = argv[argv.index("-O") + 1]
        if target != "/dev/null":
            shell.write(target, reply.body)
    return 0


def _reason(status: int) -> str:
    return {403: "Forbidden", 404: "Not Found", 500: "Internal Server Error", 503: "Service Unavailable"}.get(
        status, "Error"
    )


def curl(shell: Shell, argv: list[str], stdin: str) -> int:
    takes_value = {
        "-o",
        "-w",
        "-H",
        "-X",
        "-d",
        "-m",
        "--max-time",
        "--connect-timeout",
        "--retry",
        "-u",
        "-A",
    }
    words, url, at = argv[1:], "", 0
    values: dict[str, str] = {}
    while at < len(words):
        if words[at] in takes_value:
            values[words[at]] = words[at + 1] if at + 1 < len(words) else ""
            at += 2
            continue
        if not words[at].startswith("-"):
            url = words[at]
        at += 1
    host, port, path = _url(url)
    shell.request(url)
    reply = shell.machine.world.fetch(host, port, path)
    flags = "".join(each[1:] for each in words if each.startswith("-") and not each.startswith("--"))
    is_silent = "s" in flags and "S" not in flags
    if reply.error:
        code, text = {
            "unresolved": (6, f"Could not resolve host: {host}"),
            "refused": (
                7,
                f"Failed to connect to {host} port {port} after 0 ms: Could not connect to server",
            ),
        }.get(
            reply.error, (28, f"Failed to connect to {host} port {port} after 5000 ms: Timeout was reached")
        )
        if not is_silent:
            shell.error(f"curl: ({code}) {text}")
        return code
    if "f" in flags and reply.status >= 400:
        if not is_silent:
            shell.error(f"curl: (22) The requested URL returned error: {reply.status}")
        return 22
    if "-o" not in values:
        head = f"HTTP/1.1 {reply.status} {'OK' if reply.status < 400 else _reason(reply.status)}\n"
        shell.out(head if "I" in flags else reply.body)
    if "-w" in values:
        shell.out(escaped(values["-w"]).replace("%{http_code}", str(reply.status)))
    return 0


NO_SERVER = ";; connection timed out; no servers could be reached\n\n"


def nslookup(shell: Shell, argv: list[str], stdin: str) -> int:
    names = [each for each in argv[1:] if not each.startswith("-")]
    name = names[0] if names else ""
    full, addresses = shell.machine.world.resolve(name)
    if not full:
        shell.out(NO_SERVER)
        return 1
    shell.out("Server:\t\t172.20.0.10\nAddress:\t172.20.0.10:53\n\n")
    if not addresses:
        shell.out(f"** server can't find {full}: NXDOMAIN\n\n")
        return 1
    for address in addresses:
        shell.out(f"Name:\t{full}\nAddress: {address}\n")
    shell.out("\n")
    return 0


def host(shell: Shell, argv: list[str], stdin: str) -> int:
    name = next((each for each in argv[1:] if not each.startswith("-")), "")
    full, addresses = shell.machine.world.resolve(name)
    if name and not full:
        shell.out(NO_SERVER)
        return 1
    for address in addresses:
        shell.out(f"{full} has address {address}\n")
    if not addresses:
        shell.out(f"Host {name} not found: 3(NXDOMAIN)\n")
    return 0 if addresses else 1


def dig(shell: Shell, argv: list[str], stdin: str) -> int:
    """`dig NAME` asks for the name as it stands: without `+search` the search domains of resolv.conf do not count."""
    words = [each for each in argv[1:] if not each.startswith(("-", "+", "@"))]
    name = words[0] if words else "."
    addresses = shell.machine.world.resolve(name)[1] if "." in name.rstrip(".") or "+search" in argv else ()
    name = name.rstrip(".") + "."
    if "+short" in argv:
        shell.out("".join(f"{address}\n" for address in addresses))
        return 0
    status = "NOERROR" if addresses else "NXDOMAIN"
    shell.out(f"\n; <<>> DiG 9.18 <<>> {' '.join(argv[1:])}\n;; global options: +cmd\n;; Got answer:\n")
    shell.out(f";; ->>HEADER<<- opcode: QUERY, status: {status}, id: 4711\n")
    shell.out(f";; flags: qr aa rd; QUERY: 1, ANSWER: {len(addresses)}, AUTHORITY: 0, ADDITIONAL: 1\n\n")
    shell.out(f";; QUESTION SECTION:\n;{name}\t\tIN\tA\n\n")
    if addresses:
        shell.out(";; ANSWER SECTION:\n")
        shell.out("".join(f"{name}\t5\tIN\tA\t{address}\n" for address in addresses) + "\n")
    shell.out(";; Query time: 0 msec\n;; SERVER: 172.20.0.10#53(172.20.0.10) (UDP)\n")
    return 0


AWS_VERSION = "aws-cli/2.31.0 Python/3.13.7 Linux/6.12.40 exe/x86_64.amzn.2023"
AWS_USAGE = (
    "\nusage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\n"
    "To see help text, you can run:\n\n  aws help\n  aws <command> help\n  aws <command> <subcommand> help\n\n"
    "aws: error: the following arguments are required: command\n"
)


def aws(shell: Shell, argv: list[str], stdin: str) -> int:
    """The AWS command line: the cloud around the cluster answers, with the credentials found in here."""
    if "--version" in argv:
        shell.out(AWS_VERSION + "\n")
        return 0
    if len(argv) < 2:
        shell.error(AWS_USAGE)
        return 252
    machine = shell.machine
    environment = {**machine.environment, **shell.variables}
    code, out, error = machine.world.aws(argv[1:], environment, shell.file)
    shell.out(out)
    if error:
        shell.error(error)
    return code


def getent(shell: Shell, argv: list[str], stdin: str) -> int:
    name = argv[-1]
    full, addresses = shell.machine.world.resolve(name)
    for address in addresses:
        shell.out(f"{address:<16}{full}\n")
    return 0 if addresses else 2


def nc(shell: Shell, argv: list[str], stdin: str) -> int:
    words = [each for each in argv[1:] if not each.startswith("-")]
    if any(each.startswith("-") and "l" in each for each in argv[1:]):
        return forever(shell)
    if len(words) < 2:
        return 1
    host, port = words[-2], number(words[-1])
    if shell.machine.world.connects(host, port):
        if any("v" in each for each in argv[1:] if each.startswith("-")):
            shell.error(f"{host} ({host}:{port}) open")
        return 0
    if not shell.machine.world.resolve(host)[1]:
        shell.error(f"nc: bad address '{host}'")
    else:
        shell.error(f"nc: {host} ({host}:{port}): Connection refused")
    return 1


def ping(shell: Shell, argv: list[str], stdin: str) -> int:
    host = argv[-1]
    addresses = shell.machine.world.resolve(host)[1]
    if not addresses:
        shell.error(f"ping: bad address '{host}'")
        return 1
    shell.out(
        f"PING {host} ({addresses[0]}): 56 data bytes\n64 bytes from {addresses[0]}: seq=0 ttl=255 time=0.4 ms\n"
    )
    return 0
