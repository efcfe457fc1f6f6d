/*
 * test_alloc2.c - the complex test: all that alloc.h promises, of this alloc.c alone
 *
 * usage: test_alloc2 [seed]
 *
 * Every call is compared with a model of the page. The promises are listed at the end;
 * many are a few steps, each drawn as it came out, where A64 stands for "A = alloc(64)",
 * -A for "dealloc(A)", and !64 for "alloc(64) must be refused".
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>

#include "alloc.h"

#if PAGESIZE != 4096 || MINALLOC != 8
#error "test_alloc2 is for a page of 4096 bytes and chunks of multiples of 8"
#endif

enum {
	UNITS = PAGESIZE / MINALLOC,
	NOWHERE = -1,     /* the offset of NULL */
	OUTSIDE = -2,     /* the offset of any other pointer that is not in the page */
	UNTOUCHED = 4711, /* errno before each call; no error has this number */
	SECONDS = 60      /* after which a loop counts as endless */
};

/* The model. Each chunk in use is filled with its letter. */
static char *page;         /* NULL while there is none */
static char owner[UNITS];  /* the letter of the chunk that this unit belongs to, or 0: it is free */
static int size_at[UNITS]; /* the bytes of the chunk in use that starts with this unit, or 0 */

static char content[PAGESIZE]; /* what each byte of the page must hold */

static bool no_page_can_be_had; /* so nothing more can be tested */
static char wrong[500];         /* what the last call that was not right should have done, and did */

static bool fail(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vsnprintf(wrong, sizeof wrong, format, values);
	va_end(values);
	return false;
}

static const char *name_of(int error)
{
	return error == UNTOUCHED ? "no error" : error == EINVAL ? "EINVAL" : error == ENOMEM ? "ENOMEM" :
	       error == EALREADY ? "EALREADY" : strerror(error);
}

/* Is this what a call returned, and errno after it? */
static bool returned(const char *call, int result, int expected, int error)
{
	return (result == expected && errno == error) ||
	       fail("%s: expected %d with %s, not %d with %s", call, expected, name_of(error), result, name_of(errno));
}

static void set_owner(int offset, int size, char letter)
{
	memset(owner + offset / MINALLOC, letter, (size_t)(size / MINALLOC));
	size_at[offset / MINALLOC] = letter != 0 ? size : 0;
}

static void set_page(char *start)
{
	page = start;
	memset(owner, 0, sizeof owner);
	memset(size_at, 0, sizeof size_at);
	memset(content, 0, sizeof content); /* as mmap gives it */
}

static int offset_of(const char *pointer)
{
	uintptr_t offset = (uintptr_t)pointer - (uintptr_t)page;

	return pointer == NULL ? NOWHERE : page != NULL && offset < PAGESIZE ? (int)offset : OUTSIDE;
}

/* The lowest offset at which `size` bytes are free, or NOWHERE. */
static int first_fit(int size)
{
	int free_bytes = 0;

	for (int unit = 0; unit < UNITS; unit++) {
		free_bytes = owner[unit] == 0 ? free_bytes + MINALLOC : 0;
		if (free_bytes >= size)
			return (unit + 1) * MINALLOC - free_bytes;
	}
	return NOWHERE;
}

static const char *place(char text[32], int offset)
{
	snprintf(text, 32, offset == NOWHERE ? "NULL" : offset == OUTSIDE ? "a pointer outside the page" : "offset %d", offset);
	return text;
}

