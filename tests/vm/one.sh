# SPDX-License-Identifier: GPL-2.0
# Goes to the beginning of a machine's job: `one SHELL SCRIPT` runs a script, shows its output as it
# comes, and adds a `not ok` line where the script ended badly, or tested nothing, without one.
status=0
one()
{
	begin=$(cut -d . -f 1 /proc/uptime)
	{
		timeout "${VM_SCRIPT_SECONDS:-900}" "$1" "$2"
		echo "$?" >/tmp/one.status
	} 2>&1 | tee /tmp/one.out
	script_status=$(cat /tmp/one.status)
	if [ "$script_status" != 0 ]; then
		status=1
		grep -q '^not ok ' /tmp/one.out || echo "not ok $2: ended with status $script_status"
	elif ! grep -q '^\(ok\|not ok\|skip\) ' /tmp/one.out; then
		status=1
		echo "not ok $2: tested nothing"
	fi
	echo "-- $2: $(($(cut -d . -f 1 /proc/uptime) - begin)) s in the machine"
}

# What the kernel said, but for the trace with which it tells that memory for a sysctl was made to fail, and
# for data races (KCSAN) that are not in our module: each report is between two lines of `=`.
said()
{
	dmesg | awk '/\] ====*$/ { if (held != "") print held; held = $0; race = 0; next }
		held != "" { race = /BUG: KCSAN: / && !/\[wireguard\]/; if (!race) print held; held = "" }
		race { next }
		/sysctl could not get directory/ { cut = 1; next }
		cut && /^\[ *[0-9.]*\] ( |CPU: |Hardware name: |Stack:|Call Trace:)/ { next }
		{ cut = 0; print }'
}

# The last test of a machine: the kernel has found nothing wrong with itself.
reports()
{
	if said | grep -n -A 40 -e 'BUG:' -e 'WARNING:' -e 'INFO: t' -e 'UBSAN:' -e 'Oops' -e 'Call Trace' \
		-e 'general protection' -e 'kmemleak: .* new' -e 'ODEBUG' -e 'unregister_netdevice: wait' \
		>/tmp/reports; then
		status=1
		echo "not ok the kernel has nothing to report"
		head -n 200 /tmp/reports | sed 's/^/    /'
	else
		echo "ok the kernel has nothing to report"
	fi
}
