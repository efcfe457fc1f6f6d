/*
 * For whoever changes alloc.c: demands what alloc.h promises beyond the handout,
 * and the bookkeeping that alloc.c describes, after every call. It includes
 * alloc.c, and stands between it and mmap, munmap, stderr and AddressSanitizer.
 *
 * 1. The system: mmap and munmap as they are called, and failing; no page; lives;
 *    sizes that could wrap.
 * 2. Every reachable state: a window of 11 pieces of the page, with chunks that
 *    stay in use around it, is brought into each of its layouts by making every
 *    call in each. A window of n pieces has F(2n+1) layouts (F: Fibonacci).
 * 3. Every place and size of a chunk in use, with each sort of neighbour.
 *
 * A layout is the list of the page's chunks. The model says what each call makes
 * of it, imply() what it means for the bookkeeping, and compare() whether alloc.c
 * agrees. The first difference is printed, and ends the program with 1; a page of
 * "3U 2F 507U" has 3 units in use, 2 free units, and 507 in use.
 *
 * Works for every PAGESIZE and MINALLOC. With -DQUICK and for more than 512
 * units, windows are smaller, and only some places and sizes are tried.
 */
#define _DEFAULT_SOURCE 1 /* as in alloc.c, but before the first header */

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#ifdef __has_include
#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#endif
#endif

#include "alloc.h"

#if defined QUICK || PAGESIZE / MINALLOC > 512
enum { MOST_PIECES = 8, STEP = PAGESIZE / MINALLOC / 64 | 1 /* odd, so that it comes to every bit of a word */ };
#else
enum { MOST_PIECES = 11, STEP = 1 };
#endif
enum {
	PIECES = PAGESIZE / MINALLOC < MOST_PIECES ? PAGESIZE / MINALLOC : MOST_PIECES,
	MOST_STATES = 28657, /* F(23) */
	UNUSUAL = 4711,      /* an errno that nobody sets */
	PATTERN = 0x5A       /* in every byte of the page */
};

struct layout {
	unsigned count; /* of chunks; 0: there is no page */
	struct {
		unsigned offset, size; /* units */
		bool is_free;
	} chunk[MOST_PIECES + 2];
};

static struct layout before, layout;                 /* before the call, and as it should be after it */
static const char *call_name = "main()";             /* a format for printf(), with its argument */
static long call_argument, calls;
static int expected_errno, mmap_error, munmap_error; /* what the next mmap or munmap fails with; 0: it works */
static char expected_message[400], message[400];     /* that the call writes */
static char *mapping;                                /* the last one that was made */
static int mappings;                                 /* made, and not given back */
static bool poisoned[PAGESIZE / MINALLOC];           /* the units to which access is an error */

/* Prints what is wrong with the call, and ends the program. */
static void fail(const char *format, ...)
{
	static char reason[1000];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof reason, format, arguments);
	va_end(arguments);
	for (char *end = reason; (end = strchr(end, '\n')) != NULL;)
		*end = '|';
	printf("check_alloc: wrong: ");
	printf(call_name, call_argument);
	printf(" in %s", before.count == 0 ? "no page" : "a page of units");
	for (unsigned i = 0; i < before.count; i++)
		printf(" %u%c", before.chunk[i].size, before.chunk[i].is_free ? 'F' : 'U'); /* free, used */
	printf(": %s\n", reason);
	exit(1);
}

/* Every write to stderr sets errno, as if it were closed, which must not matter. */
static void watch_stream(const FILE *stream)
{
	if (stream != stderr)
		fail("writes elsewhere than on stderr");
	if (message[0] != '\0')
		fail("writes a second message after '%s'", message);
	errno = EBADF;
}

static void *watched_mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
	if (address != NULL || length != PAGESIZE || protection != (PROT_READ | PROT_WRITE) ||
	    flags != (MAP_PRIVATE | MAP_ANONYMOUS) || file != -1 || offset != 0)
		fail("mmap is not asked for a private page of %d bytes, anywhere", PAGESIZE);
	if (mmap_error != 0) {
		errno = mmap_error;
		return MAP_FAILED;
	}
	mapping = mmap(NULL, PAGESIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapping == MAP_FAILED)
		fail("the system refuses a page");
	mappings++;
	return memset(mapping, PATTERN, PAGESIZE);
}

