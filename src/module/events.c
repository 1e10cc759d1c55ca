// SPDX-License-Identifier: GPL-2.0
#include "events.h"
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/suspend.h>
#include <net/net_namespace.h>
#include "device.h"
#include "socket.h"

static void expire_all(void)
{
	struct wg_device *wg;

	rtnl_lock();
	list_for_each_entry(wg, &wg_device_all, list) {
		mutex_lock(&wg->update_lock);
		wg_device_expire(wg, false);
		mutex_unlock(&wg->update_lock);
	}
	rtnl_unlock();
}

static int suspend_event(struct notifier_block *nb, unsigned long action, void *data)
{
	if (action == PM_HIBERNATION_PREPARE || action == PM_SUSPEND_PREPARE) {
		expire_all();
		rcu_barrier(); /* wiped */
	}
	return NOTIFY_DONE;
}

static int fork_event(struct notifier_block *nb, unsigned long action, void *data)
{
	expire_all();
	return NOTIFY_DONE;
}

static struct notifier_block suspend_notifier = {.notifier_call = suspend_event};
static struct notifier_block fork_notifier = {.notifier_call = fork_event};

/* Sockets do not hold their namespace. Links may be elsewhere, and are left without. */
static void __net_exit net_pre_exit(struct net *net)
{
	struct wg_device *wg;

	rtnl_lock();
	list_for_each_entry(wg, &wg_device_all, list) {
		if (rcu_access_pointer(wg->birth_net) != net)
			continue;
		mutex_lock(&wg->update_lock);
		RCU_INIT_POINTER(wg->birth_net, NULL);
		netif_carrier_off(wg->dev);
		wg_socket_close(wg);
		mutex_unlock(&wg->update_lock);
	}
	rtnl_unlock();
}

static struct pernet_operations net_ops = {.pre_exit = net_pre_exit};

int wg_events_init(void)
{
	int ret = register_pernet_device(&net_ops);

	if (ret)
		return ret;
	ret = register_pm_notifier(&suspend_notifier);
	if (ret)
		goto err_net;
	ret = register_random_vmfork_notifier(&fork_notifier);
	if (!ret)
		return 0;
	unregister_pm_notifier(&suspend_notifier);
err_net:
	unregister_pernet_device(&net_ops);
	return ret;
}

void wg_events_exit(void)
{
	unregister_random_vmfork_notifier(&fork_notifier);
	unregister_pm_notifier(&suspend_notifier);
	unregister_pernet_device(&net_ops);
}
