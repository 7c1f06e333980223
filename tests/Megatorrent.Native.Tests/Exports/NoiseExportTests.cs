using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests.Exports;

public sealed unsafe class NoiseExportTests : IDisposable
{
    private const byte Canary = 0xAA;

    private static readonly delegate* unmanaged<nuint*, NoiseOptions*, Status> Create =
        (delegate* unmanaged<nuint*, NoiseOptions*, Status>)Export.Find("mt_noise_create");

    private static readonly delegate* unmanaged<nuint, uint*, Status> GetState =
        (delegate* unmanaged<nuint, uint*, Status>)Export.Find("mt_noise_state");

    private static readonly delegate* unmanaged<nuint, nuint, nuint> GetBound =
        (delegate* unmanaged<nuint, nuint, nuint>)Export.Find("mt_noise_write_bound");

    private static readonly delegate* unmanaged<nuint, byte*, nuint, nuint*, byte*, nuint, Status> Write = Exchange("mt_noise_write");
    private static readonly delegate* unmanaged<nuint, byte*, nuint, nuint*, byte*, nuint, Status> Read = Exchange("mt_noise_read");
    private static readonly delegate* unmanaged<nuint, byte*, Status> GetRemoteKey =
        (delegate* unmanaged<nuint, byte*, Status>)Export.Find("mt_noise_remote_key");

    private static readonly delegate* unmanaged<nuint, byte*, Status> GetHash =
        (delegate* unmanaged<nuint, byte*, Status>)Export.Find("mt_noise_handshake_hash");

    private static readonly delegate* unmanaged<nuint, void> Destroy = (delegate* unmanaged<nuint, void>)Export.Find("mt_noise_destroy");

    private readonly nuint _initiator = Begin(initiator: true);
    private readonly nuint _responder = Begin(initiator: false);

    [Fact]
    public void TwoSidesTalk()
    {
        byte* memory = stackalloc byte[64];
        AssertState(_initiator, NoiseState.Write);
        AssertState(_responder, NoiseState.Read);
        Assert.Equal(5u + 32, GetBound(_initiator, 5));
        Assert.Equal(5u + 96, GetBound(_responder, 5));
        Assert.Equal(Status.State, GetRemoteKey(_initiator, memory));
        Pass(_initiator, _responder, [1, 2, 3]);
        Assert.Equal(5u + 64, GetBound(_initiator, 5));
        Pass(_responder, _initiator, []);
        Assert.Equal(Status.Ok, GetRemoteKey(_initiator, memory));
        Assert.Equal(Status.State, GetRemoteKey(_responder, memory));
        Assert.Equal(Status.State, GetHash(_initiator, memory));
        Assert.Equal(5u + 16, GetBound(_responder, 5));
        Pass(_initiator, _responder, [4]);
        AssertState(_initiator, NoiseState.Established);
        AssertState(_responder, NoiseState.Established);

        Assert.Equal(Status.Ok, GetHash(_initiator, memory));
        Assert.Equal(Status.Ok, GetHash(_responder, memory + 32));
        Assert.True(new ReadOnlySpan<byte>(memory, 32).SequenceEqual(new ReadOnlySpan<byte>(memory + 32, 32)));
        Assert.Equal(Status.Ok, GetRemoteKey(_responder, memory));
        Span<byte> expected = stackalloc byte[32];
        X25519.PublicKey(Secret(initiator: true), expected);
        Assert.True(expected.SequenceEqual(new ReadOnlySpan<byte>(memory, 32)));

        for (int length = 0; length <= 65519; length += 13_103)
        {
            Pass(_responder, _initiator, new byte[length]);
            Pass(_responder, _initiator, new byte[length]);
            Pass(_initiator, _responder, new byte[length]);
        }
    }

