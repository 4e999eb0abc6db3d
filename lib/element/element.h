/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_ELEMENT_H
#define ELEMENT_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_mbuf.h>

#include "element/element_config.h"
#include "packet/packet.h"

/*
 * A step of a router's pipeline. Ingress elements get packets whose IP header is checked and
 * complete, before their destination is looked up; egress elements get them on their way out, with
 * the L2 header of the next hop. All that is IP passes through, what the router itself sends too;
 * ARP and neighbour discovery go by. packet_meta tells where the IP header is, its family
 * (PACKET_IPV4 or PACKET_IPV6, PACKET_GROUP apart), and the interface: the one in at ingress, the
 * one out at egress. The IP header is in the first segment and the frame ends with the packet;
 * nothing else is promised: L4 headers may be cut off, there may be options, extension headers,
 * fragments, several segments.
 *
 * An element belongs to one router and is run by the one worker that runs it: no locks. It is made
 * and freed by the control thread; a change of its config is a new element in its place, which may
 * take the old one's state over (`previous`): between two bursts the worker goes from one to the
 * other.
 *
 * The guide with an example is docs/elements.md.
 */

#define ELEMENT_ERROR_SIZE 160
#define ELEMENT_NEVER UINT64_MAX
#define ELEMENT_ANY_KIND UINT8_MAX

enum element_side {
	ELEMENT_INGRESS,
	ELEMENT_EGRESS,
	ELEMENT_SIDES
};

/* Where elements of a type may stand. */
#define ELEMENT_AT_INGRESS (1u << ELEMENT_INGRESS)
#define ELEMENT_AT_EGRESS (1u << ELEMENT_EGRESS)
/* Not at either: at both, once each. */
#define ELEMENT_AT_BOTH 4u

struct element;
struct element_host;

/* A burst on its way through the pipeline, and what the element says becomes of each packet. */
struct element_burst {
	unsigned int n; /* 1 .. PACKET_BURST_MAX */
	enum element_side side;
	uint8_t kind; /* PACKET_IPV4 or PACKET_IPV6, of all; ELEMENT_ANY_KIND */
	struct rte_mbuf **mbufs;
	uint64_t *tags; /* egress: the router's word about each packet, to be kept with one that is
	                   held */
	uint64_t now;   /* cycles */
	const struct element_host *host;
	/*
	 * By the packet's bit; a packet in neither goes on. The pipeline frees those dropped; those
	 * consumed are the element's: freed, or held until its release().
	 */
	uint64_t dropped;
	uint64_t consumed;
	uint8_t reasons[PACKET_BURST_MAX]; /* of those dropped: index of the type's reasons */
};

static_assert(PACKET_BURST_MAX <= 64, "a bit for each packet");

static inline void
element_drop(struct element_burst *burst, unsigned int i, unsigned int reason)
{
	burst->dropped |= UINT64_C(1) << i;
	burst->reasons[i] = (uint8_t)reason;
}

static inline void
element_consume(struct element_burst *burst, unsigned int i)
{
	burst->consumed |= UINT64_C(1) << i;
}

/* The packets of a burst by family. */
struct element_families {
	unsigned int n_ipv4;
	unsigned int n_ipv6;
	struct rte_mbuf *ipv4[PACKET_BURST_MAX];
	struct rte_mbuf *ipv6[PACKET_BURST_MAX];
};

static inline void
element_part(const struct element_burst *burst, struct element_families *families)
{
	families->n_ipv4 = 0;
	families->n_ipv6 = 0;
	for (unsigned int i = 0; i < burst->n; i++) {
		uint8_t kind = packet_meta_get(burst->mbufs[i]).kind & (uint8_t)~PACKET_GROUP;

		if (kind == PACKET_IPV4)
			families->ipv4[families->n_ipv4++] = burst->mbufs[i];
		else
			families->ipv6[families->n_ipv6++] = burst->mbufs[i];
	}
}

#define ELEMENT_REASONS_MAX 12

/* Why an element drops: what the console and JSON call it, and what it means. */
struct element_reason {
	const char *name;
	const char *text;
};

/* What packets met at one side. */
struct element_counters {
	uint64_t in;       /* this and out: filled in by element_counters() */
	uint64_t out;      /* with those released */
	uint64_t consumed; /* with those held */
	uint64_t released; /* of those held; they went on, or were dropped then */
	uint64_t cycles;   /* that `timed` packets took: not every burst is looked at */
	uint64_t timed;
	uint64_t dropped[ELEMENT_REASONS_MAX];
};

/* What every element begins with. */
struct element {
	/* Read and written for each burst. */
	const struct element_type *type;
	void (*process[ELEMENT_SIDES])(struct element *element, struct element_burst *burst);
	uint64_t out[ELEMENT_SIDES]; /* packets; written by the worker */
	uint64_t due;                /* when release() is to be called, in cycles; ELEMENT_NEVER */

	uint64_t memory; /* bytes that count against the router's limit */
	char *config;    /* its JSON, compact: two that are equal are the same */
	char name[SCHEMA_NAME_MAX + 1];
	unsigned int users; /* pipelines that have it, the old one of a change too */
	struct element_counters rare[ELEMENT_SIDES]; /* without in and out; written by the worker */
	struct element_counters base[ELEMENT_SIDES]; /* where they stood at the latest clear */
};

static_assert(offsetof(struct element, memory) <= RTE_CACHE_LINE_SIZE, "one line a burst");

