"""From an Originate to the answer, or to the end without one."""

from collections.abc import Callable
from functools import partial

from dialerd.simulator import causes
from dialerd.simulator.callees import ANSWER, SIP_SILENCE_MS, Callees, CallPlan, plan
from dialerd.simulator.calls import Call, Place
from dialerd.simulator.channels import Channel, ChannelState, OriginateRequest
from dialerd.simulator.dialplan import Dialplan
from dialerd.simulator.switch import Switch

_FAILED = 0
_TIMED_OUT = 3
_ANSWERED = 4

_THREAD_STARTS_AFTER_MS = 1
_BEFORE, _BETWEEN, _AFTER = range(3)
_LATEST_RESPONSE_MS = 3


class Dialling:
    """Places calls; `calls` are those that are alive, and `reaches` says whether a trunk can be used."""

    def __init__(
        self,
        switch: Switch,
        dialplan: Dialplan,
        calls: dict[str, Call],
        callees: Callees,
        reaches: Callable[[str], bool],
    ) -> None:
        self._switch = switch
        self._dialplan = dialplan
        self._calls = calls
        self._callees = callees
        self._reaches = reaches
        self.dialled: Callable[[str], None] = lambda _number: None
        """Is told each number whose call leaves."""

    def order(self, request: OriginateRequest) -> None:
        """Take the request; what comes of it is told by events."""
        self._switch.later(_THREAD_STARTS_AFTER_MS, partial(self._start, request))

    def _start(self, request: OriginateRequest) -> None:
        if not self._reaches(request.trunk) or self._is_taken(request.channel_id):
            self._respond(request, _FAILED)
            return
        switch = self._switch
        number = switch.next_channel()
        uniqueid = request.channel_id or f"{switch.now_s}.{number}"
        channel = Channel(f"PJSIP/{request.trunk}-{number:08x}", uniqueid, uniqueid, switch.now)
        channel.number, channel.caller = request.caller_number, request.caller_name
        channel.account = request.account
        call = Call(request, channel, self._plan(request.number))
        self._calls[uniqueid] = call
        switch.note("CHAN_START", channel)
        switch.say_of_call("Newchannel", uniqueid, channel.birth())
        self.dialled(request.number)
        self._dial(call)

    def _is_taken(self, channel_id: str) -> bool:
        # Asterisk compares only as many characters as the new id has, and without case.
        wanted = channel_id.lower()
        return bool(wanted) and any(uniqueid.lower().startswith(wanted) for uniqueid in self._calls)

    def _plan(self, number: str) -> CallPlan:
        return plan(self._callees.behaviour(number, self._switch.rng), self._switch.rng)

    def _dial(self, call: Call) -> None:
        later, far_end = self._switch.later, call.plan
        if far_end.sign_ms is not None:
            later(far_end.sign_ms, partial(self._sign, call))
        if far_end.final_ms is not None:
            respond = self._answer if far_end.sip == ANSWER else partial(self._refuse, sip=far_end.sip)
            call.far_end = later(far_end.final_ms, partial(respond, call))
        elif not far_end.sign:
            call.far_end = later(SIP_SILENCE_MS, partial(self._refuse, call, sip=408))
        if call.request.timeout_ms > 0:
            delay_ms = call.request.timeout_ms - _THREAD_STARTS_AFTER_MS
            call.step = later(delay_ms, partial(self._time_out, call))

    def _sign(self, call: Call) -> None:
        if call.place is not Place.DIALLING:
            return
        if call.plan.sign == "RINGING":
            call.channel.state = ChannelState.RINGING
        status = {"DialStatus": call.plan.sign}
        self._switch.say_of_call("DialState", call.channel.uniqueid, call.channel.fields("Dest"), status)

    # --- without an answer -------------------------------------------------------------------------------

    def _refuse(self, call: Call, sip: int) -> None:
        cause = causes.OF_SIP[sip]
        codes = {"Cause": str(cause), "TechCause": str(sip)}
        channel = call.channel
        self._switch.say_of_call("HangupRequest", channel.uniqueid, channel.fields(), codes)
        self._end(call, _FAILED, cause, str(sip), channel.name)

    def _time_out(self, call: Call) -> None:
        # The code is Asterisk's own: the carrier has sent none.
        self._end(call, _TIMED_OUT, causes.NO_ANSWER, "480", "")

    def cancel(self, call: Call, cause: int) -> None:
        """End a call that is not answered yet, with this cause."""
        if call.place is Place.DIALLING:
            self._end(call, _FAILED, cause, "", "")

    def divert(self, call: Call, exten: str) -> None:
        """Send a call on that is not answered yet: Asterisk does, and an agent gets a ringing line."""
        call.stop_all()
        call.place = Place.DIALPLAN
        self._respond(call.request, _FAILED)
        self._dialplan.enter(call, exten)

    def _end(self, call: Call, reason: int, cause: int, sip: str, source: str) -> None:
        channel, switch = call.channel, self._switch
        call.stop_all()
        call.place = Place.GONE
        self._calls.pop(channel.uniqueid, None)
        response_last = switch.rng.random() < 0.1
        if not response_last:
            self._respond(call.request, reason)
        codes = {"Cause": str(cause), "Cause-txt": causes.text(cause)} | ({"TechCause": sip} if sip else {})
        switch.say_of_call("Hangup", channel.uniqueid, channel.fields(), codes)
        switch.note("HANGUP", channel, {"hangupcause": cause, "hangupsource": source, "dialstatus": ""})
        if response_last:
            self._respond(call.request, reason)

    # --- with an answer ----------------------------------------------------------------------------------

    def _answer(self, call: Call) -> None:
        call.stop_all()
        channel, switch = call.channel, self._switch
        channel.state = ChannelState.UP
        switch.note("ANSWER", channel)
        call.place = Place.DIALPLAN
        self._live(call)
        respond = partial(self._respond, call.request, _ANSWERED, channel.name)
        when = switch.rng.choices((_BEFORE, _BETWEEN, _AFTER), (80, 15, 5))[0]
        if when == _BEFORE:
            respond()
        elif when == _BETWEEN:
            call.respond = respond
        self._dialplan.enter(call, call.request.exten)
        if when == _AFTER:
            switch.later(switch.rng.randint(1, _LATEST_RESPONSE_MS), respond)

    def _live(self, call: Call) -> None:
        later, leaves = self._switch.later, partial(self._dialplan.far_end_leaves, call)
        if call.plan.leaves_ms is not None:
            call.far_end = later(call.plan.leaves_ms, leaves)
        if call.plan.patience_ms is not None:
            call.patience = later(call.plan.patience_ms, leaves)

    def _respond(self, request: OriginateRequest, reason: int, channel: str = "") -> None:
        fields = {
            "ActionID": request.action_id,
            "Response": "Success" if reason == _ANSWERED else "Failure",
            "Channel": channel or request.channel,
            "Context": request.context,
            "Exten": request.exten,
            "Reason": str(reason),
            "Uniqueid": request.channel_id or "<null>",
            "CallerIDNum": request.caller_number or "<unknown>",
            "CallerIDName": request.caller_name or "<unknown>",
        }
        self._switch.say_of_call("OriginateResponse", request.channel_id, fields)
