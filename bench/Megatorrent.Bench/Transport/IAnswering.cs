namespace Megatorrent.Bench.Transport;

/// <summary>Connections, and at their other ends somebody who answers.</summary>
internal interface IAnswering : IAsyncDisposable
{
    /// <summary>Asks once on every connection, and compares the answers with what they should be.</summary>
    /// <exception cref="InvalidOperationException">One is wrong.</exception>
    Task CheckAsync();

    /// <summary>Asks on a connection again and again, with as many answers to wait for at once as the load says.</summary>
    /// <param name="connection">Which.</param>
    /// <param name="mayGoOn">Asked before every request.</param>
    /// <returns>Answers that came.</returns>
    Task<long> AskAsync(int connection, Func<bool> mayGoOn);
}
