"""The command line: one command a file, each imported only when it is called.

`run` is the edge where every error becomes one message and an exit code.
"""

from __future__ import annotations

import errno
import importlib
import io
import itertools
import os
import sys
from collections.abc import Sequence

import click

from eks_lab import __version__
from eks_lab.errors import DataError, EksLabError, InputError

COMMANDS = {
    "author": "Write and check content.",
    "calc": "Answer one question with its working.",
    "check": "Check Terraform, manifests and IAM policies.",
    "doctor": "Say what this machine has for the course.",
    "exam": "Sit a practice exam, and read its report.",
    "generate": "Write Terraform and manifests from choices.",
    "interview": "Hold a timed interview, and read its scorecard.",
    "lab": "Practise on a live cluster, and be graded.",
    "lesson": "List lessons, or print one as plain text.",
    "progress": "Show, export or import what you have done.",
    "quiz": "Answer questions; list and show them.",
    "readiness": "Say how ready you are for an exam, and what to do today.",
    "review": "Review what you are about to forget; decks in and out.",
    "sandbox": "Run a simulated EKS cluster for kubectl.",
    "settings": "Show or change settings.",
    "terraform": "Run your terraform on the sandbox.",
}
"""Name and help of each command: the listing must not import them."""

_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What writing to a file says when there is no more room or the disk is ill."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names without importing anything."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command, or None."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"eks_lab.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Offer the nearest name when a command does not exist."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"There is no command {args[0]!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="eks-lab")
@click.option("--lesson", "lesson_id", default="", metavar="ID", help="Open the app at this lesson.")
@click.option(
    "--content", default="", metavar="DIR", help="Use the course in this folder (it holds course.yaml)."
)
@click.pass_context
def root(ctx: click.Context, lesson_id: str, content: str) -> None:
    """Learn to run Kubernetes on AWS by doing it.

    Without a command, the course opens in the terminal.
    """
    if ctx.invoked_subcommand is None:
        from eks_lab.cli.app import open_app

        open_app(lesson_id, content)
    elif lesson_id:
        raise click.UsageError("--lesson opens the app, and goes with no command.", ctx)
    elif content:
        # Taken for nothing, a check of somebody's course would silently judge the shipped one.
        raise click.UsageError(
            f"Write --content behind the command: eks-lab {ctx.invoked_subcommand} … --content {content}", ctx
        )


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code.

    Args:
        arguments: what was typed after `eks-lab`.
    """
    _open_streams()
    try:
        exit_code = _answer(arguments)
        sys.stdout.flush()  # here, where it can still be told, and not while the interpreter ends
    except BrokenPipeError:
        # The reader of a pipe (head, less) has had enough: not an error.
        _discard_output()
        return 0
    except KeyboardInterrupt:
        return _say_stopped()
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            return _say_defect(error, arguments)
        _discard_output()
        return _say_unwritten(error)
    return exit_code


def _answer(arguments: Sequence[str]) -> int:
    output = sys.stdout
    try:
        outcome = root.main(args=list(arguments), prog_name="eks-lab", standalone_mode=False)
    except EksLabError as error:
        return _say(error, arguments)
    except click.exceptions.Abort:
        return _say_stopped()
    except click.ClickException as error:
        error.show()
        _say_as_json(error.format_message(), "", error.exit_code, arguments)
        return error.exit_code
    except SystemExit as stop:
        if sys.stdout is not output:  # click's way to end when nobody reads on, with exit code 1
            raise BrokenPipeError from stop
        raise
    except BrokenPipeError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None and error.errno in _DISK_ERRORS:
            raise
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            # Such a name can only have been typed; nobody else asks a file system for it.
            what = f"{str(error.filename)[:60]}… is longer than the name of a file may be."
            return _say(InputError(what, hint="Name another place."), arguments)
        return _say_defect(error, arguments)
    return outcome if isinstance(outcome, int) else 0


def _say(error: EksLabError, arguments: Sequence[str]) -> int:
    click.echo(f"eks-lab: {error.message}", err=True)
    if error.hint:
        click.echo(error.hint, err=True)
    _say_as_json(error.message, error.hint, error.exit_code, arguments)
    return error.exit_code


def _say_as_json(message: str, hint: str, exit_code: int, arguments: Sequence[str]) -> None:
    """Print an error as a document too, where a script asked for one: it has no answer to read otherwise."""
    typed = itertools.takewhile(lambda argument: argument != "--", arguments)
    if "--json" in typed:
        import json

        error = {"message": message, "hint": hint, "exit_code": exit_code}
        click.echo(json.dumps({"error": error}, indent=2, ensure_ascii=False))


def _say_stopped() -> int:
    click.echo("Stopped.", err=True)
    return 130


def _open_streams() -> None:
    """Give a program that was started without input or output (`<&-`) the empty ones; let any letter be printed.

    Python leaves None there, and the next file that is opened would get their number.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115 - open to the end
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        # The name of a file need not be text; said with its bytes as escapes, which JSON reads, it is no defect.
        sys.stdout.reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    """Let the interpreter end without trying, and failing, to print what is left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_unwritten(error: OSError) -> int:
    click.echo(f"eks-lab: the output could not be written: {error.strerror or error}", err=True)
    click.echo("Free some space there, or send it elsewhere.", err=True)
    return DataError.exit_code


def _say_defect(error: Exception, arguments: Sequence[str]) -> int:
    from eks_lab.logfile import log_exception

    where = log_exception(error)
    kept = f"Details are in {where}." if where else "Details could not be written to the log file."
    what = f"this should not have happened: {type(error).__name__}: {error}"
    how = f"{kept} Please report it with that file."
    click.echo(f"eks-lab: {what}\n{how}", err=True)
    _say_as_json(what, how, 70, arguments)
    return 70
