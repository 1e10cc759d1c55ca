#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A link that comes up and that nobody uses sends nothing: no link-local address, no router
solicitation, no multicast report, and so no handshake."""
# beside others: it waits most of the time and measures no time
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import socket
import time
from case import check, finish
from packets import take
from rig import Rig


def messages(frames, kind):
    return [f for f in frames if f[12:14] == b"\x08\0" and f[23] == 17 and f[42] == kind]


with Rig() as rig:
    device = rig.device("A")
    rig.ip("A", "link set %s down" % device)
    time.sleep(0.3)
    # Only a host solicits routers.
    rig.sysctl("A", "net.ipv6.conf.all.forwarding=0")
    outside, inside = rig.capture("B", "u0"), rig.capture("A", device)
    take(outside, 0.2)
    rig.ip("A", "link set %s up" % device)
    frames = take(outside, 9)
    inner = [
        socket.inet_ntop(socket.AF_INET6, p[24:40])
        for p in take(inside, 0.1, False)
        if p[0] >> 4 == 6
    ]
    begun, data = messages(frames, 1), messages(frames, 4)
    check(
        "nothing is sent",
        not begun and not data and not inner,
        "%d initiations, %d data messages; inside: %s" % (len(begun), len(data), inner),
    )
    check("there is no link-local address", "fe80" not in rig.ip("A", "-6 addr show dev " + device))
finish()
