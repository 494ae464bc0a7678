"""The first query: a client that knocks until it is let in, and measures."""

import socket
import struct
import time


def first_answer(port, user, database, alive, limit):
    """Returns when SELECT 1 is answered. Raises TimeoutError after `limit` seconds, or when `alive()` is false."""
    deadline = time.monotonic() + limit
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=limit) as connection:
                _ask(connection, user, database)
                return
        except ConnectionError:
            if time.monotonic() > deadline or not alive():
                raise TimeoutError(f"no answer within {limit} s") from None
            # Often enough for a millisecond's precision, and seldom enough to leave the cores to what is measured.
            time.sleep(0.001)


def _ask(connection, user, database):
    parameters = f"user\0{user}\0database\0{database}\0\0".encode()
    connection.sendall(struct.pack("!ii", 8 + len(parameters), 196608) + parameters)
    _read_to_ready(connection)
    connection.sendall(b"Q" + struct.pack("!i", 13) + b"SELECT 1\0")
    _read_to_ready(connection)


def _read_to_ready(connection):
    """Messages up to ReadyForQuery. Raises RuntimeError if one of them is an error."""
    stream = b""
    while True:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionResetError("closed before it was ready")
        stream += piece
        while len(stream) >= 5 and len(stream) > (length := struct.unpack("!i", stream[1:5])[0]):
            kind, body, stream = stream[:1], stream[5:length + 1], stream[length + 1:]
            if kind == b"E":
                raise RuntimeError(body.replace(b"\0", b" ").decode(errors="replace"))
            if kind == b"Z":
                return
