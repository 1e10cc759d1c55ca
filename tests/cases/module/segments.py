# SPDX-License-Identifier: GPL-2.0
"""segments.py KIND...: a TCP super-packet of each kind into wg1, and how many of its segments come
out of wg2 with a right checksum. The kinds: plain4, opt4 (with a source route), plain6, rh2
(with a routing header of type 2). With rh2 and opt4 the checksum is over the last destination,
not over that of the IP header."""
import os
import socket
import struct
import sys
import time
from within import enter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from packets import address, checksum, pseudo_header

SOL_PACKET, PACKET_VNET_HDR = 263, 15
NEEDS_CSUM, GSO_TCPV4, GSO_TCPV6 = 1, 1, 4
TCP, ROUTING = 6, 43
PAYLOAD, SEGMENT = 3000, 1000


def ipv4(kind):
    """The header, and the two addresses that the checksum is over."""
    src, hop, final = "10.8.0.1", "10.8.0.2", "10.8.0.99"
    # A loose source route, of which one hop is left.
    options = bytes([131, 7, 4]) + address(final) + b"\0" if kind == "opt4" else b""
    length = 20 + len(options) + 20 + PAYLOAD
    h = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, 0, length, 7, 0, 64, TCP, 0)
    h += address(src) + address(hop) + options
    return h[:10] + struct.pack("!H", checksum(h)) + h[12:], src, final if options else hop


def ipv6(kind):
    src, hop, final = "fd09::1", "fd08::2", "fd08::99"
    extension = b""
    if kind == "rh2":
        extension = struct.pack("!BBBBI", TCP, 2, 2, 1, 0) + address(final)
    length = len(extension) + 20 + PAYLOAD
    h = struct.pack("!IHBB", 6 << 28, length, ROUTING if extension else TCP, 64)
    return h + address(src) + address(hop) + extension, src, final if extension else hop


def send(kind):
    six = kind in ("plain6", "rh2")
    header, src, dst = ipv6(kind) if six else ipv4(kind)
    # The checksum field holds that of the pseudo header, and the rest is left to an offload.
    partial = checksum(pseudo_header(src, dst, TCP, 20 + PAYLOAD)) ^ 0xFFFF
    tcp = struct.pack("!HHIIBBHHH", 1, 2, 1000, 0, 5 << 4, 0x10, 1000, partial, 0)
    gso = GSO_TCPV6 if six else GSO_TCPV4
    start = len(header)
    vnet = struct.pack("<BBHHHH", NEEDS_CSUM, gso, start + len(tcp), SEGMENT, start, 16)
    protocol = 0x86DD if six else 0x0800
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
    s.bind(("wg1", protocol))
    s.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    s.send(vnet + header + tcp + os.urandom(PAYLOAD))
    return 6 if six else 4, start, src, dst


def count(capture, kind):
    version, start, src, dst = send(kind)
    good = bad = 0
    end = time.time() + 1.5
    while time.time() < end:
        try:
            packet = capture.recv(70000)
        except socket.timeout:
            break
        if packet[0] >> 4 != version or len(packet) < 700:
            continue
        segment = packet[start:]
        if checksum(pseudo_header(src, dst, TCP, len(segment)) + segment) == 0:
            good += 1
        else:
            bad += 1
    print("figure good_%s %d" % (kind, good))
    print("figure bad_%s %d" % (kind, bad))


enter("two")
capture = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
capture.bind(("wg2", 0))
capture.settimeout(2)
enter("one")
for kind in sys.argv[1:]:
    try:
        count(capture, kind)
    except OSError as error:
        print("cannot send", kind, error)
