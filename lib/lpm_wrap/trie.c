/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <string.h>

#include <rte_common.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "lpm_wrap/lpm.h"
#include "lpm_wrap/trie.h"

enum {
	/* Units that a new arena has to spare. */
	SPARE_UNITS = 48,
	/* A change of more entries of the root than this builds all anew. */
	ROOT_CHANGE_MAX = 4096,
};

/* A change under way. */
struct change {
	struct trie *trie;
	struct key key;
	unsigned int depth;
	bool outside; /* in the trie for what is not in the window */
	bool failed;
	uint32_t publish_word; /* where in the arena an entry is to be stored, or 0 */
	uint32_t publish_entry;
};

static bool
is_child(uint32_t entry)
{
	return entry & TRIE_CHILD;
}

static struct trie_node *
node_of(const struct trie *trie, uint32_t entry)
{
	return pool_at(&trie->pool, entry & ~TRIE_CHILD);
}

static unsigned int
node_units(unsigned int entries)
{
	return 1 + (entries + 1) / 2;
}

static unsigned int
entry_rank(const struct trie_node *node, unsigned int slot)
{
	return __builtin_popcountll(node->starts << (SLOTS - 1 - slot)) - 1;
}

/* The entry of a slot, in a child or in a leaf, which has the same for all. */
static uint32_t
entry_at(const struct trie *trie, uint32_t entry, unsigned int slot)
{
	const struct trie_node *node = node_of(trie, entry);

	return is_child(entry) ? node->entries[entry_rank(node, slot)] : entry;
}

static bool
waste_reserve(struct trie_waste *waste, uint32_t more)
{
	uint32_t capacity = RTE_MAX(waste->count + more, waste->capacity * 2);
	uint32_t *blocks;

	if (waste->capacity - waste->count >= more)
		return true;
	blocks = rte_realloc(waste->blocks, capacity * sizeof(*blocks), 0);
	if (blocks == NULL)
		return false;
	waste->blocks = blocks;
	waste->capacity = capacity;
	return true;
}

static bool
waste_add(struct trie_waste *waste, uint32_t block)
{
	if (!waste_reserve(waste, waste->capacity == 0 ? 16 : 1))
		return false;
	waste->blocks[waste->count++] = block;
	return true;
}

static void
waste_free(struct trie_waste *waste)
{
	rte_free(waste->blocks);
	memset(waste, 0, sizeof(*waste));
}

static void
block_free(struct trie *trie, uint32_t block)
{
	unsigned int entries = __builtin_popcountll(node_of(trie, block)->starts);

	pool_free(&trie->pool, block, node_units(entries));
}

static void
waste_release(struct trie *trie, struct trie_waste *waste)
{
	for (uint32_t i = 0; i < waste->count; i++)
		block_free(trie, waste->blocks[i]);
	waste->count = 0;
	if (waste->capacity > 4096)
		waste_free(waste);
}

/* Hands an arena over to the readers; NULL before the first. */
static void
publish_arena(struct trie *trie, struct trie_arena *arena)
{
	struct trie_arena *old = trie->arena;

	__atomic_store_n(&trie->arena, arena, __ATOMIC_RELEASE);
	trie->work = arena;
	if (old == NULL)
		return;
	if (trie->rcu == NULL) {
		rte_free(old);
		return;
	}
	old->token = rte_rcu_qsbr_start(trie->rcu);
	old->older = trie->old;
	trie->old = old;
}

static void
reclaim_arenas(struct trie *trie)
{
	struct trie_arena **link = &trie->old;

	/* Tokens fall along the list: behind one that is through, all are. */
	while (*link != NULL && rte_rcu_qsbr_check(trie->rcu, (*link)->token, false) == 0)
		link = &(*link)->older;
	while (*link != NULL) {
		struct trie_arena *arena = *link;

		*link = arena->older;
		rte_free(arena);
	}
}

