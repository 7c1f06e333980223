// Canonical bencode: part 7 of the header.
#include "support.h"

namespace megatorrent
{
namespace
{
constexpr Handle::Kind ReaderKind = Handle::Kind::BencodeReader;
constexpr Handle::Kind WriterKind = Handle::Kind::BencodeWriter;

// A token as lib/bencode.js reads it: four doubles and a 64-bit integer side by side, so that many cross the boundary in one call.
struct Record
{
    double type, depth, offset, length;
    int64_t integer;
};

// (data)
Napi::Value CreateReader(const Napi::CallbackInfo &info)
{
    Input data(info[0], "data");
    mt_bencode_reader_t *reader = nullptr;
    Check(info.Env(), mt_bencode_reader_create(&reader, data.data(), data.length()));
    return Wrap<mt_bencode_reader_destroy>(info.Env(), ReaderKind, reader);
}

// (reader, records); fills as many as fit, up to the end of the document, and gives their number
Napi::Value Next(const Napi::CallbackInfo &info)
{
    auto *reader = Live<mt_bencode_reader_t>(info[0], ReaderKind);
    Output records(info[1], "records");
    auto *record = reinterpret_cast<Record *>(records.data());
    uint32_t count = 0;
    while (count < records.length() / sizeof(Record))
    {
        mt_bencode_token_t token = {};
        token.struct_size = sizeof token;
        Check(info.Env(), mt_bencode_reader_next(reader, &token));
        record[count++] = {static_cast<double>(token.type), static_cast<double>(token.depth), static_cast<double>(token.offset),
            static_cast<double>(token.length), token.integer};
        if (token.type == MT_BENCODE_DOCUMENT_END)
            break;
    }

    return Napi::Number::New(info.Env(), count);
}

// (reader)
Napi::Value Skip(const Napi::CallbackInfo &info)
{
    Check(info.Env(), mt_bencode_reader_skip(Live<mt_bencode_reader_t>(info[0], ReaderKind)));
    return info.Env().Undefined();
}

Napi::Value CreateWriter(const Napi::CallbackInfo &info)
{
    mt_bencode_writer_t *writer = nullptr;
    Check(info.Env(), mt_bencode_writer_create(&writer));
    return Wrap<mt_bencode_writer_destroy>(info.Env(), WriterKind, writer);
}

// (writer, value)
Napi::Value WriteInteger(const Napi::CallbackInfo &info)
{
    auto *writer = Live<mt_bencode_writer_t>(info[0], WriterKind);
    Check(info.Env(), mt_bencode_writer_integer(writer, Signed(info[1], "value")));
    return info.Env().Undefined();
}

// (writer, data)
template <auto write> Napi::Value WriteBytes(const Napi::CallbackInfo &info)
{
    auto *writer = Live<mt_bencode_writer_t>(info[0], WriterKind);
    Input data(info[1], "data");
    Check(info.Env(), write(writer, data.data(), data.length()));
    return info.Env().Undefined();
}

// (writer)
template <auto write> Napi::Value WriteMark(const Napi::CallbackInfo &info)
{
    Check(info.Env(), write(Live<mt_bencode_writer_t>(info[0], WriterKind)));
    return info.Env().Undefined();
}

// (writer)
Napi::Value Finish(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    auto *writer = Live<mt_bencode_writer_t>(info[0], WriterKind);
    size_t length = 0;
    mt_status_t status = mt_bencode_writer_finish(writer, nullptr, 0, &length);
    if (status != MT_ERROR_BUFFER_TOO_SMALL)
        Check(env, status);
    Napi::Buffer<uint8_t> document = Napi::Buffer<uint8_t>::New(env, length);
    Check(env, mt_bencode_writer_finish(writer, document.Data(), length, &length));
    return document;
}
} // namespace

void DefineBencode(Napi::Object exports)
{
    Define<CreateReader>(exports, "bencodeReaderCreate");
    Define<Next>(exports, "bencodeReaderNext");
    Define<Skip>(exports, "bencodeReaderSkip");
    Define<CreateWriter>(exports, "bencodeWriterCreate");
    Define<WriteInteger>(exports, "bencodeWriterInteger");
    Define<WriteBytes<mt_bencode_writer_bytes>>(exports, "bencodeWriterBytes");
    Define<WriteBytes<mt_bencode_writer_key>>(exports, "bencodeWriterKey");
    Define<WriteMark<mt_bencode_writer_begin_list>>(exports, "bencodeWriterBeginList");
    Define<WriteMark<mt_bencode_writer_begin_dictionary>>(exports, "bencodeWriterBeginDictionary");
    Define<WriteMark<mt_bencode_writer_end>>(exports, "bencodeWriterEnd");
    Define<Finish>(exports, "bencodeWriterFinish");
}
} // namespace megatorrent
