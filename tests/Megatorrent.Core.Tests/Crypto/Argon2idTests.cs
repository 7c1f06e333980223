using Megatorrent.Core.Crypto;

namespace Megatorrent.Core.Tests.Crypto;

public class Argon2idTests
{
    // libsodium test/default/pwhash_argon2id.c, entries 7 (one pass) and 5 (three), with the outputs of pwhash_argon2id.exp.
    // Its limits are in bytes; it works with whole KiB. Only the first 16 bytes of its salts are used.
    [Theory]
    [InlineData(
        "b540beb016a5366524d4605156493f9874514a5aa58818cd0c6dfffaa9e90205f17b",
        "44071f6d181561670bda728d43fb79b4",
        1,
        1631659 / 1024,
        "7fb72409b0987f8190c3729710e98c3f80c5a8727d425fdcde7f3644d467fe973f5b5fee683bd3fce812cb9ae5e9921a2d06c2f1905e4e839692f2b934b682f1"
        + "1a2fe2b90482ea5dd234863516dba6f52dc0702d324ec77d860c2e181f84472bd7104fedce071ffa93c5309494ad51623d214447a7b2b1462dc7d5d55a1f6fd5"
        + "b54ce024118d86f0c6489d16545aaa87b6689dad9f2fb47fda9894f8e12b87d978b483ccd4cc5fd9595cdc7a818452f915ce2f7df95ec12b1c72e3788d473441"
        + "d884f9748eb14703c21b45d82fd667b85f5b2d98c13303b3fe76285531a826b6fc0fe8e3dddecf")]
    [InlineData(
        "4a857e2ee8aa9b6056f2424e84d24a72473378906ee04a46cb05311502d5250b82ad86b83c8f20a23dbb74f6da60b0b6ecffd67134d45946ac8ebfb3064294bc"
        + "097d43ced68642bfb8bbbdd0f50b30118f5e",
        "39d82eef32010b8b79cc5ba88ed539fb",
        3,
        1432947 / 1024,
        "08d8cd330c57e1b4643241d05bb468ba4ee4e932cd0858816be9ef15360b27bbd06a87130ee92222be267a29b81f5ae8fe8613324cfc4832dc49387fd0602f1c"
        + "57b4d0f3855db94fb7e12eb05f9a484aed4a4307abf586cd3d55c809bc081541e00b682772fb2066504ff935b8ebc551a2083882f874bc0fae68e56848ae34c9"
        + "1097c3bf0cca8e75c0797eef3efde3f75e005815018db3cf7c109a812264c4de69dcb22322dbbcfa447f5b00ecd1b04a7be1569c8e556adb7bba48adf81d")]
    public void Libsodium_vectors(string passphrase, string salt, int passes, int memoryKiB, string expected)
    {
        byte[] key = new byte[expected.Length / 2];
        Argon2id.Derive(Convert.FromHexString(passphrase), Convert.FromHexString(salt), passes, memoryKiB, key);
        Assert.Equal(expected, Convert.ToHexStringLower(key));
    }

    [Fact]
    public void Every_input_matters()
    {
        byte[] salt = new byte[16], otherSalt = [1, .. new byte[15]];
        string[] keys =
        [
            Derive("a"u8, salt, 1, 8), Derive("b"u8, salt, 1, 8), Derive("a"u8, otherSalt, 1, 8), Derive("a"u8, salt, 2, 8),
            Derive("a"u8, salt, 1, 16), Derive([], salt, 1, 8),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys[0], Derive("a"u8, salt, 1, 8));

        static string Derive(ReadOnlySpan<byte> passphrase, byte[] salt, int passes, int memoryKiB)
        {
            byte[] key = new byte[32];
            Argon2id.Derive(passphrase, salt, passes, memoryKiB, key);
            return Convert.ToHexStringLower(key);
        }
    }

    [Theory]
    [InlineData(15, 1, 8, 32)]
    [InlineData(17, 1, 8, 32)]
    [InlineData(16, 0, 8, 32)]
    [InlineData(16, Argon2id.MaxPasses + 1, 8, 32)]
    [InlineData(16, 1, 7, 32)]
    [InlineData(16, 1, Argon2id.MaxMemoryKiB + 1, 32)]
    [InlineData(16, 1, 8, 15)]
    public void Numbers_out_of_range_are_argument_errors(int saltLength, int passes, int memoryKiB, int keyLength)
    {
        Assert.ThrowsAny<ArgumentException>(() => Argon2id.Derive("x"u8, new byte[saltLength], passes, memoryKiB, new byte[keyLength]));
    }
}
