"""Who asks: tokens in simulated time, static tokens, anonymous callers, impersonation, the issuer's pages."""

from __future__ import annotations

import ssl
from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import jwt
import orjson
import pytest

from eks_lab.errors import InputError
from eks_lab.ids import Ids
from eks_lab.sim.apiserver.audit import AuditLog
from eks_lab.sim.apiserver.authentication import StaticTokens
from eks_lab.sim.apiserver.certificates import Authority, Pair, server_context
from eks_lab.sim.apiserver.tls_protocol import user_of
from eks_lab.sim.apiserver.tokens import ISSUER, TokenAuthority
from eks_lab.sim.objects import Key, User
from tests.sim.apiserver.secure_server import REAL, START, Secured, authority
from tests.sim.small_cluster import Answered, Client

WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
TOKEN = "/api/v1/namespaces/default/serviceaccounts/default/token"
ADMIN = {"authorization": "Bearer admin"}


@pytest.fixture
def secured() -> Secured:
    return Secured(bearers=(StaticTokens({"admin": User("admin", ("system:masters",))}),))


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def who(client: Client, headers: dict[str, str]) -> Answered:
    return await client.ask("POST", WHO, {}, headers)


async def issued(client: Client, **spec: object) -> str:
    answered = await client.ask("POST", TOKEN, {"spec": spec}, ADMIN)
    assert answered.status == 201, answered.json
    token: str = answered.json["status"]["token"]
    return token


async def test_a_token_names_its_account_until_it_expires(secured: Secured) -> None:
    client = Client(secured.app)
    token = await issued(client, expirationSeconds=600)
    user = (await who(client, bearer(token))).json["status"]["userInfo"]
    assert user["username"] == "system:serviceaccount:default:default"
    assert user["groups"] == [
        "system:serviceaccounts",
        "system:serviceaccounts:default",
        "system:authenticated",
    ]
    assert user["uid"] == secured.api.read("serviceaccounts", Key("default", "default"))["metadata"]["uid"]
    assert user["extra"]["authentication.kubernetes.io/credential-id"][0].startswith("JTI=")
    secured.api.clock.advance(timedelta(seconds=599))
    assert (await who(client, bearer(token))).status == 201
    secured.api.clock.advance(timedelta(seconds=1))
    assert (await who(client, bearer(token))).status == 401


async def test_a_token_ends_with_its_account_and_its_pod(secured: Secured) -> None:
    client = Client(secured.app)
    spec = {"containers": [{"name": "c", "image": "nginx"}]}
    pod = secured.api.create("pods", {"metadata": {"name": "web", "namespace": "default"}, "spec": spec})
    bound = await issued(client, boundObjectRef={"kind": "Pod", "apiVersion": "v1", "name": "web"})
    extra = (await who(client, bearer(bound))).json["status"]["userInfo"]["extra"]
    assert extra["authentication.kubernetes.io/pod-uid"] == [pod["metadata"]["uid"]]
    secured.api.delete("pods", Key("default", "web"), grace_seconds=0)
    assert (await who(client, bearer(bound))).status == 401
    plain = await issued(client)
    secured.api.delete("serviceaccounts", Key("default", "default"))
    assert (await who(client, bearer(plain))).status == 401


async def test_a_token_for_others_is_none_for_the_server(secured: Secured) -> None:
    client = Client(secured.app)
    token = await issued(client, audiences=["sts.amazonaws.com"])
    assert (await who(client, bearer(token))).status == 401
    review = {"spec": {"token": token, "audiences": ["sts.amazonaws.com"]}}
    path = "/apis/authentication.k8s.io/v1/tokenreviews"
    status = (await client.ask("POST", path, review, ADMIN)).json["status"]
    assert (status["authenticated"], status["audiences"]) == (True, ["sts.amazonaws.com"])
    status = (await client.ask("POST", path, {"spec": {"token": "other"}}, ADMIN)).json["status"]
    assert "authenticated" not in status
    assert status["error"]


@pytest.mark.parametrize(
    ("spec", "code", "text"),
    [
        ({"expirationSeconds": 10}, 422, "may not specify a duration less than 10 minutes"),
        ({"boundObjectRef": {"kind": "Pod", "name": "ghost"}}, 404, 'pods "ghost" not found'),
        ({"boundObjectRef": {"kind": "Service", "name": "x"}}, 400, "cannot bind token"),
    ],
)
async def test_requests_for_tokens_are_judged(secured: Secured, spec: object, code: int, text: str) -> None:
    answered = await Client(secured.app).ask("POST", TOKEN, {"spec": spec}, ADMIN)
    assert answered.status == code
    assert text in answered.json["message"]


