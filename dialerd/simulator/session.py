"""One client of the manager interface: it logs in, sends actions, and hears what happens."""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, cast

from dialerd.domain.instant import SECOND_MS
from dialerd.simulator import wire
from dialerd.simulator.answer import Answer, done, refused
from dialerd.simulator.channels import Fields, OriginateRequest
from dialerd.simulator.wire import Action

if TYPE_CHECKING:
    from dialerd.simulator.pbx import Pbx

ASTERISK_VERSION = "22.10.1"
MOST_UNREAD_BYTES = 3_000_000
"""A client with more than this unread is disconnected, as Asterisk does to one that has stopped reading."""

_DEFAULT_TIMEOUT = "30000"
_CALLER = re.compile(r'\s*(?:"([^"]*)"|([^<"]*?))\s*<([^>]*)>\s*')
_IN_PUBLIC = frozenset({"login", "logoff", "challenge"})


class Session(asyncio.Protocol):
    """A client's connection to the exchange."""

    def __init__(self, pbx: "Pbx") -> None:
        self._pbx = pbx
        self._reader = wire.ActionReader()
        self.transport: asyncio.Transport | None = None
        self.greeted = False
        self.hears = False
        """Logged in and wants events."""
        self._logged_in = False
        self._acts: Mapping[str, Callable[[Action], None]] = self._table()

    # --- the connection ----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, unless the exchange is frozen."""
        self.transport = cast("asyncio.Transport", transport)
        self._pbx.welcome(self)

    def greet(self) -> None:
        """Send the banner."""
        self.greeted = True
        self.write(wire.BANNER)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Hear no more."""
        self.hears = False
        self._pbx.farewell(self)

    def data_received(self, data: bytes) -> None:
        """Carry out what the bytes complete."""
        for action in self._reader.feed(data):
            self._pbx.catch_up()
            if action.get("Action") not in self._pbx.ignored:
                self._carry_out(action)
            self._pbx.plan_ahead()

    def write(self, data: bytes) -> None:
        """Send the bytes; a client that does not read is cut off."""
        if self.transport is None or self.transport.is_closing():
            return
        self.transport.write(data)
        if self.transport.get_write_buffer_size() > MOST_UNREAD_BYTES:
            self.transport.abort()

    # --- answers -----------------------------------------------------------------------------------------

    def _respond(self, action: Action, response: str, *blocks: Fields) -> None:
        if action.get("Action") in self._pbx.unanswered:
            return
        action_id = action.get("ActionID")
        self.write(
            wire.message({"Response": response}, {"ActionID": action_id} if action_id else {}, *blocks)
        )

    def _error(self, action: Action, text: str) -> None:
        self._respond(action, "Error", {"Message": text})

    def _answer(self, action: Action, answer: Answer) -> None:
        if not answer.ok:
            self._error(action, answer.message)
        elif not answer.list_end:
            self._respond(action, "Success", {"Message": answer.message})
        else:
            self._respond(action, "Success", {"EventList": "start", "Message": answer.message})
            self._list(action, answer)

    def _list(self, action: Action, answer: Answer) -> None:
        if action.get("Action") in self._pbx.unanswered:
            return
        action_id: Fields = {"ActionID": action.get("ActionID")} if action.get("ActionID") else {}
        parts = [wire.event(name, action_id | fields) for name, fields in answer.items]
        end = {"EventList": "Complete", "ListItems": str(len(answer.items))}
        self.write(b"".join((*parts, wire.event(answer.list_end, action_id | end))))

    # --- actions -----------------------------------------------------------------------------------------

    def _carry_out(self, action: Action) -> None:
        name = action.get("Action")
        if action.fault:
            self._error(Action(), action.fault)
        elif not name:
            self._error(action, "Missing action in request")
        elif not self._logged_in and name.lower() not in _IN_PUBLIC:
            self._error(action, "Permission denied")
        elif (act := self._acts.get(name.lower())) is None:
            known = "Use Action: ListCommands to show available commands."
            self._error(action, f"Invalid/unknown command: {name}. {known}")
        else:
            act(action)

    def _table(self) -> Mapping[str, Callable[[Action], None]]:
        exchange = self._pbx.exchange
        floor = exchange.floor
        answers: Mapping[str, Callable[[Action], Answer]] = {
            "originate": self._originate,
            "hangup": lambda a: exchange.hangup(a.get("Channel"), int(a.get("Cause") or 0)),
            "redirect": lambda a: exchange.redirect(a.get("Channel"), a.get("Context"), a.get("Exten")),
            "coreshowchannels": lambda _: exchange.show_channels(),
            "queuestatus": lambda a: exchange.queue_status(a.get("Queue"), a.get("Member")),
            "queueadd": self._queue_add,
            "queueremove": lambda a: floor.remove(a.get("Queue"), a.get("Interface")),
            "queuepause": lambda a: floor.pause(
                a.get("Interface"), _true(a.get("Paused")), a.get("Queue"), a.get("Reason")
            ),
            "queuewithdrawcaller": lambda a: exchange.queue_withdraw(a.get("Queue"), a.get("Caller")),
        }
        table: dict[str, Callable[[Action], None]] = {
            "login": self._login,
            "logoff": self._logoff,
            "events": self._events,
            "ping": self._ping,
            "corestatus": self._core_status,
            "coresettings": self._core_settings,
        }
        return table | {name: partial(self._ask, ask) for name, ask in answers.items()}

    def _ask(self, ask: Callable[[Action], Answer], action: Action) -> None:
        try:
            answer = ask(action)
        except (ValueError, re.error):
            answer = refused("Invalid value")
        self._answer(action, answer)

    def _login(self, action: Action) -> None:
        if (action.get("Username"), action.get("Secret")) != (self._pbx.username, self._pbx.secret):
            self._error(action, "Authentication failed")
            if self.transport is not None:
                self.transport.close()
            return
        self._logged_in = True
        self.hears = action.get("Events").lower() != "off"
        self._answer(action, done("Authentication accepted"))
        booted = {"Uptime": str(self._pbx.uptime_s), "LastReload": str(self._pbx.uptime_s)}
        if self.hears:
            self.write(
                wire.event("FullyBooted", {"Privilege": "system,all", **booted, "Status": "Fully Booted"})
            )

    def _logoff(self, action: Action) -> None:
        self._respond(action, "Goodbye", {"Message": "Thanks for all the fish."})
        self.hears = False
        if self.transport is not None:
            self.transport.close()

    def _events(self, action: Action) -> None:
        self.hears = action.get("EventMask").lower() != "off"
        self._respond(action, "Success", {"Events": "On" if self.hears else "Off"})

    def _ping(self, action: Action) -> None:
        seconds, ms = divmod(self._pbx.exchange.now, SECOND_MS)
        self._respond(action, "Success", {"Ping": "Pong", "Timestamp": f"{seconds}.{ms:03d}000"})

    def _core_status(self, action: Action) -> None:
        started = datetime.fromtimestamp(self._pbx.started_at // SECOND_MS, UTC)
        date, time = started.strftime("%Y-%m-%d"), started.strftime("%H:%M:%S")
        exchange = self._pbx.exchange
        calls = {
            "CoreCurrentCalls": str(len(exchange.calls)),
            "CoreProcessedCalls": str(exchange.dialled.total()),
        }
        dates = {"CoreStartupDate": date, "CoreStartupTime": time}
        reloads = {"CoreReloadDate": date, "CoreReloadTime": time}
        self._respond(action, "Success", dates, reloads, calls)

    def _core_settings(self, action: Action) -> None:
        version = {"AMIversion": "11.0.0", "AsteriskVersion": ASTERISK_VERSION, "SystemName": ""}
        limits = {"CoreMaxCalls": "0", "CoreMaxLoadAvg": "0.000000"}
        self._respond(action, "Success", version, limits)

    def _originate(self, action: Action) -> Answer:
        if not _true(action.get("Async")):
            return refused("Originate failed")
        timeout = action.get("Timeout", _DEFAULT_TIMEOUT)
        if not timeout.lstrip("-").isdigit():
            return refused("Invalid timeout")
        name, number = _caller(action.get("CallerID"))
        return self._pbx.exchange.originate(
            OriginateRequest(
                action.get("Channel"),
                action.get("ChannelId"),
                action.get("Context"),
                action.get("Exten"),
                timeout_ms=max(0, int(timeout)),
                action_id=action.get("ActionID"),
                caller_number=number,
                caller_name=name,
                account=action.get("Account"),
                variables=action.variables(),
            )
        )

    def _queue_add(self, action: Action) -> Answer:
        return self._pbx.exchange.floor.add(
            action.get("Queue"),
            action.get("Interface"),
            action.get("MemberName"),
            paused=_true(action.get("Paused")),
            penalty=int(action.get("Penalty") or 0),
            wrapup_s=int(action.get("Wrapuptime") or 0),
        )


def _true(value: str) -> bool:
    return value.lower() in ("true", "yes", "1", "on", "y", "t")


def _caller(value: str) -> tuple[str, str]:
    """Return name and number of a CallerID header; without brackets only digits are a number."""
    found = _CALLER.fullmatch(value)
    if found is None:
        return ("", value) if value.lstrip("+").isdigit() else (value, "")
    return found[1] or found[2] or "", found[3]
