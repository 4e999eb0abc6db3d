/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <string.h>

#include <rte_common.h>
#include <rte_malloc.h>

#include "lpm_wrap/lpm.h"
#include "lpm_wrap/store.h"

enum {
	NODE_UNITS = sizeof(struct store_node) / POOL_UNIT,
	FIRST_UNITS = 1,
	/* One change takes at most a block of this size, or two nodes and an array of 64 children.
	 */
	CHANGE_UNITS = POOL_BLOCK_MAX,
	LEVELS_MAX = LPM_IPV6_DEPTH_MAX / STRIDE + 1,
};
static_assert(2 * NODE_UNITS + SLOTS / 2 + 2 <= CHANGE_UNITS, "a change fits what is reserved");
static_assert(2 * SLOTS / 2 <= CHANGE_UNITS, "so do all the values of a node");

int
store_init(struct store *store, int socket)
{
	void *memory = rte_malloc_socket("lpm_store", FIRST_UNITS * POOL_UNIT, 0, socket);

	if (memory == NULL)
		return -ENOMEM;
	memset(store, 0, sizeof(*store));
	store->socket = socket;
	pool_init(&store->pool, memory, FIRST_UNITS, 1);
	return 0;
}

void
store_free(struct store *store)
{
	pool_close(&store->pool);
	rte_free(store->pool.memory);
}

size_t
store_memory(const struct store *store)
{
	return (size_t)store->pool.capacity * POOL_UNIT;
}

int
store_reserve(struct store *store)
{
	struct pool *pool = &store->pool;
	uint64_t capacity = (uint64_t)pool->capacity + pool->capacity / 4 + CHANGE_UNITS;
	void *memory;

	if (pool->capacity - pool->used >= CHANGE_UNITS)
		return 0;
	if (capacity > UINT32_MAX)
		return -ENOMEM;
	memory = rte_malloc_socket("lpm_store", capacity * POOL_UNIT, 0, store->socket);
	if (memory == NULL)
		return -ENOMEM;
	pool_close(pool);
	memcpy(memory, pool->memory, (size_t)pool->used * POOL_UNIT);
	rte_free(pool->memory);
	pool_move(pool, memory, capacity);
	return 0;
}

static struct store_node *
node_at(struct store *store, uint32_t block)
{
	return pool_at(&store->pool, block);
}

static unsigned int
array_units(unsigned int count)
{
	return (count + 1) / 2;
}

/* Puts an element into an array of count; the block may change. There must be room. */
static uint32_t
array_insert(struct pool *pool, uint32_t block, unsigned int count, unsigned int at, uint32_t value)
{
	uint32_t *array = pool_at(pool, block);

	if (count % 2 == 0) {
		uint32_t wider = pool_alloc(pool, array_units(count + 1));
		uint32_t *copy = pool_at(pool, wider);

		if (count > 0) {
			memcpy(copy, array, count * sizeof(*array));
			pool_free(pool, block, array_units(count));
		}
		block = wider;
		array = copy;
	}
	memmove(array + at + 1, array + at, (count - at) * sizeof(*array));
	array[at] = value;
	return block;
}

/* Takes one out; the block stays where it is, and is 0 when nothing is left. */
static uint32_t
array_remove(struct pool *pool, uint32_t block, unsigned int count, unsigned int at)
{
	uint32_t *array = pool_at(pool, block);

	memmove(array + at, array + at + 1, (count - at - 1) * sizeof(*array));
	if (count % 2 == 0)
		return block;
	pool_free(pool, block + count / 2, 1);
	return count == 1 ? 0 : block;
}

static unsigned int
route_count(const struct store_node *node)
{
	return __builtin_popcountll(node->routes[0]) + __builtin_popcountll(node->routes[1]);
}

static unsigned int
child_rank(const struct store_node *node, unsigned int slot)
{
	return __builtin_popcountll(node->children & ((UINT64_C(1) << slot) - 1));
}

static void
add_child(struct store *store, struct store_node *node, unsigned int slot, uint32_t child)
{
	node->child_block = array_insert(&store->pool, node->child_block,
		__builtin_popcountll(node->children), child_rank(node, slot), child);
	node->children |= UINT64_C(1) << slot;
}

static void
remove_child(struct store *store, struct store_node *node, unsigned int slot)
{
	node->child_block = array_remove(&store->pool, node->child_block,
		__builtin_popcountll(node->children), child_rank(node, slot));
	node->children &= ~(UINT64_C(1) << slot);
}

static uint32_t
new_node(struct store *store, struct key key, unsigned int level)
{
	uint32_t block = pool_alloc(&store->pool, NODE_UNITS);
	struct store_node *node = node_at(store, block);

	memset(node, 0, sizeof(*node));
	node->key = key_mask(key, level);
	node->level = level;
	return block;
}

/* The bit of a route in the node of its level. */
static unsigned int
route_bit(struct key key, unsigned int depth)
{
	unsigned int level = key_level(depth);
	unsigned int length = depth - level;

	return store_bit(length, key_slot(key, level) >> (STRIDE - length));
}

