/*
 * What the suite needs when it is compiled with -fsanitize=address; nothing otherwise. Beside the options, which any program under
 * AddressSanitizer needs that links libmegatorrent (native/ABI.md has them too), it tells LeakSanitizer where to look: that scans stacks,
 * globals and what malloc gave, but not the heap of the managed runtime, which is mapped memory. Native memory that is owned by a managed
 * object would be taken for a leak, and a true leak be lost among them.
 */
#include "suite.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SUITE_HAS_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SUITE_HAS_ADDRESS_SANITIZER 1
#endif

#if defined(SUITE_HAS_ADDRESS_SANITIZER)

#include <sanitizer/lsan_interface.h>

/* As <sanitizer/allocator_interface.h> declares it, which not every gcc comes with. */
int __sanitizer_install_malloc_and_free_hooks(
    void (*allocated)(const volatile void *memory, size_t length), void (*freed)(const volatile void *memory));

/* Found by name when the process starts. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

static void tell_roots(void);

/* Where AddressSanitizer has its shadow and its heap on x86-64: there every address stands that was ever allocated. */
static const uint64_t own_memory[][2] = { { 0, 0x100080000000u }, { 0x600000000000u, 0x640000000000u } };

const char *__asan_default_options(void)
{
    /* The runtime turns SIGSEGV in its code into an exception, on a stack of its own; AddressSanitizer must leave both to it. */
    return "handle_segv=0:allow_user_segv_handler=1:use_sigaltstack=0:detect_leaks=1:strict_string_checks=1";
}

const char *__ubsan_default_options(void)
{
    return "print_stacktrace=1:halt_on_error=1";
}

/*
 * The type loader of the runtime makes a type when it is first needed, once and for ever, with 8 bytes of writable data that it points to
 * by a 32-bit offset, which LeakSanitizer cannot follow. Names do not help here: the library has none, and to leave out all that comes from
 * it would hide its true leaks.
 */
static void ignore_data_of_types(const volatile void *memory, size_t length)
{
    if (length == 8)
        __lsan_ignore_object((const void *)(uintptr_t)memory);
}

static void ignore_free(const volatile void *memory)
{
    (void)memory;
}

void prepare_sanitizers(void)
{
    __sanitizer_install_malloc_and_free_hooks(ignore_data_of_types, ignore_free);
    atexit(tell_roots);
}

static void tell_roots(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512], access[5];
    unsigned long long begin, end, inode;
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
    {
        if (sscanf(line, "%llx-%llx %4s %*x %*x:%*x %llu", &begin, &end, access, &inode) != 4)
            continue;
        if (strcmp(access, "rw-p") != 0 || inode != 0 || begin < own_memory[0][1])
            continue;
        if (begin >= own_memory[1][0] && begin < own_memory[1][1])
            continue;
        __lsan_register_root_region((void *)(uintptr_t)begin, (size_t)(end - begin));
    }

    if (maps != NULL)
        fclose(maps);
}

#else

void prepare_sanitizers(void)
{
}

#endif
