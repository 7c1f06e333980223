// megatorrent/iostream.hpp - objects and uploads as streams of the standard library
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
#ifndef MEGATORRENT_IOSTREAM_HPP
#define MEGATORRENT_IOSTREAM_HPP

#include <megatorrent/client.hpp>
#include <megatorrent/object.hpp>

#include <cstring>
#include <istream>
#include <optional>
#include <ostream>
#include <streambuf>
#include <utility>
#include <vector>

namespace megatorrent
{

/// How many bytes a stream holds: enough that a call of the library is nothing beside them.
inline constexpr std::size_t stream_buffer_length = 262144;

/// Reads the content of an object; can be set to any place in it, where it begins to read ahead anew. A failure is kept, and ends the
/// stream.
class object_streambuf : public std::streambuf
{
public:
    explicit object_streambuf(object source) : _object(std::move(source)), _buffer(stream_buffer_length) {}

    /// Why the stream is bad, if it is.
    [[nodiscard]] const std::optional<megatorrent::failure> &failure() const noexcept { return _failure; }

protected:
    int_type underflow() override
    {
        if (gptr() != egptr())
            return traits_type::to_int_type(*gptr());
        std::size_t length = next(bytes_span(_buffer));
        setg(_buffer.data(), _buffer.data(), _buffer.data() + length);
        return length == 0 ? traits_type::eof() : traits_type::to_int_type(*gptr());
    }

    /// What is asked for beyond the buffer goes to its place without a copy.
    std::streamsize xsgetn(char *dst, std::streamsize count) override
    {
        std::streamsize done = std::min<std::streamsize>(count, egptr() - gptr());
        if (done > 0)
        {
            std::memcpy(dst, gptr(), static_cast<std::size_t>(done));
            setg(eback(), gptr() + done, egptr());
        }

        while (done < count)
        {
            std::size_t length = next(bytes_span(std::span(dst + done, static_cast<std::size_t>(count - done))));
            if (length == 0)
                break;
            done += static_cast<std::streamsize>(length);
            setg(_buffer.data(), _buffer.data(), _buffer.data()); // what was in the buffer lies before another place now
        }

        return done;
    }

    pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode) override
    {
        off_type here = static_cast<off_type>(_position) - (egptr() - gptr());
        if (from == std::ios_base::cur && offset == 0)
            return pos_type(here);
        off_type base = 0;
        if (from == std::ios_base::cur)
            base = here;
        else if (from == std::ios_base::end)
        {
            result<object_info> about = _object.info();
            if (!about)
                return fail(std::move(about).error());
            base = static_cast<off_type>(about->length);
        }

        off_type to = base + offset;
        if (to < 0)
            return pos_type(off_type(-1));
        _download.reset();
        _position = static_cast<std::uint64_t>(to);
        setg(_buffer.data(), _buffer.data(), _buffer.data());
        return pos_type(to);
    }

    pos_type seekpos(pos_type position, std::ios_base::openmode which) override
    {
        return seekoff(off_type(position), std::ios_base::beg, which);
    }

private:
    pos_type fail(megatorrent::failure why)
    {
        _failure = std::move(why);
        return pos_type(off_type(-1));
    }

    /// The next bytes after _position; 0 at the end. A failure is thrown, which the stream turns into badbit.
    std::size_t next(bytes_span dst)
    {
        if (_failure)
            _failure->raise();
        if (!_download)
        {
            result<download> begun = _object.begin_download(_position);
            if (!begun)
            {
                _failure = std::move(begun).error();
                _failure->raise();
            }

            _download.emplace(std::move(*begun));
        }

        result<std::size_t> length = _download->read(dst);
        if (!length)
        {
            _failure = std::move(length).error();
            _failure->raise();
        }

        _position += *length;
        return *length;
    }

    object _object;
    std::optional<download> _download;
    std::vector<char> _buffer;
    std::uint64_t _position = 0; // of the end of what is in the buffer
    std::optional<megatorrent::failure> _failure;
};

/// The content of an object as a std::istream. badbit is a failure of the cluster, which failure() has.
class object_istream : public std::istream
{
public:
    explicit object_istream(object source) : std::istream(nullptr), _buffer(std::move(source)) { rdbuf(&_buffer); }

    [[nodiscard]] const std::optional<megatorrent::failure> &failure() const noexcept { return _buffer.failure(); }

private:
    object_streambuf _buffer;
};

/// Writes a new object. A failure is kept, and ends the stream.
class upload_streambuf : public std::streambuf
{
public:
    explicit upload_streambuf(upload target) : _upload(std::move(target)), _buffer(stream_buffer_length)
    {
        setp(_buffer.data(), _buffer.data() + _buffer.size());
    }

    /// Why the stream is bad, if it is.
    [[nodiscard]] const std::optional<megatorrent::failure> &failure() const noexcept { return _failure; }

    /// Ends the file and waits until it is stored.
    result<put_result> finish() noexcept
    {
        if (!drain())
            return *_failure;
        return _upload.finish();
    }

protected:
    int_type overflow(int_type next) override
    {
        if (!drain())
            return traits_type::eof();
        if (!traits_type::eq_int_type(next, traits_type::eof()))
        {
            *pptr() = traits_type::to_char_type(next);
            pbump(1);
        }

        return traits_type::not_eof(next);
    }

    std::streamsize xsputn(const char *src, std::streamsize count) override
    {
        if (count < epptr() - pptr())
        {
            std::memcpy(pptr(), src, static_cast<std::size_t>(count));
            pbump(static_cast<int>(count));
            return count;
        }

        return drain() && write(bytes_view(std::span(src, static_cast<std::size_t>(count)))) ? count : 0;
    }

    /// Hands over what is in the buffer; it is stored for sure only after finish.
    int sync() override { return drain() ? 0 : -1; }

private:
    bool drain() noexcept
    {
        std::size_t length = static_cast<std::size_t>(pptr() - pbase());
        bool done = write(bytes_view(std::span(_buffer.data(), length)));
        if (done)
            setp(_buffer.data(), _buffer.data() + _buffer.size());
        return done;
    }

    bool write(bytes_view data) noexcept
    {
        if (_failure)
            return false;
        if (data.empty())
            return true;
        result<void> written = _upload.write(data);
        if (!written)
            _failure = std::move(written).error();
        return written.has_value();
    }

    upload _upload;
    std::vector<char> _buffer;
    std::optional<megatorrent::failure> _failure;
};

/// A new object as a std::ostream: write, then finish. One that is not finished is given up. badbit is a failure, which failure() has.
class upload_ostream : public std::ostream
{
public:
    explicit upload_ostream(upload target) : std::ostream(nullptr), _buffer(std::move(target)) { rdbuf(&_buffer); }

    /// Ends the file and waits until it is stored.
    result<put_result> finish() noexcept { return _buffer.finish(); }

    [[nodiscard]] const std::optional<megatorrent::failure> &failure() const noexcept { return _buffer.failure(); }

private:
    upload_streambuf _buffer;
};

} // namespace megatorrent

#endif
