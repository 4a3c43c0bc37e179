"""aws-auth to access entries: every form of line, and everything that cannot be carried over."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.errors import InputError
from eks_lab.generate.aws_auth import Entry, convert
from eks_lab.generate.choices import read_choices
from eks_lab.generate.manifests.access_entries_from_aws_auth import GENERATOR

ROLE = "arn:aws:iam::111122223333:role/"
USER = "arn:aws:iam::111122223333:user/"


def aws_auth(roles: object = None, users: object = None, accounts: object = None) -> str:
    """Return a ConfigMap as kubectl prints it: each part is YAML inside a text."""
    parts = {"mapRoles": roles, "mapUsers": users, "mapAccounts": accounts}
    data = {key: yaml.safe_dump(value) for key, value in parts.items() if value is not None}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "aws-auth", "namespace": "kube-system"},
            "data": data,
        }
    )


def role(name: str, username: str = "", *groups: str) -> dict[str, object]:
    """Return one line of mapRoles."""
    return {"rolearn": ROLE + name, "username": username, "groups": list(groups)}


def only(document: str) -> Entry:
    """Return the one entry that comes out."""
    (entry,) = convert(document).entries
    return entry


@pytest.mark.parametrize(
    ("username", "groups", "type_"),
    [
        ("system:node:{{EC2PrivateDNSName}}", ("system:bootstrappers", "system:nodes"), "EC2_LINUX"),
        ("system:node:{{ EC2PrivateDNSName }}", ("system:bootstrappers", "system:nodes"), "EC2_LINUX"),
        (
            "system:node:{{EC2PrivateDNSName}}",
            ("system:bootstrappers", "system:nodes", "eks:kube-proxy-windows"),
            "EC2_WINDOWS",
        ),
        (
            "system:node:{{SessionName}}",
            ("system:bootstrappers", "system:nodes", "system:node-proxier"),
            "FARGATE_LINUX",
        ),
        ("system:node:{{SessionName}}", ("system:bootstrappers", "system:nodes"), "HYBRID_LINUX"),
    ],
)
def test_roles_of_nodes(username: str, groups: tuple[str, ...], type_: str) -> None:
    entry = only(aws_auth([role("node", username, *groups)]))
    assert entry == Entry(ROLE + "node", type_)  # type: ignore[arg-type]


def test_an_administrator_gets_a_policy_instead_of_a_group() -> None:
    entry = only(aws_auth([role("admin", "admin", "system:masters", "platform")]))
    assert (entry.type, entry.username, entry.groups, entry.is_admin) == (
        "STANDARD",
        "admin",
        ("platform",),
        True,
    )


def test_groups_that_eks_refuses_are_left_out_and_said() -> None:
    entry = only(aws_auth([role("ci", "ci", "system:authenticated", "deployers", "eks:x")]))
    assert entry.groups == ("deployers",)
    assert "system:authenticated, eks:x" in entry.remarks[0]


@pytest.mark.parametrize(
    ("username", "kept", "reason"),
    [
        ("oncall:{{SessionName}}", "oncall:{{SessionName}}", ""),
        ("oncall:{{SessionNameRaw}}", "oncall:{{SessionNameRaw}}", ""),
        ("oncall-{{SessionName}}", "", "needs a colon"),
        ("a:{{EC2PrivateDNSName}}", "", "may not hold {{EC2PrivateDNSName}}"),
        ("a:{{AccountID}}:b", "", "may not hold {{AccountID}}"),
        ("system:serviceaccount:a:b", "", "may not start with system:"),
        ("with space", "", "characters"),
        ("", "", ""),
    ],
)
def test_user_names(username: str, kept: str, reason: str) -> None:
    entry = only(aws_auth([role("ci", username, "deployers")]))
    assert entry.username == kept
    assert [reason in remark for remark in entry.remarks] == ([True] if reason else [])


def test_a_user() -> None:
    entry = only(
        aws_auth(users=[{"userarn": USER + "team/build", "username": "build", "groups": ["deployers"]}])
    )
    assert (entry.principal_arn, entry.username, entry.groups) == (
        USER + "team/build",
        "build",
        ("deployers",),
    )
    assert "long-lived keys" in entry.remarks[0]
    with_template = only(aws_auth(users=[{"userarn": USER + "b", "username": "b:{{SessionName}}"}]))
    assert with_template.username == ""


@pytest.mark.parametrize(
    ("arn", "reason"),
    [
        ("arn:aws:iam::111122223333:root", "root user"),
        ("arn:aws:sts::111122223333:assumed-role/ci/session", "role/ci"),
        ("arn:aws:iam::111122223333:group/admins", "only roles and users"),
        ("arn:aws:iam::111122223333:instance-profile/node", "only roles and users"),
        ("arn:aws:iam::111122223333:user/build", "is a user under rolearn"),
        (
            "arn:aws:iam::111122223333:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS",
            "service-linked",
        ),
        ("AIDA1234", "not the ARN"),
        ("arn:aws:iam::1111:role/a", "not the ARN"),
        ("", "nobody is meant"),
        (None, "nobody is meant"),
    ],
)
def test_who_cannot_have_an_entry(arn: str | None, reason: str) -> None:
    conversion = convert(aws_auth([{"rolearn": arn, "username": "a", "groups": []}]))
    assert not conversion.entries
    assert reason in conversion.left_out[0]
    assert conversion.left_out[0].startswith("mapRoles[0]")


def test_paths() -> None:
    """aws-auth never matched a path; Identity Center's roles need theirs back."""
    with_path = only(aws_auth([role("team/ci", "ci")]))
    assert "had no effect" in with_path.remarks[0]
    sso = only(aws_auth([role("AWSReservedSSO_Admin_0123456789abcdef", "admin")]))
    assert "aws iam get-role --role-name AWSReservedSSO_Admin_0123456789abcdef" in sso.remarks[0]


