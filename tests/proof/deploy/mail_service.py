"""A mail service that keeps every mail it takes, and can end its caller's process right after taking one."""

import base64
import email
import email.policy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from subprocess import Popen


class MailService:
    """The one call of SES v2 the portal makes. `deadly` is the process killed after mail number `at`."""

    def __init__(self) -> None:
        self.recipients: list[str] = []
        self.subjects: set[str] = set()
        self.deadly: Popen[bytes] | None = None
        self.at = 0

    def take(self, body: bytes) -> None:
        """Keep a mail; perhaps the caller never hears that it was taken."""
        mail = json.loads(body)
        self.recipients += mail["Destination"]["ToAddresses"]
        parsed = email.message_from_bytes(base64.b64decode(mail["Content"]["Raw"]["Data"]), policy=email.policy.default)
        self.subjects.add(str(parsed["Subject"]))
        if self.deadly and len(self.recipients) == self.at:
            self.deadly.kill()
            self.deadly.wait()


@contextmanager
def mail_service() -> Iterator[tuple[MailService, str]]:
    """It and its address."""
    service = MailService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            service.take(self.rfile.read(int(self.headers["Content-Length"])))
            answer = b'{"MessageId": "taken"}'
            try:
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                assert service.deadly, "the caller went away"

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield service, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
