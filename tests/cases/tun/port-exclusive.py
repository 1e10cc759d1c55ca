#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Another process of the user that the daemon runs as cannot take part in the daemon's port."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import subprocess
import time
from case import check, finish
from rig import Rig

INTRUDER = """
import socket, time
sockets = []
for i in range(40):
    s = socket.socket(socket.AF_INET%s, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        s.bind(("", 51822))
    except OSError as error:
        print("refused:", error)
        break
    sockets.append(s)
time.sleep(3)
taken = 0
for s in sockets:
    s.setblocking(False)
    try:
        while s.recv(2000):
            taken += 1
    except OSError:
        pass
print(len(sockets), "sockets got", taken, "datagrams")
"""


def intrude(rig):
    user = [
        "setpriv",
        "--reuid",
        "nobody",
        "--clear-groups",
        "--inh-caps=-all",
        "--bounding-set=-all",
    ]
    command = ["ip", "netns", "exec", rig.namespace("B")] + user
    command += ["/usr/bin/python3", "-c", INTRUDER % (6 if rig.six else "")]
    p = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    time.sleep(0.7)
    lost = " 0% packet loss" not in rig.on("A", "ping -c 10 -i 0.2 -W 1 10.9.0.2", check=False)
    return " ".join(p.communicate()[0].split("\n")), lost


for six in (False, True):
    with Rig(six=six) as rig:
        rig.warm()
        said, lost = intrude(rig)
        check(
            "another process of nobody's cannot bind the port over IPv%d" % (6 if six else 4),
            "refused" in said and not lost,
            said + ("; pings were lost" if lost else ""),
        )
finish()
