"""A mail server that takes everything and keeps nothing, in a process of its own so that it costs the bench no time.

    python -m tests.benchmarks.smtp_sink [SECONDS_A_REPLY]

Prints its port. It speaks just enough SMTP, because a real server would be what is measured.
"""

import asyncio
import sys

_END = b"\r\n.\r\n"


class Conversation(asyncio.Protocol):
    """One connection: every command is answered, every mail accepted, each reply after the same delay."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._received = bytearray()
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._reply(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._received += data
        while True:
            end = self._received.find(_END if self._in_data else b"\r\n")
            if end < 0:
                return
            if self._in_data:
                del self._received[: end + len(_END)]
                self._in_data = False
                self._reply(b"250 taken\r\n")
                continue
            command = bytes(self._received[:4]).upper()
            del self._received[: end + 2]
            self._in_data = command == b"DATA"
            if command == b"QUIT":
                self._transport.close()
                return
            self._reply(b"354 go on\r\n" if self._in_data else b"250 sink\r\n")

    def _reply(self, words: bytes) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, words)
        else:
            self._transport.write(words)


async def serve(delay: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Conversation(delay), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0))
