/*
 * test_alloc2.c - the complex scenarios, and all that alloc.h promises
 *
 * usage: test_alloc2 [seed]
 *
 * Every call is compared with a simple model of the page: who owns each of its
 * 512 units, and what each byte holds. mmap and munmap are defined here, so that
 * they can be watched and made to fail; the allocator calls these.
 */
#define _DEFAULT_SOURCE /* mincore, syscall */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"

enum {
	UNITS = PAGESIZE / MINALLOC,
	NOWHERE = -1,
	UNTOUCHED = 4711 /* errno before each call; no error has this number */
};

/* ---- checks: the name of each is the promise that it checks ---- */

static int passed, failed;
static const char *promise = "";

/* Counts one check of the current promise; where it fails, prints what was expected. */
static bool check(bool kept, int line, const char *expected, ...)
{
	va_list values;

	if (kept) {
		passed++;
		return true;
	}
	failed++;
	printf("%s:%d: FAILED: %s: expected ", __FILE__, line, promise);
	va_start(values, expected);
	vprintf(expected, values);
	va_end(values);
	putchar('\n');
	return false;
}

#define CHECK(condition) check(condition, __LINE__, "%s", #condition)

static void start_promise(const char *name)
{
	promise = name;
	printf("%s\n", name);
}

/* ---- the operating system, watched ---- */

static char *page;                    /* what the last mmap gave; NULL while it is not mapped */
static int mappings;                  /* made and not given back */
static int mmap_error, munmap_error;  /* what the next call fails with; 0: it works */
static bool odd_mmap, odd_munmap;     /* was any call not as it should be? */
static bool watching;                 /* is init() or cleanup() running? Sanitizers map too */

#ifdef SYS_mmap2
#define SYSTEM_MMAP SYS_mmap2
#else
#define SYSTEM_MMAP SYS_mmap
#endif

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
	void *mapped;

	if (watching && mmap_error != 0) {
		errno = mmap_error;
		return MAP_FAILED;
	}
	mapped = (void *)syscall(SYSTEM_MMAP, address, length, protection, flags, file, offset);
	if (watching && mapped != MAP_FAILED) {
		odd_mmap |= address != NULL || length != PAGESIZE || file != -1 || offset != 0;
		odd_mmap |= protection != (PROT_READ | PROT_WRITE) || flags != (MAP_PRIVATE | MAP_ANONYMOUS);
		mappings++;
		page = mapped;
	}
	return mapped;
}

int munmap(void *address, size_t length)
{
	if (watching && munmap_error != 0) {
		errno = munmap_error;
		return -1;
	}
	if (syscall(SYS_munmap, address, length) != 0)
		return -1;
	if (watching) {
		odd_munmap |= address != page || length != PAGESIZE;
		mappings--;
		page = NULL;
	}
	return 0;
}

/* Calls init() or cleanup(), watched. */
static int watched(int (*function)(void))
{
	int result;

	errno = UNTOUCHED;
	watching = true;
	result = function();
	watching = false;
	return result;
}

/* ---- the model: what the page must be ---- */

static int owner[UNITS];                /* 1 + first unit of the chunk that has this unit; 0: free */
static char letters[UNITS];             /* how the picture shows the chunk with this first unit */
static char *named[UCHAR_MAX + 1];      /* by letter, what alloc() last returned for it */
static unsigned char content[PAGESIZE]; /* what the page must hold, in use or free */

static bool starts_chunk(int unit)
{
	return owner[unit] == unit + 1;
}

static int units_of(int first)
{
	int units = 0;

	while (first + units < UNITS && owner[first + units] == first + 1)
		units++;
	return units;
}

static void set_owner(int first, int units, int new_owner)
{
	for (int unit = first; unit < first + units; unit++)
		owner[unit] = new_owner;
}

/* The lowest unit at which `units` units are free, or NOWHERE. */
static int lowest_fit(int units)
{
	int run = 0;

	for (int unit = 0; unit < UNITS; unit++) {
		run = owner[unit] == 0 ? run + 1 : 0;
		if (run == units)
			return unit - units + 1;
	}
	return NOWHERE;
}

