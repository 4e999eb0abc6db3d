/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 *
 * The look-ups of trie_lookup_avx512.c for processors with AVX2 only. An entry's highest bit,
 * which says that it leads to a node, is also what a masked gather looks at.
 */

#include <rte_branch_prediction.h>
#include <rte_common.h>

#ifdef RTE_ARCH_X86_64

#include <immintrin.h>

#define ALLOW_EXPERIMENTAL_API /* rte_vect.h in 22.11 */
#include <rte_cpuflags.h>
#include <rte_vect.h>

#include "lpm_wrap/trie_lookup.h"

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE static inline __attribute__((always_inline)) AVX2

/* Vectors that go down together: the gathers of one hide the latency of the others'. */
#define GROUPS 4

bool
trie_avx2_is_supported(void)
{
	return rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX2) > 0 &&
	       rte_vect_get_max_simd_bitwidth() >= RTE_VECT_SIMD_256;
}

/* Bits set in each of four words: a table look-up for each half byte, as W. Mula has it. */
AVX2_INLINE __m256i
count_bits(__m256i words)
{
	const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1,
		1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
	const __m256i nibble = _mm256_set1_epi8(15);
	__m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(words, nibble));
	__m256i high =
		_mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi32(words, 4), nibble));

	return _mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256());
}

/* For four lanes, those at a node: the word in the arena of the entry of each one's slot. */
AVX2_INLINE __m256i
entry_words(const struct trie_arena *arena, __m128i entries, __m256i slots)
{
	__m256i mask = _mm256_cvtepi32_epi64(entries);
	__m256i units = _mm256_and_si256(mask, _mm256_set1_epi64x(~TRIE_CHILD & UINT32_MAX));
	__m256i starts = _mm256_mask_i64gather_epi64(_mm256_setzero_si256(),
		(const long long *)(const void *)arena, units, mask, sizeof(uint64_t));
	__m256i rank = count_bits(
		_mm256_sllv_epi64(starts, _mm256_sub_epi64(_mm256_set1_epi64x(SLOTS - 1), slots)));

	/* The entries begin two words behind the node, the rank counts from one. */
	return _mm256_add_epi64(
		_mm256_add_epi64(_mm256_slli_epi64(units, 1), _mm256_set1_epi64x(1)), rank);
}

AVX2_INLINE __m128i
next_entries(const struct trie_arena *arena, __m128i entries, __m256i words)
{
	return _mm256_mask_i64gather_epi32(
		entries, (const int *)(const void *)arena, words, entries, sizeof(uint32_t));
}

AVX2_INLINE unsigned int
open_lanes(__m256i entries)
{
	return _mm256_movemask_ps(_mm256_castsi256_ps(entries));
}

AVX2_INLINE void
walk_ipv4(const struct trie_arena *arena, const uint32_t *addresses, uint32_t *values,
	const int groups)
{
	const __m256i window = _mm256_set1_epi32(arena->window_ipv4);
	const __m256i size = _mm256_set1_epi32(arena->root_size);
	const __m256i depth = _mm256_set1_epi32(arena->root_depth);
	const __m128i shift = _mm_cvtsi32_si128(arena->ipv4_shift);
	__m256i entries[GROUPS], index[GROUPS], rest[GROUPS];
	unsigned int open = 0;

	for (int g = 0; g < groups; g++) {
		rest[g] = _mm256_loadu_si256((const __m256i *)(const void *)(addresses + 8 * g));
		index[g] = _mm256_min_epu32(
			_mm256_srl_epi32(_mm256_xor_si256(rest[g], window), shift), size);
		entries[g] = _mm256_i32gather_epi32(
			(const int *)(const void *)arena->root, index[g], sizeof(uint32_t));
		open |= open_lanes(entries[g]);
	}
	/* Inside the window the root has used up its bits. */
	if (open != 0)
		for (int g = 0; g < groups; g++)
			rest[g] = _mm256_sllv_epi32(rest[g],
				_mm256_andnot_si256(_mm256_cmpeq_epi32(index[g], size), depth));
	while (open != 0) {
		__m256i words[GROUPS][2];

		for (int g = 0; g < groups; g++) {
			__m256i slots = _mm256_srli_epi32(rest[g], 32 - STRIDE);

			words[g][0] = entry_words(arena, _mm256_castsi256_si128(entries[g]),
				_mm256_cvtepu32_epi64(_mm256_castsi256_si128(slots)));
			words[g][1] = entry_words(arena, _mm256_extracti128_si256(entries[g], 1),
				_mm256_cvtepu32_epi64(_mm256_extracti128_si256(slots, 1)));
			rest[g] = _mm256_slli_epi32(rest[g], STRIDE);
		}
		open = 0;
		for (int g = 0; g < groups; g++) {
			entries[g] = _mm256_set_m128i(
				next_entries(arena, _mm256_extracti128_si256(entries[g], 1),
					words[g][1]),
				next_entries(
					arena, _mm256_castsi256_si128(entries[g]), words[g][0]));
			open |= open_lanes(entries[g]);
		}
	}
	for (int g = 0; g < groups; g++)
		_mm256_storeu_si256((__m256i *)(void *)(values + 8 * g), entries[g]);
}

