using System.Text.Json.Serialization;

namespace Megatorrent.Client.Location;

/// <summary>The serializers of the files that say where a cluster is, generated at build time so that NativeAOT needs no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ClusterDocument))]
[JsonSerializable(typeof(PointerDocument))]
internal sealed partial class LocationJson : JsonSerializerContext;
