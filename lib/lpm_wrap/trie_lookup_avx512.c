/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The look-ups of trie_lookup.c, a lane for each address. The instructions are asked for by
 * function, so that the file is built for any x86-64 and its functions called where they can run.
 */

#define ALLOW_EXPERIMENTAL_API /* rte_vect.h in 22.11 */

#include <rte_branch_prediction.h>
#include <rte_common.h>

#ifdef RTE_ARCH_X86_64

#include <immintrin.h>

#include <rte_cpuflags.h>
#include <rte_vect.h>

#include "lpm_wrap/trie_lookup.h"

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq")))
#define AVX512_INLINE static inline __attribute__((always_inline)) AVX512

/* Asked once: on a virtual machine each question is a trap, and each table asks. */
static bool
cpu_can(void)
{
	static int can = -1;

	if (can < 0)
		can = rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX512F) > 0 &&
		      rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX512BW) > 0 &&
		      rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX512DQ) > 0 &&
		      rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX512VL) > 0 &&
		      rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX512VPOPCNTDQ) > 0;
	return can;
}

/*
 * EAL's own limit is 256 bits, for processors that slow down with 512; those with VPOPCNTDQ are
 * too young for that. A lower limit is somebody's wish.
 */
bool
trie_avx512_is_supported(void)
{
	return cpu_can() && rte_vect_get_max_simd_bitwidth() >= RTE_VECT_SIMD_256;
}

/* For eight lanes that are at a node: the word in the arena of the entry of each one's slot. */
AVX512_INLINE __m512i
entry_words(const struct trie_arena *arena, __mmask8 active, __m256i entries, __m512i slots)
{
	__m512i units =
		_mm512_cvtepu32_epi64(_mm256_and_si256(entries, _mm256_set1_epi32(~TRIE_CHILD)));
	__m512i starts = _mm512_mask_i64gather_epi64(
		_mm512_setzero_si512(), active, units, arena, sizeof(uint64_t));
	__m512i rank = _mm512_popcnt_epi64(
		_mm512_sllv_epi64(starts, _mm512_sub_epi64(_mm512_set1_epi64(SLOTS - 1), slots)));

	/* The entries begin two words behind the node, the rank counts from one. */
	return _mm512_add_epi64(
		_mm512_add_epi64(_mm512_slli_epi64(units, 1), _mm512_set1_epi64(1)), rank);
}

/* At most so many vectors go down together: the gathers of one hide the latency of the others'. */
#define GROUPS_MAX 4

/* The lanes of group g for n addresses; a constant where n is one. */
AVX512_INLINE unsigned int
lanes_of(unsigned int n, unsigned int g, unsigned int width)
{
	unsigned int before = g * width;

	return n <= before ? 0 : n >= before + width ? (1u << width) - 1 : (1u << (n - before)) - 1;
}

AVX512_INLINE void
walk_ipv4(const struct trie_arena *arena, const uint32_t *addresses, uint32_t *values,
	unsigned int n, const int groups)
{
	const __m512i window = _mm512_set1_epi32(arena->window_ipv4);
	const __m512i size = _mm512_set1_epi32(arena->root_size);
	const __m128i shift = _mm_cvtsi32_si128(arena->ipv4_shift);
	const __m128i depth = _mm_cvtsi32_si128(arena->root_depth);
	__m512i entries[GROUPS_MAX], index[GROUPS_MAX], rest[GROUPS_MAX];
	unsigned int active = 0;

	for (int g = 0; g < groups; g++) {
		rest[g] = _mm512_maskz_loadu_epi32(lanes_of(n, g, 16), addresses + 16 * g);
		index[g] = _mm512_srl_epi32(_mm512_xor_si512(rest[g], window), shift);
		entries[g] = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), lanes_of(n, g, 16),
			_mm512_min_epu32(index[g], size), arena->root, sizeof(uint32_t));
		_mm512_mask_storeu_epi32(values + 16 * g, lanes_of(n, g, 16), entries[g]);
	}
	for (int g = 0; g < groups; g++)
		active |= _mm512_movepi32_mask(entries[g]);
	if (active == 0)
		return;
	for (int g = 0; g < groups; g++)
		rest[g] = _mm512_mask_sll_epi32(
			rest[g], _mm512_cmplt_epu32_mask(index[g], size), rest[g], depth);
	while (active != 0) {
		__m512i words[GROUPS_MAX][2];
		__mmask16 mask[GROUPS_MAX];

		for (int g = 0; g < groups; g++) {
			__m512i slots = _mm512_srli_epi32(rest[g], 32 - STRIDE);

			mask[g] = _mm512_movepi32_mask(entries[g]);
			words[g][0] =
				entry_words(arena, mask[g], _mm512_castsi512_si256(entries[g]),
					_mm512_cvtepu32_epi64(_mm512_castsi512_si256(slots)));
			words[g][1] = entry_words(arena, mask[g] >> 8,
				_mm512_extracti64x4_epi64(entries[g], 1),
				_mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(slots, 1)));
		}
		active = 0;
		for (int g = 0; g < groups; g++) {
			__m256i low =
				_mm512_mask_i64gather_epi32(_mm512_castsi512_si256(entries[g]),
					mask[g], words[g][0], arena, sizeof(uint32_t));
			__m256i high = _mm512_mask_i64gather_epi32(
				_mm512_extracti64x4_epi64(entries[g], 1), mask[g] >> 8, words[g][1],
				arena, sizeof(uint32_t));

			entries[g] = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
			rest[g] = _mm512_slli_epi32(rest[g], STRIDE);
			active |= _mm512_movepi32_mask(entries[g]);
		}
	}
	for (int g = 0; g < groups; g++)
		_mm512_mask_storeu_epi32(values + 16 * g, lanes_of(n, g, 16), entries[g]);
}

