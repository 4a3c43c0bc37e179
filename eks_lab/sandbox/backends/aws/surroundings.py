"""What stands around a session on this machine: what is missing, the learner's shell, and how it all is told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from eks_lab.sandbox.backends.aws import limits
from eks_lab.sandbox.backends.aws.ledger import Head, Ledger
from eks_lab.sandbox.backends.aws.profile import FILES
from eks_lab.sandbox.backends.interface import Finding
from eks_lab.sandbox.backends.programs import find

_LOOKS = ("AWS_DEFAULT_OUTPUT", "AWS_CLI_", "AWS_PAGER")
"""Variables that only say how the AWS CLI looks; a learner's stay."""


def preflight() -> tuple[Finding, ...]:
    """Return what this machine lacks; only the presence of files and programs is looked at."""
    there = [name for name in FILES if Path(name).expanduser().is_file()]
    files = (
        Finding("profiles", "ok", " and ".join(there))
        if there
        else Finding(
            "profiles",
            "missing",
            f"neither {' nor '.join(FILES)} is there",
            "Make a profile: aws configure --profile NAME",
        )
    )
    kubectl = (
        Finding("kubectl", "ok", find("kubectl"))
        if find("kubectl")
        else Finding("kubectl", "warn", "not installed", "pip install 'eks-lab[tools]'")
    )
    passed_over = sorted(
        name for name in os.environ if name.startswith("AWS_") and not name.startswith(_LOOKS)
    )
    variables = (
        (
            Finding(
                "environment", "warn", f"{', '.join(passed_over)}: not looked at, the profile alone counts"
            ),
        )
        if passed_over
        else ()
    )
    return (files, kubectl, *variables)


def variables(head: Head, kubeconfig: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a shell that works on the session's cluster; an empty value means: to be unset.

    Args:
        head: of the session.
        kubeconfig: of its cluster.
        inherited: variables of the learner's shell.
    """
    found = {
        "KUBECONFIG": str(kubeconfig),
        "AWS_PROFILE": head.profile,
        "AWS_REGION": head.region,
        "AWS_DEFAULT_REGION": head.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        # They win over a profile.
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
        "AWS_SESSION_TOKEN": "",
    }
    others = [name for name in inherited if name.startswith("AWS_") and not name.startswith(_LOOKS)]
    return found | {name: "" for name in others if name not in found}


def rows(kept: Ledger, described: Mapping[str, Any], now: datetime) -> tuple[tuple[str, str], ...]:
    """Return what `sandbox status` prints.

    Args:
        kept: the record.
        described: `cluster` of DescribeCluster; empty when there is none.
        now: wall time.
    """
    head = kept.head
    found = [
        ("account", f"{head.account}, as {head.principal}"),
        ("profile", f"{head.profile}, {head.region}"),
        ("cluster", f"{head.cluster}, {described.get('status', 'not there')}"),
    ]
    if described.get("version"):
        found.append(("Kubernetes", str(described["version"])))
    if described.get("endpoint"):
        found.append(("API server", str(described["endpoint"])))
    if head.mode == "read-only":
        found.append(("mode", "read-only: nothing is changed"))
    if head.mode == "new":
        left = (head.expires - now).total_seconds() / 3600
        found += [
            ("nodes", f"{head.nodes} × {head.instance}"),
            ("session", head.session),
            (
                "time limit",
                f"{head.expires:%Y-%m-%d %H:%M} UTC, " + (f"{left:.1f} h left" if left > 0 else "passed"),
            ),
            (
                "cost",
                f"about ${limits.spent_usd(head, now):.2f} of ${head.budget_usd:.2f}, ${head.usd_per_hour:.2f} an hour",
            ),
            ("made", f"{len(kept.open)} things, on record in {kept.path}"),
        ]
    return tuple(found)


def document(kept: Ledger, described: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the same as JSON values.

    Args:
        kept: the record.
        described: `cluster` of DescribeCluster; empty when there is none.
        now: wall time.
    """
    head = kept.head
    found: dict[str, Any] = {
        "account": head.account,
        "principal": head.principal,
        "profile": head.profile,
        "region": head.region,
        "mode": head.mode,
        "cluster": head.cluster,
        "cluster_status": described.get("status"),
        "server": described.get("endpoint"),
        "session": head.session,
        "ledger": str(kept.path),
        "made": [
            {"step": each.step, "kind": each.kind, "id": each.id, "state": each.state} for each in kept.open
        ],
    }
    if head.mode == "new":
        found |= {
            "started": head.started.isoformat(),
            "expires": head.expires.isoformat(),
            "budget_usd": head.budget_usd,
            "usd_per_hour": head.usd_per_hour,
            "spent_usd": round(limits.spent_usd(head, now), 4),
            "is_overdue": bool(limits.passed(kept, now)),
        }
    return found
