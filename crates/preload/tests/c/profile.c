/* Functions of known places that allocate known amounts: what a heap profile must find. */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define IN(section_) __attribute__((noinline, section(#section_)))

extern char __start_keeper[], __stop_keeper[], __start_passer[], __stop_passer[];

static void *kept[4096];
static int n_kept;

/* 1,000 blocks of 10,000 bytes, of which a quarter is moved and none is freed. */
IN(keeper) void keep(void) {
    for (int i = 0; i < 1000; i++) {
        void *p = malloc(i % 4 ? 10000 : 10);
        kept[n_kept++] = i % 4 ? p : realloc(p, 10000);
    }
}

/* As many, all freed. */
IN(passer) void pass(void) {
    for (int i = 0; i < 1000; i++)
        free(malloc(10000));
}

/* So many at a time that the profile finds some of them beside others' places. */
IN(passer) void pass_crowd(void) {
    static void *crowd[12000];
    for (int i = 0; i < 12000; i++)
        crowd[i] = malloc(5000 + i * 7919 % 9000);
    for (int i = 0; i < 12000; i++)
        free(crowd[i]);
}

static void *churn(void *unused) {
    for (int i = 0; i < 2000; i++) {
        void *p = malloc(5000);
        free(realloc(p, 20000));
    }
    return unused;
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "";
    int (*start)(size_t), (*dump)(const char *);
    *(void **)&start = dlsym(RTLD_DEFAULT, "malloc_ladder_profile_start");
    *(void **)&dump = dlsym(RTLD_DEFAULT, "malloc_ladder_profile_dump");
    if (strcmp(how, "call") == 0 && (dump(argv[2]) != -1 || start(2000) != 0))
        return 3;
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, churn, NULL);
    keep();
    pass();
    pass_crowd();
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    printf("%p %p %p %p\n", __start_keeper, __stop_keeper, __start_passer, __stop_passer);
    fflush(stdout);
    if (strcmp(how, "call") == 0)
        return dump(argv[2]) ? 4 : 0;
    if (strcmp(how, "signal") == 0) {
        raise(SIGUSR2);
        free(malloc(1));
        _exit(0);
    }
    if (strcmp(how, "fork") == 0) {
        int status = -1;
        pid_t child = fork();
        if (child == 0) {
            pass();
            _exit(dump(argv[2]) ? 5 : 0);
        }
        return waitpid(child, &status, 0) == child && status == 0 ? 0 : 6;
    }
    return 0;
}