/* Since it was made. Any thread. */
struct element_counters element_counters(const struct element *element, enum element_side side);

/*
 * What a router offers its elements. `context` is to be handed back. Those for the worker may be
 * called by process() and release() only.
 */
struct element_host {
	void *context;
	/* Worker: a frame of the element's own (a copy), whole, to leave as it is by this interface
	 * of the router. It does not pass through elements. Taken over in any case.
	 */
	void (*send)(void *context, struct rte_mbuf *frame, uint16_t interface);
	/* Worker: where packets to the sources of these, all of one family, would go; see enum
	 * element_path. Each gets its bits.
	 */
	void (*source_paths)(
		void *context, struct rte_mbuf *const *mbufs, unsigned int n, uint8_t *paths);
	/* Worker: whether an IPv4 address (network byte order) is the router's
	 * own. */
	bool (*is_own)(void *context, uint32_t address);
};

/* Of source_paths(). */
enum element_path {
	ELEMENT_PATH_EXISTS = 1, /* a route to it that leads out (or to the router itself) */
	ELEMENT_PATH_INTERFACE =
		2, /* by the interface that the packet came in by, or one of several */
};

/* What an element is made of. */
struct element_params {
	const struct element_config *config; /* of the type's kind */
	const char *router;                  /* its name */
	/* The router's interface of this name, or -ENOENT. */
	int (*find_interface)(void *context, const char *name);
	void *context; /* of find_interface */
	/* Of the same name and type, still at work; its state may be shared with the new one. NULL:
	 * none. */
	struct element *previous;
	struct rte_mempool *pool; /* for copies and packets of its own */
	uint64_t hz;              /* cycles a second */
	int socket;
	uint64_t memory_limit; /* bytes, of all elements of the router */
	uint64_t memory_used;  /* by those made before it */
};

struct element_type {
	const char *name;
	const char *text;          /* what it does, for people */
	unsigned int sides;        /* ELEMENT_AT_ */
	const struct kind *config; /* begins with a struct element_config; see element_config.h */
	const struct element_reason *reasons;
	unsigned int n_reasons;
	bool rewrites; /* destinations may be others afterwards */
	bool routed;   /* it asks for routes or addresses, which a wire has not */
	/*
	 * Reads files that the config names, and judges it where fields can't: what is wrong goes
	 * to the report, as fields do it. `value` is the element's object. NULL: nothing to do.
	 */
	void (*load)(struct report *report, struct value value, struct element_config *config);
	/* Frees what load() made. */
	void (*unload)(struct element_config *config);
	/*
	 * Control thread. NULL with the reason in `error`, without the element's name and begun in
	 * lower case. Memory comes from element_zalloc(), first the element itself: its size and a
	 * struct element at its start.
	 */
	struct element *(*create)(struct element_params *params, char error[ELEMENT_ERROR_SIZE]);
	/*
	 * Control thread, when no worker knows it; frees the element and what is its own. What it
	 * held it was asked for before, by release().
	 */
	void (*destroy)(struct element *element);
	/* Worker. NULL where it does not stand. */
	void (*process[ELEMENT_SIDES])(struct element *element, struct element_burst *burst);
	/*
	 * Worker, egress, from `due` on: puts up to PACKET_BURST_MAX packets that it has held long
	 * enough into burst->mbufs and tags, gives how many, and sets `due`; it may drop some of
	 * them (element_drop()). Control thread, when no worker knows the element, with a
	 * burst->now of ELEMENT_NEVER: the same with whatever it holds and no other element has
	 * taken over. NULL: it holds none.
	 */
	unsigned int (*release)(struct element *element, struct element_burst *burst);
	/* Control thread, all the while, `now` in ns: what a worker must not do. NULL: nothing. */
	void (*poll)(struct element *element, uint64_t now);
	/* Packets that an element with this config may hold. NULL: none. */
	uint32_t (*buffers)(const struct element_config *config);
	/*
	 * Control thread, with the worker at work: what `show vr NAME element NAME` has beside the
	 * counters; a new object. NULL: nothing. *_rows, where not NULL, is a list of what there
	 * are many of (rules with hits, sessions), at most `limit`.
	 */
	json_t *(*show)(const struct element *element);
	json_t *(*show_rows)(const struct element *element, unsigned int limit);
	struct element_type *next; /* of the registry */
};

/*
 * Zeroed memory on the element's socket that counts against the router's limit; to be freed by
 * rte_free(). NULL with the reason in `error`. `what` is told: "1,000,000 sessions".
 */
void *element_zalloc(struct element_params *params, const char *what, size_t size,
	char error[ELEMENT_ERROR_SIZE]);

/* The same for memory that a library allocates itself: false with the reason when it is too much.
 */
bool element_claim(struct element_params *params, const char *what, size_t size,
	char error[ELEMENT_ERROR_SIZE]);

/* The router's interface of this name; negative with the reason. */
int element_find_interface(
	const struct element_params *params, const char *name, char error[ELEMENT_ERROR_SIZE]);

/* All types by name; NULL after the last. */
const struct element_type *element_types(void);
const struct element_type *element_type_find(const char *name);

void element_type_register(struct element_type *type);

/* What makes a file an element: its type is known from the program's start. */
#define ELEMENT_REGISTER(type) \
	static void __attribute__((constructor)) register_##type(void) \
	{ \
		element_type_register(&(type)); \
	}

#endif
