# SPDX-License-Identifier: GPL-2.0
# python3 dns-server.py ADDRESS ANSWER LOG: a DNS server at ADDRESS, port 53, which answers each question for an
# IPv4 address with ANSWER and any other with nothing, and appends the names to LOG.
import socket
import sys

address, answer, log = sys.argv[1:]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((address, 53))
with open(log, "a", buffering=1) as out:
    print("ready", file=out)
    while True:
        query, sender = s.recvfrom(4096)
        if len(query) < 17:
            continue
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace").lower())
            at += 1 + query[at]
        question = query[12 : at + 5]
        print(".".join(labels), file=out)
        has = question[-4:-2] == b"\0\1"
        reply = query[:2] + b"\x81\x80\0\1" + (b"\0\1" if has else b"\0\0") + b"\0\0\0\0" + question
        if has:
            reply += b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(answer)
        s.sendto(reply, sender)
