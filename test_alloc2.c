/*
 * test_alloc2.c - the thorough test, for any solution to the lab; `usage` below says what it can do
 *
 * Each test is a series of calls. It runs in its own process, and every result is compared with a model of the page. If
 * a test fails, calls are dropped and sizes made smaller as long as it still fails. What is left is printed, each call
 * with the page after it, and then the command that repeats it: for a debugger, or for a mail to the author.
 */
#define _DEFAULT_SOURCE 1 /* declares MAP_ANONYMOUS, madvise() and nrand48() in strict C, too */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __TINYC__ /* has no weak references: with it, a solution must have init() */
#define init_alloc init
#endif
/* Declared here, because a solution's alloc.h may define any name. Either init() or init_alloc() is enough. */
int init(void) __attribute__((weak));
int init_alloc(void) __attribute__((weak));
int cleanup(void);
char *alloc(int bytes);
void dealloc(char *chunk);

static const char usage[] =
	"usage: test_alloc2 [CALL ...]\n"
	"Without a CALL, runs all tests. Otherwise calls init(), unless that is the first CALL, and makes the calls:\n"
	"  64, 8x3, -A    alloc(64), three times alloc(8), dealloc(A); the requests are called A to Z, A1 to Z1, ...\n"
	"  random:P,C,N   on each of P pages, C calls in random order, with at most N chunks in use\n"
	"  read           compares what was written into the chunks, as is done after each call; free-all frees all\n"
	"  init, cleanup  must return 0; next-page calls both, and demands less; no-memory makes mmap fail from now on\n"
	"Calls that the handout does not define are refused or skipped. After each call, \"A:64 free:4032\" is a page with\n"
	"chunk A of 64 bytes, and 4032 free bytes. Adjacent free chunks are listed apart: a solution need not coalesce them.\n";

enum { PAGE = 4096, UNIT = 8, UNITS = PAGE / UNIT };
#define PRINT_TO(array, ...) (void)snprintf(array, sizeof(array), __VA_ARGS__)

/* 1. The tests: a title, and calls as in the usage above */
static const struct { const char *title, *calls; } tests[] = {
	{ "init() and cleanup() return 0", "init cleanup" },
	{ "all 4096 bytes can be allocated as one chunk", "4096" },
	{ "while all 4096 bytes are in use, every request is refused", "4096 8 4096" },
	{ "a size that is too large, or not a multiple of 8, is refused, and nothing changes",
	  "12 9 4 1 100 -4 -12 4095 4100 4104 12288 65544 524296 2147483640 8 4096 4080 12 4104 16" },
	{ "all 4096 bytes can be allocated as chunks of different sizes", "8 1000 3040 16x2 8x2" },
	/* Tests 6 to 12 leave 8 bytes free: a solution that never uses the last 8 should fail few tests. */
	{ "a freed chunk serves any request up to its size", "4088 -A 4088 -B 4080 -C 8" },
	{ "a free chunk is found among chunks in use",
	  "32 8 128 8 512 8 1024 2368 -A -C -E -G 1024 512 128 32 16 -I -J -K -L 1024 512 128 32 16" },
	{ "the rest of a freed chunk stays available after a smaller request",
	  "4088 -A 1024 2048 16 1000 16 -C -D 512x2 1024 16x2" },
	{ "freed memory can be allocated in other sizes, again and again",
	  "64 16 -A 16x2 32 4008 -C -B 16x3 -D -G 16x3" },
	{ "adjacent freed chunks can all be allocated again",
	  "1024 512x3 1528 -B -D -C 512x3 16 -F -G -H 512x3 16 -L -K -J 512x3 16" },
	{ "what is written into a chunk stays there",
	  "64 128 256 128 read -B read 128 read -A read -C read 256 read 64 read" },
	{ "cleanup() gives the page back and returns 0", "64 2048 -A cleanup" },
	{ "init() after cleanup() gets an entirely free page",
	  "8 1000 64 16 -B next-page 4096 16 -E 4096 next-page 4096 16 next-page 4096 16" },
	{ "calls in random order, with few chunks in use, are all correct", "random:100,30,8" },
	{ "a page full of small chunks can be freed and allocated again", "4096 -A 16 8x510 -B 8x3 free-all 8x513" },
	{ "calls in random order, with many chunks in use, are all correct", "random:30,1000,32" },
	{ "180000 calls on one page are all correct", "random:1,180000,100" }, /* more chunks than 16 bits can count */
	{ "calls on 2000 pages, one after another, are all correct", "next-pagex1100 random:900,25,25" },
	{ "init() fails if mmap fails", "no-memory next-page" },
};
enum { TESTS = sizeof tests / sizeof *tests, MOST_STEPS = 200000 };

