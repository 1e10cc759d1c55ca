#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Whoever forges a client's address cannot lock the client out: initiations and claims that prove
nothing are not charged to the address that they say they are from."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from case import check, finish
from packets import datagram, initiation
from star import Star
import time

# Each second 1,500 initiations without mac2 and 1,000 with a wrong one.
INITIATIONS, CLAIMS_EACH = 1500, 0.25
SOURCES = {
    False: {"another address": "10.9.0.99", "the client's own address": "10.9.0.2"},
    True: {
        "another address of the client's /64": "2001:db8:9::77",
        "the client's own address": "2001:db8:9::2",
    },
}
LIMIT = 6

for six, sources in SOURCES.items():
    hub = "2001:db8:9::1" if six else "10.9.0.1"
    with Star("VA", tunnels="V", six=six) as star:
        for what, source in sources.items():
            star.forget("S", "V")
            packets = [
                datagram(source, hub, 1000 + i, 51820, initiation(star.public["S"], i >= 300))
                for i in range(550)
            ]
            flood = star.flood(packets[:300], INITIATIONS, 30, packets[300:], CLAIMS_EACH)
            time.sleep(1.5)
            took = star.first_answer("V", 20)
            star.end(flood)
            check(
                "a client connects over IPv%d under a flood from %s" % (6 if six else 4, what),
                took is not None and took < LIMIT,
                "first answer: %s" % ("none" if took is None else "%.1f s" % took),
            )
            time.sleep(1.2)
finish()
