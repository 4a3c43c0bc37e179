"""The aws CLI, version 2, as processes inside the simulation run it: any operation, by botocore's models.

Exit codes: 0, 252 for usage, 253 without credentials or region, 254 when the service refuses, 255 for the rest.
Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html (2026-11-23).
"""

from __future__ import annotations

import http
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from eks_lab.aws import command_rules, tokens
from eks_lab.aws.command_arguments import ArgumentError, options_of, value_of
from eks_lab.aws.command_output import FORMATS, plain, render
from eks_lab.aws.errors import AwsError
from eks_lab.aws.gateway.authentication import UNSIGNED, anonymous
from eks_lab.aws.gateway.destination import service_model
from eks_lab.aws.iam.engine import Iam
from eks_lab.aws.moto_loading import regions_of
from eks_lab.aws.principal import Principal
from eks_lab.clock import Clock

VERSION = "aws-cli/2.32.3 Python/3.13.9 Linux/6.12.53 exe/x86_64.amzn.2023"
OK, USAGE, CONFIGURATION, REFUSED, FAILED = 0, 252, 253, 254, 255
MOST_PAGES = 1000
_GLOBAL_VALUES = {
    *("--region", "--output", "--query", "--profile", "--endpoint-url", "--color", "--ca-bundle"),
    *("--cli-read-timeout", "--cli-connect-timeout", "--cli-binary-format", "--cli-input-json"),
    *("--max-items", "--page-size", "--starting-token", "--cli-error-format"),
}
_GLOBAL_FLAGS = {
    *(
        "--debug",
        "--no-verify-ssl",
        "--no-paginate",
        "--no-sign-request",
        "--no-cli-pager",
        "--no-cli-auto-prompt",
    ),
}
_SERVICES = {"s3api": "s3", "configservice": "config", "deploy": "codedeploy"}
_WITHOUT_REGION = {"s3", "iam", "route53", "cloudfront"}
_HELP = (
    "\nusage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\n"
    "To see help text, you can run:\n\n  aws help\n  aws <command> help\n  aws <command> <subcommand> help\n"
)


class Owner(Protocol):
    """The account, as far as a command line goes."""

    id: str
    iam: Iam

    @property
    def wall(self) -> Clock:
        """Return real time."""
        ...

    def call(
        self, service: str, operation: str, params: dict[str, Any], *, principal: Principal, region: str = ""
    ) -> dict[str, Any]:
        """Make a call."""
        ...


class CommandError(Exception):
    """A command line ends with a code and a text on standard error."""

    def __init__(self, code: int, text: str) -> None:
        """End.

        Args:
            code: exit code.
            text: standard error, whole.
        """
        super().__init__(text)
        self.code = code
        self.text = text


def usage(problem: str) -> CommandError:
    """Return how the CLI refuses a command line that it cannot read."""
    return CommandError(USAGE, f"{_HELP}\naws: [ERROR]: {problem}\n")


