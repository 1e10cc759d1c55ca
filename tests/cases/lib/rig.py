# SPDX-License-Identifier: GPL-2.0
"""Two ends of a tunnel in namespaces of their own, the left one a client, the right
one its gateway.

    [A] rigA == u0 192.0.2.1 2001:db8::1 --- veth --- u0 192.0.2.2 2001:db8::2 [B] rigB
        10.9.0.1 fd09::1                                       10.9.0.2 fd09::2
        port 51821                                             port 51822"""
import hashlib
import os
import signal
import socket
import subprocess
import time
from case import WG, WG_TUN, fail, sh, wait_for, within
from packets import SO_RCVBUFFORCE, SO_SNDBUFFORCE, take

ETH_P_ALL = 3


class Rig:
    """`six`: the outer packets are IPv6. `program`: the wg-tun of both sides. `environment`: more
    variables for that of A."""

    def __init__(self, six=False, program=WG_TUN, environment=None):
        self.six = six
        self.program = program
        self.environment = {"A": environment or {}, "B": {}}
        self.daemons = {}
        try:
            self.make()
        except BaseException:
            self.close()
            raise

    def device(self, side):
        return "rig" + side

    def namespace(self, side):
        return "rig-" + side

    def ip(self, side, command, **kw):
        return sh("ip -n %s %s" % (self.namespace(side), command), **kw)

    def on(self, side, command, **kw):
        return sh("ip netns exec %s %s" % (self.namespace(side), command), **kw)

    def sysctl(self, side, *settings):
        self.on(side, "sysctl -qw " + " ".join(settings))

    def make(self):
        for side in "AB":
            sh("ip netns add " + self.namespace(side))
            self.ip(side, "link set lo up")
            self.sysctl(side, "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
            self.sysctl(side, "net.ipv6.conf.all.accept_ra=0")
            self.sysctl(side, *("net.ipv4.conf.%s.rp_filter=0" % c for c in ("all", "default")))
        self.ip("A", "link add u0 type veth peer name u0 netns " + self.namespace("B"))
        for side, n in (("A", 1), ("B", 2)):
            self.ip(side, "addr add 192.0.2.%d/24 dev u0" % n)
            self.ip(side, "addr add 2001:db8::%d/64 dev u0 nodad" % n)
            self.ip(side, "link set u0 up")
        self.key = {side: sh(WG + " genkey").strip() for side in "AB"}
        self.public = {s: sh(WG + " pubkey", input=self.key[s]).strip() for s in "AB"}
        for side in "AB":
            self.start(side)
        for side in "BA":
            self.configure(side)

    def start(self, side):
        device = self.device(side)
        command = ["ip", "netns", "exec", self.namespace(side), self.program]
        command += ["--foreground", "--log-level=error", device]
        with open("/run/%s.log" % device, "w") as log:
            self.daemons[side] = subprocess.Popen(
                command,
                env=dict(os.environ, **self.environment[side]),
                stdin=subprocess.DEVNULL,
                stderr=log,
            )
        if not wait_for(5, lambda: os.path.exists("/run/wireguard/%s.sock" % device)):
            fail("%s starts" % device)

    def configure(self, side):
        device, other = self.device(side), "B" if side == "A" else "A"
        n, far = (1, 2) if side == "A" else (2, 1)
        endpoint = ("[2001:db8::%d]" if self.six else "192.0.2.%d") % far
        allowed = (
            "0.0.0.0/0,::/0" if side == "A" else "10.9.0.1/32,10.8.0.0/16,fd09::1/128,fd08::/16"
        )
        self.on(
            side,
            "%s set %s private-key /dev/stdin listen-port %d peer %s endpoint %s:%d allowed-ips %s"
            % (WG, device, 51820 + n, self.public[other], endpoint, 51820 + far, allowed),
            input=self.key[side],
        )
        self.ip(side, "addr add 10.9.0.%d/24 dev %s" % (n, device))
        self.ip(side, "addr add fd09::%d/64 dev %s nodad" % (n, device))
        self.ip(side, "link set %s up" % device)
        if side == "B":
            self.ip(side, "route add 10.8.0.0/16 dev " + device)
            self.ip(side, "-6 route add fd08::/16 dev " + device)

    def warm(self):
        """Makes a session, which most cases begin with."""
        if " 0% packet loss" not in self.on("A", "ping -c 3 -i 0.2 -W 6 10.9.0.2", check=False):
            fail("the tunnel carries packets")

    def pid(self, side):
        return self.daemons[side].pid

    def stop(self, side):
        self.daemons[side].send_signal(signal.SIGSTOP)

    def resume(self, side):
        self.daemons[side].send_signal(signal.SIGCONT)

    def sent(self, side):
        """Packets that this machine gave to its tunnel."""
        return int(self.on(side, "cat /sys/class/net/%s/statistics/tx_packets" % self.device(side)))

    def socket(self, side, *kind):
        with within(self.namespace(side)):
            return socket.socket(*kind)

    def capture(self, side, device):
        """A packet socket that sees all packets of a device, in either direction."""
        s = self.socket(side, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        s.bind((device, ETH_P_ALL))
        # A device that is down leaves an error, which the first read would return.
        s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return s

    def inject(self, side="A"):
        """A packet socket for `send_packet`, into the tunnel."""
        s = self.socket(side, socket.AF_PACKET, socket.SOCK_RAW, 0)
        s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 64 << 20)
        s.bind((self.device(side), 0))
        return s

    def transfer(self, size, limit):
        """`size` bytes by TCP through the tunnel from A to B: how many seconds it took, and
        whether all arrived unchanged within `limit` seconds."""
        blob = os.urandom(1 << 16) * (size >> 16)
        listener = self.socket("B", socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("10.9.0.2", 9000))
        listener.listen(1)
        listener.settimeout(limit)
        client = self.socket("A", socket.AF_INET, socket.SOCK_STREAM)
        client.settimeout(limit)
        begin = time.time()
        pid = os.fork()
        if not pid:
            try:
                client.connect(("10.9.0.2", 9000))
                client.sendall(blob)
                client.shutdown(socket.SHUT_WR)
                time.sleep(0.2)
            finally:
                os._exit(0)
        digest = hashlib.sha256()
        try:
            s, _ = listener.accept()
            s.settimeout(limit)
            while time.time() - begin < limit:
                data = s.recv(1 << 16)
                if not data:
                    break
                digest.update(data)
        except OSError:
            pass
        took = time.time() - begin
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        client.close()
        listener.close()
        return took, digest.digest() == hashlib.sha256(blob).digest()

    def outer_super_packets(self, capture):
        """How many outer packets of a transfer of 12 MB were super-packets, and how long it took."""
        take(capture, 0.1, incoming=False)
        took, _ = self.transfer(12 << 20, 8)
        return sum(len(p) > 2000 for p in take(capture, 0.2, incoming=False)), took

    def close(self):
        for daemon in self.daemons.values():
            daemon.send_signal(signal.SIGCONT)
            daemon.terminate()
            try:
                daemon.wait(5)
            except subprocess.TimeoutExpired:
                daemon.kill()
        self.daemons = {}
        for side in "AB":
            sh("ip netns del " + self.namespace(side), check=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
