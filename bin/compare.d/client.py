"""A client of PostgreSQL's protocol 3.0 for what pgbench does not measure. Source: PostgreSQL manual, "Frontend/Backend Protocol"."""

import asyncio
import base64
import hashlib
import hmac
import os
import socket
import struct
from functools import lru_cache

CHUNK = 256 * 1024


class Rejected(Exception):
    """The server said so; the text is its message."""


def startup(user, database):
    body = struct.pack("!i", 196608) + b"".join(
        word.encode() + b"\0" for word in ("user", user, "database", database)) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


def message(kind, body=b""):
    return kind + struct.pack("!i", len(body) + 4) + body


def _error(body):
    fields = {field[:1]: field[1:].decode(errors="replace") for field in body.split(b"\0") if field}
    return Rejected(f"{fields.get(b'C', '')} {fields.get(b'M', '')}".strip())


class Connection:
    """Blocking, without a password."""

    def __init__(self, port, name, source="127.0.0.1"):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60, source_address=(source, 0))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._in = self._socket.makefile("rb", buffering=1024)
        self._socket.sendall(startup(name, name))
        self.until(b"Z")

    def until(self, wanted):
        """Reads messages up to the first of that kind."""
        while True:
            head = self._in.read(5)
            if len(head) < 5:
                raise Rejected("the connection was closed")
            kind, length = head[:1], struct.unpack("!i", head[1:])[0]
            body = self._in.read(length - 4)
            if kind == b"E":
                raise _error(body)
            if kind == wanted:
                return body

    def query(self, sql):
        self.send(sql)
        self.until(b"Z")

    def send(self, sql):
        self._socket.sendall(message(b"Q", sql.encode() + b"\0"))

    def drain(self, sql):
        """Runs it and throws its rows away as fast as they come; gives the number of bytes."""
        self.send(sql)
        buffer = bytearray(CHUNK)
        tail, total = b"", 0
        # ReadyForQuery is the last message, and nothing else is sent unasked here.
        while tail[-6:-1] != b"Z\0\0\0\5":
            count = self._socket.recv_into(buffer)
            if count == 0:
                raise Rejected("the connection was closed")
            total += count
            tail = (tail + bytes(buffer[max(0, count - 6):count]))[-6:]
        return total

    def take(self, most):
        """Throws away up to so many bytes of what is there, without waiting for more; gives their number."""
        try:
            got = self._socket.recv(most, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0
        if not got:
            raise Rejected("the connection was closed")
        return len(got)

    def copy_in(self, sql, rows, times):
        """COPY FROM STDIN of `rows`, which end with a line, so many times."""
        self.send(sql)
        self.until(b"G")
        data = message(b"d", rows)
        for _ in range(times):
            self._socket.sendall(data)
        self._socket.sendall(message(b"c"))
        self.until(b"Z")

    def close(self):
        self._in.close()
        self._socket.close()


@lru_cache(maxsize=64)
def _salted(password, salt, rounds):
    """Costs milliseconds, and all clients of one user ask for the same."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)


def scram_secret(password, salt, rounds=4096):
    """As PostgreSQL stores it. Source: RFC 5803 and src/common/scram-common.c."""
    salted = _salted(password, salt, rounds)
    stored = hashlib.sha256(_mac(salted, b"Client Key")).digest()
    parts = [base64.b64encode(part).decode() for part in (salt, stored, _mac(salted, b"Server Key"))]
    return f"SCRAM-SHA-256${rounds}:{parts[0]}${parts[1]}:{parts[2]}"


def _mac(key, text):
    return hmac.new(key, text, hashlib.sha256).digest()


async def scram_login(port, name, password, source="127.0.0.1"):
    """Logs in with SCRAM-SHA-256 (RFC 5802, 7677) up to the first ReadyForQuery; gives reader and writer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    try:
        writer.write(startup(name, name))
        await _authentication(reader, 10)
        nonce = base64.b64encode(os.urandom(18)).decode()
        bare = f"n=,r={nonce}"
        first = ("n,," + bare).encode()
        writer.write(message(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first))
        challenge = (await _authentication(reader, 11)).decode()
        given = dict(part.split("=", 1) for part in challenge.split(","))
        salted = _salted(password, base64.b64decode(given["s"]), int(given["i"]))
        key = _mac(salted, b"Client Key")
        unproven = f"c=biws,r={given['r']}"
        signature = _mac(hashlib.sha256(key).digest(), f"{bare},{challenge},{unproven}".encode())
        proof = bytes(a ^ b for a, b in zip(key, signature))
        writer.write(message(b"p", f"{unproven},p={base64.b64encode(proof).decode()}".encode()))
        while (await _message(reader))[0] != b"Z":
            pass
    except BaseException:
        writer.close()
        raise
    return reader, writer


async def _authentication(reader, wanted):
    kind, body = await _message(reader)
    code = struct.unpack("!i", body[:4])[0] if kind == b"R" else None
    if code != wanted:
        raise Rejected(f"authentication {code} came in place of {wanted}")
    return body[4:]


async def _message(reader):
    head = await reader.readexactly(5)
    body = await reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)
    if head[:1] == b"E":
        raise _error(body)
    return head[:1], body
