# SPDX-License-Identifier: GPL-2.0
"""What the cases of tun/ share: results, namespaces, commands.

A case prints `ok NAME`, `not ok NAME` or `skip NAME: reason` for each statement that it checks,
and after it a line that begins with `#` and says what was measured. It ends with 0 only if no
statement failed.

Importing this module starts the case again in network, mount and process namespaces of its own,
with an empty /run: all that the case starts ends with it. WG and WG_TUN are the programs under
test; without them they are those of build/."""
import ctypes
import os
import subprocess
import sys
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
WG = os.environ.setdefault("WG", os.path.join(TOP, "build/wg/wg"))
WG_TUN = os.environ.setdefault("WG_TUN", os.path.join(TOP, "build/tun/wg-tun"))
WG_TUN_TESTHOOKS = os.environ.setdefault(
    "WG_TUN_TESTHOOKS", os.path.join(TOP, "build/testhooks/tun/wg-tun")
)
CASE = os.path.abspath(sys.argv[0])
NAME = os.path.basename(os.path.dirname(CASE)) + "/" + os.path.basename(CASE).rsplit(".", 1)[0]
CLONE_NEWNET = 0x40000000
failures = 0


def check(sentence, holds, measured=""):
    """Prints the result of one statement. `measured` is shown whether it holds or not."""
    global failures
    if not holds:
        failures += 1
    print("ok" if holds else "not ok", "%s: %s" % (NAME, sentence))
    if measured:
        print("# " + measured, flush=True)
    return holds


def fail(why):
    """Ends the case: something that it depends on does not work."""
    check(why, False)
    sys.exit(1)


def skip(why):
    """Ends the case: this machine lacks what it needs."""
    print("skip %s: %s" % (NAME, why), flush=True)
    sys.exit(0)


def finish():
    sys.exit(failures != 0)


def alone():
    """Returns in a process that has namespaces of its own."""
    if os.geteuid():
        skip("not root")
    if not os.path.exists("/dev/net/tun"):
        skip("no /dev/net/tun")
    if not os.environ.pop("WG_TEST_ALONE", ""):
        os.environ["WG_TEST_ALONE"] = "1"
        command = "unshare -n -m -p -f --mount-proc --kill-child".split()
        os.execvp(command[0], command + [sys.executable] + sys.argv)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"run", b"/run", b"tmpfs", 0, b"mode=0755"):
        fail("a tmpfs can be mounted")
    os.makedirs("/run/wireguard")
    os.makedirs("/run/netns")


def sh(command, check=True, **kw):
    """Runs a command and returns what it printed. A command that fails ends the case, unless
    `check` is false."""
    done = subprocess.run(
        command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kw
    )
    if check and done.returncode:
        print("# " + done.stdout.strip())
        fail("`%s` works" % command)
    return done.stdout


def wait_for(seconds, condition):
    """Polls `condition` and returns whether it came true within the time."""
    end = time.time() + seconds
    while not condition():
        if time.time() > end:
            return False
        time.sleep(0.05)
    return True


class within:
    """`with within(NAME):` is code whose sockets are made in the network namespace NAME."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.old = os.open("/proc/self/ns/net", os.O_RDONLY)
        new = os.open("/run/netns/" + self.name, os.O_RDONLY)
        self.change(new)
        os.close(new)

    def __exit__(self, *_):
        self.change(self.old)
        os.close(self.old)

    @staticmethod
    def change(fd):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


def cpu(pid):
    """CPU seconds that a process has used."""
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def median(values):
    return sorted(values)[len(values) // 2] if values else None


alone()
