/*
 * Every reachable state: a window of 11 pieces of the page, with chunks that stay in use
 * around it, is brought into each of its 28,657 layouts by making every call in each. The
 * answer is compared with a model's, and the bookkeeping with what the layout implies, as
 * is what AddressSanitizer is told. The windows lie across the edges of words and the page.
 */
#include <sanitizer/asan_interface.h>
#include <stdbool.h>
#include <stdio.h>

static bool poisoned[4096 / 8]; /* the units that AddressSanitizer would not allow to be used */
static bool is_poison_strange;

static void poison(long start, size_t bytes, bool is_poison)
{
	if (start < 0 || start % 8 != 0 || bytes % 8 != 0 || (size_t)start + bytes > 4096)
		is_poison_strange = true;
	else
		for (size_t i = 0; i < bytes / 8; i++)
			poisoned[(size_t)start / 8 + i] = is_poison;
}

#define SANITIZE_ADDRESS
#undef ASAN_POISON_MEMORY_REGION
#undef ASAN_UNPOISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(start, bytes) poison((start) - page, bytes, true)
#define ASAN_UNPOISON_MEMORY_REGION(start, bytes) poison((start) - page, bytes, false)
#define fprintf(stream, ...) snprintf(NULL, 0, __VA_ARGS__)
#include "alloc.c"

enum { PIECES = 11, LAYOUTS = 28657, KEYS = 177147 /* 3 to the 11th */, UNTOUCHED = 4711 };

static enum { INSIDE, IN_USE, FREE } layout[PIECES]; /* inside a chunk, or the first piece of one */
static int window, piece;                            /* units: where the window starts, and the size of a piece */
static long calls;

static struct {
	struct chunk tags[1 + UNITS + 1];
	uint32_t free_ends[WORDS], free_words;
	bool poisoned[UNITS];
} implied; /* by the layout */

static void imply_tag(int unit, int offset, int size, bool is_free)
{
	implied.tags[1 + unit].offset = (uint16_t)offset;
	implied.tags[1 + unit].size = (uint16_t)size;
	implied.tags[1 + unit].free = is_free;
}

static void imply_chunk(int offset, int size, bool is_free)
{
	int last = offset + size - 1;

	imply_tag(offset, offset, size, is_free);
	if (!is_free)
		return;
	imply_tag(last, offset, size, true);
	memset(implied.poisoned + offset, true, (size_t)size);
	implied.free_ends[last / WORD_BITS] |= (uint32_t)1 << last % WORD_BITS;
	implied.free_words |= (uint32_t)1 << last / WORD_BITS;
}

/* The first piece after the chunk that starts with this one. */
static int end_of(int start)
{
	int end = start + 1;

	while (end < PIECES && layout[end] == INSIDE)
		end++;
	return end;
}

static void imply(void)
{
	int behind = window + PIECES * piece;

	memset(&implied, 0, sizeof implied);
	if (window > 0)
		imply_chunk(0, window, false);
	for (int i = 0; i < PIECES; i = end_of(i))
		imply_chunk(window + i * piece, (end_of(i) - i) * piece, layout[i] == FREE);
	if (behind < UNITS)
		imply_chunk(behind, UNITS - behind, false);
}

static int key_of_layout(void)
{
	int key = 0;

	for (int i = PIECES - 1; i >= 0; i--)
		key = 3 * key + (int)layout[i];
	return key;
}

/* Brings the allocator into the state that the layout with this key implies. */
static void load(int key)
{
	for (int i = 0; i < PIECES; i++, key /= 3)
		layout[i] = key % 3;
	imply();
	memcpy(tags, implied.tags, sizeof tags);
	memcpy(free_ends, implied.free_ends, sizeof free_ends);
	free_words = implied.free_words;
	memcpy(poisoned, implied.poisoned, sizeof poisoned);
	errno = UNTOUCHED;
}

/* After a call from the state with this key, whose answer was right or not; `layout` is what it should have led to. */
static void check(int key, const char *call, int argument, bool is_right, int error)
{
	calls++;
	imply();
	if (is_right && errno == error && memcmp(tags, implied.tags, sizeof tags) == 0 &&
	    memcmp(free_ends, implied.free_ends, sizeof free_ends) == 0 && free_words == implied.free_words &&
	    memcmp(poisoned, implied.poisoned, sizeof poisoned) == 0 && !is_poison_strange)
		return;
	printf("check_states: wrong: %s(%d) in a page with pieces of %d units from unit %d on: ", call, argument, piece, window);
	load(key);
	for (int i = 0; i < PIECES; i++)
		putchar("-UF"[layout[i]]); /* used, free, or inside */
	putchar('\n');
	exit(1);
}