static int watched_munmap(void *address, size_t length)
{
	if (address != mapping || length != PAGESIZE)
		fail("munmap does not get what mmap gave");
	if (mapping[0] != PATTERN || memcmp(mapping, mapping + 1, PAGESIZE - 1) != 0)
		fail("something was stored in the page");
	if (munmap_error != 0) {
		errno = munmap_error;
		return -1;
	}
	mappings--;
	return munmap(mapping, PAGESIZE);
}

/* AddressSanitizer itself is not told: munmap looks into the free space. */
static void poison(const char *start, size_t bytes, bool is_poison)
{
	size_t distance = (uintptr_t)start - (uintptr_t)mapping;

	if (distance % MINALLOC != 0 || bytes % MINALLOC != 0 || distance > PAGESIZE || bytes > PAGESIZE - distance)
		fail("tells AddressSanitizer of %ld bytes at page%+ld", (long)bytes, (long)distance);
	memset(poisoned + distance / MINALLOC, is_poison, bytes / MINALLOC);
}

#undef ASAN_POISON_MEMORY_REGION
#undef ASAN_UNPOISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(start, bytes) poison(start, bytes, true)
#define ASAN_UNPOISON_MEMORY_REGION(start, bytes) poison(start, bytes, false)
#define fprintf(stream, ...) (watch_stream(stream), snprintf(message, sizeof message, __VA_ARGS__))
#define mmap watched_mmap
#define munmap watched_munmap
#include "alloc.c"

static struct {
	struct chunk chunks[UNITS];
	uint64_t free_ends[WORDS], free_words;
	bool poisoned[UNITS];
} implied; /* by the layout */

static void imply(void)
{
	memset(&implied, 0, sizeof implied);
	for (unsigned i = 0; i < layout.count; i++) {
		unsigned offset = layout.chunk[i].offset, size = layout.chunk[i].size, end = offset + size - 1;

		implied.chunks[offset].offset = offset;
		implied.chunks[offset].size = size;
		if (!layout.chunk[i].is_free)
			continue;
		implied.chunks[offset].free = true;
		implied.chunks[end] = implied.chunks[offset];
		implied.free_ends[end / 64] |= (uint64_t)1 << end % 64;
		implied.free_words |= (uint64_t)1 << end / 64;
		memset(implied.poisoned + offset, true, size);
	}
}

/* Brings alloc.c into the state that the layout implies. */
static void load(void)
{
	imply();
	memcpy(chunks, implied.chunks, sizeof chunks);
	memcpy(free_ends, implied.free_ends, sizeof free_ends);
	free_words = implied.free_words;
	memcpy(poisoned, implied.poisoned, sizeof poisoned);
}

static void compare_entry(const char *name, unsigned index, unsigned long long is, unsigned long long should)
{
	if (is != should)
		fail("%s[%u] is %llu (%#llx), not %llu (%#llx)", name, index, is, is, should, should);
}

/* Everything after a call but its answer. */
static void compare(void)
{
	if (errno != expected_errno)
		fail("errno is %d, not %d", errno, expected_errno);
	if (strcmp(message, expected_message) != 0)
		fail("the message is '%s', not '%s'", message, expected_message);
	if (page != (layout.count == 0 ? NULL : mapping) || mappings != (layout.count != 0))
		fail("page is %s, and there are %d mappings", page == NULL ? "NULL" : "set", mappings);
	/* What is between a chunk's members may differ, too. */
	if (memcmp(chunks, implied.chunks, sizeof chunks) != 0 || memcmp(poisoned, implied.poisoned, sizeof poisoned) != 0)
		for (unsigned unit = 0; unit < UNITS; unit++) {
			compare_entry("chunks.offset", unit, chunks[unit].offset, implied.chunks[unit].offset);
			compare_entry("chunks.size", unit, chunks[unit].size, implied.chunks[unit].size);
			compare_entry("chunks.free", unit, chunks[unit].free, implied.chunks[unit].free);
			compare_entry("poisoned", unit, poisoned[unit], implied.poisoned[unit]);
		}
	for (unsigned word = 0; word < WORDS; word++)
		compare_entry("free_ends", word, free_ends[word], implied.free_ends[word]);
	compare_entry("free_words", 0, free_words, implied.free_words);
}

