# SPDX-License-Identifier: GPL-2.0
"""50 datagrams to argv[1] with MSG_ZEROCOPY: how many the kernel says it has done with half a second later."""
import socket
import struct
import sys
import time

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 60, 1)  # SO_ZEROCOPY
s.setblocking(False)
for i in range(50):
    s.sendto(b'x' * 1200, 0x4000000, (sys.argv[1], 5))
time.sleep(0.5)
returned = 0
while True:
    try:
        control = s.recvmsg(100, 512, 0x2000)[1]  # MSG_ERRQUEUE
    except OSError:
        break
    for _, _, data in control:
        fields = struct.unpack('IBBBBII', data[:16])
        if fields[1] == 5:  # SO_EE_ORIGIN_ZEROCOPY
            returned += fields[6] - fields[5] + 1
print('figure returned', returned)
