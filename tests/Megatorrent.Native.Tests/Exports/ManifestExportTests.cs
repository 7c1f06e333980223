using System.Text;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Manifests;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests.Exports;

public sealed unsafe class ManifestExportTests
{
    private static readonly delegate* unmanaged<nuint*, byte*, nuint, byte*, Status> Open =
        (delegate* unmanaged<nuint*, byte*, nuint, byte*, Status>)Export.Find("mt_manifest_open");

    private static readonly delegate* unmanaged<nuint*, ManifestInfo*, byte*, Status> Create =
        (delegate* unmanaged<nuint*, ManifestInfo*, byte*, Status>)Export.Find("mt_manifest_create");

    private static readonly delegate* unmanaged<nuint, uint, Status> AddStream =
        (delegate* unmanaged<nuint, uint, Status>)Export.Find("mt_manifest_add_stream");

    private static readonly delegate* unmanaged<nuint, uint, uint, byte*, uint*, byte*, ulong*, Status> AddStripe =
        (delegate* unmanaged<nuint, uint, uint, byte*, uint*, byte*, ulong*, Status>)Export.Find("mt_manifest_add_stripe");

    private static readonly delegate* unmanaged<nuint, byte*, nuint, nuint*, byte*, byte*, BlobOptions*, Status> Seal =
        (delegate* unmanaged<nuint, byte*, nuint, nuint*, byte*, byte*, BlobOptions*, Status>)Export.Find("mt_manifest_seal");

    private static readonly delegate* unmanaged<nuint, ManifestInfo*, Status> GetInfo =
        (delegate* unmanaged<nuint, ManifestInfo*, Status>)Export.Find("mt_manifest_get_info");

    private static readonly delegate* unmanaged<nuint, byte*, nuint, nuint*, Status> GetName =
        (delegate* unmanaged<nuint, byte*, nuint, nuint*, Status>)Export.Find("mt_manifest_get_name");

    private static readonly delegate* unmanaged<nuint, ManifestStreamInfo*, uint, Status> GetStream =
        (delegate* unmanaged<nuint, ManifestStreamInfo*, uint, Status>)Export.Find("mt_manifest_get_stream");

    private static readonly delegate* unmanaged<nuint, StripeInfo*, uint, uint, Status> GetStripe =
        (delegate* unmanaged<nuint, StripeInfo*, uint, uint, Status>)Export.Find("mt_manifest_get_stripe");

    private static readonly delegate* unmanaged<nuint, StripeBlobInfo*, uint, uint, uint, Status> GetBlob =
        (delegate* unmanaged<nuint, StripeBlobInfo*, uint, uint, uint, Status>)Export.Find("mt_manifest_get_blob");

    private static readonly delegate* unmanaged<nuint, void> Destroy = (delegate* unmanaged<nuint, void>)Export.Find("mt_manifest_destroy");

