#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# bash completion of wg and wg-quick: every verb of the help is offered, and what a verb offers is what it
# takes.
# not in a machine: it asks little of the kernel
set -u
WG=$(realpath "${WG:-build/wg/wg}")
WG_QUICK=$(realpath "${WG_QUICK:-build/wg-quick/wg-quick}")
cd "$(dirname "$0")/../.." || exit 1
failures=0
check() {
	if [[ $2 == "$3" ]]; then
		echo "ok $1"
	else
		echo "not ok $1"
		printf '# expected: %s\n# got: %s\n' "$3" "$2"
		failures=$((failures + 1))
	fi
}

# shellcheck source=/dev/null
source completion/wg.bash

# As bash cuts a line without = and :.
complete_words() {
	COMP_LINE=$2 COMP_POINT=${3-${#2}}
	read -ra COMP_WORDS <<<"$COMP_LINE"
	[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_wirekit "$1"
	echo "${COMPREPLY[*]-}"
}

complete_line() {
	complete_words "$WG" "$@"
}

verbs=$("$WG" --help | sed -n 's/^  \([a-z]*\): .*/\1/p' | tr '\n' ' ')
check verbs "$(complete_line 'wg ')" "${verbs}help version"
check options "$(complete_line 'wg --')" '--help --version'
check prefix "$(complete_line 'wg show')" 'show showconf'
check no-verb "$(complete_line 'wg nope ')" ''
check interfaces "$(complete_line 'wg show interf')" interfaces
check help-of-verb "$(complete_line 'wg setconf --h')" --help
check nothing-behind-interfaces "$(complete_line 'wg show interfaces ')" ''
check nothing-behind-genkey "$(complete_line 'wg genkey x ')" ''
check files "$(complete_line 'wg setconf wg0 completion/wg.b')" completion/wg.bash
check middle-of-line "$(complete_line 'wg showx' 6)" 'show showconf'
for parameter in $(complete_line 'wg show x '); do
	# A name that no interface has: only a bad parameter is a usage error.
	check "takes-$parameter" \
		"$("$WG" show none0 "$parameter" 2>&1 | grep -c 'Invalid parameter')" 0
done
check bad-index "$("$WG" __complete 99 wg x; "$WG" __complete -1 wg; "$WG" __complete x wg;
	"$WG" __complete)" ''

complete_quick() {
	complete_words "$WG_QUICK" "$@"
}

verbs=$("$WG_QUICK" --help | sed -n 's/^\(Usage:\|      \) wg-quick \([a-z]*\).*/\2/p' | tr '\n' ' ')
check quick-verbs "$(complete_quick 'wg-quick ')" "${verbs}help version"
check quick-prefix "$(complete_quick 'wg-quick re')" 'reload repair'
for verb in $verbs; do
	# The options stand in a list of their own, and each in the usage line.
	check "quick-$verb" "$(complete_quick "wg-quick $verb --" | tr ' ' '\n' | grep -v -x -e --help)" \
		"$("$WG_QUICK" "$verb" --help | sed -n 's/^  \(--[a-z-]*\)  .*/\1/p')"
	check "quick-$verb-usage" "$("$WG_QUICK" "$verb" --help | sed q | grep -o -e '--[a-z-]*')" \
		"$("$WG_QUICK" "$verb" --help | sed -n 's/^  \(--[a-z-]*\)  .*/\1/p')"
done
check quick-one-of-two "$(complete_quick 'wg-quick up --dry-run --')" --no-hooks
check quick-behind-the-name "$(complete_quick 'wg-quick down wg0 --')" '--force --no-hooks'
check quick-files "$(complete_quick 'wg-quick check completion/wg.b')" ''
folder=$(mktemp -d)
touch "$folder/office.conf" "$folder/office.txt"
check quick-conf-files "$(complete_quick "wg-quick check $folder/off")" "$folder/office.conf"
rm -r "$folder"
exit $((failures > 0))
