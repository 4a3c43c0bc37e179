"""`eks-lab generate`: Terraform and manifests from choices, explained line by line, saved with a backup."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eks_lab.errors import InputError
from eks_lab.locations import expanded

if TYPE_CHECKING:
    from eks_lab.generate.model import Bundle, Generator

_STANDARD_INPUT = "-"
_SET = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="One choice; repeat it for more. The text of a file is given by the file's name, or - for standard input.",
)
_PRESET = click.option("--preset", default="", metavar="NAME", help="Start from a named set of choices.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")

Action = Callable[..., None]


class GeneratorGroup(click.Group):
    """A group with one command for each generator of the registry, made when it is called."""

    def __init__(
        self, action: Action, options: Sequence[click.Parameter], *, with_terraform: bool, **about: Any
    ) -> None:
        """Make the group.

        Args:
            action: takes the generator and the values of the options.
            options: of every command.
            with_terraform: whether the whole configuration is among the names.
            **about: name and help for click.
        """
        super().__init__(**about)
        self.action = action
        self.options = tuple(options)
        self.with_terraform = with_terraform

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the generators."""
        from eks_lab.generate import registry

        return list(registry.names() if self.with_terraform else registry.manifest_names())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a generator; InputError when there is none."""
        from eks_lab.generate import registry

        if not self.with_terraform and cmd_name == registry.TERRAFORM:
            raise InputError(
                "terraform makes a folder of files, not one text.",
                hint="eks-lab generate terraform --out DIR",
            )
        return generator_command(registry.get(cmd_name), self.action, self.options)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List names and titles."""
        from eks_lab.generate import registry

        with formatter.section("Generators"):
            formatter.write_dl([(name, registry.get(name).title) for name in self.list_commands(ctx)])


