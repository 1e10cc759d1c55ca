// SPDX-License-Identifier: GPL-2.0
/* `wg-quick watch`: one process for all tunnels of this network namespace, or for named ones. It sleeps until the
 * kernel, the folder of journals, a lookup or a clock has something to say. What it repairs it leaves to `wg-quick
 * repair' in a process of its own: hooks and a daemon's start take their time, and nobody else has to wait. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../lib/base/alloc.h"
#include "../lib/base/cleanup.h"
#include "../lib/base/names.h"
#include "../lib/base/notify.h"
#include "../lib/base/wait.h"
#include "host/progress.h"
#include "host/signals.h"
#include "steps/kill-table.h"
#include "verb.h"
#include "watch/monitor.h"
#include "watch/watched.h"

#define TABLES       16    /* routing tables that the rules of one tunnel look up; more count as any */
#define ATTEMPTS     10    /* repairs that fail one after the other */
#define BUSY_MS      300   /* somebody else has the tunnel's lock */
#define HURRY_MS     10000 /* from one change of the ways out to the next that counts */
#define RESCAN_MS    60000 /* without inotify */
#define CHILD_END_MS 10000 /* what a repair gets to undo its work when the watch is to end */

struct entry {
	struct entry *next;
	struct watched w;
	int lock; /* that this program watches it */
	bool given; /* by name: it is kept while it is not up */
	bool told;  /* that it cannot be watched where it is */
	bool seen;  /* while the journals are read: the tunnel is up */
	bool dirty; /* its journal has changed */
	u32 tables[TABLES];
	size_t n_tables;
	bool has_kill; /* a claim on the table that all tunnels with KillSwitch share */
	u64 repair_at;    /* UINT64_MAX: nothing to repair */
	u64 repair_pause; /* before the next one */
	u64 repaired_at;  /* the last one began */
	unsigned int failures;
	pid_t child;  /* of a repair; 0: none */
	bool again;   /* news came while it ran */
	bool lacks_link; /* the repair that runs, or the last one, was to make the interface anew */
	bool is_down; /* that failed, and the tunnel has no journal any more: it is to be brought up */
};

struct watch {
	struct watching watching;
	struct monitor *monitor;
	struct entry *entries;
	struct wg_names names; /* those that were given; none: all */
	int lock, folder, notify;
	u64 scan_at, hurry_at, beat_at, beat_ms;
	char status[128];
};

extern char **environ;

static u64 now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000 + (u64)ts.tv_nsec / 1000000;
}

static u64 sooner(u64 a, u64 b)
{
	return a < b ? a : b;
}

static void say(const struct entry *e, const char *what)
{
	wg_log_say(&progress_log, WG_LOG_PROGRESS, "%s: %s", e->w.name, what);
}

static void entry_free(struct entry *e)
{
	watched_wipe(&e->w);
	close_fd(&e->lock);
	free(e);
}

/* Something of the tunnel may be missing. */
static void ask_for_repair(struct watch *s, struct entry *e, u64 now)
{
	u64 at = now + s->watching.times.collect_ms, next = e->repaired_at + e->repair_pause;

	if (e->child) {
		e->again = true;
		return;
	}
	if (e->repaired_at && next > at)
		at = next;
	e->repair_at = sooner(e->repair_at, at);
}

static struct entry *find_entry(const struct watch *s, const char *name)
{
	for (struct entry *e = s->entries; e; e = e->next)
		if (!strcmp(e->w.name, name))
			return e;
	return NULL;
}

static void note_tables(struct entry *e, const struct state *st)
{
	e->n_tables = 0;
	e->has_kill = plan_has(&st->steps, STEP_KILL_SWITCH);
	for (size_t i = 0; i < st->steps.n && e->n_tables < TABLES; i++)
		if (st->steps.steps[i].kind == STEP_RULE)
			e->tables[e->n_tables++] = st->steps.steps[i].rule.table;
}

/* Begins to watch a tunnel, which need not be up. Returns NULL, with err, if another process watches it. */
static struct entry *add_entry(struct watch *s, const char *name, struct wg_error *err)
{
	struct entry *e;
	int lock;

