/*
 * What libFuzzer calls: hands inputs to the managed library and registers its counters.
 *
 *   driver --target=NAME [libFuzzer's options] [CORPUS ...]
 *
 * libFuzzer ignores options that begin with two hyphens, and passes them on to the processes that it starts itself.
 */
#include "faults.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer's run-time, which the compiler's own instrumentation would call. */
void __sanitizer_cov_8bit_counters_init(uint8_t *begin, uint8_t *end);
void __sanitizer_cov_pcs_init(const uintptr_t *begin, const uintptr_t *end);
void __sanitizer_cov_trace_const_cmp4(uint32_t constant, uint32_t value);
void __sanitizer_cov_trace_const_cmp8(uint64_t constant, uint64_t value);
void __sanitizer_weak_hook_memcmp(void *caller, const void *left, const void *right, size_t length, int result);

/* fuzz/Megatorrent.Fuzz/Exports.cs; the layout of the hooks is there, too. */
struct hooks {
    void (*compare4)(uint32_t, uint32_t);
    void (*compare8)(uint64_t, uint64_t);
    void (*memory)(void *, const void *, const void *, size_t, int);
};
int megatorrent_fuzz_start(const char *target, const struct hooks *hooks, uint8_t **counters, size_t *count);
int megatorrent_fuzz_run(const uint8_t *data, size_t length);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    static const char option[] = "--target=";
    const char *target = NULL;
    for (int i = 1; i < *argc; i++) {
        if (strncmp((*argv)[i], option, sizeof option - 1) == 0)
            target = (*argv)[i] + sizeof option - 1;
    }
    if (target == NULL) {
        fprintf(stderr, "driver: --target=NAME is missing\n");
        exit(2);
    }

    abort_on_faults();

    static const struct hooks hooks = {
        __sanitizer_cov_trace_const_cmp4, __sanitizer_cov_trace_const_cmp8, __sanitizer_weak_hook_memcmp};
    uint8_t *counters = NULL;
    size_t count = 0;
    if (megatorrent_fuzz_start(target, &hooks, &counters, &count) != 0) {
        fprintf(stderr, "driver: there is no target '%s'\n", target);
        exit(2);
    }

    /* libFuzzer names an edge by an address and flags. Ours have none: their numbers do, and no flag says that a function starts. */
    uintptr_t *places = calloc(count * 2, sizeof *places);
    if (places == NULL)
        abort();
    for (size_t i = 0; i < count; i++)
        places[i * 2] = i + 1;
    __sanitizer_cov_8bit_counters_init(counters, counters + count);
    __sanitizer_cov_pcs_init(places, places + count * 2);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    if (megatorrent_fuzz_run(data, length) != 0)
        abort();
    return 0;
}