/* 2. A series of calls. It does not depend on where a solution places its chunks. */
enum kind { ALLOC, ALLOC_LARGEST, ALLOC_MORE, DEALLOC, READ, CLEANUP, INIT, NEXT_PAGE, NO_MEMORY };
static const char *const words[] = { "read", "cleanup", "init", "next-page", "no-memory" }; /* from READ on */

static struct step {
	enum kind kind;
	int request; /* its number, from 1; for DEALLOC, that of the request whose chunk is freed */
	int bytes;   /* requested; for ALLOC_LARGEST and ALLOC_MORE, set when the request is made */
} *series;       /* shared by the process that makes the calls and its parent */
static int steps, requests; /* in the series */

static void add(enum kind kind, int request, int bytes)
{
	const struct step step = { kind, request, bytes }, first = { NEXT_PAGE, 0, 0 };
	if (steps == 0 && kind != INIT)
		series[steps++] = first;
	if (steps == MOST_STEPS)
		errx(2, "more than %d calls", MOST_STEPS);
	series[steps++] = step;
}

static unsigned short random_state[3]; /* for nrand48(), which is the same in every libc */
static int random_below(int limit) { return (int)(nrand48(random_state) % limit); }

/* Adds `calls` calls on each page. The limit of chunks in use grows from 2 to `most_chunks`. */
static bool add_random(int pages, int calls, int most_chunks)
{
	int request_in[UNITS] = { 0 }; /* whose chunks are still in use; 0: none */
	if (pages < 1 || calls < 1 || pages > MOST_STEPS / calls || most_chunks < 2 || most_chunks > UNITS)
		return false;
	for (int i = 0, most_units = 1; i < pages * calls; i++) {
		int *request = &request_in[random_below(2 + i / pages * (most_chunks - 1) / calls)];
		int choice = random_below(16);
		if (i % 30 == 0)
			most_units = 1 << random_below(10);
		int bytes = (1 + random_below(most_units)) * UNIT;
		if (choice == 0)
			add(READ, 0, 0);
		enum kind kind = *request > 0 ? DEALLOC : choice < 3 ? ALLOC_LARGEST : choice == 3 ? ALLOC_MORE : ALLOC;
		add(kind, kind == DEALLOC ? *request : ++requests, choice == 4 ? bytes + 4 : bytes);
		*request = kind == DEALLOC ? 0 : requests;
		if (i % calls == calls - 1 && i < pages * calls - 1)
			add(NEXT_PAGE, 0, 0);
	}
	return true;
}

/* Adds the steps that a word stands for. Returns false if it stands for none. */
static bool add_word(const char *word)
{
	char *end, rest;
	int pages, calls, chunks;
	bool is_free = word[0] == '-' && word[1] >= 'A' && word[1] <= 'Z';
	enum kind kind = is_free ? DEALLOC : ALLOC;
	long number = strtol(word + 2 * is_free, &end, 10), times = 1; /* bytes, or a request */
	if (strcmp(word, "free-all") == 0) {
		for (int skipped = 0; skipped < 2; skipped++) /* first every second chunk, from the last down */
			for (int request = requests - skipped; request > 0; request -= 2)
				add(DEALLOC, request, 0);
		return requests > 0;
	}
	if (sscanf(word, "random:%d,%d,%d%c", &pages, &calls, &chunks, &rest) == 3)
		return add_random(pages, calls, chunks);
	for (int i = READ; i <= NO_MEMORY; i++)
		if (strncmp(word, words[i - READ], strlen(words[i - READ])) == 0) {
			kind = (enum kind)i;
			end += strlen(words[i - READ]);
		}
	if (is_free)
		number = number % MOST_STEPS * 26 + word[1] - 'A' + 1;
	if (*end == 'x' && end > word)
		times = strtol(end + 1, &end, 10);
	if (end == word || *end != '\0' || times < 1 || (kind == DEALLOC && (number < 1 || number > requests)) ||
	    (kind == ALLOC && (number != (int)number || (number <= 0 && number % UNIT == 0))))
		return false; /* the handout says nothing about requests for 0, -8, -16, ... */
	for (; times > 0; times--)
		add(kind, kind == ALLOC ? ++requests : (int)number, (int)number);
	return true;
}

