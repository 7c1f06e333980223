using System.Runtime.InteropServices;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Native.Exports;

/// <summary>Noise sessions: part 9 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class NoiseExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_noise_create")]
    private static Status Create(nuint* output, NoiseOptions* options)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            Status status = NativeStruct.Read("options", options, out NoiseOptions how);
            if (status != Status.Ok)
                return status;
            if (how.StaticSecret32 is null)
                return Guard.Null("static_secret32");
            status = Guard.CheckInput("prologue", how.Prologue, how.PrologueLength);
            if (status == Status.Ok)
                status = Constants.ToSuite(how.Suite, out _);
            if (status != Status.Ok)
                return status;
            if (how.Reserved != 0 || how.Initiator > 1)
                return LastError.Set(Status.Unsupported, "options->initiator is 1 or 0, and options->reserved must be 0.");
            status = Guard.CheckLength("prologue_length", how.PrologueLength);
            if (status != Status.Ok)
                return status;
            if (how.PrologueLength > int.MaxValue)
            {
                return LastError.Set(
                    Status.LimitExceeded, $"prologue_length is {how.PrologueLength}; a prologue has at most {int.MaxValue} bytes.");
            }

            Constants.ToSuite(how.Suite, out CipherSuite suite);
            NoiseSession session = new(
                how.Initiator == 1,
                suite,
                new ReadOnlySpan<byte>(how.StaticSecret32, X25519.KeyLength),
                new ReadOnlySpan<byte>(how.EphemeralSecret32, how.EphemeralSecret32 is null ? 0 : X25519.KeyLength),
                new ReadOnlySpan<byte>(how.Prologue, (int)how.PrologueLength));
            try
            {
                *output = HandleTable.Shared.Add(HandleKind.Noise, session);
            }
            catch
            {
                session.Dispose();
                throw;
            }

            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_noise_state")]
    private static Status GetState(nuint handle, uint* state)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Noise, out NoiseSession? session))
                return Guard.Handle("noise");
            if (state is null)
                return Guard.Null("state");
            lock (session)
                *state = (uint)session.State;
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_noise_write_bound")]
    private static nuint GetWriteBound(nuint handle, nuint payloadLength)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Noise, out NoiseSession? session))
            {
                Guard.Handle("noise");
                return 0;
            }

            nuint overhead;
            lock (session)
                overhead = session.State == NoiseState.Dead ? 0 : (nuint)session.WriteOverhead;
            return overhead == 0 ? 0 : payloadLength <= nuint.MaxValue - overhead ? payloadLength + overhead : nuint.MaxValue;
        }
        catch (Exception exception)
        {
            LastError.Set(exception);
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_noise_write")]
    private static Status Write(nuint handle, byte* destination, nuint capacity, nuint* length, byte* payload, nuint payloadLength)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Noise, out NoiseSession? session))
                return Guard.Handle("noise");
            Status status = Output.Check("dst", destination, capacity, length);
            if (status == Status.Ok)
                status = Guard.CheckInput("payload", payload, payloadLength);
            if (status != Status.Ok)
                return status;

            lock (session)
            {
                status = CheckTurn(session, NoiseState.Write);
                if (status != Status.Ok)
                    return status;
                int overhead = session.WriteOverhead;
                int payloadMax = NoiseHandshake.MaxMessage - overhead;
                if (payloadLength > (nuint)payloadMax)
                {
                    return LastError.Set(
                        Status.LimitExceeded, $"payload_length is {payloadLength}; this message holds at most {payloadMax} bytes.");
                }
                int needed = (int)payloadLength + overhead;
                if (capacity < (nuint)needed)
                    return Output.TooSmall("dst", capacity, length, (nuint)needed);
                if (Guard.Overlap(destination, capacity, payload, payloadLength))
                    return Guard.Overlap("dst", "payload");

                session.Write(new ReadOnlySpan<byte>(payload, (int)payloadLength), new Span<byte>(destination, needed));
                *length = (nuint)needed;
            }

            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_noise_read")]
    private static Status Read(nuint handle, byte* destination, nuint capacity, nuint* length, byte* message, nuint messageLength)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Noise, out NoiseSession? session))
                return Guard.Handle("noise");
            Status status = Output.Check("dst", destination, capacity, length);
            if (status == Status.Ok)
                status = Guard.CheckInput("message", message, messageLength);
            if (status == Status.Ok)
                status = Guard.CheckLength("message_length", messageLength);
            if (status != Status.Ok)
                return status;

            lock (session)
            {
                status = CheckTurn(session, NoiseState.Read);
                if (status != Status.Ok)
                    return status;
                int overhead = session.ReadOverhead;
                if (messageLength > NoiseHandshake.MaxMessage || messageLength < (nuint)overhead)
                {
                    session.Kill();
                    return LastError.Set(
                        Status.ProtocolViolation,
                        $"message_length is {messageLength}; {overhead} to {NoiseHandshake.MaxMessage} are possible. The session is over.");
                }

                int payloadLength = (int)messageLength - overhead;
                if (capacity < (nuint)payloadLength)
                    return Output.TooSmall("dst", capacity, length, (nuint)payloadLength);
                if (Guard.Overlap(destination, capacity, message, messageLength))
                    return Guard.Overlap("dst", "message");

                session.Read(new ReadOnlySpan<byte>(message, (int)messageLength), new Span<byte>(destination, payloadLength));
                *length = (nuint)payloadLength;
            }

            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_noise_remote_key")]
    private static Status GetRemoteKey(nuint handle, byte* publicKey)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Noise, out NoiseSession? session))
                return Guard.Handle("noise");
            if (publicKey is null)
                return Guard.Null("public32");
            lock (session)
            {
                if (session.RemoteKey.IsEmpty)
                    return LastError.Set(Status.State, $"The other side's key is not proved; the session is in state {session.State}.");
                session.RemoteKey.CopyTo(new Span<byte>(publicKey, X25519.KeyLength));
            }

            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_noise_handshake_hash")]
    private static Status GetHandshakeHash(nuint handle, byte* hash)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Noise, out NoiseSession? session))
                return Guard.Handle("noise");
            if (hash is null)
                return Guard.Null("hash32");
            lock (session)
            {
                if (session.HandshakeHash.IsEmpty)
                    return LastError.Set(Status.State, $"The session is not established; it is in state {session.State}.");
                session.HandshakeHash.CopyTo(new Span<byte>(hash, Sha256.HashLength));
            }

            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_noise_destroy")]
    private static void Destroy(nuint handle)
    {
        try
        {
            if (handle == 0)
                return;
            if (!HandleTable.Shared.TryRemove(handle, HandleKind.Noise, out NoiseSession? session))
            {
                Guard.Handle("noise");
                return;
            }

            lock (session)
                session.Dispose();
        }
        catch (Exception exception)
        {
            LastError.Set(exception);
        }
    }

    private static Status CheckTurn(NoiseSession session, NoiseState wanted)
    {
        if (session.IsDisposed)
            return Guard.Handle("noise");
        NoiseState state = session.State;
        if (state == wanted || state == NoiseState.Established)
            return Status.Ok;
        return LastError.Set(Status.State, state == NoiseState.Dead
            ? "The session failed before and is over."
            : $"It is {(state == NoiseState.Write ? "this" : "the other")} side's turn to write.");
    }
}
