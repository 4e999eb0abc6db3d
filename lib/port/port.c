/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_string_fns.h>

#include "port/port.h"

static int fail(char error[PORT_ERROR_SIZE], int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int
fail(char error[PORT_ERROR_SIZE], int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, PORT_ERROR_SIZE, format, args);
	va_end(args);
	return code < 0 ? code : -EINVAL;
}

/* Whether the text starts like 0000:03:00.0 or 03:00.0. */
bool
port_device_is_pci(const char *device)
{
	unsigned int domain, bus, slot, function;

	if (strncmp(device, "pci:", 4) == 0)
		device += 4;
	return sscanf(device, "%x:%x:%x.%x", &domain, &bus, &slot, &function) == 4 ||
	       sscanf(device, "%x:%x.%x", &bus, &slot, &function) == 3;
}

static void
device_name(const char *devargs, char *name, size_t size)
{
	size_t length;

	if (strncmp(devargs, "pci:", 4) == 0)
		devargs += 4;
	length = strcspn(devargs, ",");
	if (length >= size)
		length = size - 1;
	memcpy(name, devargs, length);
	name[length] = '\0';
}

static int
probe(struct port *port, const char *devargs, char error[PORT_ERROR_SIZE])
{
	int rc;

	device_name(devargs, port->device, sizeof(port->device));
	if (rte_eth_dev_get_port_by_name(port->device, &port->id) == 0)
		return 0;
	rc = rte_dev_probe(devargs);
	port->probed = rc == 0;
	if (rc != 0 && rc != -EEXIST)
		return fail(error, rc,
			"port %s: device \"%s\" can't be probed: %s (expected DPDK devargs of a "
			"device this machine has, or the PCI address of one bound to vfio-pci)",
			port->name, devargs, strerror(-rc));
	if (rte_eth_dev_get_port_by_name(port->device, &port->id) != 0) {
		struct rte_dev_iterator iterator;
		uint16_t id = RTE_MAX_ETHPORTS;

		/* Some devices name their ethdev otherwise; take the one they brought. */
		RTE_ETH_FOREACH_MATCHING_DEV(id, devargs, &iterator)
		{
			rte_eth_iterator_cleanup(&iterator);
			break;
		}
		if (id == RTE_MAX_ETHPORTS)
			return fail(error, -ENODEV, "port %s: device \"%s\" is no Ethernet device",
				port->name, devargs);
		port->id = id;
	}
	return 0;
}

int
port_open(struct port *port, const struct port_params *params, char error[PORT_ERROR_SIZE])
{
	struct rte_eth_dev_info info;
	int rc;

	memset(port, 0, sizeof(*port));
	strlcpy(port->name, params->name, sizeof(port->name));
	port->id = RTE_MAX_ETHPORTS; /* until it is found: 0 is another's */
	port->index = params->index;
	port->rx_descriptors = params->rx_descriptors;
	port->tx_descriptors = params->tx_descriptors;
	port->mtu = params->mtu;
	rte_spinlock_init(&port->tx_lock);

	rc = probe(port, params->device, error);
	if (rc == 0) {
		rc = rte_eth_dev_info_get(port->id, &info);
		if (rc == 0)
			rc = rte_eth_macaddr_get(port->id, &port->mac);
		if (rc != 0)
			fail(error, rc, "port %s: device \"%s\" tells nothing of itself: %s",
				port->name, params->device, strerror(-rc));
	}
	if (rc != 0) {
		port_close(port);
		return rc;
	}
	strlcpy(port->driver, info.driver_name, sizeof(port->driver));
	port->socket = rte_eth_dev_socket_id(port->id);
	return 0;
}

static int
set_up_queues(struct port *port, struct rte_mempool *pool, const struct rte_eth_dev_info *info,
	char error[PORT_ERROR_SIZE])
{
	struct rte_eth_rxconf rx = info->default_rxconf;
	struct rte_eth_txconf tx = info->default_txconf;
	int rc;

	rc = rte_eth_dev_adjust_nb_rx_tx_desc(
		port->id, &port->rx_descriptors, &port->tx_descriptors);
	if (rc != 0)
		return fail(error, rc, "port %s: %u/%u descriptors are refused: %s", port->name,
			port->rx_descriptors, port->tx_descriptors, strerror(-rc));
	rx.offloads = 0;
	tx.offloads = 0;
	rc = rte_eth_rx_queue_setup(port->id, 0, port->rx_descriptors, port->socket, &rx, pool);
	if (rc != 0)
		return fail(error, rc, "port %s: no receive queue of %u descriptors: %s",
			port->name, port->rx_descriptors, strerror(-rc));
	for (uint16_t queue = 0; queue < port->n_tx_queues; queue++) {
		rc = rte_eth_tx_queue_setup(
			port->id, queue, port->tx_descriptors, port->socket, &tx);
		if (rc != 0)
			return fail(error, rc,
				"port %s: no transmit queue %u of %u descriptors: %s", port->name,
				queue, port->tx_descriptors, strerror(-rc));
	}
	return 0;
}

/*
 * What the device is told, so that frames with two tags fit whose packet is as long as the port's
 * MTU: drivers add an L2 header to the MTU, some with tags, some without. What they add is between
 * max_mtu and max_rx_pktlen, where they tell both. Above its limits a device is asked for nothing.
 */
