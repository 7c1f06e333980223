namespace Megatorrent.Cluster;

/// <summary>
/// Failure domains inside each other, the widest first: "site/rack/host". A name without a slash is a path of one component.
/// </summary>
internal static class DomainPath
{
    /// <summary>Every domain that a path is in, the widest first: "a", "a/b", "a/b/c". At least one.</summary>
    public static string[] Prefixes(string domain)
    {
        int levels = 1;
        for (int i = 1; i < domain.Length - 1; i++)
            levels += domain[i] == '/' ? 1 : 0;
        if (levels == 1)
            return [domain];
        var prefixes = new string[levels];
        int level = 0;
        for (int i = 1; i < domain.Length - 1; i++)
        {
            if (domain[i] == '/')
                prefixes[level++] = domain[..i];
        }
        prefixes[level] = domain;
        return prefixes;
    }

    /// <summary>How many of the widest domains two members share: 0 when not even the site.</summary>
    public static int Shared(string[] left, string[] right)
    {
        int shared = 0;
        while (shared < left.Length && shared < right.Length && left[shared] == right[shared])
            shared++;
        return shared;
    }
}
