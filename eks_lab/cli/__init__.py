"""The command line: one command a file, each imported only when it is called.

`run` is the edge where every error becomes one message and an exit code.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from eks_lab import __version__
from eks_lab.errors import EksLabError

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


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code.

    Args:
        arguments: what was typed after `eks-lab`.
    """
    try:
        outcome = root.main(args=list(arguments), prog_name="eks-lab", standalone_mode=False)
    except EksLabError as error:
        return _say(error)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        # The reader of a pipe (head, less) has had enough: not an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the edge: a learner gets a message, the log the traceback
        return _say_defect(error)
    return outcome if isinstance(outcome, int) else 0


def _say(error: EksLabError) -> int:
    click.echo(f"eks-lab: {error.message}", err=True)
    if error.hint:
        click.echo(error.hint, err=True)
    return error.exit_code


def _say_defect(error: Exception) -> int:
    from eks_lab.logfile import log_exception

    where = log_exception(error)
    kept = f"Details are in {where}." if where else "Details could not be written to the log file."
    click.echo(f"eks-lab: this should not have happened: {type(error).__name__}: {error}", err=True)
    click.echo(f"{kept} Please report it with that file.", err=True)
    return 70