AVX512 void
trie_avx512_ipv4(const void *state, const uint32_t *addresses, uint32_t *values, unsigned int n)
{
	const struct trie_arena *arena = trie_arena_of(state);

	for (; n >= 64; n -= 64, addresses += 64, values += 64)
		walk_ipv4(arena, addresses, values, 64, 4);
	if (n >= 32) {
		walk_ipv4(arena, addresses, values, 32, 2);
		addresses += 32;
		values += 32;
		n -= 32;
	}
	if (n > 16)
		walk_ipv4(arena, addresses, values, n, 2);
	else if (n > 0)
		walk_ipv4(arena, addresses, values, n, 1);
}

/* Two vectors of four addresses each to one of first halves and one of second halves. */
AVX512_INLINE void
split_ipv6(__m512i a, __m512i b, __m512i *high, __m512i *low)
{
	const __m512i swap = _mm512_broadcast_i32x4(
		_mm_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
	const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);

	a = _mm512_shuffle_epi8(a, swap);
	b = _mm512_shuffle_epi8(b, swap);
	*high = _mm512_permutex2var_epi64(a, even, b);
	*low = _mm512_permutex2var_epi64(a, _mm512_or_si512(even, _mm512_set1_epi64(1)), b);
}

/* Lanes that are at a skip, with their next bits at the top of high, go to its end. */
AVX512_INLINE __m256i
take_skips(const struct trie_arena *arena, __mmask8 active, __m256i entries, __m512i *high,
	__m512i *low)
{
	__m512i units =
		_mm512_cvtepu32_epi64(_mm256_and_si256(entries, _mm256_set1_epi32(TRIE_UNIT)));
	__m512i zero = _mm512_setzero_si512();
	__m512i bits = _mm512_mask_i64gather_epi64(zero, active, units, arena, sizeof(uint64_t));
	__m512i ends = _mm512_mask_i64gather_epi64(
		zero, active, units, (const uint64_t *)arena + 1, sizeof(uint64_t));
	__m512i depth = _mm512_and_si512(bits, _mm512_set1_epi64(SLOTS - 1));
	__m512i rest = _mm512_sub_epi64(_mm512_set1_epi64(64), depth);
	__m512i differ = _mm512_srlv_epi64(_mm512_xor_si512(bits, *high), rest);
	__mmask8 below = _mm512_mask_testn_epi64_mask(active, differ, differ);

	/* What is aside comes first. */
	ends = _mm512_mask_srli_epi64(ends, below, ends, 32);
	*high = _mm512_mask_or_epi64(
		*high, below, _mm512_sllv_epi64(*high, depth), _mm512_srlv_epi64(*low, rest));
	*low = _mm512_mask_sllv_epi64(*low, below, *low, depth);
	return _mm256_mask_mov_epi32(entries, active, _mm512_cvtepi64_epi32(ends));
}

AVX512_INLINE __mmask8
at_skips(__m256i entries)
{
	return _mm256_test_epi32_mask(entries, _mm256_set1_epi32(TRIE_SKIP));
}

