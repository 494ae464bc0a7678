"""Tests of what is computed here: `PYTHONPATH=bin/lib python3 -B -m unittest discover -s bin/startup.d`."""

import contextlib
import io
import socket
import struct
import threading
import unittest

from client import first_answer
from measure import Start
from options import DEFAULT_VARIANTS, Variant, parse
from processes import free_port
from report import table


def message(kind, body=b""):
    return kind + struct.pack("!i", len(body) + 4) + body


class OptionsTest(unittest.TestCase):
    def test_without_variants_the_cache_is_compared_with_none(self):
        self.assertEqual(DEFAULT_VARIANTS, parse([]).variants)

    def test_a_variant_is_a_name_and_options_that_may_hold_equals_signs(self):
        self.assertEqual((Variant("small", "-Xmx64m -Da=b"),), parse(["--variant", "small=-Xmx64m -Da=b"]).variants)
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            parse(["--variant", "-Xmx64m"])


class ClientTest(unittest.TestCase):
    def serve(self, *answers):
        """One connection on a new port, which is given the next answer for each packet that it sends."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def run():
            connection, _ = listener.accept()
            with connection:
                for answer in answers:
                    connection.recv(65536)
                    connection.sendall(answer)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        return listener.getsockname()[1]

    def test_it_returns_when_the_query_is_answered(self):
        ready = message(b"Z", b"I")
        port = self.serve(message(b"R", b"\0\0\0\0") + ready, message(b"C", b"SELECT 1\0") + ready)
        self.assertIsNone(first_answer(port, "u", "d", lambda: True, 10))

    def test_an_error_is_told(self):
        port = self.serve(message(b"E", b"Mno such database\0\0"))
        with self.assertRaisesRegex(RuntimeError, "no such database"):
            first_answer(port, "u", "d", lambda: True, 10)

    def test_it_gives_up_when_the_proxy_is_gone(self):
        with self.assertRaises(TimeoutError):
            first_answer(free_port(), "u", "d", lambda: False, 10)


class ReportTest(unittest.TestCase):
    def test_the_slowdown_is_the_first_chunk_against_the_median_of_the_last(self):
        self.assertEqual(2.0, Start(1, 1, 1, 1, (50, 99, 80, 100, 120)).slowdown)
        self.assertIsNone(Start(1, 1, 1, 1, (50, 100)).slowdown)

    def test_the_table_holds_medians_and_ranges(self):
        starts = [Start(ms, 100, 50, 60, ()) for ms in (300, 200, 250)]
        row = table({"as shipped": starts}).splitlines()[-1]
        self.assertIn("250 [200..300]", row)
        self.assertIn("| - ", row)


if __name__ == "__main__":
    unittest.main()
