#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""One peer is behind a slow way, and there is much traffic for it: the other peers, new sessions
and the configuration do not wait for that."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import time
from case import check, finish, median
from star import Star

# The way and the load in Mbit/s, and the daemon's options.
CASES = ((10, 200, ""), (1, 20, "--workers=2"), (1, 20, "--workers=1"))


def configure(star, n):
    begin = time.time()
    allowed = "10.77.0.2/32,10.77.1.%d/32" % n
    star.wg("S", "set wgS fwmark %d peer %s allowed-ips %s" % (n + 1, star.public["V"], allowed))
    star.wg("S", "show wgS dump")
    return time.time() - begin


def first_answer(star):
    star.forget("V")
    return star.first_answer("V", 6) or 6


for way, load, options in CASES:
    under = "%d Mbit/s to a way of %d%s" % (load, way, ", " + options[2:] if options else "")
    with Star("VB", options=options) as star:
        star.put_behind_slow_way("B", way)
        star.ping("V")
        quiet = star.ping("V", 15, 0.1)
        took_quietly = [configure(star, n) for n in range(5)]
        pid = star.load("B", load, 60)
        time.sleep(2)
        busy = star.ping("V", 30, 0.1, 3)
        took = [configure(star, n) for n in range(10)]
        sessions = [first_answer(star) for _ in range(3)]
        star.end(pid)
    check(
        "another peer's round trip beside " + under,
        len(busy) >= 27 and median(busy) <= 20,
        "median %.2f ms, quiet %.2f; %d of 30 came back"
        % (median(busy) or 0, median(quiet) or 0, len(busy)),
    )
    check(
        "wg set and wg show beside " + under,
        # What a busy machine takes without the load, too, is not the daemon's.
        median(took) <= max(0.1, 4 * median(took_quietly))
        and max(took) <= max(1, 8 * max(took_quietly)),
        "median %.2f s, quiet %.2f; %.2f at most, quiet %.2f"
        % (median(took), median(took_quietly), max(took), max(took_quietly)),
    )
    check(
        "a new session beside " + under,
        median(sessions) <= 1,
        "first answer: " + ", ".join("%.2f s" % s for s in sessions),
    )
finish()