/* One row of 64 characters, one for 64 bytes: the first chunk in use there, or a dot. */
static void draw(const char *step)
{
	enum { CELLS = 64, CELL = UNITS / CELLS };
	char row[CELLS + 1] = "";

	for (int cell = 0; cell < CELLS; cell++) {
		row[cell] = '.';
		for (int unit = (cell + 1) * CELL - 1; unit >= cell * CELL; unit--)
			if (owner[unit] != 0)
				row[cell] = letters[owner[unit] - 1];
	}
	printf("  %-18s %s\n", step, row);
}

static bool page_as_modelled(void)
{
	return page != NULL && memcmp(page, content, PAGESIZE) == 0;
}

static void new_model(void)
{
	memset(owner, 0, sizeof owner);
	memset(content, 0, sizeof content); /* a page from mmap is all zero */
}

/* ---- each call, compared with the model ---- */

static char fault[256]; /* what was wrong with the last call that was not right */

static bool wrong(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vsnprintf(fault, sizeof fault, format, values);
	va_end(values);
	return false;
}

/* Calls alloc(size); fills the chunk with its letter. */
static bool alloc_is_right(int size, char letter)
{
	bool valid = page != NULL && size > 0 && size % MINALLOC == 0;
	int first = valid ? lowest_fit(size / MINALLOC) : NOWHERE;
	char *expected = first == NOWHERE ? NULL : page + first * MINALLOC;
	int error = !valid ? EINVAL : first == NOWHERE ? ENOMEM : UNTOUCHED;
	char *chunk;

	errno = UNTOUCHED;
	chunk = named[(unsigned char)letter] = alloc(size);
	if (chunk != expected || errno != error)
		return wrong("alloc(%d) to return %p with errno %d, not %p with %d", size,
		             (void *)expected, error, (void *)chunk, errno);
	if (page != NULL && !page_as_modelled())
		return wrong("alloc(%d) not to write to the page", size);
	if (chunk != NULL) {
		set_owner(first, size / MINALLOC, first + 1);
		letters[first] = letter;
		memset(chunk, letter, (size_t)size);
		memset(content + first * MINALLOC, letter, (size_t)size);
	}
	return true;
}

static int real_stderr, heard; /* a temporary file, in the place of stderr while dealloc() runs */
static off_t heard_so_far;     /* bytes */

static bool listen_to_stderr(void)
{
	FILE *file = tmpfile();

	if (file == NULL)
		return false;
	heard = fileno(file);
	real_stderr = dup(STDERR_FILENO);
	return real_stderr >= 0;
}

/* Calls dealloc(chunk); `said` gets what it says on stderr. Returns the errno it leaves. */
static int dealloc_and_listen(char *chunk, char *said, size_t size)
{
	int error;
	ssize_t length;

	dup2(heard, STDERR_FILENO);
	errno = UNTOUCHED;
	dealloc(chunk);
	error = errno;
	fflush(stderr);
	dup2(real_stderr, STDERR_FILENO);
	length = pread(heard, said, size - 1, heard_so_far);
	said[length > 0 ? length : 0] = '\0';
	heard_so_far = lseek(heard, 0, SEEK_CUR);
	return error;
}

/* One line that begins "dealloc: " and names the pointer. */
static bool refuses(const char *said, const char *chunk)
{
	char name[32];
	const char *end = strchr(said, '\n');

	snprintf(name, sizeof name, "%p", (const void *)chunk);
	return strncmp(said, "dealloc: ", 9) == 0 && strstr(said, name) != NULL && end != NULL && end[1] == '\0';
}

