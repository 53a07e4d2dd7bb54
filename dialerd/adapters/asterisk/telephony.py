"""Orders to Asterisk and what comes of them: the telephony port."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

from dialerd.adapters.asterisk import actions, events, trail
from dialerd.adapters.asterisk.dialplan import CONTEXT, NAME_SEPARATOR, VALUE_PREFIX, Extension, Variable
from dialerd.adapters.asterisk.frames import Frame
from dialerd.adapters.asterisk.manager import (
    AmiLink,
    LinkError,
    LinkSettings,
    LinkState,
    NotSent,
    Rejected,
)
from dialerd.domain import call_events as ev
from dialerd.domain.identifiers import AttemptId
from dialerd.domain.originate import Originate
from dialerd.engine.messages import (
    HangUp,
    LinkChanged,
    Message,
    Order,
    ReadTrail,
    Redirect,
    Survey,
    Surveyed,
    SurveyFailed,
    TrailRead,
)
from dialerd.engine.ports import Clock


class AsteriskTelephony:
    """One Asterisk: `post` is given every message, in order, as it arrives."""

    def __init__(
        self,
        link: LinkSettings,
        prefix: str,
        trail_file: Path | None,
        clock: Clock,
        jitter: Callable[[], float],
        post: Callable[[Message], None],
    ) -> None:
        self._translator = events.Translator(prefix)
        self._trail_file = trail_file
        self._clock = clock
        self._post = post
        self.link = AmiLink(link, clock, jitter, self._heard, self._link_changed)

    async def run(self) -> None:
        """Keep the link up until `close()`."""
        await self.link.run()

    def close(self) -> None:
        """End the link for good."""
        self.link.close()

    async def perform(self, order: Order) -> None:
        """Carry out a call order; never raises for what the network does."""
        match order:
            case Originate():
                self._post(await self._originate(order))
            case Redirect():
                await self._try(actions.redirect(order.attempt, CONTEXT, Extension.AGENT))
            case HangUp():
                await self._try(actions.hangup(order.attempt))
            case Survey():
                self._post(await self._survey())
            case ReadTrail():
                self._post(TrailRead(await self._read_trail(order.attempts)))
            case _:
                raise TypeError(f"not an order to Asterisk: {type(order).__name__}")

    def _heard(self, frame: Frame) -> None:
        message = self._translator.read(frame, self._clock.now())
        if message is not None:
            self._post(message)

    def _link_changed(self, state: LinkState, reason: str) -> None:
        self._post(LinkChanged(state is LinkState.UP, reason))

    async def _originate(self, order: Originate) -> Message:
        """Place the call once. After the deadline it is not placed at all: nobody expects it any more."""
        now = self._clock.now
        if now() > order.not_after:
            return ev.NotSent(order.attempt, now(), "its time had passed before it could be sent")
        try:
            await self.link.act(originate_action(order))
        except (NotSent, actions.Unsendable) as error:
            return ev.NotSent(order.attempt, now(), str(error))
        except Rejected as error:
            return ev.NotSent(order.attempt, now(), f"Asterisk refused the call: {error.message}")
        except LinkError as error:
            return ev.Undecided(order.attempt, now(), str(error))
        return ev.Sent(order.attempt, now())

    async def _try(self, action: actions.Action) -> None:
        """Send an action whose failure shows by itself: the call has ended, or a limit will end it."""
        try:
            await self.link.act(action)
        except LinkError:
            return

    async def _survey(self) -> Message:
        asked_at = self._clock.now()
        try:
            channels = await self.link.collect(actions.core_show_channels())
            queues = await self.link.collect(actions.queue_status())
        except LinkError as error:
            return SurveyFailed(str(error))
        members = tuple(events.member(frame) for frame in queues if frame.name == "QueueMember")
        return Surveyed(asked_at, self._translator.channels(channels), members)

    async def _read_trail(self, attempts: tuple[AttemptId, ...]) -> dict[AttemptId, ev.Trail | None]:
        if self._trail_file is None:
            return dict.fromkeys(attempts)
        found = await asyncio.to_thread(trail.find, self._trail_file, attempts)
        return {attempt: found.get(attempt) for attempt in attempts}


def originate_action(order: Originate) -> actions.Action:
    """Return the Originate for the order; raises Unsendable for a value that may not be sent."""
    return actions.originate(
        order.attempt,
        dial_string(order.template, order.number.digits),
        CONTEXT,
        Extension.ANSWERED,
        order.ring_timeout_ms,
        caller_id_number=order.caller_id,
        caller_id_name=order.caller_name,
        variables=tuple(_variables(order)),
        action_id=events.ORIGINATE_ID_PREFIX + order.attempt,
    )


def dial_string(template: str, digits: str) -> str:
    """Return the template with the number in it.

    A Local channel gets `/n`: one that optimises itself away takes our id with it while the call goes on.
    """
    device = template.replace("{number}", digits)
    return f"{device}/n" if device.lower().startswith("local/") and not device.endswith("/n") else device


def _variables(order: Originate) -> Iterator[tuple[str, str]]:
    yield Variable.ATTEMPT, order.attempt
    yield Variable.NUMBER, order.number.e164
    yield Variable.QUEUE, order.queue
    yield Variable.MAXWAIT, f"{order.max_wait_ms / 1000:g}"
    yield Variable.MESSAGE, order.message
    if order.variables:
        yield Variable.VARS, NAME_SEPARATOR.join(order.variables)
        for name, value in order.variables.items():
            yield f"{VALUE_PREFIX}{name}", actions.percent_encode(value)
