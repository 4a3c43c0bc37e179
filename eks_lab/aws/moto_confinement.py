"""moto kept to its own state: it waits for no clock, sends nothing over a network, and can be saved at any time.

It was written for tests, where a wait is short and a network is mocked. Here every call holds up the whole sandbox, and
simulated time stands still for as long as it lasts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any


def confine() -> None:
    """Mend the modules of moto that are imported by now."""
    queues: Any = sys.modules.get("moto.sqs.models")
    if queues is not None and not hasattr(queues.SQSBackend, "never_waits"):
        _answer_at_once(queues.SQSBackend)
    tagging: Any = sys.modules.get("moto.resourcegroupstaggingapi.models")
    if tagging is not None and not hasattr(tagging.ResourceGroupsTaggingAPIBackend, "pages_are_lists"):
        _keep_pages(tagging.ResourceGroupsTaggingAPIBackend)
    if "requests" in sys.modules:
        requests = sys.modules["requests"]
        for name, module in list(sys.modules.items()):
            if name.startswith("moto.") and vars(module).get("requests") is requests:
                module.__dict__["requests"] = _without_network(requests)


def _answer_at_once(backend: Any) -> None:
    """Let ReceiveMessage return what is there: a long poll would wait for a time that waits for the poll."""
    usual = backend.receive_message

    def receive_message(
        self: Any,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> Any:
        return usual(self, queue_name, count, 0, visibility_timeout, message_attribute_names)

    backend.receive_message = receive_message
    backend.never_waits = True


def _without_network(requests: ModuleType) -> ModuleType:
    """Return `requests` as moto shall see it: what SNS, Firehose and EventBridge deliver by HTTP goes nowhere."""
    found = ModuleType(requests.__name__, requests.__doc__)
    found.__dict__.update(requests.__dict__)
    for name in ("request", "get", "post", "put", "patch", "delete", "head", "options", "Session", "session"):
        found.__dict__[name] = _nothing
    return found


def _nothing(*_: object, **__: object) -> None:
    """Send nothing and answer nothing."""


class Rest:
    """What is left of a list that is told in pages, in a form that can be kept, which a generator cannot."""

    def __init__(self, items: Iterable[Any]) -> None:
        """Take everything there is now."""
        self._items = list(items)
        self._at = 0

    def __iter__(self) -> Rest:
        return self

    def __next__(self) -> Any:
        if self._at >= len(self._items):
            raise StopIteration
        self._at += 1
        return self._items[self._at - 1]


def _keep_pages(backend: Any) -> None:
    """Let the Tagging API's pages be lists: one that nobody asks for on would keep the account from being saved."""

    def listed(usual: Callable[..., Iterable[Any]]) -> Callable[..., Rest]:
        return lambda *args, **kwargs: Rest(usual(*args, **kwargs))

    for name in ("_get_resources_generator", "_get_tag_keys_generator", "_get_tag_values_generator"):
        setattr(backend, name, listed(getattr(backend, name)))
    backend.pages_are_lists = True
