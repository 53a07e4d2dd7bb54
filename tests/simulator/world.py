"""A simulated exchange without chance in its people, and what was heard of it."""

from collections.abc import Sequence

from dialerd.simulator.answer import Answer
from dialerd.simulator.callees import Behaviour, ByNumber
from dialerd.simulator.calls import Place
from dialerd.simulator.channels import Fields, OriginateRequest
from dialerd.simulator.durations import Fixed
from dialerd.simulator.exchange import Exchange
from dialerd.simulator.kernel import Kernel
from dialerd.simulator.scenario import START, Habits, Happening, QueueRules, Scenario, Staff

ANSWERS = "15551230000"
NOBODY_PICKS_UP = Habits(pickup=None)
STAYS = Habits(pickup=Fixed(200), talk=None)


class Heard(dict[str, str]):
    """An event: its name, when it came (ms since the start) and its fields."""

    def __init__(self, name: str, fields: Fields) -> None:
        super().__init__(fields)
        self.name = name if name != "UserEvent" else fields["UserEvent"]
        self.at_ms = float(fields["Timestamp"]) * 1000 - START

    def __repr__(self) -> str:
        return f"{self.at_ms:.3f} {self.name}"


class World:
    """An exchange driven by hand; its callees behave as their numbers end unless told otherwise."""

    def __init__(
        self,
        agents: int = 0,
        habits: Habits = STAYS,
        *,
        seed: int = 1,
        rules: QueueRules | None = None,
        told: dict[str, Behaviour] | None = None,
        first: int = 1001,
        wrapup_s: int = 0,
        also: tuple[Staff, ...] = (),
        happenings: tuple[Happening, ...] = (),
    ) -> None:
        rules = rules or QueueRules("sales", autopause=False, strict=False)
        self.queue = rules.name
        self.kernel = Kernel(START)
        scenario = Scenario(
            seed=seed,
            callees=ByNumber(told),
            staff=(Staff(agents, (rules.name,), first, habits, wrapup_s), *also),
            queues=(rules,),
            trunks=("trunk", "dead"),
            dead_trunks=frozenset({"dead"}),
            happenings=happenings,
        )
        self.exchange = Exchange(self.kernel, scenario)
        self.heard: list[Heard] = []
        self.exchange.listen(lambda name, fields: self.heard.append(Heard(name, fields)))

    def call(
        self, number: str = ANSWERS, call_id: str = "dlr-1", *, trunk: str = "trunk", **given: str
    ) -> Answer:
        """Place a call as dialerd does; keywords set DIALERD variables and headers."""
        timeout_ms = int(given.pop("timeout_ms", "30000"))
        context, exten = given.pop("context", "dialerd"), given.pop("exten", "answered")
        variables = {"ATTEMPT": call_id, "QUEUE": self.queue, "MAXWAIT": "2", "MESSAGE": "sorry"}
        variables |= {name.upper(): value for name, value in given.items()}
        request = OriginateRequest(
            f"PJSIP/{number}@{trunk}",
            call_id,
            context,
            exten,
            timeout_ms,
            action_id=call_id,
            caller_number="15550001000",
            account="camp",
            variables={f"DIALERD_{name}": value for name, value in variables.items()},
        )
        return self.exchange.originate(request)

    def passes(self, ms: int) -> None:
        """Let so many milliseconds pass."""
        self.kernel.run_for(ms)

    def to_agent(self, call_id: str) -> Answer:
        """Redirect the call to an agent, as dialerd does."""
        return self.exchange.redirect(call_id, "dialerd", "agent")

    def held_to_agent(self, *call_ids: str) -> None:
        """Redirect those of the calls that are on hold."""
        for call_id in call_ids:
            if self.exchange.calls[call_id].place is Place.HOLD:
                self.to_agent(call_id)

    def names(self, call_id: str = "") -> list[str]:
        """The names of what was heard, of that call alone if one is named."""
        return [event.name for event in self.heard if not call_id or call_id in _ids(event)]

    def all(self, name: str, **fields: str) -> list[Heard]:
        """Every event of that name with these fields."""
        return [event for event in self.heard if event.name == name and fields.items() <= event.items()]

    def one(self, name: str, **fields: str) -> Heard:
        """The only such event."""
        (event,) = self.all(name, **fields)
        return event


def _ids(event: Heard) -> Sequence[str]:
    return event.get("Uniqueid", ""), event.get("DestUniqueid", "")
