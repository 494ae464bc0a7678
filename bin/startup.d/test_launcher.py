"""Tests of bin/trunkline: which options it gives the JVM, and that it starts whatever becomes of the AOT cache."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from servers import HOME

FAKE_JAVA = """#!/bin/sh
# Prints its arguments, one a line; makes or spoils what it is asked for.
for argument in "$@"; do
    echo "$argument"
    case $argument in
        -XX:AOTCacheOutput=*) printf 'half of it' >"${argument#*=}"; touch "${argument#*=}.config"; training=yes ;;
    esac
done
[ -z "${training:-}" ] || exit "${TRAINING_STATUS:-0}"
"""

FAKE_MAVEN = """#!/bin/sh
mkdir -p server/target/trunkline/lib/demo && touch server/target/trunkline/lib/a.jar
"""

PROGRAM = """package dev.trunkline.server;
class Main {
    public static void main(String[] args) {
        System.out.println("started " + String.join(" ", args));
    }
}
class Training {
    public static void main(String[] args) {
        Main.main(args);
    }
}
"""


class Tree:
    """A copy of the launcher, with a JDK in `jdk` or a fake one."""

    def __init__(self, directory, jdk=None):
        self.home = Path(directory, "home of it")
        (self.home / "bin" / "lib").mkdir(parents=True)
        (self.home / "lib" / "demo").mkdir(parents=True)
        for name in ("trunkline", "find-jdk", "lib/jvm.sh"):
            shutil.copy2(HOME / "bin" / name, self.home / "bin" / name)
        self.cache = self.home / "trunkline.aot"
        self.jdk = jdk or self._fake_jdk(Path(directory, "jdk"))

    def _fake_jdk(self, path):
        self.write(path / "bin" / "java", FAKE_JAVA)
        self.write(path / "bin" / "javac", "#!/bin/sh\n")
        self.write(path / "release", 'JAVA_VERSION="25.0.1"\n')
        return path

    @staticmethod
    def write(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run(self, *arguments, **environment):
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith("TRUNKLINE") and name not in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")}
        return subprocess.run([self.home / "bin" / "trunkline", *arguments], stdin=subprocess.DEVNULL,
                              env={**clean, "JAVA_HOME": str(self.jdk), **environment}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)

    def options(self, *arguments, **environment):
        """What the JVM is given."""
        return self.run(*arguments, **environment).stdout.splitlines()


class Case(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = temporary.name


class OptionsTest(Case):
    def setUp(self):
        super().setUp()
        self.tree = Tree(self.directory)
        for name in ("lib/b.jar", "lib/a.jar", "lib/B.jar", "lib/demo/xz.jar"):
            (self.tree.home / name).touch()

    def class_path(self, *names):
        return ":".join(str(self.tree.home / "lib" / name) for name in names)

    def test_the_class_path_is_in_the_order_of_bytes(self):
        for locale in ("C", "en_US.UTF-8"):
            given = self.tree.options("run", "conf", LC_ALL=locale)
            self.assertEqual(self.class_path("B.jar", "a.jar", "b.jar"), given[given.index("-cp") + 1])
            self.assertEqual(["dev.trunkline.server.Main", "run", "conf"], given[-3:])

    def test_the_demo_has_more_jars_behind_those_of_run(self):
        given = self.tree.options("demo")
        self.assertEqual(self.class_path("B.jar", "a.jar", "b.jar", "demo/xz.jar"), given[given.index("-cp") + 1])

    def test_options_of_the_operator_stand_behind_those_that_are_shipped(self):
        given = self.tree.options("run", "conf", TRUNKLINE_JAVA_OPTS="-XX:+UseG1GC -Xmx1g")
        self.assertLess(given.index("-XX:MaxRAMPercentage=25"), given.index("-Xmx1g"))
        self.assertLess(given.index("-XX:+UseG1GC"), given.index("-cp"))

    def test_without_a_cache_it_starts_and_says_so(self):
        done = self.tree.run("run", "conf")
        self.assertIn("there is no AOT cache for these jars", done.stderr)
        self.assertIn("dev.trunkline.server.Main", done.stdout)
        self.assertNotIn("AOTCache", done.stdout)
        self.assertEqual("", self.tree.run("--version").stderr)

    def test_a_cache_is_made_as_it_is_used(self):
        trained = self.tree.run("train")
        self.assertEqual((0, "half of it"), (trained.returncode, self.tree.cache.read_text()))
        training = (self.tree.home / "train.log").read_text().splitlines()
        given = self.tree.options("run", "conf")
        self.assertIn(f"-XX:AOTCache={self.tree.cache}", given)
        self.assertEqual(training[training.index("-cp") + 1], given[given.index("-cp") + 1])
        self.assertEqual([word for word in training if word.startswith("-XX:+")],
                         [word for word in given if word.startswith("-XX:+")])
        self.assertEqual(["trunkline.aot.for"], [path.name for path in self.tree.home.glob("trunkline.aot.*")])

    def test_the_cache_can_be_left_out(self):
        self.assertEqual(0, self.tree.run("train").returncode)
        done = self.tree.run("run", "conf", TRUNKLINE_AOT="off")
        self.assertNotIn("AOTCache", done.stdout)
        self.assertEqual("", done.stderr)

    def test_a_cache_for_other_jars_is_not_used(self):
        changes = (("changed", lambda jar: jar.write_text("x")), ("touched", lambda jar: os.utime(jar, (1, 1))),
                   ("new", lambda jar: jar.with_name("c.jar").touch()), ("gone", lambda jar: jar.unlink()))
        for name, change in changes:
            with self.subTest(name):
                self.assertEqual(0, self.tree.run("train").returncode)
                change(self.tree.home / "lib" / "b.jar")
                done = self.tree.run("run", "conf")
                self.assertIn("there is no AOT cache for these jars", done.stderr)
                self.assertIn("dev.trunkline.server.Main", done.stdout)
                self.assertNotIn("AOTCache", done.stdout)

    def test_a_training_that_fails_leaves_no_cache_and_says_where_to_look(self):
        self.tree.cache.write_text("of an earlier build")
        done = self.tree.run("train", TRAINING_STATUS="1")
        self.assertEqual(1, done.returncode)
        self.assertIn(str(self.tree.home / "train.log"), done.stderr)
        self.assertEqual([], list(self.tree.home.glob("trunkline.aot*")))
        self.assertIn("dev.trunkline.server.Main", self.tree.options("run", "conf"))

    def test_after_a_build_it_starts_though_the_training_fails(self):
        (self.tree.home / "pom.xml").touch()
        maven = Path(self.directory, "maven")
        self.tree.write(maven / "mvn", FAKE_MAVEN)
        path = f"{maven}:{os.environ['PATH']}"
        done = self.tree.run("run", "conf", TRAINING_STATUS="1", PATH=path)
        self.assertIn("there is no AOT cache", done.stderr)
        self.assertIn("dev.trunkline.server.Main", done.stdout)
        # The build counts all the same.
        self.assertNotIn("building", self.tree.run("run", "conf", PATH=path).stderr)


class CacheTest(unittest.TestCase):
    """With a real JVM, and a program of two classes in place of the proxy."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        jdk = Path(subprocess.run([HOME / "bin" / "find-jdk", "25"], stdout=subprocess.PIPE, text=True,
                                  check=True).stdout.strip())
        cls.tree = Tree(temporary.name, jdk)
        cls.jar = cls.tree.home / "lib" / "program.jar"
        source = Path(temporary.name, "Program.java")
        source.write_text(PROGRAM)
        classes = Path(temporary.name, "classes")
        subprocess.run([jdk / "bin" / "javac", "-d", classes, source], check=True)
        subprocess.run([jdk / "bin" / "jar", "cf", cls.jar, "-C", classes, "."], check=True)
        trained = cls.tree.run("train")
        if trained.returncode != 0:
            raise AssertionError((cls.tree.home / "train.log").read_text())
        cls.good = cls.tree.cache.read_bytes()

    def setUp(self):
        self.tree.cache.write_bytes(self.good)

    def started(self):
        """What stands on stderr when it was started; it must start, and stdout be the program's alone."""
        done = self.tree.run("run", "conf")
        self.assertEqual((0, "started run conf\n"), (done.returncode, done.stdout), done.stderr)
        return done.stderr

    def test_a_good_one_is_used_in_silence(self):
        self.assertEqual("", self.started())
        shown = self.tree.run("run", "conf", TRUNKLINE_JAVA_OPTS="-Xlog:class+load").stdout
        mine = [line for line in shown.splitlines() if " dev.trunkline.server.Main " in line]
        self.assertIn("shared objects file", " ".join(mine))

    def test_another_jdk(self):
        place = self.good.index(b"OpenJDK") if b"OpenJDK" in self.good[:4096] else self.good.index(b"HotSpot")
        self.tree.cache.write_bytes(self.good[:place] + b"another" + self.good[place + 7:])
        self.assertIn("AOT cache", self.started())

    def test_other_options(self):
        done = self.tree.run("run", "conf", TRUNKLINE_JAVA_OPTS="-XX:-UseCompactObjectHeaders")
        self.assertEqual("started run conf\n", done.stdout)
        self.assertIn("UseCompactObjectHeaders", done.stderr)

    def test_one_that_is_cut_off_or_something_else(self):
        for content in (self.good[: len(self.good) // 2], b"something else"):
            self.tree.cache.write_bytes(content)
            self.assertIn("AOT cache", self.started())


if __name__ == "__main__":
    unittest.main()
