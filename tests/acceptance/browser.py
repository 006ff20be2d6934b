#!/usr/bin/env python3
"""A phone in a browser: JsSIP in headless Chromium registers over secure WebSocket at TCP port 443 of a node, calls nobody and hears so, and another
origin's page is kept out. Needs chromium, and npm to fetch JsSIP.
"""

from __future__ import annotations

import http.server
import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from acceptance import ROOT, Checks, Failure, arguments, main_with, ring_of, say

# What is fetched, by version, so that a run today is a run tomorrow.
PACKAGES = ["jssip@3.13.8", "esbuild@0.28.2"]
PAGE_PORT = 8099
SECONDS = 30

SCRIPT = """
const JsSIP = require('jssip');
const said = new URLSearchParams(location.search);
const tell = what => fetch('/result', {method: 'POST', body: JSON.stringify(what)});
const socket = new JsSIP.WebSocketInterface(`wss://${said.get('node')}/`);
const phone = new JsSIP.UA({sockets: [socket], uri: 'sip:alice@example.com', password: 'wonderland', register_expires: 120});
phone.on('registered', () => {
  const options = {eventHandlers: {succeeded: () => tell({registered: true, message: 200}), failed: e => tell({registered: true, message: e.response ? e.response.status_code : e.cause})}};
  phone.sendMessage('sip:nobody@example.com', 'hello', options);
});
phone.on('registrationFailed', e => tell({registered: false, why: e.cause}));
phone.on('disconnected', e => tell({registered: false, why: 'disconnected ' + (e.reason || e.code || '')}));
phone.start();
"""


def bundle(place: Path) -> str:
    """JsSIP and the script above as one file for a browser."""
    if not shutil.which("npm"):
        raise Failure("npm is missing: JsSIP comes from its registry")
    installed = subprocess.run(["npm", "install", "--no-audit", "--no-fund", *PACKAGES], cwd=place, capture_output=True, text=True, check=False)
    if installed.returncode:
        raise Failure(f"npm could not install {PACKAGES}: {installed.stderr[-300:]}")
    (place / "page.js").write_text(SCRIPT)
    packed = subprocess.run([place / "node_modules/.bin/esbuild", "page.js", "--bundle"], cwd=place, capture_output=True, text=True, check=False)
    if packed.returncode:
        raise Failure(f"esbuild: {packed.stderr[-300:]}")
    return packed.stdout


class Site:
    """Serves the page, and hears what it found."""

    def __init__(self, script: str, address: str) -> None:
        self.found: queue.Queue[dict[str, Any]] = queue.Queue()
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_script = self.path.startswith("/page.js")
                body = (script if is_script else "<!doctype html><title>phone</title><script src=/page.js></script>").encode()
                if is_script:
                    body = body.replace(b"</script>", b"<\\/script>")
                self.send_response(200)
                self.send_header("Content-Type", "text/javascript" if is_script else "text/html")
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                site.found.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer((address, PAGE_PORT), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.origin = f"http://{address}:{PAGE_PORT}"

    def open_with(self, node: str) -> dict[str, Any]:
        """What the page found in a browser of its own."""
        program = shutil.which("chromium")
        if not program:
            raise Failure("chromium is missing")
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            # The node's certificate is its own; that it is of a kind that the browser takes is what this shows.
            command = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--ignore-certificate-errors", f"--user-data-dir={profile}", f"{self.origin}/?node={node}"]
            browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                return self.found.get(timeout=SECONDS)
            except queue.Empty:
                return {"why": f"the page said nothing within {SECONDS} s"}
            finally:
                browser.terminate()
                browser.wait()


def run(checks: Checks, binary: str | None) -> None:
    place = ROOT / "build/acceptance/browser"
    place.mkdir(parents=True, exist_ok=True)
    script = bundle(place)
    site = Site(script, "127.0.0.1")
    other = Site(script, "127.0.0.2")
    settings = {"sip.websocket_origins": [site.origin]}
    with ring_of("browser-ring", 1, binary, settings, [{"user": "alice@example.com", "password": "wonderland"}]) as (ring, _):
        node = f"{ring.nodes[0].address}:443"
        say(f"a page of {site.origin} opens wss://{node}/")
        found = site.open_with(node)
        checks.check("JsSIP in Chromium registers over secure WebSocket", bool(found.get("registered")), json.dumps(found))
        checks.check("and a message to nobody is answered 404 over it", found.get("message") == 404, json.dumps(found))
        found = other.open_with(node)
        checks.check("a page of another origin does not get in", not found.get("registered"), json.dumps(found))


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("browser", given.results)
    return main_with(checks, lambda: run(checks, given.binary))


if __name__ == "__main__":
    sys.exit(main())
