# SPDX-License-Identifier: GPL-2.0
# What the scripts share that run in the kernel that watches itself. Sourced after tool.sh, in `alone`.
debug=/sys/kernel/debug
mount -t debugfs debug $debug 2>/dev/null || :

# Seconds.
now()
{
	cut -d . -f 1 /proc/uptime
}

# What was allocated and is reachable no more. The kernel wants to see a thing lost twice, and not to be
# asked of what is just being freed.
leaks()
{
	sleep 6
	echo scan >$debug/kmemleak
	sleep 6
	echo scan >$debug/kmemleak
	cat $debug/kmemleak
	! grep -q unreferenced $debug/kmemleak
}

# The module gone, and with it all its links.
unload()
{
	rmmod wireguard && [ ! -e /sys/module/wireguard ]
}

# leaves_nothing NAME: what is still in the module's caches when it goes is in the kernel's log.
leaves_nothing()
{
	check "$1: the module can be unloaded" unload
	check "$1: nothing has leaked" leaks
}
