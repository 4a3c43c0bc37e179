"""`aws s3 ls|cp|rm|mb|rb`, as far as a container needs them: objects come from and go to standard streams.

Source: https://docs.aws.amazon.com/cli/latest/reference/s3/ (2026-11-23).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from eks_lab.aws.errors import AwsError

if TYPE_CHECKING:
    from eks_lab.aws.command import Session

COMMANDS = ("ls", "cp", "mv", "rm", "sync", "mb", "rb", "presign", "website")
_SIMULATED = ("ls", "cp", "rm", "mb", "rb")
_UNITS = ("Bytes", "KiB", "MiB", "GiB", "TiB")


def run_s3(session: Session, words: Sequence[str]) -> str:
    """Run what follows `aws s3`; return standard output.

    Args:
        session: of the command line.
        words: after `s3`.

    Raises:
        CommandError: with exit code and standard error.
    """
    from eks_lab.aws.command import FAILED, CommandError, usage

    if not words:
        raise usage("the following arguments are required: subcommand")
    if words[0] not in COMMANDS:
        raise usage(f"argument subcommand: Found invalid choice '{words[0]}'")
    if words[0] not in _SIMULATED:
        raise CommandError(
            FAILED,
            f"\neks-lab: `aws s3 {words[0]}` is not simulated inside containers; `aws s3 {' | '.join(_SIMULATED)}` are.\n",
        )
    flags = {word for word in words[1:] if word.startswith("--")}
    paths = [word for word in words[1:] if not word.startswith("--")]
    unknown = flags - {
        "--recursive",
        "--human-readable",
        "--summarize",
        "--force",
        "--quiet",
        "--only-show-errors",
    }
    if unknown:
        raise usage(f"Unknown options: {', '.join(sorted(unknown))}")
    run = {"ls": _ls, "cp": _cp, "rm": _rm, "mb": _mb, "rb": _rb}[words[0]]
    return run(session, paths, flags)


def _split(path: str) -> tuple[str, str]:
    """Return bucket and key of `s3://bucket/key`, or of the same without a scheme."""
    bucket, _, key = path.removeprefix("s3://").partition("/")
    return bucket, key


def _needs(paths: Sequence[str], count: int) -> None:
    from eks_lab.aws.command import usage

    if len(paths) != count:
        raise usage("the following arguments are required: paths")


def _failed(text: str) -> Exception:
    from eks_lab.aws.command import CommandError

    return CommandError(1, f"{text}\n")


def _size(number: int, *, is_human: bool) -> str:
    if not is_human:
        return str(number)
    value, unit = float(number), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{number} Bytes" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def _ls(session: Session, paths: Sequence[str], flags: set[str]) -> str:
    bucket, prefix = _split(paths[0]) if paths else ("", "")
    if not bucket:
        found = session.call("s3", "ListBuckets", {})
        lines = [
            f"{each['CreationDate']:%Y-%m-%d %H:%M:%S} {each['Name']}" for each in found.get("Buckets") or ()
        ]
        return "".join(f"{line}\n" for line in lines)
    is_recursive = "--recursive" in flags
    is_human = "--human-readable" in flags
    params: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
    if not is_recursive:
        params["Delimiter"] = "/"
    lines, count, total = [], 0, 0
    while True:
        found = session.call("s3", "ListObjectsV2", params)
        for each in found.get("CommonPrefixes") or ():
            lines.append(f"{'PRE':>30} {_last(each['Prefix'])}/")
        for each in found.get("Contents") or ():
            count, total = count + 1, total + each["Size"]
            name = each["Key"] if is_recursive else each["Key"].rsplit("/", 1)[-1]
            size = _size(each["Size"], is_human=is_human)
            lines.append(f"{each['LastModified']:%Y-%m-%d %H:%M:%S} {size:>10} {name}")
        if not found.get("IsTruncated"):
            break
        params["ContinuationToken"] = found["NextContinuationToken"]
    if "--summarize" in flags:
        lines += ["", f"Total Objects: {count}", f"   Total Size: {_size(total, is_human=is_human)}"]
    elif not lines and prefix:
        # Nothing under a prefix is an exit code of 1 without a word.
        from eks_lab.aws.command import CommandError

        raise CommandError(1, "")
    return "".join(f"{line}\n" for line in lines)


def _last(prefix: str) -> str:
    return prefix.rstrip("/").rsplit("/", 1)[-1]


def _cp(session: Session, paths: Sequence[str], flags: set[str]) -> str:
    from eks_lab.aws.command import CommandError, refused, usage

    _needs(paths, 2)
    source, target = paths
    if source.startswith("s3://") and target.startswith("s3://"):
        return _copied(session, source, target)
    if source.startswith("s3://") and target == "-":
        bucket, key = _split(source)
        for operation in ("HeadObject", "GetObject"):
            try:
                found = session.try_call("s3", operation, {"Bucket": bucket, "Key": key})
            except AwsError as error:
                raise _failed(f"download failed: {source} to - {refused(operation, error)}") from error
        return str(found["Body"].read().decode(errors="replace"))
    if source == "-" and target.startswith("s3://"):
        bucket, key = _split(target)
        try:
            session.try_call("s3", "PutObject", {"Bucket": bucket, "Key": key, "Body": session.input})
        except AwsError as error:
            raise _failed(f"upload failed: - to {target} {refused('PutObject', error)}") from error
        return ""
    if not source.startswith("s3://") and not target.startswith("s3://"):
        raise usage("Error: Invalid argument type")
    if source.startswith("s3://"):
        raise CommandError(
            255,
            "\neks-lab: containers have no files of their own; write to standard output: `aws s3 cp s3://… -`.\n",
        )
    raise CommandError(255, f"\nThe user-provided path {source} does not exist.\n")


def _copied(session: Session, source: str, target: str) -> str:
    from eks_lab.aws.command import refused

    (bucket, key), (to_bucket, to_key) = _split(source), _split(target)
    if not to_key or to_key.endswith("/"):
        to_key += key.rsplit("/", 1)[-1]
    params = {"Bucket": to_bucket, "Key": to_key, "CopySource": f"{bucket}/{key}"}
    try:
        session.try_call("s3", "CopyObject", params)
    except AwsError as error:
        raise _failed(
            f"copy failed: {source} to s3://{to_bucket}/{to_key} {refused('CopyObject', error)}"
        ) from error
    return f"copy: {source} to s3://{to_bucket}/{to_key}\n"


def _rm(session: Session, paths: Sequence[str], flags: set[str]) -> str:
    from eks_lab.aws.command import refused

    _needs(paths, 1)
    bucket, key = _split(paths[0])
    keys = [key]
    if "--recursive" in flags:
        found = session.call("s3", "ListObjectsV2", {"Bucket": bucket, "Prefix": key})
        keys = [each["Key"] for each in found.get("Contents") or ()]
    lines = []
    for each in keys:
        try:
            session.try_call("s3", "DeleteObject", {"Bucket": bucket, "Key": each})
        except AwsError as error:
            raise _failed(f"delete failed: s3://{bucket}/{each} {refused('DeleteObject', error)}") from error
        lines.append(f"delete: s3://{bucket}/{each}\n")
    return "".join(lines)


def _mb(session: Session, paths: Sequence[str], flags: set[str]) -> str:
    from eks_lab.aws.command import refused

    _needs(paths, 1)
    bucket, _ = _split(paths[0])
    params: dict[str, Any] = {"Bucket": bucket}
    if session.region not in ("", "us-east-1"):
        params["CreateBucketConfiguration"] = {"LocationConstraint": session.region}
    try:
        session.try_call("s3", "CreateBucket", params)
    except AwsError as error:
        raise _failed(f"make_bucket failed: {paths[0]} {refused('CreateBucket', error)}") from error
    return f"make_bucket: {bucket}\n"


def _rb(session: Session, paths: Sequence[str], flags: set[str]) -> str:
    from eks_lab.aws.command import refused

    _needs(paths, 1)
    bucket, _ = _split(paths[0])
    lines = _rm(session, [f"s3://{bucket}/"], {"--recursive"}) if "--force" in flags else ""
    try:
        session.try_call("s3", "DeleteBucket", {"Bucket": bucket})
    except AwsError as error:
        raise _failed(f"remove_bucket failed: {paths[0]} {refused('DeleteBucket', error)}") from error
    return f"{lines}remove_bucket: {bucket}\n"