@dataclass
class Session:
    """What one command line runs with."""

    account: Owner
    principal: Principal | None
    region: str = ""
    form: str = "json"
    query: Any = None
    options: dict[str, str] = field(default_factory=dict)
    """Global options with a value."""
    flags: set[str] = field(default_factory=set)
    input: bytes = b""

    def call(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Make a call as the command's principal.

        Raises:
            CommandError: there are no credentials or no region, or the service refuses.
        """
        try:
            return self.try_call(service, operation, params)
        except AwsError as error:
            raise CommandError(REFUSED, f"\n{refused(operation, error)}\n") from error

    def try_call(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Make a call as the command's principal.

        Raises:
            CommandError: there are no credentials or no region.
            AwsError: the service refuses.
        """
        principal = self.principal
        if "--no-sign-request" in self.flags or (service, operation) in UNSIGNED:
            principal = anonymous(self.account.id)
        if principal is None:
            raise CommandError(
                CONFIGURATION,
                '\nUnable to locate credentials. You can configure credentials by running "aws configure".\n',
            )
        found = self.account.call(
            service, operation, params, principal=principal, region=self._region(service)
        )
        if service == "iam":
            # IAM sends documents URL-encoded; every SDK decodes them, and so the CLI prints JSON.
            from botocore.handlers import json_decode_policies

            json_decode_policies(found, service_model(service).operation_model(operation))
        return found

    def _region(self, service: str) -> str:
        region = self.region
        if not region:
            if service not in _WITHOUT_REGION:
                raise CommandError(
                    CONFIGURATION,
                    '\nYou must specify a region. You can also configure your region by running "aws configure".\n',
                )
            return "us-east-1"
        if region not in regions_of("ec2"):
            prefix = service_model(service).metadata["endpointPrefix"]
            url = f"https://{prefix}.{region}.amazonaws.com/"
            raise CommandError(FAILED, f'\nCould not connect to the endpoint URL: "{url}"\n')
        return region


def refused(operation: str, error: AwsError) -> str:
    """Return the line that the CLI prints of a refusal."""
    code, message = error.code, error.message
    if operation.startswith("Head"):
        # An answer to HEAD has no body: only the status is left.
        code, message = str(error.status), http.HTTPStatus(error.status).phrase
    return f"An error occurred ({code}) when calling the {operation} operation: {message}"


def run_aws(
    account: Owner,
    principal: Principal | None,
    argv: Sequence[str],
    environment: Mapping[str, str],
    *,
    stdin: bytes = b"",
) -> tuple[int, str, str]:
    """Run a command line.

    Args:
        account: where calls go.
        principal: whose credentials the process finds; None when it finds none.
        argv: after the word `aws`.
        environment: AWS_REGION, AWS_DEFAULT_REGION and AWS_DEFAULT_OUTPUT are looked at.
        stdin: what `s3 cp -` reads.

    Returns:
        Exit code, standard output, standard error.
    """
    session = Session(account, principal, input=stdin)
    try:
        words = _global_options(session, list(argv), environment)
        return OK, _run(session, words), ""
    except CommandError as error:
        return error.code, "", error.text


def _global_options(session: Session, argv: list[str], environment: Mapping[str, str]) -> list[str]:
    """Take the options that every command has; return the rest."""
    rest: list[str] = []
    at = 0
    while at < len(argv):
        name, equals, value = argv[at].partition("=")
        if name in _GLOBAL_VALUES:
            if not equals:
                at += 1
                if at >= len(argv):
                    raise usage(f"argument {name}: expected one argument")
                value = argv[at]
            session.options[name] = value
        elif argv[at] in _GLOBAL_FLAGS:
            session.flags.add(argv[at])
        else:
            rest.append(argv[at])
        at += 1
    given = session.options
    session.region = (
        given.get("--region") or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION", "")
    )
    session.form = given.get("--output") or environment.get("AWS_DEFAULT_OUTPUT") or "json"
    if session.form not in FORMATS:
        choices = " | ".join(FORMATS)
        raise usage(
            f"argument --output: Found invalid choice '{session.form}'\n\nInvalid choice, valid choices are: {choices}"
        )
    if "--profile" in given and given["--profile"] != "default":
        raise CommandError(FAILED, f"\nThe config profile ({given['--profile']}) could not be found\n")
    for name in ("--max-items", "--page-size"):
        if name in given and not (given[name].isdecimal() and len(given[name]) < 10):
            raise usage(f"argument {name}: invalid int value: '{given[name]}'")
    if "--query" in given:
        session.query = _expression(given["--query"])
    return rest


def _expression(text: str) -> Any:
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.compile(text)
    except JMESPathError as error:
        raise CommandError(USAGE, f"\naws: [ERROR]: Bad value for --query {text}: {error}\n") from error


def _run(session: Session, words: list[str]) -> str:
    if words == ["--version"]:
        return f"{VERSION}\n"
    if not words:
        raise usage("the following arguments are required: command")
    if words[-1] == "help":
        return _HELP.lstrip("\n")
    command, rest = words[0], words[1:]
    if command.startswith("-"):
        raise usage("the following arguments are required: command")
    if command == "s3":
        from eks_lab.aws.command_s3 import run_s3

        return run_s3(session, rest)
    service = _SERVICES.get(command, command)
    model = _model(service, command)
    if not rest or rest[0].startswith("-"):
        raise usage("the following arguments are required: operation")
    if (service, rest[0]) == ("eks", "get-token"):
        return _get_token(session, rest[1:])
    if rest[0] == "wait":
        raise CommandError(
            FAILED,
            "\neks-lab: `aws … wait` is not simulated inside containers; ask again after some time instead.\n",
        )
    operation = _operation(model, rest[0])
    params = _parameters(session, service, operation, rest[1:])
    found = _paged(session, service, operation, params)
    return _shown(session, found, operation.name)


def _shown(session: Session, found: Any, title: str) -> str:
    shown = plain(found)
    if session.query is not None:
        shown = session.query.search(shown)
    return render(shown, session.form, title)


def _model(service: str, command: str) -> Any:
    from botocore.exceptions import UnknownServiceError

    try:
        return service_model(service)
    except UnknownServiceError:
        raise usage(
            f"argument command: Found invalid choice '{command}'\n\n"
            "Run `aws help` to see the commands there are."
        ) from None


def _operation(model: Any, word: str) -> Any:
    from botocore import xform_name

    for name in model.operation_names:
        if xform_name(name, "-") == word:
            return model.operation_model(name)
    from difflib import get_close_matches

    names = [xform_name(name, "-") for name in model.operation_names]
    close = get_close_matches(word, names, n=3)
    hint = "\n\nMaybe you meant:\n\n" + "\n".join(f"  * {name}" for name in close) if close else ""
    raise usage(f"argument operation: Found invalid choice '{word}'{hint}")


def _parameters(session: Session, service: str, operation: Any, words: Sequence[str]) -> dict[str, Any]:
    options = options_of(service, operation)
    params: dict[str, Any] = {}
    if "--cli-input-json" in session.options:
        try:
            params.update(json.loads(session.options["--cli-input-json"]))
        except ValueError as error:
            raise usage(
                f"Error parsing parameter 'cli-input-json': Invalid JSON: {error}\n"
                f"JSON received: {session.options['--cli-input-json']}"
            ) from None
    unknown: list[str] = []
    short: dict[str, list[str]] = {}
    for name, values in _grouped(words):
        if name in command_rules.OPTIONS and service == "ec2" and operation.name in command_rules.OPERATIONS:
            short[name] = values
            continue
        option = name.removeprefix("--")
        negated = option.removeprefix("no-") if option.startswith("no-") and option not in options else ""
        if negated in options and options[negated][1].type_name == "boolean":
            params[options[negated][0]] = False
        elif option not in options:
            unknown += [name, *values]
        elif options[option][1].type_name == "boolean" and not values:
            params[options[option][0]] = True
        else:
            member, shape = options[option]
            try:
                params[member] = value_of(name, shape, values)
            except ArgumentError as error:
                raise CommandError(USAGE, f"\naws: [ERROR]: {error}\n") from error
    if unknown:
        raise usage(f"Unknown options: {', '.join(unknown)}")
    if short:
        try:
            params["IpPermissions"] = command_rules.ip_permissions(short)
        except ArgumentError as error:
            raise usage(str(error)) from error
    required = operation.input_shape.required_members if operation.input_shape else ()
    members = {member: option for option, (member, _) in options.items()}
    missing = [f"--{members[member]}" for member in required if member not in params]
    if missing:
        raise usage(f"the following arguments are required: {', '.join(missing)}")
    return params


def _grouped(words: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Return options with the words that follow each."""
    found: list[tuple[str, list[str]]] = []
    for word in words:
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            found.append((name, [value] if equals else []))
        elif found:
            found[-1][1].append(word)
        else:
            raise usage(f"Unknown options: {word}")
    return found


def _paged(session: Session, service: str, operation: Any, params: dict[str, Any]) -> dict[str, Any]:
    """Return the result of an operation, all pages of it together."""
    found = session.call(service, operation.name, params)
    paging = _paging(service).get(operation.name)
    if paging is None or "--no-paginate" in session.flags:
        return found
    import jmespath

    outputs = _listed(paging["output_token"])
    inputs = _listed(paging["input_token"])
    keys = [key for key in _listed(paging.get("result_key", [])) if "." not in key and "[" not in key]
    last = found
    for _ in range(MOST_PAGES):
        more = paging.get("more_results")
        tokens_found = [jmespath.search(each, last) for each in outputs]
        if (more and not jmespath.search(more, last)) or not any(tokens_found):
            break
        following = {
            **params,
            **{name: token for name, token in zip(inputs, tokens_found, strict=False) if token},
        }
        last = session.call(service, operation.name, following)
        for key in keys:
            if isinstance(last.get(key), list):
                found[key] = [*(found.get(key) or []), *last[key]]
    for key in outputs:
        found.pop(key, None)
    limit = session.options.get("--max-items")
    if limit is not None and keys and isinstance(found.get(keys[0]), list):
        found[keys[0]] = found[keys[0]][: int(limit)]
    return found


def _paging(service: str) -> Mapping[str, Any]:
    from botocore.exceptions import UnknownServiceError
    from moto.core.utils import get_pagination_model

    try:
        return get_pagination_model(service)
    except UnknownServiceError:
        return {}


def _listed(found: Any) -> list[str]:
    return list(found) if isinstance(found, list) else [str(found)]


def _get_token(session: Session, words: Sequence[str]) -> str:
    given = {name: values[0] if values else "" for name, values in _grouped(words)}
    cluster = given.get("--cluster-name") or given.get("--cluster-id")
    if not cluster:
        raise usage("Either parameter --cluster-name or --cluster-id must be specified.")
    if session.principal is None:
        session.try_call("sts", "GetCallerIdentity", {})
    assert session.principal is not None
    credentials = session.account.iam.session(session.principal, timedelta(hours=1), by_wall=True)
    now = session.account.wall.now()
    token = tokens.make(credentials, cluster, session.region or "us-east-1", now)
    end = (now + tokens.LIFETIME - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    document = {
        "kind": "ExecCredential",
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "spec": {},
        "status": {"expirationTimestamp": end, "token": token},
    }
    return _shown(session, document, "get-token")
