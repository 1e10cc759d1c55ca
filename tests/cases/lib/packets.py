# SPDX-License-Identifier: GPL-2.0
"""Packets as bytes, from the IP header on, and what a WireGuard message looks like from outside."""
import base64
import hashlib
import os
import select
import socket
import struct
import time

PACKET_OUTGOING = 4
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33


def checksum(data):
    """The Internet checksum; 0 over data that holds a right one."""
    if len(data) & 1:
        data += b"\0"
    s = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return ~s & 0xFFFF


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def ip4(src, dst, protocol, payload, ident=0, tos=0, dont_fragment=True, damaged=False):
    """`damaged` gives it a wrong header checksum."""
    h = struct.pack(
        ">BBHHHBBH", 0x45, tos, 20 + len(payload), ident, dont_fragment << 14, 64, protocol, 0
    )
    h += address(src) + address(dst)
    c = checksum(h) ^ (0x5555 if damaged else 0)
    return h[:10] + struct.pack(">H", c) + h[12:] + payload


def ip6(src, dst, protocol, payload, traffic_class=0):
    h = struct.pack(">IHBB", 6 << 28 | traffic_class << 20, len(payload), protocol, 64)
    return h + address(src) + address(dst) + payload


def ip(src, dst, protocol, payload, ident=0):
    if ":" in src:
        return ip6(src, dst, protocol, payload)
    return ip4(src, dst, protocol, payload, ident=ident)


def pseudo_header(src, dst, protocol, length):
    if ":" in src:
        return address(src) + address(dst) + struct.pack(">IHBB", length, 0, 0, protocol)
    return address(src) + address(dst) + struct.pack(">BBH", 0, protocol, length)


def udp(src, dst, source_port, port, data):
    h = struct.pack(">HHHH", source_port, port, 8 + len(data), 0)
    c = checksum(pseudo_header(src, dst, 17, len(h) + len(data)) + h + data) or 0xFFFF
    return h[:6] + struct.pack(">H", c) + data


def datagram(src, dst, source_port, port, data, ident=0):
    return ip(src, dst, 17, udp(src, dst, source_port, port, data), ident)


def initiation(public_key, claim=False):
    """An initiation that has the right mac1 and is random otherwise. With `claim` its mac2 is
    random, too, as if it were made with a cookie."""
    key = hashlib.blake2s(b"mac1----" + base64.b64decode(public_key)).digest()
    m = struct.pack("<I", 1) + os.urandom(112)
    m += hashlib.blake2s(m, key=key, digest_size=16).digest()
    return m + (os.urandom(16) if claim else bytes(16))


def send_packet(sock, device, packet):
    """By a packet socket that `inject` made."""
    protocol = 0x0800 if packet[0] >> 4 == 4 else 0x86DD
    sock.sendto(packet, (device, protocol, 0, 0, b""))


def take(sock, wait=0.5, incoming=True):
    """All packets of a packet socket until none came for `wait` seconds; without those that this
    machine sent where `incoming` is true."""
    out = []
    sock.setblocking(False)
    end = time.time() + wait
    while select.select([sock], [], [], max(0, end - time.time()))[0]:
        while True:
            try:
                data, sender = sock.recvfrom(1 << 17)
            except BlockingIOError:
                break
            if not (incoming and sender[2] == PACKET_OUTGOING):
                out.append(data)
                end = time.time() + wait
    return out


def drain(sock):
    """What a socket holds now."""
    out = []
    sock.setblocking(False)
    while True:
        try:
            out.append(sock.recv(1 << 17))
        except BlockingIOError:
            return out
