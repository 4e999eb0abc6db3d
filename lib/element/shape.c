/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>

#include <rte_malloc.h>
#include <rte_random.h>

#include "element/element.h"

/*
 * A rate for what leaves, by delay: each packet has a time from which it may go, by the virtual
 * scheduling algorithm (ITU-T I.371 annex A). The queue is bounded in time: who would have to wait
 * longer than max_delay is dropped, and above early_delay more and more of them (as RED does by
 * length: Floyd & Jacobson 1993), so that senders slow down before. Bytes are those of IP packets
 * and `overhead` for each.
 */

#define RATE_MAX INT64_C(1000000000000) /* bit/s */
#define BURST_MAX (INT64_C(1) << 30)
#define DELAY_MAX 10000 /* ms */
#define PACKETS_MAX (1 << 20)
#define SMALLEST 64 /* bytes, where max_packets is not told */
#define FRACTION 20 /* bits of a cycle */
#define MS_PER_S 1000
#define BITS 8
/* At max_delay one packet in so many is dropped early. */
#define EARLY_ONE_IN 10

enum shape_reason {
	SHAPE_DELAY,
	SHAPE_EARLY,
	SHAPE_QUEUE,
	SHAPE_AGED,
};

static const struct element_reason reasons[] = {
	[SHAPE_DELAY] = { "delay", "it would have waited longer than max_delay" },
	[SHAPE_EARLY] = { "early", "drawn from those that would have waited beyond early_delay" },
	[SHAPE_QUEUE] = { "queue_full", "max_packets waited" },
	[SHAPE_AGED] = { "aged", "the router had no CPU time to send it within max_delay" },
};

struct shape_config {
	struct element_config element;
	uint64_t rate;
	uint64_t burst;
	uint32_t max_delay;
	uint32_t early_delay;
	uint32_t max_packets;
	uint16_t overhead;
	char interface[SCHEMA_NAME_MAX + 1];
};

static const struct field shape_config_fields[] = {
	ELEMENT_FIELDS,
	{
		.key = "rate",
		.type = &field_integer,
		.required = true,
		.offset = offsetof(struct shape_config, rate),
		.size = sizeof(uint64_t),
		.min = 8000,
		.max = RATE_MAX,
		.expected = "an integer from 8000 to 1000000000000, in bit/s",
	},
	FIELD_INTEGER(shape_config, burst, 64, BURST_MAX, 16384),
	FIELD_INTEGER(shape_config, max_delay, 1, DELAY_MAX, 100),
	FIELD_INTEGER(shape_config, early_delay, 0, DELAY_MAX, 0),
	FIELD_INTEGER(shape_config, max_packets, 16, PACKETS_MAX, 0),
	FIELD_INTEGER(shape_config, overhead, 0, 256, 0),
	{
		.key = "interface",
		.type = &element_field_interface,
		.offset = offsetof(struct shape_config, interface),
	},
};

/* What is left out hangs on others. */
static void
check(struct report *report, struct value value, void *item, bool slips)
{
	struct shape_config *config = item;
	uint64_t packets = config->rate / BITS * config->max_delay / MS_PER_S / SMALLEST;

	if (slips || report_failed(report))
		return;
	if (json_object_get(value.json, "early_delay") == NULL)
		config->early_delay = config->max_delay;
	if (json_object_get(value.json, "max_packets") == NULL)
		config->max_packets =
			(uint32_t)RTE_MAX(RTE_MIN(packets, UINT64_C(4096)), UINT64_C(64));
	if (config->early_delay > config->max_delay)
		report_value(report, locate_member(report->locate, value.node, "early_delay"),
			"no more than \"max_delay\", %u", config->max_delay);
}

static const struct kind shape_kind = {
	ELEMENT_KIND(shape_config, "an object (a shape element)"),
	.check = check,
};

struct shape_entry {
	struct rte_mbuf *mbuf;
	uint64_t tag;
	uint64_t departure; /* cycles */
};

/* What an element with another config goes on with. */
struct shape_queue {
	unsigned int users;
	uint32_t capacity; /* a power of two */
	uint32_t head;
	uint32_t tail;
	uint64_t next; /* when the packet behind the last one may go; cycles */
	struct shape_entry entries[];
};

struct shape {
	struct element element;
	struct shape_queue *queue;
	uint64_t cycles_per_byte; /* with FRACTION bits behind the point */
	uint64_t burst;           /* what may go at once, in cycles at the rate */
	uint64_t max_delay;       /* cycles */
	uint64_t early_delay;
	uint32_t max_packets;
	uint16_t overhead;
	int interface; /* negative: all */
	uint64_t random;
	uint64_t delayed; /* packets */
};

/* That of the element before, if it is large enough; what waits there goes on waiting. */
static struct shape_queue *
make_queue(struct element_params *params, uint32_t packets, char error[ELEMENT_ERROR_SIZE])
{
	const struct shape *previous = (const struct shape *)params->previous;
	uint32_t capacity = rte_align32pow2(packets);
	struct shape_queue *queue;
	size_t size = sizeof(*queue) + capacity * sizeof(queue->entries[0]);

	if (previous != NULL && previous->queue->capacity >= capacity) {
		if (!element_claim(params, "its queue", size, error))
			return NULL;
		previous->queue->users++;
		return previous->queue;
	}
	queue = element_zalloc(params, "its queue", size, error);
	if (queue == NULL)
		return NULL;
	queue->users = 1;
	queue->capacity = capacity;
	return queue;
}

