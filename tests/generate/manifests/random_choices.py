"""Random choices for any generator: by the kind of a choice, and for texts by its name."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from eks_lab.calc.model import Input
from eks_lab.generate.model import Generator

SEARCH = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?", fullmatch=True)
LONG_LABEL = st.from_regex(r"[a-z]([a-z0-9-]{40,60}[a-z0-9])", fullmatch=True)
NAME = LABEL | LONG_LABEL | st.sampled_from(["y", "no", "null", "on", "1e3", "0x1f", "true", "123"])
WORD = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,10}[A-Za-z0-9])?", fullmatch=True)
ACCOUNT = st.from_regex(r"[0-9]{12}", fullmatch=True)
REGION = st.sampled_from(["us-east-1", "eu-central-1", "ap-southeast-2", "cn-north-1", "us-gov-west-1"])
ZONES = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
HEX17 = st.from_regex(r"[0-9a-f]{17}", fullmatch=True)
ROLE = st.builds(
    "arn:aws:iam::{}:role/{}".format,
    ACCOUNT,
    st.from_regex(r"([a-z]{1,5}/)?[A-Za-z0-9+=,.@_-]{1,20}", fullmatch=True),
)
NETWORK = st.sampled_from(["10.0.0.0/16", "0.0.0.0/0", "192.0.2.0/24", "2001:db8::/32", "100.64.0.0/10"])
INSTANCES = st.sampled_from(
    ["m5.large", "t3.medium", "m4.large", "c7g.medium", "m7i.24xlarge", "p5.48xlarge"]
)
LABELS = st.dictionaries(
    st.from_regex(r"([a-z]{1,5}\.example\.com/)?[a-z]{1,8}", fullmatch=True), WORD, min_size=1, max_size=3
).map(lambda pairs: ",".join(f"{key}={value}" for key, value in pairs.items()))
TAINTS = st.builds(
    "{}={}:{}".format, LABEL, WORD, st.sampled_from(["NoSchedule", "PreferNoSchedule", "NoExecute"])
)


def listed(part: SearchStrategy[str], least: int = 1, most: int = 3) -> SearchStrategy[str]:
    """Return parts with commas, none twice."""
    return st.lists(part, min_size=least, max_size=most, unique=True).map(",".join)


IDENTIFIER = {kind: HEX17.map(f"{kind}-{{}}".format) for kind in ("subnet", "sg", "fs", "fsap")}
IMAGE = st.sampled_from(
    [
        "nginx",
        "public.ecr.aws/nginx/nginx:1.27",
        "111122223333.dkr.ecr.us-east-1.amazonaws.com/a/b@sha256:" + "0" * 64,
    ]
)
URL = st.sampled_from(
    ["https://example.com", "https://10.0.0.1:6443/a-b/c", "https://kubernetes.default.svc"]
)
REMOTE_WRITE = st.sampled_from(
    ["https://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write"]
)
GIT = st.sampled_from(
    ["https://git.example.com/a/b.git", "git@git.example.com:a/b.git", "ssh://git@example.com/a"]
)
KEY = st.just("arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab")
CERTIFICATE = st.just("arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012")

TEXTS: Mapping[str, SearchStrategy[str]] = {
    "access_point_id": IDENTIFIER["fsap"],
    "account": ACCOUNT,
    "amount": st.integers(0, 9).map(str) | st.integers(0, 100).map("{}%".format),
    "app": LABEL,
    "argocd_namespace": NAME,
    "aws_auth": st.just(
        "mapRoles: '[{rolearn: \"arn:aws:iam::111122223333:role/a\", username: a, groups: [b]}]'"
    ),
    "base_path": st.sampled_from(["/", "/dynamic", "/a/b"]),
    "categories": listed(st.sampled_from(["c", "m", "r", "t", "inf"])),
    "certificate_arn": CERTIFICATE,
    "certificate_authority": st.binary(min_size=1, max_size=30).map(
        lambda data: base64.b64encode(data).decode()
    ),
    "chart_version": st.sampled_from(["79.0.0", "1.10.3"]),
    "cidr": NETWORK,
    "claim": NAME,
    "claim_name": NAME,
    "class_name": NAME,
    "cluster": st.from_regex(r"[0-9A-Za-z][A-Za-z0-9_-]{0,20}", fullmatch=True),
    "cluster_labels": LABELS,
    "deploy_group": st.from_regex(r"[A-Za-z0-9:@./-]{1,20}", fullmatch=True),
    "description": st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=40).map(str.strip),
    "directory_permissions": st.from_regex(r"[0-7]{3,4}", fullmatch=True),
    "drop_pattern": st.sampled_from(["go_.*", "a|b", "(x|y)_total", "#?.*"]).filter(
        lambda text: "#" not in text
    ),
    "endpoint": URL,
    "exclude_namespaces": listed(LABEL),
    "file_system_id": IDENTIFIER["fs"],
    "grafana_secret": NAME,
    "group": NAME,
    "groups": listed(
        st.from_regex(r"[a-z][a-z0-9:-]{0,10}", fullmatch=True).filter(
            lambda group: not group.startswith(("eks:", "aws:", "iam:"))
        )
    ),
    "health_path": st.sampled_from(["/", "/healthz", "/a-b/c.d"]),
    "host": st.sampled_from(["shop.example.com", "*.example.com", "a.b"]),
    "image": IMAGE,
    "image_version": st.sampled_from(["latest", "v20260720", "1.50.0"]),
    "inbound_networks": listed(NETWORK),
    "ingress_class": NAME,
    "kms_key_arn": KEY,
    "labels": LABELS,
    "log_group": st.sampled_from(["/eks/lab/pods", "a.b#c", "_"]),
    "mount_path": st.sampled_from(["/data", "/var/lib/a-b/c.d"]),
    "name": NAME,
    "name_prefix": LABEL,
    "namespace": NAME,
    "namespaces": listed(LABEL),
    "node_class": NAME,
    "oidc_id": st.from_regex(r"[0-9A-F]{32}", fullmatch=True),
    "path": st.sampled_from(["/", "/metrics", "/a-b/c.d"]),
    "peer_app": LABEL,
    "peer_namespace": NAME,
    "port": st.from_regex(r"[a-z]([a-z0-9]{0,12}[a-z0-9])?", fullmatch=True),
    "principal_arn": ROLE | ROLE.map(lambda arn: arn.replace(":role/", ":user/")),
    "project": NAME,
    "ready_path": st.sampled_from(["/", "/healthz"]),
    "region": REGION,
    "release": LABEL,
    "remote_write_url": REMOTE_WRITE,
    "repo_url": GIT,
    "repositories": listed(GIT),
    "requests_metric": st.from_regex(r"[a-z_:][a-z0-9_:]{0,20}", fullmatch=True),
    "restore_name": NAME,
    "revision": st.sampled_from(["main", "HEAD", "v1.2.3", "feature/a-b", "1e3", "0123456"]),
    "role": WORD,
    "role_arn": ROLE,
    "role_name": WORD,
    "runbook": URL,
    "security_groups": listed(IDENTIFIER["sg"]),
    "server": URL,
    "service": LABEL.filter(lambda text: text[0].isalpha()),
    "service_account": NAME,
    "service_cidr": st.sampled_from(["172.20.0.0/16", "fd00::/108"]),
    "source_networks": listed(NETWORK),
    "stages": listed(LABEL),
    "storage_class": NAME,
    "subnets": st.lists(IDENTIFIER["subnet"], min_size=2, max_size=2, unique=True).map(",".join),
    "tags": st.dictionaries(st.sampled_from(["team", "cost-centre", "eks-cluster"]), WORD, max_size=2).map(
        lambda pairs: ",".join(f"{key}={value}" for key, value in pairs.items())
    ),
    "taints": TAINTS,
    "target": NAME,
    "target_namespace": NAME,
    "target_role_arn": ROLE,
    "team": WORD,
    "version": st.sampled_from(["v3.4.0", "v3.5.1"]),
    "zones": st.just(",".join(ZONES[:2])),
}
OWN_TEXTS: Mapping[tuple[str, str], SearchStrategy[str]] = {
    ("argocd-application", "path"): st.sampled_from(["shop/overlays/prod", ".", "a-b/c.d"]),
    ("argocd-applicationset", "path"): st.sampled_from(["shop/overlays", "a-b"]),
    ("argocd-appproject", "namespaces"): st.sampled_from(["shop", "shop,shop-*", "a,b,c-*"]),
    ("pod-security-namespace", "version"): st.sampled_from(["latest", "v1.36"]),
}


def choice_values(generator: Generator, field: Input) -> SearchStrategy[object]:
    """Return values of one choice, also those at its bounds."""
    made: SearchStrategy[object]
    match field.kind:
        case "integer" | "number":
            least, most = int(field.minimum or 0), int(field.maximum or 10**6)
            usual = field.default if isinstance(field.default, int) else least
            # Most forms hold values near the default; far ones refuse each other.
            made = st.just(usual) | st.integers(least, most) | st.integers(least, min(most, least + 20))
        case "flag":
            made = st.booleans()
        case "choice":
            made = st.sampled_from(field.choices)
        case "instance":
            made = INSTANCES
        case _:
            texts = OWN_TEXTS.get((generator.name, field.name), TEXTS.get(field.name, st.nothing()))
            made = st.just(field.default) | texts if isinstance(field.default, str) else texts
    return st.none() | made if field.optional else made


def choices_of(generator: Generator) -> SearchStrategy[dict[str, object]]:
    """Return sets of choices of a generator, as a form would hand them over."""
    return st.fixed_dictionaries({field.name: choice_values(generator, field) for field in generator.inputs})


def some_choices(generator: Generator, how_many: int = 100) -> list[dict[str, object]]:
    """Return the same random sets of choices on every run."""
    found: list[dict[str, object]] = []

    @SEARCH
    @given(choices_of(generator))
    def collect(choices: dict[str, object]) -> None:
        found.append(choices)

    collect()
    return found[:how_many]
