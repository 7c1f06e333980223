using Megatorrent.Core.Crypto;
using Xunit.Abstractions;

namespace Megatorrent.Core.Tests.Crypto;

public class AeadTests(ITestOutputHelper output)
{
    // Around every block, vector and unrolling of both ciphers: 16 (AES, Poly1305), 64 (ChaCha20), 128 and 256 (eight and sixteen blocks).
    private static readonly int[] Lengths =
    [
        0, 1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 79, 80, 81, 95, 96, 97, 111, 112, 113, 127, 128, 129, 143, 144, 145, 191,
        192, 193, 239, 240, 241, 255, 256, 257, 271, 272, 273, 319, 320, 321, 383, 384, 385, 511, 512, 513, 767, 768, 769, 1023, 1024,
        1025, 4095, 4096, 4097, 16383, 16384, 16385, 65535, 65536, 65537, 100_003,
    ];

    public static TheoryData<CipherSuite> Suites => new(Enum.GetValues<CipherSuite>());

    public static TheoryData<CipherSuite, string, string, string, string, string, string> Vectors => new()
    {
        // NIST CAVP gcmEncryptExtIV256.rsp: key, nonce, plaintext, associated data, ciphertext, tag. PTlen, AADlen = 0, 0
        {
            CipherSuite.Aes256Gcm, "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4", "516c33929df5a3284ff463d7",
            "", "", "", "bdc1ac884d332457a1d2664f168c76f0"
        },
        {
            CipherSuite.Aes256Gcm, "5fe0861cdc2690ce69b3658c7f26f8458eec1c9243c5ba0845305d897e96ca0f", "770ac1a5a3d476d5d96944a1",
            "", "", "", "196d691e1047093ca4b3d2ef4baba216"
        },
        { // 0, 128
            CipherSuite.Aes256Gcm, "78dc4e0aaf52d935c3c01eea57428f00ca1fd475f5da86a49c8dd73d68c8e223", "d79cf22d504cc793c3fb6c8a",
            "", "b96baa8c1c75a671bfb2d08d06be5f36", "", "3e5d486aa2e30b22e040b85723a06e76"
        },
        { // 128, 0
            CipherSuite.Aes256Gcm, "31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22", "0d18e06c7c725ac9e362e1ce",
            "2db5168e932556f8089a0622981d017d", "", "fa4362189661d163fcd6a56d8bf0405a", "d636ac1bbedd5cc3ee727dc2ab4a9489"
        },
        { // 104, 0
            CipherSuite.Aes256Gcm, "82c4f12eeec3b2d3d157b0f992d292b237478d2cecc1d5f161389b97f999057a", "7b40b20f5f397177990ef2d1",
            "982a296ee1cd7086afad976945", "", "ec8e05a0471d6b43a59ca5335f", "113ddeafc62373cac2f5951bb9165249"
        },
        { // 408, 160
            CipherSuite.Aes256Gcm, "24501ad384e473963d476edcfe08205237acfd49b5b8f33857f8114e863fec7f", "9ff18563b978ec281b3f2794",
            "27f348f9cdc0c5bd5e66b1ccb63ad920ff2219d14e8d631b3872265cf117ee86757accb158bd9abb3868fdc0d0b074b5f01b2c",
            "adb5ec720ccf9898500028bf34afccbcaca126ef",
            "eb7cb754c824e8d96f7c6d9b76c7d26fb874ffbf1d65c6f64a698d839b0b06145dae82057ad55994cf59ad7f67c0fa5e85fab8",
            "bc95c532fecc594c36d1550286a7a3f0"
        },
        { // 408, 384
            CipherSuite.Aes256Gcm, "463b412911767d57a0b33969e674ffe7845d313b88c6fe312f3d724be68e1fca", "611ce6f9a6880750de7da6cb",
            "e7d1dcf668e2876861940e012fe52a98dacbd78ab63c08842cc9801ea581682ad54af0c34d0d7f6f59e8ee0bf4900e0fd85042",
            "0a682fbc6192e1b47a5e0868787ffdafe5a50cead3575849990cdd2ea9b3597749403efb4a56684f0c6bde352d4aeec5",
            "8886e196010cb3849d9c1a182abe1eeab0a5f3ca423c3669a4a8703c0f146e8e956fb122e0d721b869d2b6fcd4216d7d4d3758",
            "2469cecd70fd98fec9264f71df1aee9a"
        },
        { // 408, 720
            CipherSuite.Aes256Gcm, "148579a3cbca86d5520d66c0ec71ca5f7e41ba78e56dc6eebd566fed547fe691", "b08a5ea1927499c6ecbfd4e0",
            "9d0b15fdf1bd595f91f8b3abc0f7dec927dfd4799935a1795d9ce00c9b879434420fe42c275a7cd7b39d638fb81ca52b49dc41",
            "e4f963f015ffbb99ee3349bbaf7e8e8e6c2a71c230a48f9d59860a29091d2747e01a5ca572347e247d25f56ba7ae8e05"
            + "cde2be3c97931292c02370208ecd097e"
            + "f692687fecf2f419d3200162a6480a57dad408a0dfeb492e2c5d",
            "2097e372950a5e9383c675e89eea1c314f999159f5611344b298cda45e62843716f215f82ee663919c64002a5c198d7878fd3f",
            "adbecdb0d5c2224d804d2886ff9a5760"
        },
        { // RFC 8439 §2.8.2
            CipherSuite.ChaCha20Poly1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647",
            Hex("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."),
            "50515253c0c1c2c3c4c5c6c7",
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
            + "1a71de0a9e060b2905d6a5b67ecd3b36"
            + "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116",
            "1ae10b594f09e26a7e902ecbd0600691"
        },
        { // RFC 8439 A.5
            CipherSuite.ChaCha20Poly1305, "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0", "000000000102030405060708",
            Hex("Internet-Drafts are draft documents valid for a maximum of six months and may be updated, replaced, or obsoleted by other "
                + "documents at any time. It is inappropriate to use Internet-Drafts as reference material or to cite them other than as "
                + "/“work in progress./”"),
            "f33388860000000000004e91",
            "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26b0"
            + "bdb7b73c321b0100d4f03b7f355894cf"
            + "332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c8559797a06ef4f0ef61c186324e2b350638"
            + "3606907b6a7c02b0f9f6157b53c867e4"
            + "b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a"
            + "0d072b04b3564eea1b422273f548271a"
            + "0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d361094fa68f0ff77987130"
            + "305beaba2eda04df997b714d6c6f2c29"
            + "a6ad5cb4022b02709b",
            "eead9d67890cbb22392336fea1851f38"
        },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Public_vectors(
        CipherSuite suite, string key, string nonce, string plaintext, string associatedData, string ciphertext, string tag)
    {
        byte[] k = Convert.FromHexString(key), n = Convert.FromHexString(nonce), a = Convert.FromHexString(associatedData);
        byte[] p = Convert.FromHexString(plaintext), c = new byte[p.Length], t = new byte[AeadCipher.TagLength];
        foreach (CipherProviderKind provider in Providers(suite))
        {
            using var cipher = new AeadCipher(suite, k, provider);
            cipher.Seal(n, p, c, t, a);
            Assert.Equal((provider, ciphertext, tag), (provider, Convert.ToHexStringLower(c), Convert.ToHexStringLower(t)));
            c.AsSpan().Clear();
            t.AsSpan().Clear();
            Aead.Seal(provider, suite, k, n, p, c, t, a);
            Assert.Equal((provider, ciphertext, tag), (provider, Convert.ToHexStringLower(c), Convert.ToHexStringLower(t)));

            byte[] opened = new byte[p.Length];
            Assert.True(cipher.TryOpen(n, c, t, opened, a));
            Assert.Equal(p, opened);
            opened.AsSpan().Clear();
            Assert.True(Aead.TryOpen(provider, suite, k, n, c, t, opened, a));
            Assert.Equal(p, opened);
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Providers_agree_at_every_boundary_in_place_and_not(CipherSuite suite)
    {
        const ulong Seed = 60;
        var random = new SeededRandomSource(Seed);
        foreach (int length in Lengths)
        {
            foreach (int aadLength in length < 300 ? new[] { 0, 1, 12, 15, 16, 17, 63, 64, 65, 300 } : [64])
            {
                byte[] key = Random(random, 32), nonce = Random(random, 12);
                byte[] aad = Random(random, aadLength), plaintext = Random(random, length);
                byte[]? expected = null;
                foreach (CipherProviderKind provider in Providers(suite))
                {
                    string what = $"{provider}, {length} bytes, {aadLength} of associated data, seed {Seed}";
                    byte[] sealedBytes = SealGuarded(provider, suite, key, nonce, aad, plaintext, inPlace: false, what);
                    expected ??= sealedBytes;
                    Assert.True(expected.AsSpan().SequenceEqual(sealedBytes), what);
                    sealedBytes = SealGuarded(provider, suite, key, nonce, aad, plaintext, inPlace: true, what);
                    Assert.True(expected.AsSpan().SequenceEqual(sealedBytes), $"in place, {what}");
                    AssertOpens(provider, suite, key, nonce, aad, expected, plaintext, what);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Unaligned_memory_gives_the_same(CipherSuite suite)
    {
        const ulong Seed = 61;
        var random = new SeededRandomSource(Seed);
        byte[] key = Random(random, 32), nonce = Random(random, 12), plaintext = Random(random, 1000), aad = Random(random, 40);
        byte[] expected = SealGuarded(CipherProviderKind.DotNet, suite, key, nonce, aad, plaintext, inPlace: false, "");
        byte[] from = new byte[1100], to = new byte[1100];
        foreach (CipherProviderKind provider in Providers(suite))
        {
            for (int i = 0; i < 64; i++)
            {
                int j = (i * 29 + 7) % 64;
                plaintext.CopyTo(from, i);
                byte[] tag = new byte[16];
                Aead.Seal(provider, suite, key, nonce, from.AsSpan(i, 1000), to.AsSpan(j, 1000), tag, aad);
                Assert.True(expected.AsSpan().SequenceEqual([.. to.AsSpan(j, 1000), .. tag]), $"{provider}, offsets {i} and {j}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void One_wrong_bit_anywhere_gives_false_and_zeros(CipherSuite suite)
    {
        const ulong Seed = 62;
        var random = new SeededRandomSource(Seed);
        byte[] key = Random(random, 32), nonce = Random(random, 12), plaintext = Random(random, 70), aad = Random(random, 13);
        foreach (CipherProviderKind provider in Providers(suite))
        {
            byte[] ciphertext = new byte[plaintext.Length], tag = new byte[16], opened = new byte[plaintext.Length];
            Aead.Seal(provider, suite, key, nonce, plaintext, ciphertext, tag, aad);
            (string, byte[])[] parts = [("key", key), ("nonce", nonce), ("ciphertext", ciphertext), ("tag", tag), ("aad", aad)];
            foreach ((string name, byte[] part) in parts)
            {
                for (int bit = 0; bit < part.Length * 8; bit++)
                {
                    part[bit / 8] ^= (byte)(1 << (bit % 8));
                    string what = $"{provider}, {name} bit {bit}, seed {Seed}";

                    opened.AsSpan().Fill(0xAA);
                    Assert.False(Aead.TryOpen(provider, suite, key, nonce, ciphertext, tag, opened, aad), what);
                    Assert.True(opened.AsSpan().IndexOfAnyExcept((byte)0) < 0, what);

                    byte[] inPlace = [.. ciphertext];
                    using (var cipher = new AeadCipher(suite, key, provider))
                        Assert.False(cipher.TryOpen(nonce, inPlace, tag, inPlace, aad), what);
                    Assert.True(inPlace.AsSpan().IndexOfAnyExcept((byte)0) < 0, what);
                    part[bit / 8] ^= (byte)(1 << (bit % 8));
                }
            }
            Assert.False(Aead.TryOpen(provider, suite, key, nonce, ciphertext.AsSpan(1), tag, opened.AsSpan(1), aad), $"{provider}: cut");
            Assert.True(Aead.TryOpen(provider, suite, key, nonce, ciphertext, tag, opened, aad));
            Assert.Equal(plaintext, opened);
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Large_messages_agree(CipherSuite suite)
    {
        const ulong Seed = 63;
        var random = new SeededRandomSource(Seed);
        byte[] key = Random(random, 32), nonce = new byte[12], aad = Random(random, 64);
        foreach (int length in new[] { (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (16 << 20) + 17, 17 << 20 })
        {
            byte[] plaintext = new byte[length];
            for (int i = 0; i < length; i++)
                plaintext[i] = (byte)((uint)i * 2654435761u >> 23);
            byte[] ciphertext = new byte[length], tag = new byte[16];
            Aead.Seal(CipherProviderKind.DotNet, suite, key, nonce, plaintext, ciphertext, tag, aad);
            foreach (CipherProviderKind provider in Providers(suite))
            {
                byte[] buffer = [.. plaintext], otherTag = new byte[16];
                Aead.Seal(provider, suite, key, nonce, buffer, buffer, otherTag, aad);
                string what = $"{provider}, {length} bytes";
                Assert.True(tag.AsSpan().SequenceEqual(otherTag) && ciphertext.AsSpan().SequenceEqual(buffer), what);
                Assert.True(Aead.TryOpen(provider, suite, key, nonce, buffer, tag, buffer, aad), what);
                Assert.True(plaintext.AsSpan().SequenceEqual(buffer), what);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void One_cipher_seals_many_messages_and_the_default_provider_opens_them(CipherSuite suite)
    {
        const ulong Seed = 64;
        var random = new SeededRandomSource(Seed);
        byte[] key = Random(random, 32), nonce = new byte[12], tag = new byte[16];
        using var sender = new AeadCipher(suite, key);
        using var receiver = new AeadCipher(suite, key);
        Assert.Equal(suite, sender.Suite);
        for (int i = 0; i < 1000; i++)
        {
            nonce[i % 12]++;
            byte[] message = Random(random, random.Next(200)), buffer = [.. message];
            sender.Seal(nonce, buffer, buffer, tag, []);
            bool broken = i % 5 == 0; // a failure leaves the cipher usable
            tag[3] ^= broken ? (byte)1 : (byte)0;
            Assert.Equal(!broken, receiver.TryOpen(nonce, buffer, tag, buffer, []));
            Assert.Equal(broken ? new byte[message.Length] : message, buffer);
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Many_threads_seal_at_once(CipherSuite suite)
    {
        Parallel.For(0, 200, i =>
        {
            var random = new SeededRandomSource((ulong)i);
            byte[] key = Random(random, 32), nonce = new byte[12], plaintext = Random(random, 3000 + i), tag = new byte[16];
            byte[][] results = [.. Providers(suite).Select(provider =>
            {
                byte[] buffer = [.. plaintext];
                Aead.Seal(provider, suite, key, nonce, buffer, buffer, tag, []);
                return (byte[])[.. buffer, .. tag];
            })];
            Assert.All(results, result => Assert.Equal(results[0], result));
        });
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void One_shot_allocates_nothing_with_the_native_provider(CipherSuite suite)
    {
        if (!IpsecMb.IsAvailable)
            return;
        byte[] key = new byte[32], nonce = new byte[12], data = new byte[4096], tag = new byte[16];
        CipherProviderKind[] native = [.. Providers(suite).Where(static provider => provider != CipherProviderKind.DotNet)];
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            foreach (CipherProviderKind provider in native)
            {
                Aead.Seal(provider, suite, key, nonce, data, data, tag, key);
                if (!Aead.TryOpen(provider, suite, key, nonce, data, tag, data, key))
                    throw new InvalidOperationException("not opened");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Wrong_lengths_and_partial_overlap_are_argument_errors(CipherSuite suite)
    {
        byte[] key = new byte[32], nonce = new byte[12], data = new byte[64], tag = new byte[16];
        foreach (CipherProviderKind provider in Providers(suite))
        {
            using var cipher = new AeadCipher(suite, key, provider);
            Assert.Throws<ArgumentException>(() => new AeadCipher(suite, new byte[31], provider));
            Assert.Throws<ArgumentException>(() => new AeadCipher(suite, new byte[16], provider));
            Assert.Throws<ArgumentException>(() => cipher.Seal(new byte[11], data, data, tag, []));
            Assert.Throws<ArgumentException>(() => cipher.Seal(nonce, data, data.AsSpan(1), tag, []));
            Assert.Throws<ArgumentException>(() => cipher.Seal(nonce, data, data, new byte[15], []));
            Assert.Throws<ArgumentException>(() => cipher.Seal(nonce, data.AsSpan(0, 32), data.AsSpan(1, 32), tag, []));
            Assert.Throws<ArgumentException>(() => cipher.TryOpen(nonce, data.AsSpan(1, 32), tag, data.AsSpan(0, 32), []));
            Assert.Throws<ArgumentException>(() => cipher.TryOpen(nonce, data, new byte[17], data, []));
            Assert.Throws<ArgumentException>(() => Aead.Seal(provider, suite, new byte[33], nonce, data, data, tag, []));
            cipher.Dispose();
            Assert.Throws<ObjectDisposedException>(() => cipher.Seal(nonce, data, data, tag, []));
            Assert.Throws<ObjectDisposedException>(() => cipher.TryOpen(nonce, data, tag, data, []));
        }
    }

    [Fact]
    public void Suite_numbers_are_frozen_and_others_refused()
    {
        Assert.Equal(["Aes256Gcm=1", "ChaCha20Poly1305=2"], Enum.GetValues<CipherSuite>().Select(suite => $"{suite}={(byte)suite}"));
        Assert.Throws<ArgumentException>(() => new AeadCipher(0, new byte[32]));
        Assert.Throws<ArgumentException>(() => Aead.Seal((CipherSuite)3, new byte[32], new byte[12], [], [], new byte[16], []));
    }

    [Fact]
    public void Says_which_providers_were_tested()
    {
        output.WriteLine($"Providers tested: {string.Join(", ", Providers(CipherSuite.Aes256Gcm))}; default: {CipherProvider.Name}");
        if (!IpsecMb.IsAvailable)
            output.WriteLine("ipsec-mb is not here (Debian: libipsec-mb-dev and a C compiler): the .NET provider was tested only.");
        Assert.Equal(IpsecMb.IsAvailable, CipherProvider.IsNative);
        Assert.Matches(IpsecMb.IsAvailable ? @"^ipsec-mb \d+\.\d+\.\d+ \((sse|avx|avx2|avx512)(\+vaes)?\)$" : @"^\.NET \(", CipherProvider.Name);
    }

    [Fact]
    public void Ipsec_mb_is_used_wherever_it_was_built()
    {
        // A shim that was built and copied but does not load would silently cost most of the speed.
        string shim = Path.Combine(AppContext.BaseDirectory, "libmegatorrent_ipsecmb.so");
        Assert.Equal(File.Exists(shim), IpsecMb.IsAvailable);
    }

    [Fact]
    public void The_wide_instructions_serve_long_messages_where_ipsec_mb_leaves_them_idle()
    {
        bool wide = VaesGcmKey.IsAvailable && IpsecMb.Architecture != "avx512";
        CipherProviderKind native = IpsecMb.IsAvailable ? CipherProviderKind.IpsecMb : CipherProviderKind.DotNet;
        Assert.Equal(native, CipherProvider.For(CipherSuite.Aes256Gcm, 1023));
        Assert.Equal(wide ? CipherProviderKind.Vaes : native, CipherProvider.For(CipherSuite.Aes256Gcm, 1024));
        Assert.NotEqual(CipherProviderKind.Vaes, CipherProvider.For(CipherSuite.ChaCha20Poly1305, 1 << 20));
        Assert.Equal(wide, CipherProvider.Name.Contains("+vaes", StringComparison.Ordinal));
    }

    private static IEnumerable<CipherProviderKind> Providers(CipherSuite suite)
    {
        yield return CipherProviderKind.DotNet;
        if (IpsecMb.IsAvailable)
            yield return CipherProviderKind.IpsecMb;
        if (suite == CipherSuite.Aes256Gcm && VaesGcmKey.IsAvailable)
            yield return CipherProviderKind.Vaes;
    }

    private static byte[] SealGuarded(
        CipherProviderKind provider, CipherSuite suite, byte[] key, byte[] nonce, byte[] aad, byte[] plaintext, bool inPlace, string what)
    {
        const int Guard = 32;
        byte[] output = new byte[plaintext.Length + Guard], tag = new byte[16 + Guard], source = [.. plaintext];
        output.AsSpan().Fill(0x5C);
        tag.AsSpan().Fill(0x5C);
        Span<byte> to = output.AsSpan(0, plaintext.Length);
        if (inPlace)
            plaintext.CopyTo(to);
        Aead.Seal(provider, suite, key, nonce, inPlace ? to : source, to, tag.AsSpan(0, 16), aad);

        Assert.True(output.AsSpan(plaintext.Length).IndexOfAnyExcept((byte)0x5C) < 0, $"past the ciphertext: {what}");
        Assert.True(tag.AsSpan(16).IndexOfAnyExcept((byte)0x5C) < 0, $"past the tag: {what}");
        Assert.True(source.AsSpan().SequenceEqual(plaintext), $"the plaintext changed: {what}");
        return [.. to, .. tag.AsSpan(0, 16)];
    }

    private static void AssertOpens(
        CipherProviderKind provider, CipherSuite suite, byte[] key, byte[] nonce, byte[] aad, byte[] sealedBytes, byte[] plaintext,
        string what)
    {
        byte[] opened = new byte[plaintext.Length];
        Assert.True(Aead.TryOpen(provider, suite, key, nonce, sealedBytes.AsSpan(..^16), sealedBytes.AsSpan(^16..), opened, aad), what);
        Assert.True(plaintext.AsSpan().SequenceEqual(opened), what);

        byte[] inPlace = [.. sealedBytes];
        Span<byte> buffer = inPlace.AsSpan(..^16);
        Assert.True(Aead.TryOpen(provider, suite, key, nonce, buffer, inPlace.AsSpan(^16..), buffer, aad), what);
        Assert.True(plaintext.AsSpan().SequenceEqual(inPlace.AsSpan(..^16)), what);
    }

    private static byte[] Random(SeededRandomSource random, int length)
    {
        byte[] bytes = new byte[length];
        random.Fill(bytes);
        return bytes;
    }

    private static string Hex(string text) => Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(text));
}