	if (journal_lock_watch(&lock, name, err) < 0)
		return NULL;
	e = wg_alloc(sizeof(*e));
	snprintf(e->w.name, sizeof(e->w.name), "%s", name);
	e->w.work_at = e->repair_at = UINT64_MAX;
	e->lock = lock;
	e->dirty = true;
	e->next = s->entries;
	s->entries = e;
	return e;
}

static void refresh_entry(struct entry *e, const struct state *st)
{
	struct watched fresh = {0};

	watched_init(&fresh, st);
	watched_inherit(&fresh, &e->w);
	watched_wipe(&e->w);
	e->w = fresh;
	e->dirty = e->is_down = false;
	note_tables(e, st);
}

/* The monitor hears of this network namespace only, and names are looked up in it. */
static void tell_elsewhere(const struct watch *s, const char *name)
{
	struct entry *e = find_entry(s, name);

	if (!e || !e->given || e->told)
		return;
	e->told = true;
	wg_log_say(&progress_log, WG_LOG_WARNING,
		   "%s: has a Namespace or an UnderlayNamespace, and is not watched: run wg-quick repair where it is needed", name);
}

static void see_state(void *ctx, const struct state *st)
{
	struct watch *s = ctx;
	struct wg_error err;
	struct entry *e;

	if (!st->complete || st->going_down || (s->names.n && !wg_names_has(&s->names, st->name)))
		return;
	if (st->place_path || st->underlay) {
		tell_elsewhere(s, st->name);
		return;
	}
	e = find_entry(s, st->name) ?: add_entry(s, st->name, &err);
	if (!e) {
		if (err.code != EWOULDBLOCK)
			wg_log_say(&progress_log, WG_LOG_WARNING, "%s", err.text);
		return;
	}
	if (!e->w.ifindex)
		say(e, "is watched");
	e->seen = true;
	/* What went before this program knew of the tunnel is not news any more. */
	if (e->w.ifindex != st->ifindex)
		ask_for_repair(s, e, now_ms());
	if (e->dirty || e->w.ifindex != st->ifindex)
		refresh_entry(e, st);
}

/* Of a tunnel that is not up, only the name is known. */
static void forget_tunnel(struct entry *e)
{
	char name[IFNAMSIZ];

	memcpy(name, e->w.name, sizeof(name));
	watched_wipe(&e->w);
	memcpy(e->w.name, name, sizeof(name));
	e->w.work_at = e->repair_at = UINT64_MAX;
	e->n_tables = 0;
	e->has_kill = false;
	e->dirty = true;
}

/* Reads the journals: which tunnels are up. One that this program tries to bring up again stays, too. */
static void scan(struct watch *s)
{
	struct entry **link = &s->entries, *e;

	s->scan_at = s->folder < 0 ? now_ms() + RESCAN_MS : UINT64_MAX;
	for (e = s->entries; e; e = e->next)
		e->seen = false;
	journal_each(see_state, s);
	while ((e = *link)) {
		if (e->seen || e->child || e->is_down) {
			link = &e->next;
			continue;
		}
		if (e->w.ifindex)
			say(e, "is not up any more");
		if (e->given) {
			forget_tunnel(e);
			link = &e->next;
			continue;
		}
		*link = e->next;
		entry_free(e);
	}
}

static bool has_rule_of(const struct entry *e, u32 table)
{
	for (size_t i = 0; i < e->n_tables; i++)
		if (e->tables[i] == table)
			return true;
	return e->n_tables == TABLES;
}

static bool is_concerned(const struct entry *e, const struct monitor_news *news)
{
	static const char ours[] = "wg-quick";

	switch (news->what) {
	case MONITOR_LINK:
		return news->number == e->w.ifindex && news->number;
	case MONITOR_RULE:
		return has_rule_of(e, news->number);
	case MONITOR_TABLE:
		if (!strcmp(news->name, KILL_TABLE_NAME))
			return e->has_kill;
		return !strncmp(news->name, ours, strlen(ours)) && strstr(news->name, e->w.name);
	case MONITOR_OVERRUN:
		return true;
	case MONITOR_WAY:
		break;
	}
	return false;
}

