"""What a broken or hostile client sends, and the answer it gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim.api.go_json import syntax_problem
from eks_lab.sim.apiserver.app import ApiServer
from eks_lab.sim.apiserver.bodies import parse_yaml
from eks_lab.sim.objects import ApiError
from tests.sim.small_cluster import Client, config_map, small_api

MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
def client() -> Client:
    return Client(ApiServer(small_api()))


async def test_a_body_over_three_megabytes(client: Client) -> None:
    answer = await client.ask("POST", MAPS, config_map("a", k="x" * (3 * 1024 * 1024)))
    assert (answer.status, answer.json["message"]) == (413, "Request entity too large: limit is 3145728")
    claimed = await client.ask("POST", MAPS, b"{}", {"content-length": "99999999"})
    assert claimed.status == 413


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (1_600_000, "etcdserver: request is too large"),
        (2_200_000, "rpc error: code = ResourceExhausted desc = trying to send message larger than max ("),
    ],
)
async def test_an_object_that_etcd_would_not_take(client: Client, size: int, text: str) -> None:
    """Nothing of it is stored, and a dry run may be as large as it likes."""
    large = config_map("a", k="x" * size)
    answer = await client.ask("POST", MAPS, large)
    assert (answer.status, answer.json.get("reason")) == (500, None)
    assert answer.json["message"].startswith(text)
    assert (await client.ask("POST", f"{MAPS}?dryRun=All", large)).status == 201
    assert (await client.ask("GET", f"{MAPS}/a")).status == 404
    assert (await client.ask("POST", MAPS, config_map("a"))).status == 201
    assert (await client.ask("PUT", f"{MAPS}/a", large)).status == 500
    patch = {"content-type": "application/merge-patch+json"}
    assert (await client.ask("PATCH", f"{MAPS}/a", {"data": large["data"]}, patch)).status == 500
    assert (await client.ask("GET", f"{MAPS}/a")).json.get("data") is None


@pytest.mark.parametrize(
    "kind", ["application/vnd.kubernetes.protobuf", "application/json", "application/yaml"]
)
@pytest.mark.parametrize(
    "body", [b"k8s\x00\xff\xff\xff\xff\x0f", b"k8s\x00", b"\xff\xfe\x00{", b"k8s\x00\n\x05\n\x02v1", b"\x00"]
)
async def test_bytes_of_no_kind_are_a_bad_request(client: Client, kind: str, body: bytes) -> None:
    answer = await client.ask("POST", MAPS, body, {"content-type": kind})
    assert 400 <= answer.status < 500, answer.body
    assert answer.json["kind"] == "Status"
    assert (await client.ask("GET", MAPS)).json["items"] == []


@given(st.binary(max_size=300))
async def test_any_protobuf_is_survived(body: bytes) -> None:
    client = Client(ApiServer(small_api()))
    answer = await client.ask(
        "POST", MAPS, b"k8s\x00" + body, {"content-type": "application/vnd.kubernetes.protobuf"}
    )
    assert answer.status < 500


async def test_a_client_that_vanishes_in_the_middle_of_a_watch_leaves_nothing(client: Client) -> None:
    """Whether it hangs up or its socket breaks while something is sent."""
    hub = client.app.watches
    polite = await client.watch(f"{MAPS}?watch=1&resourceVersion=0&allowWatchBookmarks=true")
    assert polite.status == 200
    await polite.close()
    rude = await client.watch(
        f"{MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    )

    async def broken(message: object) -> None:
        raise ConnectionResetError

    rude.send = broken  # type: ignore[method-assign]
    await rude.close()
    for number in range(20):
        assert (await client.ask("POST", MAPS, config_map(f"m{number}"))).status == 201
    assert hub.count == 0
    late = await client.watch(f"{MAPS}?watch=1&resourceVersion=0")
    assert len(await late.events(20)) == 20
    await late.close()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"apiVersion: v1\nkind: ConfigMap\nmetadata: x\n", "json parse error: invalid character 'a' looking for beginning of value (61706956657273696f6e3a2076310a6b696e643a20436f6e6669674d6170 ...)"),
        (b"{", "unexpected end of JSON input"),
        (b"[]", "json: cannot unmarshal array into Go value"),
        (b'{"metadata":{"name":"\xff"}}', "couldn't get version/kind"),
        (b"", "unexpected end of JSON input"),
        (b"[" * 100_000, "json parse error: exceeded max depth"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "exceeded max depth"),
    ],
)  # fmt: skip
async def test_bodies_that_are_no_objects(client: Client, body: bytes, text: str) -> None:
    answer = await client.ask("POST", MAPS, body, {"content-type": "application/json"})
    assert answer.status == 400
    assert text in answer.json["message"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b'{"a":1 "b":2}', "invalid character '\"' after object key:value pair"),
        (b"{a:1}", "invalid character 'a' looking for beginning of object key string"),
        (b"[1 2]", "invalid character '2' after array element"),
        (b"{} x", "invalid character 'x' after top-level value"),
        (b"nul", "unexpected end of JSON input"),
        (b"trux", "invalid character 'x' in literal true (expecting 'e')"),
        (b'"\\x"', "invalid character 'x' in string escape code"),
        (b"-", "unexpected end of JSON input"),
        (b"1.", "unexpected end of JSON input"),
    ],
)
def test_syntax_is_complained_of_as_go_does(body: bytes, problem: str) -> None:
    assert syntax_problem(body) == problem


@given(st.binary(max_size=40))
def test_any_bytes_have_a_complaint(body: bytes) -> None:
    assert syntax_problem(body)


async def test_media_types_nobody_reads(client: Client) -> None:
    answer = await client.ask("POST", MAPS, b"<a/>", {"content-type": "text/xml"})
    assert answer.status == 415
    assert answer.json["message"].startswith(
        "the body of the request was in an unknown format - accepted media types include: application/json, "
    )
    patch = await client.ask("PATCH", f"{MAPS}/a", b"{}", {"content-type": "application/json"})
    assert patch.status == 415


def test_yaml_that_grows_is_refused() -> None:
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for one, other in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{other}: &{other} [" + ",".join([f"*{one}"] * 9) + "]")
    with pytest.raises(ApiError, match="yaml: document contains excessive aliasing"):
        parse_yaml("\n".join(lines).encode(), [])
    with pytest.raises(ApiError, match="error parsing YAML"):
        parse_yaml(b"a: [", [])
    with pytest.raises(ApiError, match="error parsing YAML"):
        parse_yaml(b"\xff\xfe", [])
    repeated: list[str] = []
    assert parse_yaml(b"a: {b: 1, b: 2}\nwhen: 2026-01-01\nyes: n", repeated) == {
        "a": {"b": 2},
        "when": "2026-01-01",
        "true": False,
    }
    assert repeated == ['duplicate field "a.b"']


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/v1/namespaces/default/unicorns", 404),
        ("GET", "/apis/apps/v9/deployments", 404),
        ("GET", "/api/v1/namespaces/default/../../../etc/passwd", 404),
        ("GET", "/api/v1/namespaces/default/configmaps/..%2f..%2fetc", 404),
        ("GET", "/livez/ghost", 404),
        ("POST", "/api/v1/namespaces/default/configmaps/a", 405),
        ("PUT", "/api/v1/namespaces/default/configmaps", 405),
        ("POST", "/version", 405),
        ("DELETE", "/apis", 405),
        ("BREW", "/api/v1/namespaces/default/configmaps", 405),
    ],
)
async def test_paths_and_methods_that_are_not_there(
    client: Client, method: str, path: str, status: int
) -> None:
    assert (await client.ask(method, path)).status == status


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("resourceVersion=abc", 'invalid resource version: resourceVersion: Invalid value: "abc"'),
        (
            "fieldSelector=x%3Dy",
            '"x" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        ("fieldSelector=xy", "invalid selector: 'xy'; can't understand 'xy'"),
        ("labelSelector=a%20b%20c", "unable to parse requirement"),
        ("continue=zzz", "continue key is not valid"),
        ("watch=1&resourceVersionMatch=Exact", "resourceVersionMatch is forbidden for watch"),
    ],
)
async def test_parameters_that_make_no_sense(client: Client, query: str, text: str) -> None:
    answer = await client.ask("GET", f"{MAPS}?{query}")
    assert answer.status in (400, 422)
    assert text in answer.json["message"]


async def test_a_defect_of_ours_is_an_internal_error(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(client.app.api, "page", broken)
    answer = await client.ask("GET", MAPS)
    assert (answer.status, answer.json["reason"]) == (500, "InternalError")


async def test_identities_in_body_and_url_must_agree(client: Client) -> None:
    await client.ask("POST", MAPS, config_map("a"))
    for body, text in (
        (config_map("b"), "the name of the object (b) does not match the name on the URL (a)"),
        (
            {"metadata": {"name": "a", "namespace": "other"}},
            "the namespace of the object (other) does not match",
        ),
        ({"metadata": {}}, "name must be provided"),
        (
            {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "a"}},
            "cannot be handled as a ConfigMap",
        ),
        (
            {"kind": "ConfigMap", "apiVersion": "v2", "metadata": {"name": "a"}},
            "does not match the expected API version",
        ),
    ):
        answer = await client.ask("PUT", f"{MAPS}/a", body)
        assert answer.status == 400
        assert text in answer.json["message"]
