/*
 * For maintainers: checks what alloc.h promises beyond the handout, and the bookkeeping that alloc.c describes, after
 * every call. It includes alloc.c, and replaces mmap, munmap, fprintf and AddressSanitizer's macros.
 * A layout is the list of the page's chunks. The model says which layout each call leads to. imply() computes what a
 * layout means for the bookkeeping, and compare() compares it with alloc.c. The first difference is printed, and ends
 * the program. A page of "3U 2F 507U" has 3 units in use, 2 free units, and 507 units in use.
 */
#define _DEFAULT_SOURCE 1 /* as in alloc.c, but before the first header */
#ifdef __has_include
#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#endif
#endif

#include "alloc.h"
static void watch_stream(const FILE *stream);
static void *watched_mmap(void *address, size_t length, int protection, int flags, int file, off_t offset);
static int watched_munmap(void *address, size_t length);
static void poison(const char *start, size_t bytes, int is_poison);
static char message[200], expected_message[200]; /* what the call writes, and what it should write */

#undef ASAN_POISON_MEMORY_REGION
#undef ASAN_UNPOISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(start, bytes) poison(start, bytes, true)
#define ASAN_UNPOISON_MEMORY_REGION(start, bytes) poison(start, bytes, false)
#define fprintf(stream, ...) (watch_stream(stream), snprintf(message, sizeof message, __VA_ARGS__))
#define mmap watched_mmap
#define munmap watched_munmap
#include "alloc.c"
#undef mmap
#undef munmap

enum { UNUSUAL = 4711, PATTERN = 0x5A }; /* an errno that no call sets; what every byte of the page holds */

struct layout {
	unsigned count; /* of chunks; 0: there is no page */
	struct chunk chunk[UNITS];
};
static struct layout before, layout;                 /* before the call, and expected after it */
static const char *call;                             /* the name of the function */
static long argument, calls;                         /* bytes; how many calls were made */
static int expected_errno, mmap_error, munmap_error; /* what the next mmap or munmap fails with; 0: it works */
static char *mapping;                                /* the last one that was made */
static int mappings;                                 /* made, and not given back */
static bool poisoned[UNITS];                         /* the units to which access is an error */

#define FAIL(...) (printf("check_alloc: wrong: " __VA_ARGS__), print_call(), exit(1))

static void print_call(void)
{
	printf(", at %s(%ld) %s", call, argument, before.count == 0 ? "without a page" : "in a page of units");
	for (unsigned i = 0; i < before.count; i++)
		printf(" %u%c", before.chunk[i].size, before.chunk[i].free ? 'F' : 'U'); /* free, used */
	putchar('\n');
}

/* Sets errno, as a failing write would; dealloc() must set it after the write. */
static void watch_stream(const FILE *stream)
{
	if (stream != stderr || message[0] != '\0')
		FAIL("does not write to stderr, or writes twice");
	errno = EBADF;
}

static void *watched_mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
	if (address != NULL || length != PAGESIZE || protection != (PROT_READ | PROT_WRITE) ||
	    flags != (MAP_PRIVATE | MAP_ANONYMOUS) || file != -1 || offset != 0)
		FAIL("mmap gets the wrong arguments");
	if (mmap_error != 0) {
		errno = mmap_error;
		return MAP_FAILED;
	}
	mapping = mmap(NULL, PAGESIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mappings++;
	return memset(mapping, PATTERN, PAGESIZE);
}

static int watched_munmap(void *address, size_t length)
{
	if (address != mapping || length != PAGESIZE)
		FAIL("munmap does not get what mmap gave");
	if (mapping[0] != PATTERN || memcmp(mapping, mapping + 1, PAGESIZE - 1) != 0)
		FAIL("something was stored in the page");
	if (munmap_error != 0) {
		errno = munmap_error;
		return -1;
	}
	mappings--;
	return munmap(mapping, PAGESIZE);
}

/* Does not poison anything, because watched_munmap() reads free space. */
static void poison(const char *start, size_t bytes, int is_poison)
{
	size_t distance = (uintptr_t)start - (uintptr_t)mapping;
	if (distance % MINALLOC != 0 || bytes % MINALLOC != 0 || distance > PAGESIZE || bytes > PAGESIZE - distance)
		FAIL("tells AddressSanitizer of %ld bytes at %ld", (long)bytes, (long)distance);
	memset(poisoned + distance / MINALLOC, is_poison, bytes / MINALLOC);
}

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
		implied.chunks[offset] = layout.chunk[i];
		if (layout.chunk[i].free) {
			implied.chunks[end] = layout.chunk[i];
			implied.free_ends[end / 64] |= (uint64_t)1 << end % 64;
			implied.free_words |= (uint64_t)1 << end / 64;
			memset(implied.poisoned + offset, true, size);
		}
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