/* A new way out may be the one to a resolver or a peer. A tunnel's own are none. */
static void hurry(struct watch *s, u32 ifindex, u64 now)
{
	for (struct entry *e = s->entries; e; e = e->next)
		if (e->w.ifindex == ifindex)
			return;
	if (now < s->hurry_at)
		return;
	s->hurry_at = now + HURRY_MS;
	for (struct entry *e = s->entries; e; e = e->next)
		watched_hurry(&e->w, &s->watching.times, now);
}

static void take_news(void *ctx, const struct monitor_news *news)
{
	struct watch *s = ctx;
	u64 now = now_ms();

	if (news->what == MONITOR_WAY || news->what == MONITOR_OVERRUN)
		hurry(s, news->number, now);
	for (struct entry *e = s->entries; e; e = e->next)
		if (is_concerned(e, news))
			ask_for_repair(s, e, now);
}

/* Whether the file beside a journal, of this name, is of that tunnel. */
static bool is_of_tunnel(const char *file, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(file, name, n) && (file[n] == '.' || file[n] == '@');
}

static void read_folder(struct watch *s)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(s->folder, buf, sizeof(buf));

	for (const char *at = buf; at < buf + (n > 0 ? n : 0);) {
		const struct inotify_event *event = (const void *)at; /* the kernel aligns them */
		const char *suffix = event->len ? strrchr(event->name, '.') : NULL;

		at += sizeof(*event) + event->len;
		if (suffix && !strcmp(suffix, ".lock"))
			continue;
		for (struct entry *e = s->entries; e; e = e->next)
			e->dirty |= !event->len || is_of_tunnel(event->name, e->w.name);
		s->scan_at = sooner(s->scan_at, now_ms() + s->watching.times.collect_ms);
	}
}

static void read_answers(struct watch *s)
{
	struct lookup_answer a;

	while (lookups_next(s->watching.lookups, &a))
		for (struct entry *e = s->entries; e; e = e->next)
			if (watched_answer(&e->w, &a, now_ms()))
				break;
}

/* Runs `wg-quick VERB FILE'. */
static pid_t start_child(const char *verb, const char *path)
{
	const char *const argv[] = {"wg-quick", verb, path, NULL};
	posix_spawnattr_t attr;
	sigset_t all, none;
	pid_t pid;
	int ret;

	posix_spawnattr_init(&attr);
	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	/* A terminal's Ctrl-C is for the watch, which then passes it on. */
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	fflush(stderr);
	ret = posix_spawn(&pid, "/proc/self/exe", NULL, &attr, (char **)argv, environ);
	posix_spawnattr_destroy(&attr);
	if (!ret)
		return pid;
	wg_log_say(&progress_log, WG_LOG_WARNING, "cannot start wg-quick: %s", strerror(ret));
	return 0;
}

enum tunnel_state {
	TUNNEL_BUSY, /* somebody works on it */
	TUNNEL_UP,
	TUNNEL_DOWN,
};

/* How the tunnel stands. *lacks_link: its interface is gone. */
static enum tunnel_state look_at(const struct entry *e, bool *lacks_link)
{
	cleanup(journal_unlock) struct journal *j = NULL;
	cleanup(state_wipe) struct state st = {0};
	char name[IFNAMSIZ];
	struct wg_error err;

	*lacks_link = false;
	if (journal_lock(&j, e->w.name, NULL, &err) < 0)
		return TUNNEL_BUSY;
	if (journal_load(j, &st, &err) <= 0 || !st.complete || st.going_down)
		return TUNNEL_DOWN;
	*lacks_link = st.ifindex && !if_indextoname(st.ifindex, name);
	return TUNNEL_UP;
}

/* Waits longer each time that there is something to repair again soon. */
static void choose_pause(const struct watch *s, struct entry *e, u64 now)
{
	const struct watch_times *t = &s->watching.times;

	if (!e->repair_pause || now - e->repaired_at > 4 * e->repair_pause)
		e->repair_pause = t->repair_ms;
	else
		e->repair_pause = sooner(e->repair_pause * 2, t->repair_most_ms);
	e->repaired_at = now;
}