void
trie_reclaim(struct trie *trie)
{
	struct trie_waste empty;

	if (trie->rcu == NULL)
		return;
	if (trie->old != NULL)
		reclaim_arenas(trie);
	if (trie->waiting.count > 0) {
		if (rte_rcu_qsbr_check(trie->rcu, trie->waiting_token, false) == 0)
			return;
		waste_release(trie, &trie->waiting);
	}
	if (trie->recent.count == 0)
		return;
	empty = trie->waiting;
	trie->waiting = trie->recent;
	trie->recent = empty;
	trie->waiting_token = rte_rcu_qsbr_start(trie->rcu);
}

static struct trie_arena *
new_arena(const struct trie *trie, uint64_t units)
{
	struct trie_arena *arena;

	if (units >= TRIE_CHILD)
		return NULL;
	arena = rte_malloc_socket("lpm_trie", units * POOL_UNIT, 0, trie->socket);
	if (arena == NULL)
		return NULL;
	memset(arena, 0, sizeof(*arena));
	arena->bytes = units * POOL_UNIT;
	return arena;
}

static bool
grow(struct trie *trie)
{
	struct pool *pool = &trie->pool;
	uint64_t units = (uint64_t)pool->capacity + pool->capacity / 8 + SPARE_UNITS;
	struct trie_arena *arena = new_arena(trie, units);

	if (arena == NULL)
		return false;
	pool_close(pool);
	memcpy(arena, trie->work, (size_t)pool->used * POOL_UNIT);
	arena->bytes = units * POOL_UNIT;
	pool_move(pool, arena, units);
	if (trie->work == trie->arena) {
		publish_arena(trie, arena);
	} else {
		rte_free(trie->work);
		trie->work = arena;
	}
	return true;
}

/* Runs of equal entries become one; a node of one leaf is that leaf. */
static uint32_t
make_node(struct change *change, const uint32_t slots[SLOTS])
{
	struct trie *trie = change->trie;
	uint32_t entries[SLOTS];
	uint64_t starts = 1;
	struct trie_node *node;
	unsigned int count = 1;
	uint32_t block;

	entries[0] = slots[0];
	for (unsigned int slot = 1; slot < SLOTS; slot++) {
		bool differs = slots[slot] != slots[slot - 1];

		starts |= (uint64_t)differs << slot;
		entries[count & (SLOTS - 1)] = slots[slot];
		count += differs;
	}
	if (count == 1 && !is_child(slots[0]))
		return slots[0];
	while ((block = pool_alloc(&trie->pool, node_units(count))) == 0) {
		if (!grow(trie)) {
			change->failed = true;
			return LPM_NO_ROUTE;
		}
	}
	node = pool_at(&trie->pool, block);
	node->starts = starts;
	memcpy(node->entries, entries, count * sizeof(entries[0]));
	if (trie->work == trie->arena && !waste_add(&trie->fresh, block)) {
		block_free(trie, block);
		change->failed = true;
		return LPM_NO_ROUTE;
	}
	return TRIE_CHILD | block;
}

/* In the trie for the rest: the slots of a node that lie in the window, which nobody reads. */
static uint64_t
hidden_slots(const struct change *change, struct key key, unsigned int level)
{
	const struct trie_arena *arena = change->trie->work;
	struct key window = { .high = arena->window };
	unsigned int width;

	if (!change->outside || level + STRIDE < arena->window_depth ||
		!key_matches(key, window, level))
		return 0;
	width = 1u << (level + STRIDE - arena->window_depth);
	return (width == SLOTS ? UINT64_MAX : (UINT64_C(1) << width) - 1)
	       << key_slot(window, level);
}

/* The entry for all below (key, level), where block is what the store has there. */
static uint32_t
build(struct change *change, struct key key, unsigned int level, uint32_t block, uint32_t inherited)
{
	const struct store *store = change->trie->store;
	const struct store_node *node;
	uint32_t slots[SLOTS];
	uint64_t children, hidden;

	if (block == 0)
		return inherited;
	node = store_node(store, block);
	if (node->level == level) {
		store_fill(store, node, inherited, slots);
		children = node->children;
	} else {
		for (unsigned int slot = 0; slot < SLOTS; slot++)
			slots[slot] = inherited;
		children = UINT64_C(1) << key_slot(node->key, level);
	}
	hidden = hidden_slots(change, key, level);
	for (uint64_t bits = hidden; bits != 0; bits &= bits - 1)
		slots[__builtin_ctzll(bits)] = inherited;
	for (uint64_t bits = children & ~hidden; bits != 0; bits &= bits - 1) {
		unsigned int slot = __builtin_ctzll(bits);

		slots[slot] = build(change, key_with_slot(key, level, slot), level + STRIDE,
			store_child(store, block, level, slot), slots[slot]);
	}
	return make_node(change, slots);
}

