/*
 * Runs inputs through a fuzz target without a fuzzer: replay FILE ... For tests, which keep that what was found stays found.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

int main(int argc, char **argv)
{
    LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
    {
        FILE *file = fopen(argv[i], "rb");
        long length;
        uint8_t *data;
        if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (length = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
        {
            fprintf(stderr, "replay: %s cannot be read\n", argv[i]);
            return 1;
        }

        data = malloc((size_t)length + 1);
        if (data == NULL || fread(data, 1, (size_t)length, file) != (size_t)length)
            return 1;
        fclose(file);
        fprintf(stderr, "%s\n", argv[i]);
        LLVMFuzzerTestOneInput(data, (size_t)length);
        free(data);
    }

    printf("ok %d inputs\n", argc - 1);
    return argc > 1 ? 0 : 1;
}
