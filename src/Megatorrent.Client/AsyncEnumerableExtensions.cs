namespace Megatorrent.Client;

/// <summary>Grouping of asynchronous sequences.</summary>
internal static class AsyncEnumerableExtensions
{
    /// <summary>A sequence at hand as an asynchronous one.</summary>
    public static async IAsyncEnumerable<T> AsAsync<T>(this IEnumerable<T> source)
    {
        await Task.CompletedTask;
        foreach (T item in source)
            yield return item;
    }

    /// <summary>Groups of up to <paramref name="size"/> items, in order; the last may be shorter.</summary>
    public static async IAsyncEnumerable<T[]> Chunked<T>(this IAsyncEnumerable<T> source, int size)
    {
        var group = new List<T>(size);
        await foreach (T item in source)
        {
            group.Add(item);
            if (group.Count < size)
                continue;
            yield return [.. group];
            group.Clear();
        }

        if (group.Count > 0)
            yield return [.. group];
    }
}
