#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# A DNS server for tests: dns.py ADDRESS FILE. Each query is answered from FILE as it is at that moment, lines of
# "NAME A|AAAA ADDRESS"; with a line "dead" in it, not at all. Other names do not exist.
import socket
import struct
import sys


def question(query):
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    kind = struct.unpack("!H", query[at + 1 : at + 3])[0]
    return ".".join(labels).lower(), kind, query[12 : at + 5]


def answer(query, lines):
    name, kind, asked = question(query)
    known, records = False, b""
    count = 0
    for line in lines:
        words = line.split()
        if len(words) != 3 or words[0] != name:
            continue
        known = True
        family = socket.AF_INET if words[1] == "A" else socket.AF_INET6
        if kind == (1 if words[1] == "A" else 28):
            data = socket.inet_pton(family, words[2])
            records += struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(data)) + data
            count += 1
    flags = 0x8180 | (0 if known else 3)
    return query[:2] + struct.pack("!HHHHH", flags, 1, count, 0, 0) + asked + records


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[1], 53))
while True:
    query, client = server.recvfrom(4096)
    with open(sys.argv[2]) as f:
        lines = f.read().splitlines()
    if "dead" not in lines:
        server.sendto(answer(query, lines), client)