AVX2 void
trie_avx2_ipv4(const void *state, const uint32_t *addresses, uint32_t *values, unsigned int n)
{
	const struct trie_arena *arena = trie_arena_of(state);

	for (; n >= 8 * GROUPS; n -= 8 * GROUPS) {
		walk_ipv4(arena, addresses, values, GROUPS);
		addresses += 8 * GROUPS;
		values += 8 * GROUPS;
	}
	for (; n >= 8; n -= 8, addresses += 8, values += 8)
		walk_ipv4(arena, addresses, values, 1);
	for (unsigned int i = 0; i < n; i++)
		values[i] = trie_one_ipv4(arena, addresses[i]);
}

AVX2_INLINE unsigned int
open_halves(__m128i entries)
{
	return _mm_movemask_ps(_mm_castsi128_ps(entries));
}

/* Four addresses to their first and second halves. */
AVX2_INLINE void
split_ipv6(const uint8_t (*addresses)[16], __m256i *high, __m256i *low)
{
	const __m256i swap = _mm256_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8,
		7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
	__m256i a = _mm256_shuffle_epi8(
		_mm256_loadu_si256((const __m256i *)(const void *)addresses), swap);
	__m256i b = _mm256_shuffle_epi8(
		_mm256_loadu_si256((const __m256i *)(const void *)(addresses + 2)), swap);

	*high = _mm256_permute4x64_epi64(_mm256_unpacklo_epi64(a, b), 0xd8);
	*low = _mm256_permute4x64_epi64(_mm256_unpackhi_epi64(a, b), 0xd8);
}

AVX2_INLINE bool
any_skips(const __m128i entries[GROUPS], const int groups)
{
	__m128i all = entries[0];

	for (int g = 1; g < groups; g++)
		all = _mm_or_si128(all, entries[g]);
	return !_mm_testz_si128(all, _mm_set1_epi32(TRIE_SKIP));
}

