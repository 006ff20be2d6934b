"""Phones of acceptance runs: they answer by themselves, call each other, and speak within dialogs; also from another network, behind a NAT."""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "attacks"))

from network import Namespace  # noqa: E402
from sip_agent import SDP, Agent, Message, token  # noqa: E402

DOMAIN = "example.com"


def inside(network: Namespace, make: Callable[[], Any]) -> Any:
    """What `make` gives, with its sockets in that network."""
    made: list[Any] = []

    def enter() -> None:
        network.enter()
        made.append(make())

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    return made[0]


class Phone(Agent):
    """Answers each INVITE with `answers`, one after another and the last one for ever, and everything else with 200; None says nothing."""

    def __init__(self, user: str, password: str, transport: str, address: str, node: str) -> None:
        self.answers: list[int | None] = [200]
        self.calls: list[Message] = []
        self.requests: list[Message] = []
        self.silenced = False
        self.rport = True
        super().__init__(user, transport, address, node, password)
        self.react = self.answer_by_itself

    def build(self, method: str, uri: str, headers: Iterable[str] = (), **more: Any) -> str:
        text = super().build(method, uri, headers, **more)
        return text if self.rport else text.replace(";rport\r\n", "\r\n", 1)

    def answer_by_itself(self, message: Message) -> bool:
        if message.status:
            return False
        again = any(each.branch() == message.branch() and each.method == message.method for each in self.requests)
        self.requests.append(message)
        if self.silenced or message.method == "ACK":
            return True
        if message.method != "INVITE":
            self.respond(message, 200)
            return True
        if not again:
            self.calls.append(message)
        status = self.answers[0] if len(self.answers) == 1 or again else self.answers.pop(0)
        if status is not None:
            self.respond(message, 180)
            self.respond(message, status, body=SDP if status == 200 else "")
        return True

    def heard(self, method: str, call_id: str = "", seconds: float = 3) -> Message | None:
        """A request that has come, or comes in that time."""
        end = time.monotonic() + seconds
        while True:
            found = next((each for each in self.requests if each.method == method and call_id in ("", each.get("call-id"))), None)
            if found or time.monotonic() > end:
                return found
            time.sleep(0.02)


class Call:
    """A call from one phone; `answer` is its final answer, `took` the seconds until it came."""

    def __init__(self, caller: Phone, callee: str, seconds: float = 8, headers: Iterable[str] = (), host: str = DOMAIN) -> None:
        self.caller, self.call_id = caller, token()
        began = time.monotonic()
        self.answer = caller.ask("INVITE", f"sip:{callee}@{host}", headers, seconds=seconds, call_id=self.call_id, body=SDP)
        self.took = time.monotonic() - began
        self.status = self.answer.status if self.answer else 0
        if self.answer and self.status == 200:
            caller.send(self.request("ACK", cseq=int(self.answer.get("cseq").split(" ")[0])))

    def request(self, method: str, cseq: int = 0, headers: Iterable[str] = (), above: Iterable[str] = ()) -> str:
        """Of the caller, within the dialog."""
        answer = self.answer
        assert answer is not None
        routes = [f"Route: {each}" for each in answer.addresses("record-route")[::-1]]
        uri = answer.get("contact").partition("<")[2].partition(">")[0]
        return self.caller.build(method, uri, [*above, *routes, *headers], sender=answer.get("from"), to=answer.get("to"), call_id=self.call_id, cseq=cseq)

    def ask(self, method: str, seconds: float = 8, headers: Iterable[str] = ()) -> tuple[int, float]:
        """The final answer to a request within the dialog, and after how many seconds; a challenge is answered. `headers` stand on top."""
        return asked(self.caller, lambda more: self.request(method, headers=more, above=headers), method, seconds)


def asked(phone: Phone, request: Callable[[Iterable[str]], str], method: str, seconds: float) -> tuple[int, float]:
    began = time.monotonic()
    text = request([])
    answer = phone.answer_to(text, seconds)
    if answer and answer.status == 407:
        uri = text.split(" ")[1]
        answer = phone.answer_to(request([phone.credentials(answer, method, uri)]), seconds)
    return (answer.status if answer else 0), time.monotonic() - began


def ask_as_callee(callee: Phone, invite: Message, method: str, seconds: float = 8) -> tuple[int, float]:
    """The same from the other end, by the INVITE that it has had."""
    routes = [f"Route: {each}" for each in invite.addresses("record-route")]
    uri = invite.get("contact").partition("<")[2].partition(">")[0]
    sender = f"{invite.get('to')};tag={callee.user}-{hashlib.md5(invite.get('call-id').encode()).hexdigest()[:8]}"
    return asked(callee, lambda headers: callee.build(method, uri, [*routes, *headers], sender=sender, to=invite.get("from"), call_id=invite.get("call-id")), method, seconds)