/*
 * 3. The model. The handout says that a freed chunk of N1 bytes serves any N2 <= N1, and that the leftover N1 - N2
 * stays available. So free memory is a set of pieces, at first one of 4096 bytes. A chunk is taken from a piece, and
 * leaves one or two smaller pieces, or none. A freed chunk becomes a piece. A request must succeed if a piece is large
 * enough. If none is, it may succeed, because a solution may coalesce.
 */
static bool has_page, is_limited; /* there is a page; mmap fails */
static char *page;                /* NULL until the first chunk shows where it is */
static int owner[UNITS];          /* N in the chunk of request N; -N once it is freed; 0 where none ever was */
static int start_of[MOST_STEPS];  /* for each request, the first unit of its chunk */
static char contents[PAGE];       /* of the chunks in use */

static bool is_mapped(char *place) { return madvise(place, PAGE, MADV_NORMAL) == 0; }
static const char *name(int request) /* A to Z, A1 to Z1, ... */
{
	static char letters[16];
	PRINT_TO(letters, "%c%.0d", 'A' + (request - 1) % 26, (request - 1) / 26); /* prints no 0 */
	return letters;
}

static const char *word_for(const struct step *step)
{
	static char word[24];
	if (step->kind >= READ)
		return words[step->kind - READ];
	PRINT_TO(word, step->kind == DEALLOC ? "-%s" : "%.0s%d", name(step->request), step->bytes);
	return word;
}

/* The first unit after the chunk or piece that starts with unit `from`. */
static int end_of(int from)
{
	int end = from;
	while (end < UNITS && owner[end] == owner[from])
		end++;
	return end;
}
static int size_of(int from) { return (end_of(from) - from) * UNIT; } /* bytes */

/* The first unit of the largest free piece; UNITS if there is none. */
static int largest_piece(void)
{
	int largest = UNITS;
	for (int unit = 0; unit < UNITS; unit = end_of(unit))
		if (owner[unit] <= 0 && size_of(unit) > size_of(largest))
			largest = unit;
	return largest;
}

/* 4. Making the calls */
enum verdict { FAILED, PASSED, SKIPPED };
static const char *const verdict_names[] = { "FAILED", "ok", "skipped" };

/* How far the process that makes the calls has come. It shares this memory with its parent. */
static struct outcome {
	int steps, calls;     /* begun */
	int printed;          /* calls */
	char doing[64];       /* the current call, or what follows it */
	char result[32];      /* of the call */
	char reason[128];     /* what is wrong */
	enum verdict verdict; /* FAILED until finish() says otherwise */
} *outcome;

enum { GUARDS = 16, HOLE = 8, SHOWN = 12 }; /* SHOWN: how many steps, and parts of the page, are printed */
static char *guards[GUARDS];           /* no access; mmap puts the first page below them, the next in the hole */
static FILE *out;                      /* not stdout, which is left to the solution */
static bool is_command;                /* the calls are those of the command line */
static bool is_printing;               /* the calls; also compares the contents after each */
static int most_ticks = 100;           /* of 50 ms, that a call may take */
static volatile sig_atomic_t ticks;    /* since the current call began */

#define BEGIN(...) (ticks = 0, outcome->calls++, PRINT_TO(outcome->doing, __VA_ARGS__))
#define END(unit, ...) (PRINT_TO(outcome->result, __VA_ARGS__), print_call(unit))
#define FAIL(...) (PRINT_TO(outcome->reason, __VA_ARGS__), finish(FAILED))
#define DEMAND(condition, ...) ((condition) ? (void)0 : FAIL(__VA_ARGS__))