/* Compares what dealloc(chunk) did, where `chunk` may be any pointer. */
static bool is_right_after_dealloc(const char *chunk, int error, const char *said)
{
	uintptr_t offset = (uintptr_t)chunk - (uintptr_t)page;
	int unit = page != NULL && offset < PAGESIZE && offset % MINALLOC == 0 ? (int)offset / MINALLOC : NOWHERE;
	bool valid = unit != NOWHERE && starts_chunk(unit);

	if (valid || chunk == NULL) {
		if (error != UNTOUCHED || said[0] != '\0')
			return wrong("dealloc(%p) to leave errno and stderr alone, not errno %d and \"%s\"",
			             (const void *)chunk, error, said);
	} else if (error != EINVAL || !refuses(said, chunk)) {
		return wrong("dealloc(%p) to refuse with EINVAL and a line, not errno %d and \"%s\"",
		             (const void *)chunk, error, said);
	}
	if (valid)
		set_owner(unit, units_of(unit), 0);
	return true;
}

static bool dealloc_is_right(char *chunk)
{
	char said[256];
	int error = dealloc_and_listen(chunk, said, sizeof said);

	return is_right_after_dealloc(chunk, error, said);
}

/* The same for a chunk in use, without listening: that takes longer than all else. */
static bool unheard_dealloc_is_right(char *chunk)
{
	errno = UNTOUCHED;
	dealloc(chunk);
	return is_right_after_dealloc(chunk, errno, "");
}

static bool init_is_right(void)
{
	if (watched(init) != 0 || errno != UNTOUCHED || page == NULL)
		return wrong("init() to map a page and return 0; errno is %d", errno);
	new_model();
	return true;
}

static bool cleanup_is_right(void)
{
	if (watched(cleanup) != 0 || errno != UNTOUCHED || page != NULL)
		return wrong("cleanup() to unmap the page and return 0; errno is %d", errno);
	new_model();
	return true;
}

/* ---- scenarios: each on a new page, drawn after each step ---- */

#define RIGHT(answer) check(answer, __LINE__, "%s", fault)
#define NOBODY '\0'
#define ALLOC(letter, size, offset) step_alloc(__LINE__, letter, size, offset)
#define NO_ROOM(size) step_alloc(__LINE__, NOBODY, size, NOWHERE)
#define DEALLOC(letter) step_dealloc(__LINE__, letter)

static char *at(int offset)
{
	return page == NULL || offset == NOWHERE ? NULL : page + offset;
}

static void start_scenario(const char *name)
{
	start_promise(name);
	if (page != NULL)
		watched(cleanup); /* a scenario that failed may have left it */
	RIGHT(init_is_right());
}

static void end_scenario(void)
{
	CHECK(page_as_modelled());
	RIGHT(cleanup_is_right());
}

static void step_alloc(int line, char letter, int size, int offset)
{
	char step[32];

	check(alloc_is_right(size, letter), line, "%s", fault);
	check(named[(unsigned char)letter] == at(offset), line, "alloc(%d) at offset %d", size, offset);
	check(page_as_modelled(), line, "no other byte of the page to change");
	if (letter == NOBODY)
		snprintf(step, sizeof step, "NULL = alloc(%d)", size);
	else
		snprintf(step, sizeof step, "%c = alloc(%d)", letter, size);
	draw(step);
}

static void step_dealloc(int line, char letter)
{
	char step[32];

	check(dealloc_is_right(named[(unsigned char)letter]), line, "%s", fault);
	check(page_as_modelled(), line, "no byte of the page to change");
	snprintf(step, sizeof step, "dealloc(%c)", letter);
	draw(step);
}

static void test_reuse(void)
{
	start_scenario("A freed chunk is handed out again");
	ALLOC('A', 1024, 0);
	ALLOC('B', 1024, 1024);
	DEALLOC('A');
	ALLOC('C', 1024, 0);
	end_scenario();
}

static void test_splitting(void)
{
	start_scenario("A freed chunk serves a smaller request, and the rest stays available");
	ALLOC('A', 1024, 0);
	ALLOC('B', 1024, 1024);
	DEALLOC('A');
	ALLOC('C', 256, 0);
	ALLOC('D', 512, 256);
	ALLOC('E', 256, 768);
	ALLOC('F', 256, 2048);
	end_scenario();
}

