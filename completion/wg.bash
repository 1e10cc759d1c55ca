# SPDX-License-Identifier: GPL-2.0
# bash completion for wg(8). The binary knows the words: `wg __complete INDEX WORD...` prints the
# candidates, and ":file" where a file may stand. Works with and without bash-completion.

_wg() {
	local line=${COMP_LINE:0:COMP_POINT} words cur skip candidate

	# Not COMP_WORDS: bash splits it at the "=" of keys and the ":" of endpoints.
	read -ra words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=("")
	cur=${words[-1]}
	skip=${cur%"${cur##*[=:]}"}
	COMPREPLY=()
	while IFS= read -r candidate; do
		if [[ $candidate == :file ]]; then
			compopt -o filenames 2>/dev/null
			while IFS= read -r candidate; do
				COMPREPLY+=("${candidate#"$skip"}")
			done < <(compgen -f -- "$cur")
		elif [[ $candidate == "$cur"* ]]; then
			COMPREPLY+=("${candidate#"$skip"}")
		fi
	done < <("$1" __complete $((${#words[@]} - 1)) "${words[@]}" 2>/dev/null)
}

complete -F _wg wg