static void begin(const char *name, long argument)
{
	calls++;
	call_name = name;
	call_argument = argument;
	before = layout;
	expected_errno = UNUSUAL;
	expected_message[0] = message[0] = '\0';
}

/* The model: adds a chunk at the end of the layout. Free neighbours coalesce. */
static void add(unsigned size, bool is_free)
{
	unsigned i = layout.count, end = i == 0 ? 0 : layout.chunk[i - 1].offset + layout.chunk[i - 1].size;

	if (size == 0)
		return;
	if (i > 0 && is_free && layout.chunk[i - 1].is_free) {
		layout.chunk[i - 1].size += size;
		return;
	}
	layout.chunk[i].offset = end;
	layout.chunk[i].size = size;
	layout.chunk[i].is_free = is_free;
	layout.count++;
}

/* The model of alloc(): the offset of the chunk in bytes, or -1. */
static long expect_alloc(int bytes)
{
	unsigned units = (unsigned)bytes / MINALLOC, fit = 0;

	expected_errno = EINVAL;
	if (before.count == 0 || bytes <= 0 || bytes % MINALLOC != 0)
		return -1;
	while (fit < before.count && (!before.chunk[fit].is_free || before.chunk[fit].size < units))
		fit++;
	expected_errno = ENOMEM;
	if (fit == before.count)
		return -1;
	expected_errno = UNUSUAL;
	layout.count = fit;
	add(units, false);
	add(before.chunk[fit].size - units, true);
	for (unsigned i = fit + 1; i < before.count; i++)
		add(before.chunk[i].size, before.chunk[i].is_free);
	imply();
	return (long)before.chunk[fit].offset * MINALLOC;
}

static void check_alloc(int bytes)
{
	begin("alloc(%ld)", bytes);
	long should = expect_alloc(bytes);
	errno = UNUSUAL;
	const char *chunk = alloc(bytes);
	long is = chunk == NULL ? -1 : (long)((intptr_t)chunk - (intptr_t)mapping);
	if (is != should)
		fail("the answer is page%+ld, not page%+ld (-1: NULL)", is, should);
	compare();
}

#define EXPECT_MESSAGE(...) (void)snprintf(expected_message, sizeof expected_message, __VA_ARGS__)

/* The model of dealloc(); the distance from the start of the page is in bytes. */
static void expect_dealloc(void *pointer, size_t distance)
{
	unsigned i = 0;

	expected_errno = EINVAL;
	while (i + 1 < before.count && distance / MINALLOC >= before.chunk[i + 1].offset)
		i++;
	size_t start = (size_t)before.chunk[i].offset * MINALLOC; /* bytes */
	if (before.count == 0) {
		EXPECT_MESSAGE("dealloc: %p: there is no page, before init() or after cleanup()\n", pointer);
	} else if (distance >= PAGESIZE) {
		EXPECT_MESSAGE("dealloc: %p is not in the page\n", pointer);
	} else if (before.chunk[i].is_free) {
		EXPECT_MESSAGE("dealloc: %p is in free space: freed already, or never handed out\n", pointer);
	} else if (distance != start) {
		EXPECT_MESSAGE("dealloc: %p is inside a chunk in use: %u bytes into the chunk of %u bytes at %p\n", pointer,
		               (unsigned)(distance - start), before.chunk[i].size * MINALLOC, (void *)(mapping + start));
	} else {
		expected_errno = UNUSUAL;
		layout.count = 0;
		for (unsigned j = 0; j < before.count; j++)
			add(before.chunk[j].size, before.chunk[j].is_free || j == i);
		imply();
	}
}

static void check_dealloc(char *pointer)
{
	size_t distance = (uintptr_t)pointer - (uintptr_t)mapping;

	begin(pointer == NULL ? "dealloc(NULL)" : "dealloc(page%+ld)", (long)distance);
	if (pointer != NULL)
		expect_dealloc(pointer, distance);
	errno = UNUSUAL;
	dealloc(pointer);
	compare();
}