/* Compares everything except what the call returned. */
static void compare(void)
{
	/* Only a fast path: chunks that are the same may differ in their padding. */
	bool is_same = memcmp(chunks, implied.chunks, sizeof chunks) == 0 && memcmp(poisoned, implied.poisoned, UNITS) == 0;
	if (errno != expected_errno)
		FAIL("errno is %d, not %d", errno, expected_errno);
	if (strcmp(message, expected_message) != 0)
		FAIL("the message is %s, not %s", message, expected_message);
	if (page != (layout.count == 0 ? NULL : mapping) || mappings != (layout.count != 0))
		FAIL("page is %s, and there are %d mappings", page == NULL ? "NULL" : "set", mappings);
	for (unsigned unit = 0; unit < UNITS && !is_same; unit++)
		if (chunks[unit].offset != implied.chunks[unit].offset || chunks[unit].size != implied.chunks[unit].size ||
		    chunks[unit].free != implied.chunks[unit].free || poisoned[unit] != implied.poisoned[unit])
			FAIL("chunks[%u], which is { %u, %u, %d }, or its poison is wrong", unit, chunks[unit].offset,
			     chunks[unit].size, chunks[unit].free);
	if (memcmp(free_ends, implied.free_ends, sizeof free_ends) != 0 || free_words != implied.free_words)
		FAIL("free_ends or free_words (%#llx) is wrong", (unsigned long long)free_words);
}

static void begin(const char *name, long with)
{
	calls++;
	call = name;
	argument = with;
	before.count = layout.count;
	memcpy(before.chunk, layout.chunk, layout.count * sizeof *layout.chunk);
	expected_errno = UNUSUAL;
	expected_message[0] = message[0] = '\0';
}

/* The model: adds a chunk at the end of the layout. Free neighbours coalesce. */
static void add(unsigned size, bool is_free)
{
	unsigned i = layout.count, end = i == 0 ? 0 : layout.chunk[i - 1].offset + layout.chunk[i - 1].size;
	if (size == 0)
		return;
	if (i > 0 && is_free && layout.chunk[i - 1].free) {
		layout.chunk[i - 1].size += size;
		return;
	}
	layout.chunk[layout.count++] = (struct chunk){ end, size, is_free };
}

/* The model of alloc(): the offset of the chunk in bytes, or -1. */
static long expect_alloc(int bytes)
{
	unsigned units = (unsigned)bytes / MINALLOC, fit = 0;
	expected_errno = EINVAL;
	if (before.count == 0 || bytes <= 0 || bytes % MINALLOC != 0)
		return -1;
	while (fit < before.count && (!before.chunk[fit].free || before.chunk[fit].size < units))
		fit++;
	expected_errno = ENOMEM;
	if (fit == before.count)
		return -1;
	expected_errno = UNUSUAL;
	layout.count = fit;
	add(units, false);
	add(before.chunk[fit].size - units, true);
	for (unsigned i = fit + 1; i < before.count; i++)
		add(before.chunk[i].size, before.chunk[i].free);
	imply();
	return (long)before.chunk[fit].offset * MINALLOC;
}

static void check_alloc(int bytes)
{
	begin("alloc", bytes);
	long should = expect_alloc(bytes);
	errno = UNUSUAL;
	const char *chunk = alloc(bytes);
	long is = chunk == NULL ? -1 : (long)((intptr_t)chunk - (intptr_t)mapping);
	if (is != should)
		FAIL("it returned %ld, not %ld (-1: NULL)", is, should);
	compare();
}

/* The model of dealloc(); the distance from the start of the page is in bytes. */
static void expect_dealloc(void *pointer, size_t distance)
{
	const char *reason = NULL;
	unsigned i = 0;
	while (i + 1 < before.count && distance / MINALLOC >= before.chunk[i + 1].offset)
		i++;
	size_t start = (size_t)before.chunk[i].offset * MINALLOC; /* bytes */
	if (before.count == 0) {
		reason = "cannot be freed: there is no page (init() not called, or cleanup() already called)";
	} else if (distance >= PAGESIZE) {
		reason = "is not in the page";
	} else if (before.chunk[i].free) {
		reason = "is in free space: already freed, or never allocated";
	} else if (distance == start) {
		layout.count = 0;
		for (unsigned j = 0; j < before.count; j++)
			add(before.chunk[j].size, before.chunk[j].free || j == i);
		imply();
		return;
	}
	expected_errno = EINVAL;
	if (reason != NULL)
		(void)snprintf(expected_message, sizeof expected_message, "dealloc: %p %s\n", pointer, reason);
	else
		(void)snprintf(expected_message, sizeof expected_message, "dealloc: %p is %u bytes into the chunk of %u bytes at %p\n",
		               pointer, (unsigned)(distance - start), before.chunk[i].size * MINALLOC, (void *)(mapping + start));
}

static void check_dealloc(long offset) /* bytes from the start of the page */
{
	char *pointer = (char *)((uintptr_t)mapping + (uintptr_t)offset);
	begin("dealloc", offset);
	if (pointer != NULL)
		expect_dealloc(pointer, (size_t)offset);
	errno = UNUSUAL;
	dealloc(pointer);
	compare();
}

