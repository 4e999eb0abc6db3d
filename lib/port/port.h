/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef PORT_PORT_H
#define PORT_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_spinlock.h>

/*
 * A port is a DPDK ethdev that this process brings up: probed from devargs, one receive queue, one
 * transmit queue a worker where the device has so many, else one that they share under a lock.
 * Thread: control thread, but for what says otherwise.
 */

#define PORT_NAME_SIZE 32
#define PORT_ERROR_SIZE 256

struct port {
	char name[PORT_NAME_SIZE];
	uint16_t id;    /* of the ethdev */
	uint16_t index; /* ours */
	uint16_t n_tx_queues;
	uint16_t rx_descriptors;
	uint16_t tx_descriptors;
	uint16_t mtu; /* of IP packets */
	bool probed;  /* by us, so removed by us */
	bool started;
	bool shared_tx; /* fewer transmit queues than workers */
	bool promiscuous;
	bool link_up;              /* when last looked at; up until then */
	unsigned int kernel_index; /* of the kernel's device to ask for the link; 0: ask ours */
	int socket;
	unsigned int worker; /* index of the worker that polls it */
	struct rte_ether_addr mac;
	char driver[PORT_NAME_SIZE];
	char device[64];        /* as the ethdev is called */
	rte_spinlock_t tx_lock; /* taken by workers when shared_tx */
};

struct port_params {
	const char *name;
	const char *
		device; /* DPDK devargs or a PCI address; a device already there is used as it is */
	uint16_t index;
	uint16_t rx_descriptors;
	uint16_t tx_descriptors;
	uint16_t mtu;
};

/* Whether devargs name a PCI device. Needs no EAL. */
bool port_device_is_pci(const char *device);

/*
 * Finds the device and reads what it is. 0, or a negative errno with the reason in `error`; then
 * nothing has changed.
 */
int port_open(struct port *port, const struct port_params *params, char error[PORT_ERROR_SIZE]);

/*
 * Sets up the queues for `n_workers`, receiving into `pool`. Queue sizes are brought into the
 * range of the device. Frames with two VLAN tags fit beside the MTU where the device can; that of a
 * kernel's device behind it (net_tap, net_af_xdp) is raised if it is too small, and never lowered.
 * Not started yet.
 */
int port_configure(struct port *port, unsigned int n_workers, struct rte_mempool *pool,
	char error[PORT_ERROR_SIZE]);

int port_start(struct port *port, char error[PORT_ERROR_SIZE]);

/* Stops taking and sending packets; what the device holds goes back to the pool. */
void port_stop(struct port *port);

/* Stops if needed, closes, and removes the device if port_open() brought it. */
void port_close(struct port *port);

/*
 * Asks the device, or, for net_af_packet and net_af_xdp, which always say "up", the kernel about
 * the device below (system calls); true where nobody can tell.
 */
bool port_link_is_up(const struct port *port);

/* "up 10 Gbps" or "down"; text is of at least 32 bytes. */
void port_link_text(const struct port *port, char *text, size_t size);

#endif
