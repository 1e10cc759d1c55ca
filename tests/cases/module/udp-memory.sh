# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. A user without privileges who fills the memory that UDP may have (udp_mem) does not starve the tunnel.
. "$(dirname "$0")/lib.sh"
before=$(goodput)
limit=$(cut -f 3 /proc/sys/net/ipv4/udp_mem)
chmod 1777 /tmp
install -m 755 "$here/fill.py" /tmp/fill.py
rm -f /tmp/filled
setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all /usr/bin/python3 /tmp/fill.py "$limit" &
filler=$!
wait_for 20 test -e /tmp/filled
meanwhile=$(goodput)
kill $filler
wait
rm -f /tmp/filled
figure before "${before:-0}"
figure meanwhile "${meanwhile:-0}"
end_of_base
verdict "TCP, Mbit/s: $got_before, while the memory is full $got_meanwhile; in-tree $(base before), $(base meanwhile)" \
	"$got_meanwhile < $got_before / 4 && $(base meanwhile) > $(base before) / 4"
