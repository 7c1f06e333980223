using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Megatorrent.Build.Packages;

/// <summary>
/// The bill of materials of what is published, in CycloneDX 1.5: the packages of NuGet with their hashes, and the libraries of Debian that
/// are linked into the program and the library or loaded by them.
/// </summary>
internal sealed class Sbom(Checkout checkout, DateTimeOffset date)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly string[] Published = ["Megatorrent.Cli", "Megatorrent.Native"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private string Path => System.IO.Path.Combine(checkout.Packages, $"megatorrent-{checkout.Version}.cdx.json");

    /// <summary>Writes it beside the packages.</summary>
    /// <returns>Its path.</returns>
    public string Make()
    {
        string[] debian = [.. ThirdPartyNotices.Linked.Select(static linked => linked.Package), .. NativePackages.CipherLibrary.Split(" | ")];
        var document = new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.5",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["timestamp"] = date.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
                ["component"] = new JsonObject
                {
                    ["type"] = "application",
                    ["bom-ref"] = $"megatorrent@{checkout.Version}",
                    ["name"] = "megatorrent",
                    ["version"] = checkout.Version,
                    ["licenses"] = new JsonArray(new JsonObject { ["license"] = new JsonObject { ["id"] = "MIT" } }),
                },
            },
            ["components"] = new JsonArray([.. NuGet(), .. Debian(debian)]),
        };
        // The same components have the same number, whenever and wherever it is made.
        byte[] hash = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(document.ToJsonString()));
        document.Insert(2, "serialNumber", $"urn:uuid:{new Guid(hash.AsSpan(0, 16))}");
        File.WriteAllText(Path, document.ToJsonString(Indented) + "\n");
        return Path;
    }

    private IEnumerable<JsonNode> NuGet()
    {
        var seen = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string project in Published)
        {
            string assets = checkout.At("src", project, "obj", "project.assets.json");
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(assets));
            foreach (JsonProperty library in document.RootElement.GetProperty("libraries").EnumerateObject())
            {
                if (library.Value.GetProperty("type").GetString() == "package")
                    seen[library.Name] = library.Value.GetProperty("sha512").GetString()!;
            }
        }

        foreach ((string package, string hash) in seen)
        {
            string[] parts = package.Split('/');
            JsonObject component = Component(parts[0], parts[1], $"pkg:nuget/{parts[0]}@{parts[1]}");
            component["hashes"] = new JsonArray(
                new JsonObject { ["alg"] = "SHA-512", ["content"] = Convert.ToHexStringLower(Convert.FromBase64String(hash)) });
            yield return component;
        }
    }

    private IEnumerable<JsonNode> Debian(string[] names)
    {
        if (!OperatingSystem.IsLinux() || Shell.Which("dpkg-query") is null)
            yield break;
        string output = Shell.Capture(
            "dpkg-query", ["--show", "--showformat=${Package} ${Version} ${Architecture} ${db:Status-Status}\\n", .. names], checkout.Root, Limit).Output;
        foreach (string line in output.Split('\n').Order(StringComparer.Ordinal))
        {
            if (line.TrimEnd().Split(' ') is not [string name, string version, string architecture, "installed"])
                continue;
            yield return Component(name, version, $"pkg:deb/debian/{name}@{Uri.EscapeDataString(version)}?arch={architecture}");
        }
    }

    private static JsonObject Component(string name, string version, string purl) => new()
    {
        ["type"] = "library",
        ["bom-ref"] = purl,
        ["name"] = name,
        ["version"] = version,
        ["purl"] = purl,
    };
}
