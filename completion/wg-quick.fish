# SPDX-License-Identifier: GPL-2.0
# fish completion for wg-quick(8). The program knows the words: `wg-quick __complete INDEX WORD...`
# prints the candidates, and ":file" where a file may stand.

function __wg_quick_words
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (command $words[1] __complete (count $words) $words "$current" 2>/dev/null)
        if test "$line" = :file
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end

complete -c wg-quick -f -a '(__wg_quick_words)'
