#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""One forged ICMP message that says "too big" does not concern IPv4, and for IPv6 it switches
segmentation offload off for no longer than the kernel believes it."""
# beside others: it waits most of the time and measures no time
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import socket
import struct
import time
from case import check, finish, skip
from packets import address, checksum, ip4, ip6, pseudo_header
from rig import Rig

ENDS = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8::1", "2001:db8::2")}


def forge(rig, version):
    """B says to A that a packet of the tunnel to B was too big."""
    src, dst = ENDS[version]
    inner = struct.pack("!HHHH", 51821, 51822, 1460, 0) + bytes(16)
    if version == 4:
        m = struct.pack("!BBHHH", 3, 4, 0, 0, 600) + ip4(src, dst, 17, inner)
        m = m[:2] + struct.pack("!H", checksum(m)) + m[4:]
        s = rig.socket("B", socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    else:
        m = struct.pack("!BBHI", 2, 0, 0, 1280) + ip6(src, dst, 17, inner)
        m = m[:2] + struct.pack("!H", checksum(pseudo_header(dst, src, 58, len(m)) + m)) + m[4:]
        s = rig.socket("B", socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    s.sendto(m, (src, 0))


for version in (4, 6):
    with Rig(six=version == 6) as rig:
        rig.warm()
        capture = rig.capture("A", "u0")
        before = rig.outer_super_packets(capture)
        if not before[0]:
            skip("segmentation offload is not in use here")
        forge(rig, version)
        time.sleep(0.3)
        route = "-%d route get %s" % (version, ENDS[version][1])
        believed = "mtu" in rig.ip("A", route)
        after = rig.outer_super_packets(capture)
        if version == 4:
            check("the message of IPv4 changes nothing", not believed and after[0] > 0)
            continue
        check("the kernel believes the message of IPv6", believed)
        rig.ip("A", "-%d route flush cache" % version)
        time.sleep(30)
        later = rig.outer_super_packets(capture)
        check(
            "super-packets are back half a minute after IPv%d forgot it" % version,
            later[0] > 0 and "mtu" not in rig.ip("A", route),
            "super-packets and seconds: before %d, %.2f; right after %d, %.2f; later %d, %.2f"
            % (before + after + later),
        )
finish()
