#!/usr/bin/env python3
"""What a person meets who starts the demo twice, anew, or where something is taken already.

    demo.py PROGRAM
"""
import contextlib
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

PROGRAM = ""
SECONDS = 120  # a hang, not a measure


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def demo(*arguments):
    return subprocess.run([PROGRAM, "demo", *map(str, arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=SECONDS, check=False)


def ledger_of(output):
    return re.search(r"ledger ([0-9a-f]{64})", output).group(1)


@contextlib.contextmanager
def running(folder, port):
    """The demo, after its payment, with its node up."""
    node = subprocess.Popen([PROGRAM, "demo", "--data", str(folder), "--port", str(port)],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            stdin=subprocess.DEVNULL)
    try:
        printed = ""
        while "Ctrl-C" not in printed:
            line = node.stdout.readline()
            if not line:
                raise AssertionError("the demo ended: " + printed)
            printed += line
        yield node
    finally:
        if node.poll() is None:
            node.kill()
        node.stdout.close()
        node.wait()


class Demo(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="intaglio-demo-"))
        self.data = self.folder / "data"
        self.port = free_port()

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def play(self, *more):
        done = demo("--once", "--data", self.data, "--port", self.port, *more)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_refuses_six_ways_continues_and_starts_over(self):
        first = self.play()
        refusals = first[first.index("5. What is refused"):first.index("By hand")]
        verdicts = re.findall(r"\b(code_[a-z_]+):", refusals)
        self.assertEqual(verdicts, ["code_used", "code_bad_signature", "code_wrong_amount",
                                    "code_claimed", "code_unknown_key", "code_key_revoked"])
        self.assertTrue((self.data / "code.png").read_bytes().startswith(b"\x89PNG"))
        again = self.play()
        self.assertEqual(ledger_of(again), ledger_of(first))
        self.assertIn("in an earlier run", again)
        anew = self.play("--fresh")
        self.assertNotEqual(ledger_of(anew), ledger_of(first))
        self.assertNotIn("in an earlier run", anew)

    def test_says_that_the_port_is_taken_and_what_to_do(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", self.port))
            other.listen()
            done = demo("--once", "--data", self.data, "--port", self.port)
        self.assertEqual(done.returncode, 3)
        self.assertIn("port_taken", done.stderr)
        self.assertIn(f"--port {self.port + 1}", done.stdout + done.stderr)

    def test_says_that_the_folder_is_taken_and_ends_cleanly_on_ctrl_c(self):
        with running(self.data, self.port) as node:
            done = demo("--once", "--data", self.data, "--port", free_port())
            self.assertEqual(done.returncode, 3)
            self.assertIn("folder_taken", done.stderr)
            self.assertIn(str(self.data), done.stderr)
            self.assertIn("--data", done.stdout + done.stderr)
            # Nor does --fresh take the folder away from under it.
            fresh = demo("--once", "--fresh", "--data", self.data, "--port", free_port())
            self.assertEqual(fresh.returncode, 3)
            self.assertTrue((self.data / "passphrase").exists())
            node.send_signal(signal.SIGINT)
            self.assertEqual(node.wait(SECONDS), 0)
        self.assertIn("in an earlier run", self.play())

    def test_fresh_removes_nothing_that_is_not_its_own(self):
        self.data.mkdir()
        (self.data / "photos").write_text("precious")
        self.play("--fresh")
        self.assertEqual((self.data / "photos").read_text(), "precious")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
