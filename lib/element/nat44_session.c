/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <netinet/in.h>

#include "element/nat44_session.h"
#include "packet/checksum.h"

/*
 * When all sessions are used, 3.25 to 6.5 of the 8 slots are: few lines, so that they stay in the
 * cache, and few chains.
 */
static uint32_t
n_buckets(uint32_t capacity)
{
	return rte_align32pow2(RTE_MAX((uint32_t)((uint64_t)capacity * 2 / 13), 2u));
}

size_t
nat44_sessions_size(uint32_t capacity)
{
	return ((size_t)capacity + 1) *
	               (sizeof(struct nat44_session) + sizeof(struct nat44_links)) +
	       NAT44_SIDES * n_buckets(capacity) * sizeof(struct nat44_bucket);
}

void
nat44_sessions_init(struct nat44_sessions *sessions, uint32_t capacity, void *memory)
{
	struct nat44_bucket *buckets = memory;

	for (unsigned int side = 0; side < NAT44_SIDES; side++) {
		struct nat44_index *index = &sessions->index[side];

		index->buckets = buckets;
		index->mask = n_buckets(capacity) - 1;
		nat44_secret_init(&index->secret);
		buckets += n_buckets(capacity);
	}
	sessions->sessions = (struct nat44_session *)buckets;
	sessions->links = (struct nat44_links *)(sessions->sessions + capacity + 1);
	sessions->capacity = capacity;
	sessions->fresh = 1;
}

/* The index */

static uint32_t
find(const struct nat44_sessions *sessions, enum nat44_side side, uint64_t key, uint64_t hash)
{
	const struct nat44_bucket *bucket = nat44_bucket_of(&sessions->index[side], hash);
	uint16_t tag = nat44_tag_of(hash);
	uint32_t number;

	for (unsigned int i = 0; i < NAT44_BUCKET_SLOTS; i++) {
		number = bucket->sessions[i];
		if (bucket->tags[i] == tag && sessions->sessions[number].key[side] == key)
			return number;
	}
	number = bucket->overflow;
	while (number != 0 && sessions->sessions[number].key[side] != key)
		number = sessions->links[number].chain[side];
	return number;
}

uint32_t
nat44_session_find(const struct nat44_sessions *sessions, enum nat44_side side, uint64_t key)
{
	return find(sessions, side, key, nat44_index_hash(&sessions->index[side], key));
}

static unsigned int
chain_length(const struct nat44_sessions *sessions, enum nat44_side side, uint32_t number)
{
	unsigned int n = 0;

	for (; number != 0; number = sessions->links[number].chain[side])
		n++;
	return n;
}

static bool
index_add(struct nat44_sessions *sessions, enum nat44_side side, uint32_t number)
{
	struct nat44_session *session = &sessions->sessions[number];
	uint64_t hash = nat44_index_hash(&sessions->index[side], session->key[side]);
	struct nat44_bucket *bucket = nat44_bucket_of(&sessions->index[side], hash);

	for (unsigned int i = 0; i < NAT44_BUCKET_SLOTS; i++) {
		if (bucket->tags[i] != 0)
			continue;
		bucket->tags[i] = nat44_tag_of(hash);
		bucket->sessions[i] = number;
		return true;
	}
	if (chain_length(sessions, side, bucket->overflow) >= NAT44_CHAIN_MAX)
		return false;
	sessions->links[number].chain[side] = bucket->overflow;
	bucket->overflow = number;
	return true;
}

static void
chain_remove(struct nat44_sessions *sessions, enum nat44_side side, uint32_t *at, uint32_t number)
{
	while (*at != number)
		at = &sessions->links[*at].chain[side];
	*at = sessions->links[number].chain[side];
}

static void
index_remove(struct nat44_sessions *sessions, enum nat44_side side, uint32_t number)
{
	uint64_t hash =
		nat44_index_hash(&sessions->index[side], sessions->sessions[number].key[side]);
	struct nat44_bucket *bucket = nat44_bucket_of(&sessions->index[side], hash);

	for (unsigned int i = 0; i < NAT44_BUCKET_SLOTS; i++) {
		if (bucket->tags[i] != 0 && bucket->sessions[i] == number) {
			bucket->tags[i] = 0;
			return;
		}
	}
	chain_remove(sessions, side, &bucket->overflow, number);
}

/* Adding and removing */

static uint32_t
take_number(struct nat44_sessions *sessions)
{
	uint32_t number = sessions->free;

	if (number != 0) {
		sessions->free = sessions->links[number].behind;
		return number;
	}
	return sessions->fresh <= sessions->capacity ? sessions->fresh++ : 0;
}

static void
give_number(struct nat44_sessions *sessions, uint32_t number)
{
	sessions->sessions[number] = (struct nat44_session){ 0 };
	sessions->links[number] = (struct nat44_links){ .behind = sessions->free };
	sessions->free = number;
}

