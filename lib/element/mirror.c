/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_random.h>
#include <rte_ring.h>

#include "element/element.h"
#include "element/mirror_file.h"

/*
 * Copies of packets, one in so many: to an interface of the router, or to a file. The worker leaves
 * those for a file in a queue from which the control thread writes them.
 */

#define COPIES_MAX 511 /* that wait for the file */
#define WRITE_MAX 128  /* at a visit of the control thread */
#define SAMPLE_MAX 1000000
#define SNAP_MIN 64
#define SNAP_MAX 9216
#define SNAP_DEFAULT 2048 /* into a file */
#define SIZE_MAX_MB 1048576
#define SIZE_DEFAULT_MB 100

struct mirror_config {
	struct element_config element;
	char interface[SCHEMA_NAME_MAX + 1]; /* "" or */
	char *file;                          /* NULL */
	uint32_t max_size;                   /* MB */
	uint32_t sample;
	uint16_t snap_length; /* 0: not given */
	unsigned int line;
};

static const struct field mirror_config_fields[] = {
	ELEMENT_FIELDS,
	{ .key = "interface",
		.type = &element_field_interface,
		.offset = offsetof(struct mirror_config, interface) },
	FIELD_TEXT(mirror_config, file, path, false, "the path of a file"),
	FIELD_INTEGER(mirror_config, max_size, 1, SIZE_MAX_MB, SIZE_DEFAULT_MB),
	FIELD_INTEGER(mirror_config, sample, 1, SAMPLE_MAX, 1),
	FIELD_INTEGER(mirror_config, snap_length, SNAP_MIN, SNAP_MAX, 0),
};

static void
check(struct report *report, struct value value, void *item, bool slips)
{
	bool interface = json_object_get(value.json, "interface") != NULL;
	bool file = json_object_get(value.json, "file") != NULL;

	(void)item;
	if (slips)
		return;
	if (interface == file)
		report_error(report, value.node, "found %s, expected one of them",
			file ? "\"interface\" and \"file\"" : "neither \"interface\" nor \"file\"");
	else if (interface && json_object_get(value.json, "max_size") != NULL)
		report_error(report, locate_member(report->locate, value.node, "max_size"),
			"found a \"max_size\", expected none: there is no \"file\"");
}

static const struct kind mirror_kind = {
	ELEMENT_KIND(mirror_config, "an object (a mirror element)"),
	.check = check,
};

struct mirror {
	struct element element;
	/* The packet after next_in others is copied, and then `rest` more end the period. */
	uint32_t next_in;
	uint32_t rest;
	uint32_t sample;
	uint32_t snap_length;
	uint64_t random;
	struct rte_mempool *pool; /* a file's is the mirror's own */
	int interface;            /* -1: to the file */
	struct mirror_file *file;
	struct rte_ring *queue;
	bool stopped; /* control thread: the file is full or cannot be written */
	/* The worker's: */
	uint64_t copied;
	uint64_t lost_buffers;
	uint64_t lost_queue;
	uint64_t past_limit;
	/* The control thread's: */
	uint64_t written;
	uint64_t not_written; /* the file was full, or could not be written */
	int error;            /* errno of the last write */
	char to[];            /* the interface or the file */
};

/* Sampling */

/* xorshift64* (Vigna, ACM TOMS 42.4, 2016) */
static uint32_t
random_next(struct mirror *mirror)
{
	mirror->random ^= mirror->random >> 12;
	mirror->random ^= mirror->random << 25;
	mirror->random ^= mirror->random >> 27;
	return (uint32_t)(mirror->random * UINT64_C(0x2545f4914f6cdd1d) >> 32);
}

/* One of each `sample` packets, which one nobody can tell before. */
static void
choose(struct mirror *mirror)
{
	uint32_t at = (uint32_t)((uint64_t)random_next(mirror) * mirror->sample >> 32);

	mirror->next_in = mirror->rest + at;
	mirror->rest = mirror->sample - 1 - at;
}

