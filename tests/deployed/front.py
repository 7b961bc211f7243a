"""A tenant's public address on this machine: hands every request to the emulated API Gateway as `ID.execute-api…`."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP = {"connection", "host", "keep-alive", "transfer-encoding", "date", "server", "content-length"}


class Front:
    """Listens on a port of its own choosing until `stop`. Answers nothing until it is told which API it is for."""

    def __init__(self, aws: str, stage: str = "api") -> None:
        self._aws = urlsplit(aws)
        self.api = ""
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def handle_any(self) -> None:
                front.hand_over(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = handle_any

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.origin}/{stage}"
        threading.Thread(target=self._server.serve_forever, name="front", daemon=True).start()

    def hand_over(self, asked: BaseHTTPRequestHandler) -> None:
        """One request there, its answer back, bytes and repeated headers as they are."""
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in HOP}
        headers |= {"Host": f"{self.api}.execute-api.{self._aws.netloc}", "X-Forwarded-For": asked.client_address[0]}
        way = http.client.HTTPConnection(self._aws.hostname or "", self._aws.port, timeout=90)
        way.request(asked.command, asked.path, body or None, headers)
        answer = way.getresponse()
        content = answer.read()
        asked.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        asked.wfile.write(content)
        way.close()

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