static void finish(enum verdict verdict)
{
	outcome->verdict = verdict;
	const char *what = verdict == FAILED ? outcome->doing : verdict_names[verdict];
	if (is_command)
		fprintf(out, verdict == PASSED ? "  %s%s\n" : "  %s %s\n", what, outcome->reason);
	fflush(stdout);
	_exit(ferror(out) || verdict == FAILED);
}

/* Prints the call, its result, and the page near `unit` (UNITS: no page), if this call is to be printed. */
static void print_call(int unit)
{
	int part = 0, first = -SHOWN * 2 / 3; /* parts of the page */
	if (!is_printing || (outcome->steps < steps - SHOWN && !is_command))
		return;
	ticks = -1000000; /* the reader of the output may pause */
	if (outcome->printed++ == 0 && outcome->calls > 1)
		fprintf(out, "  after %d call%s:\n", outcome->calls - 1, outcome->calls == 2 ? "" : "s");
	fprintf(out, "  %s %-*s", outcome->doing, unit < UNITS ? 28 - (int)strlen(outcome->doing) : 0, outcome->result);
	for (int from = 0; from < unit; from = end_of(from))
		first++;
	for (int from = unit < UNITS ? 0 : UNITS; from < UNITS; from = end_of(from), part++)
		if (part >= first && part < first + SHOWN)
			fprintf(out, " %s:%d", owner[from] > 0 ? name(owner[from]) : "free", size_of(from));
		else if (part == first - 1 || part == first + SHOWN)
			fputs(" ...", out);
	fputc('\n', out);
}

/* Checks where the new chunk is, and enters it in the model. Returns its first unit. */
static int place(const char *start, int bytes, int request)
{
	DEMAND(bytes % UNIT == 0, "returned a pointer, although %d is not a multiple of 8", bytes);
	DEMAND(bytes <= PAGE, "returned a pointer, although the page has 4096 bytes");
	bool is_first = page == NULL;
	page = is_first ? (char *)((uintptr_t)start / PAGE * PAGE) : page; /* mmap returns such an address */
	long offset = (long)((uintptr_t)start - (uintptr_t)page);
	DEMAND(!is_first || is_mapped(page), "returned an address where no memory is mapped");
	DEMAND(!is_first || offset + bytes <= PAGE, "returned %d bytes that cross the end of a page of memory", bytes);
	DEMAND(labs(offset) <= 65536, "returned an address far from the page");
	DEMAND(offset >= 0 && offset + bytes <= PAGE, "returned %d bytes at offset %ld, not all in the page", bytes, offset);
	DEMAND(offset % UNIT == 0, "returned a chunk at offset %ld, which is not a multiple of 8", offset);
	for (long unit = offset / UNIT; unit < (offset + bytes) / UNIT; unit++) {
		DEMAND(owner[unit] <= 0, "returned a chunk at offset %ld, which overlaps %s", offset, name(owner[unit]));
		owner[unit] = request;
	}
	return start_of[request] = (int)offset / UNIT;
}

static void run_alloc(struct step *step)
{
	if (step->kind != ALLOC)
		step->bytes = size_of(largest_piece());
	if (step->kind == ALLOC_MORE || step->bytes == 0)
		step->bytes += UNIT;
	int bytes = step->bytes, request = step->request;
	BEGIN("alloc(%d)", bytes);
	char *start = alloc(bytes);
	int unit = start != NULL ? place(start, bytes, request) : largest_piece();
	DEMAND(start != NULL || bytes % UNIT != 0 || bytes > size_of(unit),
	       "returned NULL, although there is a free chunk of %d bytes at offset %d", size_of(unit), unit * UNIT);
	END(unit % UNITS, start == NULL ? "= NULL" : "= %s at %d", name(request), unit * UNIT);
	if (start == NULL)
		return;
	PRINT_TO(outcome->doing, "accessing %s", name(request));
	if (request % 4 != 2) /* most chunks are filled with letters, some with zeros, and some stay as they are */
		memset(start, request % 4 == 0 ? '\0' : 'A' + (request - 1) % 26, (size_t)bytes);
	memcpy(contents + unit * UNIT, start, (size_t)bytes);
}

static void run_dealloc(int request)
{
	int from = start_of[request], end = end_of(from);
	BEGIN("dealloc(%s)", name(request));
	dealloc(page + from * UNIT);
	for (int unit = from; unit < end; unit++)
		owner[unit] = -request;
	END(from, "%s", "");
}