/* Lanes that are at a skip, with their next bits at the top of high, go to its end. */
AVX2_INLINE __m128i
take_skips(const struct trie_arena *arena, __m128i entries, __m256i *high, __m256i *low)
{
	__m128i at_skip = _mm_srai_epi32(_mm_slli_epi32(entries, 1), 31);
	__m256i active = _mm256_cvtepi32_epi64(at_skip);
	__m256i units = _mm256_cvtepu32_epi64(_mm_and_si128(entries, _mm_set1_epi32(TRIE_UNIT)));
	const long long *words = (const long long *)(const void *)arena;
	__m256i zero = _mm256_setzero_si256();
	__m256i bits = _mm256_mask_i64gather_epi64(zero, words, units, active, sizeof(*words));
	__m256i ends = _mm256_mask_i64gather_epi64(zero, words + 1, units, active, sizeof(*words));
	__m256i depth = _mm256_and_si256(bits, _mm256_set1_epi64x(SLOTS - 1));
	__m256i rest = _mm256_sub_epi64(_mm256_set1_epi64x(64), depth);
	__m256i differ = _mm256_srlv_epi64(_mm256_xor_si256(bits, *high), rest);
	__m256i below = _mm256_and_si256(_mm256_cmpeq_epi64(differ, zero), active);
	__m256i carried = _mm256_and_si256(_mm256_srlv_epi64(*low, rest), below);

	/* What is aside comes first. Lanes that stay are shifted by no bit. */
	depth = _mm256_and_si256(depth, below);
	*high = _mm256_or_si256(_mm256_sllv_epi64(*high, depth), carried);
	*low = _mm256_sllv_epi64(*low, depth);
	ends = _mm256_srlv_epi64(ends, _mm256_and_si256(below, _mm256_set1_epi64x(32)));
	ends = _mm256_permutevar8x32_epi32(ends, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
	return _mm_blendv_epi8(entries, _mm256_castsi256_si128(ends), at_skip);
}

AVX2_INLINE void
walk_ipv6(const struct trie_arena *arena, const uint8_t (*addresses)[16], uint32_t *values,
	const int groups)
{
	const __m256i window = _mm256_set1_epi64x(arena->window);
	const __m256i size = _mm256_set1_epi64x(arena->root_size);
	const __m128i shift = _mm_cvtsi32_si128(arena->ipv6_shift);
	const __m256i depth = _mm256_set1_epi64x(arena->root_depth);
	__m256i high[GROUPS], low[GROUPS];
	__m128i entries[GROUPS];
	unsigned int open = 0;

	for (int g = 0; g < groups; g++) {
		__m256i index, inside, carried;

		split_ipv6(addresses + 4 * g, &high[g], &low[g]);
		index = _mm256_srl_epi64(_mm256_xor_si256(high[g], window), shift);
		inside = _mm256_cmpgt_epi64(size, index);
		index = _mm256_blendv_epi8(size, index, inside);
		entries[g] = _mm256_i64gather_epi32(
			(const int *)(const void *)arena->root, index, sizeof(uint32_t));
		open += __builtin_popcount(open_halves(entries[g]));
		/* Inside the window the bits below the root come to the top. */
		carried = _mm256_and_si256(_mm256_srl_epi64(low[g], shift), inside);
		high[g] = _mm256_or_si256(
			_mm256_sllv_epi64(high[g], _mm256_and_si256(depth, inside)), carried);
		low[g] = _mm256_sllv_epi64(low[g], _mm256_and_si256(depth, inside));
	}
	while (open > TRIE_STRAGGLERS) {
		__m256i words[GROUPS];

		while (unlikely(any_skips(entries, groups)))
			for (int g = 0; g < groups; g++)
				entries[g] = take_skips(arena, entries[g], &high[g], &low[g]);
		for (int g = 0; g < groups; g++) {
			words[g] = entry_words(
				arena, entries[g], _mm256_srli_epi64(high[g], 64 - STRIDE));
			high[g] = _mm256_or_si256(_mm256_slli_epi64(high[g], STRIDE),
				_mm256_srli_epi64(low[g], 64 - STRIDE));
			low[g] = _mm256_slli_epi64(low[g], STRIDE);
		}
		open = 0;
		for (int g = 0; g < groups; g++) {
			entries[g] = next_entries(arena, entries[g], words[g]);
			open += __builtin_popcount(open_halves(entries[g]));
		}
	}
	for (int g = 0; g < groups; g++) {
		uint64_t highs[4], lows[4];

		_mm_storeu_si128((__m128i *)(void *)(values + 4 * g), entries[g]);
		if (open == 0 || open_halves(entries[g]) == 0)
			continue;
		_mm256_storeu_si256((__m256i *)highs, high[g]);
		_mm256_storeu_si256((__m256i *)lows, low[g]);
		trie_finish(arena, values + 4 * g, open_halves(entries[g]), highs, lows);
	}
}

AVX2 void
trie_avx2_ipv6(const void *state, const uint8_t (*addresses)[16], uint32_t *values, unsigned int n)
{
	const struct trie_arena *arena = trie_arena_of(state);

	for (; n >= 4 * GROUPS; n -= 4 * GROUPS) {
		walk_ipv6(arena, addresses, values, GROUPS);
		addresses += 4 * GROUPS;
		values += 4 * GROUPS;
	}
	for (; n >= 4; n -= 4, addresses += 4, values += 4)
		walk_ipv6(arena, addresses, values, 1);
	for (unsigned int i = 0; i < n; i++)
		values[i] = trie_one_ipv6(arena, addresses[i]);
}

#endif
