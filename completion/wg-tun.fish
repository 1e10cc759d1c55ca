# SPDX-License-Identifier: GPL-2.0
# fish completion for wg-tun(8). The options are those that `wg-tun --help` lists.

function __wg_tun_options
    for line in (command wg-tun --help 2>/dev/null)
        set -l option (string match -r -- '^  -., (--[a-z-]+)(?:=\S+)? +(.*)' $line)
        and printf '%s\t%s\n' $option[2] $option[3]
    end
end

complete -c wg-tun -f
complete -c wg-tun -n 'string match -q -- "-*" (commandline -ct)' -a '(__wg_tun_options)'
complete -c wg-tun -x -s l -l log-level -a 'silent error verbose'
complete -c wg-tun -x -s o -l offload -a 'auto on off'
complete -c wg-tun -x -s u -l user -a '(__fish_complete_users)'
complete -c wg-tun -x -s w -l workers
