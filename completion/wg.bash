# SPDX-License-Identifier: GPL-2.0
# bash completion for wg(8), wg-quick(8) and wg-tun(8). The programs know the words: `PROGRAM __complete INDEX WORD...`
# prints what may stand at that word, in the form that src/lib/command/candidates.h describes. Works with and without
# the package bash-completion.

# Cuts the line at the cursor into words, without quotes. Not COMP_WORDS: bash cuts it at the "=" of keys, too.
# first[I] is the index in COMP_WORDS at which word I begins.
_wirekit_words()
{
	local rest=${COMP_LINE:0:COMP_POINT} blank word i

	for ((i = 0; i <= COMP_CWORD; i++)); do
		blank=${rest%%[![:space:]]*}
		rest=${rest#"$blank"}
		word=${rest:0:${#COMP_WORDS[i]}}
		rest=${rest:${#word}}
		if [[ $i -gt 0 && ! $blank ]]; then
			words[-1]+=$word
		else
			words+=("$word")
			first+=("$i")
		fi
	done
	[[ ${words[-1]} != [\"\']* ]] || quoted=1
	for i in "${!words[@]}"; do
		case ${words[i]} in
		[\"\']*) word=${words[i]%"${words[i]:0:1}"} words[i]=${word:1} ;;
		*) words[i]=${words[i]//\\/} ;;
		esac
	done
}

# _wirekit_files SUFFIX
_wirekit_files()
{
	local file

	compopt -o filenames 2>/dev/null
	while IFS= read -r file; do
		[[ $file == *"$1" || -d ${file/#\~\//$HOME/} ]] && COMPREPLY+=("${file#"$skip"}")
	done < <(compgen -f -- "$cur")
}

# _wirekit_command WORD: another command begins at this word.
_wirekit_command()
{
	if declare -F _comp_command_offset >/dev/null; then
		_comp_command_offset "${first[$1]:-$COMP_CWORD}"
	elif declare -F _command_offset >/dev/null; then
		_command_offset "${first[$1]:-$COMP_CWORD}"
	elif (($1 == ${#words[@]} - 1)); then
		mapfile -t COMPREPLY < <(compgen -c -- "$cur")
	else
		_wirekit_files ""
	fi
}

_wirekit()
{
	local words=() first=() found=() quoted='' cur skip='' line breaks=${COMP_WORDBREAKS//[^=:@]/}

	COMPREPLY=()
	_wirekit_words
	cur=${words[-1]}
	# What bash replaces begins behind the last of these.
	[[ $quoted || ! $breaks ]] || skip=${cur%"${cur##*["$breaks"]}"}
	mapfile -t found < <("${1/#\~\//$HOME/}" __complete $((${#words[@]} - 1)) "${words[@]}" 2>/dev/null)
	for line in "${found[@]}"; do
		case $line in
		:file*) line=${line#:file} && _wirekit_files "${line# }" ;;
		:command*) _wirekit_command "${line#:command }" ;;
		"$cur"*)
			line=${line%%$'\t'*} line=${line#"$skip"}
			[[ $quoted || $line != *[!A-Za-z0-9_=+.,:@%/-]* ]] || printf -v line %q "$line"
			COMPREPLY+=("$line")
			;;
		esac
	done
}

complete -F _wirekit wg wg-quick wg-tun
