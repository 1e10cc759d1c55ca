#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Raw and packet sockets see each datagram of a flow by itself and with a right checksum, as they
do behind the WireGuard of the kernel."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import socket
import struct
import time
from case import check, finish
from packets import checksum, datagram, drain, pseudo_header, send_packet
from rig import Rig

PORT = 7777
ENDS = {4: ("10.9.0.1", "10.9.0.2"), 6: ("fd09::1", "fd09::2")}


def is_right(version, udp):
    return checksum(pseudo_header(*ENDS[version], 17, len(udp)) + udp) == 0


def ours(udp):
    return udp[2:4] == struct.pack(">H", PORT)


with Rig() as rig:
    rig.warm()
    for version, family in ((4, socket.AF_INET), (6, socket.AF_INET6)):
        src, dst = ENDS[version]
        raw = rig.socket("B", family, socket.SOCK_RAW, socket.IPPROTO_UDP)
        plain = rig.socket("B", family, socket.SOCK_DGRAM)
        plain.bind((dst, PORT))
        packets = rig.capture("B", rig.device("B"))
        inject = rig.inject("A")
        # They are waiting together when the daemon goes on, so that it can merge them.
        rig.stop("A")
        for i in range(20):
            data = b"%04d" % i * 100
            send_packet(inject, rig.device("A"), datagram(src, dst, 1, PORT, data, ident=i))
        rig.resume("A")
        time.sleep(0.5)
        header = 20 if version == 4 else 40
        seen = {
            # A raw socket of IPv4 gets the IP header, too, that of IPv6 does not.
            "raw": [p[20:] if version == 4 else p for p in drain(raw)],
            "packet": [p[header:] for p in drain(packets) if p[0] >> 4 == version],
        }
        check("a plain socket gets all of IPv%d" % version, len(drain(plain)) == 20)
        for kind, got in seen.items():
            got = [u for u in got if ours(u)]
            right = sum(is_right(version, u) for u in got)
            check(
                "a %s socket gets all of IPv%d, each right" % (kind, version),
                len(got) == 20 and right == 20,
                "%d of sizes %s, %d right" % (len(got), sorted(set(map(len, got))), right),
            )
finish()