static bool alloc_is_right(int size, char letter)
{
	bool valid = page != NULL && size > 0 && size % MINALLOC == 0;
	int expected = valid ? first_fit(size) : NOWHERE;
	int expected_error = expected != NOWHERE ? UNTOUCHED : valid ? ENOMEM : EINVAL;
	int offset, error;
	char text[32], expected_text[32];

	errno = UNTOUCHED;
	offset = offset_of(alloc(size));
	error = errno;
	if (offset >= 0 && size > 0 && size <= PAGESIZE - offset)
		set_owner(offset, size, letter); /* also where it is wrong: that is drawn */
	if (offset != expected || error != expected_error)
		return fail("alloc(%d): expected %s with %s, not %s with %s", size, place(expected_text, expected),
		            name_of(expected_error), place(text, offset), name_of(error));
	if (offset < 0)
		return true;
	if (memcmp(page + offset, content + offset, (size_t)size) != 0)
		return fail("alloc(%d): something has been stored in the page", size);
	memset(page + offset, letter, (size_t)size);
	memset(content + offset, letter, (size_t)size);
	return true;
}

/* Frees the chunk in use at this offset. */
static bool dealloc_is_right(int offset)
{
	char letter = owner[offset / MINALLOC];
	int size = size_at[offset / MINALLOC];

	for (int i = offset; i < offset + size; i++)
		if (page[i] != letter)
			return fail("byte %d of the chunk in use at offset %d has changed", i - offset, offset);
	errno = UNTOUCHED;
	dealloc(page + offset);
	set_owner(offset, size, 0);
	return errno == UNTOUCHED || fail("dealloc() of the chunk in use at offset %d: expected no error, not %s",
	                                  offset, name_of(errno));
}

static bool open_page(void)
{
	char *start;

	no_page_can_be_had = true;
	errno = UNTOUCHED;
	if (!returned("init()", init(), 0, UNTOUCHED))
		return false;
	start = alloc(PAGESIZE); /* to learn where the page is */
	if (start == NULL || (uintptr_t)start % PAGESIZE != 0)
		return fail("alloc(%d) after init(): expected the start of a page, not %p", PAGESIZE, (void *)start);
	no_page_can_be_had = false;
	set_page(start);
	dealloc(start);
	return true;
}

static bool close_page(void)
{
	errno = UNTOUCHED;
	if (!returned("cleanup()", cleanup(), 0, UNTOUCHED))
		return false;
	set_page(NULL);
	return true;
}

/* One row of 64 characters, each for 64 bytes: the letter of the first chunk in use there, or a dot if all are free. */
static void draw(const char *step)
{
	enum { CELL = UNITS / 64 };
	char row[64 + 1] = "";

	for (int cell = 0; cell < 64; cell++) {
		row[cell] = '.';
		for (int unit = (cell + 1) * CELL - 1; unit >= cell * CELL; unit--)
			if (owner[unit] != 0)
				row[cell] = owner[unit];
	}
	printf("  %-18s %s\n", step, row);
}

/* Makes some calls, and draws the page after each. */
static bool play(const char *steps)
{
	static int named[128]; /* by letter, the offset of a chunk */
	bool right = true;

	for (const char *step = steps; right && *step != '\0'; step += strspn(step, " ")) {
		int size = atoi(step + 1);
		char text[32];

		if (*step == '-') {
			snprintf(text, sizeof text, "dealloc(%c)", step[1]);
			right = dealloc_is_right(named[(int)step[1]]);
		} else if (*step == '!') {
			snprintf(text, sizeof text, "NULL = alloc(%d)", size);
			right = first_fit(size) == NOWHERE ? alloc_is_right(size, '!') : fail("alloc(%d) has room", size);
		} else {
			snprintf(text, sizeof text, "%c = alloc(%d)", *step, size);
			named[(int)*step] = first_fit(size);
			right = alloc_is_right(size, *step);
		}
		draw(text);
		step += strcspn(step, " ");
	}
	return right;
}

static bool smallest_chunks(void)
{
	bool right = open_page();

	for (int i = 0; i < UNITS && right; i++)
		right = alloc_is_right(MINALLOC, (char)('a' + i % 26));
	draw("512 x alloc(8)");
	right = right && alloc_is_right(MINALLOC, '!');
	for (int i = 0; i < UNITS && right; i++)
		right = dealloc_is_right(i * 201 % UNITS * MINALLOC);
	draw("512 x dealloc()");
	return right && alloc_is_right(PAGESIZE, 'Z') && close_page();
}

