/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_malloc.h>

#include "vrf/multipath.h"
#include "vrf/neighbour.h"

#define NOBODY UINT16_MAX
/* Buckets for each unit of weight, so that the shares come near the weights. */
#define BUCKETS_PER_WEIGHT 16

static bool
is_up(const struct multipath *multipath, uint16_t i)
{
	return multipath->vias[i].interface->up;
}

bool
multipath_usable(const struct multipath *multipath)
{
	for (uint16_t i = 0; i < multipath->n_vias; i++)
		if (is_up(multipath, i))
			return true;
	return false;
}

/* How many buckets each gateway is due: its part rounded down, the largest rests one more. */
static void
count_due(const struct multipath *multipath, uint32_t due[MULTIPATH_VIAS_MAX])
{
	uint32_t rest[MULTIPATH_VIAS_MAX];
	uint32_t weights = 0, left = multipath->n_buckets;

	for (uint16_t i = 0; i < multipath->n_vias; i++)
		if (is_up(multipath, i))
			weights += multipath->vias[i].weight;
	for (uint16_t i = 0; i < multipath->n_vias; i++) {
		uint32_t part =
			is_up(multipath, i) ? multipath->n_buckets * multipath->vias[i].weight : 0;

		due[i] = weights == 0 ? 0 : part / weights;
		rest[i] = weights == 0 ? 0 : part % weights;
		left -= due[i];
	}
	/* Fewer are left than gateways are up. */
	for (; weights != 0 && left > 0; left--) {
		uint16_t most = 0;

		for (uint16_t i = 1; i < multipath->n_vias; i++)
			if (rest[i] > rest[most])
				most = i;
		due[most]++;
		rest[most] = 0;
	}
}

/* Takes buckets only from who has too many, and from nobody. */
static void
deal_buckets(struct multipath *multipath)
{
	uint32_t due[MULTIPATH_VIAS_MAX];
	uint16_t next = 0;

	count_due(multipath, due);
	for (uint32_t i = 0; i < multipath->n_buckets; i++) {
		uint16_t *bucket = &multipath->buckets[i];

		if (*bucket != NOBODY && due[*bucket] > 0)
			due[*bucket]--;
		else
			*bucket = NOBODY;
	}
	/* In turn, so that neighbouring buckets are different gateways'. */
	for (uint32_t i = 0; i < multipath->n_buckets; i++) {
		uint16_t tried = 0;

		if (multipath->buckets[i] != NOBODY)
			continue;
		while (due[next] == 0 && tried++ < multipath->n_vias)
			next = (uint16_t)((next + 1) % multipath->n_vias);
		if (due[next] == 0)
			return;
		due[next]--;
		multipath->buckets[i] = next;
		next = (uint16_t)((next + 1) % multipath->n_vias);
	}
}

static uint32_t
choose_n_buckets(const struct vr_via *vias, uint16_t n_vias)
{
	uint32_t weights = 0;

	for (uint16_t i = 0; i < n_vias; i++)
		weights += vias[i].weight;
	return RTE_MAX(MULTIPATH_BUCKETS_MIN,
		RTE_MIN(MULTIPATH_BUCKETS_MAX, rte_align32pow2(BUCKETS_PER_WEIGHT * weights)));
}

static void
free_buckets(struct reclaim_node *node)
{
	rte_free(RTE_PTR_SUB(node, offsetof(struct next_hop_buckets, reclaim)));
}

/* Shows workers the buckets as they are now. */
static int
publish(const struct multipath *multipath)
{
	struct vr *vr = multipath->vr;
	struct next_hop *next_hop = vr_next_hop_new(vr, multipath->index, NEXT_HOP_GROUP);
	const struct next_hop *old = vr->next_hops[multipath->index];
	struct next_hop_buckets *buckets = rte_zmalloc_socket("next_hop_buckets",
		sizeof(*buckets) + multipath->n_buckets * sizeof(buckets->indexes[0]),
		RTE_CACHE_LINE_SIZE, vr->socket);

	if (next_hop == NULL || buckets == NULL) {
		rte_free(next_hop);
		rte_free(buckets);
		return -ENOMEM;
	}
	buckets->mask = multipath->n_buckets - 1;
	for (uint32_t i = 0; i < multipath->n_buckets; i++)
		buckets->indexes[i] = multipath->neighbours[multipath->buckets[i]]->index;
	next_hop->buckets = buckets;
	buckets = NULL;
	if (old->type == NEXT_HOP_GROUP)
		buckets = (struct next_hop_buckets *)(uintptr_t)old->buckets;
	vr_next_hop_publish(vr, next_hop);
	if (buckets != NULL)
		reclaim_retire(vr->reclaim, &buckets->reclaim, free_buckets);
	return 0;
}

static bool
same_via(const struct vr_via *a, const struct vr_via *b)
{
	return a->interface == b->interface && ip_address_equal(&a->address, &b->address);
}

static struct multipath *
find(const struct vr *vr, const struct vr_via *vias, uint16_t n_vias)
{
	struct multipath *multipath;

	LIST_FOREACH(multipath, &vr->multipaths, link) {
		uint16_t i = 0;

		if (multipath->n_vias != n_vias)
			continue;
		while (i < n_vias && same_via(&multipath->vias[i], &vias[i]) &&
			multipath->vias[i].weight == vias[i].weight)
			i++;
		if (i == n_vias)
			return multipath;
	}
	return NULL;
}