class GeneratorCommand(click.Command):
    """A command whose help lists the choices of a generator as they are, line by line."""

    choices_text = ""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the choices with their units, bounds and defaults."""
        formatter.write("\n" + self.choices_text + "\n")


def generator_command(
    generator: Generator, action: Action, options: Sequence[click.Parameter]
) -> click.Command:
    """Return a command for one generator.

    Args:
        generator: which one.
        action: takes the generator and the values of the options.
        options: of the command.
    """
    from eks_lab.cli.generate_text import generator_help

    def act(**given: object) -> None:
        action(generator, **given)

    made = GeneratorCommand(
        name=generator.name, callback=act, params=list(options), short_help=generator.title
    )
    made.choices_text = generator_help(generator)
    return made


def read_pairs(generator: Generator, settings: Sequence[str]) -> dict[str, object]:
    """Return `name=value` pairs by name, with the text of files in place of their names.

    Args:
        generator: knows which choices are texts of files.
        settings: as typed after `--set`.

    Raises:
        InputError: no `=`, a choice given twice, or a file that cannot be read.
    """
    from eks_lab.tui.documents import read_document, read_stream

    documents = {field.name for field in generator.inputs if field.kind == "document"}
    pairs: dict[str, object] = {}
    for setting in settings:
        typed, sign, value = setting.partition("=")
        name = typed.strip().lower().replace("-", "_")
        if not sign or not name:
            raise InputError(f"--set {setting!r} is not NAME=VALUE", hint="For example --set replicas=3.")
        if name in pairs:
            raise InputError(f"{name} is set twice", hint="Set it once.")
        if name in documents and value.strip():
            if value == _STANDARD_INPUT:
                pairs[name] = read_stream(name, "standard input", sys.stdin.buffer)
            else:
                pairs[name] = read_document(name, value)
        else:
            pairs[name] = value
    return pairs


def make(generator: Generator, preset: str, pairs: Mapping[str, object]) -> Bundle:
    """Return what a generator makes of typed choices.

    Raises:
        InputError: choices that cannot be used, or not together.
    """
    from eks_lab.clock import SystemClock
    from eks_lab.generate.choices import read_choices

    given = dict(pairs)
    if any(field.name == "today" and field.optional for field in generator.inputs):
        given.setdefault("today", SystemClock().now().date().isoformat())
    return generator.render(read_choices(generator, preset, given))


def _say_notes(bundle: Bundle) -> None:
    from eks_lab.cli.generate_text import notes

    for line in notes(bundle):
        click.echo(line, err=True)


def _print_json(document: dict[str, Any]) -> None:
    import json

    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def targets(bundle: Bundle, out: str) -> list[tuple[Path, str]]:
    """Return which file gets which text.

    Args:
        bundle: what a generator answered.
        out: a file, or a folder (one that exists, or a name that ends in `/`) that gets every file.

    Raises:
        InputError: several files of different kinds cannot share one file.
    """
    from eks_lab.generate.output import joined

    place = expanded(out)
    if out.endswith("/") or place.is_dir():
        return [(place / file.name, file.text) for file in bundle.files]
    whole = joined(bundle.files)
    if whole is None:
        names = ", ".join(file.name for file in bundle.files)
        raise InputError(
            f"--out {out} is one file, and {bundle.generator} makes {len(bundle.files)}: {names}.",
            hint=f"Name a folder: --out {out}/",
        )
    return [(place, whole.text)]


def _write(files: Sequence[tuple[Path, str]]) -> None:
    from eks_lab.generate.output import write_files

    for written in write_files(files):
        click.echo(str(written), err=True)


def _manifest(generator: Generator, preset: str, settings: Sequence[str], out: str, *, as_json: bool) -> None:
    bundle = make(generator, preset, read_pairs(generator, settings))
    if out:
        _write(targets(bundle, out))
    if as_json:
        from eks_lab.cli.generate_text import bundle_json

        _print_json(bundle_json(bundle))
        return
    if not out:
        from eks_lab.generate.output import joined

        whole = joined(bundle.files)
        if whole is not None:
            click.echo(whole.text, nl=False)
        else:
            click.echo("\n".join(f"# ==> {file.name}\n{file.text}" for file in bundle.files), nl=False)
    _say_notes(bundle)


def _explain(generator: Generator, preset: str, settings: Sequence[str], *, as_json: bool) -> None:
    from eks_lab.cli.generate_text import bundle_json, explained

    bundle = make(generator, preset, read_pairs(generator, settings))
    if as_json:
        _print_json(bundle_json(bundle))
        return
    click.echo("\n".join(explained(bundle)))


def _diff(generator: Generator, preset: str, settings: Sequence[str], out: str) -> None:
    from eks_lab.cli.calc_text import paragraph
    from eks_lab.cli.generate_diff import difference

    bundle = make(generator, preset, read_pairs(generator, settings))
    original = generator.original
    if original is None:
        click.echo("The guide has no version of its own.")
    else:
        click.echo("\n".join(paragraph(f"Against the guide ({original.place}):")))
        for change in original.changes:
            click.echo("\n".join(paragraph(change, "- ", "  ")))
    if not out:
        return
    lines = [line for path, text in targets(bundle, out) for line in difference(path, text)]
    click.echo(f"\nAgainst {out}:")
    click.echo("\n".join(lines) if lines else "no difference")
    click.get_current_context().exit(1 if lines else 0)


def _vpc_plan_choices(file_name: str) -> dict[str, object]:
    """Return the choices that a saved answer of the calculator vpc-plan decides.

    Raises:
        InputError: the file cannot be read, or is no such answer.
    """
    import json

    from eks_lab.generate.terraform.vpc_plan import choices_from_vpc_plan
    from eks_lab.tui.documents import read_document, read_stream

    if file_name == _STANDARD_INPUT:
        text = read_stream("--vpc-plan", "standard input", sys.stdin.buffer)
    else:
        text = read_document("--vpc-plan", file_name)
    hint = "Make it with: eks-lab calc vpc-plan … --json > plan.json"
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"--vpc-plan: {file_name} is not JSON: {error}", hint=hint) from None
    if not isinstance(answer, dict):
        raise InputError(f"--vpc-plan: {file_name} holds no answer", hint=hint)
    return choices_from_vpc_plan(answer)


def _terraform(generator: Generator, preset: str, settings: Sequence[str], vpc_plan: str, out: str) -> None:
    planned = _vpc_plan_choices(vpc_plan) if vpc_plan else {}
    bundle = make(generator, preset, {**planned, **read_pairs(generator, settings)})
    folder = expanded(out)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {out} is a file, and a folder is wanted.", hint="Name a folder.")
    _write([(folder / file.name, file.text) for file in bundle.files])
    _say_notes(bundle)


class GenerateGroup(click.Group):
    """The commands, with that of the whole configuration made when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, sorted."""
        return sorted([*super().list_commands(ctx), "terraform"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command, or None."""
        if cmd_name != "terraform":
            return super().get_command(ctx, cmd_name)
        from eks_lab.generate import registry

        return generator_command(registry.get(registry.TERRAFORM), _terraform, _TERRAFORM_OPTIONS)