/* ICMP's checksum has no pseudo header. */
static void
set_differences(struct nat44_session *session)
{
	uint64_t inside = session->key[NAT44_INSIDE], outside = session->key[NAT44_OUTSIDE];
	uint32_t addresses =
		checksum_difference(nat44_key_address(inside), nat44_key_address(outside));
	uint32_t ports = checksum_difference(nat44_key_port(inside), nat44_key_port(outside));

	session->ip_difference = checksum_fold(addresses);
	session->l4_difference = checksum_fold(
		nat44_key_protocol(inside) == IPPROTO_ICMP ? ports : addresses + ports);
}

uint32_t
nat44_session_add(struct nat44_sessions *sessions, uint64_t inside, uint64_t outside,
	enum nat44_session_state state)
{
	uint32_t number = take_number(sessions);
	struct nat44_session *session = &sessions->sessions[number];

	if (number == 0)
		return 0;
	*session = (struct nat44_session){ .key = { inside, outside }, .state = state };
	sessions->links[number] = (struct nat44_links){ 0 };
	set_differences(session);
	if (!index_add(sessions, NAT44_INSIDE, number)) {
		give_number(sessions, number);
		return 0;
	}
	if (!index_add(sessions, NAT44_OUTSIDE, number)) {
		index_remove(sessions, NAT44_INSIDE, number);
		give_number(sessions, number);
		return 0;
	}
	sessions->n[state]++;
	return number;
}

void
nat44_session_set_state(
	struct nat44_sessions *sessions, uint32_t number, enum nat44_session_state state)
{
	struct nat44_session *session = &sessions->sessions[number];

	sessions->n[session->state]--;
	sessions->n[state]++;
	session->state = state;
}

/* The queue of those unanswered */

void
nat44_session_wait(struct nat44_sessions *sessions, uint32_t number, struct nat44_queue *queue)
{
	struct nat44_links *links = &sessions->links[number];

	sessions->sessions[number].flags |= NAT44_UNANSWERED;
	links->older = queue->youngest;
	links->younger = 0;
	if (queue->youngest != 0)
		sessions->links[queue->youngest].younger = number;
	else
		queue->oldest = number;
	queue->youngest = number;
}

void
nat44_session_answered(struct nat44_sessions *sessions, uint32_t number, struct nat44_queue *queue)
{
	const struct nat44_links *links = &sessions->links[number];

	sessions->sessions[number].flags &= (uint8_t)~NAT44_UNANSWERED;
	if (links->older != 0)
		sessions->links[links->older].younger = links->younger;
	else
		queue->oldest = links->younger;
	if (links->younger != 0)
		sessions->links[links->younger].older = links->older;
	else
		queue->youngest = links->older;
}

/* The wheel */

static void
wheel_remove(struct nat44_sessions *sessions, struct nat44_links *links)
{
	if (links->due == 0)
		return;
	if (links->before != 0)
		sessions->links[links->before].behind = links->behind;
	else
		sessions->wheel[links->due % NAT44_WHEEL_SLOTS] = links->behind;
	if (links->behind != 0)
		sessions->links[links->behind].before = links->before;
	links->due = 0;
}

/* Never a second that the wheel is past, and none further than it goes round. */
void
nat44_session_schedule(struct nat44_sessions *sessions, uint32_t number, uint32_t second)
{
	struct nat44_links *links = &sessions->links[number];
	uint32_t *slot;

	wheel_remove(sessions, links);
	if (second <= sessions->turned)
		second = sessions->turned + 1;
	if (second - sessions->turned >= NAT44_WHEEL_SLOTS)
		second = sessions->turned + NAT44_WHEEL_SLOTS - 1;
	slot = &sessions->wheel[second % NAT44_WHEEL_SLOTS];
	links->due = second;
	links->before = 0;
	links->behind = *slot;
	if (*slot != 0)
		sessions->links[*slot].before = number;
	*slot = number;
}

uint32_t
nat44_session_due(struct nat44_sessions *sessions, uint32_t now, unsigned int *budget)
{
	while (sessions->turned < now && *budget != 0) {
		uint32_t number = sessions->wheel[(sessions->turned + 1) % NAT44_WHEEL_SLOTS];

		(*budget)--;
		if (number != 0) {
			wheel_remove(sessions, &sessions->links[number]);
			return number;
		}
		sessions->turned++;
	}
	return 0;
}

void
nat44_session_remove(struct nat44_sessions *sessions, uint32_t number, struct nat44_queue *queue)
{
	struct nat44_session *session = &sessions->sessions[number];

	if (session->flags & NAT44_UNANSWERED)
		nat44_session_answered(sessions, number, queue);
	wheel_remove(sessions, &sessions->links[number]);
	index_remove(sessions, NAT44_INSIDE, number);
	index_remove(sessions, NAT44_OUTSIDE, number);
	sessions->n[session->state]--;
	give_number(sessions, number);
}
