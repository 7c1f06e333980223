using System.Text;
using Megatorrent.Cluster.Repair;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Tests.Repairs;

/// <summary>The forms on the wire of docs/spec/repair.md, "Surplus".</summary>
public class SurplusMessagesTests
{
    private static readonly BlobId Zero = new(new byte[32]);

    [Fact]
    public void The_forms_are_frozen()
    {
        string id = new('\0', 32);
        Assert.Equal($"d1:s32:{id}1:vi1ee", Text(SurplusMessages.EncodeHint([Zero])));
        Assert.Equal($"d1:b32:{id}1:n16:{id[..16]}1:s32:{id}1:vi1ee", Text(SurplusMessages.EncodeConfirm(Zero, Zero, new byte[16])));
        Assert.Equal("d1:vi1ee", Text(SurplusMessages.EncodeProof(null)));
        Assert.Equal($"d1:p32:{id}1:vi1ee", Text(SurplusMessages.EncodeProof(new byte[32])));
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Convert.ToHexStringLower(SurplusMessages.Prove("a"u8, "bc"u8)));
    }

    [Fact]
    public void What_is_not_one_is_refused()
    {
        byte[] hint = SurplusMessages.EncodeHint([Zero, BlobId.Of("x"u8)]);
        Assert.Equal([Zero, BlobId.Of("x"u8)], SurplusMessages.DecodeHint(hint));
        Assert.Null(SurplusMessages.DecodeProof(SurplusMessages.EncodeProof(null)));
        Assert.Throws<MegatorrentException>(() => SurplusMessages.DecodeHint("d1:s3:abc1:vi1ee"u8));
        Assert.Throws<MegatorrentException>(() => SurplusMessages.DecodeHint("d1:vi1ee"u8));
        Assert.Throws<MegatorrentException>(() => SurplusMessages.DecodeHint(SurplusMessages.EncodeHint(new BlobId[4097])));
        Assert.Throws<MegatorrentException>(() => SurplusMessages.DecodeConfirm("d1:vi1ee"u8));
        Assert.Throws<MegatorrentException>(() => SurplusMessages.DecodeProof("d1:p3:abc1:vi1ee"u8));
    }

    [Fact]
    public void What_was_touched_is_remembered_for_the_window_at_least()
    {
        var time = new Support.ManualTime();
        var recent = new RecentBlobs(TimeSpan.FromMinutes(1), time);
        BlobId[] ids = [.. Enumerable.Range(0, 2000).Select(Support.TestKeys.Stripe)];
        for (int i = 0; i < 1000; i++)
            recent.Add(in ids[i]);
        Assert.InRange(ids[1000..].Count(id => recent.Contains(in id)), 0, 2);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.All(ids[..1000], id => Assert.True(recent.Contains(in id)));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.All(ids[..1000], id => Assert.True(recent.Contains(in id)));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.All(ids[..1000], id => Assert.False(recent.Contains(in id)));
    }

    private static string Text(byte[] bytes) => Encoding.Latin1.GetString(bytes);
}
