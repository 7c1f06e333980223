using System.Text;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests.Exports;

public sealed unsafe class BencodeExportTests
{
    private static readonly delegate* unmanaged<nuint*, byte*, nuint, Status> CreateReader =
        (delegate* unmanaged<nuint*, byte*, nuint, Status>)Export.Find("mt_bencode_reader_create");

    private static readonly delegate* unmanaged<nuint, BencodeTokenInfo*, Status> Next =
        (delegate* unmanaged<nuint, BencodeTokenInfo*, Status>)Export.Find("mt_bencode_reader_next");

    private static readonly delegate* unmanaged<nuint, Status> Skip =
        (delegate* unmanaged<nuint, Status>)Export.Find("mt_bencode_reader_skip");

    private static readonly delegate* unmanaged<nuint, void> DestroyReader =
        (delegate* unmanaged<nuint, void>)Export.Find("mt_bencode_reader_destroy");

    private static readonly delegate* unmanaged<nuint*, Status> CreateWriter =
        (delegate* unmanaged<nuint*, Status>)Export.Find("mt_bencode_writer_create");

    private static readonly delegate* unmanaged<nuint, long, Status> WriteInteger =
        (delegate* unmanaged<nuint, long, Status>)Export.Find("mt_bencode_writer_integer");

    private static readonly delegate* unmanaged<nuint, byte*, nuint, Status> WriteBytes =
        (delegate* unmanaged<nuint, byte*, nuint, Status>)Export.Find("mt_bencode_writer_bytes");

    private static readonly delegate* unmanaged<nuint, byte*, nuint, Status> WriteKey =
        (delegate* unmanaged<nuint, byte*, nuint, Status>)Export.Find("mt_bencode_writer_key");

    private static readonly delegate* unmanaged<nuint, Status> BeginList =
        (delegate* unmanaged<nuint, Status>)Export.Find("mt_bencode_writer_begin_list");

    private static readonly delegate* unmanaged<nuint, Status> BeginDictionary =
        (delegate* unmanaged<nuint, Status>)Export.Find("mt_bencode_writer_begin_dictionary");

    private static readonly delegate* unmanaged<nuint, Status> End =
        (delegate* unmanaged<nuint, Status>)Export.Find("mt_bencode_writer_end");

    private static readonly delegate* unmanaged<nuint, byte*, nuint, nuint*, Status> Finish =
        (delegate* unmanaged<nuint, byte*, nuint, nuint*, Status>)Export.Find("mt_bencode_writer_finish");

    private static readonly delegate* unmanaged<nuint, void> DestroyWriter =
        (delegate* unmanaged<nuint, void>)Export.Find("mt_bencode_writer_destroy");

    [Fact]
    public void TokensSayWhereThingsAre()
    {
        nuint reader = Read("d1:ai5e1:bl0:ee"u8);
        BencodeTokenInfo token = new() { StructSize = (uint)sizeof(BencodeTokenInfo) };
        Assert.Equal(Status.Ok, Next(reader, &token));
        Assert.Equal((4u, 0u, (nuint)0, (nuint)15), (token.Type, token.Depth, token.Offset, token.Length));
        Assert.Equal(Status.State, Skip(reader)); // a key
        Assert.Equal(Status.Ok, Next(reader, &token));
        Assert.Equal((5u, 1u, (nuint)3, (nuint)1), (token.Type, token.Depth, token.Offset, token.Length));
        Assert.Equal(Status.Ok, Next(reader, &token));
        Assert.Equal((1u, 5L, (nuint)4, (nuint)3), (token.Type, token.Integer, token.Offset, token.Length));
        Assert.Equal(Status.Ok, Next(reader, &token));
        Assert.Equal(Status.Ok, Skip(reader)); // the list
        Assert.Equal(Status.State, Skip(reader)); // an end
        Assert.Equal(Status.Ok, Next(reader, &token));
        Assert.Equal((6u, 0u, (nuint)14), (token.Type, token.Depth, token.Offset));
        Assert.Equal(Status.State, Skip(reader));
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(Status.Ok, Next(reader, &token));
            Assert.Equal((7u, (nuint)15), (token.Type, token.Offset));
        }