static uint32_t
set_value(struct store *store, struct store_node *node, unsigned int bit, uint32_t value)
{
	if (store_has(node, bit)) {
		uint32_t *at = store_value_at(store, node, bit);
		uint32_t old = *at;

		*at = value;
		return old;
	}
	node->value_block = array_insert(&store->pool, node->value_block, route_count(node),
		store_rank(node->routes, bit), value);
	node->routes[bit / 64] |= UINT64_C(1) << (bit % 64);
	return LPM_NO_ROUTE;
}

/*
 * Makes the node of (key, level) where the node in *link does not lie on its path: above that one,
 * or beside it below a new branch.
 */
static struct store_node *
split(struct store *store, uint32_t *link, struct key key, unsigned int level)
{
	uint32_t lower = *link;
	struct key lower_key = node_at(store, lower)->key;
	unsigned int branch = RTE_MIN(key_common(key, lower_key), node_at(store, lower)->level);
	uint32_t upper;

	branch = RTE_MIN(branch / STRIDE * STRIDE, level);
	upper = new_node(store, key, branch);
	add_child(store, node_at(store, upper), key_slot(lower_key, branch), lower);
	*link = upper;
	if (branch < level) {
		uint32_t other = new_node(store, key, level);

		add_child(store, node_at(store, upper), key_slot(key, branch), other);
		upper = other;
	}
	return node_at(store, upper);
}

/* The node of (key, level), made if need be. Memory does not move: there was room. */
static struct store_node *
make_path(struct store *store, struct key key, unsigned int level)
{
	uint32_t *link = &store->root;

	while (*link != 0) {
		struct store_node *node = node_at(store, *link);
		unsigned int slot;

		if (node->level > level || !key_matches(node->key, key, node->level))
			return split(store, link, key, level);
		if (node->level == level)
			return node;
		slot = key_slot(key, node->level);
		if (!store_has_child(node, slot)) {
			uint32_t child = new_node(store, key, level);

			add_child(store, node, slot, child);
			return node_at(store, child);
		}
		link = store_child_at(store, node, slot);
	}
	*link = new_node(store, key, level);
	return node_at(store, *link);
}

int
store_set(struct store *store, struct key key, unsigned int depth, uint32_t value, uint32_t *old)
{
	if (depth == 0) {
		*old = store->default_value;
		store->default_value = value;
	} else {
		int ret = store_reserve(store);

		if (ret < 0)
			return ret;
		*old = set_value(store, make_path(store, key, key_level(depth)),
			route_bit(key, depth), value);
	}
	store->count += *old == LPM_NO_ROUTE;
	return 0;
}

/* What has to stand in a node's place: nothing, its only child, or itself. */
static uint32_t
settle(struct store *store, uint32_t block)
{
	struct store_node *node = node_at(store, block);
	uint32_t heir = 0;

	if (route_count(node) > 0 || (node->children & (node->children - 1)) != 0)
		return block;
	if (node->children != 0) {
		unsigned int slot = __builtin_ctzll(node->children);

		heir = *store_child_at(store, node, slot);
		remove_child(store, node, slot);
	}
	pool_free(&store->pool, block, NODE_UNITS);
	return heir;
}

/* The blocks from the root to the node of (key, level); 0 if it is not there. */
static unsigned int
find_path(const struct store *store, struct key key, unsigned int level, uint32_t path[LEVELS_MAX])
{
	uint32_t block = store->root;
	unsigned int length = 0;

	while (block != 0) {
		const struct store_node *node = store_node(store, block);

		if (node->level > level || !key_matches(node->key, key, node->level))
			return 0;
		path[length++] = block;
		if (node->level == level)
			return length;
		if (!store_has_child(node, key_slot(key, node->level)))
			return 0;
		block = *store_child_at(store, node, key_slot(key, node->level));
	}
	return 0;
}

static void
settle_path(struct store *store, const uint32_t *path, unsigned int length, struct key key)
{
	while (length-- > 0) {
		uint32_t heir = settle(store, path[length]);
		struct store_node *parent;

		if (heir == path[length])
			return;
		if (length == 0) {
			store->root = heir;
			return;
		}
		parent = node_at(store, path[length - 1]);
		if (heir != 0) {
			*store_child_at(store, parent, key_slot(key, parent->level)) = heir;
			return;
		}
		remove_child(store, parent, key_slot(key, parent->level));
	}
}