static void run_read(void)
{
	for (int byte = 0; byte < PAGE; byte++)
		if (owner[byte / UNIT] > 0 && page[byte] != contents[byte]) {
			PRINT_TO(outcome->doing, "reading %s", name(owner[byte / UNIT]));
			FAIL("shows that byte %d has changed", byte - start_of[owner[byte / UNIT]] * UNIT);
		}
}

static void run_init(bool is_judged)
{
	static int usual; /* if the first result is not 0, that should fail only test 1 */
	BEGIN(is_limited ? "init(), while mmap fails," : "init()");
	errno = 0;
	int status = init != NULL ? init() : init_alloc();
	if (outcome->calls == 1)
		usual = is_judged ? 0 : status;
	DEMAND(!is_limited || status != 0, "returned 0");
	const char *error = errno == 0 ? NULL : strerror(errno);
	DEMAND(is_limited || status == 0 || status == usual, error ? "returned %d: %s" : "returned %d", status, error);
	has_page = !is_limited;
	END(has_page ? 0 : UNITS, "= %d", status);
}

static void run_cleanup(bool is_judged)
{
	int used = 0; /* the first unit in use */
	while (used < UNITS && owner[used] <= 0)
		used++;
	BEGIN("cleanup()");
	int status = cleanup();
	bool is_there = page != NULL && is_mapped(page);
	bool is_refused = status != 0 && is_there && used < UNITS; /* it may demand that chunks be freed first */
	const char *state = is_there ? "still there" : "gone";
	DEMAND(!is_judged || page == NULL || is_there == (status != 0), "returned %d, but the page is %s", status, state);
	DEMAND(!is_judged || page == NULL || is_mapped(guards[GUARDS - 1]), "unmapped more than the page");
	DEMAND(!is_judged || status == 0 || is_refused, "returned %d, not 0", status);
	END(is_refused ? used : UNITS, "= %d", status);
	if (is_refused) {
		run_dealloc(owner[used]);
		run_cleanup(is_judged);
		return;
	}
	if (guards[HOLE] != NULL)
		munmap(guards[HOLE], PAGE);
	guards[HOLE] = NULL;
	has_page = false;
	page = NULL;
	memset(owner, 0, sizeof owner);
}

static void forbid_memory(void)
{
	const struct rlimit none = { 0, 0 };
	const char *preloaded = getenv("LD_PRELOAD"); /* by Valgrind, which needs memory itself */
	FILE *file = fopen("/dev/null", "w"); /* so that AddressSanitizer has the memory that perror() needs */
	if (file == NULL || fprintf(file, "%s\n", strerror(ENOMEM)) < 0 || fclose(file) != 0 ||
	    (preloaded != NULL && strstr(preloaded, "vgpreload") != NULL) || setrlimit(RLIMIT_AS, &none) != 0 ||
	    mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) {
		PRINT_TO(outcome->reason, "mmap cannot be made to fail");
		finish(SKIPPED);
	}
	is_limited = true;
}

/* Makes the calls. Ends the process. */
static void run_series(void)
{
	const struct rlimit files = { 1024, 1024 };
	setrlimit(RLIMIT_NOFILE, &files); /* so that a file leaked by each init() is noticed */
	while (outcome->steps < steps) {
		struct step *step = &series[outcome->steps++];
		bool is_possible = step->kind == DEALLOC ? owner[start_of[step->request]] == step->request :
		                   step->kind > INIT || has_page == (step->kind != INIT);
		if (!is_possible && is_command)
			fprintf(out, "  skipped: %s\n", word_for(step));
		if (!is_possible)
			continue; /* what it needs was dropped, refused or freed */
		if (step->kind <= ALLOC_MORE)
			run_alloc(step);
		if (step->kind == DEALLOC)
			run_dealloc(step->request);
		if (step->kind == CLEANUP || (step->kind == NEXT_PAGE && has_page))
			run_cleanup(step->kind == CLEANUP);
		if (step->kind == INIT || step->kind == NEXT_PAGE)
			run_init(step->kind == INIT);
		if (step->kind == NO_MEMORY)
			forbid_memory();
		if (step->kind == READ || is_printing)
			run_read();
	}
	finish(PASSED);
}