static void test_first_fit(void)
{
	start_scenario("First fit: the lowest address whose free space is large enough");
	ALLOC('A', 512, 0);
	ALLOC('B', 512, 512);
	ALLOC('C', 256, 1024);
	ALLOC('D', 512, 1280);
	ALLOC('E', 1024, 1792);
	ALLOC('F', 1280, 2816);
	DEALLOC('A');
	DEALLOC('C');
	DEALLOC('E');
	ALLOC('G', 768, 1792);
	ALLOC('H', 256, 0);
	NO_ROOM(512);
	ALLOC('I', 256, 256);
	ALLOC('J', 256, 1024);
	ALLOC('K', 256, 2560);
	NO_ROOM(8);
	end_scenario();
}

static void test_interleaved(void)
{
	start_scenario("Among chunks in use, every free one is found");
	for (int i = 0; i < 8; i++)
		ALLOC((char)('A' + i), 512, 512 * i);
	for (int i = 0; i < 8; i += 2)
		DEALLOC((char)('A' + i));
	NO_ROOM(520);
	for (int i = 0; i < 8; i += 2)
		ALLOC((char)('a' + i), 512, 512 * i);
	NO_ROOM(8);
	end_scenario();
}

static void test_coalescing(void)
{
	start_scenario("A freed chunk coalesces with its left neighbour");
	ALLOC('A', 512, 0);
	ALLOC('B', 512, 512);
	ALLOC('C', 3072, 1024);
	DEALLOC('A');
	DEALLOC('B');
	ALLOC('D', 1024, 0);
	end_scenario();

	start_scenario("A freed chunk coalesces with its right neighbour");
	ALLOC('A', 1024, 0);
	ALLOC('B', 1024, 1024);
	ALLOC('C', 2048, 2048);
	DEALLOC('B');
	DEALLOC('A');
	ALLOC('D', 2048, 0);
	end_scenario();

	start_scenario("A freed chunk coalesces with both its neighbours");
	ALLOC('A', 1024, 0);
	ALLOC('B', 512, 1024);
	ALLOC('C', 1024, 1536);
	ALLOC('D', 1536, 2560);
	DEALLOC('A');
	DEALLOC('C');
	NO_ROOM(1032);
	DEALLOC('B');
	ALLOC('E', 2560, 0);
	end_scenario();

	start_scenario("A chunk between chunks in use coalesces with neither");
	ALLOC('A', 1024, 0);
	ALLOC('B', 1024, 1024);
	ALLOC('C', 2048, 2048);
	DEALLOC('B');
	NO_ROOM(1032);
	ALLOC('D', 1024, 1024);
	end_scenario();
}

static void test_exhaustion(void)
{
	int right = 0;

	start_scenario("All 4096 bytes can be had as one chunk");
	ALLOC('A', PAGESIZE, 0);
	NO_ROOM(8);
	DEALLOC('A');
	ALLOC('B', PAGESIZE, 0);
	end_scenario();

	start_scenario("All 4096 bytes can be had as 512 chunks, and then whole again");
	for (int unit = 0; unit < UNITS; unit++)
		right += alloc_is_right(MINALLOC, (char)('a' + unit % 26));
	CHECK(right == UNITS && page_as_modelled());
	draw("512 x alloc(8)");
	NO_ROOM(8);
	for (int unit = 0; unit < UNITS / 2; unit++)
		right += dealloc_is_right(at(unit * 201 % UNITS * MINALLOC));
	CHECK(right == UNITS + UNITS / 2 && page_as_modelled());
	draw("256 x dealloc");
	for (int unit = UNITS / 2; unit < UNITS; unit++)
		right += dealloc_is_right(at(unit * 201 % UNITS * MINALLOC));
	CHECK(right == 2 * UNITS && page_as_modelled());
	draw("256 x dealloc");
	ALLOC('Z', PAGESIZE, 0);
	end_scenario();
}

