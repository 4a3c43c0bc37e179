"""Who asks for a certificate is written down by the server, whatever the request claims."""

from __future__ import annotations

from base64 import b64encode

from eks_lab.sim.objects import User
from tests.sim.admission.full_api import admitting_api

REQUESTS = "certificatesigningrequests.certificates.k8s.io"
_PEM = b64encode(b"-----BEGIN CERTIFICATE REQUEST-----\n").decode()


def test_the_requester_is_who_asks() -> None:
    api = admitting_api()
    asker = User("jane", ("ops", "system:authenticated"), extra={"session": ("a",)})
    spec = {
        "request": _PEM,
        "signerName": "example.org/s",
        "usages": ["client auth"],
        "username": "root",
        "uid": "0",
    }
    made = api.create(REQUESTS, {"metadata": {"name": "c"}, "spec": spec}, user=asker)
    assert made["spec"]["username"] == "jane"
    assert made["spec"]["groups"] == ["ops", "system:authenticated"]
    assert made["spec"]["extra"] == {"session": ["a"]}
    assert "uid" not in made["spec"]


def test_a_request_never_changes() -> None:
    api = admitting_api()
    spec = {"request": _PEM, "signerName": "example.org/s", "usages": ["client auth"]}
    made = api.create(REQUESTS, {"metadata": {"name": "c"}, "spec": spec}, user=User("jane"))
    changed = {**made, "spec": {**made["spec"], "username": "root"}}
    assert api.update(REQUESTS, changed, user=User("eve"))["spec"] == made["spec"]
