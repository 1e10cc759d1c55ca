#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A congestion mark outside does not repair a wrong IPv4 header checksum inside: the damage that
came before the tunnel stays visible."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from case import check, finish
from packets import checksum, ip4, send_packet, take, udp
from rig import Rig

MARK = """table inet q { chain o {
    type filter hook output priority 0; udp dport 51822 ip ecn set ce; }; }
"""
SRC, DST = "10.8.0.7", "10.9.0.2"

with Rig() as rig:
    rig.warm()
    rig.on("A", "nft -f -", input=MARK)
    inject, capture = rig.inject("A"), rig.capture("B", rig.device("B"))
    for damaged in (False, True):
        take(capture, 0.2)
        packet = ip4(SRC, DST, 17, udp(SRC, DST, 1, 2, b"hello"), tos=2, damaged=damaged)
        send_packet(inject, rig.device("A"), packet)
        got = [p for p in take(capture) if p[9] == 17]
        right = [checksum(p[:20]) == 0 for p in got]
        if damaged:
            check("a wrong checksum does not come out right", True not in right, "%s" % right)
        else:
            check("a right one comes out, marked and right", right == [True] and got[0][1] == 3)
finish()
