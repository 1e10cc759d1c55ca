#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The way to the endpoint leads into the tunnel, as when the link goes down and a wider prefix
goes by the tunnel: an outer packet must not be encapsulated again and go round."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import time
from case import check, cpu, finish
from rig import Rig

ROUTES = {False: "route add 192.0.0.0/16", True: "-6 route add 2001:db8::/32"}


def circulating(rig, size):
    """Packets a second into the tunnel, and the share of a processor, after one such ping."""
    rig.on("A", "ping -c 1 -s %d -W 1 10.9.0.2" % size, check=False)
    time.sleep(0.5)
    packets, seconds = rig.sent("A"), cpu(rig.pid("A"))
    time.sleep(1)
    return rig.sent("A") - packets, cpu(rig.pid("A")) - seconds


for six in (False, True):
    with Rig(six=six) as rig:
        rig.warm()
        rig.ip("A", "%s dev %s" % (ROUTES[six], rig.device("A")))
        rig.ip("A", "link set u0 down")
        time.sleep(0.3)
        for size in (56, 1200):
            rate, share = circulating(rig, size)
            check(
                "a packet of %d bytes does not go round over IPv%d" % (size, 6 if six else 4),
                rate <= 100,
                "%d packets a second into the tunnel, %d %% of a processor" % (rate, 100 * share),
            )
finish()