static void check_dealloc_at(long offset) /* bytes */
{
	check_dealloc((char *)((uintptr_t)mapping + (uintptr_t)offset));
}

/* init() or cleanup(), which should fail with `error`, or if that is 0 leave `units` free units; 0: no page. */
static void check_page(const char *name, int (*function)(void), int error, unsigned units)
{
	begin(name, 0);
	if (error != 0) {
		expected_errno = error;
	} else {
		layout.count = 0;
		add(units, true);
		imply();
	}
	errno = UNUSUAL;
	int answer = function();
	if (answer != (error != 0 ? -1 : 0))
		fail("the answer is %d", answer);
	compare();
}

static void check_init(void)
{
	check_page("init()", init_alloc, layout.count > 0 ? EALREADY : mmap_error, UNITS);
}

static void check_cleanup(void)
{
	check_page("cleanup()", cleanup, layout.count == 0 ? EINVAL : munmap_error, 0);
}

static void check_no_page(void)
{
	check_cleanup();
	check_alloc(MINALLOC);
	check_alloc(0);
	check_dealloc(NULL);
	check_dealloc((char *)(uintptr_t)MINALLOC); /* as if the page were at NULL */
	check_dealloc((char *)&layout);
	check_dealloc_at(PAGESIZE - MINALLOC); /* an old pointer, after the first cleanup() */
}

/* No failure of the system changes anything, and each call can be tried again. */
static void check_life(int error)
{
	mmap_error = error;
	check_init();
	check_no_page();
	mmap_error = 0;
	check_init();
	check_alloc(PAGESIZE);
	check_dealloc_at(0);
	check_alloc(MINALLOC);
	check_alloc(UNITS / 2 * MINALLOC);
	check_dealloc_at(0);
	munmap_error = error;
	check_cleanup();
	check_init();
	check_alloc(MINALLOC);
	munmap_error = 0;
	check_cleanup();
}

/* In an empty page: near every power of two, where a narrower count of bytes or units would wrap. */
static void check_sizes(void)
{
	const struct layout empty = layout;

	for (long long power = MINALLOC; power <= INT_MAX; power *= 2)
		for (int difference = -MINALLOC; difference <= MINALLOC; difference += MINALLOC / 2) {
			check_alloc((int)(power + difference));
			layout = empty;
			load();
			check_alloc((int)(-power - difference));
		}
	check_alloc(INT_MAX);
	check_alloc(INT_MAX / MINALLOC * MINALLOC);
	check_alloc(INT_MIN);
}

/* Far from the page, where a narrower distance would wrap; then around and in it, from the last byte down. */
static void check_addresses(void)
{
	for (uintptr_t power = 1; power != 0; power *= 2)
		check_dealloc((char *)((uintptr_t)mapping + power));
	for (long offset = 2 * PAGESIZE; offset >= -PAGESIZE; offset--)
		check_dealloc_at(offset);
}

static void check_system(void)
{
	static const int errors[] = { ENOMEM, EAGAIN, EPERM, EINVAL, EALREADY };

	check_no_page();
	for (int life = 0; life < 3000; life++)
		check_life(errors[life % 5]);
	check_init();
	check_sizes();
	check_addresses();
	check_cleanup();
}

static unsigned window, piece;               /* units: where the window starts, and the size of a piece */
static struct layout states[MOST_STATES];     /* that are reached */
static bool is_reached[1 << 2 * MOST_PIECES]; /* two bits for each piece: a chunk starts there, and is free */
static unsigned state_count, places, cases;

static void reach(void)
{
	unsigned key = 0;

	for (unsigned i = 0; i < layout.count; i++) {
		unsigned distance = layout.chunk[i].offset - window;

		if (distance < PIECES * piece) /* neither before the window nor after it */
			key |= (layout.chunk[i].is_free ? 3u : 1u) << 2 * (distance / piece);
	}
	if (is_reached[key])
		return;
	if (state_count == MOST_STATES)
		fail("leads to more than %d states", MOST_STATES);
	is_reached[key] = true;
	states[state_count++] = layout;
}

/* After a call: notes the state that it led to, and goes back to the one in which the next call is made. */
static void return_to(const struct layout *state)
{
	if (memcmp(&layout, state, sizeof layout) == 0)
		return;
	reach();
	layout = *state;
	load();
}

