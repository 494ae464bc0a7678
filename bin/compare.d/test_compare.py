"""Tests of what is computed here: `PYTHONPATH=bin/lib python3 -B -m unittest discover -s bin/compare.d`."""

import base64
import contextlib
import io
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path
from unittest import mock

import probing
from against import changes
from client import Connection, Rejected, scram_secret
from measure import Refused, Round, first_error, latencies, percentile
from options import parse
from probes import PROBES, TEXTS, Sources
from probing import ProbeCell
from processes import Daemon, free_port
from report import report, table
from results import Cell, as_json, base_of, ratios
from slow import SlowReader, most_in_sockets
from targets import NAME, PROVING


def round_of(number, tps, cpu=(1.0, 9.0)):
    return Round(number, 100, tps, 0.1, 0.09, 0.2, *cpu)


def cell(target, *tps, problem=None):
    return Cell(1, "simple", target, [round_of(number, value) for number, value in enumerate(tps, 1)], problem)


class OptionsTest(unittest.TestCase):
    def test_defaults_measure_everything(self):
        options = parse([])
        self.assertEqual(9, len(options.settings()))
        self.assertEqual(5, len(options.targets))

    def test_an_unknown_target_is_refused(self):
        for wrong in (["--targets", "direct,nginx"], ["--clients", "0"], ["--protocols", "simple,simple"]):
            with self.subTest(wrong), contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as end:
                parse(wrong)
            self.assertEqual(2, end.exception.code)


    def test_an_earlier_build_is_one_more_target(self):
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "bin").mkdir()
            (Path(name) / "bin" / "trunkline").touch()
            with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
                parse(["--earlier", name])
            (Path(name) / "server" / "target").mkdir(parents=True)
            (Path(name) / "server" / "target" / "server-1.jar").touch()
            options = parse(["--earlier", name])
        self.assertEqual("earlier", options.targets[-1])
        self.assertEqual(Path(name), options.earlier)


class MeasureTest(unittest.TestCase):
    def test_percentile_is_the_nearest_rank(self):
        self.assertEqual(50, percentile(range(1, 101), 50))
        self.assertEqual(99, percentile(range(1, 101), 99))
        self.assertEqual(7, percentile([7], 99))

    def test_latencies_of_all_threads_are_merged(self):
        with tempfile.TemporaryDirectory() as name:
            Path(name, "log.1").write_text("0 1 300 0 1700000000 1\n0 2 100 0 1700000000 2\n")
            Path(name, "log.1.1").write_text("1 1 200 0 1700000000 1\n")
            self.assertEqual([100, 200, 300], latencies(Path(name)))

    def test_the_first_error_is_told(self):
        stderr = 'pgbench: error: client 3 script 0 aborted: ERROR:  no\npgbench: error: Run was aborted\n'
        self.assertEqual("client 3 script 0 aborted: ERROR:  no", first_error(stderr))


class ResultsTest(unittest.TestCase):
    def test_ratios_pair_the_same_rounds(self):
        self.assertEqual([2.0, 0.5], ratios(cell("trunkline", 200, 50), cell("pgbouncer", 100, 100), "tps"))

    def test_there_is_no_ratio_to_a_refused_base(self):
        base = cell("pgbouncer", 100, problem="refused, errors: x")
        self.assertEqual([], ratios(cell("trunkline", 200), base, "tps"))
        self.assertEqual([], ratios(cell("trunkline", 200), None, "tps"))

    def test_what_an_earlier_build_did_in_the_same_rounds_is_beside_it(self):
        cells = [cell("trunkline", 200, 100), cell("earlier", 100, 100)]
        printed = report({}, parse(["--clients", "1", "--protocols", "simple"]), cells)
        self.assertIn("| 1       |   simple |   1.50 [1.00..2.00] |   1.00 [1.00..1.00] |", printed)
        self.assertNotIn("earlier build", report({}, parse([]), cells[:1]))

    def test_a_refused_target_stays_in_table_and_json_without_numbers(self):
        cells = [cell("pgbouncer", 100), cell("trunkline", 200, problem="refused, errors: client 1 aborted")]
        printed = report({}, parse(["--clients", "1", "--protocols", "simple"]), cells)
        self.assertIn("| trunkline | refused, errors |", printed)
        self.assertIn("trunkline, 1 × simple: refused, errors: client 1 aborted", printed)
        summary = as_json({}, parse([]), cells)["results"][1]
        self.assertIsNone(summary["tps"])
        self.assertEqual(1, len(summary["rounds"]))

    def test_the_table_holds_median_range_and_ratio(self):
        cells = [cell("pgbouncer", 100, 100, 100), cell("trunkline", 150, 120, 130)]
        row = table(cells, cells).splitlines()[-1]
        self.assertIn("130 [120..150]", row)
        self.assertIn("1.30", row)
        self.assertIn("10.0 [10.0..10.0] (1.0 + 9.0)", row)
        self.assertIs(cells[0], base_of(cells, cells[1]))