/* Reports a signal, or exit() if it is 0. However long it is suspended, a process then gets only one SIGALRM. */
static void end_by(int signal)
{
	ticks = ticks + 1;
	if (signal == SIGALRM && ticks < most_ticks)
		return;
	if (signal == SIGALRM || signal == SIGINT || signal == SIGTERM)
		FAIL("does not return");
	FAIL(signal == 0 ? "ends the program" : "crashes (%s)", strsignal(signal));
}
static void end_by_exit(void) { end_by(0); }

/* Makes the calls that the words say, in this process and without a limit of time, for a debugger. */
static void run_command(char **word)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGINT, SIGTERM };
	for (; *word != NULL; word++)
		if (!add_word(*word))
			errx(2, "cannot make the call '%s'\n%s", *word, usage);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		void (*old)(int) = signal(signals[i], end_by);
		if (old != SIG_DFL) /* AddressSanitizer's */
			signal(signals[i], old);
	}
	atexit(end_by_exit);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* keeps the solution's output in order with ours */
	is_command = is_printing = true;
	run_series();
}

/* 5. Watching the process that makes the calls, and shortening the series */
enum { CPU_SECONDS = 20, SHORTEN_SECONDS = 5 }; /* that a series, and shortening it, may take */
static int null;                                /* /dev/null */

/* Makes the calls in a new process, in which the output of the solution is discarded. */
static enum verdict try_series(void)
{
	const struct rlimit cpu = { CPU_SECONDS, CPU_SECONDS + 1 }, core = { 0, 0 };
	int status = 0;
	memset(outcome, 0, sizeof *outcome);
	pid_t child = fork();
	if (child < 0)
		err(2, "fork");
	if (child == 0) {
		for (int file = 0; file <= STDERR_FILENO; file++)
			dup2(null, file);
		setrlimit(RLIMIT_CPU, &cpu);
		setrlimit(RLIMIT_CORE, &core);
		signal(SIGALRM, end_by);
		ualarm(50000, 50000);
		run_series();
	}
	waitpid(child, &status, 0);
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (signal == SIGXCPU) {
		PRINT_TO(outcome->reason, "%d calls took %d seconds", outcome->calls, CPU_SECONDS);
		outcome->verdict = SKIPPED; /* slow, which is not wrong */
	} else if (outcome->verdict == FAILED && outcome->reason[0] == '\0') {
		PRINT_TO(outcome->reason, signal == 0 ? "ends the program" : "crashes (%s)", strsignal(signal));
	}
	return outcome->verdict;
}

static struct outcome original; /* of the whole series */
static time_t deadline;         /* for shortening it */
static int changes;             /* kept so far */

/* Resizes request series[at], unless `bytes` is 0, and drops the next `count` steps. Undone unless it still fails. */
static bool change(int at, int bytes, int count)
{
	static struct step old[MOST_STEPS];
	static int new_number[MOST_STEPS]; /* of each request; 0: dropped */
	const struct step resized = { ALLOC, series[at].request, bytes };
	int old_steps = steps, made = 0;
	if (time(NULL) >= deadline)
		return false;
	memcpy(old, series, (size_t)steps * sizeof *old);
	steps = 0;
	for (int i = 0; i < old_steps; i++) {
		struct step next = i == at && bytes > 0 ? resized : old[i];
		bool is_dropped = i > at && i <= at + count;
		if (next.kind < DEALLOC)
			new_number[next.request] = is_dropped ? 0 : ++made;
		if (next.kind <= DEALLOC)
			next.request = new_number[next.request];
		if (!is_dropped && (next.kind != DEALLOC || next.request > 0))
			series[steps++] = next;
	}
	bool is_kept = try_series() == FAILED && strncmp(outcome->reason, original.reason, 12) == 0;
	if (!is_kept)
		memcpy(series, old, (size_t)old_steps * sizeof *old);
	steps = is_kept ? outcome->steps : old_steps;
	changes += is_kept;
	return is_kept;
}

