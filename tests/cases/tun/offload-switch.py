#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Offloads are switched by WG_TUN_OFFLOAD when the daemon starts and by ethtool -K while it runs."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import socket
import time
from case import check, finish, skip
from packets import datagram, drain, send_packet, take
from rig import Rig


def raw_packets(rig):
    """How many packets of 20 datagrams of one flow a raw socket gets."""
    raw = rig.socket("B", socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    inject = rig.inject("A")
    time.sleep(0.3)
    # They are waiting together when the daemon goes on, so that it can merge them.
    rig.stop("A")
    for i in range(20):
        send_packet(inject, rig.device("A"), datagram("10.9.0.1", "10.9.0.2", 1, 7777, b"x" * 400, ident=i))
    rig.resume("A")
    time.sleep(0.5)
    return len([p for p in drain(raw) if p[22:24] == b"\x1e\x61"])


def largest(rig):
    """The largest packet of a transfer of TCP that B's device gives to the kernel."""
    capture = rig.capture("B", rig.device("B"))
    rig.transfer(6 << 20, 15)
    return max(map(len, take(capture, 0.2)))


with Rig() as rig:
    rig.warm()
    outer = rig.capture("A", "u0")
    if not rig.outer_super_packets(outer)[0] or largest(rig) <= 2000:
        skip("offloads are not in use here")
    rig.on("B", "ethtool -K %s rx-udp-gro-forwarding on" % rig.device("B"))
    n = raw_packets(rig)
    check("UDP is put together where it is asked for", n < 20, "%d packets" % n)
    rig.on("B", "ethtool -K %s gro off" % rig.device("B"))
    n = raw_packets(rig)
    check("gro off keeps UDP apart", n == 20, "%d packets" % n)
    n = largest(rig)
    check("gro off keeps TCP apart", n <= 1420, "the largest packet has %d bytes" % n)
    rig.on("B", "ethtool -K %s gro on rx-udp-gro-forwarding off" % rig.device("B"))
    n = raw_packets(rig)
    check("without forwarding UDP is kept apart", n == 20, "%d packets" % n)
    n = largest(rig)
    check("gro on puts TCP together again", n > 2000, "the largest packet has %d bytes" % n)

for value, gso in (("off", False), ("tun-gso,tun-gro,udp-gro", False), ("udp-gso,tun-gso", True)):
    with Rig(environment={"WG_TUN_OFFLOAD": value}) as rig:
        rig.warm()
        n = rig.outer_super_packets(rig.capture("A", "u0"))[0]
        outcome = "some outer packets are super-packets" if gso else "no outer packet is a super-packet"
        check("with %s %s" % (value, outcome), (n > 0) == gso, "%d super-packets" % n)
finish()
