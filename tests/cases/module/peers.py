# SPDX-License-Identifier: GPL-2.0
"""peers.py COUNT LINE...: a configuration of so many peers that do not exist, 10.9.0.0 and so on, each with these
lines, which cannot be reached."""
import base64
import os
import sys

for i in range(int(sys.argv[1])):
    print("[Peer]\nPublicKey = %s" % base64.b64encode(os.urandom(32)).decode())
    print("AllowedIPs = 10.9.%d.%d/32" % (i // 256, i % 256))
    print("Endpoint = 203.0.113.1:9", *sys.argv[2:], sep="\n")