/* ---- what must be refused ---- */

static void test_sizes(void)
{
	static const int bad[] = { 0, 1, 4, 7, 9, 12, 4095, 4097, -1, -7, -8, -4096, INT_MIN, INT_MIN + 8, INT_MAX };
	static const int large[] = { PAGESIZE + MINALLOC, 2 * PAGESIZE, 65536, 65544, 1 << 30, INT_MAX - 7 };
	int right = 0;

	start_scenario("A size that is not a positive multiple of 8 is refused with EINVAL");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		errno = UNTOUCHED;
		check(alloc(bad[i]) == NULL && errno == EINVAL, __LINE__, "alloc(%d) to fail with EINVAL", bad[i]);
	}
	start_promise("More than the page has is refused with ENOMEM");
	for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
		errno = UNTOUCHED;
		check(alloc(large[i]) == NULL && errno == ENOMEM, __LINE__, "alloc(%d) to fail with ENOMEM", large[i]);
	}
	start_promise("Each size from 8 to 4096 that is a multiple of 8 is granted, and no other");
	for (int size = -PAGESIZE; size <= 3 * PAGESIZE; size++) {
		right += alloc_is_right(size, 's');
		if (starts_chunk(0))
			right += dealloc_is_right(page);
	}
	CHECK(right == 4 * PAGESIZE + 1 + UNITS);
	ALLOC('A', PAGESIZE, 0);
	end_scenario();
}

/* Tries dealloc() on each address from 8 below to 8 above the page that starts no chunk. */
static bool all_refused(void)
{
	for (int offset = -MINALLOC; offset <= PAGESIZE + MINALLOC; offset++) {
		bool in_page = 0 <= offset && offset < PAGESIZE;

		if (in_page && offset % MINALLOC == 0 && starts_chunk(offset / MINALLOC))
			continue;
		if (!dealloc_is_right((char *)((uintptr_t)page + (uintptr_t)offset)))
			return false;
	}
	return true;
}

/* Tries dealloc() on addresses each power of two away, from 4096 on. */
static bool all_refused_around(void)
{
	for (unsigned power = 12; power < sizeof(uintptr_t) * CHAR_BIT; power++) {
		uintptr_t distance = (uintptr_t)1 << power;

		if (!dealloc_is_right((char *)((uintptr_t)page + distance)) ||
		    !dealloc_is_right((char *)((uintptr_t)page - distance)))
			return false;
	}
	return true;
}

static const uintptr_t far_addresses[] = { 1, 7, 8, 16, 4088, 4096, UINTPTR_MAX / 2, UINTPTR_MAX - 7, UINTPTR_MAX };
enum { FAR_ADDRESSES = sizeof far_addresses / sizeof *far_addresses };

static void test_pointers(void)
{
	static char in_data[16];
	char on_stack[16], *former;
	int error;

	start_scenario("A pointer that does not start a chunk in use is refused, and nothing changes");
	ALLOC('A', 8, 0);
	ALLOC('B', 504, 8);
	ALLOC('C', 512, 512);
	ALLOC('D', 64, 1024);
	ALLOC('E', 128, 1088);
	former = at(512);
	DEALLOC('B');
	DEALLOC('C');
	RIGHT(dealloc_is_right(former));
	DEALLOC('D');
	RIGHT(all_refused());
	RIGHT(all_refused_around());
	RIGHT(dealloc_is_right(in_data));
	RIGHT(dealloc_is_right(on_stack));
	for (int i = 0; i < FAR_ADDRESSES; i++)
		RIGHT(dealloc_is_right((char *)far_addresses[i]));
	draw("after all of them");
	ALLOC('F', 1080, 8);
	DEALLOC('A');
	DEALLOC('F');
	RIGHT(dealloc_is_right(at(0)));
	RIGHT(dealloc_is_right(at(8)));
	DEALLOC('E');
	ALLOC('G', PAGESIZE, 0);

	start_promise("A pointer is refused with EINVAL where stderr is closed, too");
	close(STDERR_FILENO);
	errno = UNTOUCHED;
	dealloc(in_data);
	error = errno;
	dup2(real_stderr, STDERR_FILENO);
	CHECK(error == EINVAL);

	start_promise("dealloc(NULL) does nothing, silently");
	RIGHT(dealloc_is_right(NULL));
	end_scenario();
}