static void
discard_node(struct change *change, uint32_t entry)
{
	if (is_child(entry) && !waste_add(&change->trie->stale, entry & ~TRIE_CHILD))
		change->failed = true;
}

/* All that hangs from an entry will be out of use. */
static void
discard(struct change *change, uint32_t entry)
{
	const struct trie_node *node = node_of(change->trie, entry);

	if (!is_child(entry))
		return;
	for (int i = __builtin_popcountll(node->starts) - 1; i >= 0; i--)
		discard(change, node->entries[i]);
	discard_node(change, entry);
}

static void
expand(const struct trie *trie, uint32_t entry, uint32_t slots[SLOTS])
{
	const struct trie_node *node = node_of(trie, entry);
	const uint32_t *next = node->entries;
	uint32_t current = entry;

	if (!is_child(entry)) {
		for (unsigned int slot = 0; slot < SLOTS; slot++)
			slots[slot] = entry;
		return;
	}
	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		bool start = node->starts >> slot & 1;

		current = start ? *next : current;
		next += start;
		slots[slot] = current;
	}
}

/* What a slot of (key, level) hands down, where block is what the store has at (key, level). */
static uint32_t
slot_value(const struct store *store, uint32_t block, unsigned int level, unsigned int slot,
	uint32_t inherited)
{
	if (block == 0 || store_node(store, block)->level > level)
		return inherited;
	return store_match(store, store_node(store, block), slot, inherited);
}

/* Builds the slots anew that a prefix ending within this level covers. */
static uint32_t
update_range(struct change *change, struct key key, unsigned int level, uint32_t old,
	uint32_t block, uint32_t inherited)
{
	const struct store *store = change->trie->store;
	unsigned int first = key_slot(change->key, level);
	unsigned int width = 1u << (level + STRIDE - change->depth);
	uint64_t hidden = hidden_slots(change, key, level);
	uint32_t slots[SLOTS];

	expand(change->trie, old, slots);
	for (unsigned int slot = first; slot < first + width; slot++) {
		uint32_t value = slot_value(store, block, level, slot, inherited);

		discard(change, slots[slot]);
		if (hidden >> slot & 1)
			slots[slot] = inherited;
		else
			slots[slot] = build(change, key_with_slot(key, level, slot), level + STRIDE,
				store_child(store, block, level, slot), value);
	}
	discard_node(change, old);
	return make_node(change, slots);
}

/*
 * The entry for (key, level) after the change: old itself where a store further down is enough,
 * else one made anew around the parts of old that stay.
 */
static uint32_t
update(struct change *change, struct key key, unsigned int level, uint32_t old, uint32_t block,
	uint32_t inherited)
{
	struct trie *trie = change->trie;
	unsigned int slot = key_slot(change->key, level);
	uint32_t slots[SLOTS];
	uint32_t was, is;

	if (change->depth <= level + STRIDE)
		return update_range(change, key, level, old, block, inherited);
	was = entry_at(trie, old, slot);
	is = update(change, key_with_slot(key, level, slot), level + STRIDE, was,
		store_child(trie->store, block, level, slot),
		slot_value(trie->store, block, level, slot, inherited));
	if (is == was || change->failed)
		return old;
	if (is_child(is) && is_child(was)) {
		struct trie_node *node = node_of(trie, old);
		uint32_t *entry = &node->entries[entry_rank(node, slot)];

		change->publish_word = entry - (uint32_t *)trie->work;
		change->publish_entry = is;
		return old;
	}
	expand(trie, old, slots);
	slots[slot] = is;
	discard_node(change, old);
	return make_node(change, slots);
}

