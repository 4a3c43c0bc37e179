"""From a verb to the one who answers it."""

from __future__ import annotations

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.access import Call
from eks_lab.sim.apiserver.answers import Answer, Stream
from eks_lab.sim.apiserver.deleting import Deleting
from eks_lab.sim.apiserver.reading import Reading
from eks_lab.sim.apiserver.watch import WatchHub
from eks_lab.sim.apiserver.writing import Writing


class Verbs:
    """Answers calls on stored resources."""

    def __init__(self, api: Api, hub: WatchHub) -> None:
        """Serve an Api.

        Args:
            api: what is asked.
            hub: where watches go.
        """
        self._reading = Reading(api, hub)
        self._writing = Writing(api)
        self._deleting = Deleting(api)

    def answer(self, call: Call) -> Answer | Stream:
        """Answer a call.

        Raises:
            ApiError: in the server's words.
        """
        match call.verb:
            case "get":
                return self._reading.get(call)
            case "list":
                return self._reading.collect(call)
            case "watch":
                return self._reading.watch(call)
            case "create":
                return self._writing.create(call)
            case "update":
                return self._writing.update(call)
            case "patch":
                return self._writing.patch(call)
            case "delete":
                return self._deleting.delete(call)
            case _:
                return self._deleting.delete_collection(call)
