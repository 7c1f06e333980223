using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Megatorrent.Abi.Suite.Vectors;

/// <summary>
/// Makes the vector files of our own formats. The same bytes come out every time: keys come from fixed tenant secrets, and what was compressed is
/// written down. The files of public formats (hashes, CIDs, signatures, Noise, erasure code) are not made here: their values come from elsewhere.
/// </summary>
internal static class VectorMaker
{
    private static readonly JsonSerializerOptions Form = new()
    {
        WriteIndented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The files that are made, and what makes each.</summary>
    public static IReadOnlyDictionary<string, Func<JsonObject>> Files { get; } = new Dictionary<string, Func<JsonObject>>
    {
        ["bencode.json"] = BencodeVectors.Make,
        ["blobs.json"] = BlobVectors.Make,
        ["capabilities.json"] = CapabilityVectors.Make,
        ["manifests.json"] = ManifestVectors.Make,
        ["peers.json"] = PeerVectors.Make,
        ["wire.json"] = WireVectors.Make,
    };

    /// <summary>The text of a file.</summary>
    public static string Make(string name) => Files[name]().ToJsonString(Form) + "\n";

    /// <summary>Writes all of them into a folder.</summary>
    public static void WriteAll(string folder)
    {
        foreach (string name in Files.Keys)
            File.WriteAllText(Path.Combine(folder, name), Make(name));
    }
}
