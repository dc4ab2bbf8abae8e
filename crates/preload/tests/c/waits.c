/* A library whose constructor tells the program that it runs, and waits for an answer. */
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void come(void) {
    int file = atoi(getenv("PROGRAM"));
    char answer = 0;
    if (write(file, "?", 1) != 1 || read(file, &answer, 1) != 1)
        _exit(7);
}
