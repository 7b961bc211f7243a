"""TXT records, asked of a name server on this machine."""

import socket
import threading
from collections.abc import Iterator

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from ops.dns_texts import look_up
from ops.stage import Trouble


def answer_to(question: bytes) -> bytes:
    """Two records for a.example, none for empty.example, trouble for fail.example; there are no others."""
    asked = dns.message.from_wire(question)
    answer, name = dns.message.make_response(asked), asked.question[0].name.to_text()
    if name == "a.example.":
        parts = '"v=spf1 include:ama" "zonses.com ~all"', '"other"'
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *parts))
    elif name == "fail.example.":
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif name != "empty.example.":
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer.to_wire()


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The one this computer uses during the test."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                question, sender = server.recvfrom(4096)
                if not question:
                    return
                server.sendto(answer_to(question), sender)

        thread = threading.Thread(target=serve)
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.getsockname()[1]
        monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
        yield
        server.sendto(b"", server.getsockname())
        thread.join()


def test_records_are_joined_as_they_are_meant(name_server: None) -> None:
    assert sorted(look_up("a.example")) == ["other", "v=spf1 include:amazonses.com ~all"]


@pytest.mark.parametrize("name", ["empty.example", "none.example"])
def test_no_record_is_an_answer(name_server: None, name: str) -> None:
    assert look_up(name) == []


def test_a_server_that_cannot_tell_is_not_taken_for_none(name_server: None) -> None:
    with pytest.raises(Trouble, match=r"TXT records of fail.example"):
        look_up("fail.example")