/* What the store has below (key, depth), and the value it hands down. */
static uint32_t
below(const struct store *store, struct key key, unsigned int depth, uint32_t *inherited)
{
	uint32_t block = store->root;

	*inherited = store->default_value;
	while (block != 0) {
		const struct store_node *node = store_node(store, block);
		unsigned int slot;

		if (!key_matches(node->key, key, RTE_MIN(node->level, depth)))
			return 0;
		if (node->level >= depth)
			return block;
		slot = key_slot(key, node->level);
		*inherited = store_match(store, node, slot, *inherited);
		block = store_child(store, block, node->level, slot);
	}
	return 0;
}

static struct key
root_key(const struct trie_arena *arena, uint32_t index)
{
	return (struct key){ .high = arena->window | (uint64_t)index << arena->ipv6_shift };
}

static uint32_t
root_index(const struct trie_arena *arena, struct key key)
{
	return key.high >> arena->ipv6_shift & (arena->root_size - 1);
}

static uint32_t
build_root_entry(struct change *change, uint32_t index)
{
	const struct trie *trie = change->trie;
	unsigned int depth = trie->work->root_depth;
	struct key key = root_key(trie->work, index);
	uint32_t inherited;
	uint32_t block = below(trie->store, key, depth, &inherited);

	return build(change, key, depth, block, inherited);
}

struct shape {
	uint64_t window;
	unsigned int window_depth;
	unsigned int root_depth;
};

struct survey {
	uint32_t seen;
	uint32_t first_at, last_at;
	struct key first, last;
	uint32_t depths[LPM_IPV6_DEPTH_MAX + 1];
};

static bool
survey_route(struct key key, unsigned int depth, uint32_t value, void *context)
{
	struct survey *survey = context;

	RTE_SET_USED(value);
	if (depth == 0)
		return true;
	if (survey->seen == survey->first_at)
		survey->first = key;
	if (survey->seen == survey->last_at)
		survey->last = key;
	survey->depths[depth]++;
	survey->seen++;
	return true;
}

/*
 * The window is what seven of eight routes share. The root is as deep as most routes if there are
 * enough of them to justify its size: at most sixteen entries for each.
 */
static struct shape
choose_shape(const struct trie *trie)
{
	uint32_t count = trie->store->count - (trie->store->default_value != LPM_NO_ROUTE);
	struct survey survey = { .first_at = count / 16, .last_at = count - 1 - count / 16 };
	unsigned int budget, common, depth = 0;
	struct shape shape;
	uint32_t below_depth = 0;

	if (count == 0)
		return (struct shape){ .window_depth = STRIDE, .root_depth = STRIDE };
	store_walk(trie->store, (struct key){ 0 }, 0, survey_route, &survey);
	while (below_depth <= count / 2)
		below_depth += survey.depths[++depth];
	depth = RTE_MIN(key_level(depth) + STRIDE, trie->ipv6 ? 60u : 30u);
	budget = 31 - __builtin_clz(count) + 4;
	common = key_common(survey.first, survey.last);
	shape.root_depth = RTE_MIN((common + budget) / STRIDE * STRIDE, depth);
	shape.root_depth = RTE_MAX(shape.root_depth, (unsigned int)STRIDE);
	shape.window_depth = RTE_MIN(common, shape.root_depth);
	shape.window = key_mask(survey.first, shape.window_depth).high;
	return shape;
}

static void
set_shape(struct trie_arena *arena, const struct shape *shape)
{
	arena->window = shape->window;
	arena->window_ipv4 = shape->window >> 32;
	arena->window_depth = shape->window_depth;
	arena->root_depth = shape->root_depth;
	arena->root_size = 1u << (shape->root_depth - shape->window_depth);
	arena->ipv4_shift = 32 - shape->root_depth;
	arena->ipv6_shift = 64 - shape->root_depth;
}

static uint32_t
root_units(const struct shape *shape)
{
	uint32_t entries = (1u << (shape->root_depth - shape->window_depth)) + 1;

	return (sizeof(struct trie_arena) + entries * sizeof(uint32_t) + POOL_UNIT - 1) / POOL_UNIT;
}