class ProbesTest(unittest.TestCase):
    def cells(self, *bytes_each):
        cells = [ProbeCell("idle", "pgbouncer"), ProbeCell("idle", "trunkline")]
        for cell, value in zip(cells, bytes_each):
            cell.rounds.append({"bytes_each": value, "resident_mb": 1.0, "base_mb": None})
        return cells

    def test_the_table_has_a_ratio_for_each_figure(self):
        printed = report({}, parse(["--parts", "idle"]), [], self.cells(2000, 3000))
        row = printed.splitlines()[-1]
        self.assertIn("### idle clients", printed)
        self.assertIn("3,000", row)
        self.assertIn("1.50", row)

    def test_a_probe_that_failed_is_named(self):
        cells = self.cells(2000)
        cells[1].problem = "refused, errors: the connection was closed"
        printed = report({}, parse([]), [], cells)
        self.assertIn("| trunkline | refused, errors |", printed)
        self.assertIn("- trunkline, idle clients: refused, errors: the connection was closed", printed)

    def test_a_figure_next_to_nothing_has_no_ratio_and_no_loss(self):
        def run_of(*growths):
            cells = [ProbeCell("slow", "haproxy"), ProbeCell("slow", "trunkline")]
            for cell, growth in zip(cells, growths):
                cell.rounds.append({"tps_kept": 1.0, "p99_ms": 2.0, "p99_alone_ms": 2.0, "growth_mb": growth})
            return cells

        row = report({}, parse(["--parts", "slow"]), [], run_of(0.02, 2.4)).splitlines()[-1]
        self.assertRegex(row, r" 2\.4 \|$")
        runs = [{"probes": probing.as_json(run_of(0.02, growth))} for growth in (2.4, 9.9)]
        self.assertNotIn("9.9", str(changes(*runs)))
        self.assertEqual(3, len(changes(*runs)))

    def run_of(self, bytes_each, tps):
        cells = [cell("pgbouncer", 100), cell("trunkline", tps)]
        return {**as_json({}, parse([]), cells), "probes": probing.as_json(self.cells(1000, bytes_each))}

    def test_a_loss_of_more_than_5_percent_is_seen_whatever_is_better(self):
        same = changes(self.run_of(2000, 100), self.run_of(2080, 96))
        self.assertFalse([change.what for change in same if change.is_loss()])
        worse = changes(self.run_of(2000, 100), self.run_of(2200, 90))
        self.assertEqual(["1 × simple, tps / rival", "idle clients, bytes for each / rival"],
                         [change.what for change in worse if change.is_loss()])
        self.assertIn("LOSS", report({}, parse([]), [], (), worse))

    def test_what_only_one_run_has_is_not_compared(self):
        earlier = self.run_of(2000, 100)
        earlier["probes"] = []
        self.assertEqual({"1 × simple, tps / rival", "1 × simple, CPU / rival"},
                         {change.what for change in changes(earlier, self.run_of(9000, 100))})


class RoutingTest(unittest.TestCase):
    def test_the_texts_have_200_characters(self):
        self.assertEqual(200, len(TEXTS["known"]))
        self.assertEqual(200, len(TEXTS["new"].splitlines()[-1].replace(":any", "123456789")))

    def test_what_is_measured_is_what_finding_out_adds(self):
        bench = mock.Mock(directory=Path(tempfile.mkdtemp()))
        spent = {NAME: 30.0, PROVING: 31.5}
        done = []

        def fake(_, __, work, *___):
            done.append((work.script.stem, work.database, work.seconds))
            return mock.Mock(cpu_us=spent[work.database])

        with mock.patch("probes.measure", fake):
            options = parse(["--seconds", "3", "--warmup", "1"])
            figures = [PROBES["routing"].run(bench, None, options) for _ in range(2)][-1]
        self.assertEqual((30.0, 31.5, 1.5), tuple(figures[f"new_{name}_us"] for name in ("off", "auto", "more")))
        self.assertEqual(4, sum(seconds == 1 for _, _, seconds in done))
        self.assertEqual(8, sum(seconds == 3 for _, _, seconds in done))
        shutil.rmtree(bench.directory)


class Flow:
    """A connection that has so much to read at each look."""

    def __init__(self, *there):
        self._there = list(there)
        self.asked = None
        self.closed = False
        self.looked = threading.Event()

    def send(self, sql):
        self.asked = sql

    def take(self, most):
        if not self._there:
            self.looked.set()
            return 0
        one = self._there.pop(0)
        if isinstance(one, Exception):
            self.looked.set()
            raise one
        return min(one, most)

    def close(self):
        self.closed = True


class SourcesTest(unittest.TestCase):
    def test_no_address_is_used_in_two_rounds_or_by_too_many(self):
        sources = Sources(1)
        rounds = [sources.take(12_000) for _ in range(100)]
        for first, second in zip(rounds, rounds[1:]):
            self.assertEqual(12_000, len(first))
            self.assertEqual(3, len(set(first)))
            self.assertFalse(set(first) & set(second))
        self.assertEqual(300, len(set().union(*rounds)))
        self.assertEqual("127.1.0.1", rounds[0][0])
        self.assertEqual(5_000, rounds[0].count("127.1.0.2"))
        self.assertFalse(set(Sources(2).take(5)) & set(rounds[0]))