    [Fact]
    public void WhatOnlyTheCallerDidWrongLeavesTheSessionAlive()
    {
        byte[] buffer = GC.AllocateArray<byte>(70_000, pinned: true);
        fixed (byte* memory = buffer)
        {
            nuint length = 7;
            Assert.Equal(Status.State, Read(_initiator, memory, 100, &length, memory + 100, 32));
            Assert.Equal(Status.State, Write(_responder, memory, 100, &length, null, 0));
            Assert.Equal(Status.LimitExceeded, Write(_initiator, memory, 70_000, &length, memory, 65535 - 32 + 1));
            Assert.Equal(Status.LimitExceeded, Write(_initiator, memory, 70_000, &length, memory, nuint.MaxValue));
            Assert.Equal(Status.Length, Read(_responder, memory, 100, &length, memory, nuint.MaxValue));
            Assert.Equal(Status.NullPointer, Write(_initiator, memory, 100, &length, null, 1));
            Assert.Equal(Status.NullPointer, Write(_initiator, null, 100, &length, memory, 1));
            Assert.Equal(Status.NullPointer, Write(_initiator, memory, 100, null, memory, 1));
            Assert.Equal(Status.Overlap, Write(_initiator, memory, 100, &length, memory + 99, 1));
            Assert.Equal(7u, length);
            Assert.Equal(Status.BufferTooSmall, Write(_initiator, null, 0, &length, memory, 4));
            Assert.Equal(36u, length);
            Assert.Equal(Status.BufferTooSmall, Write(_initiator, memory, 35, &length, memory + 100, 4));
            Assert.False(buffer.AsSpan().ContainsAnyExcept((byte)0));

            Assert.Equal(Status.Ok, Write(_initiator, memory, 36, &length, memory + 100, 4));
            Assert.Equal(Status.BufferTooSmall, Read(_responder, null, 0, &length, memory, 36));
            Assert.Equal(4u, length);
            Assert.Equal(Status.Overlap, Read(_responder, memory + 35, 4, &length, memory, 36));
            Assert.Equal(Status.Ok, Read(_responder, memory + 100, 4, &length, memory, 36));
            Pass(_responder, _initiator, []);
            Pass(_initiator, _responder, []);

            Assert.Equal(Status.LimitExceeded, Write(_initiator, memory, 70_000, &length, memory, 65520));
            Assert.Equal(Status.BufferTooSmall, Write(_initiator, memory, 65534, &length, memory, 65519));
            Assert.Equal(Status.Overlap, Write(_initiator, memory, 116, &length, memory, 100)); // not even in place
            Pass(_initiator, _responder, [1, 2]);
        }
    }

    [Theory]
    [InlineData(0, 31, (int)Status.ProtocolViolation)]
    [InlineData(0, 65536, (int)Status.ProtocolViolation)]
    [InlineData(2, 63, (int)Status.ProtocolViolation)]
    [InlineData(2, 64, (int)Status.Integrity)]
    [InlineData(3, 15, (int)Status.ProtocolViolation)]
    [InlineData(3, 40, (int)Status.Integrity)]
    public void AWrongMessageEndsTheSessionAndChangesNothing(int messages, int messageLength, int status)
    {
        Status expected = (Status)status;
        if (messages > 0)
        {
            Pass(_initiator, _responder, []);
            Pass(_responder, _initiator, []);
        }

        if (messages > 2)
            Pass(_initiator, _responder, []);
        byte[] message = new byte[messageLength], output = new byte[messageLength];
        output.AsSpan().Fill(Canary);
        nuint length = 7;
        fixed (byte* source = message, destination = output)
        {
            Assert.Equal(expected, Read(_responder, destination, (nuint)output.Length, &length, source, (nuint)message.Length));
            Assert.Equal(7u, length);
            Assert.False(output.AsSpan().ContainsAnyExcept(Canary));
            AssertState(_responder, NoiseState.Dead);
            Assert.Equal(0u, GetBound(_responder, 1));
            Assert.Equal(Status.State, Read(_responder, destination, (nuint)output.Length, &length, source, (nuint)message.Length));
            Assert.Equal(Status.State, Write(_responder, destination, (nuint)output.Length, &length, null, 0));
            Assert.Equal(Status.State, GetRemoteKey(_responder, destination));
            Assert.Equal(Status.State, GetHash(_responder, destination));
        }
    }

    [Fact]
    public void AKeyThatGivesNoSecretEndsTheSessionOfTheOneWhoWrites()
    {
        byte* message = stackalloc byte[32], output = stackalloc byte[128];
        new Span<byte>(message, 32).Clear(); // the point of order 1
        new Span<byte>(output, 128).Fill(Canary);
        nuint length = 7;
        Assert.Equal(Status.Ok, Read(_responder, null, 0, &length, message, 32));
        length = 7;
        Assert.Equal(Status.ProtocolViolation, Write(_responder, output, 128, &length, null, 0));
        Assert.Equal(7u, length);
        Assert.False(new ReadOnlySpan<byte>(output, 128).ContainsAnyExcept(Canary));
        AssertState(_responder, NoiseState.Dead);
    }

