#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Tunnels inside of tunnels: circles of two devices, or of two peers of one device, end by
themselves at every size, and what is no circle works."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from case import WG, WG_TUN, check, fail, finish, sh, wait_for

SIZES = (56, 472, 1392, 8000)
FAR = {False: ("192.0.2.2", "192.0.2.3"), True: ("2001:db8::2", "2001:db8::3")}
NEAR = {False: "192.0.2.1", True: "2001:db8::1"}


class Host:
    """A namespace with any number of tunnels."""

    def __init__(self, name, addresses):
        self.name, self.daemons = name, []
        sh("ip netns add " + name)
        self.addresses = addresses

    def ip(self, command, **kw):
        return sh("ip -n %s %s" % (self.name, command), **kw)

    def on(self, command, **kw):
        return sh("ip netns exec %s %s" % (self.name, command), **kw)

    def wire(self):
        self.ip("link set lo up")
        for address in self.addresses:
            self.ip("addr add %s dev u0 nodad" % address if ":" in address else "addr add %s dev u0" % address)
        self.ip("link set u0 up")

    def tunnel(self, device, port, address):
        """Starts a tunnel and returns its public key."""
        command = ["ip", "netns", "exec", self.name, WG_TUN, "--foreground", device]
        self.daemons.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))
        if not wait_for(5, lambda: os.path.exists("/run/wireguard/%s.sock" % device)):
            fail("%s starts" % device)
        key = sh(WG + " genkey").strip()
        self.on("%s set %s private-key /dev/stdin listen-port %d" % (WG, device, port), input=key)
        self.ip("addr add %s dev %s" % (address, device))
        self.ip("link set %s up" % device)
        return sh(WG + " pubkey", input=key).strip()

    def peer(self, device, key, allowed, endpoint=None):
        self.on("%s set %s peer %s allowed-ips %s%s" % (
            WG, device, key, allowed, " endpoint " + endpoint if endpoint else ""))

    def answers(self, to, size=56):
        return " 0% packet loss" in self.on("ping -c 1 -W 2 -s %d %s" % (size, to), check=False)

    def sent(self, devices):
        return sum(int(self.on("cat /sys/class/net/%s/statistics/tx_packets" % d)) for d in devices)

    def close(self):
        for daemon in self.daemons:
            daemon.terminate()
            daemon.wait(5)
        sh("ip netns del " + self.name)


def endpoint(six, which, port):
    return ("[%s]:%d" if six else "%s:%d") % (FAR[six][which], port)


def pair(six):
    near = Host("nt-a", ["192.0.2.1/24", "2001:db8::1/64"])
    far = Host("nt-b", ["192.0.2.2/24", "192.0.2.3/24", "2001:db8::2/64", "2001:db8::3/64"])
    sh("ip link add u0 netns nt-a type veth peer name u0 netns nt-b")
    near.wire()
    far.wire()
    return near, far


def two_devices(six):
    """nt0 and nt1 of one host, each with a peer of its own on the far host."""
    near, far = pair(six)
    keys = [near.tunnel("nt%d" % i, 51820 + i, "10.0.%d.1/24" % i) for i in (0, 1)]
    for i in (0, 1):
        key = far.tunnel("nf%d" % i, 51822 + i, "10.0.%d.2/24" % i)
        near.peer("nt%d" % i, key, "0.0.0.0/0,::/0", endpoint(six, i, 51822 + i))
        far.peer("nf%d" % i, keys[i], "10.0.0.0/16,192.0.2.0/24,2001:db8::/64")
    return near, far, ["nt0", "nt1"], ["10.0.0.2", "10.0.1.2"]


def two_peers(six):
    """One device, each of whose peers may carry what goes to the other's endpoint."""
    near, far = pair(six)
    key = near.tunnel("nt0", 51820, "10.0.0.1/24")
    for i in (0, 1):
        other = FAR[six][1 - i]
        theirs = far.tunnel("nf%d" % i, 51822 + i, "10.0.0.%d/32" % (2 + i))
        near.peer("nt0", theirs, "10.0.0.%d,%s" % (2 + i, other), endpoint(six, i, 51822 + i))
        far.peer("nf%d" % i, key, "10.0.0.1,%s" % NEAR[six])
    far.ip("route add 10.0.0.1 dev nf0")
    return near, far, ["nt0", "nt0"], ["10.0.0.2", None]


def add_route(near, six, which, device):
    near.ip("%sroute add %s dev %s src %s" % (
        "-6 " if six else "", FAR[six][which], device, NEAR[six]))


def ends(what, near, devices, to):
    for size in SIZES:
        before = near.sent(set(devices))
        near.answers(to, size)
        time.sleep(0.5)
        after = near.sent(set(devices))
        time.sleep(1)
        more = near.sent(set(devices)) - after
        check(
            "a packet ends in a circle of %s: %d bytes" % (what, size),
            after - before < 500 and more < 10,
            "%d packets, then %d in a second" % (after - before, more),
        )


for six in (False, True):
    for make in (two_devices, two_peers):
        near, far, devices, addresses = make(six)
        what = "%s over IPv%d" % (make.__name__.replace("_", " "), 6 if six else 4)
        for to in filter(None, addresses):
            if not near.answers(to):
                fail("the tunnels work")
        if make is two_peers:
            far.ip("route replace 10.0.0.1 dev nf1")
            near.answers("10.0.0.3")
            far.ip("route replace 10.0.0.1 dev nf0")
        # The first goes inside of the second.
        add_route(near, six, 0, devices[1])
        for size in SIZES:
            check("a tunnel goes inside of another, %s: %d bytes" % (what, size), near.answers("10.0.0.2", size))
        add_route(near, six, 1, devices[0])
        ends(what, near, devices, "10.0.0.2")
        near.close()
        far.close()
finish()