static uint16_t
device_mtu(const struct port *port, const struct rte_eth_dev_info *info)
{
	uint32_t added = RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;
	uint32_t mtu = port->mtu + added + 2 * RTE_VLAN_HLEN;

	if (info->max_mtu != UINT16_MAX && info->max_rx_pktlen > info->max_mtu)
		added = info->max_rx_pktlen - info->max_mtu;
	mtu -= RTE_MIN(added, mtu);
	mtu = RTE_MIN(mtu, (uint32_t)info->max_mtu);
	mtu = RTE_MIN(mtu, info->max_rx_pktlen - RTE_MIN(added, info->max_rx_pktlen));
	return (uint16_t)RTE_MAX(mtu, (uint32_t)port->mtu);
}

/* Asks the kernel about one of its devices. 0, or a negative errno. */
static int
ask_kernel(unsigned int index, unsigned long what, struct ifreq *request)
{
	int fd, rc;

	if (if_indextoname(index, request->ifr_name) == NULL)
		return -errno;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	rc = fd < 0 || ioctl(fd, what, request) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* The MTU of the kernel's device behind the port; UINT16_MAX: there is none. */
static uint16_t
kernel_mtu(const struct rte_eth_dev_info *info)
{
	struct ifreq request = { 0 };

	if (info->if_index == 0 || ask_kernel(info->if_index, SIOCGIFMTU, &request) != 0)
		return UINT16_MAX;
	return (uint16_t)RTE_MIN(request.ifr_mtu, UINT16_MAX);
}

/* These drivers say "up" whatever becomes of the kernel's device that they stand on. */
static bool
never_tells_link(const char *driver)
{
	return strcmp(driver, "net_af_packet") == 0 || strcmp(driver, "net_af_xdp") == 0;
}

static bool
kernel_link_is_up(unsigned int index)
{
	struct ifreq request = { 0 };
	int rc = ask_kernel(index, SIOCGIFFLAGS, &request);

	if (rc != 0)
		return rc != -ENXIO && rc != -ENODEV;
	return (request.ifr_flags & IFF_RUNNING) != 0;
}

int
port_configure(struct port *port, unsigned int n_workers, struct rte_mempool *pool,
	char error[PORT_ERROR_SIZE])
{
	struct rte_eth_conf conf = { 0 };
	struct rte_eth_dev_info info;
	int rc;

	rc = rte_eth_dev_info_get(port->id, &info);
	if (rc != 0)
		return fail(error, rc, "port %s: %s", port->name, strerror(-rc));
	port->kernel_index = never_tells_link(port->driver) ? info.if_index : 0;
	port->n_tx_queues = (uint16_t)RTE_MIN(n_workers, (unsigned int)info.max_tx_queues);
	if (port->n_tx_queues == 0)
		return fail(
			error, -ENOTSUP, "port %s: the device has no transmit queue", port->name);
	port->shared_tx = port->n_tx_queues < n_workers;
	if (port->shared_tx)
		port->n_tx_queues = 1;
	/* What routers send out here is checked against port->mtu, whatever the device makes of it.
	 */
	conf.rxmode.mtu = device_mtu(port, &info);
	if (info.max_mtu != 0 && port->mtu > info.max_mtu)
		return fail(error, -EINVAL, "port %s: mtu %u is above the device's %u", port->name,
			port->mtu, info.max_mtu);
	rc = rte_eth_dev_configure(port->id, 1, port->n_tx_queues, &conf);
	if (rc != 0)
		return fail(error, rc, "port %s: 1 receive and %u transmit queues are refused: %s",
			port->name, port->n_tx_queues, strerror(-rc));
	/* Without leave to do so, the kernel keeps its MTU; shorter frames go all the same. */
	if (kernel_mtu(&info) < conf.rxmode.mtu)
		rte_eth_dev_set_mtu(port->id, (uint16_t)conf.rxmode.mtu);
	return set_up_queues(port, pool, &info, error);
}

int
port_start(struct port *port, char error[PORT_ERROR_SIZE])
{
	int rc = rte_eth_dev_start(port->id);

	if (rc != 0)
		return fail(error, rc, "port %s: won't start: %s", port->name, strerror(-rc));
	port->started = true;
	port->link_up = true;
	/* Interfaces have MACs of their own; drivers without the notion receive everything. */
	port->promiscuous = rte_eth_promiscuous_enable(port->id) == 0;
	rte_eth_dev_set_link_up(port->id);
	return 0;
}

void
port_stop(struct port *port)
{
	if (port->started)
		rte_eth_dev_stop(port->id);
	port->started = false;
}

void
port_close(struct port *port)
{
	struct rte_eth_dev_info info = { 0 };
	bool known = rte_eth_dev_is_valid_port(port->id) && port->device[0] != '\0';

	port_stop(port);
	if (known && rte_eth_dev_info_get(port->id, &info) != 0)
		info.device = NULL;
	if (known)
		rte_eth_dev_close(port->id);
	if (port->probed && info.device != NULL)
		rte_dev_remove(info.device);
	memset(port, 0, sizeof(*port));
}

bool
port_link_is_up(const struct port *port)
{
	struct rte_eth_link link = { 0 };

	if (rte_eth_link_get_nowait(port->id, &link) == 0 && link.link_status != RTE_ETH_LINK_UP)
		return false;
	return port->kernel_index == 0 || kernel_link_is_up(port->kernel_index);
}

void
port_link_text(const struct port *port, char *text, size_t size)
{
	struct rte_eth_link link = { 0 };

	if (!port->started || rte_eth_link_get_nowait(port->id, &link) != 0)
		snprintf(text, size, "stopped");
	else if (!port_link_is_up(port))
		snprintf(text, size, "down");
	else
		snprintf(text, size, "up %s", rte_eth_link_speed_to_str(link.link_speed));
}
