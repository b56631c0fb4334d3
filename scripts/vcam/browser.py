"""Open page.html in Chromium and hear what the page saw of a camera. Standard library only."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = Path(__file__).with_name("page.html")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-extensions --disable-dev-shm-usage "
    "--use-fake-ui-for-media-stream --autoplay-policy=no-user-gesture-required --enable-logging=stderr "
    "--remote-debugging-port=0 --ipc-connection-timeout=300 --disable-hang-monitor --in-process-gpu "
    "--disable-features=Vulkan,WebGPU,OnDeviceModel"
).split()
"""The last row is for software emulation: nothing answers within the usual times there."""


@dataclass
class Visit:
    """What the page reported."""

    reports: list[dict[str, object]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def of(self, kind: str) -> list[dict[str, object]]:
        return [report for report in self.reports if report["kind"] == kind]


class Server(ThreadingHTTPServer):
    """Quiet about connections that a browser leaves behind when it is ended."""

    def handle_error(self, request: object, client_address: object) -> None:
        pass


def visit(query: str, seconds: float, picture: Path, log: Path, program: str = "chromium-headless-shell") -> Visit:
    """Show the page with `query`, wait for its end; the last picture it saw goes to `picture`."""
    heard = Visit()
    server = Server(("127.0.0.1", 0), _handler(heard))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/?{query}"
    with tempfile.TemporaryDirectory() as profile, log.open("wb") as to:
        command = [program, *FLAGS, f"--user-data-dir={profile}", url]
        browser = subprocess.Popen(command, stdout=to, stderr=to, start_new_session=True)
        heard.ended.wait(seconds)
        _end(browser)
    server.shutdown()
    for report in heard.reports:
        if "png" in report:
            picture.write_bytes(base64.b64decode(str(report.pop("png")).split(",")[1]))
    return heard


def _end(browser: subprocess.Popen[bytes]) -> None:
    """The whole group: Debian's chromium-headless-shell is a wrapper script."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(browser.pid, sign)
            browser.wait(20)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass
        time.sleep(1)


def _handler(heard: Visit) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self._send(PAGE.read_bytes() if self.path.startswith("/?") else b"", "text/html")

        def do_POST(self) -> None:
            report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.reports.append(report)
            print("    page:", {key: value for key, value in report.items() if key != "png"}, flush=True)
            self._send(b"{}", "application/json")
            if report["kind"] == "end":
                heard.ended.set()

        def _send(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