static bool every_size(void)
{
	static const int huge[] = { INT_MIN, INT_MIN + 8, INT_MAX - 7, INT_MAX, 1 << 30, 65536, 65544 };
	bool right = open_page();

	for (size_t i = 0; i < sizeof huge / sizeof *huge && right; i++)
		right = alloc_is_right(huge[i], '!');
	for (int size = -PAGESIZE; size <= 3 * PAGESIZE && right; size++)
		right = alloc_is_right(size, 'S') && (size_at[0] == 0 || dealloc_is_right(0));
	return right && close_page();
}

/* Does dealloc() of any pointer set errno to this, and write this line to stderr, or nothing if it is ""? */
static bool says(char *pointer, int error, const char *line)
{
	char said[200] = "";
	int ends[2], came, usual = dup(STDERR_FILENO);

	if (pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0)
		return fail("no pipe for stderr: %s", strerror(errno));
	close(ends[1]);
	errno = UNTOUCHED;
	dealloc(pointer);
	came = errno;
	dup2(usual, STDERR_FILENO);
	close(usual);
	if (read(ends[0], said, sizeof said - 1) < 0)
		return fail("no pipe for stderr: %s", strerror(errno));
	close(ends[0]);
	if (came == error && strcmp(said, line) == 0)
		return true;
	said[strcspn(said, "\n")] = '\0';
	return fail("dealloc(%p): expected %s and \"%.*s\", not %s and \"%s\"", (void *)pointer, name_of(error),
	            (int)strcspn(line, "\n"), line, name_of(came), said);
}

static bool is_refused(char *pointer)
{
	char line[200], *reason = line + snprintf(line, sizeof line, "dealloc: %p", (void *)pointer);
	int offset = offset_of(pointer), start = offset;

	while (start > 0 && (start % MINALLOC != 0 || size_at[start / MINALLOC] == 0))
		start--;
	if (page == NULL)
		strcpy(reason, ": there is no page, before init() or after cleanup()\n");
	else if (offset == OUTSIDE)
		strcpy(reason, " is not in the page\n");
	else if (owner[offset / MINALLOC] == 0)
		strcpy(reason, " is in free space: freed already, or never handed out\n");
	else
		snprintf(reason, 160, " is inside a chunk in use: %d bytes into a chunk of %d bytes, which starts at offset %d\n",
		         offset - start, size_at[start / MINALLOC], start);
	return says(pointer, EINVAL, line);
}

/* Tries every address from 8 below to 8 above the page that starts no chunk in use, and others far away. */
static bool all_are_refused(void)
{
	char on_stack;
	bool right = is_refused(&on_stack) && is_refused((char *)UINTPTR_MAX);

	for (int offset = -MINALLOC; offset <= PAGESIZE + MINALLOC && right; offset++) {
		char *pointer = (char *)((uintptr_t)page + (uintptr_t)offset);

		if (pointer != NULL && (offset_of(pointer) < 0 || offset % MINALLOC != 0 || size_at[offset / MINALLOC] == 0))
			right = is_refused(pointer);
	}
	for (unsigned power = 13; power < sizeof(uintptr_t) * CHAR_BIT && right; power++)
		right = is_refused((char *)((uintptr_t)page ^ (uintptr_t)1 << power));
	return right;
}

static bool bad_pointers(void)
{
	return open_page() && all_are_refused() && play("A8 B504 C512 D64 E128 -B -C") && all_are_refused() &&
	       play("-D F1080 G2880") && all_are_refused() && play("-A -F -G -E Z4096") && all_are_refused() && close_page();
}

static bool good_pointers(void)
{
	return open_page() && alloc_is_right(64, 'A') && says(NULL, UNTOUCHED, "") && says(page, UNTOUCHED, "") &&
	       says(NULL, UNTOUCHED, "") && close_page();
}