static struct element *
shape_create(struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	const struct shape_config *config = (const struct shape_config *)params->config;
	struct shape *shape = element_zalloc(params, "shape", sizeof(*shape), error);
	double cycles_per_byte = (double)params->hz * BITS / (double)config->rate;

	if (shape == NULL)
		return NULL;
	shape->interface = -1;
	if (config->interface[0] != '\0')
		shape->interface = element_find_interface(params, config->interface, error);
	if (config->interface[0] != '\0' && shape->interface < 0) {
		rte_free(shape);
		return NULL;
	}
	shape->cycles_per_byte = (uint64_t)(cycles_per_byte * (1 << FRACTION));
	shape->burst = (uint64_t)(cycles_per_byte * (double)config->burst);
	shape->max_delay = config->max_delay * params->hz / MS_PER_S;
	shape->early_delay = config->early_delay * params->hz / MS_PER_S;
	shape->max_packets = config->max_packets;
	shape->overhead = config->overhead;
	shape->random = rte_rand() | 1;
	shape->queue = make_queue(params, config->max_packets, error);
	if (shape->queue != NULL)
		return &shape->element;
	rte_free(shape);
	return NULL;
}

static void
shape_destroy(struct element *element)
{
	struct shape *shape = (struct shape *)element;

	if (--shape->queue->users == 0)
		rte_free(shape->queue);
	rte_free(shape);
}

static uint32_t
shape_buffers(const struct element_config *element)
{
	return ((const struct shape_config *)element)->max_packets;
}

/* Xorshift (Marsaglia 2003), 32 bits of it. */
static uint32_t
draw(struct shape *shape)
{
	shape->random ^= shape->random << 13;
	shape->random ^= shape->random >> 7;
	shape->random ^= shape->random << 17;
	return (uint32_t)(shape->random >> 32);
}

/* The further beyond early_delay, the more of them. */
static bool
drops_early(struct shape *shape, uint64_t delay)
{
	uint64_t room = shape->max_delay - shape->early_delay;

	if (delay <= shape->early_delay)
		return false;
	return (double)draw(shape) / UINT32_MAX * EARLY_ONE_IN <
	       (double)(delay - shape->early_delay) / (double)room;
}

static void
hold(struct shape *shape, struct element_burst *burst, unsigned int i, uint64_t departure)
{
	struct shape_queue *queue = shape->queue;

	queue->entries[queue->tail++ & (queue->capacity - 1)] =
		(struct shape_entry){ burst->mbufs[i], burst->tags[i], departure };
	element_consume(burst, i);
	shape->delayed++;
}

static void
shape_one(struct shape *shape, struct element_burst *burst, unsigned int i)
{
	struct shape_queue *queue = shape->queue;
	struct packet_meta meta = packet_meta_get(burst->mbufs[i]);
	uint64_t length = burst->mbufs[i]->pkt_len - meta.l3_offset + shape->overhead;
	uint64_t cost = length * shape->cycles_per_byte >> FRACTION;
	uint64_t departure = RTE_MAX(queue->next, burst->now - RTE_MIN(shape->burst, burst->now));

	if (shape->interface >= 0 && meta.interface != shape->interface)
		return;
	/* Those that wait are first, even when its time has come. */
	if (departure <= burst->now && queue->head == queue->tail) {
		queue->next = departure + cost;
		return;
	}
	if (departure > burst->now + shape->max_delay) {
		element_drop(burst, i, SHAPE_DELAY);
	} else if (queue->tail - queue->head >= shape->max_packets) {
		element_drop(burst, i, SHAPE_QUEUE);
	} else if (departure > burst->now && drops_early(shape, departure - burst->now)) {
		element_drop(burst, i, SHAPE_EARLY);
	} else {
		hold(shape, burst, i, departure);
		queue->next = departure + cost;
	}
}

static inline struct shape_entry *
first_of(struct shape_queue *queue)
{
	return &queue->entries[queue->head & (queue->capacity - 1)];
}

static void
set_due(struct shape *shape)
{
	struct shape_queue *queue = shape->queue;

	shape->element.due =
		queue->head == queue->tail ? ELEMENT_NEVER : first_of(queue)->departure;
}

static void
shape_process(struct element *element, struct element_burst *burst)
{
	struct shape *shape = (struct shape *)element;

	for (unsigned int i = 0; i < burst->n; i++)
		shape_one(shape, burst, i);
	set_due(shape);
}

static unsigned int
shape_release(struct element *element, struct element_burst *burst)
{
	struct shape *shape = (struct shape *)element;
	struct shape_queue *queue = shape->queue;
	bool ends = burst->now == ELEMENT_NEVER;
	unsigned int n = 0;

	if (ends && queue->users > 1)
		return 0;
	while (n < PACKET_BURST_MAX && queue->head != queue->tail) {
		const struct shape_entry *entry = first_of(queue);

		if (entry->departure > burst->now)
			break;
		if (!ends && burst->now - entry->departure > shape->max_delay)
			element_drop(burst, n, SHAPE_AGED);
		burst->mbufs[n] = entry->mbuf;
		burst->tags[n++] = entry->tag;
		queue->head++;
	}
	set_due(shape);
	return n;
}

static json_t *
shape_show(const struct element *element)
{
	const struct shape *shape = (const struct shape *)element;

	return json_pack("{s:I, s:I, s:I}", "queued",
		(json_int_t)(shape->queue->tail - shape->queue->head), "max_packets",
		(json_int_t)shape->max_packets, "delayed_packets", (json_int_t)shape->delayed);
}

static struct element_type shape_type = {
	.name = "shape",
	.text = "delays packets so that they leave at a rate",
	.sides = ELEMENT_AT_EGRESS,
	.config = &shape_kind,
	.reasons = reasons,
	.n_reasons = ARRAY_SIZE(reasons),
	.create = shape_create,
	.destroy = shape_destroy,
	.process = { [ELEMENT_EGRESS] = shape_process },
	.release = shape_release,
	.buffers = shape_buffers,
	.show = shape_show,
};
ELEMENT_REGISTER(shape_type);
