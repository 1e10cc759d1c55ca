# SPDX-License-Identifier: GPL-2.0
# Exclusions from AllowedIPs against Python's ipaddress. `exclusions.py make SEED N` prints a file of N peers
# with random lists; `exclusions.py compare SEED N` reads what `wg-quick strip` made of it, and compares each
# list with the shortest one for the same addresses.
import base64
import ipaddress
import random
import sys


def random_prefix(r, bits):
    # Few different values, and lengths that are near each other, so that prefixes meet.
    length = r.choice((0, r.randrange(bits + 1), r.randrange(8, 25), r.randrange(bits - 8, bits + 1)))
    value = r.choice((0, 10 << bits - 8, 0xC0A8 << bits - 16, r.getrandbits(bits)))
    value ^= r.getrandbits(bits) & ((1 << bits - length) | (1 << r.randrange(bits)))
    return value >> bits - length << bits - length, length


def cases(seed, n):
    r = random.Random(seed)
    for _ in range(n):
        bits = 128 if r.random() < 0.05 else 32
        yield bits, [random_prefix(r, bits) for _ in range(r.randrange(1, 4))], \
            [random_prefix(r, bits) for _ in range(r.randrange(1, 4))]


def text(bits, prefix):
    address = ipaddress.IPv6Address if bits == 128 else ipaddress.IPv4Address
    return '%s/%d' % (address(prefix[0]), prefix[1])


def ranges(bits, prefixes):
    merged = []
    for first, last in sorted((a, a + (1 << bits - n) - 1) for a, n in prefixes):
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return merged


def expected(bits, included, excluded):
    address = ipaddress.IPv6Address if bits == 128 else ipaddress.IPv4Address
    out = ranges(bits, excluded)
    for first, last in ranges(bits, included):
        for start, end in out + [[last + 1, last + 1]]:
            if first <= last and start > first:
                for net in ipaddress.summarize_address_range(address(first), address(min(last, start - 1))):
                    yield str(net)
            first = max(first, end + 1)


def make(seed, n):
    print('[Interface]')
    for i, (bits, included, excluded) in enumerate(cases(seed, n)):
        lists = [text(bits, p) for p in included] + ['!' + text(bits, p) for p in excluded]
        random.Random(i).shuffle(lists)
        key = base64.b64encode(i.to_bytes(32, 'little')).decode()
        print('[Peer]\nPublicKey = %s\nAllowedIPs = %s' % (key, ', '.join(lists)))


def compare(seed, n):
    found = []
    for line in sys.stdin:
        if line.startswith('[Peer]'):
            found.append([])
        elif line.startswith('AllowedIPs = '):
            found[-1] = line.rstrip('\n')[13:].split(', ')
    assert len(found) == n, '%d peers' % len(found)
    for case, have in zip(cases(seed, n), found):
        want = list(expected(*case))
        if have != want:  # inet_ntop writes some addresses of IPv6 with a part of IPv4
            have = [str(ipaddress.ip_network(net)) for net in have]
        assert have == want, '%s: expected %s, found %s' % (case, want, have)


{'make': make, 'compare': compare}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
