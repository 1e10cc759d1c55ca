#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Completion in fish, where it is installed; and that the files for fish and zsh name every program that
# has words to offer. completion.sh has bash.
# not in a machine: it asks nothing of the kernel
. "$(dirname "$0")/../tool.sh"
cd "$top" || exit 1
PATH=$(dirname "$WG"):$(dirname "$WG_QUICK"):$(dirname "$WG_TUN"):$PATH

# fish_words LINE: what fish offers at its end, in one line.
fish_words()
{
	HOME=/nonexistent fish --no-config -c "
		source completion/wg.fish
		source completion/wg-quick.fish
		source completion/wg-tun.fish
		cd completion
		complete -C '$1'" | tr '\n' ' '
}

if command -v fish >/dev/null; then
	check "fish: a verb" same "check " "$(fish_words 'wg-quick che')"
	check "fish: verbs" same "show showconf " "$(fish_words 'wg show')"
	check "fish: settings" same "fwmark listen-port peer private-key " "$(fish_words 'wg set wg0 ')"
	check "fish: options" same "--dry-run --idempotent --no-hooks " "$(fish_words 'wg-quick up --' | sed 's/--help //')"
	check "fish: options that go together" same "--no-hooks " "$(fish_words 'wg-quick up --dry-run --')"
	check "fish: options of wg-tun" same "--foreground	stay; tell a service manager by NOTIFY_SOCKET " "$(fish_words 'wg-tun --f')"
	check "fish: levels of wg-tun" same "error silent verbose " "$(fish_words 'wg-tun --log-level ')"
	check "fish: files" same "./wg-quick.bash ./wg-quick.fish " "$(fish_words 'wg-quick check ./wg-q')"
else
	skip "fish" "not installed"
fi
check "zsh: both programs" grep -qx '#compdef wg wg-quick' completion/_wg-quick
for program in wg wg-quick; do
	check "$program offers its verbs" sh -c '"$0" __complete 1 "$0" "" | grep -q -x -e show -e check' $program
done
finish
