"""Which answer belongs to which action, and what is known when none comes."""

import asyncio

from dialerd.adapters.asterisk.frames import Frame

MOST_ITEMS = 100_000
"""Items of one list: far above the channels and members of any one Asterisk."""

_MOST_LISTS = 16
_ERRORS = frozenset({"Error", "Failure", "Fail"})


class LinkError(Exception):
    """An action without the answer that was asked for; the text says why."""


class NotSent(LinkError):
    """The action never left: it was certainly not carried out."""


class Undecided(LinkError):
    """The action was written and no answer is known: it may have been carried out."""


class Rejected(LinkError):
    """Asterisk refused the action in `message`'s words: it was certainly not carried out."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class _Waiting:
    __slots__ = ("as_list", "frames", "future")

    def __init__(self, as_list: bool) -> None:
        self.as_list = as_list
        self.frames: list[Frame] = []
        self.future: asyncio.Future[list[Frame]] = asyncio.get_running_loop().create_future()

    def succeed(self) -> None:
        if not self.future.done():
            self.future.set_result(self.frames)

    def fail(self, error: LinkError) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Answers:
    """The actions of one connection that wait for an answer, at most `most` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: dict[str, _Waiting] = {}
        self.lists: dict[str, None] = {}
        """Ids of lists whose items may still come, wanted or not; while empty, no event needs a look."""

    def __len__(self) -> int:
        return len(self._waiting)

    def refusal(self, action_id: str, as_list: bool) -> str:
        """Return why an answer to an action of this id cannot be waited for, or ''."""
        if action_id in self._waiting:
            return "an action with this id waits already"
        if len(self._waiting) >= self._most:
            return f"{self._most} actions wait for an answer already"
        if as_list and sum(name in self._waiting for name in self.lists) >= _MOST_LISTS:
            return f"{_MOST_LISTS} lists are on their way already"
        return ""

    def expect(self, action_id: str, as_list: bool) -> asyncio.Future[list[Frame]]:
        """Return what will hold the response and then, for a list, its items; fails with a LinkError."""
        waiting = self._waiting[action_id] = _Waiting(as_list)
        if as_list:
            self._open_list(action_id)
        return waiting.future

    def _open_list(self, action_id: str) -> None:
        if len(self.lists) >= _MOST_LISTS:
            late = next(name for name in self.lists if name not in self._waiting)
            del self.lists[late]
        self.lists[action_id] = None

    def forget(self, action_id: str) -> None:
        """Stop waiting; what comes later is dropped."""
        self._waiting.pop(action_id, None)

    def lose(self, reason: str) -> None:
        """Tell every waiting action that no answer will come."""
        while self._waiting:
            _, waiting = self._waiting.popitem()
            waiting.fail(Undecided(reason))
        self.lists.clear()

    def take_response(self, frame: Frame) -> None:
        """Give the response to the action that waits for it; a late one is dropped."""
        action_id, failed = frame.action_id, frame.get("Response") in _ERRORS
        waiting = self._waiting.get(action_id)
        if waiting is None:
            if failed and not action_id:
                self._take_nameless_error(frame)
            return
        if failed:
            self._settle(action_id).fail(Rejected(frame.get("Message")))
            return
        waiting.frames.append(frame)
        if not waiting.as_list:
            self._settle(action_id).succeed()

    def take_item(self, frame: Frame) -> bool:
        """Say whether the event belongs to a list, and keep it if somebody waits for that list."""
        action_id = frame.action_id
        if action_id not in self.lists or frame.name == "OriginateResponse":
            return False
        waiting = self._waiting.get(action_id)
        if waiting is not None:
            self._take_expected(waiting, action_id, frame)
        elif _ends_list(frame):
            del self.lists[action_id]
        return True

    def _take_expected(self, waiting: _Waiting, action_id: str, frame: Frame) -> None:
        if not _ends_list(frame):
            waiting.frames.append(frame)
            if len(waiting.frames) > MOST_ITEMS:
                waiting.fail(Undecided(f"a list of more than {MOST_ITEMS} items"))
                self.forget(action_id)
            return
        self._settle(action_id)
        told, got = frame.get("ListItems"), len(waiting.frames) - 1
        if frame.get("EventList").lower() == "cancelled" or told not in ("", str(got)):
            waiting.fail(Undecided(f"the list is not whole: {got} items came, {told or 'no number'} told"))
        else:
            waiting.succeed()

    def _take_nameless_error(self, frame: Frame) -> None:
        # Asterisk does not name the action of a message that it could not read. If one alone waits it is
        # most likely meant, but a refusal that we only guess must not count as certainly not carried out.
        if len(self._waiting) == 1:
            self._settle(next(iter(self._waiting))).fail(Undecided(frame.get("Message")))

    def _settle(self, action_id: str) -> _Waiting:
        self.lists.pop(action_id, None)
        return self._waiting.pop(action_id)


def _ends_list(frame: Frame) -> bool:
    return frame.name.endswith("Complete") or frame.get("EventList").lower() in ("complete", "cancelled")
