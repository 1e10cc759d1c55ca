#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Completion in bash, zsh and fish, each in a terminal (tmux): Tab is pressed, and the screen is read. completion.sh
# compares what is offered with what the verbs take.
. "$(dirname "$0")/../tool.sh"
alone "$@"
export WG_QUICK_USERSPACE_IMPLEMENTATION="$WG_TUN"

dir=$(mktemp -d)
# The process namespace ends with the script, and the terminals with it.
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/bin" "$dir/home" "$dir/nobody" "$dir/cwd/homework" "$dir/share/bash-completion/completions" \
	"$dir/share/fish/vendor_completions.d" "$dir/share/zsh/vendor-completions"
# The files as they are installed: bash and fish find them by XDG_DATA_DIRS.
cp "$WG" "$WG_QUICK" "$WG_TUN" "$dir/bin"
cp "$top"/completion/*.fish "$dir/share/fish/vendor_completions.d"
cp "$top"/completion/_* "$dir/share/zsh/vendor-completions"
for program in wg wg-quick wg-tun; do
	cp "$top/completion/$program.bash" "$dir/share/bash-completion/completions/$program"
done
touch "$dir/cwd/site.conf" "$dir/cwd/site.txt" "$dir/cwd/key file"
chmod -R a+rX "$dir"

cat >"$dir/bashrc" <<'END'
source /usr/share/bash-completion/bash_completion
bind 'set show-all-if-ambiguous on'
bind 'set bell-style none'
bind 'set completion-query-items 0'
bind 'set page-completions off'
PS1='READY> '
END
# fish would read all man pages in the background.
mkdir -p "$dir/home/.local/share/fish/generated_completions" "$dir/nobody/.local/share/fish/generated_completions"
mkdir "$dir/zsh"
cat >"$dir/zsh/.zshrc" <<END
fpath=($dir/share/zsh/vendor-completions \$fpath)
autoload -U compinit
compinit -u -D
unsetopt prompt_sp prompt_cr beep
PS1='READY> '
END
chown -R 65534 "$dir/nobody"
cat >"$dir/config.fish" <<'END'
set -g fish_greeting
set -g fish_autosuggestion_enabled 0
function fish_prompt; echo -n 'READY> '; end
END

private=$("$WG" genkey) psk=$("$WG" genpsk)
ka=$("$WG" genkey | "$WG" pubkey) kb=$("$WG" genkey | "$WG" pubkey)
# The keys have different first letters, so that Tab behind nothing lists them at once, and the first one's beginning
# needs no quotes.
while [ "${ka%"${ka#?}"}" = "${kb%"${kb#?}"}" ] || [ "${ka#[A-Za-z0-9][A-Za-z0-9][A-Za-z0-9]}" = "$ka" ]; do
	ka=$("$WG" genkey | "$WG" pubkey)
done
cat >/etc/wireguard/home.conf <<END
[Interface]
PrivateKey = $private
[Peer]
PublicKey = $ka
PresharedKey = $psk
AllowedIPs = 10.9.8.2/32
[Peer]
PublicKey = $kb
AllowedIPs = 10.9.8.3/32
END
for name in abcdefghijklmno abcdefghijklmnop a=b+c.d; do
	cp /etc/wireguard/home.conf "/etc/wireguard/$name.conf"
done
check "a tunnel comes up" "$WG_QUICK" up home
# shellcheck disable=SC2016
check "an interface with an odd name" device_add 'w$x;y'

server=0
t()
{
	tmux -S "$dir/tmux$server" -f /dev/null "$@"
}

screen()
{
	t capture-pane -p | sed -e 's/ *$//' -e '/^$/d'
}

is_screen()
{
	[ "$(screen)" = "$1" ]
}

# press LINE KEY...: on an empty screen. No C-c empties it: its signal would overtake the keys before it.
press()
{
	line=$1
	shift
	t send-keys C-u C-l \; send-keys -l "$line" \; send-keys "$@"
}

# start USER SHELL...
start()
{
	home=$dir/home user=
	[ "$1" = root ] || home=$dir/nobody user="setpriv --reuid 65534 --regid 65534 --clear-groups"
	shift
	[ "$server" = 0 ] || t kill-server
	# One that ends may still have its socket.
	server=$((server + 1))
	# $user is more words than one.
	# shellcheck disable=SC2086
	t new-session -d -x 200 -y 60 -c "$dir/cwd" env -i PATH="$dir/bin:$PATH" TERM=screen HOME="$home" LC_ALL=C.UTF-8 \
		XDG_DATA_DIRS="$dir/share:/usr/share" ZDOTDIR="$dir/zsh" $user "$@" || return 1
	t pipe-pane "cat >>$dir/log"
	soon is_screen "READY>"
}

shows()
{
	seen=$(screen)
	for word in $words; do
		case $seen in
		"READY> ${line% }"*"$word"*) ;;
		*) return 1 ;;
		esac
	done
}

# Like wait_for, but asks more often.
soon()
{
	soon_tries=600
	until "$@"; do
		soon_tries=$((soon_tries - 1))
		[ "$soon_tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

# offers LINE WORD... [-- WORD...]: Tab at the end of the line shows the words, and none of those behind --.
offers()
{
	line=$1 words='' absent=''
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	[ $# = 0 ] || shift
	absent=$*
	press "$line" Tab && soon shows || {
		screen
		return 1
	}
	seen=$(screen | grep -v '^READY>')
	for word in $absent; do
		case $seen in
		*"$word"*)
			screen
			return 1
			;;
		esac
	done
}

# becomes LINE NEW: Tab at the end of the line makes it NEW, without anything else on the screen. The letter that is
# typed behind the Tab says that the shell is done with it.
becomes()
{
	press "$1" Tab Z && soon is_screen "READY> ${2}Z" || {
		echo "expected: READY> ${2}Z"
		screen
		return 1
	}
}

each_shell()
{
	check "$1: down takes what is up, not a folder" becomes "wg-quick down " "wg-quick down home "
	check "$1: up takes configurations, not folders" offers "wg-quick up " home a=b+c.d abcdefghijklmno -- \
		abcdefghijklmnop homework site
	check "$1: a name with signs" becomes "wg-quick check home a=" "wg-quick check home a=b+c.d "
	check "$1: files that end in .conf behind a slash" becomes "wg-quick up ./s" "wg-quick up ./site.conf "
	check "$1: the command of exec" becomes "wg-quick exec home -- setpri" "wg-quick exec home -- setpriv "
	check "$1: an interface with an odd name" becomes "wg show w" 'wg show w\$x\;y '
	check "$1: peers" offers "wg set home peer " "$ka" "$kb"
	check "$1: the key of a peer" becomes "wg set home peer ${ka%"${ka#???}"}" "wg set home peer $2"
	check "$1: settings that are not given yet" offers "wg set home peer $ka allowed-ips 10.9.8.2/32 " preshared-key \
		endpoint persistent-keepalive -- allowed-ips remove
	check "$1: a file that holds a key" becomes "wg set home private-key k" 'wg set home private-key key\ file '
	check "$1: a value of wg-tun" becomes "wg-tun --log-level=v" "wg-tun --log-level=verbose "
}

without_rights()
{
	check "$1: another user gets no configuration, and no error" becomes "wg-quick up " "wg-quick up "
	check "$1: and no peer" becomes "wg set home peer " "wg set home peer "
}

check "bash starts" start root bash --rcfile "$dir/bashrc" -i
each_shell bash "$ka "
check "zsh starts" start root zsh -i
each_shell zsh "$ka "
check "zsh: a peer is described by its allowed IPs" offers "wg set home peer " 10.9.8.2/32
check "fish starts" start root fish -C "source $dir/config.fish"
# fish adds no space behind "=".
each_shell fish "$ka"
check "fish: a peer is described by its allowed IPs" offers "wg set home peer " 10.9.8.2/32
for shell in bash zsh fish; do
	case $shell in
	bash) set -- bash --rcfile "$dir/bashrc" -i ;;
	zsh) set -- zsh -i ;;
	fish) set -- fish -C "source $dir/config.fish" ;;
	esac
	check "$shell starts without rights" start nobody "$@"
	without_rights $shell
done
check "the peers were on the screen" grep -q -F "$ka" "$dir/log"
check "no secret was" sh -c '! grep -q -F -e "$1" -e "$2" "$3"' sh "$private" "$psk" "$dir/log"
finish
