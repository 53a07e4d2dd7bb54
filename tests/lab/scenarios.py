"""SIPp scenarios, written from the table of behaviours, so that table and carrier cannot disagree."""

from tests.lab.behaviours import BEHAVIOURS, REFUSALS

_SDP = """
v=0
o=- 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""
# The dialogue's own headers are kept, because [last_...] means the last message, which may be a CANCEL.
_DIALOGUE = """Via: [$via]
From: [$from]
To: [$to];tag=[pid]L[call_number]
[last_Call-ID:]
CSeq: [$cseq] INVITE
Contact: <sip:[local_ip]:[local_port]>"""
_KEEP = """
      <ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="cseq"/>
      <ereg regexp="[^ ].*" search_in="hdr" header="From:" assign_to="from"/>
      <ereg regexp="[^ ].*" search_in="hdr" header="To:" assign_to="to"/>
      <ereg regexp="[^ ].*" search_in="hdr" header="Via:" assign_to="via"/>"""
_OK_TO_LAST = "SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]"
_BYE = """BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: [$to];tag=[pid]L[call_number]
To: [$from]
[last_Call-ID:]
CSeq: 1 BYE"""


def _send(head: str, *, then: str = "", body: str = "", sure: bool = False) -> str:
    """One message of ours; `sure` repeats it until it is acknowledged."""
    attributes = ' retrans="500"' * sure + f' next="{then}"' * bool(then)
    kind = "Content-Type: application/sdp\n" * bool(body)
    length = "[len]" if body else "0"
    return f"<send{attributes}><![CDATA[\n{head}\n{kind}Content-Length: {length}\n{body}\n]]></send>\n"


def _await(request: str, then: str, *, ms: int = 0, or_else: str = "") -> str:
    """Wait for a request and go on at `then`; after `ms` go on at `or_else`."""
    limit = f' timeout="{ms}" ontimeout="{or_else}"' * bool(ms)
    return f'<recv request="{request}" next="{then}"{limit}/>\n'


def _label(name: str) -> str:
    return f'<label id="{name}"/>\n'


def _jump(target: str, *, when: str = "") -> str:
    return f'<nop next="{target}"' + f' test="{when}"' * bool(when) + "/>\n"


def _final(status: str) -> str:
    return _send(f"SIP/2.0 {status}\n{_DIALOGUE}", then="ack", sure=True)


def _ends_of_a_call() -> str:
    """The parts every scenario shares: answered, hung up, cancelled."""
    return "".join(
        (
            _label("cancelled"),
            _send(_OK_TO_LAST),
            _final("487 Request Terminated"),
            _label("ack"),
            _await("ACK", "done"),
            _label("hung_up"),
            _send(_OK_TO_LAST, then="done"),
            _label("hang_up"),
            _send(_BYE, sure=True),
            '<recv response="200" next="done"/>\n',
            _label("options"),
            _send(f"{_OK_TO_LAST}", then="done"),
            _label("done"),
            '<timewait milliseconds="100"/>\n',
        )
    )


def _scenario(name: str, keep: str, course: str, unused: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
        f'<scenario name="{name}">\n'
        '<recv request="OPTIONS" optional="true" next="options"/>\n'
        f'<recv request="INVITE" crlf="true" rrs="true">\n  <action>{_KEEP}{keep}\n  </action>\n</recv>\n'
        f'{course}{_ends_of_a_call()}<Reference variables="{unused}"/>\n</scenario>\n'
    )


def _answer(status: str = "200 OK") -> str:
    return _send(f"SIP/2.0 {status}\n{_DIALOGUE}", body=_SDP, sure=status.startswith("200"))


def carrier_scenario() -> str:
    """The carrier: each initial INVITE is logged as its number alone, then takes its behaviour's course."""
    number = (
        '\n      <ereg regexp="INVITE sip:([^@;>]*)" search_in="msg" assign_to="line,number"/>'
        '\n      <log message="[$number]"/>'
    )
    choice = "".join(
        f'\n      <ereg regexp="INVITE sip:[^@;>]*({"|".join(f"{n:02d}" for n in behaviour.endings)})[@;>]" '
        f'search_in="msg" assign_to="{name},x_{name}"/>'
        for name, behaviour in BEHAVIOURS.items()
    )
    trying = _send("SIP/2.0 100 Trying\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]")
    course = (
        _jump("at_no_reply", when="no_reply")
        + trying
        + "".join(_jump(f"at_{name}", when=name) for name in BEHAVIOURS if name != "no_reply")
        + _jump("at_unallocated")
        + "".join(_label(f"at_{name}") + _final(status) for name, status in REFUSALS.items())
        + _courses_of_the_carrier()
    )
    unused = ",".join(["line", *(f"x_{name}" for name in BEHAVIOURS)])
    return _scenario("carrier", number + choice, course, unused)


def _courses_of_the_carrier() -> str:
    ringing = _send(f"SIP/2.0 180 Ringing\n{_DIALOGUE}")
    return "".join(
        (
            _label("at_no_reply"),
            _await("CANCEL", "done", ms=40_000, or_else="done"),
            _label("at_ring_out"),
            ringing,
            _label("ring_on"),
            _await("CANCEL", "cancelled"),
            _label("at_early_media_ring_out"),
            _answer("183 Session Progress"),
            _jump("ring_on"),
            _label("at_ring_then_busy"),
            ringing,
            _await("CANCEL", "cancelled", ms=1000, or_else="at_busy"),
            _label("at_ring_then_answer"),
            ringing,
            _await("CANCEL", "cancelled", ms=1000, or_else="at_answer"),
            _label("at_answer"),
            _answer(),
            '<recv request="ACK"/>\n',
            _await("BYE", "hung_up"),
            _label("at_answer_then_hang_up"),
            _answer(),
            '<recv request="ACK"/>\n',
            _await("BYE", "hung_up", ms=2000, or_else="hang_up"),
            _label("at_answer_and_hang_up_at_once"),
            _answer(),
            '<recv request="ACK" next="hang_up"/>\n',
        )
    )


def phones_scenario() -> str:
    """The agents' telephones: 10XX answer after 0.2 s, 11XX at once, both stay; 13XX ring for ever."""
    choice = "".join(
        f'\n      <ereg regexp="INVITE sip:{start}[0-9][0-9][@;>]" search_in="msg" assign_to="{name}"/>'
        for name, start in (("auto", "11"), ("deaf", "13"))
    )
    course = "".join(
        (
            _jump("answer", when="auto"),
            _send(f"SIP/2.0 180 Ringing\n{_DIALOGUE}"),
            _jump("ring_on", when="deaf"),
            _await("CANCEL", "cancelled", ms=200, or_else="answer"),
            _label("ring_on"),
            _await("CANCEL", "cancelled"),
            _label("answer"),
            _answer(),
            '<recv request="ACK"/>\n',
            _await("BYE", "hung_up"),
        )
    )
    return _scenario("phones", choice, course, "line").replace('<Reference variables="line"/>\n', "")