        token.StructSize = 8;
        Assert.Equal(Status.StructSize, Next(reader, &token));
        Assert.Equal(Status.NullPointer, Next(reader, null));
        DestroyReader(reader);
        Assert.Equal(Status.InvalidHandle, Next(reader, &token));
        Assert.Equal(Status.InvalidHandle, Skip(reader));
    }

    [Fact]
    public void WhatIsNoDocumentGivesNoHandle()
    {
        nuint reader = 77;
        byte bad = (byte)'x';
        Assert.Equal(Status.Malformed, CreateReader(&reader, &bad, 1));
        Assert.Contains("at byte 0", Export.LastErrorText, StringComparison.Ordinal);
        Assert.Equal(Status.Malformed, CreateReader(&reader, null, 0));
        Assert.Equal(Status.NullPointer, CreateReader(&reader, null, 1));
        Assert.Equal(Status.NullPointer, CreateReader(null, &bad, 1));
        Assert.Equal(Status.LimitExceeded, CreateReader(&reader, &bad, BencodeReaderExports.LengthMax + 1));
        Assert.Equal(Status.LimitExceeded, CreateReader(&reader, &bad, nuint.MaxValue));
        Assert.Equal(77u, reader);
    }

    [Fact]
    public void AWriterRefusesWhatBreaksTheRulesAndGoesOn()
    {
        nuint writer;
        nuint length = 7;
        byte* text = stackalloc byte[2] { (byte)'a', (byte)'b' };
        byte* document = stackalloc byte[64];
        Assert.Equal(Status.Ok, CreateWriter(&writer));
        Assert.Equal(Status.State, Finish(writer, document, 64, &length));
        Assert.Equal(Status.State, End(writer));
        Assert.Equal(Status.State, WriteKey(writer, text, 1));
        Assert.Equal(Status.Ok, BeginDictionary(writer));
        Assert.Equal(Status.State, WriteInteger(writer, 1));
        Assert.Equal(Status.State, BeginList(writer));
        Assert.Equal(Status.Ok, WriteKey(writer, text + 1, 1));
        Assert.Equal(Status.State, WriteKey(writer, text + 1, 1));
        Assert.Equal(Status.State, End(writer));
        Assert.Equal(Status.State, Finish(writer, document, 64, &length));
        Assert.Equal(Status.Ok, WriteBytes(writer, null, 0));
        Assert.Equal(Status.NullPointer, WriteKey(writer, null, 1));
        Assert.Equal(Status.State, WriteKey(writer, text, 1)); // not after b
        Assert.Equal(Status.Ok, End(writer));
        Assert.Equal(Status.State, WriteInteger(writer, 1));
        Assert.Equal(7u, length);

        Assert.Equal(Status.BufferTooSmall, Finish(writer, null, 0, &length));
        Assert.Equal(7u, length);
        Assert.Equal(Status.BufferTooSmall, Finish(writer, document, 6, &length));
        Assert.Equal(Status.Ok, Finish(writer, document, 7, &length));
        Assert.Equal("d1:b0:e", Encoding.ASCII.GetString(document, (int)length));
        Assert.Equal(Status.Ok, Finish(writer, document, 64, &length));
        DestroyWriter(writer);
        Assert.Equal(Status.InvalidHandle, Finish(writer, document, 64, &length));
        Assert.Equal(Status.InvalidHandle, WriteInteger(writer, 1));
    }

    [Fact]
    public void AWriterStopsAtItsLimits()
    {
        nuint writer;
        Assert.Equal(Status.Ok, CreateWriter(&writer));
        for (int i = 0; i < 32; i++)
            Assert.Equal(Status.Ok, BeginList(writer));
        Assert.Equal(Status.LimitExceeded, BeginList(writer));
        byte[] bytes = GC.AllocateUninitializedArray<byte>(BencodeReaderExports.LengthMax);
        fixed (byte* data = bytes)
        {
            Assert.Equal(Status.LimitExceeded, WriteBytes(writer, data, (nuint)bytes.Length));
            Assert.Equal(Status.LimitExceeded, WriteBytes(writer, data, nuint.MaxValue));
            int most = bytes.Length - 64 - "16777000:".Length;
            Assert.Equal(Status.LimitExceeded, WriteBytes(writer, data, (nuint)most + 1));
            Assert.Equal(Status.Ok, WriteBytes(writer, data, (nuint)most));
        }

        Assert.Equal(Status.LimitExceeded, WriteInteger(writer, 1));
        for (int i = 0; i < 32; i++)
            Assert.Equal(Status.Ok, End(writer));
        nuint length;
        Assert.Equal(Status.BufferTooSmall, Finish(writer, null, 0, &length));
        Assert.Equal((nuint)BencodeReaderExports.LengthMax, length);
        DestroyWriter(writer);
    }

    private static nuint Read(ReadOnlySpan<byte> document)
    {
        nuint reader;
        fixed (byte* data = document)
            Assert.Equal(Status.Ok, CreateReader(&reader, data, (nuint)document.Length));
        return reader;
    }
}
