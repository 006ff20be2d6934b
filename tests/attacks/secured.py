"""TLS for two threads: one reads while another writes, which Python's own does not guard (an SSL object of OpenSSL belongs to one thread at a time:
records of two threads at once spoil each other, and the other end closes)."""

from __future__ import annotations

import select
import socket
import ssl
import threading

from speakers import lax_tls


class Secured:
    """A TLS connection over a connected socket, with what a socket offers of use here. Believes whoever answers, unless the context says more."""

    def __init__(self, plain: socket.socket, context: ssl.SSLContext | None = None, name: str | None = None) -> None:
        self.tls = (context or lax_tls()).wrap_socket(plain, server_hostname=name)
        self.tls.setblocking(False)
        self.turn = threading.Lock()
        self.patience: float | None = None

    def recv(self, size: int) -> bytes:
        """Waits for as long as the connection stands; empty at its end."""
        while True:
            try:
                with self.turn:
                    return self.tls.recv(size)
            except ssl.SSLWantReadError:
                select.select([self.tls], [], [], 5)

    def sendall(self, data: bytes) -> None:
        while data:
            try:
                with self.turn:
                    data = data[self.tls.send(data) :]
            except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
                if not select.select([], [self.tls], [], self.patience)[1]:
                    raise TimeoutError("the other end does not read") from None

    def settimeout(self, seconds: float | None) -> None:
        """For sending alone: whoever reads does so in a thread of its own, and waits for as long as the connection stands."""
        self.patience = seconds

    def getpeercert(self, binary_form: bool = False) -> bytes:
        return self.tls.getpeercert(binary_form) or b""  # type: ignore[return-value]

    def getsockname(self) -> tuple[str, int]:
        return self.tls.getsockname()

    def shutdown(self, how: int) -> None:
        with self.turn:
            self.tls.shutdown(how)

    def close(self) -> None:
        self.tls.close()
