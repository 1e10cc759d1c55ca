#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A hub sends no ICMP redirects through the tunnel to a peer that reaches another peer by it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import time
from case import check, finish
from packets import datagram, send_packet, take
from rig import Rig

with Rig() as rig:
    rig.warm()
    device = rig.device("B")
    rig.ip("B", "link set %s down" % device)
    # The kernel sends redirects unless both the setting for all and that of the device are off.
    rig.sysctl("B", *("net.ipv4.conf.%s.send_redirects=1" % c for c in ("all", "default", device)))
    rig.ip("B", "link set %s up" % device)
    time.sleep(0.7)
    inject, capture = rig.inject("A"), rig.capture("A", rig.device("A"))
    rig.on("B", "ping -c 1 -W 6 10.9.0.1", check=False)
    take(capture, 0.1)
    for _ in range(5):
        send_packet(inject, rig.device("A"), datagram("10.9.0.1", "10.9.0.77", 1, 2, b"x"))
        time.sleep(0.1)
    redirects = [p for p in take(capture) if p[0] >> 4 == 4 and p[9] == 1 and p[20] == 5]
    check("no redirect comes back", not redirects, "%d for 5 packets" % len(redirects))
finish()
