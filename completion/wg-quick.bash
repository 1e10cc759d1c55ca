# SPDX-License-Identifier: GPL-2.0
# bash completion for wg-quick(8). It asks the program, so there is no list here to drift: it prints
# one candidate a line, and ":file" where a configuration file may stand.

_wg_quick()
{
	local cur=${COMP_WORDS[COMP_CWORD]} line words=()

	COMPREPLY=()
	while IFS= read -r line; do
		if [[ $line == :file ]]; then
			compopt -o filenames 2>/dev/null
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < \
				<(compgen -d -- "$cur"; compgen -f -X '!*.conf' -- "$cur")
		else
			words+=("$line")
		fi
	done < <("${COMP_WORDS[0]}" __complete "$COMP_CWORD" "${COMP_WORDS[@]}" 2>/dev/null)
	for line in "${words[@]}"; do
		[[ $line == "$cur"* ]] && COMPREPLY+=("$line")
	done
}

complete -F _wg_quick wg-quick
