"""Tests of what is computed here: `PYTHONPATH=bin/lib python3 -B -m unittest discover -s bin/regress.d`."""

import contextlib
import io
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import outcome
from options import parse
from packages import Missing
from run import Clients, Run, children, verdicts
from sources import with_sources
from state import used
from suite import Suite, read_schedule

SCHEDULE = "# first\ntest: test_setup\n\ntest: boolean char\nignore: random\ntest: temp random\n"


def run_of(directory, name, **results):
    path = Path(directory, name)
    path.mkdir()
    for test, text in results.items():
        (path / f"{test}.out").write_text(text)
    return Run(path, {}, (), (), 1)


class OptionsTest(unittest.TestCase):
    def test_a_run_is_named_by_proxy_and_mode(self):
        self.assertEqual("trunkline session", parse(["session"]).name)
        self.assertEqual("pgbouncer transaction", parse(["transaction", "--via", "pgbouncer"]).name)
        self.assertEqual("direct", parse(["direct"]).name)

    def test_what_cannot_be_is_refused(self):
        for wrong in ([], ["statement"], ["session", "--via", "haproxy"], ["session", "--pool-size", "0"]):
            with self.subTest(wrong), contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as end:
                parse(wrong)
            self.assertEqual(2, end.exception.code)


class SourcesTest(unittest.TestCase):
    def test_both_forms_get_source_packages(self):
        self.assertEqual("Types: deb deb-src\nURIs: http://x\n", with_sources("Types: deb\nURIs: http://x\n", True))
        self.assertEqual("# deb\ndeb [a=b] http://x main\ndeb-src [a=b] http://x main\n",
                         with_sources("# deb\ndeb [a=b] http://x main\n", False))

    def test_an_existing_source_line_stays_as_it_is(self):
        self.assertEqual("deb-src http://x main\n", with_sources("deb-src http://x main\n", False))


class SuiteTest(unittest.TestCase):
    def test_a_schedule_is_read_in_groups(self):
        self.assertEqual([["test_setup"], ["boolean", "char"], ["temp", "random"]], read_schedule(SCHEDULE))

    def test_a_choice_keeps_order_and_groups_and_the_first_test(self):
        with tempfile.TemporaryDirectory() as name:
            Path(name, "parallel_schedule").write_text(SCHEDULE)
            suite = Suite("15", Path(name), Path("/usr/bin"))
            self.assertEqual([["test_setup"], ["char"], ["temp"]], suite.schedule(("temp", "char")))
            self.assertEqual(5, sum(map(len, suite.schedule(()))))
            with self.assertRaises(Missing):
                suite.schedule(("tmep",))


class OutcomeTest(unittest.TestCase):
    def setUp(self):
        self._directory = tempfile.TemporaryDirectory()
        self.addCleanup(self._directory.cleanup)
        self.keep = Path(self._directory.name, "keep")
        self.keep.mkdir()

    def compare(self, direct, proxied):
        return outcome.Comparison(run_of(self._directory.name, "direct", **direct),
                                  run_of(self._directory.name, "proxied", **proxied), self.keep)

    def test_what_fails_in_the_same_words_is_the_same(self):
        comparison = self.compare({"a": "ERROR:  x\n"}, {"a": "ERROR:  x\n"})
        self.assertEqual([], comparison.differences(["a"], {}))

    def test_a_difference_of_one_byte_leaves_a_diff_and_its_cause(self):
        comparison = self.compare({"a": "1\n", "b": "1\n"}, {"a": "1 \n", "b": "2\n"})
        first, second = comparison.differences(["a", "b"], {"a": "known"})
        self.assertEqual(("known", outcome.UNEXPLAINED), (first.cause, second.cause))
        self.assertIn("-1\n+2\n", second.diff.read_text())

    def test_a_test_that_did_not_run_is_not_the_same(self):
        comparison = self.compare({}, {})
        self.assertEqual(["a"], [difference.test for difference in comparison.differences(["a"], {})])

    def test_a_lost_connection_counts_where_the_direct_run_has_none(self):
        lost = "server closed the connection unexpectedly\n"
        comparison = self.compare({"a": lost, "b": ""}, {"a": lost, "b": lost})
        self.assertEqual(["b"], comparison.lost_connection(["a", "b"]))

    def test_causes_are_of_one_kind_of_run_and_may_be_several(self):
        text = "[x session]\na b = one = 1\nb = two\n[y session]\na = other\n"
        self.assertEqual({"a": "one = 1", "b": "one = 1; two"}, outcome.known_causes("x session", text))
        self.assertEqual({}, outcome.known_causes("x transaction", text))

    def test_an_entry_without_a_difference_is_told(self):
        different = [outcome.Difference("a", Path("a.diff"), "known")]
        self.assertEqual(["b"], outcome.no_longer_different(different, ["a", "b", "c"], {"a": "known", "b": "known"}))

    def test_the_list_in_the_tree_can_be_read(self):
        for mode in ("session", "transaction"):
            self.assertIsInstance(outcome.known_causes(f"trunkline {mode}", outcome.KNOWN.read_text()), dict)


class StateTest(unittest.TestCase):
    def test_session_state_is_named(self):
        self.assertEqual(["temporary tables", "SET"], used("CREATE TEMP TABLE x ();\nset enable_sort = off;"))
        self.assertEqual(["another user"], used("SET SESSION AUTHORIZATION bob;"))
        self.assertEqual(["PREPARE"], used("prepare q as select 1;"))

    def test_what_ends_with_its_transaction_is_none(self):
        self.assertEqual([], used("SET LOCAL x = 1;\nSET TRANSACTION READ ONLY;\nPREPARE TRANSACTION 'x';"))


class RunTest(unittest.TestCase):
    def test_verdicts_of_single_tests_and_of_groups(self):
        log = ("test test_setup                   ... ok          251 ms\nparallel group (2 tests):  a b\n"
               "     a                            ... ok           10 ms\n     b                            ... FAILED       10 ms\n"
               "     random                       ... failed (ignored)       10 ms\n")
        self.assertEqual({"test_setup": "ok", "a": "ok", "b": "FAILED", "random": "failed"}, verdicts(log))

    def test_a_run_is_complete_with_all_verdicts_and_living_servers(self):
        self.assertTrue(Run(Path(), {"a": "FAILED"}, ("a",), (), 1).is_complete(["a"]))
        self.assertFalse(Run(Path(), {"a": "ok"}, (), (), 1).is_complete(["a", "b"]))
        self.assertFalse(Run(Path(), {"a": "ok"}, (), ("trunkline",), 1).is_complete(["a"]))

    def test_a_client_beyond_the_limit_is_ended_and_its_test_told(self):
        with tempfile.TemporaryDirectory() as name:
            with Path(name, "temp.out").open("wb") as output:
                hanging = subprocess.Popen(["sleep", "300"], stdout=output)
            self.addCleanup(hanging.kill)
            self.assertIn(hanging.pid, children(os.getpid()))
            self.assertEqual([], Clients(os.getpid(), 3600).end_overdue())
            self.assertEqual(["temp"], self.until_overdue(Clients(os.getpid(), 0)))
            self.assertLess(hanging.wait(timeout=10), 0)

    def until_overdue(self, clients):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            ended = clients.end_overdue()
            if ended:
                return ended
        return []


if __name__ == "__main__":
    os.chdir(Path(__file__).parent)
    unittest.main()