@click.group(name="generate", cls=GenerateGroup, help="Write Terraform and manifests from choices.")
def command() -> None:
    """Hold the commands."""


@command.command("list")
@_JSON
def list_generators(as_json: bool) -> None:
    """List the generators."""
    from eks_lab.cli.calc_text import paragraph
    from eks_lab.cli.generate_text import generator_json
    from eks_lab.generate import registry

    generators = [registry.get(name) for name in registry.names()]
    if as_json:
        _print_json({"generators": [generator_json(generator) for generator in generators]})
        return
    width = max((len(generator.name) for generator in generators), default=0) + 2
    for generator in generators:
        click.echo("\n".join(paragraph(generator.summary, f"{generator.name:<{width}}", " " * width)))
    click.echo("\nChoices of one: eks-lab generate manifest NAME --help, eks-lab generate terraform --help")


def _options(*decorators: Callable[[Action], Action]) -> tuple[click.Parameter, ...]:
    """Return the parameters that option decorators add, for commands that are made later."""

    def holder() -> None:
        """Hold the parameters."""

    for decorator in reversed(decorators):
        decorator(holder)
    return tuple(reversed(holder.__click_params__))  # type: ignore[attr-defined]


_TERRAFORM_OPTIONS = _options(
    _PRESET,
    _SET,
    click.option(
        "--vpc-plan",
        default="",
        metavar="FILE",
        help="Take the networks from an answer of eks-lab calc vpc-plan … --json; - for standard input.",
    ),
    click.option(
        "--out",
        required=True,
        metavar="DIR",
        help="Folder for the files, made when it is missing. What is there is kept as NAME.bak.",
    ),
)
_OUT_HELP = "Write it there instead of printing it: a file, or a folder (with / at the end). What is there is kept as NAME.bak."
command.add_command(
    GeneratorGroup(
        _manifest,
        _options(_PRESET, _SET, click.option("--out", default="", metavar="FILE", help=_OUT_HELP), _JSON),
        with_terraform=False,
        name="manifest",
        help="Print or save a manifest, a policy, values or commands.",
    )
)
command.add_command(
    GeneratorGroup(
        _explain,
        _options(_PRESET, _SET, _JSON),
        with_terraform=True,
        name="explain",
        help="Print every line with the reason why it is there.",
    )
)
command.add_command(
    GeneratorGroup(
        _diff,
        _options(
            _PRESET,
            _SET,
            click.option(
                "--out",
                default="",
                metavar="FILE",
                help="Compare with this file or folder; exit code 1 if different.",
            ),
        ),
        with_terraform=True,
        name="diff",
        help="Say what is different from the guide, and from a file of yours.",
    )
)