/* The model of alloc(): the first piece of the chunk, or -1. */
static int take(int pieces)
{
	for (int i = 0; i < PIECES; i = end_of(i))
		if (layout[i] == FREE && end_of(i) - i >= pieces) {
			if (end_of(i) - i > pieces)
				layout[i + pieces] = FREE;
			layout[i] = IN_USE;
			return i;
		}
	return -1;
}

/* The model of dealloc(). */
static void give(int start)
{
	int end = end_of(start), left = start - 1;

	while (left > 0 && layout[left] == INSIDE)
		left--;
	layout[start] = left >= 0 && layout[left] == FREE ? INSIDE : FREE;
	if (end < PIECES && layout[end] == FREE)
		layout[end] = INSIDE;
}

static void refuse_alloc(int key, int size, int error)
{
	load(key);
	check(key, "alloc", size, alloc(size) == NULL, error);
}

static void refuse_dealloc(int key, int offset)
{
	load(key);
	dealloc((char *)((uintptr_t)page + (uintptr_t)offset));
	check(key, "dealloc", offset, true, EINVAL);
}

static int states[LAYOUTS], count; /* that are reached, by their keys */

static void reach(void)
{
	static bool is_reached[KEYS];
	int key = key_of_layout();

	if (count == 0)
		memset(is_reached, false, sizeof is_reached);
	if (is_reached[key])
		return;
	is_reached[key] = true;
	states[count++] = key;
}

/* Makes every call in one state. */
static void leave(int key)
{
	static const int bad_sizes[] = { 0, 4, 12, -8, -4096, 4095 }, large_sizes[] = { 4104, 65536, 65544 },
	                 outside[] = { -4096, -8, -1, 4096, 4097, 4104, 8192 };
	int step = piece * MINALLOC, start = window * MINALLOC;

	for (int pieces = 1; pieces <= PIECES; pieces++) {
		load(key);
		char *chunk = alloc(pieces * step);
		int found = take(pieces);
		check(key, "alloc", pieces * step, chunk == (found < 0 ? NULL : page + start + found * step),
		      found < 0 ? ENOMEM : UNTOUCHED);
		reach();
	}
	for (size_t i = 0; i < sizeof bad_sizes / sizeof *bad_sizes; i++)
		refuse_alloc(key, bad_sizes[i], EINVAL);
	for (size_t i = 0; i < sizeof large_sizes / sizeof *large_sizes; i++)
		refuse_alloc(key, large_sizes[i], ENOMEM);
	for (int i = 0; i < PIECES; i++) {
		int offset = start + i * step;

		load(key);
		if (layout[i] == IN_USE) {
			dealloc(page + offset);
			give(i);
			check(key, "dealloc", offset, true, UNTOUCHED);
			reach();
		} else {
			refuse_dealloc(key, offset);
		}
		refuse_dealloc(key, offset + 1);
		refuse_dealloc(key, offset + step - 1);
	}
	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
		refuse_dealloc(key, outside[i]);
	load(key);
	dealloc(NULL);
	check(key, "dealloc", 0, true, UNTOUCHED);
	load(key);
	check(key, "init", 0, init() == -1, EALREADY);
}

static void check_window(int first, int size)
{
	int behind = first + PIECES * size;

	window = first;
	piece = size;
	count = 0;
	memset(layout, INSIDE, sizeof layout);
	layout[0] = FREE;
	errno = UNTOUCHED;
	init();
	if (window > 0)
		alloc(window * MINALLOC);
	char *chunk = alloc(PIECES * piece * MINALLOC);
	if (behind < UNITS)
		alloc((UNITS - behind) * MINALLOC);
	dealloc(chunk);
	check(key_of_layout(), "init", 0, true, UNTOUCHED);
	reach();
	for (int i = 0; i < count; i++)
		leave(states[i]);
	if (count != LAYOUTS) {
		printf("check_states: wrong: %d states, not %d, with pieces of %d units from unit %d on\n", count, LAYOUTS, piece, window);
		exit(1);
	}
	memset(poisoned, true, sizeof poisoned);
	if (cleanup() != 0 || memchr(poisoned, true, sizeof poisoned) != NULL || is_poison_strange) {
		printf("check_states: wrong: cleanup() fails, or leaves memory poisoned\n");
		exit(1);
	}
}

int main(void)
{
	static const int windows[][2] = { { 0, 1 }, { 26, 1 }, { 250, 1 }, { UNITS - PIECES, 1 }, { 0, 46 }, { 6, 46 }, { 3, 32 } };
	enum { WINDOWS = sizeof windows / sizeof *windows };

	for (int i = 0; i < WINDOWS; i++)
		check_window(windows[i][0], windows[i][1]);
	printf("check_states: %d states at each of %d places, %ld calls, all right\n", LAYOUTS, WINDOWS, calls);
	return 0;
}
