# SPDX-License-Identifier: GPL-2.0
"""staged-share.py SIZE SEGMENTS FIRST LAST [TIMES]: UDP packets of so many segments, one or TIMES to each of the peers
of peers.py from FIRST to LAST - 1, peer by peer, and how many KiB of memory the machine has less then."""
import socket
import sys
import time

SO_SNDBUFFORCE, UDP_SEGMENT = 32, 103


def free():
    with open("/proc/meminfo") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("MemFree:"))


size, segments, first, last = map(int, sys.argv[1:5])
times = int((sys.argv[5:] or [1])[0])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 30)
s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
before = free()
for peer in range(first, last):
    for _ in range(times):
        s.sendto(b"x" * size * segments, ("10.9.%d.%d" % (peer // 256, peer % 256), 5))
print("figure kib", before - free())
