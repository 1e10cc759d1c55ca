# SPDX-License-Identifier: GPL-2.0
"""A hub S and others on one bridge, each with a tunnel to S.

    S is 10.9.0.1, 2001:db8:9::1, port 51820; inside the tunnel 10.77.0.1.
    The others have the numbers 2, 3, ... in the same places. The namespace X has the bridge."""
import os
import signal
import socket
import subprocess
import time
from case import WG, WG_TUN, fail, sh, wait_for, within
from packets import SO_SNDBUFFORCE


class Star:
    """`others`: a letter for each machine. `tunnels`: those of them that have a tunnel, by itself
    all. `options`: more options for each wg-tun. `six`: the endpoints are IPv6 addresses."""

    def __init__(self, others="VA", tunnels=None, options="", six=False):
        self.names = "S" + others
        self.with_tunnel = "S" + (others if tunnels is None else tunnels)
        self.options, self.six = options, six
        self.daemons = {}
        for n in "X" + self.names:
            sh("ip netns add " + self.namespace(n))
            self.ip(n, "link set lo up")
        self.ip("X", "link add br0 type bridge")
        self.ip("X", "link set br0 up")
        for n in self.names:
            self.ip("X", "link add v%s type veth peer name e0 netns %s" % (n, self.namespace(n)))
            self.ip("X", "link set v%s master br0 up" % n)
            self.ip(n, "addr add 10.9.0.%d/24 dev e0" % self.number(n))
            self.ip(n, "addr add 2001:db8:9::%d/64 dev e0 nodad" % self.number(n))
            self.ip(n, "link set e0 up")
            for c in ("all", "default", "e0"):
                self.on(n, "sysctl -qw net.ipv4.conf.%s.rp_filter=0" % c)
        self.key = {n: sh(WG + " genkey").strip() for n in self.names}
        self.public = {n: sh(WG + " pubkey", input=self.key[n]).strip() for n in self.names}
        for n in self.with_tunnel:
            self.start(n)

    def namespace(self, n):
        return "star-" + n

    def ip(self, n, command, **kw):
        return sh("ip -n %s %s" % (self.namespace(n), command), **kw)

    def on(self, n, command, **kw):
        return sh("ip netns exec %s %s" % (self.namespace(n), command), **kw)

    def wg(self, n, command, **kw):
        return self.on(n, "%s %s" % (WG, command), **kw)

    def popen(self, n, command, **kw):
        command = ["ip", "netns", "exec", self.namespace(n)] + command
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, **kw)

    def number(self, n):
        return self.names.index(n) + 1

    def mac(self, n, device="e0"):
        return self.on(n, "cat /sys/class/net/%s/address" % device).strip()

    def start(self, n):
        device = "wg" + n
        options = ["--foreground", "--log-level=error"] + self.options.split()
        with open("/run/%s.log" % device, "w") as log:
            self.daemons[n] = self.popen(n, [WG_TUN] + options + [device], stderr=log)
        if not wait_for(5, lambda: os.path.exists("/run/wireguard/%s.sock" % device)):
            fail("%s starts" % device)
        self.ip(n, "addr add 10.77.0.%d/24 dev %s" % (self.number(n), device))
        if n == "S":
            what = "listen-port 51820" + "".join(
                " peer %s allowed-ips 10.77.0.%d/32" % (self.public[o], self.number(o))
                for o in self.with_tunnel[1:]
            )
        else:
            hub = "[2001:db8:9::1]" if self.six else "10.9.0.1"
            what = "peer %s endpoint %s:51820 allowed-ips 10.77.0.0/24" % (self.public["S"], hub)
        self.wg(n, "set %s private-key /dev/stdin %s" % (device, what), input=self.key[n])
        self.ip(n, "link set %s up" % device)

    def ping(self, n, count=3, gap=0.2, wait=2, to="10.77.0.1"):
        """The round trips that came back, in ms."""
        said = self.on(n, "ping -n -c %d -i %g -W %g %s" % (count, gap, wait, to), check=False)
        return [float(l.split("time=")[1].split()[0]) for l in said.splitlines() if "time=" in l]

    def first_answer(self, n, limit):
        """Seconds until a ping is answered, None if none is within the limit."""
        begin = time.time()
        while time.time() - begin < limit:
            if self.ping(n, 1, 1, 1):
                return time.time() - begin
        return None

    def forget(self, *which):
        """These lose their sessions."""
        for n in which:
            self.ip(n, "link set wg%s down" % n)
        time.sleep(0.3)
        for n in which:
            self.ip(n, "link set wg%s up" % n)

    def put_behind_slow_way(self, n, mbit):
        """The only way from S to n is a link of its own that carries `mbit` megabits a second."""
        self.ip("X", "link del v%s" % n)
        self.ip("S", "link add s1 type veth peer name e1 netns " + self.namespace(n))
        for at, device, number in (("S", "s1", 1), (n, "e1", 2)):
            self.ip(at, "link set %s up" % device)
            self.ip(at, "addr add 10.10.0.%d/24 dev %s" % (number, device))
        self.ip("S", "neigh replace 10.10.0.2 lladdr %s dev s1 nud permanent" % self.mac(n, "e1"))
        self.ip(n, "neigh replace 10.10.0.1 lladdr %s dev e1 nud permanent" % self.mac("S", "s1"))
        self.wg(n, "set wg%s peer %s endpoint 10.10.0.1:51820" % (n, self.public["S"]))
        if not self.ping(n, 3, 0.3, 3):
            fail("the peer behind the slow way has a session")
        self.on("S", "tc qdisc add dev s1 root tbf rate %dmbit burst 16k limit 30000000" % mbit)

    def load(self, to, mbit, seconds):
        """A child that sends eight flows of datagrams from S through the tunnel; returns its
        process."""
        pid = os.fork()
        if pid:
            return pid
        try:
            with within(self.namespace("S")):
                flows = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(8)]
            target = ("10.77.0.%d" % self.number(to), 9)
            begin, sent = time.time(), 0
            while time.time() - begin < seconds:
                due = int((time.time() - begin) * mbit * 1e6 / 8 / 1200)
                while sent < due:
                    try:
                        flows[sent % 8].sendto(b"y" * 1200, target)
                    except OSError:
                        pass
                    sent += 1
                time.sleep(0.001)
        finally:
            os._exit(0)

    def flood(self, packets, rate, seconds, claims=(), claims_each=0.4):
        """A child that sends `packets` from A to S, one after the other, `rate` a second, and all
        of `claims` every `claims_each` seconds; returns its process. The packets say
        themselves whom they are from."""
        head = b"".join(bytes.fromhex(self.mac(n).replace(":", "")) for n in "SA")
        pid = os.fork()
        if pid:
            return pid
        try:
            with within(self.namespace("A")):
                s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            s.bind(("e0", 0))
            s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 8 << 20)

            def frame(packet):
                return head + (b"\x08\0" if packet[0] >> 4 == 4 else b"\x86\xdd") + packet

            packets, claims = [frame(p) for p in packets], [frame(p) for p in claims]
            begin, sent, bursts = time.time(), 0, 0
            while time.time() - begin < seconds:
                now = time.time() - begin
                if claims and now >= bursts * claims_each:
                    for p in claims:
                        s.send(p)
                    bursts += 1
                while sent < int(now * rate):
                    s.send(packets[sent % len(packets)])
                    sent += 1
                time.sleep(0.0005)
        finally:
            os._exit(0)

    @staticmethod
    def end(pid):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def close(self):
        for daemon in self.daemons.values():
            daemon.terminate()
            try:
                daemon.wait(5)
            except subprocess.TimeoutExpired:
                daemon.kill()
        self.daemons = {}
        for n in "X" + self.names:
            sh("ip netns del " + self.namespace(n), check=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