/* Makes every call in one state. */
static void leave(const struct layout *state)
{
	static const int sizes[] = { 0, 4, -MINALLOC, -PAGESIZE, MINALLOC + 4, PAGESIZE - 1, PAGESIZE + MINALLOC };
	static const long outside[] = { -PAGESIZE, -MINALLOC, -1, PAGESIZE, PAGESIZE + 1, PAGESIZE + MINALLOC };
	unsigned step = piece * MINALLOC; /* bytes */

	layout = *state;
	load();
	for (unsigned bytes = step; bytes <= PIECES * step; bytes += step) {
		check_alloc((int)bytes);
		return_to(state);
	}
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		check_alloc(sizes[i]);
	for (unsigned i = 0; i < PIECES; i++) {
		long start = (long)(window * MINALLOC + i * step);

		check_dealloc_at(start);
		return_to(state);
		check_dealloc_at(start + 1);
		check_dealloc_at(start + (long)step - 1);
	}
	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
		check_dealloc_at(outside[i]);
	check_dealloc(NULL);
	check_init();
}

static unsigned fibonacci(unsigned n)
{
	return n < 3 ? 1 : fibonacci(n - 1) + fibonacci(n - 2);
}

static void check_window(unsigned first, unsigned size)
{
	unsigned end = first + PIECES * size;

	window = first;
	piece = size;
	places++;
	state_count = 0;
	memset(is_reached, false, sizeof is_reached);
	check_init();
	if (window > 0)
		check_alloc((int)window * MINALLOC);
	check_alloc((int)(end - window) * MINALLOC);
	if (end < UNITS)
		check_alloc((int)(UNITS - end) * MINALLOC);
	check_dealloc_at((long)window * MINALLOC);
	reach();
	for (unsigned i = 0; i < state_count; i++)
		leave(&states[i]);
	if (state_count != fibonacci(2 * PIECES + 1))
		fail("%u states were reached, not %u", state_count, fibonacci(2 * PIECES + 1));
	check_cleanup();
}

/* Large pieces from the start of the page on; small ones at its end, and across the edge of a word. */
static void check_states(void)
{
	check_window(0, UNITS / PIECES);
	if (UNITS > PIECES)
		check_window(UNITS - PIECES, 1);
	if (UNITS > WORD_BITS + PIECES)
		check_window(WORD_BITS - PIECES / 2, 1);
}

/* The chunk is freed; of the free chunk that this makes, one unit is taken, then the others. All in units. */
static void check_chunk(unsigned left, unsigned start, unsigned size, unsigned right)
{
	unsigned first = start - left, end = start + size + right;

	cases++;
	layout.count = 0;
	add(first, false);
	add(left, true);
	add(size, false);
	add(right, true);
	add(UNITS - end, false);
	load();
	check_dealloc_at((long)start * MINALLOC);
	check_alloc(MINALLOC);
	check_alloc((int)(end - first - 1) * MINALLOC);
}

/* With free neighbours of no unit, of one, of those in the same word, of one more, and of all. */
static void check_neighbours(unsigned start, unsigned size)
{
	unsigned room = UNITS - start - size, in_word = WORD_BITS - (start + size) % WORD_BITS;
	const unsigned lefts[] = { 0, 1, start }, rights[] = { 0, 1, in_word, in_word + 1, room };

	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 5; j++)
			if (lefts[i] <= start && rights[j] <= room)
				check_chunk(lefts[i], start, size, rights[j]);
}

int main(void)
{
	if (UNITS != PAGESIZE / MINALLOC || WORD_BITS != 64 || WORDS != (UNITS + 63) / 64)
		fail("units, or words, are of another size");
	check_system();
	check_states();
	check_init();
	for (unsigned start = 0; start < UNITS; start += STEP)
		for (unsigned size = 1; start + size <= UNITS; size += STEP)
			check_neighbours(start, size);
	check_cleanup();
	return printf("check_alloc: %u states at each of %u places, %u chunks with neighbours, %ld calls, all right\n",
	              state_count, places, cases, calls) < 0 || fflush(stdout) != 0;
}
