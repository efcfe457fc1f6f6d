/*
 * Includes alloc.c, and after each of many random calls compares its bookkeeping
 * with what the layout of the page implies: the same layout, the same bookkeeping.
 */
#include <stdlib.h>

#include "alloc.c"

static int owner[UNITS]; /* 1 + first unit of the chunk that has this unit; 0: free */

static int end_of(int first)
{
	int end = first;

	while (end < UNITS && owner[end] == owner[first])
		end++;
	return end;
}

static bool is_described(int unit, int offset, int size, bool is_free)
{
	return chunks[unit].offset == offset && chunks[unit].size == size && chunks[unit].free == is_free;
}

static bool has_bit(uint32_t word, int bit)
{
	return (word >> bit & 1) != 0;
}

static bool is_as_laid_out(void)
{
	for (int first = 0; first < UNITS; first = end_of(first)) {
		int end = end_of(first);
		bool is_free = owner[first] == 0;

		for (int unit = first; unit < end; unit++) {
			bool is_end = unit == end - 1;

			if (unit == first || is_end ? !is_described(unit, first, end - first, is_free)
			                            : !is_described(unit, 0, 0, false))
				return false;
			if (has_bit(free_ends[unit / WORD_BITS], unit % WORD_BITS) != (is_end && is_free))
				return false;
		}
	}
	for (int word = 0; word < WORDS; word++)
		if (has_bit(free_words, word) != (free_ends[word] != 0))
			return false;
	return true;
}

static bool is_all_zero(void)
{
	for (int unit = 0; unit < UNITS; unit++)
		if (!is_described(unit, 0, 0, false) || free_ends[unit / WORD_BITS] != 0)
			return false;
	return free_words == 0 && page == NULL;
}

static void random_call(int most_units, int alloc_percent)
{
	int unit = rand() % UNITS, units = 1 + rand() % most_units, new_owner = 0;

	if (rand() % 100 < alloc_percent) {
		char *chunk = alloc(units * MINALLOC);

		if (chunk == NULL)
			return;
		unit = (int)(chunk - page) / MINALLOC;
		new_owner = unit + 1;
	} else if (owner[unit] != 0) {
		unit = owner[unit] - 1;
		units = end_of(unit) - unit;
		dealloc(page + unit * MINALLOC);
	} else {
		return;
	}
	for (int i = unit; i < unit + units; i++)
		owner[i] = new_owner;
}

int main(void)
{
	enum { LIVES = 200, CALLS = 2000 };

	for (int life = 0; life < LIVES; life++) {
		int most_units = 1 << life % 10, alloc_percent = 30 + life % 7 * 10;

		memset(owner, 0, sizeof owner);
		if (init() != 0 || !is_as_laid_out())
			return 1;
		for (int i = 0; i < CALLS; i++) {
			random_call(most_units, alloc_percent);
			if (!is_as_laid_out())
				return 1;
		}
		if (cleanup() != 0 || !is_all_zero())
			return 1;
	}
	return 0;
}
