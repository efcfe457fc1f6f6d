/*
 * First fit with boundary tags (Knuth, The Art of Computer Programming, vol. 1,
 * section 2.5), kept outside the page so that all of it can be handed out.
 *
 * 1. The page is 512 units of 8 bytes. A chunk is a run of units, free or in
 *    use as a whole. Chunks tile the page, and no two free ones are neighbours.
 * 2. chunks[u] describes the chunk whose first or last unit is u; it is all
 *    zero inside a chunk, and everywhere while there is no page. So a pointer
 *    is checked, and both its neighbours are found, in constant time.
 * 3. Bit u of free_ends is set where a free chunk ends with unit u, and bit w
 *    of free_words where word w of free_ends is not zero. So first fit looks at
 *    free chunks alone. A free chunk is known by its end because that stays
 *    where it is when alloc() takes the front, and when dealloc() puts it back.
 *
 * The same layout always has the same bookkeeping, whatever calls led to it.
 * A page with three chunks: 24 bytes in use, 16 bytes free, the rest in use.
 *
 *     unit           0    1    2     3    4     5    6   ...  510  511
 *     page        [    in use    ][  free  ][         in use          ]
 *     chunks
 *       offset       0    0    0     3    3     5    0   ...    0    5
 *       size         3    0    3     2    2   507    0   ...    0  507
 *       free         0    0    0     1    1     0    0   ...    0    0
 *     free_ends      0    0    0     0    1     0    0   ...    0    0
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#ifndef MAP_ANONYMOUS /* not shown in strict C, nor by POSIX before 2024 */
#include <asm/mman.h>
#endif

#include "alloc.h"

#define UNITS (PAGESIZE / MINALLOC)
#define WORD_BITS 32
#define WORDS (UNITS / WORD_BITS)
#if PAGESIZE % MINALLOC != 0 || UNITS % WORD_BITS != 0 || WORDS > WORD_BITS
#error "the page must be whole units, and their bits fill 1 to 32 words"
#endif

struct chunk {
	uint16_t offset; /* units from the start of the page */
	uint16_t size;   /* units */
	bool free;
};

static char *page; /* NULL while there is none */
static struct chunk chunks[UNITS];
static uint32_t free_ends[WORDS];
static uint32_t free_words;

/*
 * The index of the lowest set bit; there must be one. A de Bruijn sequence tells
 * it in the product's top 5 bits. ffs() would do, but is a call in strict C, and
 * that costs more than all else done for a free chunk.
 */
static size_t lowest_bit(uint32_t bits)
{
	static const unsigned char position[WORD_BITS] = {
		0, 1, 28, 2, 29, 14, 24, 3, 30, 22, 20, 15, 25, 17, 4, 8,
		31, 27, 13, 23, 21, 19, 16, 7, 26, 12, 18, 6, 11, 5, 10, 9
	};
	return position[(bits & -bits) * 0x077CB531u >> 27];
}

/* Only the next four functions write the bookkeeping, except that cleanup() clears it. */
static inline void describe(unsigned unit, unsigned offset, unsigned size, bool free)
{
	chunks[unit].offset = (uint16_t)offset;
	chunks[unit].size = (uint16_t)size;
	chunks[unit].free = free;
}

static inline void set_free_end(unsigned unit, bool free)
{
	uint32_t *word = &free_ends[unit / WORD_BITS];
	uint32_t bit = (uint32_t)1 << unit % WORD_BITS;

	if (((*word & bit) != 0) == free)
		return; /* the usual case; skipping the stores is faster */
	*word ^= bit;
	if (*word != 0)
		free_words |= (uint32_t)1 << unit / WORD_BITS;
	else
		free_words &= ~((uint32_t)1 << unit / WORD_BITS);
}

/* Makes `size` units at `offset` one chunk, free or in use. */
static inline void set_chunk(unsigned offset, unsigned size, bool free)
{
	unsigned last = offset + size - 1;

	describe(offset, offset, size, free);
	describe(last, offset, size, free);
	set_free_end(last, free);
}

/* Two chunks met where `unit` starts; now that is inside one. */
static void erase_boundary(unsigned unit)
{
	describe(unit - 1, 0, 0, false);
	describe(unit, 0, 0, false);
	set_free_end(unit - 1, false);
}

/* The free chunk of `size` units or more with the lowest address, or NULL. */
static const struct chunk *first_fit(unsigned size)
{
	for (uint32_t words = free_words; words != 0; words &= words - 1) {
		size_t word = lowest_bit(words);

		for (uint32_t ends = free_ends[word]; ends != 0; ends &= ends - 1) {
			const struct chunk *chunk = &chunks[word * WORD_BITS + lowest_bit(ends)];

			if (chunk->size >= size)
				return chunk;
		}
	}
	return NULL;
}

/* The chunk in use that starts at `start`, or NULL. */
static const struct chunk *find_in_use(const char *start)
{
	uintptr_t offset = (uintptr_t)start - (uintptr_t)page; /* bytes */
	uintptr_t unit = offset / MINALLOC;

	if (page == NULL || offset % MINALLOC != 0 || unit >= UNITS)
		return NULL;
	if (chunks[unit].offset != unit || chunks[unit].free) /* only a first unit names itself */
		return NULL;
	return &chunks[unit];
}

int init(void)
{
	if (page != NULL) {
		errno = EALREADY;
		return -1;
	}
	void *mapped = mmap(NULL, PAGESIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapped == MAP_FAILED)
		return -1;
	page = (char *)mapped;
	set_chunk(0, UNITS, true);
	return 0;
}

int cleanup(void)
{
	if (page == NULL) {
		errno = EINVAL;
		return -1;
	}
	if (munmap(page, PAGESIZE) != 0)
		return -1;
	page = NULL;
	memset(chunks, 0, sizeof chunks);
	memset(free_ends, 0, sizeof free_ends);
	free_words = 0;
	return 0;
}

char *alloc(int size)
{
	if (page == NULL || size <= 0 || size % MINALLOC != 0) {
		errno = EINVAL;
		return NULL;
	}
	unsigned units = (unsigned)size / MINALLOC;
	const struct chunk *found = first_fit(units);
	if (found == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	unsigned offset = found->offset, rest = found->size - units;
	set_chunk(offset, units, false);
	if (rest > 0)
		set_chunk(offset + units, rest, true);
	return page + (size_t)offset * MINALLOC;
}

void dealloc(char *chunk)
{
	if (chunk == NULL)
		return;
	const struct chunk *freed = find_in_use(chunk);
	if (freed == NULL) {
		(void)fprintf(stderr, "dealloc: %p is not the start of a chunk in use\n", (void *)chunk);
		errno = EINVAL;
		return;
	}
	unsigned first = freed->offset, next = first + freed->size;
	unsigned start = first, end = next; /* of the free chunk that it becomes */
	if (first > 0 && chunks[first - 1].free) {
		start = chunks[first - 1].offset;
		erase_boundary(first);
	}
	if (next < UNITS && chunks[next].free) {
		end += chunks[next].size;
		erase_boundary(next);
	}
	set_chunk(start, end - start, true);
}