static void repair(struct watch *s, struct entry *e, u64 now)
{
	bool lacks_link = false;
	enum tunnel_state state = look_at(e, &lacks_link);

	e->repair_at = UINT64_MAX;
	if (state == TUNNEL_BUSY) {
		e->repair_at = now + BUSY_MS;
		return;
	}
	/* A `down' of the user's has come before. */
	if (state == TUNNEL_DOWN && !e->is_down) {
		s->scan_at = now;
		return;
	}
	if (lacks_link && !e->is_down)
		say(e, "the interface is gone");
	e->lacks_link = lacks_link || e->is_down;
	e->again = false;
	choose_pause(s, e, now);
	e->child = start_child(state == TUNNEL_UP ? "repair" : "up", e->w.path);
	if (!e->child)
		e->repair_at = now + e->repair_pause;
}

static void child_ended(struct watch *s, struct entry *e, int status, u64 now)
{
	bool lacks_link, failed = !WIFEXITED(status) || WEXITSTATUS(status);
	enum tunnel_state state;

	e->child = 0;
	e->dirty = true;
	s->scan_at = now;
	if (!failed) {
		e->failures = 0;
		e->is_down = false;
		if (e->again)
			ask_for_repair(s, e, now);
		return;
	}
	state = look_at(e, &lacks_link);
	/* A failed `up' has undone everything. */
	e->is_down = state == TUNNEL_DOWN && e->lacks_link;
	if (state == TUNNEL_DOWN && !e->is_down)
		return;
	if (++e->failures >= ATTEMPTS) {
		say(e, "gave up: repair it by hand");
		e->failures = 0;
		e->is_down = false;
		return;
	}
	e->repair_at = now + e->repair_pause;
}

static void reap(struct watch *s)
{
	int status;

	for (struct entry *e = s->entries; e; e = e->next)
		if (e->child && waitpid(e->child, &status, WNOHANG) == e->child)
			child_ended(s, e, status, now_ms());
}

static void tell_status(struct watch *s)
{
	char text[sizeof(s->status)];
	size_t n = 0, lost = 0;

	for (const struct entry *e = s->entries; e; e = e->next) {
		n++;
		lost += watched_lost(&e->w);
	}
	snprintf(text, sizeof(text), "STATUS=Watching %zu tunnel%s, %zu peer%s not answering", n, n == 1 ? "" : "s",
		 lost, lost == 1 ? " is" : "s are");
	if (!strcmp(text, s->status))
		return;
	memcpy(s->status, text, sizeof(text));
	wg_notify_say(s->notify, text);
}

static void work(struct watch *s)
{
	u64 now = now_ms();

	if (now >= s->scan_at)
		scan(s);
	for (struct entry *e = s->entries; e; e = e->next) {
		if (!e->child && now_ms() >= e->repair_at)
			repair(s, e, now_ms());
		if (!e->child && now_ms() >= e->w.work_at)
			watched_work(&e->w, &s->watching, now_ms());
	}
	tell_status(s);
	if (s->beat_ms && now >= s->beat_at) {
		wg_notify_say(s->notify, "WATCHDOG=1");
		s->beat_at = now + s->beat_ms;
	}
}

static u64 next_time(const struct watch *s)
{
	u64 next = sooner(s->scan_at, s->beat_ms ? s->beat_at : UINT64_MAX);

	for (const struct entry *e = s->entries; e; e = e->next)
		if (!e->child)
			next = sooner(next, sooner(e->repair_at, e->w.work_at));
	return next;
}

/* Sleeps until there is news, a signal, or something is due. */
static void sleep_on(struct watch *s, const sigset_t *unblocked)
{
	int news[2];
	u64 now = now_ms(), next = next_time(s), ms = next > now ? next - now : 0;
	struct timespec ts = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
	struct pollfd fds[4];

	monitor_fds(s->monitor, news);
	fds[0] = (struct pollfd){.fd = news[0], .events = POLLIN};
	fds[1] = (struct pollfd){.fd = news[1], .events = POLLIN};
	fds[2] = (struct pollfd){.fd = s->folder, .events = POLLIN};
	fds[3] = (struct pollfd){.fd = lookups_fd(s->watching.lookups), .events = POLLIN};
	if (ppoll(fds, 4, next == UINT64_MAX ? NULL : &ts, unblocked) <= 0)
		return;
	if (fds[0].revents || fds[1].revents)
		monitor_read(s->monitor, take_news, s);
	if (fds[2].revents)
		read_folder(s);
	if (fds[3].revents)
		read_answers(s);
}

