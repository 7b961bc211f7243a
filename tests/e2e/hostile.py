"""A site of somebody else's, with whatever pages they please."""

import html
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class HostileSite:
    """Serves `pages` by path, under a name other than the portal's: another site to every browser."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.pages.get(self.path, "").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://localhost:{self._server.server_port}"

    def page(self, path: str, content: str) -> str:
        """Put a page there. Gives its address."""
        self.pages[path] = f'<!doctype html><link rel="icon" href="data:,"><title>Prize</title>{content}'
        return self.url + path

    def page_that_posts(self, path: str, action: str, fields: dict[str, str]) -> str:
        """A page that sends a form to another site as soon as it is open. Gives its address."""
        entries = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in fields.items()
        )
        form = f'<form method="post" action="{action}">{entries}</form><script>document.forms[0].submit()</script>'
        return self.page(path, form)

    def close(self) -> None:
        """Off the net."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