/* Worker */

static void
copy_to_interface(struct mirror *mirror, const struct element_burst *burst, unsigned int i)
{
	struct rte_mbuf *copy = rte_pktmbuf_copy(burst->mbufs[i], mirror->pool, 0,
		mirror->snap_length == 0 ? UINT32_MAX : mirror->snap_length);

	if (copy == NULL) {
		mirror->lost_buffers++;
		return;
	}
	mirror->copied++;
	burst->host->send(burst->host->context, copy, (uint16_t)mirror->interface);
}

static void
copy_to_file(struct mirror *mirror, const struct element_burst *burst, unsigned int i)
{
	struct rte_mbuf *copy;

	if (__atomic_load_n(&mirror->stopped, __ATOMIC_RELAXED)) {
		mirror->past_limit++;
		return;
	}
	copy = mirror_file_copy(mirror->file, burst->mbufs[i], mirror->pool, mirror->snap_length,
		packet_meta_get(burst->mbufs[i]).interface, burst->side == ELEMENT_EGRESS,
		burst->now);
	if (copy == NULL) {
		mirror->lost_buffers++;
	} else if (rte_ring_sp_enqueue(mirror->queue, copy) != 0) {
		rte_pktmbuf_free(copy);
		mirror->lost_queue++;
	} else {
		mirror->copied++;
	}
}

static void
mirror_process(struct element *element, struct element_burst *burst)
{
	struct mirror *mirror = (struct mirror *)element;
	unsigned int i = 0;

	while (burst->n - i > mirror->next_in) {
		i += mirror->next_in;
		if (mirror->interface >= 0)
			copy_to_interface(mirror, burst, i);
		else
			copy_to_file(mirror, burst, i);
		i++;
		choose(mirror);
	}
	mirror->next_in -= burst->n - i;
}

/* Control thread */

static void
stop(struct mirror *mirror, int error)
{
	mirror->error = error;
	__atomic_store_n(&mirror->stopped, true, __ATOMIC_RELAXED);
}

/* Gives how many there were. */
static unsigned int
write_some(struct mirror *mirror)
{
	struct rte_mbuf *copies[WRITE_MAX];
	unsigned int n = rte_ring_sc_dequeue_burst(mirror->queue, (void **)copies, WRITE_MAX, NULL);
	int written = 0;

	if (n == 0)
		return 0;
	if (mirror->error == 0)
		written = mirror_file_write(mirror->file, copies, n);
	if (written < 0)
		stop(mirror, -written);
	else if ((unsigned int)written < n)
		stop(mirror, mirror->error);
	written = RTE_MAX(written, 0);
	mirror->written += (unsigned int)written;
	mirror->not_written += n - (unsigned int)written;
	rte_pktmbuf_free_bulk(copies, n);
	return n;
}

static void
mirror_poll(struct element *element, uint64_t now)
{
	struct mirror *mirror = (struct mirror *)element;

	(void)now;
	if (mirror->file != NULL)
		write_some(mirror);
}

static void
mirror_destroy(struct element *element)
{
	struct mirror *mirror = (struct mirror *)element;

	if (mirror->file != NULL) {
		while (mirror->queue != NULL && write_some(mirror) > 0)
			;
		mirror_file_close(mirror->file);
		rte_mempool_free(mirror->pool);
	}
	rte_free(mirror->queue);
	rte_free(mirror);
}

static bool
make_pool(struct mirror *mirror, struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	static unsigned int n_pools;
	uint32_t room = mirror_file_buffer_size(mirror->snap_length);
	char name[32], what[48];

	snprintf(name, sizeof(name), "mirror%u", n_pools++);
	snprintf(what, sizeof(what), "%d copies of %u bytes", COPIES_MAX, mirror->snap_length);
	if (!element_claim(params, what,
		    rte_mempool_calc_obj_size(room + sizeof(struct rte_mbuf), 0, NULL) * COPIES_MAX,
		    error))
		return false;
	mirror->pool =
		rte_pktmbuf_pool_create(name, COPIES_MAX, 0, 0, (uint16_t)room, params->socket);
	if (mirror->pool != NULL)
		return true;
	snprintf(error, ELEMENT_ERROR_SIZE, "%s: no memory", what);
	return false;
}

