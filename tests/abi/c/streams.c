/* Uploads and downloads: part 12 of the header. */
#include "suite.h"

static mt_upload_t *begin_upload(void)
{
    mt_upload_t *upload = NULL;
    must(mt_upload_create(shared_client(), &upload, NULL), "an upload");
    return upload;
}

static capability_t finish_upload(mt_upload_t *upload)
{
    capability_t capability;
    size_t length = 0;
    must(mt_upload_finish(upload, capability.text, sizeof capability.text, &length), "finishing the upload");
    EXPECT(length == strlen(capability.text), "the capability has another length than was said");
    return capability;
}

static mt_download_t *begin_download(mt_object_t *object, uint64_t offset, uint64_t length)
{
    mt_download_t *download = NULL;
    must(mt_download_create(object, &download, offset, length), "a download");
    return download;
}

/* Reads a download to its end, piece by piece, and compares. */
static void expect_download(mt_download_t *download, const uint8_t *data, size_t length, size_t piece)
{
    bytes_t got = new_bytes(piece);
    size_t done = 0, read = 0;
    for (;;)
    {
        must(mt_download_read(download, got.data, got.length, &read), "reading at %zu", done);
        if (read == 0)
            break;
        EXPECT(read <= piece && read <= length - done, "%zu bytes came after %zu of %zu", read, done, length);
        EXPECT(same(got.data, data + done, read), "%zu bytes at %zu are others", read, done);
        done += read;
    }

    EXPECT(done == length, "%zu bytes came of %zu", done, length);
    must(mt_download_read(download, got.data, got.length, &read), "reading at the end");
    EXPECT(read == 0, "something comes after the end");
}

static void show_upload_download(void)
{
    static const size_t pieces[] = { 1, 65537, 1000000 };
    bytes_t data = pattern(6000000, 8);
    mt_upload_t *upload;
    mt_download_t *download;
    mt_object_t *object = NULL;
    mt_put_result_t result = { sizeof result, 77, 77, 77, 77, 77, 77, 77 };
    mt_put_options_t options;
    capability_t capability;
    size_t done = 0, i;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.result = &result;
    must(mt_upload_create(shared_client(), &upload, &options), "an upload");
    for (i = 0; done < data.length; i++)
    {
        size_t piece = pieces[i % 3] < data.length - done ? pieces[i % 3] : data.length - done;
        bytes_t part = copy_bytes(data.data + done, piece);
        must(mt_upload_write(upload, part.data, part.length), "writing %zu bytes", piece);
        memset(part.data, 0, piece); /* nothing of it is used after the call */
        done += piece;
    }

    capability = finish_upload(upload);
    EXPECT(
        result.bytes == data.length && result.incomplete_stripes == 0, "the result has %llu bytes, %u incomplete stripes",
        (unsigned long long)result.bytes, result.incomplete_stripes);
    expect_status(mt_upload_write(upload, data.data, 1), MT_ERROR_STATE, "writing to a finished upload");
    mt_upload_destroy(upload);

    must(mt_object_open(shared_client(), &object, capability.text), "opening it");
    download = begin_download(object, 0, MT_LENGTH_UNKNOWN);
    mt_object_destroy(object); /* a download lives on */
    expect_download(download, data.data, data.length, 100000);
    mt_download_destroy(download);
}

static void show_download_range(void)
{
    bytes_t data = pattern(3000000, 8);
    capability_t capability = put(data.data, data.length);
    mt_download_t *download = NULL;
    mt_object_t *object = NULL;
    must(mt_object_open(shared_client(), &object, capability.text), "opening it");
    download = begin_download(object, 1500000, 700000);
    expect_download(download, data.data + 1500000, 700000, 99999);
    mt_download_destroy(download);
    download = begin_download(object, 2999000, 700000);
    expect_download(download, data.data + 2999000, 1000, 4096);
    mt_download_destroy(download);
    download = begin_download(object, 3000000, 1);
    expect_download(download, data.data, 0, 10);
    mt_download_destroy(download);
    expect_status(mt_download_create(object, &download, 3000001, 1), MT_ERROR_INVALID_ARGUMENT, "a download beyond the end");
    mt_object_destroy(object);
}

static void show_empty_stream(void)
{
    mt_upload_t *upload = begin_upload();
    capability_t capability = finish_upload(upload);
    mt_object_info_t info = { sizeof info, 77, 77, 77, 77, 77 };
    mt_download_t *download;
    mt_object_t *object = NULL;
    mt_upload_destroy(upload);
    must(mt_object_open(shared_client(), &object, capability.text), "opening it");
    must(mt_object_get_info(object, &info), "what it is");
    EXPECT(info.length == 0 && info.kind == MT_MANIFEST_FILE, "it has %llu bytes", (unsigned long long)info.length);
    download = begin_download(object, 0, MT_LENGTH_UNKNOWN);
    expect_download(download, NULL, 0, 10);
    mt_download_destroy(download);
    mt_object_destroy(object);
}

static void show_abandoned_upload(void)
{
    bytes_t data = pattern(2097152, 8);
    mt_upload_t *upload = begin_upload();
    must(mt_upload_write(upload, data.data, data.length), "writing 2 MiB");
    mt_upload_destroy(upload);
    expect_content(put(data.data, 1000).text, data.data, 1000);
}

static void show_abandoned_download(void)
{
    bytes_t data = pattern(6000000, 8), got = new_bytes(1000);
    capability_t capability = put(data.data, data.length);
    mt_download_t *first, *second;
    mt_object_t *object = NULL;
    size_t length;
    must(mt_object_open(shared_client(), &object, capability.text), "opening it");
    first = begin_download(object, 0, MT_LENGTH_UNKNOWN);
    second = begin_download(object, 0, MT_LENGTH_UNKNOWN);
    must(mt_download_read(first, got.data, got.length, &length), "the first read");
    EXPECT(length > 0 && same(got.data, data.data, length), "other bytes came");
    mt_download_destroy(first);
    expect_download(second, data.data, data.length, 1000000);
    mt_download_destroy(second);
    mt_object_destroy(object);
    expect_content(capability.text, data.data, data.length);
}

const behaviour_t stream_behaviours[] = {
    { "stream.upload-download", show_upload_download, 1 },
    { "stream.range", show_download_range, 1 },
    { "stream.empty", show_empty_stream, 1 },
    { "stream.abandoned-upload", show_abandoned_upload, 1 },
    { "stream.abandoned-download", show_abandoned_download, 1 },
    { NULL, NULL, 0 },
};
