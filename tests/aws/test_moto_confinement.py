"""moto holds nothing up, sends nothing anywhere, and can be saved after any call."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from eks_lab.aws.errors import AwsError
from eks_lab.aws.principal import root
from tests.aws.account_fake import FakeAccount


def call(account: FakeAccount, service: str, operation: str, **params: Any) -> dict[str, Any]:
    return account.call(service, operation, params, principal=root(account.id))


def test_a_long_poll_answers_at_once(fake_account: FakeAccount) -> None:
    url = call(
        fake_account, "sqs", "CreateQueue", QueueName="q", Attributes={"ReceiveMessageWaitTimeSeconds": "20"}
    )["QueueUrl"]
    assert not call(fake_account, "sqs", "ReceiveMessage", QueueUrl=url).get("Messages")
    assert not call(fake_account, "sqs", "ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20).get("Messages")


def test_a_topic_posts_to_nobody(fake_account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something was sent")

    topic = call(fake_account, "sns", "CreateTopic", Name="t")["TopicArn"]
    call(fake_account, "sns", "Subscribe", TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/x")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert call(fake_account, "sns", "Publish", TopicArn=topic, Message="hello")["MessageId"]


def test_pages_that_nobody_asks_for_on_can_be_kept(fake_account: FakeAccount) -> None:
    for name in ("a", "b", "c"):
        call(fake_account, "sqs", "CreateQueue", QueueName=name, tags={"team": name})
    tagging = "resourcegroupstaggingapi"
    first = call(fake_account, tagging, "GetResources", ResourcesPerPage=2)
    kept = fake_account.moto.dump()
    fake_account.moto.load(kept)
    rest = call(
        fake_account, tagging, "GetResources", ResourcesPerPage=2, PaginationToken=first["PaginationToken"]
    )
    found = [*first["ResourceTagMappingList"], *rest["ResourceTagMappingList"]]
    assert sorted(each["ResourceARN"][-1] for each in found) == ["a", "b", "c"]


def test_a_queue_whose_policy_is_none_can_still_be_asked(fake_account: FakeAccount) -> None:
    url = call(fake_account, "sqs", "CreateQueue", QueueName="q", Attributes={"Policy": "7"})["QueueUrl"]
    call(fake_account, "sqs", "DeleteQueue", QueueUrl=url)


def test_asking_for_a_parameter_leaves_nothing_behind(fake_account: FakeAccount) -> None:
    fake_account.moto.backend("ssm")._parameters["asked"]
    with pytest.raises(AwsError) as refused:
        call(fake_account, "ssm", "GetParameter", Name="asked")
    assert refused.value.code == "ParameterNotFound"


def test_a_refusal_speaks_the_language_of_its_service(fake_account: FakeAccount) -> None:
    with pytest.raises(AwsError) as refused:
        call(fake_account, "route53", "ListHostedZones", Marker="nobody's")
    assert refused.value.code == "InvalidToken"
