# SPDX-License-Identifier: GPL-2.0
"""vnet.py SIZE COUNT: packets of TCP of 60 KB to 10.8.0.2 by a packet socket on wg1, to be cut into segments of
SIZE bytes, as a guest behind a TAP device sends them."""
import socket
import struct
import sys
import time

SOL_PACKET, PACKET_VNET_HDR, NEEDS_CSUM, GSO_TCPV4 = 263, 15, 1, 1
PAYLOAD = 60000
size, count = int(sys.argv[1]), int(sys.argv[2])


def checksum(data):
    s = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    s = (s & 0xFFFF) + (s >> 16)
    return (s + (s >> 16)) & 0xFFFF


src, dst = socket.inet_aton("10.8.0.1"), socket.inet_aton("10.8.0.2")
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40 + PAYLOAD, 1, 0x4000, 64, 6, 0, src, dst)
ip = ip[:10] + struct.pack("!H", ~checksum(ip) & 0xFFFF) + ip[12:]
pseudo = checksum(src + dst + struct.pack("!HH", 6, 20 + PAYLOAD))
tcp = struct.pack("!HHIIBBHHH", 1, 9, 1, 1, 0x50, 0x10, 1000, pseudo, 0)
vnet = struct.pack("=BBHHHH", NEEDS_CSUM, GSO_TCPV4, 40, size, 20, 16)
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
for _ in range(count):
    try:
        s.sendto(vnet + ip + tcp + b"x" * PAYLOAD, ("wg1", 0x0800))
    except OSError as error:
        print(error)
    time.sleep(0.2)
