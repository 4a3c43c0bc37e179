"""The variables with which terraform finds the sandbox, and nothing else.

The AWS provider, since 5.x as in 6.x, takes its endpoint from AWS_ENDPOINT_URL, and so does Terraform's own S3 code
(Terraform AWS provider, "Custom Service Endpoint Configuration"; AWS SDKs guide, "Service-specific endpoints"). With an
address of numbers in it, the SDK's rules choose S3's path style by themselves. The checks that a provider makes of a real
account (credentials, account id, region) are answered by the sandbox, so no `skip_…` setting is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from eks_lab.errors import InputError

NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there (port 9, discard): a request for another machine ends here. Go never asks it for loopback."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_DIRECT = ",".join(_LOOPBACK)
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_UNSET = ("TF_DATA_DIR", "TF_REATTACH_PROVIDERS")
_UNSET_BEGINNINGS = ("TF_TOKEN_", "TF_CLOUD_")


def is_here(url: str) -> bool:
    """Return whether a URL is on this machine."""
    return urlsplit(url).hostname in _LOOPBACK


def surroundings(
    inherited: Mapping[str, str],
    sandbox: Mapping[str, str],
    *,
    folder: Path,
    plugin_cache: Path,
    may_fetch: bool,
) -> dict[str, str]:
    """Return all variables of a run.

    Args:
        inherited: of the learner's shell.
        sandbox: of the backend; an empty value means: to be unset.
        folder: where it runs.
        plugin_cache: for providers, unless the learner has a place for them.
        may_fetch: whether it may talk to registries, through the learner's own proxy.

    Raises:
        InputError: the sandbox's endpoint is not on this machine.
    """
    endpoint = sandbox.get("AWS_ENDPOINT_URL", "")
    if not is_here(endpoint):
        raise InputError(
            "this sandbox is a real AWS account, and eks-lab terraform only works on simulated ones",
            hint="Run terraform itself there, with a state of your own and your own eyes on the plan.",
        )
    found = {name: value for name, value in inherited.items() if sandbox.get(name, value)}
    found |= {name: value for name, value in sandbox.items() if value}
    for name in list(found):
        if name in _UNSET or name.startswith(_UNSET_BEGINNINGS):
            del found[name]
    found |= {"CHECKPOINT_DISABLE": "1", "PWD": str(folder)}
    found.setdefault("TF_PLUGIN_CACHE_DIR", str(plugin_cache))
    if not may_fetch:
        for name in _PROXIES:
            found[name] = found[name.lower()] = NOWHERE
        found["NO_PROXY"] = found["no_proxy"] = _DIRECT
    return found
