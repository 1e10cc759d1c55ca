# SPDX-License-Identifier: GPL-2.0
# fish completion for wg(8), wg-quick(8) and wg-tun(8). The programs know the words: `PROGRAM __complete INDEX WORD...`
# prints what may stand at that word, in the form that src/lib/command/candidates.h describes.

# __wirekit_command WORD...: what fish offers behind another command.
function __wirekit_command
    set -l line (string escape -- $argv) (commandline -ct)
    complete -C (string join ' ' -- $line)
end

function __wirekit_words
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l unquoted (string unescape -- $current; or echo $current)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    for line in (command $program __complete (count $words) $words "$unquoted" 2>/dev/null)
        switch $line
            case :file
                __fish_complete_path "$current"
            case ':file *'
                set -l suffix (string sub -s 7 -- $line)
                for file in (__fish_complete_path "$current")
                    string match -q -- '*/' (string split -f 1 \t -- $file)
                    or string match -q -- "*$suffix" (string split -f 1 \t -- $file)
                    and echo $file
                end
            case ':command *'
                set -l index (math 1 + (string sub -s 10 -- $line))
                set -l rest
                test $index -le (count $words)
                and set rest $words[$index..-1]
                __wirekit_command $rest
            case '*'
                echo $line
        end
    end
end

for program in wg wg-quick wg-tun
    complete -c $program -e
    complete -c $program -f -a '(__wirekit_words)'
end
