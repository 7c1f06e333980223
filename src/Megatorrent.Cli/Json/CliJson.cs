using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Megatorrent.Client.Location;

namespace Megatorrent.Cli.Json;

/// <summary>The serializers of every document, generated at build time so that NativeAOT needs no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorDocument))]
[JsonSerializable(typeof(PutDocument))]
[JsonSerializable(typeof(GetDocument))]
[JsonSerializable(typeof(CatDocument))]
[JsonSerializable(typeof(ListDocument))]
[JsonSerializable(typeof(VerifyDocument))]
[JsonSerializable(typeof(HealthDocument))]
[JsonSerializable(typeof(RepairDocument))]
[JsonSerializable(typeof(KeepDocument))]
[JsonSerializable(typeof(LeasesDocument))]
[JsonSerializable(typeof(ScrubDocument))]
[JsonSerializable(typeof(InviteDocument))]
[JsonSerializable(typeof(JoinDocument))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(ClusterDocument))]
[JsonSerializable(typeof(ClusterDownDocument))]
[JsonSerializable(typeof(LayoutDocument))]
[JsonSerializable(typeof(LayoutChangeDocument))]
[JsonSerializable(typeof(NodeReadyDocument))]
[JsonSerializable(typeof(DemoDocument))]
[JsonSerializable(typeof(ForecastDocument))]
[JsonSerializable(typeof(DurabilityDocument))]
[JsonSerializable(typeof(VersionDocument))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>As <see cref="Default"/>, but apostrophes and letters beyond ASCII stay as they are: nothing here goes into HTML.</summary>
    public static CliJson Output =>
        field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