static bool
make_queue(struct mirror *mirror, struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	mirror->queue = element_zalloc(
		params, "a queue of copies", rte_ring_get_memsize(COPIES_MAX + 1), error);
	return mirror->queue != NULL && rte_ring_init(mirror->queue, "mirror", COPIES_MAX + 1,
						RING_F_SP_ENQ | RING_F_SC_DEQ) == 0;
}

static bool
set_target(struct mirror *mirror, const struct mirror_config *config, struct element_params *params,
	char error[ELEMENT_ERROR_SIZE])
{
	char who[2 * SCHEMA_NAME_MAX + 4];

	if (config->file == NULL) {
		mirror->pool = params->pool;
		mirror->interface = element_find_interface(params, config->interface, error);
		return mirror->interface >= 0;
	}
	mirror->interface = -1;
	if (mirror->snap_length == 0)
		mirror->snap_length = SNAP_DEFAULT;
	snprintf(who, sizeof(who), "%s: %s", params->router, config->element.name);
	mirror->file =
		mirror_file_open(config->file, (uint64_t)config->max_size * 1000000, who, error);
	return mirror->file != NULL && make_pool(mirror, params, error) &&
	       make_queue(mirror, params, error);
}

static struct element *
mirror_create(struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	const struct mirror_config *config = (const struct mirror_config *)params->config;
	const char *to = config->file != NULL ? config->file : config->interface;
	struct mirror *mirror =
		element_zalloc(params, "a mirror", sizeof(*mirror) + strlen(to) + 1, error);

	if (mirror == NULL)
		return NULL;
	mirror->sample = config->sample;
	mirror->snap_length = config->snap_length;
	mirror->random = rte_rand() | 1;
	strcpy(mirror->to, to);
	choose(mirror);
	if (set_target(mirror, config, params, error))
		return &mirror->element;
	mirror_destroy(&mirror->element);
	return NULL;
}

static json_t *
mirror_show(const struct element *element)
{
	const struct mirror *mirror = (const struct mirror *)element;
	json_t *shown = json_pack("{s:s, s:i, s:i, s:I, s:I}",
		mirror->file != NULL ? "file" : "interface", mirror->to, "sample",
		(int)mirror->sample, "snap_length", (int)mirror->snap_length, "copied",
		(json_int_t)mirror->copied, "lost_buffers", (json_int_t)mirror->lost_buffers);
	json_t *file;

	if (mirror->file == NULL)
		return shown;
	file = json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:b}", "waiting_max", COPIES_MAX,
		"lost_queue", (json_int_t)mirror->lost_queue, "written",
		(json_int_t)mirror->written, "not_written", (json_int_t)mirror->not_written,
		"past_limit", (json_int_t)mirror->past_limit, "file_bytes",
		(json_int_t)mirror_file_size(mirror->file), "stopped", (int)mirror->stopped);
	json_object_update(shown, file);
	json_decref(file);
	if (mirror->error != 0)
		json_object_set_new(shown, "error", json_string(strerror(mirror->error)));
	return shown;
}

static struct element_type mirror_type = {
	.name = "mirror",
	.text = "copies packets to an interface or a file",
	.sides = ELEMENT_AT_INGRESS | ELEMENT_AT_EGRESS,
	.config = &mirror_kind,
	.create = mirror_create,
	.destroy = mirror_destroy,
	.process = { [ELEMENT_INGRESS] = mirror_process, [ELEMENT_EGRESS] = mirror_process },
	.poll = mirror_poll,
	.show = mirror_show,
};
ELEMENT_REGISTER(mirror_type);
