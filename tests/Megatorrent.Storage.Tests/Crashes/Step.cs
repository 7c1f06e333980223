namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>One operation of a workload, told before it begins and when it was acknowledged.</summary>
internal static class Step
{
    public const int Choices = 10;

    /// <summary>Puts, deletes or compacts.</summary>
    /// <param name="store">Where.</param>
    /// <param name="choice">Which operation, below <see cref="Choices"/>.</param>
    /// <param name="number">Of which blob; nothing else of it may be under way.</param>
    /// <param name="note">Told of the beginning and, if it succeeds, of the end.</param>
    public static Task RunAsync(BlobStore store, int choice, int number, Action<StepNote> note)
    {
        var (id, blob) = Ledger.Blob(number);
        return choice switch
        {
            0 or 1 or 2 => NotedAsync(note, number, isPut: true, [false], async () => await store.PutAsync(id, blob)),
            3 or 4 => NotedAsync(note, number, isPut: true, [false, true], async () => await store.PutAsync(id, blob, id, Ledger.Descriptor(number))),
            5 or 6 or 7 => NotedAsync(note, number, isPut: false, [false], async () => await store.DeleteAsync(id)),
            8 => NotedAsync(note, number, isPut: false, [true], async () => await store.DeleteDescriptorAsync(id)),
            _ => store.CompactAsync().AsTask(),
        };
    }

    private static async Task NotedAsync(Action<StepNote> note, int number, bool isPut, bool[] isDescriptor, Func<Task> operation)
    {
        foreach (bool one in isDescriptor)
            note(new StepNote(number, one, isPut, IsEnd: false));
        await operation();
        foreach (bool one in isDescriptor)
            note(new StepNote(number, one, isPut, IsEnd: true));
    }
}