static bool without_page(void)
{
	errno = UNTOUCHED;
	return returned("cleanup()", cleanup(), -1, EINVAL) && alloc_is_right(8, 'A') && alloc_is_right(PAGESIZE, 'A') &&
	       alloc_is_right(0, 'A') && all_are_refused();
}

static bool second_init(void)
{
	if (!open_page() || !play("A1024"))
		return false;
	errno = UNTOUCHED;
	return returned("init_alloc()", init_alloc(), -1, EALREADY) && play("B1024 -A C512") && close_page();
}

/* Is no memory there? mmap gives the place that it is asked for, if it can. */
static bool is_gone(char *old)
{
	int zeros = open("/dev/zero", O_RDONLY);
	char *got = mmap(old, PAGESIZE, PROT_READ, MAP_PRIVATE, zeros, 0);

	close(zeros);
	munmap(got, PAGESIZE);
	return got == old || fail("after cleanup(): there still is memory at %p", (void *)old);
}

static bool next_life(void)
{
	char *old;

	if (!open_page() || !play("A64 B64"))
		return false;
	old = page;
	return close_page() && is_gone(old) && without_page() && is_refused(old) && is_refused(old + 65) &&
	       open_page() && is_refused(old) && is_refused(old + 64) && play("C4096") && close_page();
}

static bool many_lives(void)
{
	bool right = true;

	for (int life = 0; life < 5000 && right; life++)
		right = open_page() && alloc_is_right(8 + life % UNITS * 8, 'A') && alloc_is_right(8, 'B') && close_page();
	return right;
}

static bool two_processes(void)
{
	int status = -1;
	pid_t child;

	if (!open_page() || !play("A1024 B1024"))
		return false;
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(dealloc_is_right(0) && alloc_is_right(512, 'c') && alloc_is_right(2048, 'd') && close_page() ? 0 : 1);
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		return fail("the child: expected to exit with status 0");
	return play("C2048 -A -B Z2048") && close_page();
}

static const char *seed = "20240229";
static uint64_t random_state;
static long random_calls; /* so far */

/* xorshift64* (Vigna, 2016) */
static int random_below(int limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (int)((random_state * UINT64_C(2685821657736338717) >> 33) % (unsigned)limit);
}

/* Frees the first chunk in use from a random unit on. */
static bool random_dealloc(void)
{
	int from = random_below(UNITS);

	for (int i = 0; i < UNITS; i++)
		if (size_at[(from + i) % UNITS] != 0)
			return dealloc_is_right((from + i) % UNITS * MINALLOC);
	return true;
}

/* Each few hundred calls have another mix: chunks of up to so many units, and so many percent of allocs. */
static bool random_history(void)
{
	static const int most_units[] = { 1, 3, 8, 40, UNITS }, alloc_percents[] = { 30, 45, 50, 55, 70, 95 };
	int most = UNITS, alloc_percent = 50;
	bool right = open_page();

	for (random_calls = 0; right && random_calls < 300000; random_calls++) {
		if (random_below(500) == 0) {
			most = most_units[random_below(5)];
			alloc_percent = alloc_percents[random_below(6)];
			right = random_below(4) != 0 || (close_page() && open_page());
		} else if (random_below(20) == 0) {
			right = alloc_is_right(random_below(3 * PAGESIZE) - PAGESIZE, '?');
		} else if (random_below(100) < alloc_percent) {
			right = alloc_is_right((1 + random_below(most)) * MINALLOC, (char)('A' + random_below(26)));
		} else {
			right = random_dealloc();
		}
	}
	return right && close_page();
}

