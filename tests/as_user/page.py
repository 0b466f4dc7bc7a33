#!/usr/bin/env python3
"""Plays a page of the manual against the real program and compares what it prints.

    page.py PROGRAM docs/tour.md

The commands of all blocks run in one bash, in a folder of their own, on a free port. Each line that the
page shows must come, in order; ids, addresses, times and numbers of blocks may differ, and `…` stands
for anything without a space. A command that the page shows no output of must only succeed. A code is
shown at the beginning of a time step, so that the step does not end before the code is paid.
"""
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

SECONDS = 300  # a hang, not a measure
PORTS = 48  # a page counts up from its own
STEP = 15  # seconds of a payment code's time step, by the ledger's default

# What differs from run to run, as the page writes it -> what may stand there.
VARYING = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"),
    (r"itg1[0-9a-z]+…?", r"itg1[0-9a-z]+"),
    (r"[0-9a-f]{8,}…?", r"[0-9a-f]+"),
    (r"block \d+ of chain \d+", r"block \d+ of chain \d+"),
    (r"block    \d+ of chain \d+", r"block    \d+ of chain \d+"),
    (r"on chain \d+", r"on chain \d+"),
    (r"created=\d+", r"created=\d+"),
    (r"step \d+", r"step \d+"),
    (r"04…", r"04[0-9a-f]+"),
    (r"…", r"\S*"),
]


def read_page(path):
    """[(command, [lines that it prints])]"""
    out = []
    for block in re.findall(r"^```console\n(.*?)^```", path.read_text(), re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                out.append((line[2:], []))
            else:
                out[-1][1].append(line)
    return out


def pattern(line):
    """The page's line as a regular expression."""
    made, at = "", 0
    varying = re.compile("|".join(f"({of})" for of, _ in VARYING))
    for match in varying.finditer(line):
        made += re.escape(line[at:match.start()]) + VARYING[match.lastindex - 1][1]
        at = match.end()
    return made + re.escape(line[at:])


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count):
    """The first of so many in a row, below those that the system gives to connections."""
    while True:
        first = random.randrange(12000, 30000)
        if all(is_free(first + i) for i in range(count)):
            return first


def kill_session(leader):
    """All that the page started and did not end: each job is a process group of its own."""
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(entry.name)) == leader:
                os.kill(int(entry.name), signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


def play(program, commands, folder):
    """[(what each command printed, how it ended)]"""
    # Job control, so that the page's `kill %1` means what it means to a person.
    script = "set -m\n"
    for i, command in enumerate(commands):
        if "code show" in command:
            script += f"until (( $(date +%s) % {STEP} == 0 )); do sleep 0.1; done\n"
        script += f"{command}\nprintf '\\n=%d %d\\n' {i} $?\n"
    environment = dict(os.environ, PATH=f"{program.parent}:{os.environ['PATH']}", NO_COLOR="1")
    with open(folder / "out", "wb") as out:
        shell = subprocess.Popen(["bash", "-c", script], cwd=folder, env=environment, stdout=out,
                                 stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                 start_new_session=True)
        try:
            shell.wait(SECONDS)
        except subprocess.TimeoutExpired:
            print("the page did not end; what it printed so far:")
            print((folder / "out").read_text(errors="replace"))
            sys.exit(1)
        finally:
            kill_session(shell.pid)
    pieces = re.split(r"\n?^=\d+ (\d+)\n", (folder / "out").read_text(errors="replace"), flags=re.M)
    return list(zip(pieces[0::2], map(int, pieces[1::2])))


def differences(page, played):
    for (command, expected), (printed, status) in zip(page, played):
        if status != 0:
            yield f"$ {command}\nended with {status} and printed\n{printed}"
            continue
        lines = [line for line in printed.splitlines() if line and not line.startswith("[")]
        if not expected:
            continue
        wanted = [line for line in expected if line and not line.startswith("[")]
        # Job control announces what ended; the page leaves that out.
        lines = lines[:len(wanted)] if len(lines) > len(wanted) else lines
        for want, have in zip(wanted, lines + ["(nothing)"] * len(wanted)):
            if not re.fullmatch(pattern(want), have.rstrip()):
                yield f"$ {command}\nthe page shows  {want}\nit prints       {have}"
                break
    if len(played) < len(page):
        yield f"ended before: {page[len(played)][0]}"


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    path = pathlib.Path(sys.argv[2])
    page = read_page(path)
    port = str(free_ports(PORTS))
    page = [(command.replace("8443", port), [line.replace("8443", port) for line in lines])
            for command, lines in page]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="intaglio-page-"))
    try:
        found = list(differences(page, play(program, [command for command, _ in page], folder)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n\n".join(found) if found else f"{len(page)} commands as {path} shows them")
    sys.exit(1 if found else 0)


main()
