// SPDX-License-Identifier: GPL-2.0
#include "upcalls.h"
#include "host.h"

struct host_index *upcalls_find(struct host *h, u32 index)
{
	for (struct host_index *i = h->indices; i < h->indices + HOST_INDICES; i++)
		if (i->peer && i->index == index)
			return i;
	return NULL;
}

u32 upcalls_count(const struct host *h, const struct peer *p)
{
	u32 count = 0;

	for (const struct host_index *i = h->indices; i < h->indices + HOST_INDICES; i++)
		count += i->peer == p && !i->session;
	return count;
}

/* One handshake lock at a time, and each is let go. */
static struct wg_remote *hold(struct host *h, struct peer *p)
{
	if (h->held)
		world_fail(h->world, "h%u: two handshake locks are taken", h->id);
	h->held = p;
	return &p->remote;
}

static void remote_release(void *ctx, struct wg_remote *remote)
{
	struct host *h = ctx;

	if (h->held != (struct peer *)remote)
		world_fail(h->world, "h%u: lets go a handshake lock that is not taken", h->id);
	h->held = NULL;
}

static bool has_index(void *ctx, u32 index)
{
	return upcalls_find(ctx, index);
}

static struct wg_remote *remote_by_key(void *ctx, const u8 public_key[static 32])
{
	struct host *h = ctx;

	for (u32 i = 0; i < WORLD_HOSTS; i++)
		if (h->peers[i] && !memcmp(h->config[i].public_key, public_key, WG_PUBLIC_LEN))
			return hold(h, h->peers[i]);
	return NULL;
}

static struct wg_remote *remote_by_index(void *ctx, u32 index)
{
	struct host_index *i = upcalls_find(ctx, index);

	return i ? hold(ctx, i->peer) : NULL;
}

static bool is_poor(struct world *w)
{
	if (!random_chance(&w->fate, w->poverty))
		return false;
	w->checks.count.no_memory++;
	return true;
}

static bool index_new(void *ctx, struct wg_remote *remote, u32 *index)
{
	struct host *h = ctx;
	struct host_index *i = h->indices;

	if (is_poor(h->world))
		return false;
	while (i < h->indices + HOST_INDICES && i->peer)
		i++;
	if (i == h->indices + HOST_INDICES) {
		world_fail(h->world, "h%u: more indices than its peers can need", h->id);
		return false;
	}
	do
		*index = (u32)random_u64(&h->world->secrets) & h->world->index_mask;
	while (upcalls_find(h, *index));
	*i = (struct host_index){*index, (struct peer *)remote, NULL};
	return true;
}

static void index_drop(void *ctx, u32 index)
{
	struct host *h = ctx;
	struct host_index *i = upcalls_find(h, index);

	if (!i)
		world_fail(h->world, "h%u: drops index %08x, which nobody has", h->id, index);
	else if (i->session)
		world_fail(h->world, "h%u: drops index %08x of a session", h->id, index);
	else
		i->peer = NULL;
}

static struct wg_keypair *keypair_new(void *ctx, struct wg_remote *remote)
{
	struct host *h = ctx;

	if (is_poor(h->world))
		return NULL;
	return &session_new((struct peer *)remote)->pair;
}

static void keypair_ready(void *ctx, struct wg_remote *remote, struct wg_keypair *keypair)
{
	struct host *h = ctx;
	struct session *s = (struct session *)keypair;
	struct host_index *i = upcalls_find(h, keypair->local_index);

	if (!i || i->session || &i->peer->remote != remote || s->ready) {
		world_fail(h->world, "h%u: a session with an index that is not its own", h->id);
		return;
	}
	i->session = s;
	s->ready = true;
	world_log(h->world, "h%u: a session with h%u as %s, index %08x, theirs %08x", h->id,
		  i->peer->who, keypair->initiator ? "initiator" : "responder",
		  keypair->local_index, keypair->remote_index);
	checks_session_ready(s);
}

static void keypair_free(void *ctx, struct wg_keypair *keypair)
{
	(void)ctx;
	session_free((struct session *)keypair);
}

struct wg_host upcalls_for(struct host *h)
{
	return (struct wg_host){
		.ctx = h,
		.remote_by_key = remote_by_key,
		.remote_by_index = remote_by_index,
		.remote_release = remote_release,
		.has_index = has_index,
		.index_new = index_new,
		.index_drop = index_drop,
		.keypair_new = keypair_new,
		.keypair_ready = keypair_ready,
		.keypair_free = keypair_free,
	};
}
