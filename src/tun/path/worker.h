/* SPDX-License-Identifier: GPL-2.0 */
/* The data path: each worker has a queue of the TUN device and a pair of UDP sockets (the workers'
 * sockets share the port), and moves batches both ways. It allocates nothing but the copies of
 * packets that wait for a session. The kernel keeps a flow with one queue of the device, and a
 * program of the port's group keeps a sender with one socket (udp.h), so nothing is reordered. */
#ifndef WG_TUN_WORKER_H
#define WG_TUN_WORKER_H

#include "../../lib/base/error.h"
#include "../device/device.h"
#include "tunif.h"

/* Opens the TUN device with as many queues as there are workers; d->name may have a %d. `d->mtu` is
 * set. */
int worker_open_tun(struct device *d, unsigned int n, struct wg_error *err);
/* Opens (again) the UDP sockets for d->listen_port and d->fwmark, both families (IPv6 only where
 * the system has it), and starts to receive. Sockets that have the port already stay. On failure
 * the old ones stay. Caller writes config. */
int worker_bind(struct device *d, struct wg_error *err);
/* Creates the sockets for worker_bind(), which may take a fifth of a second where the process that creates
 * them hangs. Call it before config is written. */
void worker_prepare(const struct device *d);
void worker_unbind(struct device *d);
/* Returns the state of the link, in whatever network namespace it is. */
enum tunif_state worker_tun_state(const struct device *d);
/* tunif_netns() and tunif_index() of the link. */
bool worker_tun_netns(const struct device *d, struct tunif_netns *id);
unsigned int worker_tun_index(const struct device *d);
/* Workers read packets from the TUN device from now on. */
void worker_resume(struct device *d);
/* Workers do not read packets from now on, and what waits in the device is dropped. They tell the
 * control thread of the next packet, since the link may be up then. Workers begin in this state. */
void worker_hold(struct device *d);
/* Changes the mark of open sockets. */
int worker_set_fwmark(struct device *d, struct wg_error *err);
/* The control thread calls it in each turn: does what workers asked for. Returns when it is to be
 * called again. */
u64 worker_work(struct device *d);
/* Starts the threads. Returns 0, or -1 with err. */
int worker_start(struct device *d, struct wg_error *err);
/* Ends and joins the threads, closes the TUN device and the sockets, and frees all. */
void worker_stop(struct device *d);

/* The control thread calls it, without config. Sends one handshake message or cookie reply. Returns
 * false if it was not sent. */
bool worker_send_message(struct device *d, const struct endpoint *to, const u8 *message,
			 size_t len);
/* The control thread calls it, without config. Sends what is staged, before workers send anything
 * behind it; if nothing is staged and `keepalive` is true, it sends an empty packet. The workers do
 * not stop for it. It asks for more actions through device_ask(). */
void worker_flush(struct device *d, struct peer *peer, bool keepalive);
#endif
