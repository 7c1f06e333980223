using Megatorrent.Core.Encoding;
using static System.Text.Encoding;

namespace Megatorrent.Core.Tests.Encoding;

public class BencodeReaderTests
{
    [Theory]
    [InlineData("i0e", 0L)]
    [InlineData("i-1e", -1L)]
    [InlineData("i42e", 42L)]
    [InlineData("i9223372036854775807e", long.MaxValue)]
    [InlineData("i-9223372036854775808e", long.MinValue)]
    [InlineData("i1000000000000000000e", 1_000_000_000_000_000_000L)]
    public void Reads_integers(string text, long expected)
    {
        var reader = new BencodeReader(ASCII.GetBytes(text), maxDepth: 0);
        Assert.Equal(BencodeType.Integer, reader.PeekType());
        Assert.Equal(expected, reader.ReadInteger());
        reader.ReadEndOfDocument();
        Assert.Equal(text.Length, reader.Position);
    }

    [Theory]
    [InlineData("0:", "")]
    [InlineData("1:x", "x")]
    [InlineData("10:0123456789", "0123456789")]
    public void Reads_strings_in_place(string text, string expected)
    {
        byte[] source = ASCII.GetBytes(text);
        var reader = new BencodeReader(source);
        ReadOnlySpan<byte> value = reader.ReadBytes();
        Assert.Equal(expected, ASCII.GetString(value));
        Assert.True(value.IsEmpty || value.Overlaps(source));
        reader.ReadEndOfDocument();
    }

    [Fact]
    public void Reads_a_nested_document_in_order()
    {
        var reader = new BencodeReader("d1:ali1ei2ee1:bd0:1:ze2:bb3:xyze"u8);
        reader.BeginDictionary();
        Assert.True(reader.TryReadKey(out ReadOnlySpan<byte> key));
        Assert.True(key.SequenceEqual("a"u8));
        reader.BeginList();
        Assert.True(reader.TryReadItem());
        Assert.Equal(1, reader.ReadInteger());
        Assert.True(reader.TryReadItem());
        Assert.Equal(2, reader.ReadInteger());
        Assert.False(reader.TryReadItem());
        Assert.True(reader.TryReadKey(out key));
        Assert.True(key.SequenceEqual("b"u8));
        Assert.Equal("d0:1:ze", ASCII.GetString(reader.ReadRawValue()));
        Assert.True(reader.TryReadKey(out key));
        Assert.True(key.SequenceEqual("bb"u8));
        Assert.True(reader.ReadBytesExact(3).SequenceEqual("xyz"u8));
        Assert.Equal(1, reader.Depth);
        Assert.False(reader.TryReadKey(out key));
        Assert.True(key.IsEmpty);
        reader.ReadEndOfDocument();
    }