async def test_long_tokens_are_shortened_to_a_day(secured: Secured) -> None:
    answered = await Client(secured.app).ask("POST", TOKEN, {"spec": {"expirationSeconds": 172_800}}, ADMIN)
    assert answered.json["spec"]["expirationSeconds"] == 86_400
    assert answered.warnings == ["requested expiration of 172800 seconds shortened to 86400 seconds"]


async def test_nobody_reaches_health_only(secured: Secured) -> None:
    client = Client(secured.app)
    assert (await client.ask("GET", "/livez")).status == 200
    for path in ("/version", "/api", "/api/v1/pods", "/livezoo"):
        refused = await client.ask("GET", path)
        assert refused.status == 401
        assert refused.json["message"] == "Unauthorized"
    assert (await client.ask("GET", "/livez", headers=bearer("wrong"))).status == 401
    assert (await client.ask("GET", "/livez", headers={"authorization": "Basic eDp5"})).status == 401


async def test_the_issuer_publishes_keys_that_verify_its_tokens(secured: Secured) -> None:
    client = Client(secured.app)
    token = await issued(client)
    document = (await client.ask("GET", "/.well-known/openid-configuration", headers=ADMIN)).json
    assert document["issuer"] == ISSUER
    keys = await client.ask("GET", "/openid/v1/jwks", headers=ADMIN)
    assert keys.header("content-type") == "application/jwk-set+json"
    key = jwt.PyJWK(keys.json["keys"][0])
    assert key.key_id == jwt.get_unverified_header(token)["kid"]
    claims = jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        audience="https://kubernetes.default.svc",
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )
    assert claims["sub"] == "system:serviceaccount:default:default"
    assert claims["iat"] == int(START.timestamp())


async def test_impersonation_needs_the_right(secured: Secured) -> None:
    client = Client(secured.app)
    token = await issued(client)
    refused = await who(client, {**bearer(token), "impersonate-user": "jane"})
    assert refused.status == 403
    assert refused.json["message"] == (
        'users "jane" is forbidden: User "system:serviceaccount:default:default" cannot impersonate resource '
        '"users" in API group "" at the cluster scope'
    )
    alone = await who(client, {**ADMIN, "impersonate-group": "dev"})
    assert alone.status == 500
    assert "without impersonating a user" in alone.json["message"]


def test_certificates_name_users() -> None:
    subject = ((("organizationName", "a"),), (("organizationName", "b"),), (("commonName", "ann"),))
    assert user_of({"subject": subject}) == User("ann", ("a", "b"))
    assert user_of({"subject": ()}) is None


def test_tls_trusts_its_own_authority_only(tmp_path: Path) -> None:
    authority().pair.write(tmp_path / "ca.pem", tmp_path / "ca.key")
    authority().server(REAL).write(tmp_path / "s.pem", tmp_path / "s.key")
    assert (tmp_path / "s.key").stat().st_mode & 0o777 == 0o600
    assert (
        server_context(tmp_path / "ca.pem", tmp_path / "s.pem", tmp_path / "s.key").verify_mode
        is ssl.CERT_OPTIONAL
    )
    with pytest.raises(InputError, match="certificate authority cannot be read"):
        Authority(Pair(b"x", b"y"))
    with pytest.raises(InputError, match="service-account tokens cannot be read"):
        TokenAuthority(Secured().api, b64encode(b"x"))


async def test_the_audit_log_tells_who_did_what() -> None:
    lines: list[bytes] = []
    log = AuditLog(lines.append, Secured().api.clock, Ids(1))
    secured = Secured(observer=log, bearers=(StaticTokens({"admin": User("admin", ("system:masters",))}),))
    client = Client(secured.app)
    await client.ask("GET", "/livez")
    await client.ask("GET", "/api/v1/namespaces/default/pods/ghost?pretty=1", headers=ADMIN)
    await client.ask("GET", "/api/v1/pods")
    first, second = (orjson.loads(line) for line in lines)
    assert first["requestURI"] == "/api/v1/namespaces/default/pods/ghost?pretty=1"
    assert first["user"] == {"username": "admin", "groups": ["system:masters", "system:authenticated"]}
    assert first["objectRef"] == {
        "resource": "pods",
        "namespace": "default",
        "name": "ghost",
        "apiVersion": "v1",
    }
    assert (first["verb"], first["responseStatus"]["code"], first["level"]) == ("get", 404, "Metadata")
    assert (second["user"], second["responseStatus"]["code"]) == ({}, 401)