def test_the_later_line_counts() -> None:
    conversion = convert(aws_auth([role("ci", "old", "a"), role("other", "x", "b"), role("ci", "new", "c")]))
    assert [(entry.principal_arn, entry.username) for entry in conversion.entries] == [
        (ROLE + "other", "x"),
        (ROLE + "ci", "new"),
    ]
    assert "twice" in conversion.left_out[0]


def test_accounts_and_unknown_parts() -> None:
    conversion = convert(aws_auth([role("a", "a")], accounts=["111122223333", 11122223333]) + "")
    assert [text.split(" ")[2] for text in conversion.left_out] == ["111122223333", "011122223333"]
    document = yaml.safe_load(aws_auth([role("a", "a")]))
    document["data"]["mapGroups"] = "[]"
    assert "mapGroups" in convert(json.dumps(document)).left_out[0]


@pytest.mark.parametrize("wrap", ["json", "list", "data", "plain"])
def test_forms_of_the_document(wrap: str) -> None:
    document = yaml.safe_load(aws_auth([role("a", "a", "b")]))
    other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "coredns"}}
    text = {
        "json": json.dumps(document),
        "list": json.dumps({"kind": "List", "items": [other, document]}),
        "data": yaml.safe_dump(document["data"]),
        "plain": yaml.safe_dump({"mapRoles": [role("a", "a", "b")]}),
    }[wrap]
    assert only(text).groups == ("b",)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "neither a ConfigMap nor its data"),
        ("just words", "neither a ConfigMap"),
        ("[1, 2]", "neither a ConfigMap"),
        ("a: [", "not YAML"),
        ("kind: Secret\nmetadata: {name: aws-auth}", "this is Secret aws-auth"),
        ("kind: ConfigMap\nmetadata: {name: other}", "this is ConfigMap other"),
        ("kind: List\nitems: []", "holds 0 ConfigMaps"),
        ("a: 1\n---\nb: 2", "2 documents"),
        ("mapRoles: text", "mapRoles is not a list"),
        ("mapRoles: [text]", "mapRoles[0] is not an object"),
        ("mapRoles: '- a: ['", "mapRoles: line 1 is not YAML"),
        (f"mapRoles: [{{rolearn: '{ROLE}a', groups: {{a: b}}}}]", "groups is not a list"),
        ("a: &x [1]\nb: [*x, *x]", "aliases"),
        ("[" * 5000, "not YAML"),
        ("x" * 1_600_000, "more than a ConfigMap can hold"),
    ],
)
def test_what_is_no_aws_auth(document: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        convert(document)
    assert message in refused.value.message


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda part: (
            st.lists(part, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "mapRoles",
                        "mapUsers",
                        "mapAccounts",
                        "rolearn",
                        "userarn",
                        "groups",
                        "username",
                        "kind",
                        "data",
                        "items",
                    ]
                ),
                part,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_document_is_read_or_refused(value: object) -> None:
    try:
        convert(yaml.safe_dump(value))
    except InputError as refused:
        assert refused.message  # noqa: PT017 - either outcome will do, nothing else


def rendered(document: str, **choices: object) -> str:
    """Return the text of the one file."""
    (file,) = GENERATOR.render(read_choices(GENERATOR, "", {"aws_auth": document, **choices})).files
    return file.text


def test_commands() -> None:
    text = rendered(
        aws_auth(
            [
                role("node", "system:node:{{EC2PrivateDNSName}}", "system:bootstrappers", "system:nodes"),
                role("admin", "admin", "system:masters"),
                role("oncall", "oncall:{{SessionName}}", "payments-oncall", "viewers"),
            ]
        ),
        include_nodes=True,
        cluster="shop",
    )
    assert "--type EC2_LINUX" in text
    assert "--kubernetes-groups payments-oncall viewers" in text
    assert "--username 'oncall:{{SessionName}}'" in text
    assert "cluster-access-policy/AmazonEKSClusterAdminPolicy" in text
    assert text.count("create-access-entry") == 3
    assert text.count("--cluster-name shop") == 5
    assert "system:masters" not in text
    assert text.index("update-cluster-config") < text.index("create-access-entry")


def test_nodes_are_left_to_eks_unless_they_are_wanted() -> None:
    document = aws_auth(
        [
            role("node", "system:node:{{EC2PrivateDNSName}}", "system:bootstrappers", "system:nodes"),
            role("a", "a", "b"),
        ]
    )
    assert "EC2_LINUX" not in rendered(document)
    bundle = GENERATOR.render(read_choices(GENERATOR, "", {"aws_auth": document}))
    assert any("roles of nodes: node" in note for note in bundle.notes)


def test_a_script_never_runs_what_stands_in_a_name() -> None:
    text = rendered(aws_auth([role("a", "a", "x; rm -rf ~", "ok\nrm -rf ~", "$(reboot)")]))
    commands = [line for line in text.splitlines() if not line.startswith("#")]
    assert not any("rm -rf" in line or "reboot" in line for line in commands)


def test_nobody_to_carry_over() -> None:
    with pytest.raises(InputError, match="names nobody"):
        rendered(aws_auth([]))


def test_labels_of_terraform_are_unique() -> None:
    text = rendered(aws_auth([role("a.b", "x"), role("a-b", "y"), role("1", "z")]), form="terraform")
    assert 'resource "aws_eks_access_entry" "a_b"' in text
    assert 'resource "aws_eks_access_entry" "a_b_2"' in text
    assert 'resource "aws_eks_access_entry" "principal_1"' in text