uint32_t
store_remove(struct store *store, struct key key, unsigned int depth)
{
	uint32_t path[LEVELS_MAX];
	struct store_node *node;
	unsigned int length, bit;
	uint32_t old;

	if (depth == 0) {
		old = store->default_value;
		store->default_value = LPM_NO_ROUTE;
		store->count -= old != LPM_NO_ROUTE;
		return old;
	}
	length = find_path(store, key, key_level(depth), path);
	if (length == 0)
		return LPM_NO_ROUTE;
	node = node_at(store, path[length - 1]);
	bit = route_bit(key, depth);
	if (!store_has(node, bit))
		return LPM_NO_ROUTE;
	old = *store_value_at(store, node, bit);
	node->value_block = array_remove(
		&store->pool, node->value_block, route_count(node), store_rank(node->routes, bit));
	node->routes[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
	settle_path(store, path, length, key);
	store->count--;
	return old;
}

uint32_t
store_get(const struct store *store, struct key key, unsigned int depth)
{
	uint32_t path[LEVELS_MAX];
	const struct store_node *node;
	unsigned int length;

	if (depth == 0)
		return store->default_value;
	length = find_path(store, key, key_level(depth), path);
	if (length == 0)
		return LPM_NO_ROUTE;
	node = store_node(store, path[length - 1]);
	if (!store_has(node, route_bit(key, depth)))
		return LPM_NO_ROUTE;
	return *store_value_at(store, node, route_bit(key, depth));
}

/* The longest of the node's prefixes of at most max_length that covers a slot; 0 if none. */
static unsigned int
match_length(const struct store_node *node, unsigned int slot, unsigned int max_length)
{
	unsigned int length = max_length;

	while (length > 0 && !store_has(node, store_bit(length, slot >> (STRIDE - length))))
		length--;
	return length;
}

uint32_t
store_match(const struct store *store, const struct store_node *node, unsigned int slot,
	uint32_t inherited)
{
	unsigned int length = match_length(node, slot, STRIDE);

	if (length == 0)
		return inherited;
	return *store_value_at(store, node, store_bit(length, slot >> (STRIDE - length)));
}

uint32_t
store_cover(const struct store *store, struct key key, unsigned int max_depth, unsigned int *depth)
{
	uint32_t value = store->default_value;
	uint32_t block = store->root;

	*depth = 0;
	while (block != 0) {
		const struct store_node *node = store_node(store, block);
		unsigned int slot = key_slot(key, node->level);
		unsigned int length;

		if (node->level >= max_depth || !key_matches(node->key, key, node->level))
			break;
		length = match_length(
			node, slot, RTE_MIN(max_depth - node->level, (uint32_t)STRIDE));
		if (length > 0) {
			*depth = node->level + length;
			value = *store_value_at(
				store, node, store_bit(length, slot >> (STRIDE - length)));
		}
		block = store_has_child(node, slot) ? *store_child_at(store, node, slot) : 0;
	}
	return value;
}

void
store_fill(const struct store *store, const struct store_node *node, uint32_t inherited,
	uint32_t slots[SLOTS])
{
	const uint32_t *value = pool_at(&store->pool, node->value_block);

	for (unsigned int i = 0; i < SLOTS; i++)
		slots[i] = inherited;
	/* Bits in rising order are prefixes of rising length. */
	for (unsigned int word = 0; word < 2; word++) {
		for (uint64_t bits = node->routes[word]; bits != 0; bits &= bits - 1) {
			unsigned int bit = 64 * word + __builtin_ctzll(bits);
			unsigned int length = 31 - __builtin_clz(bit + 2);
			unsigned int width = SLOTS >> length;
			unsigned int first = (bit + 2 - (1u << length)) * width;

			for (unsigned int i = 0; i < width; i++)
				slots[first + i] = *value;
			value++;
		}
	}
}

uint32_t
store_child(const struct store *store, uint32_t block, unsigned int level, unsigned int slot)
{
	const struct store_node *node;

	if (block == 0)
		return 0;
	node = store_node(store, block);
	if (node->level > level)
		return key_slot(node->key, level) == slot ? block : 0;
	return store_has_child(node, slot) ? *store_child_at(store, node, slot) : 0;
}

/* Copies a node and all below it into another pool that has room. */
static uint32_t
copy_node(const struct store *store, uint32_t block, struct pool *to)
{
	const struct store_node *node = store_node(store, block);
	unsigned int children = __builtin_popcountll(node->children);
	unsigned int routes = route_count(node);
	uint32_t copy_block = pool_alloc(to, NODE_UNITS);
	struct store_node *copy = pool_at(to, copy_block);

	*copy = *node;
	if (routes > 0) {
		copy->value_block = pool_alloc(to, array_units(routes));
		memcpy(pool_at(to, copy->value_block), pool_at(&store->pool, node->value_block),
			routes * sizeof(uint32_t));
	}
	if (children > 0) {
		const uint32_t *from = pool_at(&store->pool, node->child_block);
		uint32_t *links;

		copy->child_block = pool_alloc(to, array_units(children));
		links = pool_at(to, copy->child_block);
		for (unsigned int i = 0; i < children; i++)
			links[i] = copy_node(store, from[i], to);
	}
	return copy_block;
}

void
store_shrink(struct store *store)
{
	uint32_t live = pool_live(&store->pool);
	uint32_t capacity = live + live / 4 + CHANGE_UNITS;
	struct pool pool;
	void *memory;

	if (store->root == 0)
		capacity = FIRST_UNITS;
	if (store->pool.capacity / 3 < capacity)
		return;
	memory = rte_malloc_socket("lpm_store", capacity * POOL_UNIT, 0, store->socket);
	if (memory == NULL)
		return;
	pool_init(&pool, memory, capacity, 1);
	if (store->root != 0)
		store->root = copy_node(store, store->root, &pool);
	pool_close(&store->pool);
	rte_free(store->pool.memory);
	store->pool = pool;
}
