"""Between the portal under test and all that lies outside it: calls are counted, and trouble comes at one of them."""

import http.client
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
BEFORE, AFTER, LOST = "killed before", "killed after", "reply lost"


@dataclass
class Trouble:
    """Counts calls from 1. At number `at` the process `pid` is killed, or the reply is lost; 0 is never."""

    at: int = 0
    kind: str = BEFORE
    pid: int = 0
    slow: random.Random | None = None
    calls: list[str] = field(default_factory=list)
    struck: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def meet(self, call: str) -> bool:
        """Enter a call; whether it is the one."""
        with self.lock:
            self.calls.append(call)
            mine = len(self.calls) == self.at
            pause = self.slow.random() if self.slow else 0.0
        time.sleep(0.03 * pause**3)
        return mine

    def kill(self) -> None:
        """SIGKILL: the process waits for this very call, so it cannot have ended by itself."""
        self.struck = True
        os.kill(self.pid, signal.SIGKILL)


class Outside:
    """The addresses the process under test takes for Stripe's and AWS's; `trouble` is exchanged between requests."""

    def __init__(self) -> None:
        self.trouble = Trouble()
        self.stripe = self.aws = ""


@contextmanager
def outside(stripe: str, aws: str) -> Iterator[Outside]:
    """Both addresses, forwarded to the real ones of this machine."""
    between = Outside()
    with _forwarding(between, "stripe", stripe) as between.stripe, _forwarding(between, "aws", aws) as between.aws:
        yield between


@contextmanager
def _forwarding(between: Outside, name: str, target: str) -> Iterator[str]:
    host = urlsplit(target).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            trouble = between.trouble
            strikes = trouble.meet(f"{name} {self.words()}")
            if strikes and trouble.kind == BEFORE:
                trouble.kill()
            answer = None if strikes and trouble.kind == BEFORE else self.ask(body)
            if strikes and trouble.kind == AFTER:
                trouble.kill()
            trouble.struck |= strikes
            if answer and not strikes:
                self.pass_on(*answer)
            else:
                self.close_connection = True

        do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = forward

        def words(self) -> str:
            """What is called: DynamoDB's and SQS's operation, or Stripe's method and path."""
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            return operation or f"{self.command} {self.path.partition('?')[0]}"

        def ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = http.client.HTTPConnection(host, timeout=60)
            sent = {n: v for n, v in self.headers.items() if n.lower() not in OF_THE_CONNECTION} | {"Host": host}
            connection.request(self.command, self.path, body, sent)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            return answer.status, answer.getheaders(), content

        def pass_on(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response_only(status)
            for header, value in headers:
                if header.lower() not in OF_THE_CONNECTION:
                    self.send_header(header, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
