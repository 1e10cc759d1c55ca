# SPDX-License-Identifier: GPL-2.0
"""Datagrams to argv[1] for three seconds: bytes that the socket has on the way (SIOCOUTQ), at most and in the end."""
import fcntl
import socket
import struct
import sys
import time


def on_the_way():
    return struct.unpack('i', fcntl.ioctl(s, 0x5411, bytes(4)))[0]


s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 60000)
s.settimeout(0.2)
most = sent = 0
end = time.time() + 3
while time.time() < end:
    try:
        s.sendto(b'x' * 1200, (sys.argv[1], 7))
        sent += 1
    except TimeoutError:
        pass
    most = max(most, on_the_way())
for i in range(50):
    if not on_the_way():
        break
    time.sleep(0.1)
print('figure most', most)
print('figure sent', sent)
print('figure left', on_the_way())
