/* A tracer within the process: it puts breakpoints at the probes, and counts itself in the semaphore, as the kernel does
 * for a tracer outside.
 *
 * probes LIBRARY SEMAPHORE ALLOC REGISTERS FREE REGISTERS: the addresses from the library's notes, and the registers of
 * the arguments, each word by itself. */
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define CHECK(what)                                                                     \
    do {                                                                                \
        if (!(what)) {                                                                  \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);          \
            _exit(1);                                                                   \
        }                                                                               \
    } while (0)

enum { EVERY = 512 << 10, HUGE_BLOCK = 64 << 20, ROOM = 1 << 16 };

struct probe {
    uintptr_t place;
    int n_arguments;
    int registers[3];
};

static struct probe alloc_probe, free_probe;
static volatile uint16_t *semaphore;
static uintptr_t base;

static struct event {
    int is_alloc;
    uintptr_t block, size, weight;
} events[ROOM];
static atomic_int n_events;

#if defined(__x86_64__)
static int register_of(const char *name) {
    if (strcmp(name, "%rdi") == 0)
        return REG_RDI;
    if (strcmp(name, "%rsi") == 0)
        return REG_RSI;
    CHECK(strcmp(name, "%rdx") == 0);
    return REG_RDX;
}
static uintptr_t argument(ucontext_t *at, int number) { return at->uc_mcontext.gregs[number]; }
/* The breakpoint is as long as the instruction that it replaces, and the program goes on behind it. */
static uintptr_t stopped_at(ucontext_t *at) { return at->uc_mcontext.gregs[REG_RIP] - 1; }
static void step_over(ucontext_t *at) { (void)at; }
static const unsigned char NOP[] = {0x90}, BREAKPOINT[] = {0xcc};
#elif defined(__aarch64__)
static int register_of(const char *name) { return atoi(name + 1); }
static uintptr_t argument(ucontext_t *at, int number) { return at->uc_mcontext.regs[number]; }
static uintptr_t stopped_at(ucontext_t *at) { return at->uc_mcontext.pc; }
static void step_over(ucontext_t *at) { at->uc_mcontext.pc += 4; }
static const unsigned char NOP[] = {0x1f, 0x20, 0x03, 0xd5}, BREAKPOINT[] = {0x00, 0x00, 0x20, 0xd4};
#endif

static void at_breakpoint(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    ucontext_t *at = context;
    int n = atomic_fetch_add(&n_events, 1);
    struct probe *probe = stopped_at(at) == alloc_probe.place ? &alloc_probe : &free_probe;
    uintptr_t arguments[3] = {0};
    for (int i = 0; i < probe->n_arguments; i++)
        arguments[i] = argument(at, probe->registers[i]);
    if (n < ROOM)
        events[n] = (struct event){probe == &alloc_probe, arguments[0], arguments[1], arguments[2]};
    step_over(at);
}

static int find_base(struct dl_phdr_info *image, size_t size, void *name) {
    (void)size;
    if (strstr(image->dlpi_name, name) == NULL)
        return 0;
    base = image->dlpi_addr;
    return 1;
}

