/* Programs to which the system refuses calls (seccomp). */
#define _GNU_SOURCE
#include "check.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    const char *name;
    unsigned number;
} calls[] = {
    {"clock_gettime", SYS_clock_gettime},
    {"exit_group", SYS_exit_group},
    {"futex", SYS_futex},
    {"getrandom", SYS_getrandom},
    {"madvise", SYS_madvise},
    {"membarrier", SYS_membarrier},
    {"mmap", SYS_mmap},
    {"mprotect", SYS_mprotect},
    {"mremap", SYS_mremap},
    {"munmap", SYS_munmap},
    {"prctl", SYS_prctl},
    {"rt_sigaction", SYS_rt_sigaction},
    {"sched_yield", SYS_sched_yield},
    {"write", SYS_write},
};

enum { N_CALLS = sizeof calls / sizeof *calls };

/* Sets a filter for all threads: `named` for the calls that `names` has, in one word, `others` for
   the rest. */
static void filter(const char *names, unsigned named, unsigned others) {
    struct sock_filter code[2 * N_CALLS + 2];
    unsigned short n = 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < N_CALLS; i++) {
        if (strstr(names, calls[i].name)) {
            code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1);
            code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, named);
        }
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, others);
    struct sock_fprog program = {n, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0) {
        fprintf(stderr, "skipped: there is no seccomp\n");
        _exit(0);
    }
}

enum { N_BLOCKS = 200 };

static void *passed_on[2][N_BLOCKS];

/* Blocks of all kinds, some of them for another thread to free. Null is an answer if `may_fail`. */
static void work(int number, int may_fail) {
    for (int i = 0; i < N_BLOCKS; i++) {
        size_t size = i % 40 ? 1 + i * 23 : i ? 300 << 10 : 40 << 20;
        unsigned char *block = i % 3 ? malloc(size) : calloc(1, size);
        CHECK(block || may_fail);
        if (!block)
            continue;
        CHECK(i % 3 || !block[size - 1]);
        block[0] = block[size - 1] = (unsigned char)i;
        unsigned char *grown = realloc(block, size * 2);
        CHECK(grown || may_fail);
        block = grown ? grown : block;
        CHECK(block[0] == (unsigned char)i && block[size - 1] == (unsigned char)i);
        if (i % 2)
            passed_on[number][i] = block;
        else
            free(block);
        free(aligned_alloc(64 << i % 8, 64 << i % 8));
    }
}

static void free_passed_on(int number) {
    for (int i = 0; i < N_BLOCKS; i++) {
        free(passed_on[number][i]);
        passed_on[number][i] = NULL;
    }
}

/* No call but the allocator's: threads wait by looking. */
static atomic_int turn;

static void wait_for(int value) {
    while (turn < value)
        ;
}

static int may_fail;

static atomic_int started;

static void *other(void *unused) {
    (void)unused;
    started = 1;
    wait_for(1);
    work(1, may_fail);
    turn = 2;
    wait_for(3);
    free_passed_on(0);
    turn = 4;
    wait_for(5);
    return NULL;
}

/* The other thread, past the calls by which the C library starts it. */
static pthread_t start_other(void) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, other, NULL) == 0);
    while (!started)
        ;
    return thread;
}

/* Both threads work, and free each other's blocks. */
static void work_with_another(void) {
    turn = 1;
    work(0, may_fail);
    wait_for(2);
    turn = 3;
    free_passed_on(1);
    wait_for(4);
    malloc_trim(0);
}

/* Says which call it was. */
static void refused(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    char text[] = "call 000 is not listed\n";
    for (int at = 7, number = info->si_syscall; at > 4; at--, number /= 10)
        text[at] = (char)('0' + number % 10);
    write(STDERR_FILENO, text, sizeof text - 1);
    _exit(1);
}

static char **arguments;

/* Every call but the listed ones ends the process. */
static void test_listed(void) {
    char names[1000];
    start_other();
    struct sigaction action = {.sa_sigaction = refused, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &action, NULL);
    snprintf(names, sizeof names, "%s exit_group write", arguments[3]);
    filter(names, SECCOMP_RET_ALLOW, SECCOMP_RET_TRAP);
    work_with_another();
    static const char done[] = "listed: as it should be\n";
    if (!failures)
        write(STDOUT_FILENO, done, sizeof done - 1);
    _exit(failures != 0);
}

/* No more memory from the system, ever: what is left serves, then null. */
static void test_no_memory(void) {
    may_fail = 1;
    free(malloc(5000));
    pthread_t thread = start_other();
    filter("mmap mprotect mremap munmap", SECCOMP_RET_ERRNO | ENOMEM, SECCOMP_RET_ALLOW);
    work_with_another();
    turn = 5;
    pthread_join(thread, NULL);
}

static void *four(void *number) {
    size_t n = (size_t)number;
    work(n % 2, 0);
    return NULL;
}

/* Refused calls from the first one of the program on: the filter is there before it begins. */
static void test_refused(void) {
    if (!getenv("CONFINED")) {
        filter(arguments[3], SECCOMP_RET_ERRNO | (unsigned)times, SECCOMP_RET_ALLOW);
        setenv("CONFINED", "1", 1);
        execv("/proc/self/exe", arguments);
        CHECK(0);
    }
    for (int round = 0; round < 2; round++) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, four, (void *)(size_t)round) == 0);
        pthread_join(thread, NULL);
    }
    turn = 0;
    pthread_t thread;
    free_passed_on(0);
    free_passed_on(1);
    CHECK(pthread_create(&thread, NULL, other, NULL) == 0);
    work_with_another();
    turn = 5;
    pthread_join(thread, NULL);
}

int main(int argc, char **argv) {
    static const struct section sections[] = {
        {"listed", test_listed},
        {"no-memory", test_no_memory},
        {"refused", test_refused},
        {NULL, NULL},
    };
    arguments = argv;
    return run_section(sections, argc, argv);
}