/* Makes an arena of this shape from the store and puts it in the place of the old one. */
static int
rebuild(struct trie *trie, const struct shape *shape)
{
	struct pool old_pool = trie->pool;
	struct trie_arena *old = trie->arena;
	struct change change = { .trie = trie };
	uint32_t first = root_units(shape);
	uint64_t units =
		first + SPARE_UNITS + RTE_MIN(pool_live(&old_pool), 4 * trie->store->count);
	struct trie_arena *arena = new_arena(trie, units);

	if (arena == NULL)
		return -ENOMEM;
	set_shape(arena, shape);
	trie->work = arena;
	pool_init(&trie->pool, arena, units, first);
	for (uint32_t i = 0; i < arena->root_size && !change.failed; i++) {
		uint32_t entry = build_root_entry(&change, i);

		arena = trie->work; /* it moves as it grows */
		arena->root[i] = entry;
	}
	arena->root[arena->root_size] = LPM_NO_ROUTE;
	if (arena->window_depth > 0 && !change.failed) {
		uint32_t entry;

		change.outside = true;
		entry = build(&change, (struct key){ 0 }, 0, trie->store->root,
			trie->store->default_value);
		arena = trie->work;
		arena->root[arena->root_size] = entry;
	}
	if (change.failed) {
		pool_close(&trie->pool);
		rte_free(trie->work);
		trie->pool = old_pool;
		trie->work = old;
		return -ENOMEM;
	}
	pool_close(&old_pool);
	publish_arena(trie, arena);
	waste_free(&trie->recent);
	waste_free(&trie->waiting);
	waste_free(&trie->fresh);
	waste_free(&trie->stale);
	return 0;
}

/* The shape is looked at again when the number of routes has doubled or fallen to a quarter. */
static int
reshape(struct trie *trie)
{
	const struct pool *pool = &trie->pool;
	const struct trie_arena *arena = trie->arena;
	uint32_t count = trie->store->count;
	bool fewer = count < trie->planned_count / 4 || (count == 0 && trie->planned_count > 0);
	bool full_of_holes =
		pool->capacity - pool->used < SPARE_UNITS && pool->holes > pool->capacity / 4;
	struct shape shape;

	if (count <= 2 * trie->planned_count && !fewer && !full_of_holes)
		return 0;
	shape = choose_shape(trie);
	trie->planned_count = count;
	if (shape.window == arena->window && shape.window_depth == arena->window_depth &&
		shape.root_depth == arena->root_depth && !fewer && !full_of_holes)
		return 0;
	/* Without the memory for it the old shape has to do. */
	return rebuild(trie, &shape) == 0 ? 1 : 0;
}

static struct shape
present_shape(const struct trie *trie)
{
	return (struct shape){
		.window = trie->arena->window,
		.window_depth = trie->arena->window_depth,
		.root_depth = trie->arena->root_depth,
	};
}

static void
abandon(struct trie *trie)
{
	for (uint32_t i = 0; i < trie->fresh.count; i++)
		block_free(trie, trie->fresh.blocks[i]);
	trie->fresh.count = 0;
	trie->stale.count = 0;
}

/* After the readers can no longer come to them. */
static void
retire_stale(struct trie *trie)
{
	struct trie_waste *stale = &trie->stale;

	trie->fresh.count = 0;
	if (stale->count == 0)
		return;
	if (trie->rcu == NULL) {
		waste_release(trie, stale);
		return;
	}
	/* Room was reserved. */
	memcpy(trie->recent.blocks + trie->recent.count, stale->blocks,
		stale->count * sizeof(*stale->blocks));
	trie->recent.count += stale->count;
	stale->count = 0;
	if (trie->recent.count >= 64)
		trie_reclaim(trie);
}