/* ---- the life cycle ---- */

static bool is_mapped(char *address)
{
	unsigned char resident;

	return mincore(address, PAGESIZE, &resident) == 0;
}

static void test_without_page(const char *name)
{
	start_promise(name);
	CHECK(watched(cleanup) == -1 && errno == EINVAL);
	RIGHT(alloc_is_right(8, 'A'));
	RIGHT(alloc_is_right(PAGESIZE, 'A'));
	RIGHT(alloc_is_right(0, 'A'));
	RIGHT(dealloc_is_right(NULL));
	for (int i = 0; i < FAR_ADDRESSES; i++)
		RIGHT(dealloc_is_right((char *)far_addresses[i]));
}

static void test_life_cycle(void)
{
	enum { CYCLES = 5000 };
	char *former;
	int right = 0, refused = 0;

	start_promise("init() goes by the name init_alloc() too");
	new_model();
	CHECK(watched(init_alloc) == 0);
	RIGHT(cleanup_is_right());

	start_scenario("A second init() fails with EALREADY, and the page lives on");
	ALLOC('A', 1024, 0);
	CHECK(watched(init) == -1 && errno == EALREADY);
	CHECK(mappings == 1 && page_as_modelled());
	ALLOC('B', 1024, 1024);
	DEALLOC('A');

	start_promise("cleanup() really unmaps the page, with chunks in use");
	former = page;
	CHECK(former != NULL && is_mapped(former));
	RIGHT(cleanup_is_right());
	CHECK(mappings == 0 && former != NULL && !is_mapped(former));
	test_without_page("After cleanup(), cleanup() and alloc() fail with EINVAL, and dealloc() refuses");
	for (int offset = 0; offset < PAGESIZE; offset += MINALLOC)
		refused += dealloc_is_right(former + offset);
	CHECK(refused == UNITS);

	start_scenario("On a new page, no chunk of the old one lives on");
	RIGHT(all_refused());
	ALLOC('A', PAGESIZE, 0);
	end_scenario();

	start_promise("init() and cleanup() can follow each other any number of times, and leak no mapping");
	for (int i = 0; i < CYCLES; i++)
		right += init_is_right() && alloc_is_right(8 + i % UNITS * 8, 'x') && alloc_is_right(8, 'y') &&
		         page_as_modelled() && cleanup_is_right();
	CHECK(right == CYCLES);
	CHECK(mappings == 0);

	start_promise("mmap is asked for 4096 private bytes, and munmap gets the same back");
	CHECK(!odd_mmap);
	CHECK(!odd_munmap);
}

static void test_faults(void)
{
	start_promise("Where mmap fails, init() fails with its errno, and can be tried again");
	mmap_error = ENOMEM;
	CHECK(watched(init) == -1 && errno == ENOMEM);
	mmap_error = EAGAIN;
	CHECK(watched(init) == -1 && errno == EAGAIN);
	mmap_error = 0;
	test_without_page("and until then, cleanup() and alloc() fail with EINVAL, and dealloc() refuses");

	start_scenario("Where munmap fails, cleanup() fails with its errno, and nothing changes");
	ALLOC('A', 1024, 0);
	ALLOC('B', 1024, 1024);
	DEALLOC('A');
	munmap_error = ENOMEM;
	CHECK(watched(cleanup) == -1 && errno == ENOMEM);
	munmap_error = EPERM;
	CHECK(watched(cleanup) == -1 && errno == EPERM);
	munmap_error = 0;
	CHECK(page_as_modelled());
	RIGHT(all_refused());
	ALLOC('C', 512, 0);
	DEALLOC('B');
	ALLOC('D', 3584, 512);
	end_scenario();
}