    [Fact]
    public void AManifestIsMadeSealedAndOpened()
    {
        nuint made = Make(1, "photo.jpg");
        Assert.Equal(Status.Ok, AddStream(made, 0));
        Assert.Equal(Status.Ok, Add(made, 2, 1, seed: 1));
        CheckBlob(made, stripe: 0, blob: 1, hasKey: true); // what is being made can be read, too
        Assert.Equal(Status.Ok, Add(made, 1, 3, seed: 2));
        Assert.Equal(Status.Ok, Add(made, 3, 0, seed: 3));

        byte[] blob = SealAll(made, out byte[] id, out byte[] key);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(blob), id);
        foreach (bool hasKeys in new[] { true, false })
        {
            nuint opened = OpenAll(blob, hasKeys ? key : null);
            ManifestInfo info = new() { StructSize = (uint)sizeof(ManifestInfo) };
            Assert.Equal(Status.Ok, GetInfo(opened, &info));
            Assert.Equal(hasKeys ? (1u, 0x1a4u, -7L, 1u) : (0u, 0u, 0L, 0u), (info.Kind, info.Mode, info.ModifiedUnixNs, info.HasKeys));
            Assert.Equal(1u, info.StreamCount);
            Assert.Equal(hasKeys ? "photo.jpg" : "", ReadName(opened));

            ManifestStreamInfo stream = new() { StructSize = (uint)sizeof(ManifestStreamInfo) };
            Assert.Equal(Status.Ok, GetStream(opened, &stream, 0));
            Assert.Equal((0u, hasKeys ? 6 * 1000ul : 0, 3u), (stream.Depth, stream.Length, stream.StripeCount));
            StripeInfo stripe = new() { StructSize = (uint)sizeof(StripeInfo) };
            Assert.Equal(Status.Ok, GetStripe(opened, &stripe, 0, 1));
            Assert.Equal((1u, 3u, 1032u, 1u), (stripe.DataShards, stripe.ParityShards, stripe.ShardLength, stripe.IdCount));

            // Backwards, so that the keys of each stripe are found without a walk before.
            CheckBlob(opened, stripe: 2, blob: 2, hasKeys);
            CheckBlob(opened, stripe: 1, blob: 0, hasKeys);
            CheckBlob(opened, stripe: 0, blob: 0, hasKeys);
            CheckBlob(opened, stripe: 0, blob: 2, hasKey: false); // parity

            Assert.Equal(Status.InvalidArgument, GetStream(opened, &stream, 1));
            Assert.Equal(Status.InvalidArgument, GetStripe(opened, &stripe, 0, 3));
            Assert.Equal(Status.InvalidArgument, GetStripe(opened, &stripe, uint.MaxValue, 0));
            StripeBlobInfo found = new() { StructSize = (uint)sizeof(StripeBlobInfo) };
            Assert.Equal(Status.InvalidArgument, GetBlob(opened, &found, 0, 1, 1));
            Assert.Equal(Status.State, AddStream(opened, 0));
            Assert.Equal(Status.State, Add(opened, 1, 0, seed: 4));
            Destroy(opened);
            Assert.Equal(Status.InvalidHandle, GetInfo(opened, &info));
        }

