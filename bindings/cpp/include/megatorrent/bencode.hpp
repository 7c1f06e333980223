// megatorrent/bencode.hpp - canonical bencode (BEP 3): one value, one encoding
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_BENCODE_HPP
#define MEGATORRENT_BENCODE_HPP

#include <megatorrent/detail.hpp>

#include <cstdint>

namespace megatorrent::bencode
{

/// What a token is.
enum class token_type : std::uint32_t
{
    integer = MT_BENCODE_INTEGER,
    bytes = MT_BENCODE_BYTES,
    list = MT_BENCODE_LIST,
    dictionary = MT_BENCODE_DICTIONARY,
    key = MT_BENCODE_KEY,
    end = MT_BENCODE_END,
    document_end = MT_BENCODE_DOCUMENT_END,
};

struct token
{
    token_type type = token_type::document_end;

    /// Lists and dictionaries that are open around it; a beginning and its end have the same.
    std::uint32_t depth = 0;

    /// Of token_type::integer, else 0.
    std::int64_t integer = 0;

    /// Where it lies in the document: bytes and keys their content, others the whole token.
    std::size_t offset = 0;

    /// The bytes there, a part of the document that the reader was made with.
    bytes_view content;
};

/// Reads a document token by token. It looks into the document, which must stay as long as it is read from. One thread at a time.
class reader
{
public:
    /// Checks that a document is exactly one value in its canonical encoding; status::malformed if not, status::limit_exceeded if it is
    /// over MT_BENCODE_LENGTH_MAX.
    static result<reader> create(bytes_view document) noexcept
    {
        mt_bencode_reader_t *native = nullptr;
        if (mt_status_t code = mt_bencode_reader_create(&native, document.native(), document.size()); code != MT_OK)
            return detail::last_failure(code);
        return reader(native, document);
    }

    /// Reads the next token; token_type::document_end after the last, however often one asks.
    result<token> next() noexcept
    {
        mt_bencode_token_t native = detail::sized<mt_bencode_token_t>();
        if (mt_status_t code = mt_bencode_reader_next(_reader.get(), &native); code != MT_OK)
            return detail::last_failure(code);
        if (native.offset > _document.size() || native.length > _document.size() - native.offset)
            return detail::refuse(status::internal, "A token lies outside of the document.");
        return token{
            static_cast<token_type>(native.type), native.depth, native.integer, native.offset,
            bytes_view(_document.subspan(native.offset, native.length))};
    }

    /// Skips the next value, whatever it is. status::state if a key or an end is next.
    result<void> skip() noexcept { return detail::check(mt_bencode_reader_skip(_reader.get())); }

private:
    reader(mt_bencode_reader_t *native, bytes_view document) noexcept : _reader(native), _document(document) {}

    detail::handle<mt_bencode_reader_t, mt_bencode_reader_destroy> _reader;
    bytes_view _document;
};

/// Writes a document. What breaks the rules is status::state, and writes nothing. One thread at a time.
class writer
{
public:
    static result<writer> create() noexcept
    {
        mt_bencode_writer_t *native = nullptr;
        if (mt_status_t code = mt_bencode_writer_create(&native); code != MT_OK)
            return detail::last_failure(code);
        return writer(native);
    }

    result<void> integer(std::int64_t value) noexcept { return detail::check(mt_bencode_writer_integer(_writer.get(), value)); }

    result<void> bytes(bytes_view value) noexcept
    {
        return detail::check(mt_bencode_writer_bytes(_writer.get(), value.native(), value.size()));
    }

    /// The key of the next value; keys come in ascending order of their bytes.
    result<void> key(bytes_view name) noexcept
    {
        return detail::check(mt_bencode_writer_key(_writer.get(), name.native(), name.size()));
    }

    result<void> begin_list() noexcept { return detail::check(mt_bencode_writer_begin_list(_writer.get())); }

    result<void> begin_dictionary() noexcept { return detail::check(mt_bencode_writer_begin_dictionary(_writer.get())); }

    /// Ends the innermost list or dictionary.
    result<void> end() noexcept { return detail::check(mt_bencode_writer_end(_writer.get())); }

    /// The finished document. It stays in the writer.
    [[nodiscard]] result<megatorrent::bytes> finish() const noexcept
    {
        return detail::read_bytes(
            [&](std::uint8_t *dst, std::size_t capacity, std::size_t *length) {
                return mt_bencode_writer_finish(_writer.get(), dst, capacity, length);
            },
            512);
    }

private:
    explicit writer(mt_bencode_writer_t *native) noexcept : _writer(native) {}

    detail::handle<mt_bencode_writer_t, mt_bencode_writer_destroy> _writer;
};

} // namespace megatorrent::bencode

#endif