    [Theory]
    // integers
    [InlineData("i01e", 0, "leading zero")]
    [InlineData("i-0e", 0, "negative zero")]
    [InlineData("i-01e", 0, "leading zero")]
    [InlineData("i00e", 0, "leading zero")]
    [InlineData("ie", 0, "no digits")]
    [InlineData("i-e", 0, "no digits")]
    [InlineData("i+1e", 0, "no digits")]
    [InlineData("i 1e", 0, "no digits")]
    [InlineData("i1", 2, "does not end with 'e'")]
    [InlineData("i1.0e", 2, "does not end with 'e'")]
    [InlineData("i1x", 2, "does not end with 'e'")]
    [InlineData("i9223372036854775808e", 0, "does not fit 64 bits")]
    [InlineData("i-9223372036854775809e", 0, "does not fit 64 bits")]
    [InlineData("i18446744073709551616e", 0, "does not fit 64 bits")]
    [InlineData("i99999999999999999999999999999999999999e", 0, "does not fit 64 bits")]
    // strings
    [InlineData("01:x", 0, "leading zero")]
    [InlineData("00:", 0, "leading zero")]
    [InlineData("5:abcd", 0, "claims 5 bytes, 4 are left")]
    [InlineData("1:", 0, "claims 1 bytes, 0 are left")]
    [InlineData("2147483647:x", 0, "claims 2147483647 bytes, 1 are left")]
    [InlineData("2147483648:x", 0, "does not fit 31 bits")]
    [InlineData("4294967296:", 0, "does not fit 31 bits")]
    [InlineData("18446744073709551616:", 0, "does not fit 31 bits")]
    [InlineData("99999999999999999999999999999999999999999999:", 0, "does not fit 31 bits")]
    [InlineData("3", 1, "does not end with ':'")]
    [InlineData("3abc", 1, "does not end with ':'")]
    [InlineData("-1:x", 0, "no value starts with the byte 0x2d")]
    // documents
    [InlineData("", 0, "ends where a value should start")]
    [InlineData("x", 0, "no value starts with the byte 0x78")]
    [InlineData("e", 0, "no value starts with the byte 0x65")]
    [InlineData("i1ei2e", 3, "3 bytes follow")]
    [InlineData("le\n", 2, "1 bytes follow")]
    // lists
    [InlineData("l", 1, "ends inside a list")]
    [InlineData("li1e", 4, "ends inside a list")]
    [InlineData("l-", 1, "no value starts with")]
    // dictionaries
    [InlineData("d", 1, "ends inside a dictionary")]
    [InlineData("d1:a", 4, "ends where a value should start")]
    [InlineData("d1:ai1e", 7, "ends inside a dictionary")]
    [InlineData("d1:ae", 4, "no value starts with the byte 0x65")]
    [InlineData("di1ei2ee", 1, "key is not a byte string")]
    [InlineData("dle1:ae", 1, "key is not a byte string")]
    [InlineData("d1:bi1e1:ai2ee", 7, "'a' is out of order")]
    [InlineData("d1:ai1e1:ai2ee", 7, "'a' is there twice")]
    [InlineData("d2:aai1e1:ai2ee", 8, "'a' is out of order")]
    [InlineData("d0:i1e0:i2ee", 6, "is there twice")]
    [InlineData("d1:ad1:zi1e1:yi2eee", 11, "'y' is out of order")]
    [InlineData("d02:aai1ee", 1, "leading zero")]
    public void Refuses_what_is_not_canonical(string text, int offset, string fault)
    {
        var error = Assert.Throws<MegatorrentException>(() => BencodeTree.Decode(Latin1.GetBytes(text)));
        Assert.Equal(ErrorKind.Malformed, error.Kind);
        Assert.StartsWith($"bencode: at byte {offset},", error.Message);
        Assert.Contains(fault, error.Message);

        // Skipping checks no less than reading.
        var skipped = Assert.Throws<MegatorrentException>(() =>
        {
            var reader = new BencodeReader(Latin1.GetBytes(text));
            reader.SkipValue();
            reader.ReadEndOfDocument();
        });
        Assert.Equal(error.Message, skipped.Message);
    }

    [Fact]
    public void Keys_are_compared_as_unsigned_bytes()
    {
        BencodeTree.Decode([(byte)'d', .. "1:"u8, 0x7f, .. "i1e"u8, .. "1:"u8, 0x80, .. "i2e"u8, (byte)'e']);
        Assert.Throws<MegatorrentException>(() =>
            BencodeTree.Decode([(byte)'d', .. "1:"u8, 0x80, .. "i1e"u8, .. "1:"u8, 0x7f, .. "i2e"u8, (byte)'e']));
    }

    [Fact]
    public void An_error_shows_no_unprintable_or_endless_key()
    {
        var strange = Assert.Throws<MegatorrentException>(() =>
            BencodeTree.Decode([(byte)'d', .. "2:"u8, 0x1b, 0x5b, .. "i1e"u8, .. "2:"u8, 0x1b, 0x5b, .. "i2ee"u8]));
        Assert.Contains("0x1b5b", strange.Message);
        string key = new('k', 5000);
        var endless = Assert.Throws<MegatorrentException>(() => BencodeTree.Decode(ASCII.GetBytes($"d5000:{key}i1e5000:{key}i1ee")));
        Assert.Contains("of 5000 bytes", endless.Message);
        Assert.True(endless.Message.Length < 200);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(BencodeReader.DepthLimit)]
    public void The_nesting_limit_is_exact(int limit)
    {
        byte[] Nested(int depth) => ASCII.GetBytes(new string('l', depth) + new string('e', depth));
        if (limit > 0)
        {
            var reader = new BencodeReader(Nested(limit), limit);
            reader.SkipValue();
            reader.ReadEndOfDocument();
        }
        var error = Assert.Throws<MegatorrentException>(() =>
        {
            var reader = new BencodeReader(Nested(limit + 1), limit);
            reader.SkipValue();
        });
        Assert.Equal(ErrorKind.Malformed, error.Kind);
        Assert.Contains($"at byte {limit}, containers are nested more than {limit} deep", error.Message);
    }

