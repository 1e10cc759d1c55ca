# SPDX-License-Identifier: GPL-2.0
# bash completion for wg-tun(8). The options are those that `wg-tun --help` lists.

_wg_tun() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

	[[ $prev != "=" ]] || prev=${COMP_WORDS[COMP_CWORD - 2]}
	[[ $cur != "=" ]] || { prev=${COMP_WORDS[COMP_CWORD - 1]}; cur=; }
	COMPREPLY=()
	case $prev in
	-l | --log-level) mapfile -t COMPREPLY < <(compgen -W "silent error verbose" -- "$cur") ;;
	-o | --offload)
		local done=
		[[ $cur != *,* ]] || { done=${cur%,*},; cur=${cur##*,}; }
		mapfile -t COMPREPLY < <(compgen -P "$done" -W "tun-gso tun-tso tun-uso tun-gro tun-udp-gro udp-gso udp-gro $([[ $done ]] || echo auto on off)" -- "$cur")
		;;
	-u | --user) mapfile -t COMPREPLY < <(compgen -u -- "$cur") ;;
	-w | --workers) ;;
	*)
		[[ $cur == -* ]] || return 0
		mapfile -t COMPREPLY < <(compgen -W "$("$1" --help 2>/dev/null | grep -o -- '--[a-z-]*')" -- "$cur")
		;;
	esac
}

complete -F _wg_tun wg-tun
