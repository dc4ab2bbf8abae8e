/* A library with a MiB of thread locals, which each thread that touches them gets from the heap. */
static __thread char much[1 << 20];

char *touch(void) { return much; }
