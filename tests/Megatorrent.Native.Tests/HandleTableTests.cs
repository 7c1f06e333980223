using Megatorrent.Core;

namespace Megatorrent.Native.Tests;

public sealed class HandleTableTests
{
    private const HandleKind OtherKind = (HandleKind)7;

    private readonly HandleTable _table = new();

    [Fact]
    public void AHandleFindsWhatItWasGivenFor()
    {
        object first = new(), second = new();
        nuint one = _table.Add(HandleKind.ReedSolomon, first), two = _table.Add(HandleKind.ReedSolomon, second);
        Assert.NotEqual(one, two);
        Assert.Same(first, Find(one));
        Assert.Same(second, Find(two));
    }

    [Fact]
    public void AHandleIsNeverZeroAndNeverAnAlignedAddress()
    {
        for (int i = 0; i < 1000; i++)
            Assert.Equal((nuint)5, _table.Add(HandleKind.ReedSolomon, this) & 15);
    }

    [Fact]
    public void AnotherKindOrTypeIsNotFound()
    {
        nuint handle = _table.Add(HandleKind.ReedSolomon, "a text");
        Assert.False(_table.TryGet(handle, OtherKind, out object? _));
        Assert.False(_table.TryGet(handle, HandleKind.ReedSolomon, out int[]? _));
        Assert.False(_table.TryRemove(handle, OtherKind));
        Assert.Equal("a text", Find(handle));
    }

    [Fact]
    public void WhatIsRemovedIsGivenToOneCallerToEnd()
    {
        nuint handle = _table.Add(HandleKind.ReedSolomon, "a text");
        Assert.False(_table.TryRemove(handle, HandleKind.ReedSolomon, out int[]? _));
        Assert.True(_table.TryRemove(handle, HandleKind.ReedSolomon, out string? removed));
        Assert.Equal("a text", removed);
        Assert.False(_table.TryRemove(handle, HandleKind.ReedSolomon, out removed));
        Assert.Null(removed);
    }

    [Fact]
    public void AHandleThatWasRemovedStaysWrongWhenItsSlotIsUsedAgain()
    {
        nuint stale = _table.Add(HandleKind.ReedSolomon, new object());
        for (int round = 0; round < 100; round++)
        {
            Assert.True(_table.TryRemove(stale, HandleKind.ReedSolomon));
            Assert.False(_table.TryRemove(stale, HandleKind.ReedSolomon));
            Assert.Null(Find(stale));

            nuint next = _table.Add(HandleKind.ReedSolomon, new object());
            Assert.NotEqual(stale, next);
            Assert.Null(Find(stale));
            Assert.False(_table.TryRemove(stale, HandleKind.ReedSolomon));
            Assert.NotNull(Find(next));
            stale = next;
        }
    }

    [Fact]
    public void EveryChangedBitMakesAHandleWrong()
    {
        nuint handle = _table.Add(HandleKind.ReedSolomon, this);
        for (int bit = 0; bit < nuint.Size * 8; bit++)
            Assert.Null(Find(handle ^ ((nuint)1 << bit)));
    }

    [Fact]
    public void WhatNeverWasAHandleIsNotFound()
    {
        SeededRandomSource random = new(20260101);
        Span<byte> bytes = stackalloc byte[8];
        _table.Add(HandleKind.ReedSolomon, this);
        foreach (nuint value in new nuint[] { 0, 1, 5, nuint.MaxValue })
            Assert.Null(Find(value));
        for (int i = 0; i < 100_000; i++)
        {
            random.Fill(bytes);
            Assert.Null(Find((nuint)BitConverter.ToUInt64(bytes)));
        }
    }

    [Fact]
    public void AFullTableSaysSoAndWorksAgainAfterARemoval()
    {
        HandleTable small = new(slotBits: 2);
        nuint[] handles = [.. Enumerable.Range(0, 4).Select(i => small.Add(HandleKind.ReedSolomon, i.ToString()))];
        Assert.Equal(4, handles.Distinct().Count());
        Assert.Equal(ErrorKind.LimitExceeded, Assert.Throws<MegatorrentException>(() => small.Add(HandleKind.ReedSolomon, "")).Kind);

        Assert.True(small.TryRemove(handles[2], HandleKind.ReedSolomon));
        nuint again = small.Add(HandleKind.ReedSolomon, "again");
        Assert.True(small.TryGet(again, HandleKind.ReedSolomon, out string? text));
        Assert.Equal("again", text);
    }

    [Fact]
    public void ASlotWhoseGenerationsAreUsedUpIsLeftEmpty()
    {
        HandleTable small = new(slotBits: 1, generationBits: 2); // two slots, generations 1 to 3
        HashSet<nuint> seen = [];
        for (int i = 0; i < 6; i++)
        {
            nuint handle = small.Add(HandleKind.ReedSolomon, this);
            Assert.True(seen.Add(handle), "a handle was given out twice");
            Assert.True(small.TryRemove(handle, HandleKind.ReedSolomon));
        }

        Assert.Throws<MegatorrentException>(() => small.Add(HandleKind.ReedSolomon, this));
    }

    [Fact]
    public void ManyThreadsNeverSeeEachOthersObjects()
    {
        Exception?[] failures = new Exception?[8];
        Thread[] threads = new Thread[failures.Length];
        for (int thread = 0; thread < threads.Length; thread++)
        {
            int mine = thread;
            threads[thread] = new Thread(() => failures[mine] = Record.Exception(() =>
            {
                for (int i = 0; i < 20_000; i++)
                {
                    object target = new();
                    nuint handle = _table.Add(HandleKind.ReedSolomon, target);
                    Assert.Same(target, Find(handle));
                    Assert.True(_table.TryRemove(handle, HandleKind.ReedSolomon));
                    Assert.Null(Find(handle));
                }
            }));
        }

        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.All(failures, Assert.Null);
    }

    private object? Find(nuint handle) => _table.TryGet(handle, HandleKind.ReedSolomon, out object? target) ? target : null;
}