/* A bucket of `from` goes to the same gateway where that is here too. */
static void
inherit(struct multipath *multipath, const struct multipath *from)
{
	for (uint32_t i = 0; i < multipath->n_buckets; i++) {
		const struct vr_via *via;

		multipath->buckets[i] = NOBODY;
		if (from == NULL)
			continue;
		via = &from->vias[from->buckets[i]];
		for (uint16_t k = 0; k < multipath->n_vias; k++)
			if (same_via(via, &multipath->vias[k]))
				multipath->buckets[i] = k;
	}
}

static void
free_multipath(struct multipath *multipath)
{
	free(multipath->vias);
	free(multipath->neighbours);
	free(multipath);
}

static void
free_retired(struct reclaim_node *node)
{
	struct multipath *multipath = RTE_PTR_SUB(node, offsetof(struct multipath, reclaim));
	const struct next_hop *next_hop = multipath->vr->next_hops[multipath->index];

	if (next_hop->type == NEXT_HOP_GROUP)
		rte_free((void *)(uintptr_t)next_hop->buckets);
	vr_next_hop_release(multipath->vr, multipath->index);
	free_multipath(multipath);
}

static void
let_go(struct multipath *multipath)
{
	for (uint16_t i = 0; i < multipath->n_vias; i++)
		neighbour_release(multipath->neighbours[i]);
}

/* With rte_errno where a gateway cannot be held. */
static int
hold_vias(struct multipath *multipath, const struct vr_via *vias, uint16_t n_vias)
{
	for (uint16_t i = 0; i < n_vias; i++) {
		multipath->vias[i] = vias[i];
		multipath->neighbours[i] =
			neighbour_hold(multipath->vr, vias[i].interface, &vias[i].address);
		if (multipath->neighbours[i] == NULL)
			return -1;
		multipath->n_vias++;
	}
	rte_errno = ENOMEM;
	multipath->index = vr_next_hop_allocate(multipath->vr);
	return multipath->index == 0 ? -1 : 0;
}

static struct multipath *
create(struct vr *vr, const struct vr_via *vias, uint16_t n_vias, const struct multipath *from)
{
	/* Other buckets would move the flows of those that stay. */
	uint32_t n_buckets = from != NULL ? from->n_buckets : choose_n_buckets(vias, n_vias);
	struct multipath *multipath =
		calloc(1, sizeof(*multipath) + n_buckets * sizeof(multipath->buckets[0]));

	rte_errno = ENOMEM;
	if (multipath == NULL)
		return NULL;
	multipath->vr = vr;
	multipath->n_buckets = n_buckets;
	multipath->vias = calloc(n_vias, sizeof(*multipath->vias));
	multipath->neighbours = calloc(n_vias, sizeof(*multipath->neighbours));
	if (multipath->vias == NULL || multipath->neighbours == NULL ||
		hold_vias(multipath, vias, n_vias) != 0) {
		let_go(multipath);
		free_multipath(multipath);
		return NULL;
	}
	inherit(multipath, from);
	deal_buckets(multipath);
	return multipath;
}

struct multipath *
multipath_hold(
	struct vr *vr, const struct vr_via *vias, uint16_t n_vias, const struct multipath *from)
{
	struct multipath *multipath = find(vr, vias, n_vias);

	if (multipath == NULL) {
		multipath = create(vr, vias, n_vias, from);
		if (multipath == NULL)
			return NULL;
		if (multipath_usable(multipath) && publish(multipath) != 0) {
			let_go(multipath);
			vr_next_hop_release(vr, multipath->index);
			free_multipath(multipath);
			rte_errno = ENOMEM;
			return NULL;
		}
		vr->owners[multipath->index].multipath = multipath;
		LIST_INSERT_HEAD(&vr->multipaths, multipath, link);
	}
	multipath->n_routes++;
	return multipath;
}

void
multipath_release(struct multipath *multipath)
{
	if (--multipath->n_routes > 0)
		return;
	LIST_REMOVE(multipath, link);
	let_go(multipath);
	reclaim_retire(multipath->vr->reclaim, &multipath->reclaim, free_retired);
}

bool
multipath_interface_changed(struct vr *vr, const struct vr_interface *interface)
{
	struct multipath *multipath;
	bool whole = true;

	LIST_FOREACH(multipath, &vr->multipaths, link) {
		uint16_t i = 0;

		while (i < multipath->n_vias && multipath->vias[i].interface != interface)
			i++;
		/* With none that is up, the old stay for when they come back; no route leads here.
		 */
		if (i == multipath->n_vias || !multipath_usable(multipath))
			continue;
		deal_buckets(multipath);
		whole &= publish(multipath) == 0;
	}
	return whole;
}

void
multipath_free_all(struct vr *vr)
{
	struct multipath *multipath;

	while ((multipath = LIST_FIRST(&vr->multipaths)) != NULL) {
		const struct next_hop *next_hop = vr->next_hops[multipath->index];

		LIST_REMOVE(multipath, link);
		if (next_hop->type == NEXT_HOP_GROUP)
			rte_free((void *)(uintptr_t)next_hop->buckets);
		free_multipath(multipath);
	}
}
