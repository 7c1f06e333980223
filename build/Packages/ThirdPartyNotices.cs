using System.Text;

namespace Megatorrent.Build.Packages;

/// <summary>
/// The licences of what is linked into the program and the library, which ask to be named wherever those go. They are copied from where
/// they were linked from: the SDK, and Debian's packages.
/// </summary>
internal static class ThirdPartyNotices
{
    /// <summary>The Debian packages whose libraries are linked in, and what they are called.</summary>
    public static readonly (string Package, string Name)[] Linked =
    [
        ("libsodium-dev", "libsodium"),
        ("libzstd-dev", "zstd"),
        ("liblz4-dev", "LZ4"),
        ("libipsec-mb-dev", "intel-ipsec-mb"),
    ];

    /// <summary>Writes them to <c>artifacts/THIRD-PARTY-NOTICES.txt</c>; every package that has the program or the library carries it.</summary>
    public static void Write(Checkout checkout)
    {
        StringBuilder text = new();
        text.Append("Megatorrent contains the following works. Their licences follow.\n");
        // We run on the SDK's own host.
        string sdk = Path.GetDirectoryName(Environment.ProcessPath) ?? "";
        Append(".NET, with System.CommandLine and Microsoft.Extensions.ObjectPool", Path.Combine(sdk, "LICENSE.txt"));
        Append("What .NET contains", Path.Combine(sdk, "ThirdPartyNotices.txt"));
        foreach ((string package, string name) in Linked)
            Append(name, $"/usr/share/doc/{package}/copyright");
        File.WriteAllText(checkout.ThirdPartyNotices, text.ToString());

        void Append(string name, string path)
        {
            if (File.Exists(path))
                text.Append($"\n{new string('=', 100)}\n{name}\n{new string('=', 100)}\n\n{File.ReadAllText(path).ReplaceLineEndings("\n").Trim()}\n");
        }
    }
}
