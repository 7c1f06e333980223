using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;

namespace Megatorrent.Native.Exports;

/// <summary>Keys and signatures: part 6 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class KeyExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_ed25519_generate")]
    private static Status GenerateEd25519(byte* seed, byte* publicKey)
    {
        try
        {
            Status status = CheckPair("seed32", seed, "public32", publicKey);
            if (status != Status.Ok)
                return status;

            using SigningKey pair = SigningKey.Generate(SystemRandomSource.Instance);
            pair.CopySeedTo(new Span<byte>(seed, SigningKey.SeedLength));
            pair.PublicKey.CopyTo(new Span<byte>(publicKey, Ed25519.PublicKeyLength));
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_ed25519_public_key")]
    private static Status GetEd25519PublicKey(byte* publicKey, byte* seed)
    {
        try
        {
            Status status = CheckPair("public32", publicKey, "seed32", seed);
            if (status != Status.Ok)
                return status;

            using SigningKey pair = SigningKey.FromSeed(new ReadOnlySpan<byte>(seed, SigningKey.SeedLength));
            pair.PublicKey.CopyTo(new Span<byte>(publicKey, Ed25519.PublicKeyLength));
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_ed25519_sign")]
    private static Status Sign(byte* signature, byte* seed, byte* data, nuint length)
    {
        try
        {
            if (signature is null || seed is null)
                return Guard.Null(signature is null ? "signature64" : "seed32");
            Status status = CheckMessage(data, length);
            if (status == Status.Ok)
            {
                status = Guard.Apart(
                    [new("signature64", signature, Ed25519.SignatureLength)],
                    [new("seed32", seed, SigningKey.SeedLength), new("data", data, length)]);
            }

            if (status != Status.Ok)
                return status;

            using SigningKey pair = SigningKey.FromSeed(new ReadOnlySpan<byte>(seed, SigningKey.SeedLength));
            pair.Sign(new ReadOnlySpan<byte>(data, (int)length), new Span<byte>(signature, Ed25519.SignatureLength));
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_ed25519_verify")]
    private static Status Verify(int* ok, byte* publicKey, byte* signature, byte* data, nuint length)
    {
        try
        {
            if (ok is null)
                return Guard.Null("ok");
            if (publicKey is null || signature is null)
                return Guard.Null(publicKey is null ? "public32" : "signature64");
            Status status = CheckMessage(data, length);
            if (status != Status.Ok)
                return status;

            bool isGenuine = Ed25519.Verify(
                new ReadOnlySpan<byte>(publicKey, Ed25519.PublicKeyLength),
                new ReadOnlySpan<byte>(data, (int)length),
                new ReadOnlySpan<byte>(signature, Ed25519.SignatureLength));
            *ok = isGenuine ? 1 : 0;
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_x25519_generate")]
    private static Status GenerateX25519(byte* secret, byte* publicKey) =>
        GenerateX25519Inside(secret, publicKey);

    [MethodImpl(MethodImplOptions.NoInlining)] // it has a buffer on the stack: see Guard
    private static Status GenerateX25519Inside(byte* secret, byte* publicKey)
    {
        try
        {
            Status status = CheckPair("secret32", secret, "public32", publicKey);
            if (status != Status.Ok)
                return status;

            Span<byte> fresh = stackalloc byte[X25519.KeyLength];
            try
            {
                SystemRandomSource.Instance.Fill(fresh);
                X25519.PublicKey(fresh, new Span<byte>(publicKey, X25519.KeyLength));
                fresh.CopyTo(new Span<byte>(secret, X25519.KeyLength));
            }
            finally
            {
                CryptographicOperations.ZeroMemory(fresh);
            }

            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_x25519_public_key")]
    private static Status GetX25519PublicKey(byte* publicKey, byte* secret)
    {
        try
        {
            Status status = CheckPair("public32", publicKey, "secret32", secret);
            if (status == Status.Ok)
                X25519.PublicKey(new ReadOnlySpan<byte>(secret, X25519.KeyLength), new Span<byte>(publicKey, X25519.KeyLength));
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    /// <summary>Looks at an output of 32 bytes and another output or input of 32: the keys of both algorithms have that length.</summary>
    private static Status CheckPair(string outputName, byte* output, string otherName, byte* other)
    {
        if (output is null || other is null)
            return Guard.Null(output is null ? outputName : otherName);
        return Guard.Overlap(output, X25519.KeyLength, other, X25519.KeyLength) ? Guard.Overlap(outputName, otherName) : Status.Ok;
    }

    private static Status CheckMessage(byte* data, nuint length)
    {
        if (data is null && length != 0)
            return Guard.Null("data");
        return length <= int.MaxValue
            ? Status.Ok
            : LastError.Set(Status.Length, $"length is {length}; at most {int.MaxValue} bytes can be signed.");
    }
}
