# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. TCP super-packets with an IPv6 routing header or an IPv4 source route come out with right
# checksums: these are adjusted, and not computed from an assumed layout.
. "$(dirname "$0")/lib.sh"
two sysctl -qw net.ipv4.conf.all.accept_source_route=1
two ethtool -K wg2 gro off
two ethtool -K b0 gro off
kinds="plain6 rh2 plain4 opt4"
figures segments.py $kinds
end_of_base
less=
for k in $kinds; do
	good=$(sed -n "s/^figure good_$k //p" /tmp/out) bad=$(sed -n "s/^figure bad_$k //p" /tmp/out)
	[ "${good:-0}" -ge "$(base "good_$k")" ] || less="$less $k: $good right, $bad wrong (in-tree $(base "good_$k") right);"
done
[ -z "$less" ] || wrong "checksums:$less"
right "as with the kernel's own: $kinds"