/* Calls init_alloc() or cleanup(). It should fail with `error`; if that is 0, it should leave `units` free units. */
static void check_page(const char *name, int (*function)(void), int error, unsigned units)
{
	begin(name, 0);
	expected_errno = error != 0 ? error : UNUSUAL;
	if (error == 0) {
		layout.count = 0;
		add(units, true);
		imply();
	}
	errno = UNUSUAL;
	int answer = function();
	if (answer != (error != 0 ? -1 : 0))
		FAIL("it returned %d", answer);
	compare();
}

static void check_init(void) { check_page("init_alloc", init_alloc, layout.count > 0 ? EALREADY : mmap_error, UNITS); }
static void check_cleanup(void) { check_page("cleanup", cleanup, layout.count == 0 ? EINVAL : munmap_error, 0); }

/* Tries sizes near every power of two, where a count of bytes or units in a narrower type would wrap. */
static void check_sizes(void)
{
	for (long long power = MINALLOC; power <= 1LL << 31; power *= 2)
		for (int difference = -MINALLOC; difference <= MINALLOC; difference += MINALLOC / 2) {
			check_alloc((int)(power + difference));
			check_dealloc(0);
			check_alloc((int)(-power - difference));
		}
}

static void check_no_page(void)
{
	check_cleanup();
	check_sizes();
	check_dealloc(-(long)mapping); /* NULL */
	check_dealloc(MINALLOC - (long)mapping); /* as if the page were at NULL */
}

/* If mmap or munmap fails, nothing changes, and each call can be tried again. */
static void check_failures(void)
{
	static const int errors[] = { ENOMEM, EAGAIN, EPERM, EINVAL, EALREADY };
	for (int i = 0; i < 10; i++) {
		check_no_page();
		mmap_error = munmap_error = errors[i % 5];
		check_init();
		check_no_page();
		mmap_error = 0;
		check_init();
		check_init();
		check_sizes();
		check_dealloc(-(long)mapping); /* NULL */
		check_alloc(MINALLOC);
		check_cleanup();
		check_alloc(MINALLOC);
		munmap_error = 0;
		check_cleanup();
	}
}

/* A chunk of every size in every place, between free chunks and chunks in use, is freed and taken again. */
static void check_places(void)
{
	const unsigned step = UNITS > 512 ? UNITS / 64 | 1 : 1; /* odd, so that every bit of a word is reached */
	for (unsigned start = 0; start < UNITS; start += step)
		for (unsigned size = 1; start + size <= UNITS; size += step)
			for (int sort = 0; sort < 4; sort++) {
				layout.count = 0;
				add(start, sort % 2 == 0);
				add(size, false);
				add(UNITS - start - size, sort < 2);
				load();
				check_dealloc((long)(start + size) * MINALLOC - 1);
				check_dealloc((long)start * MINALLOC);
				check_alloc((int)size * MINALLOC);
				check_alloc(MINALLOC);
			}
}

/* As many free chunks as possible, of which only the last has two units. */
static void load_fragments(void)
{
	unsigned unit = 0;
	layout.count = 0;
	for (; unit + 2 < UNITS; unit++)
		add(1, unit % 2 == 0);
	add(UNITS - unit, true);
	load();
}

static void check_fragments(void)
{
	load_fragments();
	for (uintptr_t power = PAGESIZE; power != 0; power *= 2) /* where a distance in a narrower type would wrap */
		for (unsigned offset = 0; offset < PAGESIZE; offset += MINALLOC) {
			check_dealloc((long)(offset + power));
			check_dealloc((long)(offset - power));
		}
	check_alloc(2 * MINALLOC);
	check_cleanup();
	check_init();
	load_fragments();
	for (long offset = PAGESIZE + 9; offset >= -9; offset--) /* every byte, from the last chunk down */
		check_dealloc(offset);
	load_fragments();
	for (unsigned unit = 0; unit <= UNITS; unit++)
		check_alloc(MINALLOC);
	for (unsigned unit = 0; unit < UNITS; unit++)
		check_dealloc((long)(unit * 201 % UNITS) * MINALLOC);
}

static void check_life(void) /* 2000 of them reach each of the 1597 layouts of a page of 64 bytes */
{
	check_init();
	for (int i = 0; i < 1000; i++) {
		unsigned most = ((unsigned)UNITS >> rand() % 10) + 2, kind = (unsigned)rand() % 16;
		if (kind < 8)
			check_alloc((int)((1 + (unsigned)rand() % most) * MINALLOC));
		else if (kind < 15)
			check_dealloc((long)layout.chunk[(unsigned)rand() % layout.count].offset * MINALLOC);
		else
			check_dealloc(rand() % PAGESIZE);
	}
	check_cleanup();
}

int main(void)
{
	check_failures();
	check_init();
	check_places();
	check_fragments();
	check_cleanup();
	for (int life = 0; life < 2000; life++)
		check_life();
	return printf("check_alloc: %ld calls, all correct\n", calls) < 0 || fflush(stdout) != 0;
}
