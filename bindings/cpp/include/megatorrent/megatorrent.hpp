// megatorrent/megatorrent.hpp - the C++ interface of libmegatorrent, whole
//
// Copyright (c) 2026 The Megatorrent authors. MIT licence, see LICENSE.
//
//     auto client = megatorrent::client::open().value();
//     auto put = client.put_file("photo.jpg").value();
//     client.get_file("copy.jpg", put.capability).value();
//
// Headers alone, C++20, over megatorrent.h; link with -lmegatorrent. The rules, in all headers:
//
//  Results     Every call that can fail returns result<T> and is noexcept: test it, or ask for .value(), which throws
//              megatorrent::error with status and detail.
//  Handles     Classes are move-only and destroy what they own. One that was moved from gives status::invalid_handle.
//  Bytes       bytes_view and bytes_span take any vector, span, array or string of std::byte, unsigned char or char. Nothing is kept
//              after a call, except by an operation until it is complete.
//  Callbacks   May throw where it says so: the exception comes out of value() of the call that it ended.
//  Threads     As in C: every function from any thread, with the same object too; but moving or destroying an object that another thread is
//              using is a race of the program.
#ifndef MEGATORRENT_MEGATORRENT_HPP
#define MEGATORRENT_MEGATORRENT_HPP

#include <megatorrent/bencode.hpp>
#include <megatorrent/blob.hpp>
#include <megatorrent/bytes.hpp>
#include <megatorrent/capability.hpp>
#include <megatorrent/client.hpp>
#include <megatorrent/hashes.hpp>
#include <megatorrent/iostream.hpp>
#include <megatorrent/keys.hpp>
#include <megatorrent/library.hpp>
#include <megatorrent/manifest.hpp>
#include <megatorrent/noise.hpp>
#include <megatorrent/object.hpp>
#include <megatorrent/operation.hpp>
#include <megatorrent/options.hpp>
#include <megatorrent/reed_solomon.hpp>
#include <megatorrent/result.hpp>
#include <megatorrent/status.hpp>
#include <megatorrent/wire.hpp>

#endif