static void test_fork(void)
{
	int status = -1;
	char *former;
	pid_t child;

	start_scenario("After fork(), parent and child each have a page of their own");
	ALLOC('A', 1024, 0);
	ALLOC('B', 1024, 1024);
	former = page;
	child = fork();
	if (child == 0) {
		bool right = page_as_modelled() && dealloc_is_right(named['A']) && alloc_is_right(512, 'c') &&
		             alloc_is_right(2048, 'd') && page_as_modelled() && cleanup_is_right() && !is_mapped(former);
		_exit(right ? 0 : 1);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(page_as_modelled());
	ALLOC('C', 2048, 2048);
	DEALLOC('A');
	end_scenario();
}

/* ---- every short history ---- */

enum { PARTS = 8, PART = PAGESIZE / PARTS, PART_UNITS = UNITS / PARTS, LONGEST = 7 };

/* A call: alloc() of so many parts, or where negative, dealloc() of the chunk at part -1 - call. */
static int history[LONGEST];
static long histories;

static bool make_call(int call)
{
	if (call > 0)
		return alloc_is_right(call * PART, (char)('0' + call));
	return unheard_dealloc_is_right(at((-1 - call) * PART));
}

/* Lists the calls that have an effect; tries those that must be refused. Returns how many, or -1. */
static int list_calls(int calls[])
{
	int count = 0;

	for (int parts = 1; parts <= PARTS; parts++)
		if (lowest_fit(parts * PART_UNITS) != NOWHERE)
			calls[count++] = parts;
		else if (!alloc_is_right(parts * PART, '!'))
			return -1;
	for (int part = 0; part < PARTS; part++)
		if (starts_chunk(part * PART_UNITS))
			calls[count++] = -1 - part;
	return count;
}

static bool free_all(void)
{
	for (int part = 0; part < PARTS; part++)
		if (starts_chunk(part * PART_UNITS) && !unheard_dealloc_is_right(at(part * PART)))
			return false;
	return true;
}

/* Makes the calls of history[0..length) on a page that is all free, and frees it again; then as list_calls(). */
static int replay(int length, int calls[])
{
	int count;

	for (int i = 0; i < length; i++)
		if (!make_call(history[i]))
			return -1;
	count = list_calls(calls);
	if (!page_as_modelled() && !wrong("no other byte of the page to change"))
		return -1;
	return free_all() ? count : -1;
}

static void draw_history(int length)
{
	printf("  after");
	for (int i = 0; i < length; i++)
		if (history[i] > 0)
			printf(" alloc(%d)", history[i] * PART);
		else
			printf(" dealloc(%d)", (-1 - history[i]) * PART);
	printf(" on a free page\n");
	draw("should be");
}

/* Tries history[0..length), and all that can follow. */
static bool explore(int length)
{
	int calls[2 * PARTS], count = replay(length, calls);

	histories++;
	if (count < 0)
		draw_history(length);
	for (int i = 0; i < count && length < LONGEST; i++) {
		history[length] = calls[i];
		if (!explore(length + 1))
			return false;
	}
	return count >= 0;
}

static void test_histories(void)
{
	start_scenario("After every history of up to 7 calls on eighths of the page, each call does right");
	RIGHT(explore(0));
	printf("  %ld histories\n", histories);
	end_scenario();
}

/* ---- random calls ---- */

static uint64_t random_state;

/* xorshift64* (Vigna, 2016) */
static uint32_t next_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)(random_state * UINT64_C(2685821657736338717) >> 32);
}

static int random_below(int limit)
{
	return (int)(next_random() % (uint32_t)limit);
}

/* How the calls are mixed, for a while. */
struct mix {
	int most_units;    /* alloc() asks for 1 to so many */
	int alloc_percent; /* of the effective calls */
};