static void
store_entry(uint32_t *entry, uint32_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

/* The root's entries that a prefix concerns; gives their number. */
static uint32_t
root_range(const struct trie_arena *arena, struct key key, unsigned int depth, uint32_t *first)
{
	struct key window = { .high = arena->window };

	*first = 0;
	if (!key_matches(key, window, RTE_MIN(depth, arena->window_depth)))
		return 0;
	if (depth <= arena->window_depth)
		return arena->root_size;
	*first = root_index(arena, key);
	return depth >= arena->root_depth ? 1 : 1u << (arena->root_depth - depth);
}

static bool
concerns_outside(const struct trie_arena *arena, struct key key, unsigned int depth)
{
	struct key window = { .high = arena->window };

	return arena->window_depth > 0 &&
	       (depth < arena->window_depth || !key_matches(key, window, arena->window_depth));
}

/* The entry of the root that leads to a prefix longer than the root's depth. */
static uint32_t
update_root_entry(struct change *change, uint32_t index)
{
	const struct trie *trie = change->trie;
	unsigned int depth = trie->work->root_depth;
	struct key key = root_key(trie->work, index);
	uint32_t inherited;
	uint32_t block = below(trie->store, key, depth, &inherited);

	return update(change, key, depth, trie->work->root[index], block, inherited);
}

int
trie_update(struct trie *trie, struct key key, unsigned int depth)
{
	struct change change = { .trie = trie, .key = key, .depth = depth };
	uint32_t entries[ROOT_CHANGE_MAX];
	uint32_t first, count, outside = LPM_NO_ROUTE;
	struct trie_arena *arena;
	bool has_outside;

	if (reshape(trie) > 0)
		return 0;
	count = root_range(trie->arena, key, depth, &first);
	has_outside = concerns_outside(trie->arena, key, depth);
	if (depth == 0 || count > ROOT_CHANGE_MAX) {
		struct shape shape = present_shape(trie);

		return rebuild(trie, &shape);
	}
	if (count == 1 && depth > trie->arena->root_depth)
		entries[0] = update_root_entry(&change, first);
	else
		for (uint32_t i = 0; i < count && !change.failed; i++) {
			discard(&change, trie->work->root[first + i]);
			entries[i] = build_root_entry(&change, first + i);
		}
	if (has_outside) {
		change.outside = true;
		outside = update(&change, (struct key){ 0 }, 0,
			trie->work->root[trie->work->root_size], trie->store->root,
			trie->store->default_value);
	}
	if (trie->rcu != NULL && !waste_reserve(&trie->recent, trie->stale.count))
		change.failed = true;
	if (change.failed) {
		abandon(trie);
		return -ENOMEM;
	}
	arena = trie->work;
	for (uint32_t i = 0; i < count; i++)
		if (arena->root[first + i] != entries[i])
			store_entry(&arena->root[first + i], entries[i]);
	if (has_outside)
		store_entry(&arena->root[arena->root_size], outside);
	if (change.publish_word != 0)
		store_entry((uint32_t *)arena + change.publish_word, change.publish_entry);
	retire_stale(trie);
	return 0;
}

int
trie_init(struct trie *trie, const struct store *store, bool ipv6, struct rte_rcu_qsbr *rcu,
	int socket)
{
	struct shape shape;

	memset(trie, 0, sizeof(*trie));
	trie->store = store;
	trie->ipv6 = ipv6;
	trie->rcu = rcu;
	trie->socket = socket;
	shape = choose_shape(trie);
	trie->planned_count = store->count;
	return rebuild(trie, &shape);
}

void
trie_free(struct trie *trie)
{
	while (trie->old != NULL) {
		struct trie_arena *arena = trie->old;

		trie->old = arena->older;
		rte_free(arena);
	}
	waste_free(&trie->recent);
	waste_free(&trie->waiting);
	waste_free(&trie->fresh);
	waste_free(&trie->stale);
	pool_close(&trie->pool);
	rte_free(trie->arena);
}

size_t
trie_memory(const struct trie *trie)
{
	size_t bytes = trie->arena->bytes;

	for (const struct trie_arena *arena = trie->old; arena != NULL; arena = arena->older)
		bytes += arena->bytes;
	return bytes;
}

size_t
trie_writer_memory(const struct trie *trie)
{
	return sizeof(uint32_t) * ((size_t)trie->fresh.capacity + trie->stale.capacity +
					  trie->recent.capacity + trie->waiting.capacity);
}
