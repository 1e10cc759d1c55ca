// SPDX-License-Identifier: GPL-2.0
/* Preloaded into a daemon: its clocks jump, the machine's do not. The file that CLOCK_SHIM names holds
 * two numbers of 64 bits, nanoseconds added to CLOCK_REALTIME and to CLOCK_BOOTTIME; the test writes
 * them while the daemon runs. A jump of the boottime is what a suspended machine sees: what waits for a
 * time that has now passed wakes up, as the kernel would have it. */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define WATCH_US 20000

struct jumps {
	int64_t real, boot;
};

static volatile struct jumps *jumps;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* The one timer that a daemon has: when it is to fire, by the daemon's clock. */
static int timer = -1;
static struct itimerspec wanted;
static int (*real_settime)(int, int, const struct itimerspec *, struct itimerspec *);
static int (*real_gettime)(clockid_t, struct timespec *);

static void add(struct timespec *t, int64_t ns)
{
	int64_t sum = (int64_t)t->tv_sec * 1000000000 + t->tv_nsec + ns;

	if (sum < 1)
		sum = 1; /* 0 would disarm a timer */
	t->tv_sec = sum / 1000000000;
	t->tv_nsec = sum % 1000000000;
}

static int64_t boot_jump(void)
{
	return jumps ? jumps->boot : 0;
}

static int arm(void)
{
	struct itimerspec when = wanted;

	if (when.it_value.tv_sec || when.it_value.tv_nsec)
		add(&when.it_value, -boot_jump());
	return real_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void *watch(void *unused)
{
	int64_t seen = boot_jump();

	for (;;) {
		const struct timespec t = { .tv_nsec = WATCH_US * 1000L };

		nanosleep(&t, NULL);
		if (boot_jump() == seen)
			continue;
		seen = boot_jump();
		pthread_mutex_lock(&lock);
		if (timer >= 0)
			arm();
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("CLOCK_SHIM");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map;

	*(void **)&real_settime = dlsym(RTLD_NEXT, "timerfd_settime");
	*(void **)&real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	if (fd < 0)
		return;
	map = mmap(NULL, sizeof(*jumps), PROT_READ, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		jumps = map;
	close(fd);
}

/* The watcher starts with the first timer, in the process that has it. */
int timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old)
{
	static pthread_t thread;
	static int started;
	int ret;

	if (!jumps || !(flags & TFD_TIMER_ABSTIME))
		return real_settime(fd, flags, value, old);
	pthread_mutex_lock(&lock);
	if (!started)
		started = !pthread_create(&thread, NULL, watch, NULL);
	timer = fd;
	wanted = *value;
	ret = arm();
	pthread_mutex_unlock(&lock);
	return ret;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int ret;

	if (!real_gettime)
		*(void **)&real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	ret = real_gettime(id, t);
	if (!ret && jumps && id == CLOCK_REALTIME)
		add(t, jumps->real);
	if (!ret && jumps && id == CLOCK_BOOTTIME)
		add(t, jumps->boot);
	return ret;
}