static void attach(struct probe *probe) {
    unsigned char *place = (unsigned char *)probe->place;
    long page = sysconf(_SC_PAGESIZE);
    CHECK(memcmp(place, NOP, sizeof NOP) == 0);
    CHECK(mprotect(place - probe->place % page, page, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
    memcpy(place, BREAKPOINT, sizeof BREAKPOINT);
    __builtin___clear_cache((char *)place, (char *)place + sizeof BREAKPOINT);
}

static atomic_int is_over;

/* A program that needs nothing but the lists of its heap. */
static void *pairs(void *unused) {
    while (!is_over)
        free(malloc(48));
    return unused;
}

static void pass(int n) {
    for (int i = 0; i < n; i++)
        free(malloc(10000));
}

/* The reported blocks that live after the first `n` events, which are in order. Their bytes are added up in `bytes`. */
static int live_after(int n, uintptr_t *bytes) {
    static uintptr_t live[ROOM];
    int n_live = 0;
    *bytes = 0;
    for (int i = 0; i < n; i++) {
        int at = 0;
        while (at < n_live && live[at] != events[i].block)
            at++;
        CHECK((at == n_live) == events[i].is_alloc);
        if (!events[i].is_alloc) {
            live[at] = live[--n_live];
            continue;
        }
        live[n_live++] = events[i].block;
        *bytes += events[i].weight;
        CHECK(events[i].weight % EVERY == 0 && events[i].weight > 0 && events[i].size > 0);
    }
    return n_live;
}

/* The last event: a report of a huge block, of which each byte counts once. */
static void check_huge(void *block, size_t size) {
    struct event *last = &events[n_events - 1];
    CHECK(last->is_alloc && last->block == (uintptr_t)block && last->size == size && last->weight == size);
}

static void check_free(void *block) {
    struct event *last = &events[n_events - 1];
    CHECK(!last->is_alloc && last->block == (uintptr_t)block);
}

static void huge_blocks(void) {
    void *block = malloc(HUGE_BLOCK);
    check_huge(block, HUGE_BLOCK);
    void *moved = realloc(block, 2 * (size_t)HUGE_BLOCK);
    struct event *before = &events[n_events - 2];
    CHECK(!before->is_alloc && before->block == (uintptr_t)block);
    check_huge(moved, 2 * (size_t)HUGE_BLOCK);
    free(moved);
    check_free(moved);
    block = calloc(HUGE_BLOCK / 4, 4);
    check_huge(block, HUGE_BLOCK);
    free(block);
    block = aligned_alloc(4096, HUGE_BLOCK);
    check_huge(block, HUGE_BLOCK);
    free(block);
    CHECK(posix_memalign(&block, 64, HUGE_BLOCK) == 0);
    check_huge(block, HUGE_BLOCK);
    free(block);
    check_free(block);
}

/* Says how many bytes the reports say, and how many were requested. */
static void samples(void) {
    static void *kept[1000];
    uintptr_t bytes, bytes_before;
    int n_before = live_after(n_events, &bytes_before);
    pass(100000);
    int n_after = live_after(n_events, &bytes);
    CHECK(n_after == n_before);
    double passed = bytes - bytes_before;
    CHECK(passed > .88e9 && passed < 1.12e9);
    bytes_before = bytes;
    for (int i = 0; i < 1000; i++)
        kept[i] = malloc(100000);
    n_after = live_after(n_events, &bytes);
    double held = bytes - bytes_before;
    CHECK(held > .6e8 && held < 1.4e8 && n_after > n_before + 100);
    for (int i = 0; i < 1000; i++)
        free(kept[i]);
    CHECK(live_after(n_events, &bytes) == n_before);
}

int main(int argc, char **argv) {
    if (argc != 9)
        return 2;
    CHECK(dl_iterate_phdr(find_base, argv[1]) == 1);
    semaphore = (uint16_t *)(base + strtoul(argv[2], NULL, 16));
    alloc_probe = (struct probe){base + strtoul(argv[3], NULL, 16), 3, {register_of(argv[4]), register_of(argv[5]), register_of(argv[6])}};
    free_probe = (struct probe){base + strtoul(argv[7], NULL, 16), 1, {register_of(argv[8])}};
    struct sigaction action = {.sa_sigaction = at_breakpoint, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGTRAP, &action, NULL) == 0);
    attach(&alloc_probe);
    attach(&free_probe);

    /* Nobody listens. */
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, pairs, NULL) == 0);
    pass(100000);
    free(malloc(HUGE_BLOCK));
    CHECK(n_events == 0 && *semaphore == 0);

    /* A thread that was there before hears of it as well. */
    *semaphore = 2;
    for (int i = 0; i < 1000 && n_events == 0; i++)
        usleep(10000);
    CHECK(n_events > 0);
    is_over = 1;
    CHECK(pthread_join(thread, NULL) == 0);

    huge_blocks();
    samples();
    CHECK(n_events < ROOM);

    /* Nobody listens again. */
    *semaphore = 0;
    pass(10000);
    int n = n_events;
    pass(100000);
    free(malloc(HUGE_BLOCK));
    CHECK(n_events == n);
    puts("probes: as it should be");
    return 0;
}
