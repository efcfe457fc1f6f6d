/*
 * First fit with boundary tags (Knuth, The Art of Computer Programming, vol. 1, section 2.5),
 * kept outside the page so that all of it can be handed out.
 *
 * 1. The page is 512 units of 8 bytes. A chunk is a run of units, either free or in use. Chunks
 *    tile the page, and no two free chunks are adjacent.
 * 2. chunks[u] describes the chunk in use that starts at unit u, or the free chunk that starts or
 *    ends at unit u. All other entries are zero. Without a page, every entry is zero. Hence a
 *    pointer is checked, and free neighbours are found, in constant time.
 * 3. Bit u of free_ends is set if a free chunk ends at unit u, and bit w of free_words if word w of
 *    free_ends is not zero. Hence first fit looks only at free chunks. The bit marks the end, not
 *    the start, because alloc() takes the front of a chunk and the end stays where it is.
 *
 * The bookkeeping depends only on how the page is divided, not on the calls that led there. For
 * example, a page with three chunks: 24 bytes in use, 16 bytes free, the rest in use.
 *
 *     unit              0    1    2     3    4     5    6   ...  511
 *     page           [    in use    ][  free  ][      in use       ]
 *     chunks  offset    0    0    0     3    3     5    0   ...    0
 *             size      3    0    0     2    2   507    0   ...    0
 *             free      0    0    0     1    1     0    0   ...    0
 *     free_ends         0    0    0     0    1     0    0   ...    0
 */
#define _DEFAULT_SOURCE 1 /* declares MAP_ANONYMOUS and ffsll() in strict C, too */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <strings.h>
#include "alloc.h"

#ifdef __has_include
#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(start, bytes)
#define ASAN_UNPOISON_MEMORY_REGION(start, bytes)
#endif

#define UNITS (PAGESIZE / MINALLOC)
#define WORD_BITS 64
#define WORDS ((UNITS + WORD_BITS - 1) / WORD_BITS)
#if MINALLOC % 8 != 0 || UNITS < 1 || PAGESIZE % MINALLOC != 0 || WORDS > WORD_BITS
#error "MINALLOC must be a multiple of 8, and PAGESIZE a multiple of MINALLOC, at most 4096 * MINALLOC"
#endif

struct chunk {
	unsigned offset; /* units from the start of the page */
	unsigned size;   /* units; 0: no chunk is described here */
	bool free;
};

static char *page; /* NULL while there is none */
static struct chunk chunks[UNITS];
static uint64_t free_ends[WORDS];
static uint64_t free_words;

static char *address_of(unsigned unit)
{
	return page + (size_t)unit * MINALLOC;
}

static uint64_t bit(unsigned index)
{
	return (uint64_t)1 << index % WORD_BITS;
}

/* The index of the lowest set bit; `bits` must not be 0. */
static unsigned lowest_bit(uint64_t bits)
{
	return (unsigned)ffsll((long long)bits) - 1;
}

static void describe(unsigned unit, unsigned offset, unsigned size, bool free)
{
	chunks[unit].offset = offset;
	chunks[unit].size = size;
	chunks[unit].free = free;
}

static void erase(unsigned unit)
{
	describe(unit, 0, 0, false);
}

static void describe_in_use(unsigned offset, unsigned size)
{
	describe(offset, offset, size, false);
	ASAN_UNPOISON_MEMORY_REGION(address_of(offset), (size_t)size * MINALLOC);
}

static void describe_free(unsigned offset, unsigned end) /* the first and last unit */
{
	unsigned size = end - offset + 1;
	describe(offset, offset, size, true);
	describe(end, offset, size, true);
	ASAN_POISON_MEMORY_REGION(address_of(offset), (size_t)size * MINALLOC);
}

static void set_free_end(unsigned unit)
{
	free_ends[unit / WORD_BITS] |= bit(unit);
	free_words |= bit(unit / WORD_BITS);
}

static void clear_free_end(unsigned unit)
{
	free_ends[unit / WORD_BITS] &= ~bit(unit);
	if (free_ends[unit / WORD_BITS] == 0)
		free_words &= ~bit(unit / WORD_BITS);
}

/* The last unit of the first free chunk of `size` units or more; UNITS if there is none. */
static unsigned first_fit(unsigned size)
{
	for (uint64_t words = free_words; words != 0; words &= words - 1) {
		unsigned word = lowest_bit(words);
		for (uint64_t ends = free_ends[word]; ends != 0; ends &= ends - 1) {
			unsigned end = word * WORD_BITS + lowest_bit(ends);
			if (chunks[end].size >= size)
				return end;
		}
	}
	return UNITS;
}

/* Prints why `pointer`, `distance` bytes from the start of the page, cannot be freed, and sets errno. */
static void refuse(const void *pointer, uintptr_t distance)
{
	bool is_in_page = page != NULL && distance < PAGESIZE;
	unsigned unit = (unsigned)(distance / MINALLOC);
	while (is_in_page && chunks[unit].size == 0)
		unit--;
	if (page == NULL)
		(void)fprintf(stderr, "dealloc: %p cannot be freed: there is no page (init() not called, or cleanup() already called)\n",
		              pointer);
	else if (!is_in_page)
		(void)fprintf(stderr, "dealloc: %p is not in the page\n", pointer);
	else if (chunks[unit].free)
		(void)fprintf(stderr, "dealloc: %p is in free space: already freed, or never allocated\n", pointer);
	else
		(void)fprintf(stderr, "dealloc: %p is %u bytes into the chunk of %u bytes at %p\n", pointer,
		              (unsigned)distance - unit * MINALLOC, chunks[unit].size * MINALLOC, (void *)address_of(unit));
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
	describe_free(0, UNITS - 1);
	set_free_end(UNITS - 1);
	return 0;
}

int init_alloc(void)
{
	return init();
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
	memset(chunks, 0, sizeof chunks);
	memset(free_ends, 0, sizeof free_ends);
	free_words = 0;
	return 0;
}

char *alloc(int bytes)
{
	if (page == NULL || bytes < MINALLOC || bytes % MINALLOC != 0) {
		errno = EINVAL;
		return NULL;
	}

	unsigned size = (unsigned)bytes / MINALLOC;
	unsigned end = first_fit(size);
	if (end == UNITS) {
		errno = ENOMEM;
		return NULL;
	}

	unsigned offset = chunks[end].offset;
	if (chunks[end].size > size) {
		describe_free(offset + size, end);
	} else {
		erase(end);
		clear_free_end(end);
	}
	describe_in_use(offset, size);
	return address_of(offset);
}

void dealloc(char *pointer)
{
	uintptr_t distance = (uintptr_t)pointer - (uintptr_t)page; /* bytes */
	unsigned unit = (unsigned)(distance / MINALLOC);
	if (distance >= PAGESIZE || distance % MINALLOC != 0 || chunks[unit].size == 0 || chunks[unit].free) {
		if (pointer != NULL)
			refuse(pointer, distance);
		return;
	}

	unsigned next = unit + chunks[unit].size; /* the first unit after the chunk */
	unsigned offset = unit, end = next - 1;   /* the first and last unit of the resulting free chunk */
	if (unit > 0 && chunks[unit - 1].free) {
		offset = chunks[unit - 1].offset;
		erase(unit - 1);
		clear_free_end(unit - 1);
		erase(unit);
	}

	if (next != UNITS && chunks[next].free) {
		end += chunks[next].size; /* its bit in free_ends is set already */
		erase(next);
	} else {
		set_free_end(end);
	}
	describe_free(offset, end);
}
