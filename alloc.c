/*
 * First fit with boundary tags (Knuth, The Art of Computer Programming, vol. 1,
 * section 2.5), kept outside the page so that all of it can be handed out.
 *
 * 1. The page is 512 units of 8 bytes. A chunk is a run of units, free or in
 *    use as a whole. Chunks tile the page, and no two free ones are neighbours.
 * 2. chunks[u] describes the chunk that starts with unit u, or the free chunk
 *    that ends with it. All else is zero: inside a chunk, where a chunk in use
 *    ends, before and after the page, and everywhere while there is no page.
 *    So a pointer is checked, and free neighbours are found, in constant time.
 * 3. Bit u of free_ends is set where a free chunk ends with unit u, and bit w
 *    of free_words where word w of free_ends is not zero. So first fit looks at
 *    free chunks alone. A free chunk is known by its end because that stays
 *    where it is when alloc() takes the front, and when dealloc() puts it back.
 *
 * The same layout always has the same bookkeeping, whatever calls led to it.
 * A page with three chunks: 24 bytes in use, 16 bytes free, the rest in use.
 *
 *     unit          -1    0    1    2     3    4     5    6   ...  511  512
 *     page             [    in use    ][  free  ][      in use       ]
 *     chunks
 *       offset       0    0    0    0     3    3     5    0   ...    0    0
 *       size         0    3    0    0     2    2   507    0   ...    0    0
 *       free         0    0    0    0     1    1     0    0   ...    0    0
 *     free_ends           0    0    0     0    1     0    0   ...    0
 */
#define _DEFAULT_SOURCE 1 /* shows MAP_ANONYMOUS and ffs() in strict C too */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <strings.h>

#include "alloc.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer) /* clang's way to say __SANITIZE_ADDRESS__ */
#define SANITIZE_ADDRESS
#endif
#endif
#if defined SANITIZE_ADDRESS || defined __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(start, bytes)
#define ASAN_UNPOISON_MEMORY_REGION(start, bytes)
#endif

#define UNITS (PAGESIZE / MINALLOC)
#define WORD_BITS 32
#define WORDS ((UNITS + WORD_BITS - 1) / WORD_BITS)
#if MINALLOC % 8 != 0 || UNITS < 1 || PAGESIZE % MINALLOC != 0 || WORDS > WORD_BITS
#error "MINALLOC must be a multiple of 8, and PAGESIZE MINALLOC times a whole number from 1 to 1024"
#endif

struct chunk {
	uint16_t offset; /* units from the start of the page */
	uint16_t size;   /* units; 0: no chunk is described here */
	bool free;
};

static char *page; /* NULL while there is none */
static struct chunk tags[1 + UNITS + 1]; /* one for each unit, between the two edges of the page */
static struct chunk *const chunks = tags + 1;
static uint32_t free_ends[WORDS];
static uint32_t free_words;

static inline uint32_t bit(unsigned index)
{
	return (uint32_t)1 << index % WORD_BITS;
}

/* The index of the lowest set bit; there must be one. */
static inline unsigned lowest_bit(uint32_t bits)
{
	return (unsigned)ffs((int)bits) - 1;
}

/* Only the next five functions write the bookkeeping, except that cleanup() clears it. */
static inline void describe(unsigned unit, unsigned offset, unsigned size, bool free)
{
	chunks[unit].offset = (uint16_t)offset;
	chunks[unit].size = (uint16_t)size;
	chunks[unit].free = free;
}

static inline void describe_in_use(unsigned offset, unsigned size)
{
	describe(offset, offset, size, false);
	ASAN_UNPOISON_MEMORY_REGION(page + (size_t)offset * MINALLOC, (size_t)size * MINALLOC);
}

static inline void describe_free(unsigned offset, unsigned size)
{
	describe(offset, offset, size, true);
	describe(offset + size - 1, offset, size, true);
	ASAN_POISON_MEMORY_REGION(page + (size_t)offset * MINALLOC, (size_t)size * MINALLOC);
}

static inline void mark_free_end(unsigned unit)
{
	unsigned word = unit / WORD_BITS;

	if ((free_ends[word] & bit(unit)) != 0)
		return; /* faster than to store what is there */
	free_ends[word] |= bit(unit);
	free_words |= bit(word);
}

static inline void erase_free_end(unsigned unit)
{
	unsigned word = unit / WORD_BITS;

	describe(unit, 0, 0, false);
	free_ends[word] &= ~bit(unit);
	if (free_ends[word] == 0)
		free_words &= ~bit(word);
}

/* The free chunk of `size` units or more with the lowest address, or NULL. */
static inline const struct chunk *first_fit(unsigned size)
{
	for (uint32_t words = free_words; words != 0; words &= words - 1) {
		unsigned word = lowest_bit(words);

		for (uint32_t ends = free_ends[word]; ends != 0; ends &= ends - 1) {
			const struct chunk *chunk = &chunks[word * WORD_BITS + lowest_bit(ends)];

			if (chunk->size >= size)
				return chunk;
		}
	}
	return NULL;
}

/* Says on stderr why `chunk` is not the start of a chunk in use. */
static void refuse(const void *chunk)
{
	uintptr_t offset = (uintptr_t)chunk - (uintptr_t)page; /* bytes */

	if (page == NULL) {
		(void)fprintf(stderr, "dealloc: %p: there is no page, before init() or after cleanup()\n", chunk);
	} else if (offset >= PAGESIZE) {
		(void)fprintf(stderr, "dealloc: %p is not in the page\n", chunk);
	} else {
		const struct chunk *found = &chunks[offset / MINALLOC];

		while (found->size == 0)
			found--;
		unsigned start = found->offset * MINALLOC, size = found->size * MINALLOC;
		if (found->free)
			(void)fprintf(stderr, "dealloc: %p is in free space: freed already, or never handed out\n", chunk);
		else
			(void)fprintf(stderr,
			              "dealloc: %p is inside a chunk in use: %u bytes into a chunk of %u bytes, "
			              "which starts at offset %u\n",
			              chunk, (unsigned)offset - start, size, start);
	}
	errno = EINVAL;
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
	describe_free(0, UNITS);
	mark_free_end(UNITS - 1);
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
	ASAN_UNPOISON_MEMORY_REGION(page, PAGESIZE);
	page = NULL;
	memset(tags, 0, sizeof tags);
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
	if (rest > 0)
		describe_free(offset + units, rest); /* it ends where it ended */
	else
		erase_free_end(offset + units - 1);
	describe_in_use(offset, units);
	return page + (size_t)offset * MINALLOC;
}

void dealloc(char *chunk)
{
	if (chunk == NULL)
		return;
	uintptr_t offset = (uintptr_t)chunk - (uintptr_t)page; /* bytes */
	unsigned unit = (unsigned)(offset / MINALLOC);
	if (offset >= PAGESIZE || offset % MINALLOC != 0 || chunks[unit].size == 0 || chunks[unit].free) {
		refuse(chunk);
		return;
	}
	unsigned start = unit, end = unit + chunks[unit].size; /* of the free chunk that it becomes */
	const struct chunk *left = &chunks[unit] - 1; /* unit may be 0 */
	if (left->free) {
		start = left->offset;
		erase_free_end(unit - 1);
		describe(unit, 0, 0, false);
	}
	if (chunks[end].free) {
		unsigned next = end;
		end += chunks[next].size;
		describe(next, 0, 0, false);
	}
	describe_free(start, end - start);
	mark_free_end(end - 1);
}