        Destroy(made);
    }

    [Fact]
    public void WhatIsNotWholeCannotBeSealed()
    {
        byte* memory = stackalloc byte[4096];
        new Span<byte>(memory, 4096).Fill(0xAA);
        byte* id = memory + 4032, key = id + 32;
        nuint length = 7;
        nuint directory = Make(2, "folder");
        Assert.Equal(Status.State, Add(directory, 1, 0, seed: 1));
        Assert.Equal(Status.Ok, AddStream(directory, 0));
        Assert.Equal(Status.State, Seal(directory, memory, 4000, &length, id, key, null));
        Assert.Equal(Status.Ok, AddStream(directory, 1));
        Assert.Equal(Status.InvalidArgument, AddStream(directory, 0));
        Assert.Equal(Status.Overlap, Seal(directory, memory, 4033, &length, id, key, null));
        Assert.Equal(Status.NullPointer, Seal(directory, memory, 4000, &length, null, key, null));
        Assert.Equal(Status.NullPointer, Seal(directory, memory, 4000, &length, id, null, null));
        Assert.Equal(Status.NullPointer, Seal(directory, memory, 4000, null, id, key, null));
        Assert.Equal(7u, length);
        Assert.Equal(Status.BufferTooSmall, Seal(directory, null, 0, &length, id, key, null));
        Assert.Equal(Status.BufferTooSmall, Seal(directory, memory, length - 1, &length, id, key, null));
        Assert.False(new ReadOnlySpan<byte>(memory, 4096).ContainsAnyExcept((byte)0xAA));
        Assert.Equal(Status.Ok, Seal(directory, memory, length, &length, id, key, null));

        nuint opened;
        Assert.Equal(Status.Ok, Open(&opened, memory, length, null));
        Assert.Equal(Status.State, Seal(opened, memory, 4000, &length, id, key, null)); // its keys are not there
        Destroy(opened);
        Destroy(directory);
        Assert.Equal(Status.InvalidHandle, Seal(directory, memory, 4000, &length, id, key, null));
    }

    [Fact]
    public void StripesThatCannotBeAreRefused()
    {
        nuint made = Make(0, null);
        Assert.Equal(Status.InvalidArgument, AddStream(made, 5));
        Assert.Equal(Status.InvalidArgument, AddStream(made, uint.MaxValue));
        Assert.Equal(Status.Ok, AddStream(made, 0));
        Assert.Equal(Status.InvalidArgument, AddStripe(made, 0, 1, (byte*)1, (uint*)1, (byte*)1, (ulong*)1)); // before anything is read
        Assert.Equal(Status.InvalidArgument, AddStripe(made, 1, 255, (byte*)1, (uint*)1, (byte*)1, (ulong*)1));
        Assert.Equal(Status.InvalidArgument, AddStripe(made, uint.MaxValue, uint.MaxValue, (byte*)1, (uint*)1, (byte*)1, (ulong*)1));
        byte* ids = stackalloc byte[64];
        new Span<byte>(ids, 64).Clear();
        uint length = 0;
        ulong plaintext = 1;
        Assert.Equal(Status.InvalidArgument, AddStripe(made, 1, 0, ids, &length, ids, &plaintext));
        length = uint.MaxValue;
        Assert.Equal(Status.InvalidArgument, AddStripe(made, 1, 0, ids, &length, ids, &plaintext));
        (length, plaintext) = (100, (16 << 20) + 1);
        Assert.Equal(Status.InvalidArgument, AddStripe(made, 1, 0, ids, &length, ids, &plaintext));
        plaintext = ulong.MaxValue;
        Assert.Equal(Status.InvalidArgument, AddStripe(made, 1, 0, ids, &length, ids, &plaintext));
        Assert.Equal(Status.NullPointer, AddStripe(made, 1, 0, null, &length, ids, &plaintext));
        Assert.Equal(Status.NullPointer, AddStripe(made, 1, 0, ids, null, ids, &plaintext));
        Assert.Equal(Status.NullPointer, AddStripe(made, 1, 0, ids, &length, null, &plaintext));
        Assert.Equal(Status.NullPointer, AddStripe(made, 1, 0, ids, &length, ids, null));
        plaintext = 0;
        Assert.Equal(Status.Ok, AddStripe(made, 1, 0, ids, &length, ids, &plaintext));
        Destroy(made);
    }

    [Theory]
    [InlineData(3u, 0u, 0u, 0u, 0u, "a", (int)Status.InvalidArgument)]
    [InlineData(uint.MaxValue, 0u, 0u, 0u, 0u, "a", (int)Status.InvalidArgument)]
    [InlineData(1u, 65536u, 0u, 0u, 0u, "a", (int)Status.InvalidArgument)]
    [InlineData(1u, uint.MaxValue, 0u, 0u, 0u, "a", (int)Status.InvalidArgument)]
    [InlineData(1u, 0u, 1u, 0u, 0u, "a", (int)Status.InvalidArgument)]
    [InlineData(1u, 0u, 0u, 1u, 0u, "a", (int)Status.InvalidArgument)]
    [InlineData(1u, 0u, 0u, 0u, 1u, "a", (int)Status.Unsupported)]
    [InlineData(1u, 0u, 0u, 0u, 0u, null, (int)Status.InvalidArgument)]
    [InlineData(1u, 0u, 0u, 0u, 0u, "..", (int)Status.InvalidArgument)]
    [InlineData(0u, 0u, 0u, 0u, 0u, "a", (int)Status.InvalidArgument)]
    [InlineData(0u, 0u, 0u, 0u, 0u, "", (int)Status.Ok)]
    public void AManifestIsBegunWithWhatItCanBe(
        uint kind, uint mode, uint streamCount, uint hasKeys, uint reserved, string? name, int status)
    {
        Status expected = (Status)status;
        ManifestInfo info = new()
        {
            StructSize = (uint)sizeof(ManifestInfo),
            Kind = kind,
            Mode = mode,
            StreamCount = streamCount,
            HasKeys = hasKeys,
            Reserved = reserved,
        };
        nuint made = 77;
        fixed (byte* text = name is null ? null : Encoding.UTF8.GetBytes(name + '\0'))
            Assert.Equal(expected, Create(&made, &info, text));
        Assert.Equal(expected == Status.Ok, made != 77);
        if (expected == Status.Ok)
            Destroy(made);
    }

    [Fact]
    public void ANameWithANulIsNotGivenToC()
    {
        Manifest manifest = new() { Kind = ManifestKind.File, Name = "a\0b", Streams = [new ManifestStream(0, [], default, [])] };
        byte[] key = new byte[32];
        byte[] blob = manifest.Seal(CipherSuite.Aes256Gcm, [], Core.SystemRandomSource.Instance, key);
        nuint opened = OpenAll(blob, key);
        nuint length = 7;
        Assert.Equal(Status.Malformed, GetName(opened, null, 0, &length));
        Assert.Equal(7u, length);
        Destroy(opened);
    }

    [Fact]
    public void WhatIsNoManifestGivesNoHandle()
    {
        nuint opened = 77;
        byte bad = (byte)'x';
        Assert.Equal(Status.Malformed, Open(&opened, &bad, 1, null));
        Assert.Equal(Status.Malformed, Open(&opened, null, 0, null));
        Assert.Equal(Status.Malformed, Open(&opened, &bad, Manifest.EncodedLengthMax + 1, null));
        Assert.Equal(Status.Length, Open(&opened, &bad, nuint.MaxValue, null));
        Assert.Equal(Status.NullPointer, Open(&opened, null, 1, null));
        Assert.Equal(Status.NullPointer, Open(null, &bad, 1, null));
        Assert.Equal(77u, opened);
    }

    private static nuint Make(uint kind, string? name)
    {
        ManifestInfo info = new() { StructSize = (uint)sizeof(ManifestInfo), Kind = kind, Mode = 0x1a4, ModifiedUnixNs = -7 };
        nuint made;
        fixed (byte* text = name is null ? null : Encoding.UTF8.GetBytes(name + '\0'))
            Assert.Equal(Status.Ok, Create(&made, &info, text));
        return made;
    }

    /// <summary>Adds a stripe whose ids and keys say which stripe (by seed, from 1) and blob they are of.</summary>
    private static Status Add(nuint manifest, int dataShards, int parityShards, int seed)
    {
        int idCount = dataShards == 1 ? 1 : dataShards + parityShards;
        byte* ids = stackalloc byte[idCount * 32], keys = stackalloc byte[dataShards * 32];
        uint* lengths = stackalloc uint[dataShards];
        ulong* plaintexts = stackalloc ulong[dataShards];
        for (int i = 0; i < idCount; i++)
            new Span<byte>(ids + (i * 32), 32).Fill((byte)((seed * 16) + i));
        for (int i = 0; i < dataShards; i++)
        {
            new Span<byte>(keys + (i * 32), 32).Fill((byte)(0x80 + (seed * 16) + i));
            (lengths[i], plaintexts[i]) = (1032, 1000);
        }

        return AddStripe(manifest, (uint)dataShards, (uint)parityShards, ids, lengths, keys, plaintexts);
    }

    private static void CheckBlob(nuint manifest, int stripe, int blob, bool hasKey)
    {
        StripeBlobInfo found = new() { StructSize = (uint)sizeof(StripeBlobInfo) };
        Assert.Equal(Status.Ok, GetBlob(manifest, &found, 0, (uint)stripe, (uint)blob));
        byte mark = (byte)(((stripe + 1) * 16) + blob);
        Assert.False(new ReadOnlySpan<byte>(found.Id, 32).ContainsAnyExcept(mark));
        Assert.False(new ReadOnlySpan<byte>(found.Key, 32).ContainsAnyExcept(hasKey ? (byte)(0x80 + mark) : (byte)0));
        Assert.Equal((1032u, hasKey ? 1000ul : 0, hasKey ? 1u : 0), (found.Length, found.PlaintextLength, found.HasKey));
    }

    private static byte[] SealAll(nuint manifest, out byte[] id, out byte[] key)
    {
        (id, key) = (new byte[32], new byte[32]);
        byte[] blob = new byte[Manifest.EncodedLengthMax];
        nuint length;
        fixed (byte* destination = blob, idPlace = id, keyPlace = key)
            Assert.Equal(Status.Ok, Seal(manifest, destination, (nuint)blob.Length, &length, idPlace, keyPlace, null));
        return blob[..(int)length];
    }

    private static nuint OpenAll(byte[] blob, byte[]? key)
    {
        nuint opened;
        fixed (byte* bytes = blob, keyBytes = key)
            Assert.Equal(Status.Ok, Open(&opened, bytes, (nuint)blob.Length, keyBytes));
        return opened;
    }

    private static string ReadName(nuint manifest)
    {
        nuint length;
        byte* name = stackalloc byte[256];
        Assert.Equal(Status.Ok, GetName(manifest, name, 256, &length));
        return Encoding.UTF8.GetString(name, (int)length);
    }
}