static void shorten(void)
{
	for (int before = -1; before < changes;) {
		before = changes;
		for (int count = steps / 2; count > 0; count /= 2) /* drops half of the steps, a quarter, ..., single ones */
			for (int from = steps - 1 - count; from > 0; from -= count)
				if (from < steps - 1)
					change(from - 1, 0, count);
		for (int i = steps - 1; i > 0; i = i < steps ? i - 1 : steps - 1) { /* merges requests, or makes them smaller */
			int bytes = UNIT, now = series[i].bytes;
			if (series[i].kind > ALLOC_MORE)
				continue;
			if (series[i - 1].kind <= ALLOC_MORE && series[i - 1].bytes <= PAGE - now &&
			    change(i - 1, series[i - 1].bytes + now, 1))
				continue;
			while (bytes < now && bytes <= 2 * PAGE && !change(i, bytes, 0))
				bytes *= 2;
		}
	}
}

/* Prints what is wrong with the last call, and the command that repeats the calls, if it is not too long. */
static void print_end(void)
{
	char command[320] = "", word[24];
	fprintf(out, "  %s %s\n", outcome->doing, outcome->reason);
	for (int i = series[0].kind == NEXT_PAGE, times; i < outcome->steps; i += times) {
		size_t length = strlen(command);
		PRINT_TO(word, "%s", word_for(&series[i]));
		for (times = 1; i + times < outcome->steps && strcmp(word, word_for(&series[i + times])) == 0; times++)
			;
		(void)snprintf(command + length, sizeof command - length, times > 1 ? " %sx%d" : " %s", word, times);
	}
	if (strlen(command) < sizeof command - 1)
		fprintf(out, "  to repeat: ./test_alloc2%s\n", command);
}

/* Shortens the series, and prints its last calls. */
static void explain(void)
{
	original = *outcome;
	deadline = time(NULL) + SHORTEN_SECONDS;
	steps = outcome->steps;
	most_ticks = 2;
	shorten();
	most_ticks = 20; /* so that it does not take minutes if each test hangs */
	is_printing = true;
	if (try_series() == FAILED)
		print_end();
	else
		fprintf(out, "  %s %s, but not when it was tried again\n", original.doing, original.reason);
	is_printing = false;
}

int main(int argc, char **argv)
{
	int counts[SKIPPED + 1] = { 0 };
	char calls[256], failure[128] = "";
	outcome = (struct outcome *)mmap(NULL, sizeof *outcome + MOST_STEPS * sizeof *series, PROT_READ | PROT_WRITE,
	                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < GUARDS; i++)
		guards[i] = (char *)mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	series = (struct step *)(outcome + 1);
	null = open("/dev/null", O_RDWR);
	if ((out = fdopen(dup(STDOUT_FILENO), "w")) == NULL)
		out = fopen("/dev/null", "w"); /* stdout is closed: the exit status says enough */
	if (outcome == MAP_FAILED || guards[GUARDS - 1] == MAP_FAILED || null < 0 || out == NULL)
		err(2, "mmap or /dev/null");
	setvbuf(out, NULL, _IOLBF, BUFSIZ); /* a crash or fork() must find no output that waits */
	signal(SIGCHLD, SIG_DFL);           /* if it is ignored, waitpid() finds no child */
	if (init == NULL && init_alloc == NULL)
		errx(2, "there is neither init() nor init_alloc()");
	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		exit(printf("%s", usage) < 0);
	if (argc > 1)
		run_command(argv + 1);
	for (int i = 0; i < TESTS; i++) {
		steps = requests = 0;
		PRINT_TO(calls, "%s", tests[i].calls);
		for (const char *word = strtok(calls, " "); word != NULL; word = strtok(NULL, " "))
			add_word(word);
		enum verdict verdict = try_series();
		fprintf(out, "%s %d: %s\n", verdict_names[verdict], i + 1, tests[i].title);
		if (verdict == SKIPPED)
			fprintf(out, "  %s\n", outcome->reason);
		if (verdict == FAILED && counts[FAILED] == 0) {
			PRINT_TO(failure, ", first %d: %s", i + 1, tests[i].title);
			explain();
		}
		counts[verdict]++;
	}
	fprintf(out, counts[SKIPPED] == 0 ? "%d passed, %d failed%.0d%s\n" : "%d passed, %d failed, %d skipped%s\n",
	        counts[PASSED], counts[FAILED], counts[SKIPPED], failure);
	_exit(ferror(out) || counts[FAILED] > 0); /* without the exit handlers of the solution */
}