AVX512_INLINE bool
any_skips(const __m256i entries[GROUPS_MAX], const int groups)
{
	__m256i all = entries[0];

	for (int g = 1; g < groups; g++)
		all = _mm256_or_si256(all, entries[g]);
	return !_mm256_testz_si256(all, _mm256_set1_epi32(TRIE_SKIP));
}

AVX512_INLINE void
walk_ipv6(const struct trie_arena *arena, const uint8_t (*addresses)[16], uint32_t *values,
	unsigned int n, const int groups)
{
	const __m512i window = _mm512_set1_epi64(arena->window);
	const __m512i size = _mm512_set1_epi64(arena->root_size);
	const __m128i shift = _mm_cvtsi32_si128(arena->ipv6_shift);
	const __m128i depth = _mm_cvtsi32_si128(arena->root_depth);
	__m512i high[GROUPS_MAX], low[GROUPS_MAX];
	__m256i entries[GROUPS_MAX];
	unsigned int active = 0;

	for (int g = 0; g < groups; g++) {
		__mmask16 halves = lanes_of(2 * n, g, 16);
		__m512i index;
		__mmask8 inside;

		split_ipv6(_mm512_maskz_loadu_epi64(halves, addresses + 8 * g),
			_mm512_maskz_loadu_epi64(halves >> 8, addresses + 8 * g + 4), &high[g],
			&low[g]);
		index = _mm512_srl_epi64(_mm512_xor_si512(high[g], window), shift);
		inside = _mm512_cmplt_epu64_mask(index, size);
		entries[g] = _mm512_mask_i64gather_epi32(_mm256_setzero_si256(), lanes_of(n, g, 8),
			_mm512_min_epu64(index, size), arena->root, sizeof(uint32_t));
		/* The bits below the root come to the top; depth is at most 60. */
		high[g] = _mm512_mask_or_epi64(high[g], inside, _mm512_sll_epi64(high[g], depth),
			_mm512_srl_epi64(low[g], shift));
		low[g] = _mm512_mask_sll_epi64(low[g], inside, low[g], depth);
	}
	for (int g = 0; g < groups; g++)
		active += __builtin_popcount(_mm256_movepi32_mask(entries[g]));
	while (active > TRIE_STRAGGLERS) {
		__m512i words[GROUPS_MAX];
		__mmask8 mask[GROUPS_MAX];

		while (unlikely(any_skips(entries, groups)))
			for (int g = 0; g < groups; g++)
				entries[g] = take_skips(
					arena, at_skips(entries[g]), entries[g], &high[g], &low[g]);
		for (int g = 0; g < groups; g++) {
			mask[g] = _mm256_movepi32_mask(entries[g]);
			words[g] = entry_words(arena, mask[g], entries[g],
				_mm512_srli_epi64(high[g], 64 - STRIDE));
			high[g] = _mm512_or_si512(_mm512_slli_epi64(high[g], STRIDE),
				_mm512_srli_epi64(low[g], 64 - STRIDE));
			low[g] = _mm512_slli_epi64(low[g], STRIDE);
		}
		active = 0;
		for (int g = 0; g < groups; g++) {
			entries[g] = _mm512_mask_i64gather_epi32(
				entries[g], mask[g], words[g], arena, sizeof(uint32_t));
			active += __builtin_popcount(_mm256_movepi32_mask(entries[g]));
		}
	}
	for (int g = 0; g < groups; g++) {
		uint64_t highs[8], lows[8];

		_mm256_mask_storeu_epi32(values + 8 * g, lanes_of(n, g, 8), entries[g]);
		if (active == 0 || _mm256_movepi32_mask(entries[g]) == 0)
			continue;
		_mm512_storeu_si512(highs, high[g]);
		_mm512_storeu_si512(lows, low[g]);
		trie_finish(arena, values + 8 * g, _mm256_movepi32_mask(entries[g]), highs, lows);
	}
}

AVX512 void
trie_avx512_ipv6(
	const void *state, const uint8_t (*addresses)[16], uint32_t *values, unsigned int n)
{
	const struct trie_arena *arena = trie_arena_of(state);

	for (; n >= 32; n -= 32, addresses += 32, values += 32)
		walk_ipv6(arena, addresses, values, 32, 4);
	if (n >= 16) {
		walk_ipv6(arena, addresses, values, 16, 2);
		addresses += 16;
		values += 16;
		n -= 16;
	}
	if (n > 8)
		walk_ipv6(arena, addresses, values, n, 2);
	else if (n > 0)
		walk_ipv6(arena, addresses, values, n, 1);
}

#endif