static const struct promise {
	const char *name, *steps; /* on a page of their own */
	bool (*is_kept)(void);    /* in the place of steps */
} promises[] = {
	{ "Before init(), cleanup() and alloc() fail with EINVAL, and dealloc() refuses", NULL, without_page },
	{ "A freed chunk is handed out again", "A1024 B1024 -A C1024", NULL },
	{ "A freed chunk serves a smaller request, and the rest stays available",
	  "A1024 B1024 -A C256 D512 E256 F256", NULL },
	{ "First fit takes the lowest address whose free space is large enough",
	  "A512 B512 C256 D512 E1024 F1280 -A -C -E G768 H256 !512 I256 J256 K256 !8", NULL },
	{ "Among chunks in use, every free one is found",
	  "A512 B512 C512 D512 E512 F512 G512 H512 -A -C -E -G !520 I512 J512 K512 L512 !8", NULL },
	{ "A freed chunk coalesces with its left neighbour", "A512 B512 C3072 -A -B D1024", NULL },
	{ "A freed chunk coalesces with its right neighbour", "A1024 B1024 C2048 -B -A D2048", NULL },
	{ "A freed chunk coalesces with both its neighbours", "A1024 B512 C1024 D1536 -A -C !1032 -B E2560", NULL },
	{ "A freed chunk between chunks in use coalesces with neither", "A1024 B1024 C2048 -B !1032 D1024", NULL },
	{ "All 4096 bytes can be had as one chunk, twice", "A4096 !8 -A B4096 !8", NULL },
	{ "When all is freed, in any order, the page is one chunk of 4096 bytes again",
	  "A64 B1000 C8 D1024 E512 F1488 !8 -D -A -F -C -B -E Z4096", NULL },
	{ "All 4096 bytes can be had as 512 chunks, and then as one", NULL, smallest_chunks },
	{ "Only positive multiples of 8 up to 4096 are granted; others get EINVAL or ENOMEM", NULL, every_size },
	{ "A bad pointer is refused with EINVAL and a line that says which mistake it is", NULL, bad_pointers },
	{ "dealloc(NULL) does nothing, and dealloc() of a chunk in use says nothing", NULL, good_pointers },
	{ "A second init(), which is init_alloc() too, fails with EALREADY, and the page lives on", NULL, second_init },
	{ "After cleanup(), the page is gone, and the next page has no chunk of it", NULL, next_life },
	{ "init() and cleanup() can follow each other any number of times", NULL, many_lives },
	{ "After fork(), parent and child each have a page of their own", NULL, two_processes },
	{ "300000 random calls do what the model says", NULL, random_history },
};

static bool set_seed(const char *text)
{
	errno = 0;
	seed = text;
	random_state = strtoul(text, NULL, 10);
	return strspn(text, "0123456789") == strlen(text) && errno == 0 && random_state != 0;
}

int main(int argc, char **argv)
{
	int passed = 0, failed = 0, file;

	if (argc > 2 || !set_seed(argc == 2 ? argv[1] : seed)) {
		fprintf(stderr, "usage: test_alloc2 [seed]\n  seed  a whole number greater than 0\n");
		return 2;
	}
	do
		file = open("/dev/null", O_RDWR); /* a closed standard stream: no pipe may take its place */
	while (0 <= file && file <= STDERR_FILENO);
	alarm(SECONDS);
	signal(SIGCHLD, SIG_DFL); /* where it is ignored, waitpid() finds no child */
	setvbuf(stdout, NULL, _IOLBF, 0); /* a crash must not swallow what came before it */
	for (size_t i = 0; i < sizeof promises / sizeof *promises && !no_page_can_be_had; i++) {
		const struct promise *promise = &promises[i];

		printf("%s\n", promise->name);
		if (promise->steps != NULL ? open_page() && play(promise->steps) && close_page() : promise->is_kept()) {
			passed++;
			continue;
		}
		failed++;
		printf("FAILED: %s: %s", promise->name, wrong);
		if (promise->is_kept == random_history)
			printf(" (call %ld with seed %s)", random_calls, seed);
		putchar('\n');
		cleanup();
		set_page(NULL);
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