    [Fact]
    public void OptionsAreLookedAt()
    {
        nuint session = 77;
        fixed (byte* secret = Secret(initiator: true))
        {
            NoiseOptions options = new() { StructSize = (uint)sizeof(NoiseOptions), StaticSecret32 = secret };
            Assert.Equal(Status.NullPointer, Create(null, &options));
            Assert.Equal(Status.NullPointer, Create(&session, null));
            options.StructSize--;
            Assert.Equal(Status.StructSize, Create(&session, &options));
            options.StructSize++;
            options.StaticSecret32 = null;
            Assert.Equal(Status.NullPointer, Create(&session, &options));
            options.StaticSecret32 = secret;
            options.PrologueLength = 1;
            Assert.Equal(Status.NullPointer, Create(&session, &options));
            options.Prologue = secret;
            options.PrologueLength = nuint.MaxValue;
            Assert.Equal(Status.Length, Create(&session, &options));
            options.PrologueLength = (nuint)int.MaxValue + 1;
            Assert.Equal(Status.LimitExceeded, Create(&session, &options));
            options.PrologueLength = 0;
            options.Suite = 3;
            Assert.Equal(Status.Unsupported, Create(&session, &options));
            (options.Suite, options.Initiator) = (2, 2);
            Assert.Equal(Status.Unsupported, Create(&session, &options));
            (options.Initiator, options.Reserved) = (0, 1);
            Assert.Equal(Status.Unsupported, Create(&session, &options));
            Assert.Equal(77u, session);
            options.Reserved = 0;
            Assert.Equal(Status.Ok, Create(&session, &options));
            Destroy(session);
        }
    }

    // One thread destroys what others use: each of their calls succeeds or says that the handle is none; afterwards all say so.
    [Fact]
    public void DestroyingWhatOthersUseIsSafe()
    {
        for (int round = 0; round < 50; round++)
        {
            nuint session = Begin(initiator: true);
            using Barrier start = new(4);
            Status[] strange = [Status.Ok, Status.Ok, Status.Ok];
            Thread[] threads = [.. Enumerable.Range(0, 3).Select(i => new Thread(() =>
            {
                byte* message = stackalloc byte[64];
                nuint length;
                start.SignalAndWait();
                Status status;
                do
                {
                    status = Write(session, message, 64, &length, null, 0);
                    if (status is not (Status.Ok or Status.State or Status.InvalidHandle))
                        strange[i] = status;
                }
                while (status != Status.InvalidHandle);
            }))];
            foreach (Thread thread in threads)
                thread.Start();
            start.SignalAndWait();
            Destroy(session);
            foreach (Thread thread in threads)
                Assert.True(thread.Join(TimeSpan.FromSeconds(60)), "a thread never learnt that the handle is gone");
            Assert.All(strange, status => Assert.Equal(Status.Ok, status));
        }
    }

    public void Dispose()
    {
        Destroy(_initiator);
        Destroy(_responder);
    }

    private static void AssertState(nuint session, NoiseState expected)
    {
        uint state;
        Assert.Equal(Status.Ok, GetState(session, &state));
        Assert.Equal(expected, (NoiseState)state);
    }

    private static void Pass(nuint from, nuint to, byte[] payload)
    {
        byte[] message = new byte[(int)GetBound(from, (nuint)payload.Length)], output = new byte[payload.Length];
        nuint length;
        fixed (byte* source = payload, middle = message, destination = output)
        {
            Assert.Equal(Status.Ok, Write(from, middle, (nuint)message.Length, &length, source, (nuint)payload.Length));
            Assert.Equal((nuint)message.Length, length);
            Assert.Equal(Status.Ok, Read(to, destination, (nuint)output.Length, &length, middle, (nuint)message.Length));
            Assert.Equal((nuint)output.Length, length);
        }

        Assert.Equal(payload, output);
    }

    private static nuint Begin(bool initiator)
    {
        nuint session;
        fixed (byte* secret = Secret(initiator))
        {
            NoiseOptions options = new() { StructSize = (uint)sizeof(NoiseOptions), StaticSecret32 = secret };
            options.Initiator = initiator ? 1u : 0;
            Assert.Equal(Status.Ok, Create(&session, &options));
        }

        return session;
    }

    private static byte[] Secret(bool initiator)
    {
        byte[] secret = new byte[32];
        new SeededRandomSource(initiator ? 1u : 2).Fill(secret);
        return secret;
    }

    private static delegate* unmanaged<nuint, byte*, nuint, nuint*, byte*, nuint, Status> Exchange(string name) =>
        (delegate* unmanaged<nuint, byte*, nuint, nuint*, byte*, nuint, Status>)Export.Find(name);
}
