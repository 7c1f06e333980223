using System.Buffers;
using Megatorrent.Core.Encoding;
using static System.Text.Encoding;

namespace Megatorrent.Core.Tests.Encoding;

public class BencodeWriterTests
{
    [Fact]
    public void Writes_every_kind_of_value()
    {
        byte[] encoded = BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("a");
            writer.BeginList();
            writer.WriteInteger(0);
            writer.WriteInteger(long.MinValue);
            writer.WriteInteger(long.MaxValue);
            writer.End();
            writer.WriteKey("b"u8);
            writer.WriteBytes([]);
            writer.WriteKey("é");
            writer.WriteText("naïve");
            writer.WriteKey("ê");
            writer.WriteRawValue("d1:xi1ee"u8);
            writer.End();
        });
        Assert.Equal(
            "d1:ali0ei-9223372036854775808ei9223372036854775807ee1:b0:2:é6:naïve2:êd1:xi1eee",
            UTF8.GetString(encoded));
    }

    [Fact]
    public void Refuses_keys_out_of_order()
    {
        AssertMisuse(w => w.BeginDictionary(), w => Entry(w, "b"), w => w.WriteKey("a"));
        AssertMisuse(w => w.BeginDictionary(), w => Entry(w, "a"), w => w.WriteKey("a"));
        AssertMisuse(w => w.BeginDictionary(), w => Entry(w, "aa"), w => w.WriteKey("a"));
        AssertMisuse(w => w.BeginDictionary(), w => Entry(w, ""), w => w.WriteKey(""));
        AssertMisuse(w => w.BeginDictionary(), w => Entry(w, "é"), w => w.WriteKey("z")); // bytes, not letters
        string longKey = new('k', 300);
        AssertMisuse(w => w.BeginDictionary(), w => Entry(w, longKey), w => w.WriteKey(longKey));
    }

    [Fact]
    public void The_order_of_keys_is_kept_per_dictionary()
    {
        byte[] encoded = BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            Entry(writer, "m");
            writer.WriteKey("n");
            writer.BeginDictionary();
            Entry(writer, "a"); // lower than the outer keys
            writer.End();
            writer.WriteKey("o");
            writer.BeginDictionary(); // a frame that is used again starts afresh
            Entry(writer, "a");
            writer.End();
            writer.End();
        });
        Assert.Equal("d1:mi1e1:nd1:ai1ee1:od1:ai1eee", ASCII.GetString(encoded));
    }

    [Fact]
    public void Refuses_values_keys_and_ends_that_are_not_due()
    {
        AssertMisuse(w => w.WriteInteger(1), w => w.WriteInteger(2));
        AssertMisuse(w => w.BeginList(), w => w.End(), w => w.BeginList());
        AssertMisuse(w => w.BeginDictionary(), w => w.WriteInteger(1));
        AssertMisuse(w => w.BeginDictionary(), w => w.BeginList());
        AssertMisuse(w => w.BeginDictionary(), w => w.WriteKey("a"), w => w.WriteKey("b"));
        AssertMisuse(w => w.BeginDictionary(), w => w.WriteKey("a"), w => w.End());
        AssertMisuse(w => w.BeginDictionary(), w => Entry(w, "a"), w => w.WriteInteger(2));
        AssertMisuse(w => w.WriteKey("a"));
        AssertMisuse(w => w.BeginList(), w => w.WriteKey("a"));
        AssertMisuse(w => w.End());
    }

    [Fact]
    public void Refuses_to_nest_deeper_than_a_reader_can_follow()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(buffer);
        for (int i = 0; i < BencodeReader.DepthLimit; i++)
            writer.BeginList();
        Assert.Equal(ErrorKind.LimitExceeded, Assert.Throws<MegatorrentException>(writer.BeginList).Kind);
        Assert.Equal(ErrorKind.LimitExceeded, Assert.Throws<MegatorrentException>(writer.BeginDictionary).Kind);
        Assert.Equal(BencodeReader.DepthLimit, buffer.WrittenCount);
    }

    [Fact]
    public void A_document_grows_to_its_limit_and_its_ends_always_fit()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(buffer, lengthMax: 11);
        writer.BeginDictionary();
        writer.WriteKey("a");
        writer.BeginList(); // d1:al, and two ends to come
        AssertTooLong(() => writer.WriteBytes("123"u8));
        writer.WriteBytes("12"u8);
        AssertTooLong(writer.BeginList);
        AssertTooLong(() => writer.WriteInteger(1));
        AssertTooLong(() => writer.WriteBytes([]));
        writer.End();
        AssertTooLong(() => writer.WriteKey("b"));
        writer.End();
        Assert.Equal("d1:al2:12ee", ASCII.GetString(buffer.WrittenSpan));

        void AssertTooLong(Action step)
        {
            int written = buffer.WrittenCount;
            Assert.Equal(ErrorKind.LimitExceeded, Assert.Throws<MegatorrentException>(step).Kind);
            Assert.Equal(written, buffer.WrittenCount);
        }
    }

    [Fact]
    public void An_unfinished_document_is_not_given_out()
    {
        Assert.Throws<InvalidOperationException>(() => BencodeWriter.Encode(writer => writer.BeginList()));
        Assert.Throws<InvalidOperationException>(() => BencodeWriter.Encode(_ => { }));
    }

    [Theory]
    [InlineData("i01e")]
    [InlineData("i1ei2e")]
    [InlineData("d1:bi1e1:ai1ee")]
    [InlineData("")]
    public void A_raw_value_is_checked(string raw)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(output);
        var error = Assert.Throws<MegatorrentException>(() => writer.WriteRawValue(ASCII.GetBytes(raw)));
        Assert.Equal(ErrorKind.Malformed, error.Kind);
        Assert.Equal(0, output.WrittenCount);
    }

    private static void Entry(BencodeWriter writer, string key)
    {
        writer.WriteKey(key);
        writer.WriteInteger(1);
    }

    // The steps are right but for the last one, which must throw and write nothing.
    private static void AssertMisuse(params Action<BencodeWriter>[] steps)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(output);
        foreach (Action<BencodeWriter> step in steps[..^1])
            step(writer);
        int written = output.WrittenCount;
        Assert.Throws<InvalidOperationException>(() => steps[^1](writer));
        Assert.Equal(written, output.WrittenCount);
    }
}
