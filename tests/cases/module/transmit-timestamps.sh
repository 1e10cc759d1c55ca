# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. A socket that asks for transmit timestamps of its datagrams gets them through the tunnel: an outer
# packet keeps the socket and the request of the inner one.
. "$(dirname "$0")/lib.sh"
figures stamps.py 10.8.0.2
end_of_base
verdict "timestamps of 3 datagrams: ${got_sent:-0}, in-tree $(base sent)" "${got_sent:-0} < $(base sent)"