class SlowReaderTest(unittest.TestCase):
    def read(self, flow, expected, memory=lambda: 0):
        with SlowReader(flow, "SELECT 1", expected, memory, aside=0, pause=0.001) as slow:
            self.assertTrue(flow.looked.wait(20))
        return slow

    def test_it_takes_a_little_at_a_time_and_keeps_the_most_memory(self):
        flow = Flow(1_000_000, 0, 500)
        memory = iter([100, 300, 900, 200])
        slow = self.read(flow, 10_000_000, lambda: next(memory, 200))
        self.assertEqual(("SELECT 1", 64 * 1024 + 500), (flow.asked, slow.total))
        self.assertEqual(800, slow.growth)
        self.assertTrue(flow.closed)
        slow.check()

    def test_memory_that_shrinks_has_not_grown(self):
        memory = iter([500])
        self.assertEqual(0, self.read(Flow(1), 10, lambda: next(memory, 100)).growth)

    def test_a_reader_that_could_not_hold_up_anything_is_refused(self):
        for flow, why in ((Flow(), "nothing"), (Flow(Rejected("it was closed")), "closed")):
            with self.subTest(why), self.assertRaisesRegex(Rejected, why):
                self.read(flow, 10).check()

    def test_a_result_that_ends_early_is_refused(self):
        with SlowReader(Flow(6, 4), "SELECT 1", 10, lambda: 0, aside=0, pause=0.001) as slow:
            slow.wait()
        with self.assertRaisesRegex(Rejected, "--megabytes"):
            slow.check()

    def test_a_rest_that_fits_into_sockets_is_refused(self):
        flow = Flow(60)
        with SlowReader(flow, "SELECT 1", 100, lambda: 0, aside=40, pause=0.001) as slow:
            self.assertTrue(flow.looked.wait(20))
        with self.assertRaisesRegex(Rejected, "--megabytes"):
            slow.check()
        self.assertGreater(most_in_sockets(), 100_000)

    def test_take_does_not_wait_and_sees_the_end(self):
        ours, theirs = socket.socketpair()
        connection = Connection.__new__(Connection)
        connection._socket = ours
        with ours, theirs:
            self.assertEqual(0, connection.take(10))
            theirs.sendall(b"x" * 15)
            self.assertEqual([10, 5], [connection.take(10), connection.take(10)])
            theirs.close()
            with self.assertRaises(Rejected):
                connection.take(10)

    def test_the_figures_are_those_with_and_without_it(self):
        rounds = iter([round_of(0, 200), round_of(0, 190)])
        with mock.patch("probes.measure", lambda *_: next(rounds)), \
                mock.patch("probes.Connection", lambda *_: None), mock.patch("probes.SlowReader") as reader:
            reader.return_value.growth = 3_000_000
            figures = PROBES["slow"].run(mock.Mock(), mock.Mock(), parse(["--warmup", "0"]))
        self.assertEqual({"tps_kept": 0.95, "p99_ms": 0.2, "p99_alone_ms": 0.2, "growth_mb": 3.0}, figures)
        reader.return_value.check.assert_called_once()

    def test_clients_with_errors_refuse_the_probe(self):
        with mock.patch("probes.measure", mock.Mock(side_effect=Refused("client 1 aborted"))), \
                self.assertRaisesRegex(Rejected, "client 1 aborted"):
            PROBES["slow"].run(mock.Mock(), mock.Mock(), parse([]))


class ScramTest(unittest.TestCase):
    def test_the_secret_is_that_of_rfc_7677(self):
        # The salt of the RFC's example; StoredKey and ServerKey were worked out by PostgreSQL for its password.
        secret = scram_secret("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
        self.assertRegex(secret, r"^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
                                 r"wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=$")


class ProcessesTest(unittest.TestCase):
    def test_stopping_a_daemon_ends_its_children_too(self):
        with tempfile.TemporaryDirectory() as name:
            daemon = Daemon("parent", Path(name, "log"), signal.SIGINT)
            daemon.start(["sh", "-c", "sleep 300 & echo $!; wait"])
            while not daemon.log.read_text():
                self.assertTrue(daemon.is_running())
            child = int(daemon.log.read_text())
            self.assertGreaterEqual(daemon.cpu().user, 0)
            daemon.stop()
            self.assertFalse(daemon.is_running())
            # It was killed, which it has yet to notice.
            deadline = time.monotonic() + 10
            while self._state(child) not in ("", "Z"):
                self.assertLess(time.monotonic(), deadline)

    @staticmethod
    def _state(pid):
        told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], stdout=subprocess.PIPE, text=True, check=False)
        return told.stdout.strip()[:1]

    def test_a_free_port_can_be_bound_and_is_not_ephemeral(self):
        low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
        self.assertLess(free_port(), low)


if __name__ == "__main__":
    os.chdir(Path(__file__).parent)
    unittest.main()