    [Fact]
    public void A_million_brackets_are_refused_without_a_stack_overflow()
    {
        byte[] bomb = new byte[1_000_000];
        bomb.AsSpan().Fill((byte)'l');
        var error = Assert.Throws<MegatorrentException>(() =>
        {
            var reader = new BencodeReader(bomb, BencodeReader.DepthLimit);
            reader.SkipValue();
        });
        Assert.Equal(ErrorKind.Malformed, error.Kind);
    }

    [Fact]
    public void The_nesting_limit_itself_has_limits()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BencodeReader("le"u8, -1).Depth);
        Assert.Throws<ArgumentOutOfRangeException>(() => new BencodeReader("le"u8, BencodeReader.DepthLimit + 1).Depth);
    }

    [Fact]
    public void Limits_on_strings_and_integers_hold()
    {
        AssertMalformed("the string is 4 bytes long, the limit is 3", () => new BencodeReader("4:abcd"u8).ReadBytes(3));
        AssertMalformed("the string is 4 bytes long, not 3", () => new BencodeReader("4:abcd"u8).ReadBytesExact(3));
        AssertMalformed("the integer 5 is outside 0 to 4", () => new BencodeReader("i5e"u8).ReadInteger(0, 4));
        AssertMalformed("the integer -1 is outside 0 to 4", () => new BencodeReader("i-1e"u8).ReadInteger(0, 4));
        Assert.Equal(4, new BencodeReader("i4e"u8).ReadInteger(0, 4));
        Assert.Equal(4, new BencodeReader("4:abcd"u8).ReadBytes(4).Length);
    }

    [Fact]
    public void Another_kind_of_value_is_named()
    {
        AssertMalformed("a byte string stands where an integer should", () => new BencodeReader("1:a"u8).ReadInteger());
        AssertMalformed("an integer stands where a byte string should", () => new BencodeReader("i1e"u8).ReadBytes());
        AssertMalformed("a list stands where a dictionary should", () => new BencodeReader("le"u8).BeginDictionary());
        AssertMalformed("a dictionary stands where a list should", () => new BencodeReader("de"u8).BeginList());
    }

    [Fact]
    public void Errors_begin_with_the_name_of_the_document()
    {
        var error = Assert.Throws<MegatorrentException>(() => new BencodeReader("i1e"u8, 1, "certificate").BeginDictionary());
        Assert.StartsWith("certificate: at byte 0, ", error.Message);
    }

    [Fact]
    public void Misuse_is_told_apart_from_bad_input()
    {
        Assert.Throws<InvalidOperationException>(() => new BencodeReader("de"u8).TryReadKey(out _));
        Assert.Throws<InvalidOperationException>(() => new BencodeReader("le"u8).TryReadItem());
        Assert.Throws<InvalidOperationException>(() => new BencodeReader("le"u8).ReadEndOfDocument());
        Assert.Throws<InvalidOperationException>(() =>
        {
            var reader = new BencodeReader("d1:ai1ee"u8);
            reader.BeginDictionary();
            reader.ReadBytes(); // a key is due
        });
        Assert.Throws<InvalidOperationException>(() =>
        {
            var reader = new BencodeReader("d1:ai1ee"u8);
            reader.BeginDictionary();
            reader.TryReadKey(out _);
            reader.TryReadKey(out _); // the value is due
        });
        Assert.Throws<InvalidOperationException>(() =>
        {
            var reader = new BencodeReader("li1ee"u8);
            reader.BeginList();
            reader.ReadInteger(); // TryReadItem was not asked
        });
        Assert.Throws<InvalidOperationException>(() =>
        {
            var reader = new BencodeReader("i1ei2e"u8);
            reader.ReadInteger();
            reader.ReadInteger(); // one document, one value
        });
        Assert.Throws<InvalidOperationException>(() =>
        {
            var reader = new BencodeReader("li1ee"u8);
            reader.BeginList();
            reader.TryReadKey(out _);
        });
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        byte[] document = BencodeTree.Encode(BencodeTree.Random(new SeededRandomSource(7), 6));
        Read(document);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Read(document);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Read(byte[] document)
        {
            var reader = new BencodeReader(document);
            reader.SkipValue();
            reader.ReadEndOfDocument();
        }
    }

    [Fact]
    public void Numbers_of_the_types_are_frozen()
    {
        Assert.Equal([1, 2, 3, 4], Enum.GetValues<BencodeType>().Select(type => (int)type));
    }

    private static void AssertMalformed(string fault, Action act)
    {
        var error = Assert.Throws<MegatorrentException>(act);
        Assert.Equal(ErrorKind.Malformed, error.Kind);
        Assert.Equal($"bencode: at byte 0, {fault}.", error.Message);
    }
}
