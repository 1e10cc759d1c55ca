# SPDX-License-Identifier: GPL-2.0
"""stamps.py ADDRESS: three datagrams whose socket asks for timestamps, and how many of these came:
when a packet was given to the driver (sent) and when it came to the queue (sched)."""
import socket
import struct
import sys
import time

SO_TIMESTAMPING = 37
TX_SOFTWARE, SOFTWARE, TX_SCHED, OPT_TSONLY = 1 << 1, 1 << 4, 1 << 8, 1 << 11
IP_RECVERR, IPV6_RECVERR, MSG_ERRQUEUE = 11, 25, 0x2000
SO_EE_ORIGIN_TIMESTAMPING = 4

target = sys.argv[1]
s = socket.socket(socket.AF_INET6 if ":" in target else socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, TX_SOFTWARE | SOFTWARE | TX_SCHED | OPT_TSONLY)
for _ in range(3):
    s.sendto(b"x" * 100, (target, 7))
    time.sleep(0.2)
stamps = {}
s.setblocking(False)
while True:
    try:
        ancillary = s.recvmsg(100, 512, MSG_ERRQUEUE)[1]
    except OSError:
        break
    for level, kind, data in ancillary:
        if (level, kind) in ((socket.IPPROTO_IP, IP_RECVERR), (socket.IPPROTO_IPV6, IPV6_RECVERR)):
            errno, origin, _, _, _, info, _ = struct.unpack("IBBBBII", data[:16])
            if origin == SO_EE_ORIGIN_TIMESTAMPING:
                stamps[info] = stamps.get(info, 0) + 1
print("figure sent", stamps.get(0, 0))
print("figure sched", stamps.get(1, 0))
