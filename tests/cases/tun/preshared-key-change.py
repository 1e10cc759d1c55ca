#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A preshared key that is changed while the link is up is used by the next handshake."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import base64
from case import WG, check, finish
from rig import Rig


def set_key(rig, side, key):
    peer = rig.public["A" if side == "B" else "B"]
    what = "%s set %s peer %s preshared-key /dev/stdin"
    rig.on(side, what % (WG, rig.device(side), peer), input=base64.b64encode(key).decode())


def new_session(rig):
    """Whether a new session is made: that of before ends with the link."""
    rig.ip("A", "link set %s down" % rig.device("A"))
    rig.ip("A", "link set %s up" % rig.device("A"))
    said = rig.on("A", "ping -q -c 1 -w 6 10.9.0.2", check=False)
    return " 0% packet loss" in said


with Rig() as rig:
    rig.warm()
    set_key(rig, "A", b"1" * 32)
    check("with a key at one end only there is no session", not new_session(rig))
    set_key(rig, "B", b"1" * 32)
    check("with the same key at both ends there is", new_session(rig))
    set_key(rig, "B", b"2" * 32)
    check("with another key at one end there is none", not new_session(rig))
    set_key(rig, "A", b"2" * 32)
    check("once it is the same again there is", new_session(rig))
finish()