/* Any address: in the page, near it, or far from it. */
static char *random_address(struct mix *on_stack)
{
	static char in_data;

	switch (random_below(8)) {
	case 0:
		return (char *)far_addresses[random_below(FAR_ADDRESSES)];
	case 1:
		return (char *)((uintptr_t)page - MINALLOC + (uintptr_t)random_below(PAGESIZE + 2 * MINALLOC + 1));
	case 2:
		return &in_data;
	case 3:
		return (char *)on_stack;
	case 4:
	case 5:
		return at(random_below(PAGESIZE));
	default:
		return at(random_below(UNITS) * MINALLOC);
	}
}

static char *random_chunk_in_use(void)
{
	int from = random_below(UNITS);

	for (int i = 0; i < UNITS; i++)
		if (starts_chunk((from + i) % UNITS))
			return at((from + i) % UNITS * MINALLOC);
	return NULL;
}

static void overwrite_page(void)
{
	bool ones = random_below(2) == 0;

	for (int i = 0; i < PAGESIZE; i++)
		content[i] = ones ? 0xFF : (unsigned char)next_random();
	memcpy(page, content, PAGESIZE);
}

static bool random_call(struct mix *mix)
{
	int kind = random_below(100);
	char *chunk;

	if (kind < 3)
		return alloc_is_right((int)next_random(), '!');
	if (kind < 6)
		return alloc_is_right(random_below(3 * PAGESIZE) - PAGESIZE, '!');
	if (kind < 16)
		return dealloc_is_right(random_address(mix));
	if (random_below(100) < mix->alloc_percent)
		return alloc_is_right((1 + random_below(mix->most_units)) * MINALLOC, (char)('A' + random_below(26)));
	chunk = random_chunk_in_use();
	return chunk == NULL || unheard_dealloc_is_right(chunk);
}

static void test_random(const char *name, int calls, bool hostile)
{
	static const int most[] = { 1, 3, 8, 40, UNITS };
	static const int percent[] = { 30, 45, 50, 55, 70, 95 };
	struct mix mix = { UNITS, 50 };

	start_scenario(name);
	for (int i = 0; i < calls; i++) {
		bool right = true;

		if (random_below(500) == 0) {
			mix.most_units = most[random_below(5)];
			mix.alloc_percent = percent[random_below(6)];
			right = random_below(4) != 0 || (cleanup_is_right() && init_is_right());
		}
		if (hostile && right && random_below(50) == 0)
			overwrite_page();
		right = right && random_call(&mix) && (page_as_modelled() || wrong("no other byte of the page to change"));
		if (!right) {
			check(false, __LINE__, "%s", fault);
			printf("  after %d random calls\n", i + 1);
			draw("should be");
			return;
		}
	}
	end_scenario();
}

static bool set_seed(const char *text)
{
	char *end;

	errno = 0;
	random_state = strtoul(text, &end, 10);
	return '0' <= text[0] && text[0] <= '9' && *end == '\0' && errno == 0 && random_state != 0;
}

int main(int argc, char **argv)
{
	const char *seed = argc == 2 ? argv[1] : "20240229";

	if (argc > 2 || !set_seed(seed)) {
		fprintf(stderr, "usage: test_alloc2 [seed]\n  seed  a whole number greater than 0\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0); /* a crash must not swallow what came before it */
	if (!listen_to_stderr()) {
		perror("test_alloc2: cannot listen to stderr");
		return 2;
	}

	test_without_page("Before init(), cleanup() and alloc() fail with EINVAL, and dealloc() refuses");
	test_reuse();
	test_splitting();
	test_first_fit();
	test_interleaved();
	test_coalescing();
	test_exhaustion();
	test_sizes();
	test_pointers();
	test_life_cycle();
	test_faults();
	test_fork();
	test_histories();
	printf("Random calls: seed %s\n", seed);
	test_random("400000 random calls do what the model says", 400000, false);
	test_random("and 200000 more, in a program that overwrites the whole page now and then", 200000, true);

	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