/* A repair that is under way undoes what it has begun. */
static void end_children(struct watch *s)
{
	struct wg_wait wait;
	bool left = true;

	for (struct entry *e = s->entries; e; e = e->next)
		if (e->child)
			kill(e->child, SIGTERM);
	wg_wait_begin(&wait, NULL, CHILD_END_MS);
	while (left) {
		left = false;
		for (struct entry *e = s->entries; e; e = e->next) {
			if (e->child && waitpid(e->child, NULL, WNOHANG) == e->child)
				e->child = 0;
			left |= e->child > 0;
		}
		if (left && wg_wait_nap(&wait, WG_WAIT_SLICE_MS) == WG_WAIT_TIMEOUT)
			return;
	}
}

static void child_signal(int signo)
{
	(void)signo; /* it only interrupts a sleep */
}

/* Signals are taken while the program sleeps, and by no thread of a lookup. */
static void block_signals(sigset_t *unblocked)
{
	static const int all[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD};
	struct sigaction sa = {.sa_handler = child_signal};
	sigset_t blocked;

	signals_catch();
	sigaction(SIGCHLD, &sa, NULL);
	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		sigaddset(&blocked, all[i]);
	sigprocmask(SIG_BLOCK, &blocked, unblocked);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		sigdelset(unblocked, all[i]);
}

/* What the service manager asks for: a beat in half the time that it grants. */
static void open_notify(struct watch *s)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (usec && (!pid || strtol(pid, NULL, 10) == getpid()))
		s->beat_ms = strtoull(usec, NULL, 10) / 2000;
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	s->notify = wg_notify_open();
}

static int read_names(struct watch *s, const struct wg_call *call, struct wg_error *err)
{
	for (unsigned int i = 0; i < call->argc; i++) {
		cleanup(config_wipe) struct config c = {0};

		if (config_find(&c, call->argv[i], err) < 0)
			return -1;
		wg_names_add(&s->names, c.name);
	}
	return 0;
}

static int watch_open(struct watch *s, struct wg_error *err)
{
	if (monitor_open(&s->monitor, err) < 0 || wg_rtnl_open(&s->watching.rtnl, err) < 0 ||
	    lookups_open(&s->watching.lookups, err) < 0)
		return -1;
	if (!s->names.n && journal_lock_watch(&s->lock, NULL, err) < 0)
		return -1;
	/* A name that is given is watched from now on, whether it is up yet or not. */
	for (size_t i = 0; i < s->names.n; i++) {
		struct entry *e = add_entry(s, s->names.name[i], err);

		if (!e)
			return -1;
		e->given = true;
	}
	s->folder = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (s->folder >= 0 &&
	    inotify_add_watch(s->folder, journal_dir, IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE) < 0) {
		close_fd(&s->folder);
		s->folder = -1;
	}
	return 0;
}

static void watch_close(struct watch *s)
{
	struct entry *e, *next;

	for (e = s->entries; e; e = next) {
		next = e->next;
		entry_free(e);
	}
	monitor_close(&s->monitor);
	wg_rtnl_close(&s->watching.rtnl);
	lookups_close(&s->watching.lookups);
	wg_names_free(&s->names);
	close_fd(&s->lock);
	close_fd(&s->folder);
	close_fd(&s->notify);
}

int verb_watch(const struct wg_call *call, struct wg_error *err)
{
	cleanup(watch_close) struct watch s = {.lock = -1, .folder = -1, .notify = -1};
	sigset_t unblocked;

	if (verb_become_root(call, err) < 0 || read_names(&s, call, err) < 0)
		return 1;
	journal_for_watch = true;
	setenv(VERB_FOR_WATCH, "1", 1);
	s.watching.times = watch_times_get();
	block_signals(&unblocked);
	open_notify(&s);
	if (watch_open(&s, err) < 0)
		return 1;
	scan(&s);
	wg_notify_say(s.notify, "READY=1");
	while (!signals_stop) {
		work(&s);
		sleep_on(&s, &unblocked);
		reap(&s);
	}
	wg_notify_say(s.notify, "STOPPING=1");
	end_children(&s);
	return 0;
}
